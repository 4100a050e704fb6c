"""Typed lines by hand: what no client of ours would send, as the JSON that somebody else would."""

from __future__ import annotations

import pytest

from tests.abuse.arena import TRANSPORTS, VALUE, Arena, check_refusal
from tests.abuse.test_payloads import Case

pytestmark = pytest.mark.asyncio(loop_scope="module")


def line(text: str, more: str = "") -> str:
    """`text` is what stands between the quotation marks of its JSON."""
    return f'["command:run",{{"text":"{text}"{more}}}]'


LINES: dict[str, Case] = {
    "a line that is a number": ('["command:run",{"text":1}]', "bad_request", "text"),
    "a line that is a list of words": ('["command:run",{"text":["approve","P1"]}]', "bad_request", "text"),
    "a line that is null": ('["command:run",{"text":null}]', "bad_request", "text"),
    "no line": ('["command:run",{}]', "bad_request", "text"),
    "an empty line": (line(""), "bad_request", "text"),
    "a line of 4,097 characters": (line("approve P1" + " " * 4_087), "bad_request", "text"),
    "a line of 2 MB": (line(VALUE * 340_000), "bad_request", "text"),
    "10,000 bars": (line("|" * 10_000), "bad_request", "text"),
    "4,096 bars": (line("|" * 4_096), "bad_request", "text"),
    "a line of 51 steps": (line("approve P1" + "|approve P1" * 50), "bad_request", "text"),
    "a line with a NUL": (line("approve P1\\u0000"), "bad_request", "text"),
    "a line with a line break": (line("approve P1\\napprove P1"), "bad_request", "text"),
    "a line with a lone surrogate": (line("update P1 \\ud800"), "bad_request", "text"),
    "a line with surrogates the wrong way round": (line("add owe \\ude00\\ud83d"), "bad_request", "text"),
    "a line that changes the direction of text": (line("approve \\u202eP1"), "bad_request", "text"),
    "a line with a Cyrillic code": (line("approve \\u04201"), "bad_request", "text"),
    "a line with a code that there is not": (line("approve P1 P99"), "not_found", None),
    "a line with a code of another kind": (line("snooze M1 2h"), "bad_request", "text"),
    "a line with a fault at its end": (
        line("approve P1 | drop C1 | add owe x | nope"),
        "unknown_command",
        None,
    ),
    "a line in another language": (line("'; DROP TABLE items; --"), "unknown_command", None),
    "a line whose word has 4,096 letters": (line("x" * 4_096), "unknown_command", None),
    "a line with a seen from the future": (line("approve P1", ',"seen":1000000'), "bad_request", "seen"),
    "a line with a seen that is a text": (line("approve P1", ',"seen":"1"'), "bad_request", "seen"),
    "a line that is dry by a number": (line("approve P1", ',"dry":1'), "bad_request", "dry"),
    "a line with an op of 65 characters": (line("approve P1", f',"op":"{"o" * 65}"'), "bad_request", "op"),
    "a line for somebody else": (line("approve P1", ',"actor":"bob"'), "bad_request", "actor"),
    "an undo of nothing": ('["command:undo",{}]', "bad_request", "of"),
    "an undo of a number": ('["command:undo",{"of":1}]', "bad_request", "of"),
    "an undo of 65 characters": (f'["command:undo",{{"of":"{"o" * 65}"}}]', "bad_request", "of"),
    "an undo with a line break": ('["command:undo",{"of":"a\\nb"}]', "bad_request", "of"),
    "an undo of nobody's line": ('["command:undo",{"of":"@1"}]', "not_found", None),
    "a completion of 4,097 characters": (
        f'["command:suggest",{{"text":"{"x" * 4_097}"}}]',
        "bad_request",
        "text",
    ),
    "a completion of a lone surrogate": ('["command:suggest",{"text":"\\ud800"}]', "bad_request", "text"),
    "a brief of nothing": ('["brief:generate",{}]', "bad_request", "kind"),
    "a brief of a kind that there is not": ('["brief:generate",{"kind":"monthly"}]', "bad_request", "kind"),
    "a brief of a list of kinds": ('["brief:generate",{"kind":["daily"]}]', "bad_request", "kind"),
    "a brief of a meeting without its code": ('["brief:generate",{"kind":"meeting"}]', "bad_request", "code"),
    "a brief of the day with a code": (
        '["brief:generate",{"kind":"daily","code":"C1"}]',
        "bad_request",
        "code",
    ),
    "a brief of a priority": ('["brief:generate",{"kind":"meeting","code":"P1"}]', "bad_request", "code"),
    "a brief of no meeting": ('["brief:generate",{"kind":"meeting","code":"C99"}]', "not_found", None),
    "a brief seen in the future": (
        '["brief:generate",{"kind":"meeting","code":"C1","seen":1000000}]',
        "bad_request",
        "seen",
    ),
    "a brief with a text of its own": (
        f'["brief:generate",{{"kind":"daily","text":"{VALUE}"}}]',
        "bad_request",
        "text",
    ),
    "a line with a hit that there is not": (line("add owe S7"), "bad_request", "text"),
    "a history of nothing": ('["state:history",{}]', "bad_request", "id"),
    "a history of 101 entries": ('["state:history",{"code":"P1","limit":101}]', "bad_request", "limit"),
    "a history of a code that there is not": ('["state:history",{"code":"P99"}]', "not_found", None),
    "a history of nobody": (f'["state:history",{{"id":"{VALUE}"}}]', "not_found", None),
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("text", "code", "path"), LINES.values(), ids=LINES)
async def test_a_bad_line_is_acked_with_its_reason_and_changes_nothing(
    arena: Arena, text: str, code: str, path: str | None, transport: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        check_refusal(await session.ask_text(text), code, path)
        assert (await session.ask("state:get", {}, id=2))["ok"]


async def test_a_hundred_of_the_worst_lines_at_once_are_each_answered(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        worst = [
            LINES[name][0]
            for name in ("4,096 bars", "a line of 51 steps", "a line whose word has 4,096 letters")
        ]
        for id in range(100):
            await session.send(f"42{id}{worst[id % len(worst)]}")
        for id in range(100):
            assert '"ok":false' in await session.next_of(f"43{id}[")

"""Every line of the table does exactly what stands beside it, and what is refused does nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from handlers import REGISTRY
from handlers.command import verbs
from tests.commands.board import BOB, changes, held, place_of, typed
from tests.commands.lines import DONE
from tests.commands.refused_lines import REFUSED, UNREADABLE, unmarked
from tests.core.seats import Core, Seat

Json = Any


def _rows(table: Iterable[tuple[str, ...]]) -> list[Any]:
    """Each row named by its line, as far as a terminal shows it."""
    return [pytest.param(*row, id=ascii(row[0][:50])) for row in table]


def told(steps: list[Json]) -> str:
    """What became of each step, as the table writes it; nothing when all were done."""
    said = [step["status"] + (f": {step['error']['code']}" if "error" in step else "") for step in steps]
    return "" if set(said) == {"done"} else f" / {', '.join(said)}"


@pytest.mark.parametrize(("line", "outcome"), _rows(DONE))
async def test_a_line_changes_what_the_table_says_as_one_commit(
    core: Core, ada: Seat, line: str, outcome: str
) -> None:
    before, seq = await held(ada), core.state.seq
    ack = await typed(ada, line)
    assert ack["ok"], ack
    assert changes(before, await held(ada)) + told(ack["data"]["steps"]) == outcome
    changed = not outcome.startswith("nothing")
    assert ack["seq"] == core.state.seq == seq + changed
    assert ("undo" in ack["data"]) is changed
    if changed:
        [patch] = ada.received("state:patch")
        assert (patch["seq"], patch["cause"]) == (seq + 1, {"actor": "ada", "command": line.strip()})


@pytest.mark.parametrize(("line", "outcome"), _rows(DONE))
async def test_a_dry_line_tells_what_it_would_do_and_does_nothing(
    core: Core, ada: Seat, line: str, outcome: str
) -> None:
    before, seq = core.log.history.changes_of("priorities", "budget", 100), core.state.seq
    board = await held(ada)
    dry = (await ada.done("command:run", text=line, dry=True))["steps"]
    assert (await held(ada), core.state.seq) == (board, seq)
    assert core.log.history.changes_of("priorities", "budget", 100) == before
    real = (await ada.done("command:run", text=line))["steps"]
    assert [step["status"].replace("planned", "done") for step in dry] == [step["status"] for step in real]
    assert [step["command"] for step in dry] == [step["command"] for step in real]
    for planned, done in zip(dry, real, strict=True):
        assert _without_new_codes(planned.get("data")) == _without_new_codes(done.get("data"))
    assert all(item["code"] is None for item in _new(dry))
    assert all(item["code"] for item in _new(real))


def _new(steps: list[Json]) -> list[Json]:
    items = [item for step in steps for item in step.get("data", {}).get("items", [])]
    return [item for item in items if item["id"].startswith("line-")]


def _without_new_codes(answer: Json) -> Json:
    if not answer or "items" not in answer:
        return answer
    new = {"code": None}
    return [item | (new if item["id"].startswith("line-") else {}) for item in answer["items"]]


@pytest.mark.parametrize(("marked", "code", "part"), _rows(REFUSED))
async def test_a_line_at_fault_is_refused_with_its_place_and_does_nothing(
    core: Core, ada: Seat, marked: str, code: str, part: str
) -> None:
    line, place = unmarked(marked)
    before, seq = orjson.dumps(await ada.state()), core.state.seq
    for dry in (True, False):
        error = await ada.refused("command:run", text=line, dry=dry, op="refused")
        assert (error["code"], place_of(error)) == (code, place), error
        assert part in error["message"], error
        assert len(error["message"]) < 400
        assert (orjson.dumps(await ada.state()), core.state.seq) == (before, seq)
    assert (await typed(ada, "approve P1", op="refused"))["seq"] == seq + 1


@pytest.mark.parametrize(("text", "part"), _rows(UNREADABLE))
async def test_what_is_no_line_at_all_is_a_bad_request(core: Core, ada: Seat, text: str, part: str) -> None:
    before, seq = await held(ada), core.state.seq
    for event in ("command:run", "command:suggest"):
        error = await ada.refused(event, text=text)
        assert (error["code"], error["retry"]) == ("bad_request", "no")
        [fault] = error["details"]
        assert (fault["path"], part in fault["message"]) == ("text", True), fault
        assert (await held(ada), core.state.seq) == (before, seq)


async def test_a_line_ends_at_4096_characters_and_not_before(ada: Seat) -> None:
    begin = "add priority "
    for length in (4_095, 4_096):
        assert (await typed(ada, begin + "x" * (length - len(begin))))["ok"]
    assert not (await typed(ada, begin + "x" * (4_097 - len(begin))))["ok"]


def test_the_table_has_every_word_for_a_verb_and_no_line_twice() -> None:
    lines = [line for line, _ in DONE] + [unmarked(line)[0] for line, _, _ in REFUSED]
    assert len(set(lines)) == len(lines) >= 80
    typed_words = {line.split()[0].lower() for line in lines if line.strip()}
    assert {word for verb in verbs(REGISTRY) for word in verb.words} <= typed_words


async def test_help_explains_every_verb_or_the_one_that_a_word_stands_for(ada: Seat) -> None:
    [step] = (await ada.done("command:run", text="help"))["steps"]
    listed = {command["command"]: command for command in step["data"]["commands"]}
    assert list(listed)[:5] == ["approve", "reopen", "snooze", "drop", "update"]
    assert listed["add"]["usage"] == "add priority|owe|owed TEXT"
    assert listed["brief"]["usage"] == "brief [full] [daily|weekly|CODE] [for all] [at HH:MM|off]"
    for word in ("approve", "COMPLETE", "done"):
        [step] = (await ada.done("command:run", text=f"help {word}"))["steps"]
        assert step["data"]["commands"] == [listed["approve"]]
        assert listed["approve"]["also"] == ["complete", "done"]
    assert all(command["help"].endswith(".") for command in listed.values())


async def test_status_tells_of_the_system_and_how_many_items_there_are(ada: Seat) -> None:
    await ada.done("system:set", status="COLLECTING", progress=40)
    [_, step] = (await ada.done("command:run", text="drop P1 | status"))["steps"]
    assert step["data"]["counts"] == {"calendar": 2, "priorities": 5, "commitments": 3, "proposals": 0}
    assert (step["data"]["system"]["status"], step["data"]["system"]["progress"]) == ("COLLECTING", 40)


async def test_a_step_tells_its_items_by_all_their_names_as_they_are_afterwards(ada: Seat) -> None:
    data = await ada.done("command:run", text="update C1 Board lunch | drop M1 | add owe Call Ben | undo")
    items = [step.get("data", {}).get("items") for step in data["steps"]]
    assert items == [
        [{"section": "calendar", "id": "call", "code": "C1", "title": "Board lunch"}],
        [{"section": "commitments", "id": "draft", "code": "M1", "title": "Send Ana the draft"}],
        [{"section": "commitments", "id": items[2][0]["id"], "code": "M4", "title": "Call Ben"}],
        None,
    ]


async def test_what_is_added_is_nobodys_but_peoples_and_has_an_id_of_its_own(core: Core, ada: Seat) -> None:
    for _ in range(2):
        await typed(ada, "add priority Milk | add priority Milk")
    added = [item for item in (await ada.state())["priorities"] if item["title"] == "Milk"]
    assert len({item["id"] for item in added}) == 4
    assert sorted(item["code"] for item in added) == ["P10", "P11", "P8", "P9"]
    assert all(item["source"] is None and item["status"] == "open" for item in added)
    bob = await core.sit(who=BOB)
    await bob.done("priorities:edit", id=added[0]["id"], set={"urgency": "high"})


async def test_what_is_added_never_takes_the_place_of_an_item_whose_id_it_would_get(
    core: Core, ada: Seat
) -> None:
    await ada.done("priorities:put", items=[{"id": f"line-{core.state.seq + 2}-1", "title": "Mine"}])
    before = await held(ada)
    await typed(ada, "add priority Milk")
    assert changes(before, await held(ada)) == "+P9 Milk"


async def test_the_nearest_words_are_told_with_the_word(ada: Seat) -> None:
    error = await ada.refused("command:run", text="approve P1 | aprove P2")
    assert error["details"] == {"word": "aprove", "nearest": ["approve"], "start": 13, "end": 19}


async def test_a_first_step_that_cannot_be_done_tells_of_the_others_too(ada: Seat) -> None:
    error = await ada.refused("command:run", text="snooze P3 2h | approve P1")
    assert [step["status"] for step in error["details"]["steps"]] == ["failed", "skipped"]


async def test_places_are_counted_in_characters_also_after_emoji(ada: Seat) -> None:
    error = await ada.refused("command:run", text="add priority 🎂🎂 | approve P8")
    assert place_of(error) == (26, 28)


async def test_lines_of_nothing_but_marks_are_answered(ada: Seat) -> None:
    worst = ('"' * 4_096, '" ' * 2_048, "“ " * 2_048, '\\"' * 2_048, "a" * 4_096, 'add owe "' + "\\" * 4_087)
    for text in worst:
        assert len(str(await typed(ada, text))) < 10_000
        await ada.done("command:suggest", text=text)

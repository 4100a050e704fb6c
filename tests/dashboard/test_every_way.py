"""Every action, by keyboard alone, by mouse alone and by touch alone: each changes what the server holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.abuse.arena import until_answer
from tests.conftest import Connect, Serve
from tests.dashboard.conftest import Look, commitment, in_days, in_minutes
from tests.dashboard.ways import PHONE, WAYS, Way
from tests.running import PythonClient

EVIDENCE = {"file": "minutes/1-1.md", "line": 12, "quote": "Bo: I'll send you the numbers by Tuesday"}


@dataclass(frozen=True)
class Action:
    """`do(way, code)` acts on the item that is made for it; its `field` then has the `value`."""

    do: Callable[[Way, str], Awaitable[None]]
    field: str
    value: Any


async def _done(way: Way, code: str) -> None:
    await way.menu(code, "Done")


async def _snooze(way: Way, code: str) -> None:
    await way.menu(code, "Snooze until tomorrow")


async def _undo(way: Way, code: str) -> None:
    await way.menu(code, "Done")
    await way.sight.see(f'main .rows [data-code="{code}"].done .undo')
    if way.name == "key":
        await way.sight.press("Control+z")
    else:
        await way.use(f'main .rows [data-code="{code}"] .undo')


async def _value(way: Way, code: str, entry: str, typed: str, choice: str) -> None:
    """A field of a row: typed by who has keys, chosen by who has none."""
    await way.menu(code, entry)
    await way.sight.see("#page .editor")
    if way.name == "key" and typed:
        await way.write(typed)
        await way.save()
    else:
        await way.use(f'#page .editor .choice[data-line$=" {choice}"]')


async def _due(way: Way, code: str) -> None:
    await _value(way, code, "Due", in_days(1), "tomorrow")


async def _urgency(way: Way, code: str) -> None:
    await _value(way, code, "Urgency", "", "high")


async def _takes(way: Way, code: str) -> None:
    await _value(way, code, "Takes", "45 min", "45 min")


async def _text(way: Way, code: str, entry: str, text: str) -> None:
    await way.menu(code, entry)
    await way.sight.see("#page .editor .edit-in")
    await way.write(text)
    await way.save()


async def _assign(way: Way, code: str) -> None:
    await _text(way, code, "Person", "Bo Chen")


async def _note(way: Way, code: str) -> None:
    await _text(way, code, "Note", "ask Ana first")


async def _title(way: Way, code: str) -> None:
    await _text(way, code, "Change", "Another text")


async def _rank(way: Way, code: str) -> None:
    await way.menu(code, "Move up")


async def _drop(way: Way, code: str) -> None:
    await way.menu(code, "Remove")


async def _add(way: Way, code: str) -> None:
    await way.line(f"add priority Beside {code}")
    await way.sight.see("#answer", "add priority")
    await way.show("list")


ACTIONS: dict[str, dict[str, Action]] = {
    "priorities": {
        "done": Action(_done, "status", "done"),
        "snooze": Action(_snooze, "status", "snoozed"),
        "undo": Action(_undo, "status", "open"),
        "due": Action(_due, "due_date", in_days(1)),
        "urgency": Action(_urgency, "urgency", "high"),
        "takes": Action(_takes, "minutes", 45),
        "assign": Action(_assign, "assignee", "Bo Chen"),
        "note": Action(_note, "note", "ask Ana first"),
        "title": Action(_title, "title", "Another text"),
    },
    "commitments": {
        "done": Action(_done, "status", "completed"),
        "undo": Action(_undo, "status", "pending"),
        "due": Action(_due, "due_date", in_days(1)),
        "note": Action(_note, "note", "ask Ana first"),
        "title": Action(_title, "description", "Another text"),
        "assign": Action(_assign, "assignee", "Bo Chen"),
        "drop": Action(_drop, "code", None),
    },
}


@pytest.fixture
async def ana(connect: Connect) -> PythonClient:
    """Somebody else, on a board with an item for each action, proposals and records."""
    ana, notes = await connect(client="ana"), await connect(source="notes:work")
    items = [
        {"id": name, "title": f"For {name}", "due_date": in_days(0)}
        for name in (*ACTIONS["priorities"], "rank", "drop")
    ]
    await ana.done("priorities:put", items=items)
    promises = [commitment(1) | {"id": name, "due_date": in_days(2)} for name in ACTIONS["commitments"]]
    await ana.done("commitments:put", items=promises)
    meeting = {
        "id": "call",
        "title": "Board call",
        "start": in_minutes(60),
        "end": in_minutes(90),
        "answer": "needs_action",
    }
    await ana.done("calendar:put", items=[meeting])
    proposals = [
        {"id": name, "line": f"add priority To {name}", "why": "Bo says so", "evidence": EVIDENCE}
        for name in ("approve", "change", "dismiss")
    ]
    await notes.done("proposals:put", items=proposals)
    for source in (notes, await connect(source="mail:work")):
        record = {
            "id": "r",
            "title": "Minutes",
            "text": f"{EVIDENCE['quote']}; what is for whom",
            "at": in_minutes(-60),
        }
        run = (await source.done("source:hello", ttl_s=3_600))["run"]
        await source.done("records:put", records=[record])
        await source.done("source:finish", run=run, ok=True, records=1)
    return ana


async def code_of(ana: PythonClient, ident: str, section: str = "priorities") -> str:
    return str(await told(ana, ident, "code", section))


async def told(ana: PythonClient, ident: str, field: str, section: str = "priorities") -> Any:
    found = (await ana.state())[section]
    items = found if isinstance(found, list) else [item for way in found.values() for item in way]
    return next((item[field] for item in items if item["id"] == ident), None)


async def place(ana: PythonClient, ident: str) -> int:
    """Among what is open."""
    items = (await ana.state())["priorities"]
    return [item["id"] for item in items if item["status"] == "open"].index(ident)


@pytest.fixture(params=WAYS)
async def way(look: Look, ana: PythonClient, request: pytest.FixtureRequest) -> Way:
    """One of the three, with all priorities before them."""
    kind = WAYS[request.param]
    way = kind(await look(**kind.options))
    await way.begin()
    await way.show("list")
    await way.sight.see("#priorities .row")
    return way


async def test_items_are_decided_and_changed(way: Way, ana: PythonClient) -> None:
    for section, actions in ACTIONS.items():
        for name, action in actions.items():
            await action.do(way, await code_of(ana, name, section))
            field = partial(told, ana, name, action.field, section)
            await until_answer(field, action.value, f"{name} in {section} by {way.name}")
    before = await place(ana, "drop")
    await _rank(way, await code_of(ana, "drop"))
    await until_answer(partial(place, ana, "drop"), before - 1, f"rank by {way.name}")
    await _drop(way, await code_of(ana, "drop"))
    await until_answer(partial(told, ana, "drop", "code"), None, f"drop by {way.name}")
    await _add(way, "P1")

    async def is_added() -> bool:
        return any(item["title"] == "Beside P1" for item in (await ana.state())["priorities"])

    await until_answer(is_added, True, f"add by {way.name}")
    assert await way.other() == {}


async def test_a_meeting_is_changed_and_removed(way: Way, ana: PythonClient) -> None:
    code = await code_of(ana, "call", "calendar")
    await way.show("today")
    if way.name == "key":
        await _text(way, code, "Change", "Board call, moved")
    else:  # a block has no room for a menu's button where nothing hovers: its details have a field
        await way.details(code)
        await way.use("#item .title-in")
        await way.write("Board call, moved")
        await way.use("#item h3")
    title = partial(told, ana, "call", "title", "calendar")
    await until_answer(title, "Board call, moved", f"title by {way.name}")
    if way.name == "key":
        await way.details(code)
    await way.sight.see("#item .past li", "Board call, moved")  # nothing more comes under the finger
    await way.use(f'#item [title="drop {code}"]')
    await until_answer(partial(told, ana, "call", "code", "calendar"), None, f"drop by {way.name}")
    assert await way.other() == {}


async def test_an_invitation_is_answered_and_answered_anew(way: Way, ana: PythonClient) -> None:
    code = await code_of(ana, "call", "calendar")
    await way.show("today")
    await way.details(code)
    answer = partial(told, ana, "call", "answer", "calendar")
    for word, given in (("decline", "declined"), ("tentative", "tentative"), ("accept", "accepted")):
        await way.use(f'#item [title="{word} {code}"]')
        await until_answer(answer, given, f"{word} by {way.name}")
        await way.sight.gone(f'#item [title="{word} {code}"]')  # it is the answer now
    assert await way.other() == {}


async def test_a_source_that_failed_is_removed_and_comes_back(way: Way, connect: Connect) -> None:
    old, reader = await connect(source="notes:old"), await connect()
    run = (await old.done("source:hello", ttl_s=3_600))["run"]
    await old.done("source:finish", run=run, ok=False, message="The folder is gone")

    async def is_there() -> bool:
        return any(source["id"] == "notes:old" for source in (await reader.state())["sources"])

    await way.show("today")
    await way.use(".sources-open")
    await way.use('#sources [title="forget notes:old"]')
    await until_answer(is_there, False, f"forget by {way.name}")
    await way.use("#answer .undo, #answer [data-act=undo]")
    await until_answer(is_there, True, f"undo by {way.name}")
    assert await way.other() == {}


async def test_proposals_are_approved_changed_and_dismissed(way: Way, ana: PythonClient) -> None:
    async def lines() -> list[str]:
        return sorted(item["line"] for item in (await ana.state())["proposals"])

    await way.choose("proposals")
    codes = {item["line"].split()[-1]: item["code"] for item in (await ana.state())["proposals"]}
    for name, entry in (("approve", "Approve"), ("dismiss", "Dismiss")):
        code = codes[name]
        if way.name == "key":
            await way.menu(code, entry)
        else:
            await way.use(f'#proposals [aria-label="{entry} {code}"]')
        await way.sight.gone(f'#proposals [data-code="{code}"]')
    code = codes["change"]
    if way.name == "key":
        await way.menu(code, "Change")
    else:
        await way.use(f'#proposals [aria-label="Change {code}"]')
    await way.sight.see("#proposals .edit-in")
    await way.write("add priority Else")
    await way.save()
    await until_answer(lines, ["add priority Else"], f"change by {way.name}")
    assert any(item["title"] == "To approve" for item in (await ana.state())["priorities"])
    assert await way.other() == {}


async def test_details_evidence_and_search(way: Way, ana: PythonClient) -> None:
    await way.details(await code_of(ana, "done"))
    await way.use("#item .close")
    await way.sight.gone("#item")
    await way.choose("proposals")
    await way.use("#proposals .evidence-open")
    await way.sight.see("#found .record", "send you the numbers")
    await way.sight.see("#found [data-act=filter]")
    await way.use('#found [data-act=filter][data-value="notes:work"]')
    await way.sight.see('#found [data-value="notes:work"][aria-pressed=true]')
    await expect(way.page.locator("#found .record")).to_have_count(1)
    await way.leave()
    await way.line("search minutes")
    await expect(way.page.locator("#found .record")).to_have_count(2)
    assert await way.other() == {}


async def test_a_brief_is_made(way: Way, ana: PythonClient) -> None:
    await way.show("today")
    await way.use("#now [data-line^=brief]")
    await way.sight.see("#brief h2")
    await way.use("#brief .close")
    await way.sight.gone("#brief")
    assert await way.other() == {}


async def test_settings_are_set(way: Way, connect: Connect) -> None:
    own = await connect(person="local")
    await way.show("today")
    await way.use(".settings-open")
    await way.use("#settings #pref-density + .segments button:last-child")

    async def density() -> Any:
        return (await own.done("prefs:get"))["prefs"].get("density")

    await until_answer(density, "compact", f"settings by {way.name}")
    await way.use("#settings .close")
    await way.sight.gone("#settings")
    assert await way.other() == {}


@pytest.mark.parametrize("name", WAYS)
async def test_somebody_signs_in(look: Look, serve: Serve, tmp_path: Path, name: str) -> None:
    file = tmp_path / "tokens.json"
    token = tokens.add(file, "ana", Role.EDITOR, None)
    server = await serve("--tokens", str(file), name="guarded")
    kind = WAYS[name]
    way = kind(await look(url=server.url, stage="refused", **kind.options))
    await way.begin()
    await way.sight.see("#sign-in input")
    way.sight.forgive()
    if name != "key":
        await way.use("#sign-in input")
    await way.write(token)
    await way.use("#sign-in button")
    await way.sight.stage("connected")
    assert await way.other() == {}


@pytest.mark.parametrize("name", WAYS)
async def test_the_tabs_of_a_small_window(look: Look, ana: PythonClient, name: str) -> None:
    kind = WAYS[name]
    small = {"viewport": PHONE["viewport"]}
    way = kind(await look(**small | kind.options))
    await way.begin()
    for tab, shows in (
        ("list", "#priorities"),
        ("brief", "#brief"),
        ("today", "#calendar"),
        ("list", "#priorities"),
    ):
        await way.use(f".tabs [data-name={tab}]")
        await way.sight.see(f".tabs .on[data-name={tab}]")
        await way.sight.see(shows)
    for part, shows in (
        ("people", "#commitments"),
        ("proposals", "#proposals"),
        ("priorities", "#priorities"),
    ):
        await way.use(f".lists [data-name={part}]")
        await way.sight.see(shows)
        shown = way.page.locator(":is(#priorities, #commitments, #proposals):visible")
        await expect(shown).to_have_count(1)
    await way.use(".tabs [data-name=search]")
    await way.sight.see("#palette #line")
    await way.leave()
    await expect(way.page.locator("#palette")).to_be_hidden()
    assert await way.other() == {}

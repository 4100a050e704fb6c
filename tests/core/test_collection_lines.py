"""Collections that are cancelled, and those that a typed line starts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.collecting import collection, serving, shares, taken
from tests.core.oracle import instant
from tests.core.seats import NOON, Core
from tests.core.sources import gone, head_line

Json = Any


# Cancel.


async def test_a_cancel_ends_it_and_fences_off_what_still_comes(core: Core) -> None:
    home, work = await serving(core, "ics:home", "ics:work")
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    await home.done("source:finish", run=2, ok=True)
    await work.done("source:progress", run=2, percent=50)
    assert (await person.refused("collection:cancel", run=1))["code"] == "invalid_state"
    core.clock.now_s += 3
    assert await person.done("collection:cancel", run=2) == {}
    over = await collection(person)
    assert (over["status"], over["message"], over["ended_at"]) == (
        "cancelled",
        "Cancelled by ada.",
        instant(NOON + 3),
    )
    assert await shares(person) == [("ics:home", "done"), ("ics:work", "cancelled")]
    for request, payload in (
        ("calendar:put", {"items": [], "run": 2}),
        ("source:progress", {"run": 2, "percent": 60}),
        ("source:finish", {"run": 2, "ok": True}),
    ):
        assert (await work.refused(request, **payload))["code"] == "source_fenced"
    assert (await head_line(person))[0] == "IDLE"
    assert (await person.state())["system"]["last_sync"] is None
    assert (await person.refused("collection:cancel", run=2))["code"] == "invalid_state"
    assert (await person.done("collection:start", mode="quick"))["run"] == 4


async def test_a_cancel_before_there_was_any_says_so(core: Core) -> None:
    person = await core.sit()
    assert (await person.refused("collection:cancel", run=1))["code"] == "invalid_state"


# As a typed line.


@pytest.mark.parametrize(("word", "mode"), [("refresh", "quick"), ("Quick", "quick"), ("FULL", "full")])
async def test_a_word_starts_a_collection_after_the_lines_commit(core: Core, word: str, mode: str) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit("state")
    data = await person.done("command:run", text=word)
    assert data["steps"][0] | {"command": ""} == {
        "command": "",
        "status": "done",
        "data": {"run": 2, "sources": ["ics:work"]},
    }
    assert "undo" not in data
    assert (await taken(work))["mode"] == mode
    assert person.received("state:patch")[-1]["cause"]["command"] == word


async def test_a_line_that_also_changed_items_is_undone_without_its_collection(core: Core) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    data = await person.done("command:run", text="add priority Milk | refresh")
    await taken(work)
    await person.done("command:undo", of=data["undo"])
    assert (await person.state())["priorities"] == []
    assert (await collection(person))["status"] == "running"


async def test_a_second_one_in_a_line_or_after_it_is_busy(core: Core) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    data = await person.done("command:run", text="refresh | full")
    assert [step["status"] for step in data["steps"]] == ["done", "failed"]
    error = data["steps"][1]["error"]
    assert (error["code"], error["details"]["run"]) == ("busy", 2)
    error = await person.refused("command:run", text="quick")
    assert (error["code"], error["retry"], error["after_ms"]) == ("busy", "after", 5_000)
    assert error["details"] | {"start": 0, "end": 0} == {
        "start": 0,
        "end": 0,
        "run": 2,
        "mode": "quick",
        "by": "ada",
    }
    await taken(work)
    await gone(core)
    work.read()
    assert work.asked == []


async def test_a_dry_line_and_a_replayed_one_start_nothing(core: Core) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    seq = core.state.seq
    dry = await person.done("command:run", text="full", dry=True)
    assert dry["steps"][0]["status"] == "planned"
    assert core.state.seq == seq
    first = await person.ask("command:run", text="full", op="o")
    await taken(work)
    await work.done("source:finish", run=2, ok=True)
    assert await person.ask("command:run", text="full", op="o") == first | {"replay": True}
    await gone(core)
    work.read()
    assert work.asked == []


async def test_plain_undo_passes_over_a_line_that_only_collects(core: Core) -> None:
    await serving(core, "ics:work")
    person = await core.sit()
    await person.done("command:run", text="add priority Milk")
    await person.done("command:run", text="refresh")
    undone = await person.done("command:run", text="undo")
    assert undone["steps"][0]["data"]["line"] == "add priority Milk"

"""Which changes put the active brief out of date: once, in their own commit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.seats import DAY_S, NOON, PERSON, Core, Seat, collector
from tests.core.test_briefs import REVIEW, board, made

Json = Any


def outdated(seat: Seat) -> bool:
    """As the person's own replica has it."""
    seat.read()
    return bool(seat.replica.held["brief"]["active"]["outdated"])


OUTDATES: dict[str, tuple[str, Json]] = {
    "a meeting today": ("calendar:put", {"items": [REVIEW | {"id": "new"}]}),
    "a change of one that is told": (
        "calendar:edit",
        {"code": "C1", "set": {"start": "2027-01-01T09:00:00Z"}},
    ),
    "a drop": ("calendar:drop", {"codes": ["C1"]}),
    "a new priority": ("priorities:put", {"items": [{"id": "new", "title": "New"}]}),
    "a priority done": ("priorities:complete", {"code": "P1"}),
    "a commitment kept": ("commitments:complete", {"code": "M1"}),
    "a typed line": ("command:run", {"text": "approve P1 | add owe Cake"}),
}
LEAVES: dict[str, tuple[str, Json]] = {
    "a meeting next year": ("calendar:put", {"items": [REVIEW | {"id": "new", "start": "2027-01-01"}]}),
    "what the system does": ("system:set", {"status": "COLLECTING", "progress": 10}),
    "the same again": ("calendar:put", {"items": [REVIEW]}),
    "a line that only reads": ("command:run", {"text": "status | help"}),
    "a dry line": ("command:run", {"text": "approve P1", "dry": True}),
    "a refused request": ("priorities:complete", {"code": "P9"}),
}


@pytest.mark.parametrize("kind", ["daily", "weekly"])
@pytest.mark.parametrize(("event", "payload"), OUTDATES.values(), ids=OUTDATES)
async def test_a_change_of_what_it_tells_outdates_a_brief_in_the_same_patch_and_once(
    core: Core, kind: str, event: str, payload: Json
) -> None:
    seat = await board(core)
    brief = await made(seat, kind)
    seq = core.state.seq
    await seat.ask(event, **payload)
    assert core.state.seq == seq + 1
    patch = seat.received("state:patch")[-1]
    [change] = [change for change in patch["changes"] if change["section"] == "brief"]
    fresh = await seat.done("brief:get")
    assert fresh == brief | {"outdated": True, "rev": brief["rev"] + 1}
    assert outdated(seat)
    assert change["rev"] == fresh["rev"]
    await seat.done("priorities:put", items=[{"id": "more", "title": "More"}])
    assert [change["section"] for change in seat.received("state:patch")[-1]["changes"]] == ["priorities"]
    assert not (await made(seat, kind))["outdated"]


@pytest.mark.parametrize(("event", "payload"), LEAVES.values(), ids=LEAVES)
async def test_what_it_does_not_tell_of_leaves_a_brief_as_it_is(
    core: Core, event: str, payload: Json
) -> None:
    seat = await board(core)
    brief = await made(seat)
    await seat.ask(event, **payload)
    assert await seat.done("brief:get") == brief


async def test_a_source_that_falls_ill_outdates_the_day_and_its_pushes_do_not(core: Core) -> None:
    seat, work = await board(core), await core.sit(who=collector("ics:work"))
    await work.done("source:hello", ttl_s=60)
    await work.done("calendar:put", items=[REVIEW | {"id": "far", "start": "2027-01-01"}])
    brief = await made(seat)
    core.clock.now_s += 50
    await work.done("calendar:put", items=[REVIEW | {"id": "far", "start": "2027-01-02"}])
    assert await seat.done("brief:get") == brief
    core.clock.now_s += 120
    await core.hub.tick("sources")
    assert outdated(seat)


async def test_a_meetings_brief_is_outdated_by_its_own_and_not_by_the_days(core: Core) -> None:
    seat = await board(core)
    await seat.done("calendar:put", items=[REVIEW | {"id": "other", "title": "Walk", "attendees": []}])
    brief = await made(seat, "meeting", code="C1")
    await seat.done("calendar:edit", code="C2", set={"title": "Run"})
    await seat.done("priorities:put", items=[{"id": "bike", "title": "Buy a bike"}])
    core.clock.now_s += DAY_S / 4
    await core.hub.tick("brief")
    assert await seat.done("brief:get") == brief
    await seat.done("calendar:edit", code="C1", set={"location": "Room 5"})
    assert outdated(seat)


async def test_the_days_end_outdates_its_brief_by_the_servers_own_commit(core: Core) -> None:
    seat = await core.sit("state")
    await made(seat)
    core.clock.now_s = NOON + DAY_S / 2 - 1
    await core.hub.tick()
    assert not outdated(seat)
    core.clock.now_s += 1
    await core.hub.tick()
    assert outdated(seat)
    patch = seat.received("state:patch")[-1]
    assert patch["cause"] == {"actor": "server", "command": "brief:tick"}
    seq = core.state.seq
    await core.hub.tick()
    assert core.state.seq == seq


async def test_a_brief_from_outside_is_its_authors_and_is_never_outdated(core: Core) -> None:
    seat, writer = await board(core), await core.sit(who=replace(PERSON, actor="llm"))
    given = {"title": "The day", "kind": "daily", "mood": "calm", "sections": [{"title": "Now", "items": []}]}
    await made(seat)
    brief = await writer.done("brief:set", brief=given)
    assert {name: brief[name] for name in given} == given
    assert (brief["author"], brief["outdated"], brief["as_of"], brief["day"]) == ("llm", False, None, None)
    await seat.done("priorities:complete", code="P1")
    core.clock.now_s += 2 * DAY_S
    await core.hub.tick()
    assert await seat.done("brief:get") == brief
    for own in ("outdated", "as_of", "day", "about", "author", "set_at"):
        assert (await writer.refused("brief:set", brief={own: None}))["code"] == "bad_request"


async def test_a_restart_keeps_the_brief_and_what_outdates_it(tmp_path: Path) -> None:
    core = Core(tmp_path)
    async with core:
        brief = await made(await board(core), "meeting", code="C1")
    async with core:
        seat = await core.sit("state")
        assert await seat.done("brief:get") == brief
        await seat.done("priorities:put", items=[{"id": "x", "title": "Bicycle"}])
        assert not outdated(seat)
        await seat.done("commitments:complete", code="M1")
        assert outdated(seat)

"""What each section promises, request by request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.seats import DAY_S, NOON, Core, collector, event

Json = Any

WORK = collector("ics:work")


# The calendar.


@pytest.mark.parametrize(
    ("fields", "important"),
    [
        ({}, False),
        ({"attendees": ["a"] * 4}, False),
        ({"attendees": ["a"] * 5}, True),
        ({"title": "BOARD: the plan"}, True),
        ({"title": "surfboards and boarding"}, False),
        ({"title": "Board call", "important": False}, False),
        ({"important": True}, True),
        ({"title": "Board call", "important": None}, True),
    ],
)
async def test_important_is_what_was_said_and_else_the_rule(
    core: Core, fields: Json, important: bool
) -> None:
    item = await event(await core.sit(who=WORK), **fields)
    assert item["important"] is important
    assert item["important_by_rule"] is (fields.get("important") is None)


async def test_a_persons_word_on_importance_stays_and_the_rule_follows_the_title(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await event(work)
    assert (await event(work, title="Board call"))["important"]
    await person.done("calendar:edit", code="C1", set={"important": False})
    assert not (await event(work, title="Board call", important=True))["important"]
    assert not (await event(work, title="Board meeting"))["important"]
    item = await person.done("calendar:edit", code="C1", set={"important": None})
    assert item["important"]
    assert item["important_by_rule"]


async def test_the_rule_is_applied_anew_when_its_words_change_at_a_restart(core: Core) -> None:
    await event(await core.sit(who=WORK), title="Budget talk")
    await core.close()
    core.words = frozenset({"budget"})
    await core.open()
    await core.hub.tick()
    seat = await core.sit()
    assert (await seat.item("calendar", "ics:work/e"))["important"]
    seq = core.state.seq
    await core.hub.tick()
    assert core.state.seq == seq


# Priorities.


async def test_a_snoozed_priority_wakes_at_its_time(core: Core) -> None:
    seat = await core.sit("state")
    await seat.done("priorities:put", items=[{"id": id, "title": id} for id in "ab"])
    await seat.done("priorities:snooze", id="a", until="2026-11-23T14:00:00+01:00")
    item = await seat.done("priorities:snooze", id="b", until="2026-11-24")
    assert (item["status"], item["snoozed_until"]) == ("snoozed", "2026-11-24")
    items: Json = []
    for now_s, awake in ((NOON + 3599, ""), (NOON + 3600, "a"), (NOON + 43_199, "a"), (NOON + 43_200, "ab")):
        core.clock.now_s = now_s
        await core.hub.tick()
        items = (await seat.state())["priorities"]
        assert "".join(item["id"] for item in items if item["status"] == "open") == awake
    assert all(item["snoozed_until"] is None for item in items)


async def test_what_is_done_cannot_be_snoozed_and_nothing_until_yesterday(core: Core) -> None:
    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": "a", "title": "a"}])
    for until in ("2026-11-23", "2026-11-23T12:00:00Z", "2020-01-01", "soon", 5, None):
        assert (await seat.refused("priorities:snooze", id="a", until=until))["code"] == "bad_request"
    await seat.done("priorities:complete", id="a")
    assert (await seat.refused("priorities:snooze", id="a", until="2026-12-01"))["code"] == "invalid_state"


async def test_what_is_put_as_snoozed_sleeps_until_it_is_reopened(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await work.done("priorities:put", items=[{"id": "a", "title": "a", "status": "snoozed"}])
    core.clock.now_s += 400 * 24 * 3600
    await core.hub.tick()
    assert (await person.item("priorities", "ics:work/a"))["status"] == "snoozed"
    assert (await person.done("priorities:reopen", code="P1"))["status"] == "open"


async def test_what_is_snoozed_can_be_edited_and_put_and_stays_snoozed(core: Core) -> None:
    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": "a", "title": "a"}])
    await seat.done("priorities:snooze", id="a", until="2026-12-01")
    await seat.done("priorities:edit", id="a", set={"title": "b"})
    await seat.done("priorities:put", items=[{"id": "a", "title": "c"}])
    item = await seat.item("priorities", "a")
    assert (item["title"], item["status"], item["snoozed_until"]) == ("c", "snoozed", "2026-12-01")
    item = await seat.done("priorities:reopen", id="a")
    assert (item["status"], item["snoozed_until"]) == ("open", None)


async def test_a_persons_snooze_ends_on_time_and_its_source_does_not_end_it(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    given = [{"id": "a", "title": "a", "status": "open"}]
    await work.done("priorities:put", items=given)
    await person.done("priorities:snooze", code="P1", until="2026-11-24")
    await work.done("priorities:put", items=given, mode="replace")
    item = await person.item("priorities", "ics:work/a")
    assert (item["status"], item["snoozed_until"]) == ("snoozed", "2026-11-24")
    core.clock.now_s += DAY_S
    await core.hub.tick()
    assert (await person.item("priorities", "ics:work/a"))["status"] == "open"


async def test_completing_twice_is_no_second_change(core: Core) -> None:
    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": "a", "title": "a"}])
    assert (await seat.ask("priorities:complete", id="a"))["seq"] == 2
    assert (await seat.ask("priorities:complete", id="a"))["seq"] == 2


# Commitments.


def status(item: Json) -> str:
    return str(item["status"])


async def test_overdue_comes_with_the_date_and_goes_with_it(core: Core) -> None:
    seat = await core.sit()
    put = {"id": "m", "description": "m", "direction": "owed", "due_date": "2026-11-23"}
    await seat.done("commitments:put", items=[put])
    assert status(await seat.item("commitments", "m")) == "pending"
    core.clock.now_s += DAY_S / 2
    await core.hub.tick()
    assert status(await seat.item("commitments", "m")) == "overdue"
    assert status(await seat.done("commitments:edit", code="m1", set={"due_date": "2026-12-01"})) == "pending"
    assert status(await seat.done("commitments:edit", code="M1", set={"due_date": "2026-11-01"})) == "overdue"
    assert status(await seat.done("commitments:complete", code="M1")) == "completed"
    await core.hub.tick()
    assert status(await seat.item("commitments", "m")) == "completed"
    assert status(await seat.done("commitments:reopen", code="M1")) == "overdue"
    assert status(await seat.done("commitments:edit", code="M1", set={"due_date": None})) == "pending"
    await seat.done("commitments:put", items=[put | {"status": "overdue", "due_date": None}])
    assert status(await seat.item("commitments", "m")) == "pending"


async def test_a_commitment_may_change_sides(core: Core) -> None:
    seat = await core.sit()
    await seat.done("commitments:put", items=[{"id": "m", "description": "m", "direction": "owe"}])
    await seat.done("commitments:edit", code="M1", set={"direction": "owed", "assignee": "Grace"})
    commitments = (await seat.state())["commitments"]
    assert (commitments["owe"], commitments["owed"][0]["code"]) == ([], "M1")


# System and brief.


async def test_system_set_changes_what_is_given_and_notes_the_end_of_a_collection(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("system:set", status="COLLECTING", progress=10, message="reading")
    item = await work.done("system:set", progress=60)
    assert (item["status"], item["progress"], item["message"]) == ("COLLECTING", 60, "reading")
    item = await work.done("system:set", status="IDLE", message=None, progress=100)
    assert (item["message"], item["last_sync"]) == (None, "2026-11-23T12:00:00Z")
    core.clock.now_s += 60
    await work.done("system:set", status="ERROR", message="no network")
    item = await work.done("system:set", status="IDLE")
    assert item["last_sync"] == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"op": "x"},
        {"status": None},
        {"progress": None, "message": "x"},
        {"progress": 101},
        {"progress": 1.0},
        {"progress": True},
        {"status": "idle"},
        {"last_sync": "2026-11-23T12:00:00Z"},
    ],
)
async def test_a_system_set_that_does_not_fit_changes_nothing(core: Core, payload: Json) -> None:
    assert (await (await core.sit()).refused("system:set", **payload))["code"] == "bad_request"
    assert core.state.seq == 0


async def test_the_brief_is_set_read_and_cleared(core: Core) -> None:
    seat = await core.sit("brief")
    assert await seat.done("brief:get") is None
    given = {"title": "Today", "kind": "daily", "extra": {"deep": [1, None, "x"]}}
    brief = await seat.done("brief:set", brief=given)
    assert brief["author"] == "ada"
    assert brief["set_at"] == "2026-11-23T12:00:00Z"
    assert {name: brief[name] for name in given} == given
    await seat.done("brief:set", brief={"text": "Another"})
    assert "extra" not in await seat.done("brief:get")
    assert seat.replica.held["brief"]["active"]["text"] == "Another"
    assert await seat.done("brief:clear") is None
    assert (await seat.state())["active_brief"] is None
    seq = core.state.seq
    assert (await seat.ask("brief:clear"))["seq"] == seq
    assert seat.replica.held["brief"] == {}


# Sources.


async def test_a_push_keeps_the_sources_line(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await work.done(
        "calendar:put", items=[{"id": id, "title": id, "start": "2026-11-23"} for id in "abc"], run=7
    )
    await work.done("priorities:put", items=[{"id": "p", "title": "p"}])
    line = await person.item("sources", "ics:work")
    assert (line["status"], line["items"], line["run"]) == ("online", 4, 7)
    assert line["last_push_at"] == "2026-11-23T12:00:00Z"
    core.clock.now_s += 600
    await person.done("calendar:drop", codes=["C1"])
    line = await person.item("sources", "ics:work")
    assert (line["items"], line["last_push_at"]) == (3, "2026-11-23T12:00:00Z")
    await work.done("priorities:put", items=[{"id": "p", "title": "p"}])
    assert (await person.item("sources", "ics:work"))["last_push_at"] == "2026-11-23T12:10:00Z"
    await work.done("calendar:put", items=[], mode="replace", allow_empty=True)
    assert (await person.item("sources", "ics:work"))["items"] == 1


async def test_an_old_run_is_fenced_off_and_changes_nothing(core: Core) -> None:
    work, home = await core.sit(who=WORK), await core.sit(who=collector("ics:home"))
    items = [{"id": "p", "title": "new"}]
    await work.done("priorities:put", items=items, run=5)
    seq = core.state.seq
    error = await work.refused("priorities:put", items=[{"id": "p", "title": "old"}], run=4, mode="replace")
    assert (error["code"], error["details"]) == ("source_fenced", {"newest": 5})
    assert core.state.seq == seq
    await work.done("priorities:put", items=items, run=5)
    await home.done("priorities:put", items=items, run=1)
    await work.done("priorities:put", items=items, run=6)
    assert (await work.refused("priorities:put", items=items, run=5))["code"] == "source_fenced"


# How a snapshot is sorted.


async def test_snapshots_are_sorted_as_people_read_them(core: Core) -> None:
    seat = await core.sit()
    starts = {
        "b": "2026-11-23T09:00:00Z",
        "a": "2026-11-24",
        "c": "2026-11-23",
        "d": "2026-11-23T07:30:00+02:00",
    }
    await seat.done(
        "calendar:put", items=[{"id": id, "title": id, "start": start} for id, start in starts.items()]
    )
    ranks = {"a": (None, "low"), "b": (None, "high"), "c": (2, "low"), "d": (1, "low"), "e": (1, "high")}
    await seat.done(
        "priorities:put",
        items=[{"id": id, "title": id, "rank": rank, "urgency": word} for id, (rank, word) in ranks.items()],
    )
    dues = {"a": None, "b": "2026-12-01", "c": "2026-11-30T23:00:00Z"}
    await seat.done(
        "commitments:put",
        items=[
            {"id": id, "description": id, "direction": "owe", "due_date": due} for id, due in dues.items()
        ],
    )
    state = await seat.state()
    order = {name: "".join(item["id"] for item in state[name]) for name in ("calendar", "priorities")}
    assert order == {"calendar": "cdba", "priorities": "edcba"}
    assert "".join(item["id"] for item in state["commitments"]["owe"]) == "cba"

"""What each section promises, request by request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.core.seats import DAY_S, NOON, Core, Seat, collector

Json = Any

WORK = collector("ics:work")


async def event(seat: Seat, **fields: Json) -> Json:
    """Puts one event; the item as everybody sees it."""
    given = {"id": "e", "title": "Walk", "start": "2026-11-23T09:00:00Z"} | fields
    await seat.done("calendar:put", items=[given])
    prefix = "" if seat.client.principal.source is None else "ics:work/"
    return await seat.item("calendar", f"{prefix}e")


# Whose item is it.


async def test_the_source_names_its_items_by_its_own_ids_and_everybody_else_by_the_full_ones(
    core: Core,
) -> None:
    work, home, person = await core.sit(who=WORK), await core.sit(who=collector("ics:home")), await core.sit()
    for seat in (work, home, person):
        done = await seat.done("calendar:put", items=[{"id": "e", "title": "x", "start": "2026-11-23"}])
        assert list(done["codes"]) == ["e"]
    items = (await person.state())["calendar"]
    assert [(item["id"], item["source"]) for item in items] == [
        ("e", None),
        ("ics:home/e", "ics:home"),
        ("ics:work/e", "ics:work"),
    ]
    assert (await work.done("calendar:drop", ids=["e"])) == {"removed": 1}
    assert (await work.done("calendar:drop", ids=["ics:home/e", "nothing"])) == {"removed": 0}
    assert (await person.done("calendar:drop", ids=["ics:home/e"])) == {"removed": 1}


async def test_a_collector_may_not_touch_what_is_not_its_own(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await person.done("priorities:put", items=[{"id": "a", "title": "mine"}])
    for request, payload in {
        "priorities:drop": {"codes": ["P1"], "seen": 1},
        "priorities:complete": {"code": "P1"},
        "priorities:edit": {"code": "P1", "set": {"title": "theirs"}},
        "brief:set": {"brief": {"title": "theirs"}},
    }.items():
        assert (await work.refused(request, **payload))["code"] == "forbidden"
    assert core.state.seq == 1


async def test_a_replace_touches_only_its_own_source_and_section(core: Core) -> None:
    work, home, person = await core.sit(who=WORK), await core.sit(who=collector("ics:home")), await core.sit()
    for seat in (work, home, person):
        await seat.done("priorities:put", items=[{"id": id, "title": id} for id in "ab"])
    await work.done("commitments:put", items=[{"id": "m", "description": "m", "direction": "owe"}])
    done = await work.done("priorities:put", items=[{"id": "c", "title": "c"}], mode="replace")
    assert (done["added"], done["removed"]) == (1, 2)
    state = await person.state()
    assert sorted(item["id"] for item in state["priorities"]) == [
        "a", "b", "ics:home/a", "ics:home/b", "ics:work/c",
    ]  # fmt: skip
    assert len(state["commitments"]["owe"]) == 1
    await person.done("priorities:put", items=[{"id": "a", "title": "a"}], mode="replace")
    assert len((await person.state())["priorities"]) == 4


# What may go.


@pytest.mark.parametrize("who", [None, WORK])
async def test_an_empty_replace_has_to_be_meant(core: Core, who: Any) -> None:
    seat = await core.sit() if who is None else await core.sit(who=who)
    await event(seat)
    error = await seat.refused("calendar:put", items=[], mode="replace")
    assert (error["code"], error["details"][0]["path"]) == ("bad_request", "items")
    done = await seat.done("calendar:put", items=[], mode="replace", complete=False)
    assert done["removed"] == 0
    assert (await seat.done("calendar:put", items=[]))["removed"] == 0
    done = await seat.done("calendar:put", items=[], mode="replace", allow_empty=True)
    assert done["removed"] == 1


async def test_an_incomplete_replace_removes_nothing(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("priorities:put", items=[{"id": id, "title": id} for id in "abc"], mode="replace")
    done = await work.done(
        "priorities:put", items=[{"id": "a", "title": "a"}], mode="replace", complete=False
    )
    assert (done["unchanged"], done["removed"]) == (1, 0)


async def test_rejected_items_are_named_and_neither_they_nor_their_old_selves_go(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("priorities:put", items=[{"id": id, "title": id} for id in "abc"], mode="replace")
    items = [
        {"id": "a", "title": "anew"},
        {"id": "b"},
        {"id": "a", "title": "again"},
        {"id": "d", "title": "d", "rank": "first"},
    ]
    done = await work.done("priorities:put", items=items, mode="replace")
    assert [(fault["index"], fault["id"], fault["path"]) for fault in done["rejected"]] == [
        (1, "b", "title"),
        (2, "a", "id"),
        (3, "d", "rank"),
    ]
    assert (done["changed"], done["removed"], done["codes"]) == (1, 1, {"a": "P1"})
    nameless = await work.done(
        "priorities:put", items=[{"id": "a", "title": "anew"}, {"title": "who"}, 7], mode="replace"
    )
    assert nameless["removed"] == 0
    assert [fault["index"] for fault in nameless["rejected"]] == [1, 2]
    assert await work.item("priorities", "ics:work/b") is not None


async def test_an_unchanged_put_makes_no_commit(core: Core) -> None:
    for seat in (await core.sit(), await core.sit(who=WORK)):
        items = [{"id": "a", "title": "a", "due_date": "2026-11-23T10:00:00+01:00"}]
        await seat.done("priorities:put", items=items, mode="replace")
        seq = core.state.seq
        ack = await seat.ask("priorities:put", items=items, mode="replace")
        assert (ack["seq"], ack["data"]["unchanged"]) == (seq, 1)


async def test_a_drop_says_what_is_wrong_with_it(core: Core) -> None:
    seat = await core.sit()
    await event(seat)
    assert (await seat.refused("calendar:drop"))["code"] == "bad_request"
    assert (await seat.refused("calendar:drop", ids=["e"], codes=["C1"]))["code"] == "bad_request"
    assert (await seat.refused("calendar:drop", codes=["C1", "C9"]))["code"] == "not_found"
    assert await seat.done("calendar:drop", ids=[]) == {"removed": 0}
    assert await seat.done("calendar:drop", codes=["c1", "C1"]) == {"removed": 1}


# Whose field is it.


async def test_a_put_never_undoes_what_a_person_decided(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    given = {"id": "a", "title": "a", "status": "open", "rank": 5, "note": "theirs"}
    await work.done("priorities:put", items=[given])
    await person.done("priorities:complete", code="P1")
    await person.done("priorities:edit", code="P1", set={"title": "mine", "rank": None})
    done = await work.done("priorities:put", items=[given | {"urgency": "high"}], mode="replace")
    assert done["changed"] == 1
    item = await person.item("priorities", "ics:work/a")
    assert (item["status"], item["title"], item["rank"], item["urgency"]) == ("done", "mine", None, "high")
    assert item["note"] == "theirs"
    assert item["held"] == ["rank", "status", "title"]
    await person.done("priorities:reopen", code="P1")
    await work.done("priorities:put", items=[given | {"status": "done"}])
    assert (await person.item("priorities", "ics:work/a"))["status"] == "open"


async def test_a_put_leaves_alone_what_it_does_not_decide_and_states_the_rest_whole(core: Core) -> None:
    seat = await core.sit()
    full = {"id": "a", "title": "a", "description": "d", "urgency": "high", "note": "n", "rank": 1}
    await seat.done("priorities:put", items=[full])
    await seat.done("priorities:complete", id="a")
    await seat.done("priorities:put", items=[{"id": "a", "title": "b"}])
    item = await seat.item("priorities", "a")
    assert (item["title"], item["description"], item["urgency"]) == ("b", None, "medium")
    assert (item["note"], item["rank"], item["status"]) == ("n", 1, "done")
    await seat.done("priorities:put", items=[{"id": "a", "title": "b", "note": None, "rank": None}])
    item = await seat.item("priorities", "a")
    assert (item["note"], item["rank"]) == (None, None)


async def test_an_override_that_no_longer_fits_gives_way(core: Core) -> None:
    """The person made the meeting longer, then its source moved it: an end before the start helps nobody."""
    work, person = await core.sit(who=WORK), await core.sit()
    await event(work, end="2026-11-23T10:00:00Z")
    await person.done("calendar:edit", code="C1", set={"end": "2026-11-23T11:00:00Z", "title": "Mine"})
    await event(work, start="2026-11-23T09:30:00Z", end="2026-11-23T10:00:00Z")
    item = await person.item("calendar", "ics:work/e")
    assert (item["start"], item["end"]) == ("2026-11-23T09:30:00Z", "2026-11-23T11:00:00Z")
    await event(work, start="2026-11-24", end="2026-11-25")
    item = await person.item("calendar", "ics:work/e")
    assert (item["start"], item["end"], item["all_day"], item["held"]) == (
        "2026-11-24",
        "2026-11-25",
        True,
        [],
    )
    await person.done("calendar:edit", code="C1", set={"location": "Room 1"})


@pytest.mark.parametrize(
    ("section", "edit", "path"),
    [
        ("calendar", {"title": None}, "set.title"),
        ("calendar", {"start": None}, "set.start"),
        ("calendar", {"attendees": None}, "set.attendees"),
        ("calendar", {"end": "2026-11-22T09:00:00Z"}, "set.end"),
        ("calendar", {"end": "2026-11-24"}, "set.end"),
        ("calendar", {"all_day": True}, "set.all_day"),
        ("calendar", {"title": " "}, "set.title"),
        ("calendar", {"code": "C9"}, "set.code"),
        ("calendar", {}, "set"),
        ("priorities", {"status": None}, "set.status"),
        ("priorities", {"urgency": None}, "set.urgency"),
        ("commitments", {"direction": None}, "set.direction"),
    ],
)
async def test_an_edit_that_does_not_fit_changes_nothing_and_says_where(
    core: Core, section: str, edit: Json, path: str
) -> None:
    seat = await core.sit()
    await event(seat)
    await seat.done("priorities:put", items=[{"id": "e", "title": "x"}])
    await seat.done("commitments:put", items=[{"id": "e", "description": "x", "direction": "owe"}])
    error = await seat.refused(f"{section}:edit", id="e", set=edit)
    assert error["code"] == "bad_request"
    assert error["details"][0]["path"] == path
    assert core.state.seq == 3


async def test_an_edit_with_null_takes_a_field_away(core: Core) -> None:
    seat = await core.sit()
    await event(seat, end="2026-11-23T10:00:00Z", location="Room 1", url="https://example.org")
    item = await seat.done("calendar:edit", id="e", set={"end": None, "location": None, "url": None})
    assert (item["end"], item["location"], item["url"], item["title"]) == (None, None, None, "Walk")


# Codes.


async def test_codes_are_kept_for_life_and_rest_for_a_day(core: Core) -> None:
    seat = await core.sit()
    put = lambda *ids: seat.done("priorities:put", items=[{"id": id, "title": id} for id in ids])  # noqa: E731
    assert (await put("a", "b", "c"))["codes"] == {"a": "P1", "b": "P2", "c": "P3"}
    await seat.done("priorities:drop", codes=["P1", "p2"])
    assert (await put("c", "d"))["codes"] == {"c": "P3", "d": "P4"}
    core.clock.now_s += DAY_S - 1
    assert (await put("e"))["codes"] == {"e": "P5"}
    core.clock.now_s += 1
    assert (await put("f", "g", "h"))["codes"] == {"f": "P1", "g": "P2", "h": "P6"}


async def test_a_code_of_another_section_is_a_bad_request(core: Core) -> None:
    seat = await core.sit()
    await event(seat)
    for request, payload in {
        "priorities:complete": {"code": "C1"},
        "commitments:drop": {"codes": ["C1"]},
        "calendar:edit": {"code": "P1", "set": {"title": "x"}},
    }.items():
        error = await seat.refused(request, **payload)
        assert error["code"] == "bad_request"
        assert "begin with" in error["message"]
    for code in ("C0", "C01", "C", "C1x", "", "Ç1", "C1234567890", 1, None):
        assert (await seat.refused("calendar:drop", codes=[code]))["code"] == "bad_request"


async def test_a_name_is_an_id_or_a_code_and_not_both(core: Core) -> None:
    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": "a", "title": "a"}])
    for payload in ({}, {"id": "a", "code": "P1"}, {"seen": 1}):
        assert (await seat.refused("priorities:complete", **payload))["code"] == "bad_request"
    assert (await seat.refused("priorities:complete", id="b"))["code"] == "not_found"
    assert (await seat.refused("priorities:complete", code="P2"))["code"] == "not_found"


async def test_a_changed_text_makes_an_older_look_stale_and_both_texts_are_told(core: Core) -> None:
    seat = await core.sit()
    seen = (await seat.ask("priorities:put", items=[{"id": "a", "title": "old"}]))["seq"]
    await seat.done("priorities:edit", id="a", set={"note": "n", "rank": 1})
    await seat.done("priorities:snooze", code="P1", seen=seen, until="2026-12-01")
    await seat.done("priorities:edit", code="P1", seen=seen, set={"title": "new"})
    for request in ("complete", "reopen"):
        error = await seat.refused(f"priorities:{request}", code="p1", seen=seen)
        assert (error["code"], error["retry"]) == ("stale_target", "resync")
        assert error["details"] == {"code": "P1", "then": "old", "now": "new"}
    assert (await seat.refused("priorities:drop", codes=["P1"], seen=seen))["code"] == "stale_target"
    assert (await seat.item("priorities", "a"))["status"] == "snoozed"
    await seat.done("priorities:complete", code="P1", seen=core.state.seq)
    await seat.done("priorities:reopen", code="P1")
    await seat.done("priorities:drop", id=None, ids=["a"]) if False else None
    before = core.state.seq
    await seat.done("priorities:drop", ids=["a"])
    error = await seat.refused("priorities:complete", code="P1", seen=before)
    assert (error["code"], error["details"]) == ("stale_target", {"code": "P1", "then": "new", "now": None})
    assert (await seat.refused("priorities:complete", code="P1"))["code"] == "not_found"
    assert (await seat.refused("priorities:complete", code="P1", seen=before + 1))["code"] == "not_found"


async def test_a_code_that_went_to_another_item_is_stale_for_who_saw_the_old_one(core: Core) -> None:
    seat = await core.sit()
    seen = (await seat.ask("priorities:put", items=[{"id": "a", "title": "old"}]))["seq"]
    await seat.done("priorities:drop", ids=["a"])
    core.clock.now_s += DAY_S
    await core.tidy()
    assert (await seat.done("priorities:put", items=[{"id": "b", "title": "new"}]))["codes"] == {"b": "P1"}
    error = await seat.refused("priorities:complete", code="P1", seen=seen)
    assert error["details"] == {"code": "P1", "then": "old", "now": "new"}


async def test_a_start_that_moved_makes_an_older_look_stale(core: Core) -> None:
    seat = await core.sit()
    await event(seat)
    await event(seat, start="2026-11-23T10:00:00Z")
    error = await seat.refused("calendar:drop", codes=["C1"], seen=1)
    assert error["details"]["then"] == "Walk (2026-11-23T09:00:00Z)"
    assert error["details"]["now"] == "Walk (2026-11-23T10:00:00Z)"


async def test_who_saw_the_future_has_to_sync_first(core: Core) -> None:
    seat = await core.sit()
    await event(seat)
    error = await seat.refused("calendar:drop", codes=["C1"], seen=99)
    assert (error["code"], error["retry"]) == ("bad_request", "resync")


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


# Priorities.


async def test_a_snoozed_priority_wakes_at_its_time(core: Core) -> None:
    seat = await core.sit("state")
    await seat.done("priorities:put", items=[{"id": id, "title": id} for id in "ab"])
    await seat.done("priorities:snooze", id="a", until="2026-11-23T14:00:00+01:00")
    item = await seat.done("priorities:snooze", id="b", until="2026-11-24")
    assert (item["status"], item["snoozed_until"]) == ("snoozed", "2026-11-24")
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


async def test_completing_twice_is_no_second_change(core: Core) -> None:
    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": "a", "title": "a"}])
    assert (await seat.ask("priorities:complete", id="a"))["seq"] == 2
    assert (await seat.ask("priorities:complete", id="a"))["seq"] == 2


# Commitments.


async def test_overdue_comes_with_the_date_and_goes_with_it(core: Core) -> None:
    seat = await core.sit()
    put = {"id": "m", "description": "m", "direction": "owed", "due_date": "2026-11-23"}
    await seat.done("commitments:put", items=[put])
    status = lambda item: item["status"]  # noqa: E731
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


async def test_today_is_the_servers_day(core: Core) -> None:
    assert datetime.fromtimestamp(core.clock.now_s, UTC).hour == 12

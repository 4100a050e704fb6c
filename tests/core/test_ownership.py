"""Whose item it is, whose field, and what a put or a drop may take away (registry/batch)."""

from __future__ import annotations

from typing import Any

import pytest

from sio_server.registry.roles import Principal, Role
from tests.core.seats import Core, collector, event

Json = Any

WORK = collector("ics:work")
VIEWERS_MAY_NOT: dict[str, Json] = {
    "priorities:put": {"items": []},
    "calendar:drop": {"ids": []},
    "commitments:complete": {"id": "a"},
    "system:set": {"progress": 1},
    "brief:clear": {},
}


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
    requests: dict[str, Json] = {
        "priorities:drop": {"codes": ["P1"], "seen": 1},
        "priorities:complete": {"code": "P1"},
        "priorities:edit": {"code": "P1", "set": {"title": "theirs"}},
        "brief:set": {"brief": {"title": "theirs"}},
    }
    for request, payload in requests.items():
        assert (await work.refused(request, **payload))["code"] == "forbidden"
    assert core.state.seq == 1


async def test_a_collector_without_a_source_is_told_to_say_which(core: Core) -> None:
    nobody = await core.sit(who=Principal("token:x", "x", Role.COLLECTOR))
    for request in ("put", "drop"):
        payload: Json = {"items": []} if request == "put" else {"ids": ["a"]}
        error = await nobody.refused(f"priorities:{request}", **payload)
        assert error["code"] == "forbidden"
        assert "source" in error["message"]


async def test_a_viewer_reads_and_changes_nothing(core: Core) -> None:
    viewer = await core.sit("state", who=Principal("token:v", "v", Role.VIEWER))
    for event_name, payload in VIEWERS_MAY_NOT.items():
        assert (await viewer.refused(event_name, **payload))["code"] == "forbidden"
    assert await viewer.done("brief:get") is None
    assert core.state.seq == 0


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
        ["title"],
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

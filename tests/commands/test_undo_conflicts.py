"""An undo never goes over what somebody did since (state/history_draft)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.commands.board import ADA, BOB, HOUR_S, held, picture, ran, undo_refused
from tests.core.seats import Core, Seat, collector

Json = Any

# What comes after Ada's `approve P1 | drop M1 | update C1 Lunch`: (who, event, payload, item, cause).
TOUCHES: tuple[tuple[str, str, Json, str, str], ...] = (
    ("bob", "command:run", {"text": "reopen P1"}, "P1", "reopen P1"),
    ("bob", "command:run", {"text": "  approve P2 | drop C1 "}, "C1", "approve P2 | drop C1"),
    ("ada", "command:run", {"text": "update P1 x | add owe y"}, "P1", "update P1 x | add owe y"),
    ("bob", "priorities:edit", {"code": "P1", "set": {"note": "n"}}, "P1", "priorities:edit"),
    ("ada", "priorities:edit", {"code": "P1", "set": {"rank": 1}}, "P1", "priorities:edit"),
    ("bob", "priorities:drop", {"ids": ["budget"]}, "P1", "priorities:drop"),
    (
        "bob",
        "calendar:put",
        {"items": [{"id": "call", "title": "Call", "start": "2026-11-23"}]},
        "C1",
        "calendar:put",
    ),
    (
        "bob",
        "commitments:put",
        {"items": [{"id": "draft", "description": "x", "direction": "owe"}]},
        "M4",
        "commitments:put",
    ),
)


@pytest.mark.parametrize(("who", "event", "payload", "code", "command"), TOUCHES)
async def test_what_was_touched_since_is_a_conflict_that_names_item_person_and_command(
    core: Core, ada: Seat, who: str, event: str, payload: Json, code: str, command: str
) -> None:
    handle = (await ran(ada, "approve P1 | drop M1 | update C1 Lunch"))["undo"]
    seat = await core.sit(who=replace(ADA, actor=who))
    touched = (await seat.ask(event, **payload))["seq"]
    if who == "bob":
        assert (await undo_refused(ada))[0] == "conflict"
    before = await held(ada)
    error = await ada.refused("command:undo", of=handle)
    assert (error["code"], error["retry"]) == ("conflict", "no")
    told = {name: error["details"][name] for name in ("code", "by", "command", "seq")}
    assert told == {"code": code, "by": who, "command": command, "seq": touched}
    assert all(word in error["message"] for word in (code, who, command, "approve P1 | drop M1"))
    assert await held(ada) == before


async def test_a_conflict_of_a_typed_undo_has_its_place(core: Core, ada: Seat) -> None:
    await ran(ada, "approve P1")
    bob = await core.sit(who=BOB)
    await ran(bob, "reopen P1")
    error = await ada.refused("command:run", text="  undo | approve P2")
    assert (error["details"]["start"], error["details"]["end"]) == (2, 6)
    assert (error["details"]["id"], error["details"]["by"]) == ("budget", "bob")


async def test_what_was_touched_and_undone_again_does_not_count(core: Core, ada: Seat) -> None:
    before = await picture(ada)
    handle = (await ran(ada, "approve P1"))["undo"]
    bob = await core.sit(who=BOB)
    await ran(bob, "update P1 x")
    await ran(bob, "drop P1")
    assert (await undo_refused(ada, handle))[0] == "conflict"
    await ran(bob, "undo")
    assert (await undo_refused(ada, handle))[0] == "conflict"
    redo = (await ran(bob, "undo"))["undo"]
    await bob.done("command:undo", of=redo)
    assert (await undo_refused(ada, handle))[0] == "conflict"
    await ran(bob, "undo")
    await ada.done("command:undo", of=handle)
    assert await picture(ada) == before


async def test_what_one_line_undid_and_did_again_still_counts(core: Core, ada: Seat) -> None:
    handle = (await ran(ada, "update P1 Ship it"))["undo"]
    bob = await core.sit(who=BOB)
    await ran(bob, "approve P1")
    told = await ran(bob, "undo | approve P1")
    assert "undo" not in told  # nothing came of it
    assert (await undo_refused(ada, handle))[0] == "conflict"
    assert (await ada.item("priorities", "budget"))["status"] == "done"


async def test_what_takes_back_a_line_from_before_is_a_touch(core: Core, ada: Seat) -> None:
    """Bob's undo changed the item under Ada's undo, so she cannot redo what she took back."""
    bob = await core.sit(who=BOB)
    await ran(bob, "update P1 By Bob")
    await ran(ada, "approve P1")
    undone = (await ran(ada, "undo"))["undo"]
    await ran(bob, "undo")
    code, message = await undo_refused(ada, undone)
    assert (code, "bob (undo: update P1 By Bob)" in message) == ("conflict", True)
    assert (await ada.item("priorities", "budget"))["title"] == "Budget review"


async def test_an_item_that_its_source_lost_and_put_again_is_a_conflict(core: Core, ada: Seat) -> None:
    await ran(ada, "drop P7")
    mail = await core.sit(who=collector("mail:home"))
    flights = {"id": "flights", "title": "Book flights"}
    put = await mail.done("priorities:put", items=[flights], mode="replace")
    assert (put["dismissed"], put["codes"]) == (1, {})
    await mail.done("priorities:put", items=[], mode="replace", allow_empty=True)
    put = await mail.done("priorities:put", items=[flights])
    assert put["codes"] == {"flights": "P8"}
    code, message = await undo_refused(ada)
    assert (code, "mail:home" in message) == ("conflict", True)
    assert (await ada.item("sources", "mail:home"))["items"] == 1


async def test_a_source_that_pushes_what_it_pushed_before_is_in_nobodys_way(core: Core, ada: Seat) -> None:
    await ran(ada, "update P7 Book a train | approve P7")
    mail = await core.sit(who=collector("mail:home"))
    core.clock.now_s += HOUR_S
    await mail.done("priorities:put", items=[{"id": "flights", "title": "Book flights"}], mode="replace")
    await ran(ada, "undo")
    item = await ada.item("priorities", "mail:home/flights")
    assert (item["title"], item["status"], item["held"]) == ("Book flights", "open", [])


async def test_what_time_itself_did_since_is_in_nobodys_way(core: Core, ada: Seat) -> None:
    before = await ada.item("priorities", "budget")
    await ran(ada, "update P1 Budget of Q3")
    await ran(ada, "snooze P1 1h")
    core.clock.now_s += HOUR_S
    await core.hub.tick()
    seq = core.state.seq
    await ran(ada, "undo")  # P1 is open again by itself: nothing is left to do, and it counts all the same
    assert core.state.seq == seq
    await ran(ada, "undo")
    assert {**await ada.item("priorities", "budget"), "rev": 0} == {**before, "rev": 0}

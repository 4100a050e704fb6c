"""A code in a line never hits what the person did not mean: with `seen`, and without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commands.board import BOB, core_on, held, ran
from tests.core.seats import DAY_S, Core, Seat, collector

Json = Any

# What somebody else does after Ada looked, and then both texts when the code is used with `seen`.
CHANGED = (
    ("update P1 Budget of Q3", "approve P1", "P1", "Budget review", "Budget of Q3"),
    ("update C1 Board lunch", "drop C1", "C1", "Board call · {start}", "Board lunch · {start}"),
    ("update M1 Send Ben the draft", "done M1", "M1", "Send Ana the draft", "Send Ben the draft"),
    ("drop P1", "snooze P1 2h", "P1", "Budget review", None),
    ("drop M2", "reopen P3 | update M2 x", "M2", "Refund for the chair", None),
    ("update P1 A | update P1 B", "approve P2, P1", "P1", "Budget review", "B"),
)
UNREAD = (  # what a person does not read of an item may change
    ("priorities:edit", {"code": "P1", "set": {"note": "n", "rank": 3, "urgency": "high"}}),
    ("command:run", {"text": "approve P1"}),
    ("command:run", {"text": "snooze P1 2h"}),
    ("command:run", {"text": "update P1 Other | update P1 Budget review"}),
    ("command:run", {"text": "drop P2"}),
)


async def stale(seat: Seat, line: str, **fields: Json) -> Json:
    """The details of the refusal of a line whose code does not stand for what was meant."""
    error = await seat.refused("command:run", text=line, **fields)
    assert (error["code"], error["retry"]) == ("stale_target", "resync"), error
    return error["details"]


@pytest.mark.parametrize(("change", "line", "code", "then", "now"), CHANGED)
async def test_what_changed_since_it_was_seen_is_refused_with_both_texts(
    core: Core, ada: Seat, change: str, line: str, code: str, then: str, now: str | None
) -> None:
    seen = core.state.seq
    bob = await core.sit(who=BOB)
    await ran(bob, change)
    before = await held(ada)
    details = await stale(ada, line, seen=seen)
    start = "2026-11-23T15:00:00Z"
    texts = [text and text.format(start=start) for text in (then, now)]
    place = {"start": line.index(code), "end": line.index(code) + 2}
    assert details == {"code": code, "then": texts[0], "now": texts[1]} | place
    assert await held(ada) == before
    if now is not None:
        await ran(ada, line, seen=core.state.seq)


@pytest.mark.parametrize(("event", "payload"), UNREAD)
async def test_what_nobody_reads_may_change(core: Core, ada: Seat, event: str, payload: Json) -> None:
    seen = core.state.seq
    bob = await core.sit(who=BOB)
    await bob.done(event, **payload)
    await ran(ada, "approve P1", seen=seen)


async def test_a_meeting_that_moved_is_not_the_one_that_was_seen(core: Core, ada: Seat) -> None:
    seen = core.state.seq
    await ada.done("calendar:edit", code="C1", set={"start": "2026-11-24T15:00:00Z"})
    details = await stale(ada, "drop C1", seen=seen)
    assert details["then"] == "Board call · 2026-11-23T15:00:00Z"
    assert details["now"] == "Board call · 2026-11-24T15:00:00Z"


async def test_a_retitle_by_the_source_counts_as_much_as_a_persons(core: Core, ada: Seat) -> None:
    seen = core.state.seq
    mail = await core.sit(who=collector("mail:home"))
    await mail.done("priorities:put", items=[{"id": "flights", "title": "Book a train"}])
    assert (await stale(ada, "approve P7", seen=seen))["now"] == "Book a train"


async def test_a_seen_from_the_future_is_a_bad_request_that_asks_for_a_sync(core: Core, ada: Seat) -> None:
    error = await ada.refused("command:run", text="approve P1", seen=core.state.seq + 1)
    assert (error["code"], error["retry"]) == ("bad_request", "resync")
    assert [(fault["path"], fault["start"], fault["end"]) for fault in error["details"]] == [("seen", 8, 10)]


async def test_without_seen_a_change_of_text_is_not_looked_at(core: Core, ada: Seat) -> None:
    bob = await core.sit(who=BOB)
    await ran(bob, "update P1 Budget of Q3")
    await ran(ada, "approve P1")


async def test_with_seen_a_code_means_what_it_meant_then(core: Core, ada: Seat) -> None:
    """Who looked after the code was given on may use it at once; who looked before may not."""
    await ran(ada, "approve P6", seen=core.state.seq)
    assert await stale(ada, "approve P6", seen=6) == GIVEN_ON
    error = await ada.refused("command:run", text="approve P5", seen=core.state.seq)
    assert error["code"] == "not_found"


FREED = {"code": "P5", "then": "Old plan", "now": None, "start": 8, "end": 10}
GIVEN_ON = {"code": "P6", "then": "Sell the bike", "now": "Buy a bike", "start": 8, "end": 10}


async def guarded(seat: Seat) -> None:
    """Neither code is taken."""
    for line, details in (("approve P5", FREED), ("approve P6", GIVEN_ON)):
        assert await stale(seat, line) == details
        assert await stale(seat, line, dry=True) == details


async def test_without_seen_a_code_that_changed_hands_is_guarded_for_a_day(core: Core, ada: Seat) -> None:
    """The codes were freed and given on by an earlier run: the time since then, unserved, does not count."""
    await guarded(ada)
    core.clock.now_s += DAY_S - 1
    await core.tidy()
    await guarded(ada)
    core.clock.now_s += 2
    for tidied in (False, True):
        if tidied:
            await core.tidy()
        await ran(ada, "done P6 | reopen P6")
        assert (await ada.refused("command:run", text="approve P5"))["code"] == "not_found"


async def test_the_guard_holds_over_a_restart(built: Path, tmp_path: Path) -> None:
    core = core_on(built, tmp_path / "data")
    for _ in range(2):
        async with core:
            await guarded(await core.sit())
            await core.tidy()
    async with core:
        core.clock.now_s += DAY_S + 1
        await ran(await core.sit(), "approve P6")


async def test_other_requests_take_a_code_for_its_present_item(core: Core, ada: Seat) -> None:
    await ada.done("priorities:complete", code="P6")
    assert (await ada.refused("priorities:complete", code="P5"))["code"] == "not_found"


async def test_a_code_that_is_freed_in_the_same_breath_is_guarded_too(core: Core, ada: Seat) -> None:
    acks = await ada.pipeline([("command:run", {"text": line}) for line in ("drop P1", "approve P1")])
    assert acks[1]["error"]["code"] == "stale_target"
    assert acks[1]["error"]["details"]["then"] == "Budget review"


async def test_what_an_undo_brought_back_has_its_code_without_a_guard(core: Core, ada: Seat) -> None:
    await ran(ada, "drop P1")
    assert (await stale(ada, "approve P1"))["now"] is None
    await ran(ada, "undo")
    await ran(ada, "approve P1")


async def test_the_guard_of_a_code_given_on_ends_when_that_item_goes_too(core: Core, ada: Seat) -> None:
    """Then the code was last the new item's."""
    await ada.done("priorities:drop", ids=["bike"])
    assert await stale(ada, "approve P6") == {**GIVEN_ON, "then": "Buy a bike", "now": None}


async def test_a_code_given_on_is_guarded_also_when_that_item_went_and_came_back(
    built: Path, tmp_path: Path
) -> None:
    core = core_on(built, tmp_path / "data")
    async with core:
        seat = await core.sit()
        await ran(seat, "drop P6", seen=core.state.seq)
        await ran(seat, "undo")
        await guarded(seat)
    async with core:
        await guarded(await core.sit())
        await core.tidy()
    async with core:
        core.clock.now_s += DAY_S + 1
        await ran(await core.sit(), "approve P6")


async def test_codes_of_a_line_are_checked_before_any_step_is_done(core: Core, ada: Seat) -> None:
    seq = core.state.seq
    await stale(ada, "drop P1 | approve P2 | add owe x | reopen P3 P6")
    assert core.state.seq == seq

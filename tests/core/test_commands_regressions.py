"""Histories that once went wrong, as small as they get."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.core.seats import DAY_S, PERSON, Core, Seat

Json = Any

BOB = replace(PERSON, actor="bob")


async def run(seat: Seat, text: str, **fields: Json) -> str:
    """Types a line; its handle."""
    return str((await seat.done("command:run", text=text, **fields))["undo"])


async def test_a_code_that_was_given_on_is_guarded_also_after_its_new_item_went_and_came_back(
    tmp_path: Path,
) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit()
        await run(seat, "add priority Old")
        await run(seat, "drop P1")
        core.clock.now_s += DAY_S
        await run(seat, "add priority New")
        core.clock.now_s += 3600
        await run(seat, "drop P1", seen=core.state.seq)
        await run(seat, "undo")
        assert (await seat.refused("command:run", text="approve P1"))["code"] == "stale_target"
        await core.close()
        await core.open()
        core.clock.now_s += 3600
        seat = await core.sit()
        error = await seat.refused("command:run", text="approve P1")
        assert (error["code"], error["details"]["then"]) == ("stale_target", "Old")
        core.clock.now_s += DAY_S
        await core.tidy()
        await run(seat, "approve P1")


async def test_two_lines_taken_back_at_once_are_in_the_way_of_those_only_whose_items_they_touched(
    core: Core,
) -> None:
    ada, bob = await core.sit(), await core.sit(who=BOB)
    await ada.done("priorities:put", items=[{"id": id, "title": id} for id in "ab"])
    await run(ada, "approve P1")
    handle = await run(bob, "approve P2")
    await run(ada, "drop P2")
    await run(ada, "undo | undo")
    await bob.done("command:undo", of=handle)
    assert [item["status"] for item in (await ada.state())["priorities"]] == ["open", "open"]


async def test_an_op_that_looks_like_a_handle_costs_no_line_its_own(core: Core) -> None:
    seat = await core.sit()
    first = await run(seat, "add priority First", op="@2")
    second = await run(seat, "add priority Second")
    third = await run(seat, "add priority Third", op="@4")
    fourth = await run(seat, "add priority Fourth")
    assert len({first, second, third, fourth}) == 4
    for handle in (first, second, third, fourth):
        await seat.done("command:undo", of=handle)
    assert (await seat.state())["priorities"] == []


async def test_an_item_that_a_line_took_back_and_did_again_is_none_of_what_it_changed(core: Core) -> None:
    ada, bob = await core.sit(), await core.sit(who=BOB)
    await ada.done("priorities:put", items=[{"id": id, "title": id} for id in "ab"])
    await run(ada, "approve P1 P2")
    handle = await run(ada, "undo | approve P1")
    await run(bob, "update P1 by bob")
    await ada.done("command:undo", of=handle)
    assert [item["status"] for item in (await ada.state())["priorities"]] == ["done", "done"]


async def test_what_was_retitled_and_then_went_is_told_as_the_person_saw_it(core: Core) -> None:
    seat = await core.sit()
    seen = (await seat.ask("command:run", text="add priority Seen"))["seq"]
    await run(seat, "update P1 Never seen")
    await run(seat, "drop P1")
    error = await seat.refused("command:run", text="approve P1", seen=seen)
    assert (error["details"]["then"], error["details"]["now"]) == ("Seen", None)

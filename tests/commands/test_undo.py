"""Undo puts back exactly what was there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.commands.board import ADA, BOB, HOUR_S, changes, core_on, held, picture, ran, typed, undo_refused
from tests.commands.lines import DONE
from tests.core.seats import DAY_S, Core, Seat, collector

Json = Any

NO_REDO = "You have nothing to redo: `redo` works right after `undo`."
CHANGING = [line for line, outcome in DONE if not outcome.startswith("nothing")]


async def redo_refused(seat: Seat) -> tuple[str, str]:
    """Code and message of a `redo` that is refused; it changes nothing."""
    before = await held(seat)
    error = await seat.refused("command:run", text="redo")
    assert await held(seat) == before
    return error["code"], error["message"]


@pytest.mark.parametrize("line", CHANGING, ids=lambda line: ascii(line[:50]))
async def test_the_undo_of_a_line_restores_everything_and_its_own_undo_redoes_it(
    core: Core, ada: Seat, line: str
) -> None:
    before = await picture(ada)
    handle = (await ada.done("command:run", text=line))["undo"]
    after = await picture(ada)
    for expected in (before, after, before, after):
        handle = (await ada.done("command:undo", of=handle))["undo"]
        assert await picture(ada) == expected
        assert ada.replica.held == await held(ada)
    await ran(ada, "undo")
    assert await picture(ada) == before


async def test_an_undo_brings_back_an_event_with_all_that_its_calendar_said(core: Core, ada: Seat) -> None:
    said = {"status": "tentative", "answer": "accepted", "join_url": "https://meet.example.org/x"}
    event = {"id": "m9", "title": "Budget", "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z"}
    source = await core.sit(who=collector("ics:other"))
    code = (await source.done("calendar:put", items=[event | said]))["codes"]["m9"]
    before = await picture(ada)
    await ran(ada, f"drop {code}")
    await ran(ada, "undo")
    assert await picture(ada) == before


async def test_an_undo_tells_the_items_that_it_brought_back_and_its_cause(core: Core, ada: Seat) -> None:
    data = await ran(ada, "approve P1 | drop M1 C2", op="line-7")
    assert data["undo"] == "line-7"
    done = await ada.done("command:undo", of="line-7", op="line-8")
    assert done["undo"] == "line-8"
    [step] = done["steps"]
    assert (step["command"], step["status"]) == ("undo", "done")
    assert sorted(item["code"] for item in step["data"]["items"]) == ["C2", "M1", "P1"]
    cause = ada.received("state:patch")[-1]["cause"]
    assert cause == {"actor": "ada", "command": "undo: approve P1 | drop M1 C2", "op": "line-8"}
    await ada.done("command:undo", of="line-8")
    assert ada.received("state:patch")[-1]["cause"]["command"] == "redo: approve P1 | drop M1 C2"


async def test_a_source_counts_again_what_an_undo_brought_back(core: Core, ada: Seat) -> None:
    await ran(ada, "drop C2 P7")
    for _ in range(2):
        assert (await ada.item("sources", "ics:work"))["items"] == 0
        undone = await ran(ada, "undo")
        assert (await ada.item("sources", "ics:work"))["items"] == 1
        assert (await ada.item("sources", "mail:home"))["items"] == 1
        await ada.done("command:undo", of=undone["undo"])
    ics = await core.sit(who=collector("ics:work"))
    await ran(ada, "undo")
    given = {"id": "teeth", "title": "Dentist", "start": "2026-11-24T09:00:00Z"}
    put = await ics.done("calendar:put", items=[given], mode="replace")
    assert (put["added"], put["unchanged"], put["codes"]) == (0, 1, {"teeth": "C2"})


async def test_plain_undo_walks_back_through_ones_own_lines(core: Core, ada: Seat) -> None:
    bob = await core.sit(who=BOB)
    boards = [await picture(ada)]
    for line in ("approve P1", "update P1 Budget of Q3", "drop P1", "add owe x", "reopen P3 | drop C2"):
        await ran(ada, line)
        boards.append(await picture(ada))
    await ran(bob, "approve M2")
    for board in reversed(boards[:-1]):
        await ran(ada, "undo")
        left = await picture(ada)
        assert left["commitments"].pop("refund")["status"] == "completed"
        board["commitments"].pop("refund")
        assert left == board
    assert await undo_refused(ada) == ("invalid_state", "You have nothing to undo.")
    await ran(bob, "undo")
    assert (await ada.item("commitments", "refund"))["status"] == "pending"


async def test_what_only_told_or_was_refused_or_dry_is_no_line_to_undo(core: Core, ada: Seat) -> None:
    await ran(ada, "approve P1")
    for line in ("help", "status", "approve P3"):
        assert "undo" not in await ran(ada, line, op=line)
        assert (await undo_refused(ada, line))[0] == "not_found"
    await ada.refused("command:run", text="approve P8", op="refused")
    await ada.done("command:run", text="approve P2", op="dry", dry=True)
    for handle in ("refused", "dry"):
        assert (await undo_refused(ada, handle))[0] == "not_found"
    await ran(ada, "undo")
    assert (await ada.item("priorities", "budget"))["status"] == "open"


async def test_a_plain_undo_after_a_redo_takes_the_redo_back(core: Core, ada: Seat) -> None:
    before = await picture(ada)
    await ran(ada, "approve P1")
    undone = await ran(ada, "undo")
    await ada.done("command:undo", of=undone["undo"])
    await ran(ada, "undo")
    assert await picture(ada) == before
    assert (await undo_refused(ada))[0] == "invalid_state"


async def test_redo_walks_forward_through_what_undo_took_back(core: Core, ada: Seat) -> None:
    bob = await core.sit(who=BOB)
    boards = [await picture(ada)]
    for line in ("approve P1", "update P2 Call Ben", "drop C2"):
        await ran(ada, line)
        boards.append(await picture(ada))
    for _ in range(3):
        await ran(ada, "undo")
    for number, board in enumerate(boards[1:]):
        if number == 1:  # neither a question nor somebody else's line ends it
            await ran(ada, "status")
            await ran(bob, "approve M2")
            await ran(bob, "undo")
        data = await ran(ada, "redo")
        assert data["undo"]
        assert await picture(ada) == board
    assert await redo_refused(ada) == ("invalid_state", NO_REDO)
    assert ada.received("state:patch")[-1]["cause"]["command"] == "redo: drop C2"
    for board in reversed(boards[:-1]):
        await ran(ada, "undo")
        assert await picture(ada) == board
    await ran(ada, "redo")
    await ran(ada, "approve M1")
    assert await redo_refused(ada) == ("invalid_state", NO_REDO)


async def test_a_redo_is_one_step_of_a_line_and_does_not_see_an_undo_in_it(ada: Seat) -> None:
    await ran(ada, "approve P1")
    data = await ada.done("command:run", text="undo | redo")
    assert [step["status"] for step in data["steps"]] == ["done", "failed"]
    assert (await ran(ada, "redo"))["steps"][0]["data"]["line"] == "approve P1"
    await ran(ada, "undo")
    dry = await ada.done("command:run", text="redo", dry=True)
    assert [step["status"] for step in dry["steps"]] == ["planned"]
    assert (await ada.item("priorities", "budget"))["status"] == "open"


async def test_a_redo_is_refused_when_somebody_touched_the_item_since(core: Core, ada: Seat) -> None:
    await ran(ada, "approve P1")
    await ran(ada, "undo")
    await ran(await core.sit(who=BOB), "update P1 Budget of Q3")
    code, message = await redo_refused(ada)
    assert code == "conflict"
    assert "has since been changed by bob" in message


async def test_what_is_undone_cannot_be_undone_again(core: Core, ada: Seat) -> None:
    handle = (await ran(ada, "approve P1"))["undo"]
    undone = (await ran(ada, "undo"))["undo"]
    assert await undo_refused(ada, handle) == ("invalid_state", "“approve P1” was already undone.")
    await ada.done("command:undo", of=undone)
    assert (await undo_refused(ada, undone))[0] == "invalid_state"


async def test_a_line_is_its_persons_alone(core: Core, ada: Seat) -> None:
    handle = (await ran(ada, "approve P1"))["undo"]
    others = (BOB, replace(ADA, key="token:x"), replace(ADA, key="source:ics:work", source="ics:work"))
    for who in others:
        seat = await core.sit(who=who)
        assert (await undo_refused(seat, handle))[0] == "not_found"
        assert (await undo_refused(seat))[0] == "invalid_state"
    again = await core.sit(who=ADA)
    await again.done("command:undo", of=handle)


async def test_undo_works_over_a_restart(built: Path, tmp_path: Path) -> None:
    core = core_on(built, tmp_path / "data")
    async with core:
        seat = await core.sit()
        boards = [await picture(seat)]
        handles = []
        for line in ("approve P1 | drop C2", "add priority Milk", "update P7 x"):
            handles.append((await ran(seat, line))["undo"])
            boards.append(await picture(seat))
    async with core:
        seat = await core.sit()
        await ran(seat, "undo")
        assert await picture(seat) == boards[2]
    async with core:
        seat = await core.sit()
        assert (await undo_refused(seat, handles[2]))[0] == "invalid_state"
        redo = (await seat.done("command:undo", of=handles[1]))["undo"]
        assert await picture(seat) == boards[1]
    async with core:
        seat = await core.sit()
        await seat.done("command:undo", of=handles[0])
        await seat.done("command:undo", of=redo)
        assert (await seat.item("priorities", "budget"))["status"] == "open"
        assert [item["code"] for item in (await seat.state())["priorities"] if item["title"] == "Milk"] == [
            "P8"
        ]
        await ran(await core.sit(who=BOB), "drop P8")
        assert (await undo_refused(seat))[0] == "conflict"
    async with core:
        await ran(await core.sit(), "approve P1 | update C2 Dentist, 2nd floor")


async def test_a_line_is_kept_for_a_day(core: Core, ada: Seat) -> None:
    first = (await ran(ada, "approve P1"))["undo"]
    core.clock.now_s += HOUR_S
    second = (await ran(ada, "approve P2"))["undo"]
    core.clock.now_s += DAY_S - HOUR_S
    await core.tidy()
    core.clock.now_s += 1
    await core.tidy()
    code, message = await undo_refused(ada, first)
    assert (code, "kept for a day" in message) == ("not_found", True)
    await ran(ada, "undo")
    assert (await undo_refused(ada, second))[0] == "invalid_state"
    assert (await undo_refused(ada))[0] == "invalid_state"
    assert (await ada.item("priorities", "budget"))["status"] == "done"


async def test_what_the_log_does_not_tell_any_more_cannot_be_undone(built: Path, tmp_path: Path) -> None:
    folder = core_on(built, tmp_path / "data").folder
    async with Core(folder, keep_changes=2, keep_s=0) as core:
        seat = await core.sit()
        handle = (await ran(seat, "approve P1"))["undo"]
        for number in range(3):
            await ran(seat, f"add owe {number}")
        core.clock.now_s += 1
        await core.tidy()
        code, message = await undo_refused(seat, handle)
        assert (code, "too long ago" in message) == ("invalid_state", True)
        await ran(seat, "undo")
        await ran(seat, "undo")


async def test_a_code_that_is_another_items_by_now_is_not_taken_back(core: Core, ada: Seat) -> None:
    handle = (await ran(ada, "drop P1"))["undo"]
    core.clock.now_s += DAY_S
    await ran(ada, "add priority Milk")
    milk = next(item for item in (await ada.state())["priorities"] if item["title"] == "Milk")
    assert milk["code"] == "P1"
    await ada.done("command:undo", of=handle)
    assert (await ada.item("priorities", "budget"))["code"] == "P5"
    assert (await ada.item("priorities", milk["id"]))["code"] == "P1"


# (lines and undos sent all at once, `of l2` is the undo of the second; what they come to).
BREATHS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("approve P1", "undo"), "nothing"),
    (("approve P1", "drop P1", "undo"), "P1 done"),
    (("approve P1", "drop P1", "undo", "undo"), "nothing"),
    (("add priority x", "drop C2", "undo", "undo"), "nothing"),
    (("add priority x", "undo", "add priority y"), "+P9 y"),
    (("drop P1", "undo", "approve P1"), "P1 done"),
    (("approve P1", "undo", "of l2"), "P1 done"),
    (("approve P1", "undo", "of l2", "undo"), "nothing"),
    (("approve P1", "approve P2", "of l1", "of l2"), "nothing"),
    (("drop P7 C2", "undo", "drop P7", "undo | drop C2"), "-C2; ics:work has 0"),
)


@pytest.mark.parametrize(("lines", "outcome"), BREATHS)
@pytest.mark.parametrize("at_once", [True, False])
async def test_lines_and_undos_in_one_breath_come_to_what_they_come_to_one_by_one(
    built: Path, tmp_path: Path, lines: tuple[str, ...], outcome: str, at_once: bool
) -> None:
    async with core_on(built, tmp_path / "data") as core:
        seat = await core.sit("state")
        before = await held(seat)
        seq = core.state.seq
        sent = [_request(line, f"l{number}") for number, line in enumerate(lines, 1)]
        acks = await seat.pipeline(sent) if at_once else [await seat.ask(name, **what) for name, what in sent]
        assert all(ack["ok"] for ack in acks), acks
        assert [ack["seq"] for ack in acks] == list(range(seq + 1, seq + 1 + len(lines)))
        assert changes(before, await held(seat)) == outcome
        assert seat.replica.held == await held(seat)


def _request(line: str, op: str) -> tuple[str, Json]:
    if line.startswith("of "):
        return "command:undo", {"of": line.removeprefix("of "), "op": op}
    return "command:run", {"text": line, "op": op}


# (the lines before, a line with `undo` in it, what they come to together).
MIXED: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("approve P1",), "undo | approve P2", "P2 done"),
    (("approve P1",), "approve P2 | undo", "P2 done"),
    (("drop P1",), "undo | add priority x", "+P8 x"),
    (
        ("approve P1",),
        "approve P2 | undo | snooze P3 2h | drop M1",
        "P2 done / done, done, failed: invalid_state, skipped",
    ),
    (("approve P1", "drop C2"), "undo | undo", "nothing"),
    (("approve P1", "drop P1"), "undo | undo", "nothing"),
    (("drop C2", "drop P7"), "undo | undo | approve P2", "P2 done"),
    (("approve P1",), "undo | undo", "nothing / done, failed: invalid_state"),
    (("approve P1", "reopen P3"), "undo | undo | undo", "nothing / done, done, failed: invalid_state"),
    # An undo never goes over what a step before it did.
    (("approve P1",), "update P1 x | undo", "P1 = x; P1 done / done, failed: conflict"),
    (("approve P1",), "drop P1 | undo", "-P1 / done, failed: conflict"),
    (("approve P1",), "approve P1 | undo", "nothing"),
)


@pytest.mark.parametrize(("lines", "line", "outcome"), MIXED)
async def test_undo_is_a_step_among_others(
    core: Core, ada: Seat, lines: tuple[str, ...], line: str, outcome: str
) -> None:
    before = await held(ada)
    for each in lines:
        await ran(ada, each)
    between, seq = await picture(ada), core.state.seq
    data = (await typed(ada, line))["data"]
    steps = [
        step["status"] + (f": {step['error']['code']}" if "error" in step else "") for step in data["steps"]
    ]
    told = "" if set(steps) == {"done"} else f" / {', '.join(steps)}"
    assert changes(before, await held(ada)) + told == outcome
    assert core.state.seq == seq + 1
    await ada.done("command:undo", of=data["undo"])
    assert await picture(ada) == between


async def test_two_undos_in_a_line_count_as_two(core: Core, ada: Seat) -> None:
    for line in ("approve P1", "approve P2", "drop C2"):
        await ran(ada, line)
    await ran(ada, "undo | undo")
    await ran(ada, "undo")
    assert (await undo_refused(ada))[0] == "invalid_state"


async def test_an_undo_is_done_once_for_its_op(core: Core, ada: Seat) -> None:
    handle = (await ran(ada, "approve P1"))["undo"]
    first = await ada.ask("command:undo", of=handle, op="u")
    assert await ada.ask("command:undo", of=handle, op="u") == first | {"replay": True}
    assert (await ada.refused("command:undo", of="u", op="u"))["code"] == "conflict"


async def test_a_dry_undo_tells_what_would_come_back_and_does_nothing(core: Core, ada: Seat) -> None:
    await ran(ada, "drop P1 C2")
    before = await held(ada)
    [step] = (await ada.done("command:run", text="undo", dry=True))["steps"]
    assert (step["status"], {item["title"] for item in step["data"]["items"]}) == (
        "planned",
        {"Budget review", "Dentist"},
    )
    assert await held(ada) == before


async def test_fifty_steps_are_undone_at_once(core: Core, ada: Seat) -> None:
    before = await picture(ada)
    await ran(ada, " | ".join(f"add priority number {number}" for number in range(50)))
    seq = core.state.seq
    await ran(ada, "undo")
    assert (await picture(ada), core.state.seq) == (before, seq + 1)


@pytest.mark.parametrize("of", ["@9999", "", " ", "x" * 64, "'; DROP TABLE runs; --", "@1", "%"])
async def test_a_handle_that_nobody_gave_is_not_found(core: Core, ada: Seat, of: str) -> None:
    await ran(ada, "approve P1")
    assert (await undo_refused(ada, of))[0] == ("not_found" if of else "bad_request")


async def test_an_op_that_looks_like_a_made_up_handle_takes_no_other_lines_place(
    core: Core, ada: Seat
) -> None:
    seq = core.state.seq
    mine = (await ran(ada, "approve P1", op=f"@{seq + 2}"))["undo"]
    made_up = (await ran(ada, "approve P2"))["undo"]
    assert len({mine, made_up}) == 2
    await ada.done("command:undo", of=mine)
    assert (await ada.item("priorities", "ana"))["status"] == "done"
    await ada.done("command:undo", of=made_up)
    assert (await ada.item("priorities", "ana"))["status"] == "open"

"""Plan, then do (commands/steps, registry/preview): a line is one commit or nothing, once, by who may."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from sio_server.registry.roles import Principal, Role
from tests.commands.board import ADA, BOB, changes, core_on, held, person, place_of, ran, typed
from tests.core.seats import Core, Seat, collector

Json = Any

MANY = "approve P1, M1 | reopen P3 | update C1 Board lunch | drop P2 C2 | add owe Call Ben"
MANY_DONE = "+M4 owe Call Ben; -C2; -P2; C1 = Board lunch; M1 completed; P1 done; P3 open; ics:work has 0"


async def test_a_line_of_many_steps_is_one_commit_one_seq_one_patch(core: Core, ada: Seat) -> None:
    before, seq = await held(ada), core.state.seq
    assert (await typed(ada, MANY))["seq"] == seq + 1 == core.state.seq
    assert changes(before, await held(ada)) == MANY_DONE
    [patch] = ada.received("state:patch")
    assert (patch["prev"], patch["seq"]) == (seq, seq + 1)
    named = [(change["section"], change["id"]) for change in patch["changes"]]
    assert len(set(named)) == len(named) == 8
    assert ada.replica.held == await held(ada)


async def test_a_room_gets_only_its_own_part_of_a_line(core: Core, ada: Seat) -> None:
    wall = await core.sit("calendar")
    await ran(ada, MANY)
    [patch] = wall.received("calendar:patch")
    assert {change["section"] for change in patch["changes"]} == {"calendar"}
    assert patch["cause"]["command"] == MANY
    assert not wall.received("state:patch")


FAULTS = (
    "aprove P1",
    "approve P8",
    "approve P5",
    "approve C1",
    "snooze P1 25:00",
    'update P1 "x',
    "approve",
    "",
)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("steps_before", [1, 5, 49])
async def test_a_fault_in_the_last_of_many_steps_does_nothing(
    core: Core, ada: Seat, fault: str, steps_before: int
) -> None:
    line = " | ".join([*islice(cycle(MANY.split(" | ")), steps_before), ""])
    before, seq = await held(ada), core.state.seq
    error = await ada.refused("command:run", text=line + fault)
    place = place_of(error)
    assert place is not None
    assert place[0] >= len(line) - 1
    assert (await held(ada), core.state.seq) == (before, seq)


async def test_of_several_faults_the_first_is_told(ada: Seat) -> None:
    line = "approve P1 | approve P8 | approve P5"
    assert place_of(await ada.refused("command:run", text=line)) == (21, 23)


async def test_later_steps_see_what_earlier_ones_did(core: Core, ada: Seat) -> None:
    await ran(ada, "reopen P3 | snooze P3 2h | update P3 Pay rent and gas")
    item = await ada.item("priorities", "rent")
    assert (item["status"], item["title"], item["rev"]) == ("snoozed", "Pay rent and gas", 3)


async def test_a_step_about_what_an_earlier_one_removed_fails(core: Core, ada: Seat) -> None:
    data = await ada.done("command:run", text="drop P1 | approve P2 P1 | approve M1")
    assert [step["status"] for step in data["steps"]] == ["done", "failed", "skipped"]
    error = data["steps"][1]["error"]
    assert (error["code"], "P1 was removed" in error["message"]) == ("invalid_state", True)
    assert (await ada.item("priorities", "ana"))["status"] == "open"


async def test_a_code_of_a_line_means_the_item_that_had_it_before_the_line(core: Core, ada: Seat) -> None:
    """What a step adds has no code yet for the steps after it."""
    error = await ada.refused("command:run", text="add priority Milk | approve P8")
    assert error["code"] == "not_found"


READING = ("help", "status", "help approve | status")
WRITING = (
    "approve P1",
    "reopen P3",
    "snooze P1 2h",
    "drop P1",
    "update P1 x",
    "add owe x",
    "undo",
    "brief",
    "refresh",
)
SEARCHING = "search budget"


async def test_who_only_reads_may_ask_for_help_status_and_records(core: Core) -> None:
    seat = await core.sit(who=person("eve", Role.VIEWER))
    before, seq = await held(seat), core.state.seq
    for line in READING:
        await ran(seat, line)
    assert (await seat.refused("command:run", text=SEARCHING))["code"] == "storage_unavailable"
    for line in WRITING:
        for text, start in ((line, 0), (f"status | {line}", 9)):
            error = await seat.refused("command:run", text=text)
            assert (error["code"], place_of(error)) == ("forbidden", (start, start + len(line)))
            assert Role.VIEWER in error["message"]
    assert (await seat.refused("command:undo", of="@1"))["code"] == "forbidden"
    assert (await held(seat), core.state.seq) == (before, seq)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
async def test_who_edits_may_do_all(core: Core, role: Role) -> None:
    seat = await core.sit(who=person("eve", role))
    for line in ("approve P1", "undo", "add owe x", "drop P1 | status"):
        await ran(seat, line)


async def test_what_an_admin_types_at_a_collectors_connection_is_the_persons_own(core: Core) -> None:
    admin = Principal("source:ics:work", "ics:work", Role.ADMIN, "ics:work")
    seat = await core.sit("state", who=admin)
    before = await held(seat)
    await ran(seat, "add priority Milk | approve P7 | update C2 Dentist, 2nd floor | drop C1")
    assert changes(before, await held(seat)) == "+P8 Milk; -C1; C2 = Dentist, 2nd floor; P7 done"
    assert (await seat.item("calendar", "ics:work/teeth"))["held"] == ["title"]
    await ran(seat, "undo")
    assert changes(before, await held(seat)) == "nothing"


@pytest.mark.parametrize("line", ["approve P1 |  done  M1 ", "  DROP p1,  C2", 'add owe "A | B"'])
async def test_the_cause_of_a_patch_is_the_line_as_it_was_typed(core: Core, ada: Seat, line: str) -> None:
    await ran(ada, line, op="op-1")
    [patch] = ada.received("state:patch")
    assert patch["cause"] == {"actor": "ada", "command": line.strip(), "op": "op-1"}


async def test_the_same_op_again_has_one_effect_and_gets_the_same_ack(built: Path, tmp_path: Path) -> None:
    core = core_on(built, tmp_path / "data")
    async with core:
        seat = await core.sit()
        first = await typed(seat, "add owe x | snooze P3 2h | approve P1", op="o")
        seq = core.state.seq
        again = await typed(seat, "add owe x | snooze P3 2h | approve P1", op="o")
        assert again == first | {"replay": True}
    async with core:
        seat = await core.sit()
        assert await typed(seat, "add owe x | snooze P3 2h | approve P1", op="o") == again
        assert core.state.seq == seq
        for payload in (
            {"text": "add owe y"},
            {"text": "add owe x | snooze P3 2h | approve P1", "dry": True},
        ):
            assert (await seat.refused("command:run", op="o", **payload))["code"] == "conflict"
        assert (await seat.refused("command:undo", of="o", op="o"))["code"] == "conflict"
        assert core.state.seq == seq


async def test_the_same_op_twice_in_one_breath_is_done_once(core: Core, ada: Seat) -> None:
    acks = await ada.pipeline([("command:run", {"text": "add owe x", "op": "o"})] * 3)
    assert acks[1:] == [acks[0] | {"replay": True}] * 2
    assert len((await ada.state())["commitments"]["owe"]) == 3


async def test_a_line_that_changes_nothing_is_remembered_too(core: Core, ada: Seat) -> None:
    first = await typed(ada, "approve P3", op="o")
    await ran(ada, "reopen P3")
    assert await typed(ada, "approve P3", op="o") == first | {"replay": True}
    assert (await ada.item("priorities", "rent"))["status"] == "open"


REFUSALS = (
    "approve P8",
    "approve P5",
    "xyzzy",
    "snooze P3 2h",
    "search x",
    "undo",
    "",
    "snooze P1 0m",
    "help xyzzy",
)


async def test_a_refused_line_leaves_its_op_free(core: Core, ada: Seat) -> None:
    for line in REFUSALS:
        await ada.refused("command:run", text=line, op="o")
    data = await ran(ada, "approve P1", op="o")
    assert data["undo"] == "o"


async def test_lines_of_one_breath_are_done_in_their_order(core: Core, ada: Seat) -> None:
    lines = ("reopen P3", "snooze P3 2h", "approve P3", "snooze P3 2h", "reopen P3", "drop P3", "reopen P3")
    acks = await ada.pipeline([("command:run", {"text": line}) for line in lines])
    assert [ack["ok"] or ack["error"]["code"] for ack in acks] == [
        *(True, True, True, "invalid_state", True, True, "stale_target")
    ]


async def test_lines_from_two_people_at_once_are_each_one_commit(core: Core) -> None:
    seats = [await core.sit("state", who=who) for who in (ADA, BOB)]
    sent: list[tuple[Seat, int]] = []
    seq = core.state.seq
    for number in range(20):
        for seat in seats:
            text = f"add priority {seat.client.principal.actor} {number} | add owe {number}"
            sent.append((seat, seat.send("command:run", {"text": text})))
    acks = [await seat.ack(id) for seat, id in sent]
    assert [ack["seq"] for ack in acks] == list(range(seq + 1, seq + 41))
    assert seats[0].replica.held == await held(seats[0])
    codes = [item["code"] for item in (await seats[0].state())["priorities"]]
    assert len(set(codes)) == len(codes) == 46


async def test_a_collector_feeds_on_as_before_beside_lines(core: Core, ada: Seat) -> None:
    """A person's word on a source's item stays; the source's word on the rest goes on."""
    await ran(ada, "update P7 Book a train | approve P7")
    mail = await core.sit(who=collector("mail:home"))
    given = {"id": "flights", "title": "Book flights", "urgency": "high"}
    await mail.done("priorities:put", items=[given])
    item = await ada.item("priorities", "mail:home/flights")
    assert (item["title"], item["status"], item["urgency"]) == ("Book a train", "done", "high")


async def test_what_only_reads_or_is_dry_keeps_no_op(core: Core, ada: Seat) -> None:
    for text, dry in (("help | status", False), ("approve P1", True)):
        first = await ada.ask("command:run", text=text, dry=dry, op="again")
        second = await ada.ask("command:run", text=text, dry=dry, op="again")
        assert first["ok"]
        assert second == first
    assert (await ada.ask("command:run", text="approve P1", op="again"))["ok"]
    assert (await ada.ask("command:run", text="approve P1", op="again"))["replay"]


async def test_a_snooze_says_until_when_and_an_undo_which_line(ada: Seat) -> None:
    done = await ada.done("command:run", text="snooze P1 2h")
    assert done["steps"][0]["data"]["until"] == (await ada.item("priorities", "budget"))["snoozed_until"]
    undone = await ada.done("command:run", text="undo")
    assert undone["steps"][0]["data"]["line"] == "snooze P1 2h"

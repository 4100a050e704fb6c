"""The rule of a large put runs before its turn: nobody waits for it, and it counts only if it still holds."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sio_server.hub.batch import LARGE
from sio_server.log.base import LogError
from tests.core.seats import Core, collector
from tests.core.speculating import MANY, WORK, SpeculationThread, items, put
from tests.replica import as_held, canonical

Json = Any


async def test_a_small_put_runs_in_its_turn_and_a_large_one_early_and_once(
    core: Core, runs: list[str]
) -> None:
    work, wall = await core.sit(who=WORK), await core.sit("state")
    await put(work, items(LARGE))
    assert (await put(work, items(MANY, "!")))["changed"] == LARGE
    assert runs == ["store", "speculation"]
    assert core.state.seq == 2
    wall.read()
    assert canonical(wall.replica.held) == canonical(as_held(await wall.state()))


async def test_others_do_not_wait_for_it_and_the_same_client_does(
    core: Core, speculation: SpeculationThread
) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    large = work.send("priorities:put", {"items": items()})
    next_one = work.send("priorities:drop", {"ids": ["i0"]})
    await person.done("priorities:put", items=[{"id": "mine", "title": "Mine"}])
    assert work.acks == {}
    speculation.open()
    assert (await work.ack(large))["data"]["added"] == MANY
    assert (await work.ack(next_one))["data"]["removed"] == 1


async def test_what_a_person_decides_meanwhile_holds(
    core: Core, speculation: SpeculationThread, runs: list[str]
) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, items(2))
    large = work.send("priorities:put", {"items": items(MANY, "!"), "mode": "replace"})
    await speculation.asked()
    await person.done("priorities:edit", id="ics:work/i0", set={"title": "Mine"})
    speculation.open()
    assert (await work.ack(large))["ok"]
    assert runs == ["store", "speculation", "store"]
    assert (await person.item("priorities", "ics:work/i0"))["title"] == "Mine"
    assert (await person.item("priorities", "ics:work/i1"))["title"] == "text 1!"


async def test_what_is_new_meanwhile_is_seen_by_a_replace(
    core: Core, speculation: SpeculationThread, runs: list[str]
) -> None:
    work, other = await core.sit(who=WORK), await core.sit(who=WORK)
    large = work.send("priorities:put", {"items": items(), "mode": "replace"})
    await speculation.asked()
    await other.done("priorities:put", items=[{"id": "ghost", "title": "Ghost"}])
    speculation.open()
    data = (await work.ack(large))["data"]
    assert (data["added"], data["removed"]) == (MANY, 1)
    assert runs[-1] == "store"


async def test_what_it_did_not_read_may_change(
    core: Core, speculation: SpeculationThread, runs: list[str]
) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    large = work.send("priorities:put", {"items": items(), "mode": "replace"})
    await speculation.asked()
    await person.done("calendar:put", items=[{"id": "e", "title": "Walk", "start": "2026-11-23"}])
    speculation.open()
    assert (await work.ack(large))["seq"] == core.state.seq
    assert runs == ["speculation"]


async def test_a_refusal_comes_in_its_turn(core: Core, runs: list[str]) -> None:
    work = await core.sit(who=WORK)
    await put(work, items(1), run=2)
    assert (await work.refused("priorities:put", items=items(), run=1))["code"] == "source_fenced"
    assert runs == ["store", "speculation", "store"]


async def test_it_is_not_lost_when_it_cannot_be_written(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    work = await core.sit(who=WORK)

    def full(*arguments: Any) -> None:
        raise LogError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(core.log, "append", full)
        assert (await work.refused("priorities:put", items=items(), op="o"))["code"] == "storage_unavailable"
    assert (await put(work, items(), op="o"))["added"] == MANY
    assert (await work.ask("priorities:put", items=items(), mode="replace", op="o"))["replay"]


async def test_replaces_of_several_sources_at_once_run_once_each(core: Core, runs: list[str]) -> None:
    seats = [await core.sit(who=collector(f"source:{number}")) for number in range(4)]
    sent = [seat.send("priorities:put", {"items": items(), "mode": "replace"}) for seat in seats]
    for seat, id in zip(seats, sent, strict=True):
        assert (await seat.ack(id))["data"]["added"] == MANY
    assert runs == ["speculation"] * 4


async def test_who_comes_while_a_huge_patch_goes_out_has_it_once(core: Core) -> None:
    work = await core.sit(who=WORK)
    seats = [await core.sit("state"), await core.sit("priorities")]
    given = [{"id": f"i{number}", "title": "long " * 400} for number in range(2 * LARGE)]
    first, second = ({"batch": "b", "number": number, "last": number == 2} for number in (1, 2))
    await work.done("priorities:put", items=given[:LARGE], part=first)
    last = work.send("priorities:put", {"items": given[LARGE:], "part": second})
    while last not in work.acks:
        if core.hub.applying.sending:
            seats.append(await core.sit("state"))
        await asyncio.sleep(0)
        work.read()
    assert len(seats) > 2
    for seat in seats:
        assert [patch["seq"] for patch in seat.received("state:patch")] == ([1] if seat is seats[0] else [])
    assert canonical(seats[-1].replica.held) == canonical(seats[0].replica.held)


async def test_a_large_commit_is_read_back_as_it_was_sent(core: Core) -> None:
    work = await core.sit(who=WORK)
    await put(work, items(2_500))
    await put(work, items(2_500, "!"))
    found = core.log.read(0, core.state.seq, 100 << 20)
    assert found is not None
    assert [commit.patch("e", "state") for commit in found] == [
        commit.patch("e", "state") for commit in core.commits
    ]
    before = canonical(as_held(await work.state()))
    await core.close()
    await core.open()
    assert canonical(as_held(await (await core.sit()).state())) == before

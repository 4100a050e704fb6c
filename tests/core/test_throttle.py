"""A client that wants few patches a second holds at last what one holds that gets them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sio_server.clients import client as client_module
from sio_server.delivery import sync as sync_module
from tests.core.seats import Core, Seat
from tests.examples import examples
from tests.replica import SECTIONS, as_held, canonical
from tests.running import until

Json = Any

SELDOM = 0.1
"""One patch, and then no other for ten seconds, unless an ack hurries it."""

EVENT = {"id": "e", "title": "Walk", "start": "2026-11-23T09:00:00Z"}


async def put(seat: Seat, id: str, section: str = "priorities", **fields: Json) -> int:
    """One more commit; its seq."""
    ack = await seat.ask(f"{section}:put", items=[{"id": id, "title": id, **fields}])
    assert ack["ok"], ack
    return int(ack["seq"])


async def hurried(seat: Seat) -> Json:
    """The newest patch, after a question that brings it."""
    await seat.done("brief:get")
    return seat.received("state:patch")[-1]


async def test_the_first_patch_comes_at_once_and_the_rest_as_one(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit("state", hz=SELDOM)
    for id in "abc":
        await put(feeder, id)
    assert [patch["seq"] for patch in seat.received("state:patch")] == [1]
    merged = await hurried(seat)
    assert (merged["prev"], merged["seq"], len(merged["changes"])) == (1, 3, 2)
    assert len(seat.received("state:patch")) == 2
    assert canonical(seat.replica.held) == canonical(as_held(await feeder.state()))


async def test_what_waits_comes_by_itself_when_it_is_time(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit("state", hz=50)
    for number in range(20):
        await put(feeder, "a", note=str(number))
    await until(lambda: seat.received("state:patch")[-1]["seq"] == 20, "the last patch")
    assert canonical(seat.replica.held) == canonical(as_held(await feeder.state()))


async def test_an_item_that_changed_twice_is_sent_once_as_it_is_now(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit("state", hz=SELDOM)
    await put(feeder, "a")
    await put(feeder, "a", description="one")
    await put(feeder, "b")
    await put(feeder, "a", description="two")
    merged = await hurried(seat)
    assert [change["id"] for change in merged["changes"]] == ["a", "b"]
    assert merged["changes"][0]["put"] == await feeder.item("priorities", "a")
    assert merged["cause"]["command"] == "priorities:put"


async def test_an_item_that_went_is_gone_and_one_that_came_and_went_is_not_mentioned(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit("state", hz=SELDOM)
    await put(feeder, "old")
    await put(feeder, "new")
    await put(feeder, "old", description="changed")
    await feeder.done("priorities:drop", ids=["old", "new"])
    merged = await hurried(seat)
    assert [(change["id"], change.get("gone")) for change in merged["changes"]] == [("old", True)]
    await put(feeder, "brief")
    await feeder.done("priorities:drop", ids=["brief"])
    merged = await hurried(seat)
    assert (merged["prev"], merged["seq"], merged["changes"]) == (4, 6, [])


async def test_an_item_that_went_and_came_again_is_sent_whole(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit("state", hz=SELDOM)
    await put(feeder, "a", description="before")
    await feeder.done("priorities:drop", ids=["a"])
    await put(feeder, "a")
    (change,) = (await hurried(seat))["changes"]
    assert change["put"] == await feeder.item("priorities", "a")
    assert canonical(seat.replica.held) == canonical(as_held(await feeder.state()))


async def test_a_code_that_is_freed_and_given_on_meanwhile_ends_with_its_new_holder(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit("state", hz=SELDOM)
    await put(feeder, "a")
    await feeder.done("priorities:drop", ids=["a"])
    core.clock.now_s += 25 * 3600
    await core.tidy()
    await put(feeder, "b")
    assert (await feeder.item("priorities", "b"))["code"] == "P1"
    merged = await hurried(seat)
    assert [(change["id"], change["code"]) for change in merged["changes"]] == [("a", "P1"), ("b", "P1")]
    assert canonical(seat.replica.held) == canonical(as_held(await feeder.state()))


async def test_a_commit_that_touches_two_rooms_reaches_both_once(core: Core) -> None:
    """Both patches of the first commit are sent at once: neither is sent again with the next."""
    feeder = await core.sit()
    seat = await core.sit("priorities", "commitments", hz=SELDOM)
    for number in range(3):
        line = f"add priority first {number} | add owe second {number}"
        before = core.state.seq
        await feeder.done("command:run", text=line)
        assert core.state.seq == before + 1
    await seat.done("brief:get")
    for room in ("priorities", "commitments"):
        patches = seat.received(f"{room}:patch")
        seqs = [patch["seq"] for patch in patches]
        assert [patch["prev"] for patch in patches] == [0, *seqs[:-1]]
        assert seqs == [1, 3]
    fresh = as_held(await feeder.state())
    rooms = ("priorities", "commitments")
    assert canonical(seat.replica.held, rooms) == canonical(fresh, rooms)


async def test_rooms_that_are_joined_while_patches_wait_begin_with_their_sync(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit("priorities", hz=SELDOM)
    for id in "abc":
        await put(feeder, id)
    await put(feeder, "e", "calendar", start="2026-11-23")
    data = await seat.done("state:subscribe", rooms=["calendar"])
    assert seat.received("calendar:patch") == []
    assert [patch["seq"] for patch in seat.received("priorities:patch")] == [1, 3]
    seat.replica.sync(data["sync"])
    await put(feeder, "f", "calendar", start="2026-11-23")
    await seat.done("brief:get")
    assert [patch["prev"] for patch in seat.received("calendar:patch")] == [4]
    fresh = as_held(await feeder.state())
    assert canonical(seat.replica.held, ("calendar", "priorities")) == canonical(
        fresh, ("calendar", "priorities")
    )


async def test_a_sync_takes_the_place_of_what_waits(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit("state", hz=SELDOM)
    for id in "abc":
        await put(feeder, id)
    data = await seat.done("state:sync", epoch=core.state.epoch, seq=1)
    assert [patch["seq"] for patch in data["patches"]] == [2, 3]
    await seat.done("brief:get")
    assert [patch["seq"] for patch in seat.received("state:patch")] == [1]


async def test_more_than_is_kept_in_memory_is_made_up_for_by_a_sync(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "RECENT_COMMITS", 3)
    feeder, seat = await core.sit(), await core.sit("state", hz=SELDOM)
    for id in "abcdefgh":
        await put(feeder, id)
    await seat.ack(seat.send("brief:get", {}))
    assert seat.client.lags
    await until(lambda: not seat.client.lags, "the sync")
    assert len(seat.received("state:sync")) == 2
    assert [patch["seq"] for patch in seat.received("state:patch")] == [1]
    assert canonical(seat.replica.held) == canonical(as_held(await feeder.state()))


async def test_one_that_lags_in_all_its_rooms_counts_once_and_is_caught_up(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit(*SECTIONS, hz=SELDOM)
    await put(feeder, "first")
    await put(feeder, "a")
    await put(feeder, "e", "calendar", start="2026-11-23")
    await feeder.done("system:set", message="hello")
    seat.line.backlog_bytes = client_module.MAX_BACKLOG_BYTES + 1
    seat.client._throttle.hurry()  # type: ignore[union-attr] # as its timer would
    assert seat.client.lags
    assert core.services.metrics.lagging._value.get() == 1
    seat.line.backlog_bytes = 0
    await seat.client.catch_up()
    assert core.services.metrics.lagging._value.get() == 0
    assert len(seat.received("state:sync")) == 2
    assert canonical(seat.replica.held) == canonical(as_held(await feeder.state()))


Step = Callable[[Seat], Awaitable[Json]]
ID = st.sampled_from("abc")


def asking(event: str, **payload: st.SearchStrategy[Json]) -> st.SearchStrategy[tuple[str, Json]]:
    return st.tuples(st.just(event), st.fixed_dictionaries(payload))


TASK = st.fixed_dictionaries({"id": ID, "title": st.sampled_from(["x", "y", "z"])})
CHANGES = st.one_of(
    asking("priorities:put", items=st.lists(TASK, max_size=3, unique_by=lambda task: task["id"])),
    asking("priorities:drop", ids=st.lists(ID, max_size=2)),
    asking("priorities:edit", id=ID, set=st.fixed_dictionaries({"note": st.sampled_from(["1", "2"])})),
    asking("priorities:complete", id=ID),
    asking("calendar:put", items=st.builds(lambda id: [EVENT | {"id": id}], ID)),
    asking("calendar:drop", ids=st.lists(ID, max_size=2)),
    asking("brief:set", brief=st.fixed_dictionaries({"title": st.sampled_from(["x", "y"])})),
    asking("brief:clear"),
    asking("system:set", progress=st.integers(0, 3)),
)
# What happens, and who brings what waits: the one in `state`, the one in the sections, both, nobody.
HISTORY = st.lists(st.tuples(CHANGES, st.sampled_from(["", "", "", "state", "some", "both"])), max_size=30)
SOME = ("priorities", "calendar", "brief", "system")


@examples(20)
@given(history=HISTORY)
async def test_any_history_seen_with_and_without_hz_ends_the_same(history: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        async with Core(Path(folder)) as core:
            feeder, plain = await core.sit(), await core.sit("state")
            slow, some = await core.sit("state", hz=SELDOM), await core.sit(*SOME, hz=SELDOM)
            for (event, payload), who in [*history, (("brief:get", {}), "both")]:
                await feeder.ask(event, **payload)
                for seat, name in ((slow, "state"), (some, "some")):
                    if who in (name, "both"):
                        await seat.done("brief:get")
            fresh = as_held(await feeder.state())
            for seat in (plain, slow):
                seat.read()
                assert canonical(seat.replica.held) == canonical(fresh)
            assert canonical(some.replica.held, SOME) == canonical(fresh, SOME)
            for seat in (plain, slow, some):
                follow_on(seat)


def follow_on(seat: Seat) -> None:
    """Each patch begins where the one before in its room ended."""
    mine = dict.fromkeys(seat.received("state:sync")[0]["rooms"], 0)
    for event, patch in seat.log[1:]:
        room = event.removesuffix(":patch")
        assert patch["prev"] == mine[room]
        assert patch["seq"] > patch["prev"]
        mine[room] = patch["seq"]

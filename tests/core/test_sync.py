"""How a client gets in step: nothing missed, what was missed, or a snapshot that says why."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sio_server.clients import client as client_module
from sio_server.delivery import sync as sync_module
from sio_server.log.base import LogError
from sio_server.registry.privacy import Seen
from sio_server.state.state import State
from tests.core.seats import Core, Seat
from tests.replica import SECTIONS, as_held, canonical

Json = Any


async def put(seat: Seat, id: str, section: str = "priorities", **fields: Json) -> int:
    """One more commit; its seq."""
    ack = await seat.ask(f"{section}:put", items=[{"id": id, "title": id, **fields}])
    assert ack["ok"], ack
    return int(ack["seq"])


async def first_sync(core: Core, *rooms: str, resume: Json = None) -> Json:
    """What a client that connects like this is told."""
    seat = await core.sit(*rooms, resume=resume, strict=False)
    (sync,) = seat.received("state:sync")
    return sync


async def test_a_first_client_gets_a_snapshot(core: Core) -> None:
    sync = await first_sync(core, "state")
    assert (sync["mode"], sync["why"], sync["seq"], sync["rooms"]) == ("snapshot", "first", 0, ["state"])
    assert sync["state"] == {
        "system": {
            "id": "system",
            "rev": 0,
            "status": "IDLE",
            "progress": 0,
            "message": None,
            "last_sync": None,
            "collection": None,
        },
        "calendar": [],
        "conflicts": [],
        "priorities": [],
        "commitments": {"owe": [], "owed": []},
        "active_brief": None,
        "sources": [],
        "proposals": [],
    }


async def test_of_a_snapshot_only_what_has_changed_is_encoded_again(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat, encoded, whole = await core.sit(), list[str](), State.snapshot

    def noted(state: State, sections: list[str], of: str | None = None, seen: Seen | None = None) -> Json:
        encoded.extend(sections)
        return whole(state, sections, of, seen)

    monkeypatch.setattr(State, "snapshot", noted)
    await put(seat, "lease")
    encoded.clear()
    first = (await seat.ask("state:get"))["data"]["state"]
    assert sorted(encoded) == sorted(core.state.registry.sections)
    encoded.clear()
    await put(seat, "deck")
    second = (await seat.ask("state:get"))["data"]["state"]
    assert encoded == ["priorities"]
    assert [item["id"] for item in second["priorities"]] == ["deck", "lease"]
    assert second | {"priorities": first["priorities"]} == first
    await seat.ask("priorities:drop", ids=["deck"])
    assert (await seat.ask("state:get"))["data"]["state"] == first


async def test_a_client_in_no_room_is_told_the_position_alone(core: Core) -> None:
    seat = await core.sit()
    await put(seat, "a")
    at = {"epoch": core.state.epoch, "seq": 1, "mark": core.state.mark}
    assert await first_sync(core) == {"mode": "current", **at, "rooms": []}
    assert seat.received("state:patch") == []


@pytest.mark.parametrize(
    ("resume", "why"),
    [
        (None, "first"),
        ({}, "first"),
        ({"seq": 1}, "first"),
        ({"epoch": "another", "seq": 1}, "epoch"),
        ({"epoch": "ours", "seq": 99}, "ahead"),
        ({"epoch": "ours", "rooms": {"calendar": 1}}, "rooms"),
    ],
)
async def test_a_snapshot_says_why(core: Core, resume: Json, why: str) -> None:
    await put(await core.sit(), "a")
    if resume is not None and resume.get("epoch") == "ours":
        resume = resume | {"epoch": core.state.epoch}
    sync = await first_sync(core, "state", resume=resume)
    assert (sync["mode"], sync["why"]) == ("snapshot", why)


async def test_who_is_in_step_is_told_so(core: Core) -> None:
    seq = await put(await core.sit(), "a")
    sync = await first_sync(core, "state", resume={"epoch": core.state.epoch, "seq": seq})
    at = {"epoch": core.state.epoch, "seq": seq, "mark": core.state.mark}
    assert sync == {"mode": "current", **at, "rooms": ["state"]}


async def test_a_delta_is_exactly_the_missed_patches(core: Core) -> None:
    seat = await core.sit("state")
    for id in "abcde":
        await put(seat, id)
    sync = await first_sync(core, "state", resume={"epoch": core.state.epoch, "seq": 2})
    assert (sync["mode"], sync["from"], sync["seq"]) == ("delta", 2, 5)
    assert sync["patches"] == [{"room": "state", **patch} for patch in seat.received("state:patch")[2:]]


async def test_a_delta_of_section_rooms_starts_at_each_rooms_own_position(core: Core) -> None:
    seat = await core.sit("priorities", "calendar")
    await put(seat, "a")
    await put(seat, "e", "calendar", start="2026-11-23")
    await put(seat, "b")
    await put(seat, "f", "calendar", start="2026-11-23")
    resume = {"epoch": core.state.epoch, "rooms": {"calendar": 2, "priorities": 1}}
    sync = await first_sync(core, "calendar", "priorities", resume=resume)
    found = [(patch["room"], patch["prev"], patch["seq"]) for patch in sync["patches"]]
    assert found == [("priorities", 1, 3), ("calendar", 2, 4)]
    assert sync["rooms"] == ["calendar", "priorities"]


async def test_a_quiet_room_needs_nothing_however_old_its_position(tmp_path: Path) -> None:
    async with Core(tmp_path, keep_changes=1, keep_s=0) as core:
        seat = await core.sit()
        await put(seat, "e", "calendar", start="2026-11-23")
        for id in "abc":
            await put(seat, id)
        core.clock.now_s += 1
        await core.tidy()
        assert core.log.floor() == 3
        resume = {"epoch": core.state.epoch, "seq": 1}
        assert (await first_sync(core, "calendar", resume=resume))["mode"] == "current"
        both = await first_sync(core, "calendar", "priorities", resume=resume)
        assert (both["mode"], both["why"]) == ("snapshot", "too_old")


async def test_what_the_log_forgot_is_too_old_and_the_rest_is_a_delta(tmp_path: Path) -> None:
    async with Core(tmp_path, keep_changes=2, keep_s=0) as core:
        seat = await core.sit()
        for id in "abcde":
            await put(seat, id)
        core.clock.now_s += 1
        await core.tidy()
        assert core.log.floor() == 3
        epoch = core.state.epoch
        old = await first_sync(core, "state", resume={"epoch": epoch, "seq": 2})
        assert (old["mode"], old["why"]) == ("snapshot", "too_old")
        young = await first_sync(core, "state", resume={"epoch": epoch, "seq": 3})
        assert [patch["seq"] for patch in young["patches"]] == [4, 5]


async def test_a_delta_that_is_larger_than_the_state_gives_way_to_a_snapshot(core: Core) -> None:
    seat = await core.sit()
    for number in range(60):
        await put(seat, "a", description=f"{number} " * 1_000)
    sync = await first_sync(core, "state", resume={"epoch": core.state.epoch, "seq": 1})
    assert (sync["mode"], sync["why"]) == ("snapshot", "too_large")


async def test_a_delta_is_read_from_disk_when_memory_has_let_go(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "RECENT_COMMITS", 2)
    seat = await core.sit("state")
    for id in "abcdef":
        await put(seat, id)
    assert core.sync.recent.floor == 4
    sync = await first_sync(core, "state", resume={"epoch": core.state.epoch, "seq": 1})
    assert sync["patches"] == [{"room": "state", **patch} for patch in seat.received("state:patch")[1:]]


async def test_a_log_that_cannot_be_read_costs_only_the_delta(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LogError("the disk is gone")

    monkeypatch.setattr(sync_module, "RECENT_COMMITS", 1)
    monkeypatch.setattr(core.log, "read", broken)
    seat = await core.sit()
    for id in "abc":
        await put(seat, id)
    sync = await first_sync(core, "state", resume={"epoch": core.state.epoch, "seq": 1})
    assert sync["mode"] == "snapshot"


async def test_a_gap_is_closed_by_asking(core: Core) -> None:
    seat = await core.sit("state", strict=False)
    feeder = await core.sit()
    await put(feeder, "a")
    seat.read()
    seat.line.sent.clear()  # the second patch is lost on the way
    seat._read = 0
    await put(feeder, "b")
    seat.line.sent.clear()
    await put(feeder, "c")
    seat.read()
    assert seat.replica.gap
    sync = await seat.done("state:sync", epoch=seat.replica.epoch, seq=seat.replica.mine["state"])
    assert (sync["mode"], [patch["seq"] for patch in sync["patches"]]) == ("delta", [2, 3])
    assert canonical(seat.replica.held) == canonical(as_held(await seat.state()))


async def test_state_and_a_section_together_get_each_change_once(core: Core) -> None:
    seat = await core.sit("state", "priorities")
    await put(seat, "a")
    assert [event for event, _ in seat.log] == ["state:sync", "state:patch"]
    data = await seat.done("state:subscribe", rooms=["calendar"])
    assert data["rooms"] == ["state", "calendar", "priorities"]
    assert data["sync"]["mode"] == "current"
    await put(seat, "e", "calendar", start="2026-11-23")
    assert [event for event, _ in seat.log] == ["state:sync", "state:patch", "state:patch"]


async def test_unknown_rooms_and_sections_are_refused_and_change_nothing(core: Core) -> None:
    seat = await core.sit("calendar")
    for event in ("state:subscribe", "state:unsubscribe"):
        assert (await seat.refused(event, rooms=["calendar", "kitchen"]))["code"] == "bad_request"
    assert (await seat.refused("state:get", sections=["kitchen"]))["code"] == "bad_request"
    assert seat.client.rooms == {"calendar"}


async def test_get_gives_the_sections_that_were_asked_for(core: Core) -> None:
    seat = await core.sit()
    assert (await seat.done("state:get", sections=["commitments"]))["state"] == {
        "commitments": {"owe": [], "owed": []}
    }
    assert (await seat.done("state:get", sections=["brief"]))["state"] == {"active_brief": None}


async def test_joining_and_leaving_in_a_stream_of_commits_has_no_gap_and_no_overlap(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seat's replica is strict: it fails at a patch that does not follow on."""
    monkeypatch.setattr(sync_module, "RECENT_COMMITS", 3)  # so that joining has to wait for the disk
    feeder, seat = await core.sit(), await core.sit("brief")
    rooms = ["calendar", "priorities", "commitments"]
    position: Json = {"epoch": core.state.epoch, "seq": 0}
    for round in range(30):
        ids = [feeder.send(f"{name}:put", {"items": [_item(name, round)]}) for name in rooms for _ in "ab"]
        joining = seat.send("state:subscribe", {"rooms": rooms, "resume": position})
        ids += [feeder.send("priorities:put", {"items": [_item("priorities", round + 100)]})]
        data = (await seat.ack(joining))["data"]
        _adopt(seat, data["sync"], position)
        await asyncio.gather(*(feeder.ack(id) for id in ids))
        seat.read()
        assert canonical(seat.replica.held, tuple(rooms)) == canonical(
            as_held(await feeder.state()), tuple(rooms)
        )
        position = {"epoch": core.state.epoch, "rooms": {room: seat.replica.mine[room] for room in rooms}}
        await seat.done("state:unsubscribe", rooms=rooms)
        for room in rooms:
            seat.replica.leave(room)


def _item(section: str, number: int) -> Json:
    item = {"id": f"i{number % 7}", "title": f"text {number}"}
    if section == "calendar":
        return item | {"start": "2026-11-23"}
    if section == "commitments":
        return {"id": item["id"], "description": item["title"], "direction": "owe"}
    return item


def _adopt(seat: Seat, sync: Json, position: Json) -> None:
    """What a client does with the ack of a subscribe; patches that came before it wait."""
    assert sync["mode"] in ("delta", "snapshot", "current")
    seat.replica.mine |= position.get("rooms", dict.fromkeys(sync["rooms"], 0))
    later = dict(seat.replica.mine)
    seat.replica.sync(sync)
    assert all(seat.replica.mine[room] >= later[room] for room in sync["rooms"])


async def test_a_thousand_clients_at_once_cost_one_encoding(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(await core.sit(), "a")
    made: list[Any] = []
    plain = State.snapshot

    def counted(state: State, sections: Any, *of: Any) -> Any:
        made.append(sections)
        return plain(state, sections, *of)

    monkeypatch.setattr(State, "snapshot", counted)
    seats = [Seat(core, (await core.sit()).client.principal) for _ in range(1_000)]
    await asyncio.gather(*(seat.begin("state") for seat in seats))
    assert sorted(made) == sorted([name] for name in core.state.registry.sections)
    made.clear()
    await put(await core.sit(), "b")
    await core.sit("state")
    assert made == [["priorities"]]


async def test_a_client_that_lags_is_caught_up_with_one_sync(core: Core) -> None:
    feeder, slow = await core.sit(), await core.sit("state")
    await put(feeder, "a")
    slow.line.backlog_bytes = client_module.MAX_BACKLOG_BYTES + 1
    for id in "bcd":
        await put(feeder, id)
    assert [patch["seq"] for patch in slow.received("state:patch")] == [1]
    slow.line.backlog_bytes = 0
    await slow.client.catch_up()
    await slow.client.catch_up()
    await put(feeder, "e")
    assert [event for event, _ in slow.log][-2:] == ["state:sync", "state:patch"]
    assert len(slow.received("state:sync")) == 2
    assert slow.received("state:sync")[1]["mode"] == "delta"
    assert canonical(slow.replica.held) == canonical(as_held(await feeder.state()))


async def test_a_client_that_lagged_too_far_gets_a_snapshot_that_says_slow(core: Core) -> None:
    feeder, slow = await core.sit(), await core.sit("priorities")
    slow.line.backlog_bytes = client_module.MAX_BACKLOG_BYTES + 1
    for number in range(60):
        await put(feeder, "a", description=f"{number} " * 1_000)
    slow.line.backlog_bytes = 0
    await slow.client.catch_up()
    assert slow.received("state:sync")[-1]["why"] == "slow"
    assert slow.received("state:sync")[-1]["rooms"] == ["priorities"]


async def test_a_lagging_client_that_asks_for_a_sync_is_in_step(core: Core) -> None:
    feeder, slow = await core.sit(), await core.sit("state")
    slow.line.backlog_bytes = client_module.MAX_BACKLOG_BYTES + 1
    await put(feeder, "a")
    slow.line.backlog_bytes = 0
    await slow.done("state:sync", epoch=core.state.epoch, seq=0)
    await put(feeder, "b")
    slow.read()
    assert canonical(slow.replica.held) == canonical(as_held(await feeder.state()))


async def test_who_comes_back_to_state_and_a_section_gets_each_change_once(core: Core) -> None:
    feeder = await core.sit()
    await put(feeder, "a")
    for resume in ({"seq": 0}, {"rooms": {"state": 0}}):
        seat = await core.sit("state", "priorities", resume={"epoch": core.state.epoch, **resume})
        sync = seat.received("state:sync")[0]
        assert (sync["mode"], sync["rooms"]) == ("delta", ["state"])
        assert [patch["room"] for patch in sync["patches"]] == ["state"]


async def test_every_section_room_gets_its_own_changes_with_its_own_prev(core: Core) -> None:
    seat = await core.sit(*SECTIONS)
    await put(seat, "a")
    await seat.done("brief:set", brief={"title": "Today"})
    await put(seat, "b")
    await seat.done("system:set", message="hello")
    found = [(event, patch["prev"], patch["seq"]) for event, patch in seat.log[1:]]
    assert found == [
        ("priorities:patch", 0, 1),
        ("brief:patch", 0, 2),
        ("priorities:patch", 1, 3),
        ("system:patch", 0, 4),
    ]

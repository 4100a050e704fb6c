"""`hz` in the handshake, over sockets: so many patches a second at most, and nothing is missing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import RawPolling, RawSocket, dump
from tests.replica import as_held, canonical
from tests.running import WAIT_S
from tests.sockets.talking import Listener, event, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = Any

CHANGES = 1_000
HZ = 10
TRANSPORTS: dict[str, type[RawSocket | RawPolling]] = {"websocket": RawSocket, "polling": RawPolling}


async def changes(arena: Arena) -> int:
    """1,000 changes of three sections, many at once; the last position."""
    at_once = 20
    for begin in range(0, CHANGES, at_once):
        asks = [change(arena, number) for number in range(begin, begin + at_once)]
        await asyncio.gather(*asks)
    return await arena.nudge()


async def change(arena: Arena, number: int) -> None:
    item = {"id": f"i{number % 5}", "title": f"{number}"}
    if number % 3 == 0:
        await arena.witness.done("priorities:put", {"items": [item]})
    elif number % 3 == 1:
        await arena.witness.done("calendar:put", {"items": [item | {"start": "2026-11-23"}]})
    else:
        await arena.witness.request("priorities:drop", {"ids": [item["id"]]})


@pytest.mark.parametrize("kind", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_no_more_patches_than_asked_for_come_while_1_000_changes_are_made(
    arena: Arena, kind: type[RawSocket | RawPolling]
) -> None:
    loop = asyncio.get_running_loop()
    async with arena.unharmed():
        session = await kind.open(arena.server)
        began = loop.time()
        listener = await listening(session, hz=HZ)
        changing = asyncio.create_task(changes(arena))
        last = await until_done(listener, changing)
        elapsed_s = loop.time() - began
        assert len(listener.patches) <= elapsed_s * HZ * 1.1 + 2
        assert len(listener.patches) < CHANGES / 4
        assert listener.patches[-1]["seq"] == last
        assert canonical(listener.replica.held) == canonical(as_held(await arena.witness.state()))
        await session.leave()


async def until_done(listener: Listener, changing: asyncio.Task[int]) -> int:
    """Listens until the changes are made and the last of them has come; its position."""
    hearing = asyncio.create_task(listener.until_seq(1 << 60))
    last = await changing
    async with asyncio.timeout(WAIT_S):
        while listener.replica.mine["state"] < last:
            await asyncio.sleep(0.01)
            assert not hearing.done() or hearing.result() is None
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)
    return last


async def test_own_acks_never_come_before_their_patches(arena: Arena) -> None:
    """The listener checks each ack; while others change things too."""
    async with arena.unharmed():
        session = await RawSocket.open(arena.server)
        listener = await listening(session, hz=0.1)
        changing = asyncio.create_task(changes(arena))
        for id in range(60):
            await session.send(event(id, "system:set", {"progress": id % 100}))
            await asyncio.wait_for(listener.until_acks(id + 1), WAIT_S)
        last = await changing
        await session.send(event(99, "brief:get", {}))
        await asyncio.wait_for(listener.until_acks(61), WAIT_S)
        assert listener.replica.mine["state"] == last
        await session.leave()


async def test_several_rooms_with_hz_have_each_their_own_exact_prev(arena: Arena) -> None:
    rooms = ("priorities", "calendar", "system")
    async with arena.unharmed():
        session = await RawSocket.open(arena.server)
        listener = await listening(session, hz=20, rooms=[*rooms])
        last = await changes(arena)
        await asyncio.wait_for(listener.until_seq(last, "system"), WAIT_S)
        await session.send(event(1, "brief:get", {}))
        await asyncio.wait_for(listener.until_acks(1), WAIT_S)
        fresh = as_held(await arena.witness.state())
        assert canonical(listener.replica.held, rooms) == canonical(fresh, rooms)
        await session.leave()


async def test_one_with_hz_that_stops_reading_is_caught_up(arena: Arena) -> None:
    async with arena.unharmed():
        session = await RawSocket.open(arena.server, narrow=True)
        listener = await listening(session, hz=1_000)
        session.stop_reading()
        number = 0
        while not (await arena.server.get("/stats"))[1]["clients"]["lagging"]:
            item = {"id": "big", "title": "x", "description": f"{number} " * 3_000}
            await arena.witness.done("priorities:put", {"items": [item]})
            number += 1
        last = await changes(arena)
        session.read_again()
        await asyncio.wait_for(listener.until_seq(last), WAIT_S)
        assert len(listener.syncs) == 2
        assert canonical(listener.replica.held) == canonical(as_held(await arena.witness.state()))
        await session.leave()


@pytest.mark.parametrize("hz", [0, -1, 0.05, 1_001, 1e300, "10", True, [10], {}, float("nan"), float("inf")])
async def test_an_hz_that_cannot_be_is_refused(arena: Arena, hz: Json) -> None:
    async with arena.undisturbed(), arena.attacker(joined=False) as session:
        await session.send("40" + dump({"hz": hz}))
        refusal = await session.next()
        assert refusal.startswith("44{")
        assert '"code":"bad_request"' in refusal


@pytest.mark.parametrize("hz", [0.1, 1, 1_000, None])
async def test_an_hz_within_bounds_is_taken(arena: Arena, hz: Json) -> None:
    async with arena.undisturbed(), arena.attacker(hz=hz) as session:
        assert (await session.ask("brief:get", {}))["ok"]

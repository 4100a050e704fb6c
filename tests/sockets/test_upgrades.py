"""From polling to websocket in the middle of a stream of patches: nothing is lost, doubled or reordered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import SEPARATOR, WEBSOCKET_QUERY, RawPolling, RawSocket, Session
from tests.following import Follower
from tests.replica import as_held, canonical
from tests.running import WAIT_S, until
from tests.sockets.talking import Listener, event, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

RUNS, AT_ONCE = 150, 10
REAL_CLIENTS = 60


class Upgrading(Session):
    """Does as the JavaScript client: probes, lets the poll that is under way end, and moves over."""

    def __init__(self, polling: RawPolling, chance: random.Random) -> None:
        self._polling = polling
        self._chance = chance
        self._socket: RawSocket | None = None
        self._left: list[str] = []

    async def send(self, packet: str) -> None:
        await (self._socket or self._polling).send(packet)

    async def next(self) -> str:
        if self._left:
            return self._left.pop(0)
        while (packet := await (self._socket or self._polling).next()) == "6":
            pass
        return packet

    async def upgrade(self, arena: Arena) -> None:
        """A poll may be under way before, during or after the probe, and requests may wait to be answered."""
        chance = self._chance
        self._left = self._polling.taken()
        poll = asyncio.create_task(self._polling.get()) if chance.random() < 0.5 else None
        await self._pause()
        socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={self._polling.sid}")
        await self._pause()
        if poll is None and chance.random() < 0.5:
            poll = asyncio.create_task(self._polling.get())
        await socket.send("2probe")
        assert await socket.next() == "3probe"
        await self._pause()
        if poll is not None:
            status, body = await asyncio.wait_for(poll, WAIT_S)
            assert status == 200
            self._left += [packet for packet in body.split(SEPARATOR) if packet not in ("2", "6")]
        if chance.random() < 0.5:
            await self._polling.send(event(101, "brief:get", {}))
        self._socket = socket
        await socket.send("5")
        await socket.send(event(102, "system:set", {"progress": chance.randrange(100)}))
        await socket.send(event(103, "brief:get", {}))

    async def leave(self) -> None:
        assert self._socket is not None
        await self._socket.leave()
        await self._polling.forget()

    async def _pause(self) -> None:
        for _ in range(self._chance.choice([0, 0, 1, 5, 30])):
            await asyncio.sleep(0)


async def one_run(arena: Arena, seed: str) -> Listener:
    """Polls for a while, upgrades, and goes on; up to the acks of what it asked on the way."""
    chance = random.Random(seed)
    session = Upgrading(await RawPolling.open(arena.server), chance)
    listener = await listening(session)
    for _ in range(chance.randrange(4)):
        await listener.hear()
    await session.send(event(100, "brief:get", {}))
    await session.upgrade(arena)
    while 103 not in (ids := [id for id, _ in listener.acks]):
        await listener.hear()
    assert ids in ([100, 102, 103], [100, 101, 102, 103])
    return listener


@asynccontextmanager
async def stream(arena: Arena, pause_s: float = 0) -> AsyncIterator[None]:
    """Changes without an end while the block runs; with a pause where many real clients, which are slow,
    are to read each of them."""
    over = asyncio.Event()

    async def change() -> None:
        for number in count():
            if over.is_set():
                return
            item = {"id": f"p{number % 20}", "title": f"text {number} " + "x" * (number % 7 * 50)}
            await arena.witness.done("priorities:put", {"items": [item]})
            await asyncio.sleep(pause_s)

    changing = asyncio.create_task(change())
    try:
        yield
    finally:
        # Not cancelled: the client waits for acks with `wait_for`, which before Python 3.12 forgets a cancel
        # that comes together with the ack.
        over.set()
        await changing


@pytest.mark.parametrize("seed", [1, 2])
async def test_upgrades_at_any_moment_lose_and_double_and_reorder_nothing(arena: Arena, seed: int) -> None:
    listeners: list[Listener] = []
    async with arena.unharmed():
        async with stream(arena):
            for run in range(0, RUNS, AT_ONCE):
                runs = [one_run(arena, f"{seed} {run + n}") for n in range(AT_ONCE)]
                done = await asyncio.wait_for(asyncio.gather(*runs), WAIT_S)
                listeners += done[:2]
                for listener in done[2:]:
                    await listener.session.leave()
        await all_in_step(arena, listeners)


async def all_in_step(arena: Arena, listeners: list[Listener]) -> None:
    """Those who stayed hold what a fresh snapshot says; a second sync is only for who lagged meanwhile."""
    last = await arena.nudge()
    fresh = canonical(as_held(await arena.witness.state()))
    for listener in listeners:
        await asyncio.wait_for(listener.until_seq(last), WAIT_S)
        seqs = [patch["seq"] for patch in listener.patches]
        if len(listener.syncs) == 1:
            assert seqs == list(range(listener.syncs[0]["seq"] + 1, last + 1))
        assert canonical(listener.replica.held) == fresh
        await listener.session.leave()


async def test_real_clients_that_upgrade_in_a_stream_of_patches_stay_in_step(arena: Arena) -> None:
    followers: list[Follower] = []
    async with arena.unharmed():
        async with stream(arena, pause_s=0.01):
            for _ in range(REAL_CLIENTS // AT_ONCE):
                new = [Follower() for _ in range(AT_ONCE)]
                joining = (client.connect(arena.server.url, ["polling", "websocket"]) for client in new)
                followers += await asyncio.gather(*joining)
                for client in new:
                    await client.wait_for("state:sync")
                    assert client.sio.transport() == "websocket"
        last = await arena.nudge()
        for client in followers:
            await until(lambda client=client: client.seq == last, "the last patch")  # type: ignore[misc]
            await client.equals(arena.server)
            seqs = [patch["seq"] for patch in client.received("state:patch")]
            assert seqs == list(range(last - len(seqs) + 1, last + 1))
            await client.disconnect()


async def test_a_second_upgrade_while_one_is_under_way_is_turned_away(arena: Arena) -> None:
    async with arena.unharmed():
        polling = await RawPolling.open(arena.server)
        await polling.join()
        query = f"{WEBSOCKET_QUERY}&sid={polling.sid}"
        first = await RawSocket.upgraded(arena.server, query)
        await first.send("2probe")
        assert await first.next() == "3probe"
        second = await RawSocket.upgraded(arena.server, query)
        await second.send("2probe")
        assert await second.last_words() == ([], 1008)
        await first.send("5")
        assert (await first.ask("brief:get", {}))["ok"]
        for socket in (first, second):
            await socket.leave()
        await polling.forget()

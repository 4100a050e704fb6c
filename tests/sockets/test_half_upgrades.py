"""An upgrade that begins and does not go on: patches go on by polling, and no poll is sent back in vain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import SEPARATOR, WEBSOCKET_QUERY, RawPolling, RawSocket
from tests.running import WAIT_S
from tests.sockets.talking import Listener, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANGES = 20
STAGES = {"opened": [], "probed": ["2probe"]}
NOOP = "6"


class Counting(RawPolling):
    """Counts its polls and what comes back without anything in it."""

    polls = 0
    noops = 0

    async def get(self) -> tuple[int, str]:
        self.polls += 1
        status, body = await super().get()
        self.noops += body.split(SEPARATOR).count(NOOP)
        return status, body


@asynccontextmanager
async def half_way(arena: Arena, stage: str) -> AsyncIterator[tuple[Listener, Counting, RawSocket]]:
    """A client that polls while its websocket stays where it is."""
    session = await Counting.open(arena.server)
    listener = await listening(session)
    socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
    for packet in STAGES[stage]:
        await socket.send(packet)
        assert await socket.next() == "3probe"
    session.polls = session.noops = 0
    try:
        yield listener, session, socket
    finally:
        await socket.leave()
        await session.forget()


@pytest.mark.parametrize("stage", STAGES)
async def test_patches_and_acks_go_on_by_polling(arena: Arena, stage: str) -> None:
    async with arena.unharmed(), half_way(arena, stage) as (listener, session, _):
        for number in range(CHANGES):
            await asyncio.wait_for(listener.until_seq(await arena.nudge()), WAIT_S)
            await session.send(f'42{number}["brief:get",{{}}]')
            await asyncio.wait_for(listener.until_acks(number + 1), WAIT_S)
        # After the probe they come ever rarer: an upgrade has ended before there are eight.
        assert session.noops <= 8 * len(STAGES[stage])
        assert session.polls <= 2 * CHANGES + session.noops
        await session.leave()


async def test_a_poll_that_waits_is_not_ended_by_a_websocket_that_says_nothing(arena: Arena) -> None:
    async with arena.unharmed(), half_way(arena, "opened") as (listener, session, _):
        waiting = asyncio.create_task(session.get())
        await arena.picture()
        assert not waiting.done()
        seq = await arena.nudge()
        _, body = await asyncio.wait_for(waiting, WAIT_S)
        for packet in body.split(SEPARATOR):
            listener.take(packet)
        assert listener.replica.mine["state"] == seq
        await session.leave()


async def test_a_poll_that_waits_at_the_probe_is_ended_and_so_is_one_that_comes_before_the_client_knows(
    arena: Arena,
) -> None:
    async with arena.unharmed():
        session = await Counting.open(arena.server)
        listener = await listening(session)
        waiting = asyncio.create_task(session.get())
        socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        await socket.send("2probe")
        assert await asyncio.wait_for(waiting, WAIT_S) == (200, NOOP)
        assert await asyncio.wait_for(session.get(), WAIT_S) == (200, NOOP)
        assert await socket.next() == "3probe"
        seq = await arena.nudge()
        await socket.send("5")
        packet = await socket.next_of('42["state:patch"')
        listener.take(packet)
        assert listener.replica.mine["state"] == seq
        await socket.leave()
        await session.forget()


async def test_a_poll_that_waits_when_the_client_moves_is_ended_and_takes_nothing_along(arena: Arena) -> None:
    async with arena.unharmed(), half_way(arena, "probed") as (listener, session, socket):
        assert await session.get() == (200, NOOP)
        waiting = asyncio.create_task(session.get())
        await arena.picture()
        await socket.send("5")
        status, body = await asyncio.wait_for(waiting, WAIT_S)
        assert (status, body) == (200, NOOP) or status == 400  # 400 where it came after the move
        seq = await arena.nudge()
        listener.take(await socket.next_of('42["state:patch"'))
        assert listener.replica.mine["state"] == seq
        assert (await session.get())[0] == 400


async def test_a_session_that_ends_during_its_upgrade_ends_its_poll(arena: Arena) -> None:
    async with arena.undisturbed(), half_way(arena, "probed") as (_, session, socket):
        assert await session.get() == (200, NOOP)
        waiting = asyncio.create_task(session.get())
        await arena.picture()
        assert await session.post(b"1") == 200
        assert (await asyncio.wait_for(waiting, WAIT_S))[0] == 200
        await socket.send("5")
        assert (await socket.last_words())[0] == []

"""Who does not read is owed a bounded amount (sockets/outbox, sockets/flag) and is caught up later; nobody
else notices."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.abuse.arena import Arena, changed_server, until_answer
from tests.abuse.raw import RawPolling, RawSocket
from tests.following import Follower
from tests.replica import as_held, canonical
from tests.running import WAIT_S, PythonClient, RunningServer, until
from tests.sockets.talking import Listener, event, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = Any

BACKLOG_BYTES = 256 << 10
TRANSPORT_BYTES = 64 << 10
PATCH_BYTES = 10_000
KEPT_COMMITS_BYTES = 8 << 20
OTHERS = 5
HASTY_HEART = """
from sio_server.clients import transport

transport.PING_INTERVAL_S = 1
transport.PING_TIMEOUT_S = 10  # a machine that has much to do answers late, too
"""
HASTY_S, LARGE = 10, 8  # few patches of so many items are enough to lag, before that time is over


async def change(arena: Arena, number: int) -> int:
    """A patch of 10 KB, by the witness; its seq."""
    return await change_by(arena.witness, number)


async def change_by(writer: PythonClient, number: int, items: int = 1) -> int:
    """A patch of 10 KB for each item; its seq."""
    text = f"{number} " + "d" * PATCH_BYTES
    put = [{"id": f"big{item}", "title": f"{number}", "description": text} for item in range(items)]
    ack = await writer.request("priorities:put", {"items": put})
    assert ack["ok"]
    return int(ack["seq"])


async def lagging(server: RunningServer) -> list[Json]:
    """Those that /stats names."""
    _, stats = await server.get("/stats")
    found: list[Json] = stats["clients"]["lagging"]
    return found


async def metric(server: RunningServer, name: str) -> float:
    """A metric without labels."""
    async with aiohttp.ClientSession() as http, http.get(f"{server.http_url}/metrics") as answer:
        found = re.search(rf"^{name} (\S+)$", await answer.text(), re.MULTILINE)
    assert found is not None, name
    return float(found[1])


async def make_lag(arena: Arena, session: RawSocket) -> None:
    """The session stops reading; returns when the server has noticed."""
    session.stop_reading()
    before = len(await lagging(arena.server))
    for number in range(20_000):
        await change(arena, number)
        if number % 10 == 0 and len(await lagging(arena.server)) > before:
            return
    raise AssertionError("it never lags")


@pytest_asyncio.fixture(loop_scope="module")
async def others(arena: Arena) -> AsyncIterator[list[Follower]]:
    """Dashboards that read; they are in step, without a gap, when the test is over."""
    found = [await Follower().connect(arena.server.url) for _ in range(OTHERS)]
    for client in found:
        await client.wait_for("state:sync")
    yield found
    last = await arena.nudge()
    for client in found:
        await until(lambda client=client: client.seq == last, "the last patch")  # type: ignore[misc]
        await client.equals(arena.server)
        assert len(client.received("state:sync")) == 1
        await client.disconnect()


async def test_who_stops_reading_is_named_bounded_and_caught_up_with_one_sync(
    arena: Arena, others: list[Follower]
) -> None:
    socket = await RawSocket.open(arena.server, narrow=True)
    slow = await listening(socket, client="sleeper")
    await make_lag(arena, socket)
    before = await arena.memory_bytes()
    last = [await change(arena, 1_000 + number) for number in range(200)][-1]
    assert await arena.memory_bytes() - before < KEPT_COMMITS_BYTES + (4 << 20)
    await until(lambda: all(client.seq == last for client in others), "the others' patches")
    (named,) = await lagging(arena.server)
    assert named["client"] == "sleeper"
    assert 0 < named["backlog_bytes"] < BACKLOG_BYTES + TRANSPORT_BYTES + 2 * PATCH_BYTES
    assert await metric(arena.server, "adjutant_lagging_clients") == 1
    assert await metric(arena.server, "adjutant_lagging_backlog_bytes") >= named["backlog_bytes"]
    socket.read_again()
    await asyncio.wait_for(slow.until_seq(last), WAIT_S)
    await in_step(arena, slow)
    assert len(slow.syncs) == 2
    assert slow.syncs[1].get("why", "slow") == "slow"
    assert await metric(arena.server, "adjutant_lagging_clients") == 0
    await socket.leave()
    await arena.alone_with(OTHERS)


async def in_step(arena: Arena, slow: Listener) -> None:
    """Patches follow on again, and it holds what the others hold."""
    assert await lagging(arena.server) == []
    heard = len(slow.patches)
    last = await arena.nudge()
    await asyncio.wait_for(slow.until_seq(last), WAIT_S)
    assert [patch["seq"] for patch in slow.patches[heard:]] == [last]
    assert canonical(slow.replica.held) == canonical(as_held(await arena.witness.state()))


async def test_who_stops_again_and_again_is_caught_up_each_time(arena: Arena, others: list[Follower]) -> None:
    socket = await RawSocket.open(arena.server, narrow=True)
    slow = await listening(socket)
    for round in range(3):
        await make_lag(arena, socket)
        last = await change(arena, 5_000 + round)
        socket.read_again()
        await asyncio.wait_for(slow.until_seq(last), WAIT_S)
        await in_step(arena, slow)
        assert len(slow.syncs) == 2 + round
    await socket.leave()
    await arena.alone_with(OTHERS)


async def test_who_lags_and_asks_for_a_sync_gets_the_answer_when_it_reads(arena: Arena) -> None:
    async with arena.unharmed():
        socket = await RawSocket.open(arena.server, narrow=True)
        slow = await listening(socket)
        await make_lag(arena, socket)
        position = {"epoch": slow.replica.epoch, "seq": slow.replica.mine["state"]}
        await socket.write(RawSocket.frames([event(7, "state:sync", position).encode()]))
        await until_answer(lambda: lagging(arena.server), [], "the ack puts it in step")
        socket.read_again()
        await asyncio.wait_for(slow.until_acks(1), WAIT_S)
        await in_step(arena, slow)
        assert len(slow.syncs) == 1
        await socket.leave()


async def test_a_poller_that_pauses_is_caught_up_with_one_sync(arena: Arena) -> None:
    async with arena.unharmed():
        session = await RawPolling.open(arena.server)
        slow = await listening(session)
        numbers = iter(range(10_000))
        while not await lagging(arena.server):
            await change(arena, next(numbers))
        last = await change(arena, 9_500)
        await asyncio.wait_for(slow.until_seq(last), WAIT_S)
        await in_step(arena, slow)
        assert len(slow.syncs) == 2
        await session.leave()


async def test_a_lagging_client_that_vanishes_is_freed(arena: Arena) -> None:
    async with arena.unharmed():
        sockets = [await RawSocket.open(arena.server, narrow=True) for _ in range(3)]
        for socket in sockets:
            await socket.join()
            socket.stop_reading()
        await make_lag(arena, sockets[0])
        for socket in sockets:
            socket.vanish()
        await arena.alone()
        assert await metric(arena.server, "adjutant_lagging_clients") == 0
        assert await metric(arena.server, "adjutant_lagging_backlog_bytes") == 0


async def test_a_lagging_client_that_says_goodbye_and_reads_nothing_is_freed(arena: Arena) -> None:
    async with arena.unharmed():
        for goodbye in (b"1", b"41", b"what?"):
            socket = await (await RawSocket.open(arena.server, narrow=True)).join()
            await make_lag(arena, socket)
            await socket.write(RawSocket.frames([goodbye]))
            await until_answer(lambda: lagging(arena.server), [], "it no longer exists")
            await socket.leave()
        await arena.alone()


@pytest_asyncio.fixture(loop_scope="module")
async def hasty(tmp_path: Path, both_paths: str) -> AsyncIterator[RunningServer]:
    """A server whose heart beats each second."""
    server = changed_server(tmp_path, HASTY_HEART)
    await server.start()
    yield server
    await server.kill()


async def make_lag_in_haste(server: RunningServer, writer: PythonClient) -> None:
    """Returns when the server has noticed that somebody reads nothing; fails where it closed it before."""
    for number in count():
        await change_by(writer, number, LARGE)
        if await lagging(server):
            return
        assert (await present(server))[0] > 1, "closed before it lagged"


async def present(server: RunningServer) -> tuple[int, int]:
    """How many clients and sessions there are."""
    _, stats = await server.get("/stats")
    return stats["clients"]["total"], stats["clients"]["sessions"]


async def test_who_reads_nothing_until_the_ping_timeout_is_closed_lagging_or_not(
    hasty: RunningServer,
) -> None:
    writer = await PythonClient(rooms=[]).connect(hasty.url)
    sockets = [await RawSocket.open(hasty, narrow=True) for _ in range(2)]
    lags, idle = sockets
    await lags.join()
    await idle.join(rooms=[])
    for socket in sockets:
        socket.stop_reading()
    await make_lag_in_haste(hasty, writer)
    await until_answer(lambda: present(hasty), (1, 1), "only the writer is left")
    assert await metric(hasty, "adjutant_lagging_clients") == 0
    await change_by(writer, 0)
    for socket in sockets:
        await socket.leave()
    await writer.disconnect()


async def test_who_reads_slowly_is_not_cut_off_although_its_pongs_are_late(hasty: RunningServer) -> None:
    """What is before the ping takes longer to read than a pong may take; but it is read."""
    writer = await PythonClient(rooms=[]).connect(hasty.url)
    socket = await RawSocket.open(hasty, narrow=True)
    slow = await listening(socket)
    socket.pongs = False
    socket.stop_reading()
    await make_lag_in_haste(hasty, writer)
    socket.read_again()
    loop, numbers = asyncio.get_running_loop(), count()
    last, over_at = 0, loop.time() + HASTY_S + 3
    while loop.time() < over_at:
        for _ in range(12):
            last = await change_by(writer, next(numbers), LARGE)
        for _ in range(4):
            await slow.hear()
        await asyncio.sleep(0.2)  # slowly, and no more work than that takes
    await asyncio.wait_for(slow.until_seq(last), WAIT_S)
    assert len(slow.syncs) > 2
    await socket.leave()
    await writer.disconnect()

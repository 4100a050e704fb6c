"""Clients that begin something and do not go on: each step has a deadline (sockets/listener), here of half a
second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.abuse.arena import Arena, changed_server
from tests.abuse.raw import POLLING_QUERY, WEBSOCKET_QUERY, RawSocket
from tests.running import WAIT_S, PythonClient, RunningServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACEHOLDER = '{"_placeholder":true,"num":0}'
HASTY = """
import h11
from sio_server.clients import transport
from sio_server.sockets import engine, listener

engine.STEP_WITHIN_S = transport.CONNECT_WITHIN_S = transport.ATTACHMENTS_WITHIN_S = 0.5
listener.ARRIVES_WITHIN_S = {h11.IDLE: 0.5, h11.SEND_BODY: 0.5}
"""
HASTY_HEART = """
from sio_server.clients import transport

transport.PING_INTERVAL_S = transport.PING_TIMEOUT_S = 1
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hasty(tmp_path_factory: pytest.TempPathFactory, both_paths: str) -> AsyncIterator[Arena]:
    """A server with short deadlines."""
    async with Arena.in_folder(tmp_path_factory.mktemp("hasty"), HASTY) as arena:
        yield arena


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_session_that_never_connects_is_ended(hasty: Arena, transport: str) -> None:
    async with hasty.undisturbed(), hasty.attacker(transport, joined=False) as session:
        packets, _ = await session.last_words()
        assert packets == ["1"]


async def test_a_session_that_is_refused_and_does_not_try_again_is_ended(hasty: Arena) -> None:
    async with hasty.undisturbed(), hasty.attacker(joined=False) as session:
        await session.send("40[]")
        packets, _ = await session.last_words()
        assert [packet[:2] for packet in packets] == ["44", "1"]


async def test_a_session_that_left_and_does_not_come_back_is_ended(hasty: Arena) -> None:
    async with hasty.undisturbed(), hasty.attacker() as session:
        await session.send("41")
        packets, _ = await session.last_words()
        assert packets == ["1"]


async def test_attachments_that_never_come_end_the_session(hasty: Arena) -> None:
    async with hasty.undisturbed(), hasty.attacker() as session:
        await session.send(f'451-1["state:get",{PLACEHOLDER}]')
        packets, _ = await session.last_words()
        assert packets[-1] == "1"


@pytest.mark.parametrize("begin", [[], ["2probe"]], ids=["at once", "after the probe"])
async def test_an_upgrade_that_does_not_go_on_leaves_the_polling_session_as_it_was(
    hasty: Arena, begin: list[str]
) -> None:
    async with hasty.undisturbed(), hasty.attacker("polling") as session:
        socket = await RawSocket.upgraded(hasty.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        for packet in begin:
            await socket.send(packet)
        assert (await socket.last_words())[0] == ["3probe"] * len(begin)
        await socket.leave()
        assert (await session.ask("state:get", {}))["ok"]


HEAD = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
POST = f"POST /socket.io/?{POLLING_QUERY}&sid=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n"
SLOW: dict[str, tuple[bytes, bytes, int]] = {
    "nothing at all": (b"", b"", 0),
    "a header byte by byte": (HEAD + b"X-Slow: ", b"X", 0),
    "a second request byte by byte": (HEAD + b"\r\n" + HEAD + b"X-Slow: ", b"X", 1),
    "an upgrade byte by byte": (f"GET /socket.io/?{WEBSOCKET_QUERY} HTTP/1.1\r\nX: ".encode(), b"X", 0),
    "a body that never comes": (POST.replace("sid=x", "sid=SID").encode(), b"", 0),
    "a body byte by byte": (POST.replace("sid=x", "sid=SID").encode(), b"4", 0),
}


@pytest.mark.parametrize(("begin", "more", "answers"), SLOW.values(), ids=SLOW)
async def test_a_request_that_never_ends_is_cut_off(
    hasty: Arena, begin: bytes, more: bytes, answers: int
) -> None:
    async with hasty.unharmed(), hasty.attacker("polling") as session:
        answer = await dribble(hasty.server, begin.replace(b"SID", session.sid.encode()), more)
        assert answer.count(b"HTTP/1.1 200") == answers


async def test_who_does_not_answer_the_heartbeat_is_dropped_and_who_does_stays(
    tmp_path: Path, both_paths: str
) -> None:
    server = changed_server(tmp_path, HASTY_HEART)
    await server.start()
    try:
        alive = await PythonClient().connect(server.url)
        mute = await RawSocket.open(server)
        mute.pongs = False
        await (await mute.join()).last_words()
        assert (await alive.request("state:get", {}))["ok"]
        _, stats = await server.get("/stats")
        assert (stats["clients"]["total"], stats["clients"]["sessions"]) == (1, 1)
        await mute.leave()
        await alive.disconnect()
    finally:
        await server.kill()


async def dribble(server: RunningServer, begin: bytes, more: bytes) -> bytes:
    """What comes back for a request that is sent byte by byte, until the server has enough of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(begin)
    reading = asyncio.create_task(reader.read())
    async with asyncio.timeout(WAIT_S):
        while not reading.done():
            writer.write(more)
            await asyncio.wait([reading], timeout=0.05)
    writer.close()
    return await reading

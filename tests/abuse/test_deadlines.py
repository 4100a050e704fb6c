"""Clients that begin something and do not go on: each step has a deadline (sockets/listener).

Deadlines are long here, until a test makes some of them short: whoever is to be in time always is.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.abuse.arena import Arena
from tests.abuse.raw import POLLING_QUERY, WEBSOCKET_QUERY, RawSocket
from tests.running import WAIT_S, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACEHOLDER = '{"_placeholder":true,"num":0}'
DEADLINES = """
import signal
from pathlib import Path
import h11
from sio_server.clients import transport
from sio_server.side_app import server as side_app
from sio_server.sockets import engine, listener

WANTED = Path(__file__).with_name("short")

def change(*_):
    wanted = WANTED.read_text()
    sessions, arrivals, strangers = (
        0.5 if name in wanted else 120 for name in ("sessions", "arrivals", "strangers")
    )
    engine.STEP_WITHIN_S = transport.CONNECT_WITHIN_S = transport.ATTACHMENTS_WITHIN_S = sessions
    listener.KNOWN_WITHIN_S = {h11.IDLE: arrivals, h11.SEND_BODY: arrivals}
    listener.ARRIVES_WITHIN_S = {h11.IDLE: arrivals, h11.SEND_BODY: min(arrivals, strangers)}
    side_app.ARRIVES_WITHIN_S = arrivals
    WANTED.unlink()  # it is done

side_app.KEEP_ALIVE_S = 600.0
WANTED.write_text("none")
change()
signal.signal(signal.SIGUSR1, change)
"""


class Hasty(Arena):
    """On a server whose deadlines can be made short."""

    folder: Path

    @asynccontextmanager
    async def short(self, which: str) -> AsyncIterator[None]:
        """While the block runs, the deadlines of sessions, or of arriving requests, are half a second."""
        await self._shorten(which)
        yield
        await self._shorten("none")

    async def _shorten(self, which: str) -> None:
        wanted = self.folder / "short"
        wanted.write_text(which)
        os.kill(self.server.pid, signal.SIGUSR1)
        await until(lambda: not wanted.exists(), "the deadlines")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hasty(tmp_path_factory: pytest.TempPathFactory, both_paths: str) -> AsyncIterator[Hasty]:
    """One server for all."""
    folder = tmp_path_factory.mktemp("hasty")
    async with Hasty.in_folder(folder, DEADLINES) as arena:
        arena.folder = folder
        yield arena


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_session_that_never_connects_is_ended(hasty: Hasty, transport: str) -> None:
    async with (
        hasty.undisturbed(),
        hasty.short("sessions"),
        hasty.attacker(transport, joined=False) as session,
    ):
        packets, code = await session.last_words()
        assert packets in (["1"], [])  # whoever polls too late is told by the status alone
        assert code == (1008 if transport == "websocket" else None)


async def test_a_session_that_is_refused_and_does_not_try_again_is_ended(hasty: Hasty) -> None:
    async with hasty.undisturbed(), hasty.short("sessions"), hasty.attacker(joined=False) as session:
        await session.send("40[]")
        packets, _ = await session.last_words()
        assert [packet[:2] for packet in packets] in (["44", "1"], ["1"])  # it may be ended before that


async def test_a_session_that_left_and_does_not_come_back_is_ended(hasty: Hasty) -> None:
    async with hasty.undisturbed(), hasty.attacker() as session, hasty.short("sessions"):
        await session.send("41")
        packets, _ = await session.last_words()
        assert packets == ["1"]


async def test_attachments_that_never_come_end_the_session(hasty: Hasty) -> None:
    async with hasty.undisturbed(), hasty.attacker() as session, hasty.short("sessions"):
        await session.send(f'451-1["state:get",{PLACEHOLDER}]')
        packets, code = await session.last_words()
        assert (packets[-1], code) == ("1", 1008)


async def test_an_upgrade_that_never_begins_leaves_the_polling_session_as_it_was(hasty: Hasty) -> None:
    async with hasty.undisturbed(), hasty.attacker("polling") as session:
        async with hasty.short("sessions"):
            socket = await RawSocket.upgraded(hasty.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
            assert (await socket.last_words())[0] == []
        await socket.leave()
        assert (await session.ask("state:get", {}))["ok"]


async def test_an_upgrade_that_stops_after_the_probe_leaves_the_polling_session_as_it_was(
    hasty: Hasty,
) -> None:
    async with hasty.undisturbed(), hasty.attacker("polling") as session:
        socket = await RawSocket.upgraded(hasty.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        await hasty.picture()  # it waits for the probe by now
        async with hasty.short("sessions"):
            await socket.send("2probe")
            assert (await socket.last_words())[0] == ["3probe"]
        await socket.leave()
        assert (await session.ask("state:get", {}))["ok"]


HEAD = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("whole", [1, 2])
async def test_half_a_request_to_the_side_app_is_ended_also_after_whole_ones(
    hasty: Hasty, whole: int
) -> None:
    async with hasty.undisturbed():
        reader, writer = await asyncio.open_connection("127.0.0.1", hasty.server.http_port)
        for _ in range(whole):
            writer.write(HEAD + b"\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_S)
            assert head.startswith(b"HTTP/1.1 200 ")
            [length] = re.findall(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length))
        async with hasty.short("arrivals"):
            writer.write(HEAD)
            assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
        writer.close()


POST = f"POST /socket.io/?{POLLING_QUERY}&sid=SID HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n"
SLOW: dict[str, tuple[bytes, bytes, bytes]] = {
    "nothing at all": (b"", b"", b""),
    "a header byte by byte": (b"", HEAD + b"X-Slow: ", b"X"),
    "a second request byte by byte": (HEAD + b"\r\n", HEAD + b"X-Slow: ", b"X"),
    "an upgrade byte by byte": (b"", f"GET /socket.io/?{WEBSOCKET_QUERY} HTTP/1.1\r\nX: ".encode(), b"X"),
    "a body that never comes": (b"", POST.encode(), b""),
    "a body byte by byte": (b"", POST.encode(), b"4"),
}


@pytest.mark.parametrize(("whole", "begin", "more"), SLOW.values(), ids=SLOW)
async def test_a_request_that_never_ends_is_cut_off(
    hasty: Hasty, whole: bytes, begin: bytes, more: bytes
) -> None:
    """`whole` is a request before it, which is answered."""
    async with hasty.unharmed(), hasty.attacker("polling") as session:
        begin = begin.replace(b"SID", session.sid.encode())
        async with AsyncExitStack() as stack:
            if not whole:  # the deadline begins with the connection
                await stack.enter_async_context(hasty.short("arrivals"))
            reader, writer = await asyncio.open_connection("127.0.0.1", hasty.server.port)
            if whole:
                writer.write(whole)
                assert b"HTTP/1.1 200" in await reader.readuntil(b"}")
                await stack.enter_async_context(hasty.short("arrivals"))
            writer.write(begin)
            assert b"HTTP/1.1 200" not in await dribble(reader, writer, more)
            writer.close()


async def test_the_body_of_whoever_is_not_signed_in_has_less_time(hasty: Hasty) -> None:
    """The one that is signed in began first, and ends in its own time."""
    async with hasty.unharmed(), hasty.attacker("polling") as known, hasty.short("strangers"):
        reader, writer = await asyncio.open_connection("127.0.0.1", hasty.server.port)
        text = b'420["priorities:put",{"items":[{"id":"slow","title":"Came slowly"}]}]'
        head = POST.replace("SID", known.sid).replace("99", str(len(text))).encode()
        writer.write(head + text[:9])
        async with hasty.attacker("polling", joined=False) as stranger:
            strange, other = await asyncio.open_connection("127.0.0.1", hasty.server.port)
            other.write(POST.replace("SID", stranger.sid).encode())
            assert b"HTTP/1.1 200" not in await dribble(strange, other, b"4")
            other.close()
        writer.write(text[9:])
        assert b"HTTP/1.1 200" in await reader.readuntil(b"ok")
        assert (await known.next_of("430["))[:12] == '430[{"ok":tr'
        writer.close()


async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, more: bytes) -> bytes:
    """What comes back while this is sent again and again, until the server has enough of it."""
    reading = asyncio.create_task(reader.read())
    async with asyncio.timeout(WAIT_S):
        while not reading.done():
            writer.write(more)
            await asyncio.wait([reading], timeout=0.05)
    return await reading

"""Clients whose every byte the test chooses: HTTP, WebSocket frames, Engine.IO and Socket.IO by hand."""

from __future__ import annotations

import asyncio
import json
import socket
from base64 import b64encode
from collections import deque
from collections.abc import Iterable
from io import BytesIO
from typing import Any, Self, cast

import aiohttp

from tests.running import WAIT_S, RunningServer

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
CONT = 0x0
SEPARATOR = "\x1e"
WEBSOCKET_QUERY = "EIO=4&transport=websocket"
POLLING_QUERY = "EIO=4&transport=polling"

Json = Any
Headers = Iterable[tuple[str, str]]


class Closed(Exception):
    """The server has ended the connection; `code` is the close frame's, None without one."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Refused(Exception):
    """The upgrade was answered with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


HEAD = '42["state:head"'


class Session:
    """One Engine.IO session, whatever it goes by; with `heads` it shows `state:head` too, which comes with
    the heartbeat."""

    heads = False

    async def send(self, packet: str) -> None:
        """One Engine.IO packet."""
        raise NotImplementedError

    async def next(self) -> str:
        """The next packet; heartbeats are answered, and passed over with what comes beside them.

        Errors: Closed.
        """
        raise NotImplementedError

    async def leave(self) -> None:
        """Cuts the line without a word."""
        raise NotImplementedError

    async def join(self, **auth: Json) -> Self:
        """Connects to `/` and takes the first sync in."""
        await self.send("40" + dump(auth))
        await self.next_of("40")
        await self.next_of('42["state:sync"')
        return self

    async def next_of(self, beginning: str) -> str:
        """The next packet that begins so; others are passed over."""
        async with asyncio.timeout(WAIT_S):
            while not (packet := await self.next()).startswith(beginning):
                pass
            return packet

    async def ask(self, event: str, *arguments: Json, id: int = 1) -> Json:
        """The ack of an event."""
        return await self.ask_text(dump([event, *arguments]), id)

    async def ask_text(self, text: str, id: int = 1) -> Json:
        """The ack of an event whose JSON is given as text."""
        await self.send(f"42{id}{text}")
        return ack_of(await self.next_of(f"43{id}["))

    async def last_words(self) -> tuple[list[str], int | None]:
        """All packets up to the end, and the close code; fails when there is no end."""
        packets: list[str] = []
        async with asyncio.timeout(WAIT_S):
            while True:
                try:
                    packets.append(await self.next())
                except Closed as closed:
                    return packets, closed.code


class RawSocket(Session):
    """A session by WebSocket, frame by frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self.head = head
        self.pongs = True
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(
        cls,
        server: RunningServer,
        query: str = WEBSOCKET_QUERY,
        headers: Headers = (),
        *,
        narrow: bool = False,
    ) -> Self:
        """A socket that has read Engine.IO's opening; a narrow one takes in little ahead of its reader."""
        opened = await cls.upgraded(server, query, headers, narrow=narrow)
        await opened.next_of("0{")
        return opened

    @classmethod
    async def upgraded(
        cls, server: RunningServer, query: str, headers: Headers = (), *, narrow: bool = False
    ) -> Self:
        """A socket that has done no more than the HTTP upgrade."""
        line = socket.socket(proto=socket.IPPROTO_TCP)  # without it asyncio does not turn Nagle's delay off
        line.setblocking(False)
        if narrow:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 10)
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", server.port))
        reader, writer = await asyncio.open_connection(sock=line, limit=1 << 16 if narrow else 1 << 26)
        writer.write(upgrade_request(server, query, headers))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_S)
        if not head.startswith(b"HTTP/1.1 101 "):
            writer.close()
            raise Refused(status_of(head))
        return cls(reader, writer, head)

    def stop_reading(self) -> None:
        """From now on what the server sends stays in its own hands."""
        cast(asyncio.ReadTransport, self._writer.transport).pause_reading()

    async def send(self, packet: str) -> None:
        await self.frame(TEXT, packet.encode())

    async def frame(
        self, opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, masked: bool = True
    ) -> None:
        """One frame; the mask is zero, which is allowed and costs nothing."""
        await self.write(frame(opcode, payload, fin=fin, reserved=reserved, masked=masked))

    async def write(self, raw: bytes) -> None:
        """Bytes as they are; a server that has closed already is no error here."""
        try:
            self._writer.write(raw)
            await asyncio.wait_for(self._writer.drain(), WAIT_S)
        except ConnectionError:
            pass

    @staticmethod
    def frames(packets: Iterable[bytes]) -> bytes:
        """Text frames, to be written in one go."""
        return b"".join(frame(TEXT, packet) for packet in packets)

    def write_soon(self, raw: bytes) -> None:
        """Bytes as they are, without waiting until they have left."""
        self._writer.write(raw)

    def read_again(self) -> None:
        """Takes in what the server has kept."""
        cast(asyncio.ReadTransport, self._writer.transport).resume_reading()

    async def rest(self, within_s: float) -> bytes:
        """What comes up to the end of the line.

        Errors: TimeoutError when the server does not end it in time.
        """
        try:
            return await asyncio.wait_for(self._reader.read(), within_s)
        except ConnectionError:
            return b""

    async def drained(self, within_s: float) -> None:
        """Returns when what was written has left.

        Errors: TimeoutError when the server does not read.
        """
        await asyncio.wait_for(self._writer.drain(), within_s)

    async def next(self) -> str:
        while True:
            opcode, payload = await self._next_frame()
            if opcode == CLOSE:
                raise Closed(int.from_bytes(payload[:2], "big") if payload else None)
            text = payload.decode()
            if opcode == TEXT and text != "2" and (self.heads or not text.startswith(HEAD)):
                return text
            if text == "2" and opcode == TEXT and self.pongs:
                await self.send("3")

    async def next_ping(self) -> str:
        """The next heartbeat, which is not answered."""
        while (found := await self._next_frame()) != (TEXT, b"2"):
            pass
        return found[1].decode()

    async def next_pong(self) -> bytes:
        """The payload of the next PONG."""
        while (found := await self._next_frame())[0] != PONG:
            pass
        return found[1]

    def vanish(self) -> None:
        """The connection is reset, as by a machine that is switched off and on."""
        self._writer.transport.abort()

    async def leave(self) -> None:
        self._writer.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), WAIT_S)
        except (ConnectionError, TimeoutError):
            self._writer.transport.abort()

    async def _next_frame(self) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(WAIT_S):
                first, second = await self._reader.readexactly(2)
                size = second & 0x7F
                if size > 125:
                    size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
                return first & 0x0F, await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed(None) from None


class RawPolling(Session):
    """A session by HTTP long-polling, request by request."""

    def __init__(self, server: RunningServer, sid: str) -> None:
        self.sid = sid
        self.last_status = 200
        self.path = f"/socket.io/?{POLLING_QUERY}&sid={sid}"
        self._url = server.url + self.path
        self._http = aiohttp.ClientSession()
        self._arrived: deque[str] = deque()

    @classmethod
    async def open(cls, server: RunningServer) -> Self:
        """A session that has read Engine.IO's opening."""
        opening = await exchange(server, get_request(server, POLLING_QUERY))
        return cls(server, opening.split(b'"sid":"', 1)[1].split(b'"', 1)[0].decode())

    async def send(self, packet: str) -> None:
        await self.post(packet.encode())

    async def post(self, body: Any) -> int:
        """The status of a POST; an async iterator is sent in chunks."""
        large = isinstance(body, bytes) and len(body) > 100_000
        async with self._http.post(self._url, data=BytesIO(body) if large else body) as response:
            await response.read()
            self.last_status = response.status
            return response.status

    async def get(self) -> tuple[int, str]:
        """Status and body of a GET."""
        async with self._http.get(self._url) as response:
            return response.status, await response.text()

    async def next(self) -> str:
        while not self._arrived:
            status, body = await asyncio.wait_for(self.get(), WAIT_S)
            if status != 200 or not body:
                raise Closed(None)
            packets = body.split(SEPARATOR)
            shown = (packet for packet in packets if self.heads or not packet.startswith(HEAD))
            self._arrived += [packet for packet in shown if packet not in ("2", "6")]
            if "2" in packets:
                await self.send("3")
        return self._arrived.popleft()

    async def leave(self) -> None:
        """Says the Engine.IO good-bye, since a silent poller is only missed after a while."""
        await self.post(b"1")
        await self.forget()

    def taken(self) -> list[str]:
        """What came and was not looked at yet; it is not given again."""
        packets = [*self._arrived]
        self._arrived.clear()
        return packets

    async def forget(self) -> None:
        """Leaves the session to itself, or to the websocket that took it over."""
        await self._http.close()


def frame(opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    """The bytes of a WebSocket frame from a client."""
    head = bytes([fin << 7 | reserved << 4 | opcode])
    size = len(payload)
    if size < 126:
        head += bytes([masked << 7 | size])
    elif size < 1 << 16:
        head += bytes([masked << 7 | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([masked << 7 | 127]) + size.to_bytes(8, "big")
    return head + (bytes(4) if masked else b"") + payload


def upgrade_request(server: RunningServer, query: str = WEBSOCKET_QUERY, headers: Headers = ()) -> bytes:
    """A request to become a WebSocket; `headers` replace the usual ones of the same name."""
    usual = {
        "Host": f"127.0.0.1:{server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(bytes(16)).decode(),
    }
    return _request(f"GET /socket.io/?{query} HTTP/1.1", usual, headers)


def get_request(server: RunningServer, query: str, headers: Headers = ()) -> bytes:
    """A GET of the Socket.IO path, after which the server closes."""
    usual = {"Host": f"127.0.0.1:{server.port}", "Connection": "close"}
    return _request(f"GET /socket.io/?{query} HTTP/1.1", usual, headers)


def _request(line: str, usual: dict[str, str], headers: Headers) -> bytes:
    headers = list(headers)
    replaced = {name.lower() for name, _ in headers}
    kept = [(name, value) for name, value in usual.items() if name.lower() not in replaced]
    lines = [line, *(f"{name}: {value}" for name, value in [*kept, *headers] if value)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def exchange(server: RunningServer, request: bytes, port: int = 0) -> bytes:
    """All that the server (or what listens at another `port`) answers to these bytes until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port or server.port)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(1 << 20), WAIT_S) + await asyncio.wait_for(
            reader.read(), WAIT_S
        )
    except ConnectionError:
        return b""
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    """The status of an HTTP answer; 0 when there was none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def dump(value: Json) -> str:
    """JSON as a client would write it; NaN and lone surrogates go through."""
    return json.dumps(value, separators=(",", ":"))


def ack_of(packet: str) -> Json:
    """The one argument of an ack packet."""
    (answer,) = json.loads(packet[packet.index("[") :], parse_constant=_no_constant)
    return answer


def _no_constant(name: str) -> None:
    raise AssertionError(f"the server sent {name}")

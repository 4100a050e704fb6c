"""A Socket.IO client for load: one asyncio protocol, without tasks, timers or JSON decoding.

It keeps the head of each message and only counts the rest, so that a thousand snapshots do not fill memory,
and it masks with zeros, which changes no byte. It is good for load and nothing else.
"""

from __future__ import annotations

import asyncio
import re
import struct
import time
from collections.abc import Callable
from typing import Any, cast

import orjson

HEAD_BYTES = 4_096  # of a message: what is looked for stands there, the rest is only counted
NO_MASK = b"\0\0\0\0"
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A

_MODE = re.compile(rb'"mode":"(\w+)"')
_EPOCH = re.compile(rb'"epoch":"([^"]+)"')
_SEQ = re.compile(rb'"seq":(\d+)')
_ACK = re.compile(rb"43(\d+)\[")

Hear = Callable[[bytes, int], None]


class LoadError(Exception):
    """The server did something that a load program does not expect; the message says what."""


class Refused(LoadError):
    """A request was acked with an error."""


class Client(asyncio.Protocol):
    """One connection; `connect` makes it, and `lost` is set when it is gone.

    `hear` is given each patch: its first bytes and its size.
    """

    def __init__(self, port: int, auth: dict[str, Any], hear: Hear | None) -> None:
        loop = asyncio.get_running_loop()
        self.synced: asyncio.Future[None] = loop.create_future()
        self.synced_at = 0.0
        self.lost = asyncio.Event()
        self.mode = self.epoch = ""
        self.sync_bytes = 0
        self._opening = (
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: bG9hZGxvYWRsb2FkbG9hZA==\r\n\r\n"
        ).encode()
        self._auth = orjson.dumps(auth)
        self._hear = hear
        self._acks: dict[int, asyncio.Future[bytes]] = {}
        self._last_id = 0
        self._last_news = b""
        self._frames = Frames(self._take)
        self._headers: bytes | None = b""
        self._transport: asyncio.Transport | None = None

    @property
    def seq(self) -> int:
        """The position that the client holds."""
        return int(_found(_SEQ, self._last_news))

    @property
    def resume(self) -> dict[str, Any]:
        """The handshake's `resume`, to get only what is missing."""
        return {"epoch": self.epoch, "seq": self.seq}

    def request(self, event: str, payload: Any) -> asyncio.Future[bytes]:
        """Sends a request; the future is the ack, cut off after 4 KiB.

        Errors: Refused; LoadError when the connection goes.
        """
        self._last_id += 1
        body = orjson.dumps([event, payload])
        self._send(b"42%d%b" % (self._last_id, body))
        ack = self.synced.get_loop().create_future()
        self._acks[self._last_id] = ack
        return ack

    def close(self) -> None:
        """Aborts the connection."""
        if self._transport is not None:
            self._transport.abort()

    def listen(self, hear: Hear) -> None:
        """Gives it each patch from now on."""
        self._hear = hear

    def stall(self) -> None:
        """Stops reading."""
        assert self._transport is not None
        self._transport.pause_reading()

    def read_on(self) -> None:
        """Reads again after a `stall`."""
        assert self._transport is not None
        self._transport.resume_reading()

    # Called by asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for a websocket."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._opening)

    def data_received(self, data: bytes) -> None:
        """Handles the answer to the upgrade, then frames."""
        if self._headers is not None:
            headers, end, data = (self._headers + data).partition(b"\r\n\r\n")
            if not end:
                self._headers = headers
                return
            if not headers.startswith(b"HTTP/1.1 101"):
                self._fail(f"the server answered {headers.splitlines()[0].decode()}")
                return
            self._headers = None
        self._frames.take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fails whatever still waits."""
        self._fail("the connection was lost")
        self.lost.set()

    # Messages.

    def _take(self, opcode: int, head: bytes, size: int) -> None:
        kind = head[:2]
        if opcode == PING:
            self._send(head, PONG)
        elif opcode == CLOSE:
            self.close()
        elif kind == b"43":
            self._take_ack(head)
        elif kind == b"42":
            self._take_event(head, size)
        elif kind == b"44":
            self._fail(f"the server refused the connect: {head.decode()}")
        elif head[:1] == b"2":
            self._send(b"3")
        elif head[:1] == b"0":
            self._send(b"40" + self._auth)

    def _take_event(self, head: bytes, size: int) -> None:
        if head.startswith(b'42["state:patch"'):
            self._last_news = head
            if self._hear is not None:
                self._hear(head, size)
        elif head.startswith(b'42["state:sync"'):
            self.synced_at = time.perf_counter()
            self._last_news = head
            self.mode = _found(_MODE, head).decode()
            self.epoch = _found(_EPOCH, head).decode()
            self.sync_bytes = size
            if not self.synced.done():
                self.synced.set_result(None)
        elif head.startswith(b'42["server:bye"'):
            self._fail(f"the server said {head.decode()}")

    def _take_ack(self, head: bytes) -> None:
        found = _ACK.match(head)
        ack = self._acks.pop(int(found[1])) if found is not None else None
        if ack is None or ack.done():
            return
        if b'{"ok":true' in head[:40]:
            ack.set_result(head)
        else:
            ack.set_exception(Refused(f"the server refused a request: {head.decode(errors='replace')}"))

    def _fail(self, why: str) -> None:
        waiting: list[asyncio.Future[Any]] = [self.synced, *self._acks.values()]
        for future in waiting:
            if not future.done():
                future.set_exception(LoadError(why))
                future.exception()  # nobody may be waiting for it
        self._acks.clear()
        self.close()

    def _send(self, text: bytes, opcode: int = TEXT) -> None:
        size = len(text)
        if size < 126:
            head = bytes((opcode, 0x80 | size))
        elif size < 65_536:
            head = struct.pack("!BBH", opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", opcode, 0x80 | 127, size)
        assert self._transport is not None
        self._transport.write(head + NO_MASK + text)


class Frames:
    """Finds frames in the incoming bytes; calls `take(opcode, head, size)` for each whole one."""

    def __init__(self, take: Callable[[int, bytes, int], None]) -> None:
        self._take = take
        self._rest = b""
        self._large: tuple[int, bytes, int] = (0, b"", 0)
        self._missing = 0

    def take(self, data: bytes) -> None:
        """The next bytes from the server."""
        at = min(self._missing, len(data))
        if at:
            self._missing -= at
            if self._missing:
                return
            self._take(*self._large)
        if self._rest:
            data, self._rest = self._rest + data, b""
        end = len(data)
        while end - at >= 2:
            opcode, size, body = data[at], data[at + 1], at + 2
            if size >= 126:
                body += 2 if size == 126 else 8
                size = int.from_bytes(data[at + 2 : body])
            if body + size > end:
                if body + HEAD_BYTES <= end:
                    self._large = (opcode, data[body : body + HEAD_BYTES], size)
                    self._missing = body + size - end
                    return
                break
            self._take(opcode, data[body : body + min(size, HEAD_BYTES)], size)
            at = body + size
        self._rest = data[at:]


async def connect(port: int, hear: Hear | None = None, **auth: Any) -> Client:
    """A client that has had its first `state:sync`.

    Errors: LoadError.
    """
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(port, auth, hear), "127.0.0.1", port)
    await client.synced
    return client


async def connect_many(count: int, port: int, hear: Hear | None = None, **auth: Any) -> list[Client]:
    """Connects this many clients at once."""
    return list(await asyncio.gather(*(connect(port, hear, **auth) for _ in range(count))))


def _found(pattern: re.Pattern[bytes], head: bytes) -> bytes:
    found = pattern.search(head)
    if found is None:
        raise LoadError(f"nothing like {pattern.pattern!r} in {head[:200]!r}")
    return found[1]

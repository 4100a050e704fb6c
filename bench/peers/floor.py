"""The least that a server must do: a websocket handshake by hand, one frame for all, one write for each.

    python -m bench.peers.floor HELLO

It answers bench.client as the other peers do, without parsing JSON, and serves no other client: it assumes
that a message is one short frame, masked with zeros.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import struct
import sys
from typing import cast

import uvloop

BACKLOG = 2048
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT = 0x81
OPEN = b'0{"sid":"-","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
CONNECTED = b'40{"sid":"-"}'
SYNC = b'42["state:sync",%b]' % sys.argv[1].encode()

_KEY = re.compile(rb"(?i)sec-websocket-key: *(\S+)")
_EVENT = re.compile(rb'42(\d+)\["(\w+)",')

state: set[asyncio.Transport] = set()


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self) -> None:
        self._rest = b""
        self._upgraded = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Waits for the request."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Sends nothing more."""
        state.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """The request for an upgrade, then frames."""
        data = self._rest + data
        if not self._upgraded:
            headers, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = headers
                return
            self._upgrade(headers)
        at = 0
        while len(data) - at >= 6:
            size, body = data[at + 1] & 0x7F, at + 6
            if size == 126:
                size, body = int.from_bytes(data[at + 2 : at + 4]), at + 8
            if body + size > len(data):
                break
            at = body + size
            self._take(data[body:at])
        self._rest = data[at:]

    def _upgrade(self, headers: bytes) -> None:
        self._upgraded = True
        found = _KEY.search(headers)
        assert found is not None
        accept = base64.b64encode(hashlib.sha1(found[1] + MAGIC).digest())
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept
        )
        self._transport.write(frame(OPEN))

    def _take(self, message: bytes) -> None:
        event = _EVENT.match(message)
        if event is None:
            if message.startswith(b"40"):
                self._connect(message)
            return
        id, name, rest = event[1], event[2], message[event.end() :]
        if name == b"change":
            patch = frame(b'42["state:patch",' + rest)
            for transport in state:
                transport.write(patch)
            rest = b'{"ok":true}]'
        self._transport.write(frame(b"43%b[%b" % (id, rest)))

    def _connect(self, message: bytes) -> None:
        if b'"rooms"' not in message:
            state.add(self._transport)
        self._transport.write(frame(CONNECTED))
        self._transport.write(frame(SYNC))


def frame(text: bytes) -> bytes:
    """As a server sends it."""
    if len(text) < 126:
        return bytes((TEXT, len(text))) + text
    return struct.pack("!BBH", TEXT, 126, len(text)) + text


async def main() -> None:
    """Serves until it is killed."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())

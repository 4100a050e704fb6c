"""A websocket under ASGI, and the packets in the body of a POST."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress

from sio_server.sockets.guard import Receive, Scope, Send
from sio_server.sockets.packets import Malformed
from sio_server.sockets.websocket import SCOPE_PROTOCOL, Protocol

SEPARATOR = "\x1e"


class EngineWebSocket:
    """A websocket under ASGI; `protocol` is uvicorn's, when our listener runs the server."""

    __slots__ = ("_receive", "_send", "protocol")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.protocol: Protocol | None = scope.get(SCOPE_PROTOCOL)
        self._receive = receive
        self._send = send

    async def accept(self) -> None:
        """Accepts the handshake."""
        await self._send({"type": "websocket.accept"})

    async def send(self, text: str) -> None:
        """Sends a text message; waits while the peer is not reading."""
        await self._send({"type": "websocket.send", "text": text})

    async def wait(self) -> str | bytes:
        """The next message. Errors: OSError once either side has closed."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise OSError("the websocket is closed")
        text: str | None = message.get("text")
        return bytes(message["bytes"]) if text is None else text

    async def close(self) -> None:
        """Closes the connection, or refuses the handshake."""
        with suppress(Exception):  # it is closed either way
            await self._send({"type": "websocket.close"})

    def abort_after(self, seconds: float) -> None:
        """Aborts the connection after this time if it is still open; holds only the transport until then."""
        if self.protocol is not None:
            asyncio.get_running_loop().call_later(seconds, self.protocol.transport.abort)


def times_resumed(websocket: EngineWebSocket | None) -> int:
    """How often the peer has resumed reading after a pause; 0 where that is not known."""
    return 0 if websocket is None or websocket.protocol is None else websocket.protocol.times_resumed


def packets_in(body: bytes) -> Iterator[str | bytes]:
    """The packets of a POST: text, and binary as base64. A generator, because a body may hold very many.

    Errors: Malformed; a body that is not a payload at all raises before the first packet.
    """
    try:
        text = body.decode()
    except ValueError:
        raise Malformed("not an Engine.IO payload") from None
    ends = (text[:1], text[-1:])
    if "" in ends or SEPARATOR in ends or SEPARATOR * 2 in text:
        raise Malformed("an empty packet")
    return _split(text)


def _split(text: str) -> Iterator[str | bytes]:
    begin = 0
    while begin <= len(text):
        end = text.find(SEPARATOR, begin)
        packet = text[begin : len(text) if end < 0 else end]
        begin += len(packet) + 1
        try:
            yield b64decode(packet[1:], validate=True) if packet[0] == "b" else packet
        except ValueError:
            raise Malformed("not an Engine.IO payload") from None

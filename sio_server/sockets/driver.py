"""A websocket under ASGI, and the packets in the body of a POST."""

from __future__ import annotations

import asyncio
import codecs
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress

from sio_server.sockets.endings import Ending
from sio_server.sockets.guard import Receive, Scope, Send
from sio_server.sockets.packets import Malformed
from sio_server.sockets.websocket import CUT_BYTES, SCOPE_PROTOCOL, Protocol, text_of

SEPARATOR = b"\x1e"
STEP_BYTES = 256 << 10


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

    async def close(self, ending: Ending) -> None:
        """Closes the connection, and says why."""
        with suppress(Exception):  # it is closed either way
            await self._send({"type": "websocket.close", "code": ending.code, "reason": ending.reason})

    def abort_after(self, seconds: float) -> None:
        """Aborts the connection after this time if it is still open; holds only the transport until then."""
        if self.protocol is not None:
            asyncio.get_running_loop().call_later(seconds, self.protocol.transport.abort)


def times_resumed(websocket: EngineWebSocket | None) -> int:
    """How often the peer has resumed reading after a pause; 0 where that is not known."""
    return 0 if websocket is None or websocket.protocol is None else websocket.protocol.times_resumed


def check(body: bytes | bytearray) -> None:
    """Checks that the body of a POST is a payload, in steps between which other threads run.

    Errors: Malformed.
    """
    ends = (body[:1], body[-1:])
    if b"" in ends or SEPARATOR in ends or SEPARATOR * 2 in body:
        raise Malformed("an empty packet")
    if body.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(body), STEP_BYTES):
            decoder.decode(body[at : at + STEP_BYTES], final=at + STEP_BYTES >= len(body))
    except ValueError:
        raise Malformed("not an Engine.IO payload") from None


def packets_in(body: bytes | bytearray) -> Iterator[str | bytes]:
    """The packets of a POST that was checked: text, and binary as base64. A generator, because a body may
    hold very many. Of a text that is longer than any message may be only the beginning is read, and of such
    binary nothing: it is dropped anyway (decision 113).

    Errors: Malformed.
    """
    begin = 0
    while begin <= len(body):
        end = body.find(SEPARATOR, begin)
        stop = len(body) if end < 0 else end
        packet = bytes(body[begin : min(stop, begin + CUT_BYTES + 1)])
        begin = stop + 1
        try:
            if packet[:1] != b"b":
                yield (packet if len(packet) <= CUT_BYTES else text_of(packet)).decode()
            else:
                yield b64decode(packet[1:], validate=True) if len(packet) <= CUT_BYTES else b""
        except ValueError:
            raise Malformed("not an Engine.IO payload") from None

"""engineio's view of a websocket under ASGI, and the packets that go over it or in the body of a POST."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from engineio.async_drivers.asgi import WebSocket

from sio_server.sockets.packets import Malformed
from sio_server.sockets.websocket import SCOPE_PROTOCOL, Protocol

SEPARATOR = "\x1e"


class EngineWebSocket(WebSocket):
    """A WebSocket under ASGI; `protocol` is uvicorn's, when our listener runs the server."""

    protocol: Protocol | None = None

    async def __call__(self, environ: dict[str, Any]) -> str:
        self.protocol = environ["asgi.scope"].get(SCOPE_PROTOCOL)
        _forget_headers(environ)
        return str(await super().__call__(environ))

    def abort_after(self, seconds: float) -> None:
        """Cuts the connection then, if it is still there; keeps nothing but the transport until then."""
        if self.protocol is not None:
            asyncio.get_running_loop().call_later(seconds, self.protocol.transport.abort)


def _forget_headers(environ: dict[str, Any]) -> None:
    """engineio and uvicorn keep the request as long as the connection lives: some 4 KB."""
    used = ("asgi.", "wsgi.", "REQUEST_METHOD", "QUERY_STRING", "HTTP_HOST", "HTTP_ORIGIN")
    kept = {name: value for name, value in environ.items() if name.startswith(used)}
    environ.clear()
    environ.update(kept)
    environ["asgi.scope"]["headers"] = []


def times_resumed(websocket: EngineWebSocket | None) -> int:
    """How often the peer went on reading after a stop, as far as that is known."""
    return 0 if websocket is None or websocket.protocol is None else websocket.protocol.times_resumed


def packets_in(body: bytes) -> Iterator[str | bytes]:
    """The packets of a POST: texts, and binary in base64. One at a time: a body may hold very many.

    Errors: Malformed, for what is no payload at all before the first packet is given.
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

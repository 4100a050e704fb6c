"""engineio's view of a websocket under ASGI, and the packets that go over it or in the body of a POST."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from typing import Any

from engineio.async_drivers.asgi import WebSocket

from sio_server.sockets.packets import Framed, Malformed, frame_of
from sio_server.sockets.websocket import SCOPE_PROTOCOL, Protocol

MAX_POST_PACKETS = 1_024


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


def frame(item: Any) -> bytes:
    """A message or an Engine.IO packet as one websocket frame."""
    return item.frame if isinstance(item, Framed) else frame_of(item.encode().encode())


def unpack(body: bytes) -> list[str | bytes]:
    """The packets of a POST: texts, and binary in base64.

    A JavaScript client sends all that it kept while offline in one POST, so the bound is generous.
    Errors: Malformed.
    """
    try:
        packets = body.decode().split("\x1e")
        if len(packets) > MAX_POST_PACKETS or not all(packets):
            raise Malformed("empty packets, or too many in one POST")
        return [b64decode(text[1:], validate=True) if text[0] == "b" else text for text in packets]
    except ValueError:
        raise Malformed("not an Engine.IO payload") from None

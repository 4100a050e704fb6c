"""engineio's view of a websocket under ASGI, and what goes over it."""

from __future__ import annotations

import asyncio
from typing import Any

from engineio.async_drivers.asgi import WebSocket

from sio_server.packets import Framed, frame_of
from sio_server.websocket import SCOPE_PROTOCOL, Protocol


class Wire(WebSocket):
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


def times_resumed(wire: Wire | None) -> int:
    """How often the peer went on reading after a stop, as far as that is known."""
    return 0 if wire is None or wire.protocol is None else wire.protocol.times_resumed


def frame(item: Any) -> bytes:
    """A message or an Engine.IO packet as one websocket frame."""
    return item.frame if isinstance(item, Framed) else frame_of(item.encode().encode())

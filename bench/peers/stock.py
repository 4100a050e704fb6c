"""python-socketio as it comes, on uvicorn with uvloop, over websockets only, without compression.

    python -m bench.peers.stock HELLO

"change" <text>: "state:patch" <text> to everybody in `state`, and an ack; "echo" <payload>: the payload
as the ack. The first line of output is the port.
"""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

import socketio
import uvicorn

BACKLOG = 2048

sio = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], http_compression=False)


async def connect(sid: str, environ: dict[str, Any], auth: dict[str, Any] | None = None) -> None:
    """Admits everybody; a client that names no rooms joins `state`."""
    if not auth:  # an empty one arrives as none
        await sio.enter_room(sid, "state")
    await sio.emit("state:sync", json.loads(sys.argv[1]), to=sid)


async def change(sid: str, text: str) -> dict[str, bool]:
    """To everybody."""
    await sio.emit("state:patch", text, room="state")
    return {"ok": True}


async def echo(sid: str, payload: Any) -> Any:
    """Back to the sender."""
    return payload


for handler in (connect, change, echo):
    sio.on(handler.__name__, handler)

if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listening:
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(
            socketio.ASGIApp(sio), loop="uvloop", ws_per_message_deflate=False, log_level="error"
        )
        uvicorn.Server(config).run(sockets=[listening])

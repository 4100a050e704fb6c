"""The Engine.IO server: what python-socketio needs of engineio's, with our own sessions and HTTP."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs

import engineio
import orjson

from sio_server.sockets.driver import EngineWebSocket
from sio_server.sockets.engine import EngineSocket
from sio_server.sockets.guard import Receive, Scope, Send, answer
from sio_server.sockets.packets import Malformed, Text, TooLarge
from sio_server.sockets.polling import JSON, Overlap, Polling, Request
from sio_server.sockets.sending import Receiver


class EngineServer(engineio.AsyncServer):
    """engineio's server with our sessions; `direct` says whether they may use websockets directly."""

    def __init__(self, receiver: Receiver, direct: bool, **options: Any) -> None:
        super().__init__(**options)
        self.receiver = receiver
        self.direct = direct
        self._spawned: set[asyncio.Task[None]] = set()

    def spawn(self, work: Any) -> None:
        """Runs a coroutine in the background; keeps a reference, so that it is not collected."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point, behind the guard."""
        if scope["type"] == "http":
            await self._serve_http(Request(scope, receive, send))
        elif (await receive())["type"] == "websocket.connect":  # else the client left before it began
            await self._serve_websocket(scope, receive, send)

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        [sid] = parse_qs(scope["query_string"].decode()).get("sid", [None])
        socket: EngineSocket | None = self.sockets.get(sid)
        if sid is not None and (socket is None or not socket.connected):
            await answer(scope, send, 400, {"error": "Unknown session."})
            return
        scope["headers"] = []  # 2 KB that uvicorn would keep as long as the connection lives
        websocket = EngineWebSocket(scope, receive, send)
        await websocket.accept()
        if socket is None:
            socket = await self._begin(scope, "websocket")
        await socket.converse(websocket)

    async def _serve_http(self, request: Request) -> None:
        socket = self.sockets.get(request.sid)
        if socket is not None:
            await socket.settled()
        if request.method not in ("GET", "POST"):
            await _refuse(request, 400, "Use GET to poll a session and POST to write to it.")
        elif request.sid is None and request.method == "GET":
            socket = await self._begin(request.scope, "polling")
            socket.polling = Polling(socket.queue, socket.on_gone)
            socket.connected = True
            await socket.serve(request, socket.polling)
        elif socket is None or socket.polling is None:
            await _refuse(request, 400, "Unknown session, or it uses a websocket.")
        else:
            await self._serve_session(request, socket, socket.polling)

    async def _serve_session(self, request: Request, socket: EngineSocket, polling: Polling) -> None:
        try:
            await socket.serve(request, polling)
        except Overlap as reason:
            await socket.close(reason=self.reason.TRANSPORT_ERROR)
            await _refuse(request, 400, f"The session is over: {reason}.")
        except Malformed as reason:
            await self.receiver.malformed(socket.sid, reason)
            status = 413 if isinstance(reason, TooLarge) else 400
            await _refuse(request, status, f"The session is over: {reason}.")

    async def _begin(self, scope: Scope, transport: str) -> EngineSocket:
        socket = EngineSocket(self, self.generate_id())
        self.sockets[socket.sid] = socket
        opening = {
            "sid": socket.sid,
            "upgrades": self._upgrades(socket.sid, transport),
            "pingTimeout": self.ping_timeout * 1000,
            "pingInterval": self.ping_interval * 1000,
            "maxPayload": self.max_http_buffer_size,
        }
        socket.post(Text(b"0", orjson.dumps(opening)))
        await self.handlers["connect"](socket.sid, scope)
        socket.schedule_ping()
        return socket


async def _refuse(request: Request, status: int, message: str) -> None:
    await request.answer(orjson.dumps({"error": message}), status, JSON)

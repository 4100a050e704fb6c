"""Engine.IO's server: python-engineio's handshake and upgrade for websockets, our own HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import engineio
import orjson

from sio_server.sockets.driver import EngineWebSocket
from sio_server.sockets.engine import EngineSocket, Receiver
from sio_server.sockets.packets import Malformed, Text, TooLarge
from sio_server.sockets.polling import JSON, Overlap, Polling, Request


class EngineServer(engineio.AsyncServer):
    """engineio's server with our sockets; `direct` ones, where websockets may be used directly."""

    def __init__(self, receiver: Receiver, direct: bool, **options: Any) -> None:
        super().__init__(**options)
        self.receiver = receiver
        self.direct = direct
        self._async: dict[str, Any] = {**self._async, "websocket": EngineWebSocket}
        self._spawned: set[asyncio.Task[None]] = set()

    def spawn(self, work: Any) -> None:
        """Runs a coroutine to its end; keeps it from being collected."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    async def handle_request(self, scope: Any, receive: Any, send: Any) -> Any:
        """ASGI; passes over an upgrade whose sender left before it began, as engineio fails to."""
        if scope["type"] == "http":
            return await self._serve_http(Request(scope, receive, send))
        first = [await receive()]
        if first[0]["type"].endswith(".disconnect"):
            return None

        async def replay() -> Any:
            return first.pop() if first else await receive()

        return await super().handle_request(scope, replay, send)

    async def _serve_http(self, request: Request) -> None:
        socket = self.sockets.get(request.sid)
        if request.method not in ("GET", "POST"):
            await _refuse(request, 405, "Sessions are read by GET and written to by POST.")
        elif request.sid is None and request.method == "GET":
            socket = await self._begin({"asgi.scope": request.scope}, "polling")
            socket.polling = Polling(socket.queue, socket.on_gone)
            socket.connected = True
            await socket.serve(request, socket.polling)
        elif socket is None or socket.polling is None:
            await _refuse(request, 400, "There is no such session, or it goes by websocket.")
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

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        socket = await self._begin(environ, transport)
        return await socket.handle_get_request(environ)

    async def _begin(self, environ: dict[str, Any], transport: str) -> EngineSocket:
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
        await self.handlers["connect"](socket.sid, environ)
        socket.schedule_ping()
        return socket


async def _refuse(request: Request, status: int, message: str) -> None:
    await request.answer(orjson.dumps({"error": message}), status, JSON)

"""The HTTP side-app: health, readiness, stats, metrics and the contract, on a separate listener."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import orjson
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from sio_server.metrics import CONTENT_TYPE, Metrics
from sio_server.side_app.documents import Documents
from sio_server.side_app.gate import Gate, NotLetIn
from sio_server.side_app.health import Readiness
from sio_server.sockets.handshakes import Handshake
from sio_server.sockets.headers import NO_PAGE, safe_headers
from sio_server.sockets.http_connections import HttpConnections, Kind
from sio_server.sockets.origins import Origins
from sio_server.sockets.refusals import network_of

ARRIVES_WITHIN_S = 10.0  # the headers of a request, as on the main port
KEEP_ALIVE_S = 125.0  # the same
NAMES = web.RequestKey("names", bool)
"""Whether the answer may name who is connected."""
AS_JSON: dict[str, Any] = {"content_type": "application/json", "headers": {"Cache-Control": "no-store"}}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SideApp:
    """The listener with its routes; serves until `stop`."""

    def __init__(
        self,
        health: Callable[[], dict[str, Any]],
        readiness: Readiness,
        stats: Callable[[bool], dict[str, Any]],
        metrics: Metrics,
        documents: Documents,
        origins: Origins,
        gate: Gate,
    ) -> None:
        self._health = health
        self._readiness = readiness
        self._stats = stats
        self._metrics = metrics
        self._documents = documents
        self._origins = origins
        self._gate = gate
        paths = {
            "/health": ("200 while the process is alive", self._get_health),
            "/ready": ("200 if requests can be carried out, else 503 with reasons", self._get_ready),
            "/stats": ("items, clients, log and totals", self._get_stats),
            "/metrics": ("the same and more, for Prometheus", self._get_metrics),
            "/contract.json": ("the events on the board's port, as AsyncAPI", self._get_asyncapi),
            "/contract.d.ts": ("the same, as types for TypeScript", self._get_typescript),
        }
        self._paths = {path: about for path, (about, _) in paths.items()}
        app = web.Application(middlewares=[self._let_pages_read, _plain_errors, self._let_in])
        app.on_response_prepare.append(_name_no_program)
        app.router.add_get("/", self._get_paths)
        for path, (_, get) in paths.items():
            app.router.add_get(path, get)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        self._listener: asyncio.Server | None = None

    async def start(
        self, listening: socket.socket, connections: HttpConnections, tls: ssl.SSLContext | None = None
    ) -> None:
        """Starts serving on the socket; its connections are among these."""
        await self._runner.setup()
        assert self._runner.server is not None
        protocol: Callable[[], asyncio.Protocol] = partial(
            _Protocol, self._gate, connections, self._runner.server
        )
        if tls is not None:
            protocol = partial(Handshake, protocol, tls, connections)
        self._listener = await asyncio.get_running_loop().create_server(protocol, sock=listening)

    async def stop(self) -> None:
        """Closes the listener and its connections."""
        if self._listener is not None:
            self._listener.close()
        await self._runner.cleanup()

    @web.middleware
    async def _let_pages_read(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A page of an allowed origin may read the answers; they have the headers of the main port."""
        assert isinstance(request.protocol, _Protocol)
        request.protocol.came_whole()
        response = await handler(request)
        _make_safe(response, request)
        response.headers["Vary"] = "Origin"
        origin = request.headers.get("Origin", "")
        if origin and self._origins.allow(origin, request.headers.get("Host", "")):
            response.headers["Access-Control-Allow-Origin"] = origin
        return response

    @web.middleware
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            names = await self._gate.check(request.path, request.remote, request.headers)
        except NotLetIn as refused:
            response = _json({"error": refused.message}, refused.status)
            if refused.status == 401:
                response.headers["WWW-Authenticate"] = "Bearer"
            return response
        request[NAMES] = names
        return await handler(request)

    async def _get_paths(self, request: web.Request) -> web.Response:
        """For whoever opens the address that the server's first line names."""
        return _json({"paths": self._paths})

    async def _get_health(self, request: web.Request) -> web.Response:
        return _json(self._health())

    async def _get_ready(self, request: web.Request) -> web.Response:
        answer = await self._readiness.ask()
        return _json(answer, 200 if answer["ready"] else 503)

    async def _get_stats(self, request: web.Request) -> web.Response:
        return _json(self._stats(request[NAMES]))

    async def _get_metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=self._metrics.expose(), headers={"Content-Type": CONTENT_TYPE})

    async def _get_asyncapi(self, request: web.Request) -> web.Response:
        body = await asyncio.to_thread(lambda: self._documents.asyncapi)
        return web.Response(body=body, content_type="application/json")

    async def _get_typescript(self, request: web.Request) -> web.Response:
        text = await asyncio.to_thread(lambda: self._documents.typescript)
        return web.Response(text=text, content_type="text/typescript", charset="utf-8")


class _Protocol(web.RequestHandler):
    """The library logs what it cannot read as a request, with all its bytes, a token among them, and sends
    them back: here neither is done. Nor does it give requests a deadline, or count connections."""

    __slots__ = ("_connections", "_deadline", "_gate", "_network")

    def __init__(self, gate: Gate, connections: HttpConnections, server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # it takes None
            keepalive_timeout=KEEP_ALIVE_S,
        )
        self._gate = gate
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Starts the deadline for the first request's headers."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._network = network_of(peer[0] if isinstance(peer, tuple) else "unknown")
        self._begin(transport)

    def data_received(self, data: bytes) -> None:
        """Starts the deadline for a later request's headers."""
        if self._deadline.cancelled() and self.transport is not None:
            self._begin(self.transport)
        super().data_received(data)

    def _begin(self, transport: asyncio.BaseTransport) -> None:
        self._connections.put(self, self._network, Kind.UNFINISHED)
        self._deadline = asyncio.get_running_loop().call_later(ARRIVES_WITHIN_S, transport.close)

    def came_whole(self) -> None:
        """Notes that a request came whole; there are none with a body."""
        self._deadline.cancel()
        self._connections.put(self, self._network, Kind.STRANGER)

    def make_way(self) -> None:
        """Ends at once (http_connections.Connection)."""
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Cancels the deadline."""
        self._deadline.cancel()
        self._connections.leave(self)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that could not be read, or whose handler failed."""
        if isinstance(exc, HttpProcessingError):
            body = orjson.dumps({"error": self._gate.cannot_read(request.remote)})
            answer: web.StreamResponse = _Unread(body=body, status=status, **AS_JSON)
            answer.force_close()
        else:
            answer = super().handle_error(request, status, exc, message)
        _make_safe(answer, request)
        return answer


class _Unread(web.Response):
    """The answer to what is no request: no signal of the app is sent for it."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.pop(hdrs.SERVER, None)


async def _name_no_program(_: web.Request, answer: web.StreamResponse) -> None:
    """The library tells its version and Python's with every answer; nobody needs to know."""
    answer.headers.pop(hdrs.SERVER, None)


def _make_safe(answer: web.StreamResponse, request: web.BaseRequest) -> None:
    for name, value in (*safe_headers({"scheme": request.scheme}), NO_PAGE):
        answer.headers[name.decode()] = value.decode()


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, **AS_JSON)


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _json({"error": error.reason}, error.status)

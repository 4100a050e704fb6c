"""The server, an ASGI app: makes, starts and stops its listeners and boards in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sio_server.access import SetUpError, limits_of, origins_of, sign_in_of
from sio_server.background import Background
from sio_server.board import Board
from sio_server.boards import FINISH_WITHIN_S, Boards
from sio_server.clients.admission import Admission
from sio_server.clients.limits import Meters, Places
from sio_server.clients.renewal import Renewal
from sio_server.clients.tokens import TokenError
from sio_server.clients.transport import Transport
from sio_server.clock import SystemClock
from sio_server.commands import when
from sio_server.figures import BoardHost, Figures
from sio_server.folders import Folders
from sio_server.log.base import LogError
from sio_server.metrics import Metrics
from sio_server.opening import Opening
from sio_server.registry.registry import Registry
from sio_server.registry.roles import MAIN
from sio_server.settings import VERSION, Settings
from sio_server.side_app.documents import Documents
from sio_server.side_app.gate import Gate
from sio_server.side_app.health import LoopLag, Readiness
from sio_server.side_app.server import SideApp
from sio_server.sockets.guard import Guard, Receive, Scope, Send
from sio_server.sockets.http_connections import HttpConnections, Kind, bounds, shortage
from sio_server.sockets.listener import BindError, bind
from sio_server.sockets.pages import Pages
from sio_server.sockets.proxies import Proxies
from sio_server.sockets.refusals import Refusals
from sio_server.sockets.strangers import HELD, Strangers
from sio_server.sockets.websocket import fault_of_direct_use
from sio_server.tls import Certificate, TlsError
from sio_server.tracing import TracingError, traces_of

SIGN_IN_EVERY_S = 2.0  # a revoked token is cut off within this time
TLS_EVERY_S = 5.0  # a new certificate is used within this time
PAGES = Path(__file__).resolve().parent.parent / "dashboard"

log = logging.getLogger("adjutant")


class StartError(Exception):
    """The server cannot start; the message says why."""


class App:
    """One server: call `open`; ASGI's lifespan then starts and stops it.

    `on_broken` is called when a board has broken down and the server should stop.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        http_socket: socket.socket | None = None,
        on_broken: Callable[[], None] = lambda: None,
    ) -> None:
        self.settings = settings
        self.boards: Boards | None = None
        self.broken = False
        self.metrics = Metrics()
        self._registry = registry
        self._http_socket = http_socket
        self._on_broken = on_broken
        self._clock = SystemClock()
        self._background = Background()
        self._lag = LoopLag(self.metrics.loop_lag.set)
        self._draining = False
        self._refusals = Refusals(self.metrics.handshake_refused)
        self._bounds = bounds(settings.max_strangers, settings.max_connections)
        self.http_connections = HttpConnections(self._bounds, self._refusals)

    def open(self) -> None:
        """Opens the main board and reads the tokens. Blocks.

        Errors: StartError.
        """
        settings = self.settings
        try:
            self.certificate = None
            if settings.tls_cert is not None and settings.tls_key is not None:
                self.certificate = Certificate(settings.tls_cert, settings.tls_key)
            self._sign_in = sign_in_of(settings)
            self._traces = traces_of(os.environ, VERSION)
            self._folders = Folders(settings.data_dir)
            made_of = settings, self._registry, self._clock, self.metrics, self._sign_in, self._folders
            self._opening = Opening(*made_of)
            idle_s = settings.board_idle_minutes * 60
            self.boards = Boards(self._folders, self.open_board, idle_s, self.open_board(MAIN))
            self._origins = origins_of(settings)
        except OSError as error:
            raise StartError(f"cannot use the data directory {settings.data_dir}: {error.strerror}") from None
        except (LogError, TokenError, SetUpError, TlsError, TracingError) as error:
            raise StartError(str(error)) from None
        try:
            self._pages = Pages(PAGES)
        except OSError as error:
            raise StartError(f"cannot read {error.filename}: {error.strerror}") from None

    def open_board(self, name: str) -> Board:
        """Opens the files of a board. Blocks.

        Errors: LogError, OSError, TokenError.
        """
        host = BoardHost(name, lambda: self._figures, lambda: self._renewal, self.broke_down)
        board = self._opening.open(name, host)
        board.trace(self._traces)
        return board

    def close(self) -> None:
        """Closes what `open` opened, if it was never started."""
        if self.boards is not None:
            self.boards.main.log.close()

    async def start(self) -> None:
        """Connects the parts and begins to serve."""
        boards, limits = self._boards, limits_of(self.settings)
        if why := shortage(self.settings.max_connections):
            log.warning("%s", why)
        bounds = Places(limits), Meters(limits, self._clock.monotonic)
        strangers = Strangers(self._refusals, self._clock.monotonic, self._bounds[Kind.STRANGER])
        self.metrics.strangers.set_function(lambda: strangers.count)
        self._admission = Admission(self._sign_in, self._registry, bounds, self.settings.me, self.settings.tz)
        self._transport = Transport(
            self._admission,
            boards,
            self.metrics,
            direct=await self._may_use_directly(),
            strangers=strangers,
            bounds=bounds,
            cors_allowed_origins=[],  # the guard checks origins
        )
        self._figures = Figures(boards, self._folders, self._transport, self._lag, self.metrics)
        self._guard = Guard(
            self._transport.asgi(),
            self._pages,
            self._origins,
            self._sign_in.required,
            self._figures.health,
            lambda: self._transport.sessions >= limits.connections + 2 * strangers.most,
            self._refusals,
        )
        named = (
            self.settings.trusted_proxy,
            self.settings.proxy_user_header,
            self.settings.proxy_groups_header,
        )
        self._front = Proxies(self._guard, *named, self._refusals)
        self._renewal = Renewal(self._sign_in, self._admission, self._transport)
        await self._start_side_app(boards)
        self._measure(boards)
        if self._sign_in.required:
            self._background.run(self._sign_in.refresh())
            self._background.every(SIGN_IN_EVERY_S, self._renewal.look)
        if self.certificate is not None:
            self._background.every(TLS_EVERY_S, self.certificate.look)
        await boards.main.start()
        await boards.main.hub.on_store_thread(when.load)
        self._background.every(boards.look_every_s, boards.close_idle)
        gc.freeze()  # long-lived objects: the collector skips them from now on
        gc.enable()

    @property
    def _boards(self) -> Boards:
        assert self.boards is not None  # it is open
        return self.boards

    async def _may_use_directly(self) -> bool:
        if self.settings.compress or self.settings.stock_sockets:
            fault: str | None = "chosen in the settings"
        else:
            fault = await fault_of_direct_use()
        self.metrics.direct.set(fault is None)
        if fault is not None:
            log.warning("websockets are served by uvicorn's own, slower code: %s", fault)
        return fault is None

    async def _start_side_app(self, boards: Boards) -> None:
        readiness = Readiness(
            boards.main.hub.probe,
            self._lag,
            self.settings.data_dir,
            lambda: self._draining,
            lambda: boards.main.records.fault,
            boards.faults,
            boards.main.log.nodes.behind_s,
        )
        documents = Documents(self._registry)
        gate = Gate(self._admission.role_of if self._sign_in.required else None, self._refusals.note)
        self._side_app = SideApp(
            *(
                self._figures.health,
                readiness,
                self._figures.of_server,
                self.metrics,
                documents,
                self._origins,
            ),
            gate,
        )
        listening = self._http_socket or bind(self.settings.http_host, self.settings.http_port, "--http-port")
        tls = self.certificate.context if self.certificate else None
        await self._side_app.start(listening, self.http_connections, tls)

    def _measure(self, boards: Boards) -> None:
        boards.main.measure(self.metrics)
        self.metrics.stranger_bytes.set_function(lambda: HELD.size_bytes)
        self.metrics.parts_bytes.set_function(lambda: sum(board.multipart.size for board in boards))
        for kind in Kind:
            number = partial(self.http_connections.counts.__getitem__, kind)
            self.metrics.http_connections.labels(kind).set_function(number)
        self.metrics.boards_open.set_function(lambda: len([*boards]))
        self.metrics.boards_faulty.set_function(lambda: boards.faulty)
        self.metrics.lagging_bytes.set_function(
            lambda: sum(client.backlog_bytes for client in self._transport.clients if client.lags)
        )
        self._background.run(self._lag.watch())

    async def drain(self) -> None:
        """Refuses new requests, finishes those under way, and tells all clients of the stop."""
        if self._draining:
            return
        self._draining = True
        self._admission.drain()
        self._boards.drain()
        for client in self._transport.clients:
            client.tell("server:drain", {"after_ms": int(FINISH_WITHIN_S * 1000)})
        await self._boards.stop()
        await self._transport.end_polling()

    async def stop(self) -> None:
        """Stops what `start` began, and closes the boards."""
        await self.drain()
        await self._background.stop()
        await self._side_app.stop()
        await self._boards.close()
        if self._traces is not None:
            await asyncio.to_thread(self._traces.stop)

    @property
    def abandoned(self) -> bool:
        """Whether a thread still waits for a board's disk that does not answer."""
        return self._boards.abandoned

    def broke_down(self) -> None:
        """Stops the server: only a restart is sure to make memory match the disk again (board.Host)."""
        self.broken = True
        self._on_broken()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._front(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            if self.boards is None:
                await asyncio.to_thread(self.open)
            await self.start()
        except (StartError, BindError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

"""The server, an ASGI app: makes, starts and stops its listeners and boards in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sio_server.access import SetUpError, keep_closed, limits_of, origins_of, rules_of, sign_in_of
from sio_server.background import Background
from sio_server.board import Board
from sio_server.clients.admission import Admission, Admitted
from sio_server.clients.connected import connected, lagging
from sio_server.clients.limits import Meters, Places
from sio_server.clients.queries import Queries
from sio_server.clients.renewal import Renewal
from sio_server.clients.tokens import TokenError
from sio_server.clients.transport import Transport
from sio_server.clock import SystemClock
from sio_server.commands import when
from sio_server.log.base import LogError
from sio_server.log.sqlite import SqliteLog
from sio_server.memory import memory_bytes
from sio_server.metrics import Metrics
from sio_server.registry.registry import Registry
from sio_server.search.names import HitNames
from sio_server.search.process import IndexProcess
from sio_server.search.search import Search
from sio_server.settings import VERSION, Settings
from sio_server.side_app.documents import Documents
from sio_server.side_app.gate import Gate
from sio_server.side_app.health import LoopLag, Readiness
from sio_server.side_app.server import SideApp
from sio_server.sockets.guard import Guard, Receive, Scope, Send
from sio_server.sockets.listener import BindError, bind
from sio_server.sockets.pages import Pages
from sio_server.sockets.proxies import Proxies
from sio_server.sockets.refusals import Refusals
from sio_server.sockets.strangers import MAX_SESSIONS, Strangers
from sio_server.sockets.websocket import fault_of_direct_use
from sio_server.tls import Certificate, TlsError

MAIN = "main"
"""The board that every client is on, as long as there is one."""
SIGN_IN_EVERY_S = 2.0  # a revoked token is cut off within this time
TLS_EVERY_S = 5.0  # a new certificate is used within this time
FINISH_WITHIN_S = 2.0  # of a stop, for requests that are under way
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
        self.boards: dict[str, Board] = {}
        self.broken = False
        self.metrics = Metrics()
        self._registry = registry
        self._http_socket = http_socket
        self._on_broken = on_broken
        self._clock = SystemClock()
        self._started_at = time.monotonic()
        self._background = Background()
        self._lag = LoopLag(self.metrics.loop_lag.set)
        self._draining = False
        self._refusals = Refusals(self.metrics.handshake_refused)

    def open(self) -> None:
        """Opens the boards and reads the tokens. Blocks.

        Errors: StartError.
        """
        settings = self.settings
        try:
            self.certificate = None
            if settings.tls_cert is not None and settings.tls_key is not None:
                self.certificate = Certificate(settings.tls_cert, settings.tls_key)
            self._sign_in = sign_in_of(settings)
            self.boards[MAIN] = self.open_board()
            self._origins = origins_of(settings)
        except OSError as error:
            raise StartError(f"cannot use the data directory {settings.data_dir}: {error.strerror}") from None
        except (LogError, TokenError, SetUpError, TlsError) as error:
            raise StartError(str(error)) from None
        try:
            self._pages = Pages(PAGES)
        except OSError as error:
            raise StartError(f"cannot read {error.filename}: {error.strerror}") from None

    def open_board(self) -> Board:
        """Opens the board on the settings' files. Blocks.

        Errors: LogError, OSError, TokenError.
        """
        settings = self.settings
        durable = SqliteLog(settings.data_dir, settings.keep_changes, settings.keep_hours * 3600)
        try:
            keep_closed(durable.meta, self._sign_in, settings)
        except BaseException:
            durable.close()
            raise
        if settings.new_epoch:
            durable.renew_epoch()
        names = HitNames(settings.data_dir / "hit-names")
        index = IndexProcess(settings.search_file, settings.log_level, settings.log_format)
        records = Search(index, self.metrics, names, settings.record_limit)
        rules = rules_of(settings, lambda: records.people, lambda: board.state.size)
        board = Board(self._registry, durable, records, rules, self._clock, self.metrics, self)
        return board

    def close(self) -> None:
        """Closes what `open` opened, if it was never started."""
        for board in self.boards.values():
            board.log.close()

    async def start(self) -> None:
        """Connects the parts and begins to serve."""
        main, limits = self.boards[MAIN], limits_of(self.settings)
        places = Places(limits)
        self._admission = Admission(self._sign_in, self._registry, places, self.settings.me, self.settings.tz)
        self._transport = Transport(
            self._admission,
            self.board_of,
            self.metrics,
            direct=await self._may_use_directly(),
            strangers=Strangers(self._refusals, self._clock.monotonic),
            bounds=(places, Meters(limits, self._clock.monotonic)),
            cors_allowed_origins=[],  # the guard checks origins
        )
        self._guard = Guard(
            self._transport.asgi(),
            self._pages,
            self._origins,
            self._sign_in.required,
            self.health,
            lambda: self._transport.sessions >= limits.connections + 2 * MAX_SESSIONS,
            self._refusals,
        )
        named = (
            self.settings.trusted_proxy,
            self.settings.proxy_user_header,
            self.settings.proxy_groups_header,
        )
        self._front = Proxies(self._guard, *named, self._refusals)
        self._renewal = Renewal(self._sign_in, self._admission, self._transport)
        await self._start_side_app(main)
        self._measure(main)
        if self._sign_in.required:
            self._background.run(self._sign_in.refresh())
            self._background.every(SIGN_IN_EVERY_S, self._renewal.look)
        if self.certificate is not None:
            self._background.every(TLS_EVERY_S, self.certificate.look)
        for board in self.boards.values():
            await board.start()
        await main.hub.on_store_thread(when.load)
        gc.freeze()  # long-lived objects: the collector skips them from now on
        gc.enable()

    def board_of(self, admitted: Admitted) -> Board:
        """The client's board: found once, at its handshake."""
        return self.boards[MAIN]

    async def _may_use_directly(self) -> bool:
        if self.settings.compress or self.settings.stock_sockets:
            fault: str | None = "chosen in the settings"
        else:
            fault = await fault_of_direct_use()
        self.metrics.direct.set(fault is None)
        if fault is not None:
            log.warning("websockets are served by uvicorn's own, slower code: %s", fault)
        return fault is None

    async def _start_side_app(self, board: Board) -> None:
        readiness = Readiness(
            board.hub.probe,
            self._lag,
            self.settings.data_dir,
            lambda: self._draining,
            lambda: board.records.fault,
        )
        documents = Documents(self._registry)
        gate = Gate(self._admission.role_of if self._sign_in.required else None, self._refusals.note)
        self._side_app = SideApp(
            *(self.health, readiness, self.stats, self.metrics, documents, self._origins),
            gate,
        )
        listening = self._http_socket or bind(self.settings.http_host, self.settings.http_port)
        await self._side_app.start(listening, self.certificate.context if self.certificate else None)

    def _measure(self, board: Board) -> None:
        board.measure(self.metrics)
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
        for board in self.boards.values():
            board.drain()
        for client in self._transport.clients:
            client.tell("server:drain", {"after_ms": int(FINISH_WITHIN_S * 1000)})
        for board in self.boards.values():
            await board.stop(FINISH_WITHIN_S)
        await self._transport.end_polling()

    async def stop(self) -> None:
        """Stops what `start` began, and closes the boards."""
        await self.drain()
        await self._background.stop()
        await self._side_app.stop()
        for board in self.boards.values():
            await board.close()

    @property
    def abandoned(self) -> bool:
        """Whether a thread still waits for a board's disk that does not answer."""
        return any(board.hub.abandoned for board in self.boards.values())

    def health(self) -> dict[str, Any]:
        """The answer of /health: the process is alive."""
        return {"status": "ok", "version": VERSION, "uptime_s": round(time.monotonic() - self._started_at, 1)}

    async def renew(self, client: Queries, token: str) -> dict[str, Any]:
        """Lets a client go on under a new token (services.Host)."""
        return await self._renewal.renew(client, token)

    def stats(self, names: bool) -> dict[str, Any]:
        """What the server says about itself, for /stats and stats:get (services.Host)."""
        clients = self._transport.clients
        board = self.boards[MAIN].stats()
        return {
            **self.health(),
            "epoch": board["epoch"],
            "seq": board["seq"],
            "items": board["items"],
            "clients": {
                "total": len(clients),
                "sessions": self._transport.sessions,
                "rooms": board["rooms"],
                "lagging": lagging(clients) if names else [],
                "connections": connected(self._transport.connections) if names else [],
            },
            "hub": board["hub"],
            "log": board["log"],
            "search": board["search"],
            "loop_lag_ms": round(self._lag.worst_s * 1000, 2),
            "memory_bytes": memory_bytes(),
            "totals": self.metrics.totals(),
        }

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
            if not self.boards:
                await asyncio.to_thread(self.open)
            await self.start()
        except (StartError, BindError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

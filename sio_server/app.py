"""The composition: everything made, joined, started and stopped in order. An ASGI app."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from models.ack import ErrorCode, Retry
from sio_server.clients.admission import Admission
from sio_server.clients.dispatch import Dispatch
from sio_server.clients.multipart import Multipart
from sio_server.clients.presence import Presence
from sio_server.clients.services import Services
from sio_server.clients.tokens import Keyring, TokenError
from sio_server.clients.transport import Transport
from sio_server.clock import SystemClock
from sio_server.commands import when
from sio_server.delivery.fanout import Fanout
from sio_server.delivery.sync import Recent, Sync
from sio_server.hub.hub import Hub
from sio_server.hub.worker import RuleSettings, Worker
from sio_server.log.base import LogError
from sio_server.log.sqlite import SqliteLog
from sio_server.memory import memory_bytes
from sio_server.metrics import Metrics
from sio_server.registry.registry import Registry
from sio_server.search.process import IndexProcess
from sio_server.search.search import Search
from sio_server.settings import VERSION, Settings
from sio_server.side_app.documents import Documents
from sio_server.side_app.health import LoopLag, Readiness
from sio_server.side_app.server import SideApp
from sio_server.sockets.guard import Guard, Receive, Scope, Send
from sio_server.sockets.listener import BindError, bind
from sio_server.sockets.origins import DEVELOPMENT, Origins
from sio_server.sockets.pages import Pages
from sio_server.sockets.refusals import Refusals
from sio_server.sockets.websocket import fault_of_direct_use
from sio_server.state.commit import Commit
from sio_server.state.state import State

TIDY_EVERY_S = 60.0
TOKENS_EVERY_S = 2.0
FINISH_WITHIN_S = 2.0
PAGES = Path(__file__).resolve().parent.parent / "dashboard"

log = logging.getLogger("adjutant")


class StartError(Exception):
    """The server cannot start; the message says why."""


class App:
    """One server: `open`, then ASGI's lifespan starts and stops it."""

    def __init__(
        self, settings: Settings, registry: Registry, http_socket: socket.socket | None = None
    ) -> None:
        self.settings = settings
        self._registry = registry
        self._origins = Origins([*settings.cors_origin, *DEVELOPMENT])
        self._http_socket = http_socket
        self._clock = SystemClock()
        self._started_at = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._draining = False
        self._opened = False
        self.broken = False
        self.on_broken: Callable[[], None] = lambda: None

    def open(self) -> None:
        """Opens the store and reads the tokens. Blocks.

        Errors: StartError.
        """
        settings = self.settings
        try:
            self._keyring = Keyring(settings.token_file)
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            self._log = SqliteLog(settings.data_dir, settings.keep_changes, settings.keep_hours * 3600)
            if settings.new_epoch:
                self._log.renew_epoch()
            self.state = State(self._registry, self._log.epoch)
            self._log.load(self.state)
            self._recent = Recent.of(self._log, self.state.seq)
        except OSError as error:
            raise StartError(f"cannot use the data directory {settings.data_dir}: {error.strerror}") from None
        except (LogError, TokenError) as error:
            raise StartError(str(error)) from None
        try:
            self._pages = Pages(PAGES)
        except OSError as error:
            raise StartError(f"cannot read {error.filename}: {error.strerror}") from None
        self._opened = True

    def close(self) -> None:
        """Closes the store."""
        self._log.close()

    async def start(self) -> None:
        """Joins the parts and begins to serve."""
        self.metrics = Metrics()
        self._sync = Sync(self.state, self._log, self._recent, self._read_log, self.metrics)
        self._fanout = Fanout(self.state, self.metrics)
        settings = RuleSettings(self.settings.tz, self.settings.important_words)
        worker = Worker(self.state, self._log, settings, self._clock)
        self._hub = Hub(self.state, worker, self._publish, self.metrics, self._broke_down)
        self._search = Search(IndexProcess(self.settings.search_file, self.settings.log_level), self.metrics)
        searching = asyncio.create_task(self._search.start())  # its process begins while all else is made
        services = self._services()
        self._multipart = Multipart(time.monotonic)
        self._dispatch = Dispatch(self._registry, self._hub, self._multipart, self.metrics)
        self._presence = Presence(self._hub)
        self._transport = Transport(
            services,
            self._dispatch,
            self._presence,
            self.metrics,
            cors_allowed_origins=[],  # the guard looks at them
        )
        await self._use_websockets_directly()
        limit = self.settings.max_connections
        self._admission = Admission(
            self._keyring, services, limit, lambda: len(self._transport.clients), time.monotonic
        )
        self._transport.admission = self._admission
        self._guard = Guard(
            self._transport.asgi(),
            self._pages,
            self._origins,
            self._keyring.configured,
            self.health,
            lambda: self._transport.sessions >= limit + 1_000,
            Refusals(self.metrics.handshake_refused),
        )
        await self._start_watching()
        self._hub.start()
        await self._presence.start()
        await self._hub.tick()
        await self._hub.on_store_thread(when.load)
        await searching
        gc.freeze()  # what was made so far stays: no collection needs to look at it again
        gc.enable()

    def _services(self) -> Services:
        return Services(
            self._registry,
            self.state,
            self._sync,
            self._fanout,
            self.metrics,
            self.stats,
            self._read_history,
            self._clock,
            self._search,
        )

    async def _use_websockets_directly(self) -> None:
        if self.settings.compress or self.settings.stock_sockets:
            fault: str | None = "as the settings say"
        else:
            fault = await fault_of_direct_use()
        self._transport.eio.direct = fault is None
        self.metrics.direct.set(fault is None)
        if fault is not None:
            log.warning("websockets are served the slower stock way: %s", fault)

    async def drain(self) -> None:
        """Tells everybody, takes no more requests, and finishes those under way."""
        if self._draining:
            return
        self._draining = self._admission.draining = self._dispatch.draining = True
        self._presence.stop()
        for client in self._transport.clients:
            client.tell("server:drain", {"after_ms": int(FINISH_WITHIN_S * 1000)})
        await self._hub.stop(FINISH_WITHIN_S)
        await self._search.stop(FINISH_WITHIN_S)
        await self._transport.end_polling()

    async def stop(self) -> None:
        """Ends what `start` began and closes the store."""
        await self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._side_app.stop()
        await asyncio.to_thread(self._reader.shutdown)
        await asyncio.to_thread(self._log.close)

    def health(self) -> dict[str, Any]:
        """The process is alive."""
        return {"status": "ok", "version": VERSION, "uptime_s": round(time.monotonic() - self._started_at, 1)}

    def stats(self) -> dict[str, Any]:
        """What the server says about itself, for /stats and stats:get."""
        clients = self._transport.clients
        lagging = [
            {"client": client.principal.actor, "sid": client.sid, "backlog_bytes": client.backlog_bytes}
            for client in clients
            if client.lags
        ]
        return {
            **self.health(),
            "epoch": self.state.epoch,
            "seq": self.state.seq,
            "items": {name: len(rows) for name, rows in self.state.rows.items()},
            "clients": {
                "total": len(clients),
                "sessions": self._transport.sessions,
                "rooms": self._fanout.counts(),
                "lagging": lagging,
            },
            "hub": {"queued": self._hub.queued},
            "log": {"head": self.state.seq, "floor": self._log.floor(), "bytes": self._log.size_bytes()},
            "search": self._search.stats(),
            "loop_lag_ms": round(self._lag.worst_s * 1000, 2),
            "memory_bytes": memory_bytes(),
            "totals": self.metrics.totals(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._guard(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            if not self._opened:
                await asyncio.to_thread(self.open)
            await self.start()
        except (StartError, BindError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start_watching(self) -> None:
        metrics = self.metrics
        self._lag = LoopLag(metrics.loop_lag.set)
        readiness = Readiness(
            self._probe, self._lag, self.settings.data_dir, lambda: self._draining, lambda: self._search.fault
        )
        self._side_app = SideApp(
            self.health, readiness, self.stats, metrics, Documents(self._registry), self._origins
        )
        listening = self._http_socket or bind(self.settings.http_host, self.settings.http_port)
        await self._side_app.start(listening)
        metrics.lagging_bytes.set_function(
            lambda: sum(client.backlog_bytes for client in self._transport.clients if client.lags)
        )
        metrics.head.set_function(lambda: self.state.seq)
        metrics.floor.set_function(self._log.floor)
        metrics.store_bytes.set_function(self._log.size_bytes)
        metrics.records.set_function(lambda: self._search.records)
        metrics.search_bytes.set_function(lambda: self._search.size_bytes)
        metrics.search_up.set_function(lambda: self._search.fault is None)
        for room in self._registry.rooms:
            metrics.clients.labels(room).set_function(partial(self._fanout.count, room))
        self._tasks.append(asyncio.create_task(self._lag.watch(), name="loop-lag"))
        for section in self._registry.sections.values():
            if section.tick is not None:
                self._every(section.tick_every_s, partial(self._hub.tick, section.name))
        self._every(TIDY_EVERY_S, self._tidy)
        self._every(TOKENS_EVERY_S, self._check_tokens)

    def _every(self, seconds: float, work: Any) -> None:
        async def repeat() -> None:
            while True:
                await asyncio.sleep(seconds)
                try:
                    await work()
                except Exception:
                    log.exception("background work failed")

        repeating: Coroutine[Any, Any, None] = repeat()
        self._tasks.append(asyncio.create_task(repeating))

    def _broke_down(self) -> None:
        """Memory and disk may differ: only a restart is sure to bring them together."""
        self.broken = True
        self.on_broken()

    def _publish(self, commits: Sequence[Commit]) -> Iterator[None]:
        for commit in commits:
            self._sync.recent.add(commit)
        return self._fanout.publish(commits)

    async def _read_log(self, since: int, until: int, max_bytes: int) -> Any:
        read = partial(self._log.read, since, until, max_bytes)
        return await asyncio.get_running_loop().run_in_executor(self._reader, read)

    async def _read_history(self, section: str, id: str, limit: int) -> Any:
        read = partial(self._log.changes_of, section, id, limit)
        return await asyncio.get_running_loop().run_in_executor(self._reader, read)

    async def _probe(self) -> None:
        await self._hub.probe()

    async def _tidy(self) -> None:
        now_s = self._clock.wall()
        while await self._hub.on_store_thread(lambda: self._log.prune(now_s)):
            pass
        self._multipart.tidy()
        for book in self.state.books.values():
            book.forget(now_s)

    async def _check_tokens(self) -> None:
        try:
            if not await asyncio.to_thread(self._keyring.reload):
                return
        except TokenError as error:
            log.error("%s; the tokens stay as they were", error)
            return
        for client in self._transport.clients:
            who = client.principal
            if who.token is not None and not self._keyring.lets_in(who.token, who.role, who.source):
                message = "Your token was revoked."
                await self._transport.end(client, ErrorCode.UNAUTHORIZED, Retry.NO, message)

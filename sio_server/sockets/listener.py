"""The main port: uvicorn with our sockets, deadlines and signals.

This module and websocket are the only ones that rely on uvicorn's internals. Under a plain `uvicorn
serve:app` none of this runs; docs/operations.md lists what is lost then.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sio_server.sockets.guard import ASGI
from sio_server.sockets.handshakes import Handshake
from sio_server.sockets.http_connections import HttpConnections, Kind
from sio_server.sockets.polling import SCOPE_LINE
from sio_server.sockets.refusals import network_of
from sio_server.sockets.websocket import Protocol

ARRIVES_WITHIN_S = {h11.IDLE: 10.0, h11.SEND_BODY: 10.0}  # headers; body of somebody who is not signed in
KNOWN_WITHIN_S = {h11.IDLE: 10.0, h11.SEND_BODY: 60.0}  # of one who is: 16 MiB over a link of 2 Mbit/s
UNREAD_FOR_MS = 60_000  # longer than a missing pong (transport: 15 + 35 s), so the heartbeat decides first
UNSENT_BYTES = 128 << 10  # not yet on the wire; the rest waits in our queue, where it can be dropped
# The kernel would let it grow to megabytes: copying a large patch there for a hundred clients at once holds
# the loop for tenths of a second. This still carries a megabyte a second over a round trip of 200 ms.
SEND_BUFFER_BYTES = 256 << 10
TCP_NOTSENT_LOWAT = 25  # Linux; the socket module has no name for it
MAX_FRAME_BYTES = 16 << 20  # so that a message above 2 MiB gets an ack that says so (decision 7)
STOP_WITHIN_S = 2  # for uvicorn's own connections; clients were drained before
# Longer than a proxy keeps an idle connection (nginx 60 s, Caddy 120 s): whoever closes first may do so while
# the other side sends, and not every client repeats a POST.
KEEP_ALIVE_S = 125


class BindError(Exception):
    """The address cannot be listened on; the message says why."""


def bind(host: str, port: int, flag: str) -> socket.socket:
    """A listening socket; port 0 takes a free one, and `flag` sets it.

    The kernel buffers little for a peer that does not read, and drops one that is silent for UNREAD_FOR_MS.
    Errors: BindError.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, proto)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_FOR_MS)
            listening.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listening.bind(address)
        listening.listen(2048)
        listening.setblocking(False)
    except OSError as error:
        why = f"cannot listen on {host} port {port}: {error.strerror or error}"
        raise BindError(f"{why}; {flag} sets another port") from None
    return listening


def address_of(listening: socket.socket, scheme: str = "http") -> str:
    """`http://host:port` of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class Http(H11Protocol):
    """HTTP with a deadline for the headers and one for the body of each request, and a place among all."""

    is_lost = False
    on_broken: Callable[[], None] | None = None
    _deadline: asyncio.TimerHandle | None = None
    _awaited: Any = None
    _session: str | None = None

    def __init__(self, all: HttpConnections, **made_of: Any) -> None:
        super().__init__(**made_of)
        self._all = all

    def connection_made(self, transport: Any) -> None:
        """Starts the deadline for the first request's headers."""
        super().connection_made(transport)
        self._network = network_of(self.client[0] if self.client else "unknown")
        self._watch(self.conn.their_state)

    def data_received(self, data: bytes) -> None:
        """Moves the deadline from headers to body, and lifts it while the request is being answered."""
        super().data_received(data)
        if self in self.connections:  # else it was upgraded, or cut off
            self._watch(self.conn.their_state)

    def handle_events(self) -> None:
        """Puts itself into the scope of each request."""
        super().handle_events()
        if self.cycle is not None:
            cast(dict[str, Any], self.cycle.scope)[SCOPE_LINE] = self

    def on_response_complete(self) -> None:
        """The next request may come: among those who wait for one it is the newest."""
        super().on_response_complete()
        if self in self.connections and self.conn.their_state is h11.IDLE:
            self._awaited = None  # so that it is entered anew with the next request
            self._put(Kind.STRANGER, is_idle=True)

    def know(self, session: str | None) -> None:
        """Says of which session the request is that comes or is answered, if its client is signed in: whoever
        is may take longer, and makes no way for strangers."""
        if session == self._session or self not in self.connections:
            return
        self._session = session
        self._enter()
        self._set_deadline()

    def make_way(self) -> None:
        """Ends at once (http_connections.Connection)."""
        self.transport.abort()

    def _should_upgrade(self) -> bool:
        """Whether to upgrade: a websocket needs HTTP 1.1 (RFC 6455, 4.1)."""
        return self.scope["http_version"] != "1.0" and super()._should_upgrade()

    def eof_received(self) -> None:
        """Handles the peer's close; bytes that it has not acknowledged by now are lost."""
        self.is_lost = True
        if _unacknowledged_bytes(self.transport):
            self._broke()
        super().eof_received()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Hands the connection over: HTTP deadlines end here. It counts on until a session has it."""
        self._leave()
        super().handle_websocket_upgrade(event)
        cast(Protocol, self.transport.get_protocol()).count_among(self._all, self._network)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels the deadline."""
        self._leave()
        self.is_lost = True
        super().connection_lost(exc)
        if exc is not None:
            self._broke()
        self.on_broken = None
        if self.cycle is not None:  # breaks a reference cycle
            cast(dict[str, Any], self.cycle.scope).pop(SCOPE_LINE, None)

    def _broke(self) -> None:
        on_broken, self.on_broken = self.on_broken, None
        if on_broken is not None:
            on_broken()

    def _watch(self, awaited: Any) -> None:
        if awaited is self._awaited:
            return
        self._awaited = awaited
        self._enter()
        self._set_deadline()

    def _enter(self) -> None:
        self._put(Kind.UNFINISHED if self._awaited in ARRIVES_WITHIN_S else Kind.STRANGER)

    def _put(self, else_kind: Kind, *, is_idle: bool = False) -> None:
        kind = else_kind if self._session is None else Kind.KNOWN
        self._all.put(self, self._network, kind, self._session or "", is_idle=is_idle)

    def _set_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        within_s = (KNOWN_WITHIN_S if self._session else ARRIVES_WITHIN_S).get(self._awaited)
        self._deadline = None if within_s is None else self.loop.call_later(within_s, self.transport.close)

    def _leave(self) -> None:
        self._all.leave(self)
        self._awaited = None
        self._set_deadline()


def _protocols(connections: HttpConnections, tls: ssl.SSLContext | None) -> Callable[..., asyncio.Protocol]:
    """Makes the protocol of a connection, given what uvicorn's are made of."""
    plain = partial(Http, connections)
    if tls is None:
        return plain
    return lambda **made_of: Handshake(partial(plain, **made_of), tls, connections)


def _unacknowledged_bytes(transport: Any) -> int:
    """Bytes written that the peer's kernel has not acknowledged; 0 where the system does not tell."""
    buffered: int = transport.get_write_buffer_size()
    if sys.platform != "linux":
        return buffered
    import fcntl
    import termios

    held = bytearray(4)
    with contextlib.suppress(OSError):
        fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, held)
    return buffered + int.from_bytes(held, sys.byteorder)


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""SIGHUP: the terminal it was started in was closed."""


class Server(uvicorn.Server):
    """Runs until SIGTERM, SIGHUP or Ctrl-C, then drains and returns; uvicorn's raises the signal again."""

    def __init__(
        self,
        app: ASGI,
        on_started: Callable[[], None],
        drain: Callable[[], Any],
        connections: HttpConnections,
        compress: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                cast(Any, app),
                http=cast(Any, _protocols(connections, tls)),
                ws=Protocol,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,  # sockets.proxies reads them
                ws_max_size=MAX_FRAME_BYTES,
                ws_per_message_deflate=compress,
                ws_ping_interval=None,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=STOP_WITHIN_S,
            )
        )
        self._on_started = on_started
        self._drain = drain
        self._stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and reports that clients can connect."""
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def main_loop(self) -> None:
        """Waits for the stop; uvicorn's own loop polls for it ten times a second."""
        await self.on_tick(0)  # the headers of every answer
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drains the app while connections are still open."""
        await self._drain()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stops gracefully on the first signal, at once on the second."""
        loop = asyncio.get_running_loop()
        for number in _STOPPING:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in _STOPPING:
                loop.remove_signal_handler(number)

    def stop(self) -> None:
        """Begins to stop; a second call skips the waits."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._stopping.set()

"""The main port: uvicorn with our sockets, deadlines and signals.

With engine, the only place that knows the inside of uvicorn. Under a plain `uvicorn serve:app` none
of this runs: what is lost then is named in docs/operations.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request

from sio_server.engine import SCOPE_PROTOCOL
from sio_server.guard import ASGI

HEADERS_WITHIN_S = 10.0
UNREAD_FOR_MS = 20_000
MAX_FRAGMENTS = 1_024
MAX_FRAME_BYTES = 16 << 20
STOP_WITHIN_S = 2


class BindError(Exception):
    """The address cannot be listened on; the message says why."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    A peer that has not read for 20 s is cut off by the kernel, so no dead reader is kept.
    Errors: BindError.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, proto)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_FOR_MS)
        listening.bind(address)
        listening.listen(2048)
        listening.setblocking(False)
    except OSError as error:
        raise BindError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    return listening


def address_of(listening: socket.socket) -> str:
    """`http://host:port` of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Protocol(WebSocketsSansIOProtocol):
    """A websocket that its Engine.IO session can look at, with a bound on fragments."""

    def handle_connect(self, event: Request) -> None:
        """Shows itself to the session through the scope."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            cast(dict[str, Any], self.scope)[SCOPE_PROTOCOL] = self

    def handle_cont(self, event: Frame) -> None:
        """Ends a connection that sends one message in endless parts."""
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
            self.handle_parser_exception()


class Http(H11Protocol):
    """HTTP whose first request must have arrived within the deadline."""

    def connection_made(self, transport: Any) -> None:
        """Starts the deadline."""
        super().connection_made(transport)
        self.loop.call_later(HEADERS_WITHIN_S, self._check_headers)

    def _check_headers(self) -> None:
        if getattr(self, "scope", None) is None and not self.transport.is_closing():
            self.transport.close()


class Server(uvicorn.Server):
    """Runs until SIGTERM or Ctrl-C; drains first, and then returns instead of dying of the signal."""

    def __init__(self, app: ASGI, on_started: Callable[[], None], drain: Callable[[], Any]) -> None:
        super().__init__(
            uvicorn.Config(
                cast(Any, app),
                http=Http,
                ws=Protocol,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                ws_max_size=MAX_FRAME_BYTES,
                ws_per_message_deflate=False,
                ws_ping_interval=None,
                timeout_graceful_shutdown=STOP_WITHIN_S,
            )
        )
        self._on_started = on_started
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells when clients can connect."""
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Lets the app say good-bye while connections are still open."""
        await self._drain()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stops in order at the first signal, at once at the second."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

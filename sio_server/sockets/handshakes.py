"""The TLS handshake of a connection: ours, since the loop tells nobody of a connection before its end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from sio_server.sockets.http_connections import HttpConnections, Kind
from sio_server.sockets.refusals import network_of

ENDS_WITHIN_S = 10.0  # as the headers of a request


class Handshake(asyncio.Protocol):
    """Counts among the unfinished, and hands the connection over to the protocol that `make` makes once it is
    encrypted."""

    def __init__(
        self, make: Callable[[], asyncio.Protocol], tls: ssl.SSLContext, connections: HttpConnections
    ) -> None:
        self._make = make
        self._tls = tls
        self._connections = connections
        self._came = b""

    def connection_made(self, transport: Any) -> None:
        """Begins the handshake."""
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._connections.put(self, network_of(peer[0] if peer else "unknown"), Kind.UNFINISHED)
        self._task = asyncio.get_running_loop().create_task(self._shake())

    def data_received(self, data: bytes) -> None:
        """Keeps what comes before the task runs: an event loop may read at once."""
        self._came += data

    async def _shake(self) -> None:
        early, loop = _Early(), asyncio.get_running_loop()
        handshake = loop.create_task(
            loop.start_tls(
                *(self._transport, early, self._tls),
                server_side=True,
                ssl_handshake_timeout=ENDS_WITHIN_S,
            )
        )
        try:
            await asyncio.sleep(0)  # the handshake begins; what came before it is its first
            loop.call_soon(self._give_back)
            encrypted = await handshake
        except OSError:  # it made no sense, or took too long
            return
        finally:
            handshake.cancel()
            self._connections.leave(self)
        if encrypted is not None and not early.is_lost:
            early.hand_over(self._make(), encrypted)

    def _give_back(self) -> None:
        encrypting = self._transport.get_protocol()
        while self._came and encrypting is not self:
            room = encrypting.get_buffer(len(self._came))
            part, self._came = self._came[: len(room)], self._came[len(room) :]
            room[: len(part)] = part
            encrypting.buffer_updated(len(part))

    def make_way(self) -> None:
        """Ends at once (http_connections.Connection)."""
        self._transport.abort()
        self._task.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives up, where the handshake has not begun."""
        self._connections.leave(self)
        self._task.cancel()


class _Early(asyncio.Protocol):
    """Keeps what comes right behind the handshake."""

    def __init__(self) -> None:
        self._came: list[bytes] = []
        self._is_over = False
        self.is_lost = False

    def data_received(self, data: bytes) -> None:
        self._came.append(data)

    def eof_received(self) -> None:
        self._is_over = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True

    def hand_over(self, protocol: asyncio.Protocol, transport: Any) -> None:
        """Gives the protocol all that came."""
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        for data in self._came:
            transport.get_protocol().data_received(data)  # the first may have been an upgrade
        if self._is_over:
            transport.get_protocol().eof_received()

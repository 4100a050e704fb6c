"""The sending half of an Engine.IO session: straight to its websocket where that can be, else by a queue.

The stock way to a websocket is a writer task and ASGI; a session that polls always queues (decision 17).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from typing import Protocol as Interface

from sio_server.sockets.driver import EngineWebSocket
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.outbox import Outbox
from sio_server.sockets.packets import Framed, Malformed, Text
from sio_server.sockets.websocket import Protocol


class Receiver(Interface):
    """Who takes what the sessions bring."""

    def take_now(self, sid: str, text: str) -> bool:
        """Takes a message in at once; False when it has to queue behind others."""

    async def malformed(self, sid: str, reason: Malformed) -> None:
        """The session sent what its protocol does not allow, and has to end."""

    def idle(self, sid: str) -> None:
        """All that was queued for the session is written."""

    def pinged(self, sid: str) -> None:
        """The session's peer was asked whether it lives; what is sent now goes out in the same write."""


class Server(Interface):
    """What a session needs of the server that holds it."""

    ping_interval: int
    ping_timeout: int
    direct: bool
    """Whether websockets may be used directly."""
    reason: Any
    sockets: dict[str, Any]
    handlers: dict[str, Callable[..., Awaitable[None]]]
    receiver: Receiver

    def spawn(self, work: Any) -> None:
        """Runs a coroutine to its end."""


class Sender:
    """What a session sends, in order; nothing overtakes what is queued."""

    # Slots: there are thousands, and what stands in a dictionary for each no cache holds.
    __slots__ = ("_direct", "_websocket", "closed", "fast_path", "queue", "server", "sid")

    def __init__(self, server: Server, sid: str) -> None:
        self.server = server
        self.sid = sid
        self.closed = False
        self.queue = Outbox()
        self.fast_path = FastPath()
        self._websocket: EngineWebSocket | None = None
        self._direct: Protocol | None = None

    def post(self, text: Text) -> None:
        """Sends or queues a message or packet; nothing once the socket is closed."""
        if self.closed:
            return
        direct = self._direct
        if direct is None or self.queue.items is not None or not direct.write_soon(text.frame):
            self.fast_path.close()
            self.queue.put(text)
        elif not direct.flows:
            self.queue.idle.clear()

    def post_now(self, message: Framed) -> bool:
        """Sends a message when nothing is queued before it and the peer reads; False when not."""
        direct = self._direct
        if direct is None or self.queue.items is not None or not direct.write(message.frame):
            return False
        direct.open_fast_path()
        if not direct.flows:
            self.queue.idle.clear()
        return True

    @property
    def backlog_bytes(self) -> int:
        """What is not yet with the kernel."""
        return self.queue.size_bytes + (0 if self._direct is None else self._direct.unsent_bytes)

    async def drained(self, within_s: float) -> None:
        """Returns when all that is queued has been written, or the time is over."""
        if not self.closed:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.queue.idle.wait(), within_s)

    async def _write(self, websocket: EngineWebSocket) -> None:
        """Writes what is queued until the end mark; the websocket's own flow control slows it down."""
        while (item := await self.queue.next()) is not None:
            await websocket.send(item.encode())
            self.queue.written(item)
            del item  # a snapshot is large, and the wait for what comes next may be long
            if not self.queue:
                if websocket.protocol is not None:
                    await websocket.protocol.writable.wait()
                if not self.queue:
                    self._now_idle()
        await websocket.close()

    def on_writable(self) -> None:
        """Writes what is queued, as long as the peer reads."""
        websocket, direct = self._websocket, self._direct
        if websocket is None or direct is None:
            return
        while direct.flows and self.queue:
            item = self.queue.take()
            if item is None:
                self.server.spawn(websocket.close())
                return
            direct.write(item.frame)
            self.queue.written(item)
        if direct.flows:
            self._now_idle()

    def _now_idle(self) -> None:
        self.queue.idle.set()
        self.server.receiver.idle(self.sid)

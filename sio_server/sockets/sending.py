"""The sending half of an Engine.IO session: straight to its websocket where possible, else through a queue.

The stock path to a websocket is a writer task and ASGI; a polling session always queues (decision 17).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from typing import Protocol as Interface

from sio_server.sockets.driver import EngineWebSocket
from sio_server.sockets.endings import Ending
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.outbox import Outbox
from sio_server.sockets.packets import Framed, Malformed, Text
from sio_server.sockets.websocket import Protocol


class Receiver(Interface):
    """Whoever handles what sessions receive."""

    def take_now(self, sid: str, text: str) -> bool:
        """Handles a message now; False when it has to queue behind others."""

    async def malformed(self, sid: str, reason: Malformed) -> None:
        """Ends a session that broke the protocol."""

    def idle(self, sid: str) -> None:
        """Called when everything queued for the session is written."""

    def pinged(self, sid: str) -> None:
        """Called right after a ping; what is sent now goes out in the same write."""


class Server(Interface):
    """What a session needs from its server."""

    ping_interval: int
    ping_timeout: int
    direct: bool
    """Whether sessions may use websockets directly."""
    reason: Any
    sockets: dict[str, Any]
    handlers: dict[str, Callable[..., Awaitable[None]]]
    receiver: Receiver

    def spawn(self, work: Any) -> None:
        """Runs a coroutine in the background."""


class Sender:
    """Sends a session's packets in order; nothing overtakes the queue."""

    # Slots: there are thousands, and a dictionary for each would not fit into any cache.
    __slots__ = ("_direct", "_websocket", "closed", "ending", "fast_path", "queue", "server", "sid")

    def __init__(self, server: Server, sid: str) -> None:
        self.server = server
        self.sid = sid
        self.closed = False
        self.ending = Ending.DONE
        self.queue = Outbox()
        self.fast_path = FastPath()
        self._websocket: EngineWebSocket | None = None
        self._direct: Protocol | None = None

    def post(self, text: Text) -> None:
        """Sends or queues a message or packet; does nothing once the session is closed."""
        if self.closed:
            return
        direct = self._direct
        if direct is None or self.queue.items is not None or not direct.write_soon(text.frame):
            self.fast_path.close()
            self.queue.put(text)
        elif not direct.flows:
            self.queue.idle.clear()

    def post_now(self, message: Framed) -> bool:
        """Sends a message if nothing is queued before it and the peer is reading; else returns False."""
        direct = self._direct
        if direct is None or self.queue.items is not None or not direct.write(message.frame):
            return False
        direct.open_fast_path()
        if not direct.flows:
            self.queue.idle.clear()
        return True

    @property
    def backlog_bytes(self) -> int:
        """Bytes not yet handed to the kernel."""
        return self.queue.size_bytes + (0 if self._direct is None else self._direct.unsent_bytes)

    async def drained(self, within_s: float) -> None:
        """Returns when the queue has been written, or the time is up."""
        if not self.closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self.queue.idle.wait()

    async def _write(self, websocket: EngineWebSocket) -> None:
        """Writes the queue until the end mark, at the pace of the websocket's flow control."""
        while (item := await self.queue.next()) is not None:
            await websocket.send(item.encode())
            self.queue.written(item)
            del item  # a snapshot is large, and the wait for the next item may be long
            if not self.queue:
                if websocket.protocol is not None:
                    await websocket.protocol.writable.wait()
                if not self.queue:
                    self._now_idle()
        await websocket.close(self.ending)

    def on_writable(self) -> None:
        """Writes the queue while the peer is reading."""
        websocket, direct = self._websocket, self._direct
        if websocket is None or direct is None:
            return
        while direct.flows and self.queue:
            item = self.queue.take()
            if item is None:
                self.server.spawn(websocket.close(self.ending))
                return
            direct.write(item.frame)
            self.queue.written(item)
        if direct.flows:
            self._now_idle()

    def _now_idle(self) -> None:
        self.queue.idle.set()
        self.server.receiver.idle(self.sid)

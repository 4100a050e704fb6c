"""One Engine.IO session, by polling or websocket.

Ours, because engineio's socket lets broken packets leave ghosts behind, keeps time by the wall clock,
never ends a connection whose peer has stopped reading, and makes a task and a timer for every
message. All that depends on the inside of engineio is here, in driver and in server; on uvicorn's, in
websocket and listener.

A websocket is used directly where it can be (see websocket), else the stock way: through the ASGI
queue and a writer task. A session that polls always queues.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from typing import Protocol as Interface

from engineio import async_socket

from sio_server.sockets.driver import EngineWebSocket, times_resumed
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.outbox import MAX_UNREAD_BYTES, Outbox
from sio_server.sockets.packets import Framed, Malformed, Text
from sio_server.sockets.polling import Polling, Request
from sio_server.sockets.websocket import AT_ONCE, Protocol

STEP_WITHIN_S = 10.0
LINGER_S = 1.0
MAX_STRAYS = 1_000
PING = Text(b"2")
CLOSE = Text(b"1")


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


class EngineSocket(async_socket.AsyncSocket):
    """One Engine.IO session, by polling or websocket."""

    server: Server
    upgraded: bool
    closing: bool
    connected: bool

    def __init__(self, server: Server, sid: str) -> None:
        super().__init__(server, sid)
        self.queue = Outbox()
        self._timer: asyncio.TimerHandle | None = None
        self._awaits_pong = False
        self._resumed = 0
        self._strays = 0
        self.polling: Polling | None = None
        self._websocket: EngineWebSocket | None = None
        self._direct: Protocol | None = None
        self._listens = False
        self.fast_path = FastPath()

    # Sending.

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

    async def send(self, pkt: Any) -> None:
        """The same, as engineio calls it."""
        self.post(Text(pkt.encode().encode()))

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

    # Heartbeat, by the loop's clock: a jump of the wall clock drops nobody.

    def schedule_ping(self) -> None:
        """The next ping is due after the interval."""
        self._awaits_pong = False
        self._set_timer(self.server.ping_interval, self._ping)

    def _ping(self) -> None:
        self._awaits_pong = True
        self._resumed = times_resumed(self._websocket)
        self.post(PING)
        self.server.receiver.pinged(self.sid)
        self._set_timer(self.server.ping_timeout, self._no_pong)

    def _no_pong(self) -> None:
        before, self._resumed = self._resumed, times_resumed(self._websocket)
        posts = self.polling is not None and self.polling.has_moved_on()  # the pong comes after what it posts
        if posts or self._resumed > before:  # it reads, but slowly: the ping is behind other things
            self._set_timer(self.server.ping_timeout, self._no_pong)
        else:
            self.server.spawn(self.close(reason=self.server.reason.PING_TIMEOUT))

    async def check_ping_timeout(self) -> bool:
        """engineio asks before it sends; the timer watches instead."""
        return not self.closed

    def _set_timer(self, delay_s: float, call: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay_s, call)

    # Receiving.

    async def take(self, data: str | bytes) -> None:
        """One Engine.IO packet from the client.

        Errors: Malformed.
        """
        if data != "3":
            await self.queue.room()
        if isinstance(data, bytes):
            await self.server.handlers["message"](self.sid, data)
        elif data[:1] == "4":
            await self.server.handlers["message"](self.sid, data[1:])
        elif data == "3":
            if self._awaits_pong:
                self.schedule_ping()
        elif data == "1":
            await self.close(abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
        elif data in ("2", "5", "6"):
            self._strays += 1
            if self._strays > MAX_STRAYS:
                raise Malformed("too many packets without a meaning")
        else:
            raise Malformed("not an Engine.IO packet")

    async def _take_safely(self, data: str | bytes) -> None:
        try:
            await self.take(data)
        except Malformed as reason:
            await self.server.receiver.malformed(self.sid, reason)

    def take_now(self, text: str) -> bool:
        """Takes an ordinary message in at once; False when it has to queue behind others."""
        if not self._listens or self.closing:
            return False
        if text == "3":
            if self._awaits_pong:
                self.schedule_ping()
            return True
        if text[:1] != "4" or self.queue.size_bytes > MAX_UNREAD_BYTES:
            return False
        return self.server.receiver.take_now(self.sid, text[1:])

    async def handle_get_request(self, environ: dict[str, Any]) -> Any:
        """The begin of a websocket, as engineio calls it."""
        return await self._upgrade_websocket(environ)

    # Polling.

    async def serve(self, request: Request, polling: Polling) -> None:
        """A GET that waits for packets, or a POST that brings some.

        Errors: Overlap, Malformed.
        """
        if request.method == "POST":
            await polling.post(request, self._take_unless_over)
            await request.answer(b"ok")
            return
        body = await polling.poll(request)
        if not self.queue:
            self._now_idle()
        await request.answer(body)

    async def _take_unless_over(self, data: str | bytes) -> None:
        if not self.closing:
            await self.take(data)

    def on_gone(self) -> None:
        """Nobody polls any more."""
        self.on_lost()

    # The websocket's life.

    async def _websocket_handler(self, ws: EngineWebSocket) -> None:
        if self.connected:
            if self.upgrading or self.upgraded or not await self._upgrade(ws):
                return
        else:
            self.connected = self.upgraded = True
        self._websocket = ws
        if ws.protocol is not None and self.server.direct:
            await self._converse(ws, ws.protocol)
        else:
            await self._converse_by_queue(ws)

    async def _converse(self, ws: EngineWebSocket, protocol: Protocol) -> None:
        """Until the websocket is closed; what it does not take in at once comes by its queue."""
        self._direct = protocol
        protocol.attach(self, self.fast_path)
        self.on_writable()
        taken = 0
        try:
            while True:
                self._listens = not self.closing
                data = await ws.wait()
                self._listens = False
                if not self.closing:
                    await self._take_safely(data)
                taken += 1
                if not taken % AT_ONCE:
                    await asyncio.sleep(0)  # a queue that is never empty lets nobody else run
        except OSError:
            pass  # closed, by either side
        finally:
            self._listens, self._direct = False, None
            self.fast_path.close()
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            protocol.session = self._websocket = None

    async def _converse_by_queue(self, ws: EngineWebSocket) -> None:
        writer = asyncio.create_task(self._write(ws))
        writer.add_done_callback(lambda _: self.on_lost())
        try:
            while not self.closing:
                await self._take_safely(await ws.wait())
        except OSError:
            pass  # the peer is gone
        finally:
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            await self._end(writer)

    def on_lost(self) -> None:
        """What is taken in may be waiting for the peer to read: it is told that this will not be."""
        self.server.spawn(self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE))

    async def _upgrade(self, ws: EngineWebSocket) -> bool:
        """Moves a polling session over. Until it has moved, it polls as before."""
        polling = self.polling
        if polling is None:
            return False
        self.upgrading = True
        try:
            if await asyncio.wait_for(ws.wait(), STEP_WITHIN_S) == "2probe":
                await ws.send("3probe")
                polling.begin_move()
                self.upgraded = await _next_step(ws, polling) == "5"
        except (OSError, TimeoutError):
            pass
        finally:
            self.upgrading = False
            polling.end_move()
        if self.upgraded:
            self.polling = None
            polling.leave()
        return self.upgraded

    async def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        """Ends the session: what is queued is still written, for a second at most."""
        if self.closing:
            return
        self.closing = True
        self.fast_path.close()
        if self._timer is not None:
            self._timer.cancel()
        polling, self.polling = self.polling, None  # breaks a reference cycle
        if polling is not None:
            polling.end()
        try:
            await self.server.handlers["disconnect"](self.sid, reason or self.server.reason.SERVER_DISCONNECT)
        finally:
            if not abort:
                self.post(CLOSE)
            self.closed = True
            self.queue.end()
            self.on_writable()
            self.server.sockets.pop(self.sid, None)
            if self._websocket is not None:
                self._websocket.abort_after(LINGER_S)

    async def _end(self, writer: asyncio.Task[None]) -> None:
        await asyncio.wait([writer], timeout=LINGER_S + 0.5)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        self._websocket = None  # breaks a reference cycle: what the connection held is freed at once


async def _next_step(ws: EngineWebSocket, polling: Polling) -> str | bytes:
    """What comes by the websocket; a client moves only when what it posts has been taken."""
    while True:
        try:
            return await asyncio.wait_for(ws.wait(), STEP_WITHIN_S)
        except TimeoutError:
            if not polling.is_posting:
                raise

"""Engine.IO under the server: engineio's handshake, polling and upgrade, with our own socket.

Ours, because engineio's socket lets broken packets leave ghosts behind, keeps time by the wall clock,
never ends a connection whose peer has stopped reading, and makes a task and a timer for every
message. All that depends on the inside of engineio is here; on uvicorn's, in websocket and listener.

A websocket is used directly where it can be (see websocket), else the stock way: through the ASGI
queue and a writer task. Polling, and a session during its upgrade, always queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from typing import Protocol as Interface

import engineio
from engineio import async_socket, exceptions
from engineio import packet as engine_packet

from sio_server.sockets.driver import EngineWebSocket, frame, times_resumed, unpack
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.outbox import MAX_UNREAD_BYTES, Outbox
from sio_server.sockets.packets import Framed, Malformed
from sio_server.sockets.websocket import AT_ONCE, Protocol

STEP_WITHIN_S = 10.0
LINGER_S = 1.0
MAX_STRAYS = 1_000
MAX_POLLED_PACKETS = 16
MAX_POST_BYTES = 16 << 20

log = logging.getLogger("adjutant.engine")


class Receiver(Interface):
    """Who takes what the sessions bring."""

    def take_now(self, sid: str, text: str) -> bool:
        """Takes a message in at once; False when it has to queue behind others."""

    async def malformed(self, sid: str, reason: str) -> None:
        """The session sent what its protocol does not allow, and has to end."""

    def idle(self, sid: str) -> None:
        """All that was queued for the session is written."""


class EngineSocket(async_socket.AsyncSocket):
    """One Engine.IO session, by polling or websocket."""

    server: EngineServer
    upgraded: bool
    closing: bool
    connected: bool

    def __init__(self, server: EngineServer, sid: str) -> None:
        super().__init__(server, sid)
        self.queue = Outbox()
        self._timer: asyncio.TimerHandle | None = None
        self._awaits_pong = False
        self._resumed = 0
        self._polled = False
        self._strays = 0
        self._websocket: EngineWebSocket | None = None
        self._direct: Protocol | None = None
        self._listens = False
        self.fast_path = FastPath()

    # Sending.

    def post(self, item: Any) -> None:
        """Sends or queues a message or packet; nothing once the socket is closed."""
        if self.closed:
            return
        direct = self._direct
        if direct is None or self.queue or not direct.write_soon(frame(item)):
            self.fast_path.close()
            self.queue.put(item)
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

    async def send(self, pkt: Any) -> None:
        """The same, as engineio calls it."""
        self.post(pkt)

    async def poll(self) -> list[Any]:
        """What is queued, for one GET; waits for the first. Python clients take no more than 16 at once."""
        within_s = self.server.ping_interval + self.server.ping_timeout
        try:
            found = [await asyncio.wait_for(self.queue.next(), within_s)]
        except TimeoutError:
            raise exceptions.QueueEmpty from None
        while self.queue and found[-1] is not None and len(found) < MAX_POLLED_PACKETS:
            found.append(self.queue.take())
        if found[-1] is None:
            found.pop()
            self.queue.put(None)
        for item in found:
            self.queue.written(item)
        if not self.queue:
            self._now_idle()
        return found

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
            direct.write(frame(item))
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
        self.post(engine_packet.Packet(engine_packet.PING))
        self._set_timer(self.server.ping_timeout, self._no_pong)

    def _no_pong(self) -> None:
        before, self._resumed = self._resumed, times_resumed(self._websocket)
        if self._resumed > before:  # it reads, but slowly: the ping is behind other things
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
        elif data in ("2", "5"):
            self._strays += 1
            if self._strays > MAX_STRAYS:
                raise Malformed("too many packets without a meaning")
        else:
            raise Malformed("not an Engine.IO packet")

    async def _take_safely(self, data: str | bytes) -> None:
        try:
            await self.take(data)
        except Malformed as reason:
            await self.server.receiver.malformed(self.sid, str(reason))

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
        """A GET that waits for packets, or the begin of a websocket."""
        if environ["asgi.scope"]["type"] == "websocket":
            return await self._upgrade_websocket(environ)
        if self.upgrading or self.upgraded:
            return [engine_packet.Packet(engine_packet.NOOP)]
        if self._polled:
            await self.close(reason=self.server.reason.TRANSPORT_ERROR)
            raise exceptions.EngineIOError("two polls at once")
        self._polled = True
        try:
            return await self.poll()
        finally:
            self._polled = False

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """A POST with one or more packets."""
        length = int(environ.get("CONTENT_LENGTH", "0"))
        if length > MAX_POST_BYTES:
            raise exceptions.ContentTooLongError
        body: bytes = await environ["wsgi.input"].read(length)
        try:
            if len(body) < length:
                raise Malformed("the body breaks off")
            for packet in unpack(body):
                if not self.closing:
                    await self.take(packet)
        except Malformed as reason:
            await self.server.receiver.malformed(self.sid, str(reason))
            self.server.sockets[self.sid] = self  # engineio only answers 400 when it finds it to remove
            raise exceptions.EngineIOError(str(reason)) from None

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
        """Moves a polling session over; nothing is sent by polling once it has begun."""
        self.upgrading = True
        try:
            if await asyncio.wait_for(ws.wait(), STEP_WITHIN_S) != "2probe":
                return False
            await ws.send("3probe")
            self.post(engine_packet.Packet(engine_packet.NOOP))  # ends the poll that is waiting
            self.upgraded = await asyncio.wait_for(ws.wait(), STEP_WITHIN_S) == "5"
        except (OSError, TimeoutError):
            pass
        finally:
            self.upgrading = False
        return self.upgraded

    async def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        """Ends the session: what is queued is still written, for a second at most."""
        if self.closing:
            return
        self.closing = True
        self.fast_path.close()
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self.server.handlers["disconnect"](self.sid, reason or self.server.reason.SERVER_DISCONNECT)
        finally:
            if not abort:
                self.post(engine_packet.Packet(engine_packet.CLOSE))
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


class EngineServer(engineio.AsyncServer):
    """engineio's server with our sockets; `direct` ones, where websockets may be used directly."""

    def __init__(self, receiver: Receiver, direct: bool, **options: Any) -> None:
        super().__init__(**options)
        self.receiver = receiver
        self.direct = direct
        self._async: dict[str, Any] = {**self._async, "websocket": EngineWebSocket}
        self._spawned: set[asyncio.Task[None]] = set()

    def spawn(self, work: Any) -> None:
        """Runs a coroutine to its end; keeps it from being collected."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    async def handle_request(self, scope: Any, receive: Any, send: Any) -> Any:
        """ASGI; passes over a request whose sender left before the body came, as engineio fails to."""
        first = [await receive()]
        if first[0]["type"].endswith(".disconnect"):
            return None

        async def replay() -> Any:
            return first.pop() if first else await receive()

        return await super().handle_request(scope, replay, send)

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        socket = EngineSocket(self, self.generate_id())
        self.sockets[socket.sid] = socket
        opening = {
            "sid": socket.sid,
            "upgrades": self._upgrades(socket.sid, transport),
            "pingTimeout": self.ping_timeout * 1000,
            "pingInterval": self.ping_interval * 1000,
            "maxPayload": self.max_http_buffer_size,
        }
        socket.post(engine_packet.Packet(engine_packet.OPEN, opening))
        await self.handlers["connect"](socket.sid, environ)
        socket.schedule_ping()
        if transport == "websocket":
            return await socket.handle_get_request(environ)
        socket.connected = True
        return self._ok(await socket.poll())

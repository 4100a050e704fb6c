"""One Engine.IO session, over polling or websocket: heartbeat, receiving, upgrade and close.

Ours, because engineio's socket lets broken packets leave ghosts behind, keeps time by the wall clock, never
ends a connection whose peer has stopped reading, and makes a task and a timer for every message (decision 5).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sio_server.sockets.driver import EngineWebSocket, times_resumed
from sio_server.sockets.endings import Ending
from sio_server.sockets.outbox import MAX_UNREAD_BYTES
from sio_server.sockets.packets import Malformed, Text
from sio_server.sockets.polling import Polling, Request
from sio_server.sockets.sending import Sender, Server
from sio_server.sockets.websocket import AT_ONCE, Protocol

STEP_WITHIN_S = 10.0  # of an upgrade, as long as Node's server waits for one
MOVE_WITHIN_TURNS = 10
"""Turns of the event loop; a probe and its `5` take five at most."""
CROWDED_LINGER_S = 0.1  # of whoever makes way for others, or cannot move: its file is needed
LINGER_S = 1.0  # for the last packets and the close handshake; then the connection is cut
MAX_STRAYS = 1_000  # packets without meaning here are ignored, but not without end
PING = Text(b"2")
CLOSE = Text(b"1")


class EngineSocket(Sender):
    """One Engine.IO session, over polling or websocket.

    `connected`: it has a transport. `upgraded`: that transport is a websocket. `closing`: it accepts no more
    packets. `is_known`: its client was admitted.
    """

    __slots__ = (
        *("_awaits_pong", "_listens", "_resumed", "_strays", "_timer"),
        *("closing", "connected", "is_known", "polling", "upgraded", "upgrading"),
    )

    def __init__(self, server: Server, sid: str) -> None:
        super().__init__(server, sid)
        self.connected = self.upgrading = self.upgraded = self.closing = self.is_known = False
        self.polling: Polling | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._awaits_pong = self._listens = False
        self._resumed = self._strays = 0

    # Heartbeat, by the loop's clock: a jump of the wall clock drops nobody.

    def schedule_ping(self) -> None:
        """Schedules the next ping, one interval from now."""
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
        posts = self.polling is not None and self.polling.has_moved_on()  # the pong comes after its POST
        if posts or self._resumed > before:  # it reads, but slowly: the ping is queued behind other data
            self._set_timer(self.server.ping_timeout, self._no_pong)
        else:
            self.server.spawn(self.close(reason=self.server.reason.PING_TIMEOUT, ending=Ending.NO_PONG))

    def _set_timer(self, delay_s: float, call: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay_s, call)

    # Receiving.

    async def take(self, data: str | bytes) -> None:
        """Handles one Engine.IO packet from the client.

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
                raise Malformed("too many meaningless packets")
        else:
            raise Malformed("not an Engine.IO packet")

    async def _take_safely(self, data: str | bytes) -> None:
        try:
            await self.take(data)
        except Malformed as reason:
            await self.server.receiver.malformed(self.sid, reason)

    def take_now(self, text: str) -> bool:
        """Handles an ordinary message now; False when it has to queue behind others."""
        if not self._listens or self.closing:
            return False
        if text == "3":
            if self._awaits_pong:
                self.schedule_ping()
            return True
        if text[:1] != "4" or self.queue.size_bytes > MAX_UNREAD_BYTES:
            return False
        return self.server.receiver.take_now(self.sid, text[1:])

    def know(self) -> None:
        """Notes that its client was admitted."""
        self.is_known = True
        if self._websocket is not None and self._websocket.protocol is not None:
            self._websocket.protocol.know()
        if self.polling is not None:
            self.polling.know(self.sid)

    # Polling.

    async def serve(self, request: Request, polling: Polling) -> None:
        """Serves a GET that waits for packets, or a POST that brings some.

        Errors: Overlap, Malformed.
        """
        if request.line is not None:
            request.line.know(self.sid if self.is_known else None)
        if request.method == "POST":
            await polling.post(request, self._take_unless_over, self.is_known)
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
        """Ends the session of a client that has stopped polling."""
        self.on_lost()

    # The websocket, from open to close.

    async def converse(self, ws: EngineWebSocket) -> None:
        """Serves the session over this websocket until it closes; a polling session is upgraded.

        A websocket that the session cannot move to is closed at once, as in Node's server.
        """
        if self.connected:
            if self.upgrading or self.upgraded or not await self._upgrade(ws):
                ws.abort_after(CROWDED_LINGER_S)
                await ws.close(Ending.NO_MOVE)
                return
        else:
            self.connected = self.upgraded = True
        self._websocket = ws
        if ws.protocol is not None:
            ws.protocol.count_no_more()
            if self.closing:  # it ended while it moved
                ws.abort_after(LINGER_S)
        if self.is_known:
            self.know()
        if ws.protocol is not None and self.server.direct:
            await self._converse_directly(ws, ws.protocol)
        else:
            await self._converse_by_queue(ws)

    async def _converse_directly(self, ws: EngineWebSocket, protocol: Protocol) -> None:
        """Runs until the websocket closes; messages that are not handled at once come through its queue."""
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
                    await asyncio.sleep(0)  # otherwise a queue that is never empty starves everybody else
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
        """Ends the session at once: a handler may be waiting for the peer to read."""
        self.server.spawn(self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE))

    async def settled(self) -> None:
        """Waits for an upgrade under way: packets that came by its websocket before may be turns behind."""
        for _ in range(MOVE_WITHIN_TURNS):
            if not self.upgrading:
                return
            await asyncio.sleep(0)

    async def _upgrade(self, ws: EngineWebSocket) -> bool:
        """Upgrades a polling session. Until it has moved, it polls as before."""
        polling = self.polling
        if polling is None:
            return False
        self.upgrading = True
        try:
            async with asyncio.timeout(STEP_WITHIN_S):
                probe = await ws.wait()
            if probe == "2probe":
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

    async def close(
        self, wait: bool = True, abort: bool = False, reason: Any = None, ending: Ending = Ending.DONE
    ) -> None:
        """Ends the session; queued packets are still written, for LINGER_S at most."""
        if self.closing:
            return
        self.closing, self.ending = True, ending
        self.fast_path.close()
        if self._timer is not None:
            self._timer.cancel()
        polling, self.polling = self.polling, None  # breaks a reference cycle
        if polling is not None:
            polling.end()
        try:
            await self.server.handlers["disconnect"](self.sid, reason or self.server.reason.SERVER_DISCONNECT)
        finally:
            if not abort and not ending.is_passing:
                self.post(CLOSE)
            self.closed = True
            self.queue.end()
            self.on_writable()
            self.server.sockets.pop(self.sid, None)
            if self._websocket is not None:
                self._websocket.abort_after(CROWDED_LINGER_S if ending is Ending.CROWDED_OUT else LINGER_S)

    async def _end(self, writer: asyncio.Task[None]) -> None:
        await asyncio.wait([writer], timeout=LINGER_S + 0.5)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        self._websocket = None  # breaks a reference cycle: what the connection held is freed at once


async def _next_step(ws: EngineWebSocket, polling: Polling) -> str | bytes:
    """The next packet of the upgrade; a client moves only once its POST has been handled."""
    while True:
        try:
            async with asyncio.timeout(STEP_WITHIN_S):
                return await ws.wait()
        except TimeoutError:
            if not polling.is_posting:
                raise

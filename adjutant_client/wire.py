"""One Socket.IO connection, from the handshake until it is lost; it does not reconnect.

Only this module depends on python-socketio, python-engineio and aiohttp.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import engineio
import socketio
from aiohttp import (
    ClientConnectionError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientWSTimeout,
)
from pydantic_core import to_json
from socketio.exceptions import SocketIOError

from adjutant_client.address import Address
from adjutant_client.answer import Ack, Refused
from adjutant_client.cancelling import heeding_cancel
from adjutant_client.reasons import Redirected, nothing_there, plainly, readable, why
from adjutant_client.silence import Silence

# A proxy may swallow a websocket: then polling is tried.
_CONNECT_S = {"websocket": 5.0, "polling": 10.0}
_ACK_S = 15.0  # the server itself answers within 10 s of reading a request
_POST_S = 60.0  # a batch of 2 MiB over a slow line
_SLOW_LINE_BYTES_S = 50_000  # a request may take this long to send before the line counts as dead
_LEAVE_S = 2.0  # for closing; on a dead line that would never finish
_LOOK_EVERY_S, _ASK_AFTER_S = 1.0, 1.0  # with silence._LEAST_S a dead path is noticed within 5 s
_SLEPT_S = 3.0  # a check this late by the wall clock means that the machine was suspended
_IDLE_S = 30.0  # a follower gets the server's head every 25 s
# The library's own limit of 16 packets would end a connection when a poll brings more.
engineio.payload.Payload.max_decode_packets = 1_000_000

_log = logging.getLogger("adjutant_client.wire")
_log.addHandler(logging.NullHandler())
_log.propagate = False  # failures are reported by exceptions and by the link

Take = Callable[[Any], None]
Reply = Callable[[Any], Awaitable[dict[str, Any]]]

_ALIVE = "state:ping"  # answered at once and out of turn; an older server's refusal will do
_NO_ACK = {"code": "internal", "message": "The server's answer is not valid.", "retry": "no"}


class Dropped(Exception):
    """This attempt failed, but another may succeed.

    `blocked`: something is there but does not accept this transport; another transport may get through.
    `told`: the server gave the reason, and asked to reconnect after `after_s`.
    """

    def __init__(
        self, because: str, *, blocked: bool = False, told: bool = False, after_s: float = 0.0
    ) -> None:
        super().__init__(because)
        self.blocked = blocked
        self.told = told
        self.after_s = after_s


@dataclass(eq=False)
class Pending:
    """An answer that the server owes; for a large one, it may be silent for up to `patience_s`."""

    answered: Take
    lost: Callable[[Dropped], None]
    sent_at_s: float
    patience_s: float


class Wire:
    """One connection. `takes` has the handler of each event: plain functions, called in the order of the
    messages, and never after the connection is lost; a message that they cannot parse ends it. `replies`
    answer the server's calls.
    """

    def __init__(
        self,
        address: Address,
        silence: Silence,
        takes: Mapping[str, Take],
        replies: Mapping[str, Reply],
    ) -> None:
        self.lost = asyncio.Event()
        self.why_lost = ""
        self._address = address
        self._silence = silence
        self._pending: set[Pending] = set()
        self._loop = asyncio.get_running_loop()
        self._heard_at_s = self._loop.time()
        self._looking: asyncio.Task[None] | None = None
        self._refusal: Any = None
        self._sessions: list[ClientSession] = []
        self._upgraded: list[ClientResponse] = []
        self._closed = False
        self._sio = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,  # otherwise it takes Ctrl-C away from the program
            logger=_log,
            engineio_logger=_log,
            request_timeout=_POST_S,
            http_session=self._new_session,
            websocket_extra_options={
                "max_msg_size": 0,  # a board may be larger than aiohttp's 4 MiB
                "timeout": ClientWSTimeout(ws_close=_LEAVE_S),
            },
        )
        for event, take in takes.items():
            self._sio.on(event, self._guarded(take))
        for event, reply in replies.items():
            self._sio.on(event, _replying(reply))
        self._sio.on("*", self._guarded(lambda _: None))  # any event is a sign of life
        self._sio.on("connect_error", self._on_connect_error)
        self._sio.on("disconnect", lambda *_: self.drop("the connection dropped"))

    async def open(self, transport: str, auth: dict[str, Any]) -> None:
        """Connects. Errors: Dropped; Refused, when the server does not admit this client, nor will later."""
        within_s = _CONNECT_S[transport]
        connecting = self._sio.connect(
            self._address.base,
            auth=auth,
            transports=[transport],
            socketio_path=self._address.socketio_path,
            wait_timeout=2 * within_s,  # our own timeout comes first
        )
        try:
            async with asyncio.timeout(within_s):
                await heeding_cancel(connecting)
        except Exception as error:  # noqa: BLE001 - the library lets through what reading any answer may raise
            raise self._not_open(error) from None
        self._watch_loops()
        self._heard_at_s = self._loop.time()
        self._looking = asyncio.create_task(self._look_after())

    async def ask(self, event: str, payload: dict[str, Any]) -> Ack:
        """The ack. Errors: Dropped, if the connection is lost first; ValueError."""
        answer: asyncio.Future[Any] = self._loop.create_future()
        patience_s = len(to_json(payload)) / _SLOW_LINE_BYTES_S
        pending = self.owes(_settling(answer), _failing(answer), patience_s)
        try:
            await self._emit(event, payload, pending)
            ack = await answer
        finally:
            self._pending.discard(pending)
        return ack if isinstance(ack, dict) and "ok" in ack else {"ok": False, "error": _NO_ACK}

    async def send(self, event: str, payload: dict[str, Any], answered: Take) -> None:
        """`answered` is called with the ack, in order with the other messages. Errors: Dropped."""
        await self._emit(event, payload, self.owes(answered))

    def owes(
        self, answered: Take, lost: Callable[[Dropped], None] = lambda _: None, patience_s: float = 0.0
    ) -> Pending:
        """Notes that the server owes an answer; without a sign of life the connection is dropped."""
        pending = Pending(answered, lost, self._loop.time(), patience_s)
        self._pending.add(pending)
        return pending

    def settle(self, pending: Pending, said: Any = None) -> None:
        """Notes that the answer has arrived."""
        if pending in self._pending:
            self._pending.discard(pending)
            pending.answered(said)

    def drop(self, because: str) -> None:
        """Stops receiving and sending."""
        if not self.lost.is_set():
            self.why_lost = because
            self.lost.set()
        while self._pending:
            self._pending.pop().lost(Dropped(because))

    async def close(self) -> None:
        """Closes properly if the line still works, and leaves nothing behind even if it does not."""
        alive = not self.lost.is_set()
        self.drop("closed")
        if self._looking is not None:
            self._looking.cancel()
        eio = self._sio.eio
        loops = [task for task in (eio.read_loop_task, eio.write_loop_task) if task is not None]
        leaving = asyncio.create_task(self._sio.disconnect())
        try:
            if alive:
                await asyncio.wait((leaving,), timeout=_LEAVE_S)
        finally:
            self._closed = True
            await self._close_sessions()  # ends whatever the library is waiting for
            await asyncio.gather(leaving, *loops, return_exceptions=True)
            await self._close_sessions()  # the library has opened another one

    # Connecting.

    def _not_open(self, error: Exception) -> Dropped | Refused:
        match self._refusal:
            case {"message": str(message), "data": {"code": str(code), **data}}:
                message = readable(message)
                if data.get("retry", "no") == "no":
                    return Refused(code, message)
                after_ms = data.get("after_ms")
                after_s = after_ms / 1000 if isinstance(after_ms, int | float) else 0.0
                return Dropped(message, told=True, after_s=after_s)
        said = "no answer in time" if isinstance(error, TimeoutError) else why(error)
        match self._refusal:
            case {"error": str(message)}:  # the server's HTTP answer, before there is a session
                return Dropped(f"no connection ({said}: {readable(message)})", told=True, blocked=True)
        return Dropped(f"no connection ({said})", blocked=not nothing_there(error))

    def _on_connect_error(self, refusal: Any = None) -> None:
        self._refusal = refusal

    def _new_session(self) -> ClientSession:
        """A session for the library, which opens another one when the previous one is closed."""
        session = ClientSession(middlewares=[self._only_there])
        self._sessions.append(session)
        return session

    async def _close_sessions(self) -> None:
        for response in self._upgraded:
            response.close()
        while self._sessions:
            await self._sessions.pop().close()

    async def _only_there(self, request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
        """Refuses redirects: they would send the token to a place that nobody named.

        The body is read here, where the library reports a failure properly.
        """
        if self._closed:
            raise ClientConnectionError("closed")
        if not self._address.leads_to(request.url):
            elsewhere = request.url.with_query(None).with_user(None)
            raise Redirected(f"it redirects to {elsewhere}, which is not the address that was given")
        response = await send(request)
        if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            self._upgraded.append(response)
        else:
            await response.read()
        return response

    # Sending.

    async def _emit(self, event: str, payload: dict[str, Any], pending: Pending) -> None:
        if self.lost.is_set():
            self._pending.discard(pending)
            raise Dropped(self.why_lost)
        take = self._guarded(lambda ack: self.settle(pending, ack))
        try:
            await self._sio.emit(event, payload, callback=take)
        except (SocketIOError, OSError) as error:
            self.drop(f"not sent: {plainly(error)}")
            raise Dropped(self.why_lost) from None

    # Receiving.

    def _guarded(self, take: Take) -> Callable[..., None]:
        def taken(*said: Any) -> None:
            if self.lost.is_set():
                return
            self._hear()
            try:
                take(said[0] if said else None)
            except (KeyError, TypeError, AttributeError, ValueError):
                self.drop("the server sent an invalid message")

        return taken

    def _hear(self) -> None:
        now_s = self._loop.time()
        if self._pending:
            self._silence.ended(now_s - self._quiet_since_s())
        self._heard_at_s = now_s

    def _quiet_since_s(self) -> float:
        return max(self._heard_at_s, min(pending.sent_at_s for pending in self._pending))

    # Detecting a dead connection.

    def _watch_loops(self) -> None:
        """Watches the library's loops, which may end silently: after a truncated body, or a failed POST."""
        for loop in (self._sio.eio.read_loop_task, self._sio.eio.write_loop_task):
            if loop is None:
                self.drop("the connection dropped")
            else:
                loop.add_done_callback(self._on_loop_end)

    def _on_loop_end(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()  # retrieved, or asyncio would log it
        self.drop(f"the connection dropped ({why(error)})" if error else "the connection dropped")

    async def _look_after(self) -> None:
        """Checks every second whether owed answers may still come."""
        loop_s, wall_s = self._loop.time(), time.time()
        while not self.lost.is_set():
            await asyncio.sleep(_LOOK_EVERY_S)
            if self._loop.time() - loop_s > 2 * _LOOK_EVERY_S:
                self._heard_at_s = self._loop.time()  # this program was stopped: what arrived is still unread
            # A suspended machine stops the loop's clock, but not the wall's.
            if time.time() - wall_s > _SLEPT_S:
                await self._ask_for_life()
            loop_s, wall_s = self._loop.time(), time.time()
            if self._pending:
                await self._judge(loop_s)
            elif loop_s - self._heard_at_s > _IDLE_S:
                await self._ask_for_life()

    async def _judge(self, now_s: float) -> None:
        """Drops the connection if owed answers will not come; first asks for a sign of life."""
        waited_s = now_s - min(pending.sent_at_s for pending in self._pending)
        limit_s = max(self._silence.limit_s, *(pending.patience_s for pending in self._pending))
        if now_s - self._quiet_since_s() > limit_s:
            self._silence.given_up()
            self.drop("the server has gone silent")
        elif waited_s > limit_s + _ACK_S:
            self.drop("the server did not answer")
        elif waited_s > _ASK_AFTER_S:
            await self._ask_for_life()

    async def _ask_for_life(self) -> None:
        with suppress(Dropped):
            await self.send(_ALIVE, {}, lambda _: None)


def _settling(answer: asyncio.Future[Any]) -> Take:
    return lambda said: None if answer.done() else answer.set_result(said)


def _failing(answer: asyncio.Future[Any]) -> Callable[[Dropped], None]:
    return lambda drop: None if answer.done() else answer.set_exception(drop)


def _replying(reply: Reply) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def replied(*asked: Any) -> dict[str, Any]:
        try:
            return await reply(asked[0] if asked else None)
        except Exception:  # noqa: BLE001 - whatever it is, the server gets its answer
            _log.exception("a reply to the server failed")
            return {"ok": False, "error": {"code": "internal", "message": "The client failed to answer."}}

    return replied

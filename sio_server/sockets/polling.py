"""One Engine.IO session over HTTP: a GET waits for packets, a POST brings some, none is lost (decision 36).

The answer to a GET may never arrive, and browsers and HTTP libraries repeat a request by themselves when a
reused connection breaks. Clients mark each request in its address (`t`), so a repeat is recognized: a GET
gets the same packets again, a POST is not carried out twice. Without a mark, or when nobody comes back, the
session ends as in Node's server, and the client resumes with a new one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol as Interface
from urllib.parse import parse_qs

from sio_server.sockets.driver import SEPARATOR, check, packets_in
from sio_server.sockets.flag import Flag
from sio_server.sockets.guard import Receive, Scope, Send
from sio_server.sockets.outbox import Outbox
from sio_server.sockets.packets import Malformed, TooLarge
from sio_server.sockets.strangers import HELD
from sio_server.sockets.websocket import AT_ONCE

SCOPE_LINE = "adjutant.line"
BACK_WITHIN_S = 5.0  # for the repeat of a request that broke off (decision 36)
NOOP_EVERY_S = 0.1  # at first, then ever more slowly (decision 36)
MAX_PACKETS = 16
"""In one answer: Python clients accept no more."""
MAX_POST_BYTES = 16 << 20  # as one websocket frame (listener.MAX_FRAME_BYTES)
CHECKED_AT_ONCE = 256 << 10  # bytes: a larger body is checked on a thread
MAX_POST_STRAYS = 1_000  # meaningless packets of one POST, as over a websocket (engine.MAX_STRAYS)

NOOP = b"6"
TEXT = (b"content-type", b"text/plain; charset=UTF-8")
JSON = (b"content-type", b"application/json")


class Overlap(Exception):
    """A second request came while one was under way: it would take packets from it or overtake it."""


class Line(Interface):
    """The HTTP connection under a request, where our listener runs the server."""

    is_lost: bool
    """Whether it is closed."""
    on_broken: Callable[[], None] | None
    """Called when the connection breaks before everything written has arrived."""

    def know(self, session: str | None) -> None:
        """Says of which session the request is, if its client was admitted."""


class Request:
    """A GET or a POST of a session."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode())
        self.method: str = scope["method"]
        self.sid: str | None = query.get("sid", [None])[0]
        self.mark: str | None = query.get("t", [None])[0]
        self.scope = scope
        self.line: Line | None = scope.get(SCOPE_LINE)
        self._length = int(dict(scope["headers"]).get(b"content-length", b"0"))
        self._receive = receive
        self._send = send
        self._is_gone = False

    @property
    def is_gone(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self._is_gone or (self.line is not None and self.line.is_lost)

    def repeats(self, other: Request | None) -> bool:
        """Whether this is the same request, sent again."""
        return other is not None and self.mark is not None and self.mark == other.mark

    async def body(self, is_known: bool = True) -> bytearray:
        """The whole body. Errors: TooLarge; Malformed when it is cut off."""
        if self._length > MAX_POST_BYTES:
            raise TooLarge(f"a POST has at most {MAX_POST_BYTES} bytes")
        if is_known:
            return await self._read()
        if not HELD.room_for(self._length):
            raise TooLarge("too much before a token")
        HELD.hold(self, self._length)
        try:
            return await self._read()
        finally:
            HELD.let_go(self)

    def give_up(self) -> None:
        """Nothing to do: its announced length was checked before (strangers.Holder)."""

    async def _read(self) -> bytearray:
        body = bytearray()
        while (message := await self._receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        if len(body) != self._length:
            raise Malformed("the body is cut off")
        return body

    async def watch(self, wake: Callable[[], None]) -> None:
        """Notices when the sender leaves; returns then, or once it has its answer."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._is_gone = True
        wake()

    async def answer(self, body: bytes, status: int = 200, kind: tuple[bytes, bytes] = TEXT) -> None:
        """Sends the whole answer."""
        length = (b"content-length", b"%d" % len(body))
        headers = [kind, length, (b"cache-control", b"no-store")]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


class Polling:
    """The HTTP requests of one session, until it moves to a websocket.

    `queue` holds the packets for the client; `on_gone` is called when its poll broke off and no repeat comes.
    """

    def __init__(self, queue: Outbox, on_gone: Callable[[], None]) -> None:
        self._queue = queue
        self._on_gone = on_gone
        self._waiting: Request | None = None
        self._given: tuple[Request, bytes] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._noop_after_s: float | None = None
        self._noop_is_due = False
        self._noop_timer: asyncio.TimerHandle | None = None
        self._posted: Request | None = None
        self._all_taken = Flag()
        self._all_taken.set()
        self._taken = self._taken_before = 0

    # GET.

    async def poll(self, request: Request) -> bytes:
        """The body for this poll, once there is something to send; a NOOP when its sender has left.

        Errors: Overlap.
        """
        if self._waiting is not None and not request.repeats(self._waiting):
            raise Overlap("the previous poll was cut off" if self._waiting.is_gone else "two polls at once")
        self._cancel_timer()
        if self._given is not None and request.repeats(self._given[0]):
            return self._give(request, self._given[1])
        self._given = None
        self._waiting = request
        self._queue.stir()  # releases the poll that this one repeats, if any
        watching = asyncio.ensure_future(request.watch(self._queue.stir))
        try:
            while not (self._queue or self._noop_is_due or request.is_gone) and self._waiting is request:
                await self._queue.stirred()
        finally:
            watching.cancel()
        if self._waiting is not request:
            return NOOP
        if request.is_gone:
            self._await_repeat(request)
            return NOOP
        self._waiting = None
        return self._give(request, self._packets())

    def _packets(self) -> bytes:
        self._note_noop()
        found: list[bytes] = []
        while self._queue and len(found) < MAX_PACKETS:
            item = self._queue.take()
            if item is None:  # the end: whoever asks again is told the same
                self._queue.put(None)
                break
            found.append(item.encode(b64=True).encode())
            self._queue.written(item)
        return SEPARATOR.join(found) or NOOP

    def _give(self, request: Request, body: bytes) -> bytes:
        """Keeps the answer until the next poll proves that it arrived."""
        self._given = (request, body)
        if request.line is not None:
            request.line.on_broken = lambda: self._broke(request)
        return body

    def _broke(self, request: Request) -> None:
        if self._given is not None and self._given[0] is request:
            self._await_repeat(request)

    def _await_repeat(self, request: Request) -> None:
        """Waits for the repeat of a lost request; without a mark no repeat could be recognized."""
        self._cancel_timer()
        if request.mark is None:
            self._on_gone()
        else:
            self._timer = asyncio.get_running_loop().call_later(BACK_WITHIN_S, self._on_gone)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # POST.

    async def post(
        self, request: Request, take: Callable[[str | bytes], Awaitable[None]], is_known: bool = True
    ) -> None:
        """Handles the packets of a POST in order; a client that is not admitted yet may send less.

        Errors: Overlap, TooLarge, Malformed.
        """
        repeated = request.repeats(self._posted)
        if not repeated and not self._all_taken.is_set():
            raise Overlap("two POSTs at once")
        if repeated:
            await self._all_taken.wait()
            return
        self._posted = request
        self._all_taken.clear()
        try:
            body = await request.body(is_known)
            if len(body) <= CHECKED_AT_ONCE:
                check(body)
            else:
                await asyncio.to_thread(check, body)
            await self._take_all(packets_in(body), take)
        finally:
            self._all_taken.set()

    async def _take_all(
        self, packets: Iterator[str | bytes], take: Callable[[str | bytes], Awaitable[None]]
    ) -> None:
        strays = 0
        for packet in packets:
            await take(packet)
            self._taken += 1
            strays += packet[:1] != "4"
            if strays > MAX_POST_STRAYS:
                raise Malformed("too many meaningless packets")
            if not self._taken % AT_ONCE:
                await asyncio.sleep(0)  # packets that never wait would starve everybody else

    @property
    def is_posting(self) -> bool:
        """Whether a POST is being handled: its client can send nothing else meanwhile."""
        return not self._all_taken.is_set()

    def has_moved_on(self) -> bool:
        """Whether packets arrived since the last call: a client cannot send a pong within another POST."""
        before, self._taken_before = self._taken_before, self._taken
        return self._taken > before

    def know(self, session: str) -> None:
        """Notes that the client of this session was admitted, in the requests under way."""
        for request in (self._waiting, self._posted):
            if request is not None and request.line is not None:
                request.line.know(session)

    # The move to a websocket.

    def begin_move(self) -> None:
        """Releases the waiting poll with a NOOP: the client moves only after it.

        The client may poll once more before it hears the answer to its probe, and then waits for that poll.
        So further NOOPs follow, at growing intervals, until it moves.
        """
        self._noop_after_s = NOOP_EVERY_S
        self._send_noop()

    def end_move(self) -> None:
        """Stops the NOOPs: the client has moved, or will not."""
        self._noop_after_s = None
        if self._noop_timer is not None:
            self._noop_timer.cancel()
        self._noop_is_due = False

    def _send_noop(self) -> None:
        self._noop_is_due = True
        self._queue.stir()

    def _note_noop(self) -> None:
        if self._noop_is_due and self._noop_after_s is not None:
            self._noop_timer = asyncio.get_running_loop().call_later(self._noop_after_s, self._send_noop)
            self._noop_after_s *= 2
        self._noop_is_due = False

    def leave(self) -> None:
        """Ends polling after the move: a waiting poll gets nothing more."""
        self._waiting = None
        self._queue.stir()
        self.end()

    def end(self) -> None:
        """Ends the session; a waiting poll gets the rest of the queue."""
        self.end_move()
        self._cancel_timer()

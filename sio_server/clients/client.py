"""One connected client (registry.Asker): its rooms, the patches and syncs that it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol

import orjson
from pydantic import BaseModel

from models.change import Position
from sio_server.clients.limits import Meter
from sio_server.clients.queries import Queries
from sio_server.clients.services import Services
from sio_server.clients.turns import Turns
from sio_server.delivery.fanout import covering
from sio_server.delivery.throttle import Throttle
from sio_server.registry.ops import EVERYTHING, Json
from sio_server.registry.roles import Principal
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.flag import Flag
from sio_server.sockets.packets import Bundle, Framed, Text, ack_text, event_text

MAX_BACKLOG_BYTES = 256 << 10  # beyond it a client lags: one sync later is less than all the patches
MAX_PENDING = 64  # requests without an ack: beyond, no more are read from its socket
MAX_PENDING_SIZE = 4 << 20  # characters; two messages of the largest size
SNAPSHOT_SENT_WITHIN_S = 2.0  # a slow reader holds one of the places (Services.snapshots) no longer
LARGE_SYNC_BYTES = 64 << 10  # a smaller one fits into the kernel's buffer: nothing to wait for


class Link(Protocol):
    """The connection under a client."""

    @property
    def backlog_bytes(self) -> int:
        """What is queued and not yet written."""

    @property
    def fast_path(self) -> FastPath:
        """Its fast path, for patches."""

    def post(self, item: Text) -> None:
        """Sends or queues a message; never blocks, does nothing once the connection is closed."""

    def post_now(self, message: Framed) -> bool:
        """Sends something when nothing waits before it; False when it would have to queue."""

    async def drained(self, within_s: float) -> None:
        """Returns when all that is queued has been written, or the time is over."""


class Client(Queries):
    """A connection that was let in. `pending` counts its requests without an ack; `meter` what they cost."""

    def __init__(
        self, sid: str, principal: Principal, link: Link, services: Services, hz: float | None = None
    ) -> None:
        super().__init__(principal, services)
        self.sid = sid
        self._link = link
        self.rooms: frozenset[str] = frozenset()
        self.meter: Meter | None = None
        self.pending = 0
        self._asked = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._pending_size = 0
        self.lagging_since: int | None = None
        self._sync_bytes = 0
        self.turns = Turns()
        self.ready = Flag()
        self._room = Flag()
        self._gone = False
        self._throttle = None if hz is None else Throttle(hz, self._send_merged)
        self.fast_path = link.fast_path if hz is None else FastPath()
        self._catching_up: asyncio.Task[None] | None = None
        self._untold: dict[str, Text] = {}

    @property
    def backlog_bytes(self) -> int:
        """What is queued for the client and not yet written."""
        return self._link.backlog_bytes

    @property
    def lags(self) -> bool:
        """It is sent no patches until it reads."""
        return self.lagging_since is not None

    def ack(self, id: int, answer: bytes) -> None:
        """Answers a request; the patches up to then go first."""
        if self._throttle is not None:
            self._throttle.hurry()
        self._link.post(ack_text(id, answer))

    def tell(self, event: str, payload: dict[str, Any]) -> None:
        """Sends an event to this client alone."""
        self._link.post(event_text(event, orjson.dumps(payload)))

    def tell_newest(self, event: str, payload: Json) -> None:
        """Tells what replaces all that the event told before; a client that does not read gets the newest
        alone, when it reads again."""
        text = event_text(event, orjson.dumps(payload))
        if self.lags or not self._queue(Bundle([text]), self._services.state.seq):
            self._untold[event] = text

    def tell_head(self) -> None:
        """Says where the server stands, so that a client that missed the newest patch learns of it.

        Nothing while patches are on their way or held back for it: those will tell.
        """
        rooms = self._reached()
        held_back = self.lags or self._services.fanout.is_sending
        held_back = held_back or (self._throttle is not None and self._throttle.is_holding)
        if rooms and self.ready.is_set() and not held_back:
            self.tell("state:head", self._services.sync.head(rooms))

    async def ask(self, event: str, payload: bytes) -> Any:
        """Sends an event and waits for its ack; what that says is not checked.

        Errors: ConnectionError when the connection ends before, or is over.
        """
        if self._gone:
            raise ConnectionError("the connection ended")
        self._asked += 1
        id = self._asked
        answer = self._answers[id] = asyncio.get_running_loop().create_future()
        try:
            self._link.post(event_text(event, payload, id))
            return await answer
        finally:
            del self._answers[id]

    def answered(self, id: int, data: Any) -> None:
        """The ack of an event came; one that nobody waits for is passed over."""
        answer = self._answers.get(id)
        if answer is not None and not answer.done():
            answer.set_result(data)

    def deliver(self, patches: Bundle, before: int) -> bool:
        """Sends the patches after position `before`, or holds them back.

        A client that does not read gets none until it is caught up.
        """
        if self.lagging_since is not None:
            return False
        if self._throttle is not None:
            return self._deliver_throttled(patches, before)
        return self._link.post_now(patches) or self._queue(patches, before)

    def _deliver_throttled(self, patches: Bundle, before: int) -> bool:
        assert self._throttle is not None
        if self._throttle.holds(before):
            return False
        if len(patches.texts) == 1:
            return self._link.post_now(patches) or self._queue(patches, before)
        self._send_merged(before)
        return False  # counted there

    def _queue(self, patches: Bundle, before: int) -> bool:
        if self._link.backlog_bytes > MAX_BACKLOG_BYTES + self._sync_bytes:
            self._lag(before)
            return False
        for text in patches.texts:
            self._link.post(text)
        return True

    def _lag(self, before: int) -> None:
        self.lagging_since = before
        self._services.metrics.lagging.inc()

    def _send_merged(self, since: int) -> None:
        """What was held back since that position, as one patch for each room."""
        for room in self._reached():
            if self.lags or self._gone:
                return
            try:
                patch = self._services.sync.merged(room, since)
            except LookupError:
                self._lag(since)  # too many came in between: a sync brings it up to date
                self._catching_up = asyncio.ensure_future(self.catch_up())
                return
            if patch is not None and (self._link.post_now(patch) or self._queue(Bundle([patch]), since)):
                self._services.metrics.patch(room, 1, patch.size_bytes)

    async def begin(self, rooms: tuple[str, ...], resume: Position | None) -> None:
        """Sends the first `state:sync` and joins the rooms, so that patches follow without a gap."""
        async with self._services.snapshots:
            reached = self._services.registry.known_rooms(covering(frozenset(rooms)))
            sync = await self._services.sync.build(reached, resume)
            self._join(frozenset(rooms))
            self._send_sync(sync)
            self.ready.set()
            if len(sync) > LARGE_SYNC_BYTES:
                await self._link.drained(SNAPSHOT_SENT_WITHIN_S)

    async def catch_up(self) -> None:
        """Brings a client that lagged and reads again up to date, with one `state:sync`."""
        if self.lagging_since is None or self._gone:
            return
        reached = self._reached()
        position = Position(epoch=self._services.state.epoch, seq=self.lagging_since)
        sync = await self._services.sync.build(reached, position, "slow")
        if not self.lags:
            return  # it asked for a sync itself meanwhile
        self._in_step()
        self._send_sync(sync)

    def idle(self) -> bool:
        """All that was queued is written; whether the client lagged and is now to be caught up."""
        self._sync_bytes = 0
        return self.lags

    def leave(self) -> None:
        """Leaves the rooms and ends what waits for the client, whose connection is gone."""
        self._gone = True
        self._untold.clear()
        self._in_step()
        self._throttle = None  # breaks a reference cycle, so that the client is freed at once
        self._services.fanout.place(self, frozenset())
        self.ready.set()
        self._room.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection ended"))

    async def room_for_more(self) -> None:
        """Returns when the client has had its first sync, and not too many requests wait for an ack."""
        await self.ready.wait()
        while not self.may_ask_more and not self._gone:
            self._room.clear()
            await self._room.wait()

    @property
    def may_ask_more(self) -> bool:
        """It has had its first sync, and not too many of its requests wait for an ack."""
        few = self.pending < MAX_PENDING and self._pending_size <= MAX_PENDING_SIZE
        return few and self.ready.is_set()

    def one_more(self, size: int) -> None:
        """A request of so many characters is under way."""
        self.pending += 1
        self._pending_size += size

    def one_done(self, size: int) -> None:
        """One of the client's requests was acked."""
        self.pending -= 1
        self._pending_size -= size
        self._room.set()

    # Which rooms it is in (registry.Asker).

    async def subscribe(self, rooms: Iterable[str], resume: BaseModel | None) -> Json:
        """Joins the rooms; `{rooms, sync}`, and every later commit follows as a patch."""
        wanted = self._services.registry.known_rooms(rooms)
        if EVERYTHING in wanted:
            wanted = (EVERYTHING,)
        elif EVERYTHING in self.rooms:
            wanted = ()
        sync = await self._services.sync.build(wanted, _position(resume), "rooms")
        if self._throttle is not None:
            self._throttle.hurry()  # what waits is for the rooms so far: the new ones begin with the sync
        self._join(self.rooms | frozenset(self._services.registry.known_rooms(rooms)))
        return {"rooms": self._listed(), "sync": orjson.Fragment(sync)}

    def unsubscribe(self, rooms: Iterable[str]) -> Json:
        """Leaves the rooms; `{rooms}`."""
        self._join(self.rooms - frozenset(self._services.registry.known_rooms(rooms)))
        return {"rooms": self._listed()}

    async def sync(self, position: BaseModel) -> Json:
        """What this client misses after `position`, in one of the three forms."""
        sync = await self._services.sync.build(self._reached(), _position(position))
        self._in_step()
        return orjson.Fragment(sync)

    def _join(self, rooms: frozenset[str]) -> None:
        if not self._gone:
            self.rooms = rooms
            self._services.fanout.place(self, rooms)

    def _send_sync(self, sync: bytes) -> None:
        """A sync may be larger than the bound on the backlog: the bound is on what comes on top."""
        if self._gone:
            return  # the connection may serve another client by now
        text = self._services.sync_text(sync)
        self._sync_bytes = text.size_bytes
        self._link.post(text)

    def _in_step(self) -> None:
        if self._throttle is not None:
            self._throttle.clear()
        if self.lagging_since is not None:
            self.lagging_since = None
            self._services.metrics.lagging.dec()
        for event in [*self._untold]:
            self._link.post(self._untold.pop(event))

    def _listed(self) -> tuple[str, ...]:
        return self._services.registry.known_rooms(self.rooms)

    def _reached(self) -> tuple[str, ...]:
        return self._services.registry.known_rooms(covering(self.rooms))


def _position(given: BaseModel | None) -> Position | None:
    return given if isinstance(given, Position) else None

"""One connected client (registry.Asker): its rooms, and the patches and syncs it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol

import orjson
from pydantic import BaseModel

from models.change import Position
from sio_server.clients.limits import Meter
from sio_server.clients.queries import Queries
from sio_server.clients.questions import Questions
from sio_server.clients.services import Services
from sio_server.clients.turns import Turns
from sio_server.delivery.fanout import covering
from sio_server.delivery.throttle import Throttle
from sio_server.registry.ops import EVERYTHING, Json
from sio_server.registry.roles import Principal
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.flag import Flag
from sio_server.sockets.packets import Bundle, Framed, Text, ack_text, event_text

MAX_BACKLOG_BYTES = 256 << 10  # beyond, a client lags: one sync later is smaller than all the patches
MAX_PENDING_SIZE = 4 << 20  # characters: two messages of the largest size
SNAPSHOT_SENT_WITHIN_S = 2.0  # then a slow reader gives up its place (Services.snapshots)
LARGE_SYNC_BYTES = 64 << 10  # a smaller one fits into the kernel's buffer: no need to wait


class Link(Protocol):
    """The connection under a client."""

    @property
    def backlog_bytes(self) -> int:
        """Bytes queued and not yet written."""

    @property
    def fast_path(self) -> FastPath:
        """The connection's fast path, for patches."""

    def post(self, item: Text) -> None:
        """Sends or queues a message; never blocks; does nothing once the connection is closed."""

    def post_now(self, message: Framed) -> bool:
        """Sends a message if nothing is queued before it; else returns False."""

    async def drained(self, within_s: float) -> None:
        """Returns when the queue has been written, or the time is up."""


class Client(Queries):
    """An admitted connection. `pending` counts its requests without an ack; `meter` charges their cost."""

    def __init__(
        self, sid: str, principal: Principal, link: Link, services: Services, hz: float | None = None
    ) -> None:
        super().__init__(principal, services)
        self.sid = sid
        self._link = link
        self.rooms: frozenset[str] = frozenset()
        self.meter: Meter | None = None
        self.pending = 0
        self.questions = Questions(link.post)
        self.ask, self.answered = self.questions.ask, self.questions.answered
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
        self._sees_otherwise = False

    @property
    def backlog_bytes(self) -> int:
        """Bytes queued for the client and not yet written."""
        return self._link.backlog_bytes

    @property
    def lags(self) -> bool:
        """Whether it gets no patches until it reads again."""
        return self.lagging_since is not None

    def ack(self, id: int, answer: bytes) -> None:
        """Answers a request, after the patches so far."""
        if self._throttle is not None:
            self._throttle.hurry()
        self._link.post(ack_text(id, answer))

    def tell(self, event: str, payload: dict[str, Any]) -> None:
        """Sends an event to this client alone."""
        self._link.post(event_text(event, orjson.dumps(payload)))

    def tell_newest(self, event: str, payload: Json) -> None:
        """Sends an event whose newest payload replaces all earlier ones; a lagging client gets only the
        newest, once it reads again."""
        text = event_text(event, orjson.dumps(payload))
        if self.lags or not self._queue(Bundle([text]), self._services.state.seq):
            self._untold[event] = text

    def tell_head(self) -> bool:
        """Sends the server's position, so that a client that missed the newest patch notices.

        Sends nothing while patches are on their way or held back, and returns False: they will show it.
        """
        rooms = self._reached()
        held_back = self.lags or self._services.fanout.is_sending
        held_back = held_back or (self._throttle is not None and self._throttle.is_holding)
        if rooms and self.ready.is_set() and not held_back:
            age = {"behind_s": age_s} if (age_s := self.behind_s) else {}
            self.tell("state:head", self._services.sync.head(rooms, self._seen) | age)
        return not held_back

    def deliver(self, patches: Bundle, before: int) -> bool:
        """Sends the patches after position `before`, or holds them back; returns whether they were sent.

        A client that is not reading gets none until it is caught up.
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
        return False  # the throttle counts them

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
        """Sends what was held back since that position, as one patch for each room."""
        for room in self._reached():
            if self.lags or self._gone:
                return
            try:
                patch = self._services.sync.merged(room, since, self._seen)
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
            sync = await self._build(reached, resume)
            self._join(frozenset(rooms))
            self._send_sync(sync)
            self.ready.set()
            if len(sync) > LARGE_SYNC_BYTES:
                await self._link.drained(SNAPSHOT_SENT_WITHIN_S)

    async def catch_up(self) -> None:
        """Brings a client that lagged up to date, with one `state:sync`."""
        if self.lagging_since is None or self._gone:
            return
        reached = self._reached()
        anew, position = self._sees_otherwise, None
        if not anew:
            position = Position(epoch=self._services.state.epoch, seq=self.lagging_since)
        sync = await self._build(reached, position, "history" if anew else "slow")
        if not self.lags or anew is not self._sees_otherwise:
            return  # meanwhile it asked for a sync itself; or another one is on its way
        self._in_step()
        self._send_sync(sync)

    def look_again(self) -> None:
        """Called when sources became private: a client that now sees less is sent a snapshot, and no more
        patches of before."""
        if self.sees != self._seen:
            self.begin_anew()

    def begin_anew(self) -> None:
        """Sends a snapshot, and until then no patches."""
        if self._gone:
            return
        self._seen, self._sees_otherwise = self.sees, True
        self._join(self.rooms)
        if not self.lags:
            self._lag(self._services.state.seq)
        if self.rooms:
            self._catching_up = asyncio.ensure_future(self.catch_up())

    def idle(self) -> bool:
        """Called when the queue is written; returns whether the client lagged and is now to be caught up."""
        self._sync_bytes = 0
        return self.lags

    def leave(self) -> None:
        """Leaves the rooms and cancels what waits for the client, whose connection is closed."""
        self._gone = True
        self._untold.clear()
        self._in_step()
        self._throttle = None  # breaks a reference cycle, so that the client is freed at once
        self._services.fanout.place(self, frozenset())
        self.ready.set()
        self._room.set()
        self.questions.end()

    async def room_for_more(self) -> None:
        """Returns once the client has had its first sync and not too many of its requests are pending."""
        await self.ready.wait()
        while not self.may_ask_more and not self._gone:
            self._room.clear()
            await self._room.wait()

    @property
    def may_ask_more(self) -> bool:
        """Whether it has had its first sync and not too many of its requests are pending."""
        few = self.pending < self._services.room.pending and self._pending_size <= MAX_PENDING_SIZE
        return few and self.ready.is_set()

    def one_more(self, size: int) -> None:
        """Counts a request of this many characters as pending."""
        self.pending += 1
        self._pending_size += size

    def one_done(self, size: int) -> None:
        """Notes that one of the client's requests was acked."""
        self.pending -= 1
        self._pending_size -= size
        self._room.set()

    # Which rooms it is in (registry.Asker).

    async def subscribe(self, rooms: Iterable[str], resume: BaseModel | None) -> Json:
        """Joins the rooms and returns `{rooms, sync}`; every later commit follows as a patch."""
        wanted = self._services.registry.known_rooms(rooms)
        if EVERYTHING in wanted:
            wanted = (EVERYTHING,)
        elif EVERYTHING in self.rooms:
            wanted = ()
        sync = await self._build(wanted, _position(resume), "rooms")
        if self._throttle is not None:
            self._throttle.hurry()  # held patches are for the old rooms; the new ones begin with the sync
        self._join(self.rooms | frozenset(self._services.registry.known_rooms(rooms)))
        return {"rooms": self._listed(), "sync": orjson.Fragment(sync)}

    def unsubscribe(self, rooms: Iterable[str]) -> Json:
        """Leaves the rooms and returns `{rooms}`."""
        self._join(self.rooms - frozenset(self._services.registry.known_rooms(rooms)))
        return {"rooms": self._listed()}

    async def sync(self, position: BaseModel) -> Json:
        """What this client is missing after `position`, in one of the three forms."""
        sync = await self._build(self._reached(), _position(position))
        self._in_step()
        return orjson.Fragment(sync)

    def _join(self, rooms: frozenset[str]) -> None:
        if not self._gone:
            self.rooms = rooms
            self._services.fanout.place(self, rooms, self._seen)

    def _send_sync(self, sync: bytes) -> None:
        """Sends a sync, which may be larger than the backlog's bound: the bound applies on top of it."""
        if self._gone:
            return  # the client has left
        text = self._services.sync_text(sync)
        self._sync_bytes = text.size_bytes
        self._link.post(text)

    def _in_step(self) -> None:
        if self._throttle is not None:
            self._throttle.clear()
        self._sees_otherwise = False
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

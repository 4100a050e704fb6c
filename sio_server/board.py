"""A board: everything that belongs to one state, composed, started and stopped as one (decision 38).

It is the unit of isolation: two boards share no item, position, code, queue or file. Whoever makes it chooses
the log (log.base.Log).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from pydantic import BaseModel

from sio_server import audit
from sio_server.background import Repeated, Rounds
from sio_server.clients import services
from sio_server.clients.dispatch import Dispatch
from sio_server.clients.limits import Room
from sio_server.clients.multipart import Multipart
from sio_server.clients.persons import Persons
from sio_server.clients.presence import Presence
from sio_server.clients.services import Services
from sio_server.clients.unasked import Unasked
from sio_server.clients.veiled_records import without
from sio_server.clock import MachineClock, StoreClock
from sio_server.delivery.fanout import Fanout, Member
from sio_server.delivery.sync import Recent, Sync
from sio_server.hub.hub import Hub
from sio_server.hub.worker import Worker
from sio_server.log.base import HeadMoved, Log, LogError, Values
from sio_server.log.reader import LogReader
from sio_server.metrics import Metrics
from sio_server.push.delivery import Delivery
from sio_server.push.notices import Notices
from sio_server.push.service import PushService
from sio_server.registry.errors import Refusal, not_written
from sio_server.registry.ops import Json, News
from sio_server.registry.privacy import PRIVATE, Policy, Privacy
from sio_server.registry.registry import Registry
from sio_server.registry.settings import RuleSettings
from sio_server.registry.veil import veiled
from sio_server.search.search import Search
from sio_server.state.commit import Commit
from sio_server.state.draft import Draft
from sio_server.state.history import NoHistory
from sio_server.state.shown import commit_for
from sio_server.state.state import State
from sio_server.threads import Threads
from sio_server.tracing import Traces

TIDY_EVERY_S = 60.0  # little to drop each time, and far finer than what is kept by the hour
SMALL_RECENT_BYTES = 128 << 10  # of the newest changes, on a board that keeps little in memory
LOOK_EVERY_S = 5.0
"""What is due at a time (a morning brief) is made at most this much later."""
AGE_EVERY_S = 1.0  # a comparison of two times
TELL_EVERY_S = 2.0  # a look costs next to nothing where nobody wishes to be told anything


def _audited(commit: Commit, state: State) -> dict[str, object]:
    public = state.privacy.public
    told = commit if public is None else commit_for(public, commit, state.registry)
    items = [
        {"section": each.section, "id": each.id, "gone": each.gone} for each in told.changes[: audit.NAMED]
    ]
    line = {"command": told.cause["command"], "op": told.cause.get("op")}
    who, count = commit.cause["actor"], len(commit.changes)
    return {"seq": commit.seq, "who": who, **line, "count": count, "items": items}


def _store_told(meta: Values, privacy: Privacy, source: str, persons: frozenset[str]) -> str | None:
    stored = meta.get(PRIVATE)  # memory may be about to take over what others have told
    policy = Policy.read(stored) if stored else privacy.policy
    if (told := policy.told(source, persons)) == policy:
        return None
    meta.put(PRIVATE, told.text)
    return told.text


class Host(services.Host, Protocol):
    """What a board asks of the server around it."""

    def broke_down(self) -> None:
        """Stops the server: memory and disk may differ, and only a restart is sure to mend that."""


@dataclass(frozen=True)
class Around:
    """What a board has from the server around it; `small`: it is one of many, and keeps little in memory;
    `push`: None where closed pages are not notified."""

    machine: MachineClock
    metrics: Metrics
    host: Host
    threads: Threads = field(default_factory=Threads)
    rounds: Rounds = field(default_factory=Rounds)
    small: bool = False
    push: PushService | None = None
    room: Room = Room()  # noqa: RUF009 - it is frozen


class Board:
    """One state: its log, write path, fan-out, sources' connections and search records.

    The constructor blocks: it reads the whole state. Errors: LogError. All else is called on the event loop.
    """

    def __init__(
        self,
        registry: Registry,
        durable: Log,
        records: Search,
        rules: RuleSettings,
        around: Around,
    ) -> None:
        host, metrics, threads = around.host, around.metrics, around.threads
        self.name = host.board
        clock = StoreClock(around.machine, durable.clock)
        self.registry = registry
        self.log = durable
        self.records = records
        self.state = State(registry, durable.epoch)
        durable.load(self.state)
        self.state.privacy.policy = Policy.read(durable.meta.get(PRIVATE))
        self.reader = LogReader(durable, threads.reads)
        if around.small:  # who comes back reads from disk what they missed
            durable.keep_small()
            recent = Recent(self.state.seq, SMALL_RECENT_BYTES)
        else:
            recent = Recent.of(durable, self.state.seq)
        self.sync = Sync(self.state, self.reader, recent, metrics)
        self.fanout = Fanout(self.state, metrics)
        worker = Worker(self.state, durable, rules, clock)
        lanes = threads.store, threads.speculation
        self.hub = Hub(self.state, worker, self.publish, metrics, host.broke_down, lanes)
        self.hub.applying.on_policy, self.hub.applying.on_told = self._show_by, self._hear
        self.hub.applying.on_new_state = self._begin_anew
        if durable.has_other_nodes:
            self.sync.catch_up = self.hub.catch_up
        self.presence = Presence(self.hub, durable.nodes)
        self.hub.applying.on_follow = self.presence.follow
        self.multipart = Multipart(clock.monotonic, around.room.parts)
        self.persons = Persons(self.hub)
        self.dispatch = Dispatch(
            *(registry, self.hub, self.multipart, self.presence, self.persons, metrics),
            around.room.queued,
        )
        history, commits_since = self.reader.changes_of, self.reader.commits_since
        self.services = Services(
            *(self.state, self.sync, self.fanout, records, history, commits_since, clock, metrics, host),
            *(self.keep_private, durable.nodes.behind_s, around.room),
        )
        self.clock = clock
        self._holds = durable.nodes.holds
        self.unasked = Unasked(self.hub, self.services, self.persons, rules)
        self.notices = Notices(self.hub, self.services, self.persons, rules, durable)
        self.delivery = None if around.push is None else Delivery(self.hub, self.services, around.push)
        self._policy_turn = asyncio.Lock()
        self._hiding: asyncio.Task[None] | None = None
        self._is_old, self._to_tell = False, list[Member]()
        self._repeated = Repeated(around.rounds)

    async def start(self) -> None:
        """Begins to take requests, and makes the changes that the restart and the time since it require."""
        searching = asyncio.create_task(self.records.start())  # its process starts while the rest does
        self.hub.start()
        self.watch()
        await self.presence.start()
        await self._if_held(self.hub.tick)
        for every_s, names in self._ticks().items():
            self._repeated.every(every_s, partial(self._if_held, partial(self.hub.tick, *names)))
        self._repeated.every(TIDY_EVERY_S, self.tidy)
        await searching
        await self._forget_people_of(self.state.privacy.private)
        self._repeated.every(LOOK_EVERY_S, partial(self._if_held, self.unasked.look))
        self._repeated.every(TELL_EVERY_S, self.tell)
        if self.log.has_other_nodes:
            self._repeated.every(AGE_EVERY_S, self._tell_age)

    def watch(self) -> None:
        """Follows other nodes from now on."""
        soon = asyncio.get_running_loop().call_soon_threadsafe
        self.log.watch(lambda: soon(self.hub.hear), lambda names: soon(self.presence.lost, names))

    async def _if_held(self, work: Callable[[], Awaitable[None]]) -> None:
        """Does what one node at a time is to do, if it is this one."""
        if self._holds():
            await work()

    def _ticks(self) -> dict[float, list[str]]:
        """The sections by tick interval in seconds: those with the same one share a batch."""
        ticks: dict[float, list[str]] = {}
        for section in self.registry.sections.values():
            if section.tick is not None:
                ticks.setdefault(section.tick_every_s, []).append(section.name)
        return ticks

    def trace(self, traces: Traces | None) -> None:
        """Tells of its requests from now on."""
        self.hub.traces = self.dispatch.traces = traces

    def drain(self) -> None:
        """Refuses new requests; those under way go on."""
        self.dispatch.drain()
        self.presence.stop()

    async def stop(self, within_s: float) -> None:
        """Finishes the requests under way, within this time."""
        await self.hub.stop(within_s)
        await self.records.stop(within_s)

    async def close(self) -> None:
        """Closes the log of a stopped board."""
        await self._repeated.stop()
        if self._hiding is not None:
            self._hiding.cancel()
        if self.delivery is not None:
            await self.delivery.stop()
        await self.reader.stop()
        if not self.hub.abandoned:  # else this would wait for the disk too
            await asyncio.to_thread(self.log.close, self.clock.note())

    def publish(self, commits: Sequence[Commit]) -> Iterator[None]:
        """Sends commits that are on disk to everybody, in turns (Fanout.publish)."""
        for commit in commits:
            self.sync.recent.add(commit)
            if audit.is_on() and not self.hub.applying.is_following:  # else its own node notes it
                audit.note("changed", **_audited(commit, self.state), board=self.name)
        return self.fanout.publish(commits)

    async def keep_private(self, source: str, persons: frozenset[str]) -> None:
        """Makes a source private to these persons: on disk first, then for all who are connected."""
        async with self._policy_turn:
            policy = await self._store_policy(source, persons)
            if policy is None:
                return
            self._show_by(policy)
        await self._hide([source])

    async def _hide(self, private: Iterable[str]) -> None:
        """Takes away what was made for all of what these sources brought."""
        await self._forget_people_of(private)
        await self.hub.tick()

    async def _forget_people_of(self, private: Iterable[str]) -> None:
        """The directory is for all: whom these sources brought before they were private is in it no more."""
        for source in private:
            with suppress(Refusal):  # without records there are none of its people
                await self.records.put_people(source, [], BaseModel, ())

    async def _store_policy(self, source: str, persons: frozenset[str]) -> str | None:
        """The policy with this told, on disk; None if it says so already."""
        store = partial(_store_told, self.log.meta, self.state.privacy, source, persons)
        while True:
            try:
                text: str | None = await self.hub.on_store_thread(store)
            except HeadMoved:  # another node may have changed it
                await self.hub.catch_up()
            except LogError:
                raise not_written() from None
            else:
                return text

    def _show_by(self, policy: str) -> None:
        """Shows everybody what they may see by this policy."""
        self.state.privacy.policy = Policy.read(policy)
        for member in self.fanout.members:
            member.look_again()

    def _begin_anew(self) -> None:
        """The log was set back, and the state with it: everybody gets a snapshot."""
        self.sync.begin_anew()
        self.presence.begin_anew()
        for member in self.fanout.members:
            member.begin_anew()
        if self.state.privacy.private:  # what was made of it for all may be there again
            self._hiding = asyncio.ensure_future(self._hide(self.state.privacy.private))

    async def _tell_age(self) -> None:
        """Tells everybody when what is shown may be old from now on, or is current again."""
        is_old = self.services.behind_s() > 0
        if is_old is not self._is_old:
            self._is_old, self._to_tell = is_old, self.fanout.members
        self._to_tell = [member for member in self._to_tell if not member.tell_head()]

    def _hear(self, what: Json) -> None:
        """Passes on what another node tells (log.base.FromOthers)."""
        self.persons.tell(News(*one) for one in what.get("news", ()))
        if "call" in what:
            self.presence.hear(what)

    async def tell(self) -> None:
        """Tells people what they wish to be told, also on pages that are closed."""
        await self.notices.look()
        if self.delivery is not None and self._holds():
            self.delivery.begin()

    async def tidy(self) -> None:
        """Drops what is past its retention, a little at a time."""
        now = self.clock.note()
        while await self.hub.on_store_thread(lambda: self.log.prune(now)):
            pass
        self.multipart.tidy()
        for book in self.state.books.values():
            book.forget(now.steady_s)

    def measure(self, metrics: Metrics) -> None:
        """Connects the gauges to this board."""
        metrics.head.set_function(lambda: self.state.seq)
        metrics.floor.set_function(self.log.floor)
        metrics.item_bytes.set_function(lambda: self.state.sizes.size_bytes)
        metrics.by_source.shares = self._by_source
        metrics.store_bytes.set_function(self.log.size_bytes)
        metrics.records.set_function(lambda: self._known()["records"])
        metrics.search_bytes.set_function(lambda: self.records.size_bytes)
        metrics.search_up.set_function(lambda: self.records.fault is None)
        for room in self.registry.rooms:
            metrics.clients.labels(room).set_function(partial(self.fanout.count, room))
        for status in self._freshness()[0]:
            metrics.source_status.labels(status).set_function(partial(self._count_in, status))
        metrics.silent.set_function(lambda: self._freshness()[1])

    def _count_in(self, status: str) -> int:
        return self._freshness()[0][status]

    def _freshness(self) -> tuple[Mapping[str, int], float]:
        draft = Draft(self.state, NoHistory(), self.clock.steady())
        view = veiled(draft, self.state.privacy.private, self.registry)
        return self.registry.source_hooks.freshness(view, self.clock.elapsed_ms())

    def _by_source(self) -> dict[str, dict[str, int]]:
        return self.state.sizes.by_source(self.state.privacy.private)

    def _known(self) -> Json:
        return without(self.records.stats(), self.state.privacy.private)

    def stats(self) -> dict[str, Json]:
        """The board's part of /stats; `rooms` are the numbers of members. Nothing private counts."""
        return {
            "epoch": self.state.epoch,
            "seq": self.state.seq,
            "items": self.state.counts(),
            "by_source": self._by_source(),
            "rooms": self.fanout.counts(),
            "hub": {"queued": self.hub.queued},
            "log": {"head": self.state.seq, "floor": self.log.floor(), "bytes": self.log.size_bytes()},
            "search": self._known(),
        }

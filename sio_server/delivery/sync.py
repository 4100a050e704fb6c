"""Brings a client up to date: nothing missed, the missed patches, or a snapshot.

The last part of `build` runs without yielding to the event loop, so a client that joins rooms right after it
has neither a gap nor an overlap. Encoded syncs are cached until the next commit: a thousand clients that
connect at once cost one encoding.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import orjson

from models.change import Position
from sio_server.delivery.throttle import merge
from sio_server.log.base import Log, LogError
from sio_server.log.reader import LogReader
from sio_server.metrics import Metrics
from sio_server.registry.describing import describe
from sio_server.registry.encoding import encode
from sio_server.registry.ops import EVERYTHING
from sio_server.registry.privacy import Seen
from sio_server.sockets.packets import Text, event_text
from sio_server.state.commit import Commit
from sio_server.state.shown import commit_for, mark_for
from sio_server.state.state import State

RECENT_COMMITS = 2_000  # kept in memory, so that a short absence needs no read from disk
RECENT_BYTES = 8 << 20  # and at most this much: large puts would fill the memory
SMALL_DELTA_BYTES = 64 << 10  # below this, the snapshot is not even encoded to compare sizes
LARGE_DELTA_BYTES = 1 << 20  # above this, a snapshot is better: a client applies it in one go
MAX_ENCODED = 16  # cached syncs, for different rooms and positions
MAX_SECTIONS = 32  # cached sections, for those who see all and for those who do not

Rooms = tuple[str, ...]
T = TypeVar("T")

log = logging.getLogger("adjutant.sync")


class Recent:
    """The newest commits, kept in memory; `floor` is the seq before the first of them."""

    def __init__(self, head: int, most_bytes: int = RECENT_BYTES) -> None:
        self.floor = head
        self.most_bytes = most_bytes
        self._commits: deque[Commit] = deque()
        self._bytes = 0

    @classmethod
    def of(cls, durable: Log, head: int) -> Recent:
        """Loads the newest commits from disk, for clients that come back after a restart."""
        since = max(durable.floor(), head - RECENT_COMMITS)
        commits = durable.read(since, head, RECENT_BYTES) or []
        recent = cls(head - len(commits))
        for commit in commits:
            recent.add(commit)
        return recent

    def add(self, commit: Commit) -> None:
        """Adds the next commit, and drops the oldest if there are too many."""
        self._commits.append(commit)
        self._bytes += commit.size_bytes
        while len(self._commits) > RECENT_COMMITS or self._bytes > self.most_bytes:
            gone = self._commits.popleft()
            self._bytes -= gone.size_bytes
            self.floor = gone.seq

    def after(self, seq: int) -> list[Commit]:
        """The commits after `seq`, which must not be below the floor."""
        skip = max(0, seq - self.floor)
        return [self._commits[index] for index in range(skip, len(self._commits))]


class Sync:
    """Builds syncs of the three forms, for any rooms and positions.

    `catch_up` is awaited for a position that is ahead: another node may have given it.
    """

    def __init__(self, state: State, reader: LogReader, recent: Recent, metrics: Metrics) -> None:
        self._state = state
        self._reader = reader
        self._metrics = metrics
        self._encoded: dict[Any, Any] = {}
        self._encoded_at = -1
        self._sections: dict[tuple[str, str | None, Seen | None], tuple[int, bytes]] = {}
        self.recent = recent
        self.catch_up: Callable[[], Awaitable[None]] | None = None

    async def build(
        self, rooms: Rooms, position: Position | None, why: str = "first", seen: Seen | None = None
    ) -> bytes:
        """The encoded sync, at the state's seq at the moment of return, for who sees this.

        `why` is the reason given in a snapshot when there is no position to start from.
        """
        while True:
            epoch = self._state.epoch
            sync = await self._build(rooms, position, why, seen)
            if epoch == self._state.epoch:  # else the board was set back while this read the log
                return sync

    def begin_anew(self) -> None:
        """The state was replaced: what was encoded of it, and its newest commits, are of another history."""
        self.recent = Recent(self._state.seq, self.recent.most_bytes)
        self._encoded.clear()
        self._sections.clear()

    async def _build(self, rooms: Rooms, position: Position | None, why: str, seen: Seen | None) -> bytes:
        if not rooms:
            return self._current(rooms, seen)
        if self.catch_up is not None and self._is_ahead(position):
            await self.catch_up()
        held = self._held(rooms, position, why)
        if isinstance(held, str):
            return self._snapshot(rooms, held, seen)
        if position is not None and not await self._shares(position, seen):
            return self._snapshot(rooms, _worse(why, "history"), seen)
        behind = self._behind(held)
        if not behind:
            return self._current(rooms, seen)
        since = min(behind.values())
        older: list[Commit] = []
        while since + len(older) < self.recent.floor:
            until = self.recent.floor
            found = await self._read_safely(since + len(older), until)
            if found is None or len(older) + len(found) != until - since:
                return self._snapshot(rooms, _worse(why, "too_large" if found is None else "too_old"), seen)
            older += found
        commits = [*older, *self.recent.after(since)]
        return self._delta(rooms, held, commits, why, seen)

    def head(self, rooms: Rooms, seen: Seen | None = None) -> dict[str, Any]:
        """The position of an up-to-date client in these rooms. Shape: models.change.Head."""
        state = self._state
        return {
            "epoch": state.epoch,
            "seq": state.seq,
            "mark": mark_for(seen, state.mark),
            "rooms": {room: state.heads[room] for room in rooms},
        }

    def state(
        self, sections: Sequence[str], of: str | None = None, seen: Seen | None = None
    ) -> dict[str, Any]:
        """`{epoch, seq, state}`, the state already encoded; with `of`, only that source's items."""
        parts = [self._section(name, of, seen)[1:-1] for name in sections]
        encoded = b"{%b}" % b",".join(part for part in parts if part)
        return {
            "epoch": self._state.epoch,
            "seq": self._state.seq,
            "mark": mark_for(seen, self._state.mark),
            "state": orjson.Fragment(encoded),
        }

    def _section(self, name: str, of: str | None, seen: Seen | None) -> bytes:
        """The section's part of the state, encoded. To sort and encode 5,000 items takes ten milliseconds,
        and a change is mostly in one section: the others are kept."""
        key, head = (name, of, seen), self._state.heads[name]
        found = self._sections.pop(key, None)
        if found is None or found[0] != head:
            found = head, orjson.dumps(self._state.snapshot([name], of, seen))
        self._sections[key] = found  # the newest stand last
        if len(self._sections) > MAX_SECTIONS:
            del self._sections[next(iter(self._sections))]
        return found[1]

    def merged(self, room: str, since: int, seen: Seen | None = None) -> Text | None:
        """One patch for the room that replaces all after that position; None if there were none.

        Errors: LookupError if the position is older than the commits in memory.
        """
        if since < self.recent.floor:
            raise LookupError(since)
        return self._once(("merged", room, since, seen), lambda: self._merge(room, since, seen))

    def _merge(self, room: str, since: int, seen: Seen | None) -> Text | None:
        patch = merge(self._state, room, self.recent.after(since), seen)
        return None if patch is None else event_text(f"{room}:patch", patch)

    def _is_ahead(self, position: Position | None) -> bool:
        if position is None or position.epoch != self._state.epoch:
            return False
        return _newest(position) > self._state.seq

    def _held(self, rooms: Rooms, position: Position | None, why: str) -> dict[str, int] | str:
        if position is None or position.epoch is None:
            return why
        if position.epoch != self._state.epoch:
            return _worse(why, "epoch")
        given = position.rooms or {}
        held = {room: given.get(room, position.seq) for room in rooms}
        known = {room: seq for room, seq in held.items() if seq is not None}
        if len(known) < len(rooms):
            return _worse(why, "rooms" if known or given else why)
        if max(known.values()) > self._state.seq:
            return _worse(why, "ahead")
        if min(self._behind(known).values(), default=self._state.seq) < self._reader.floor():
            return _worse(why, "too_old")
        return known

    async def _shares(self, position: Position, seen: Seen | None) -> bool:
        """Whether the position belongs to our history: the commit at its newest seq has the same mark.

        Without a mark nothing proves that somebody has been shown the same all along who is not shown all.
        """
        if position.mark is None:
            return seen is None
        seq = _newest(position)
        for room, head in self._state.heads.items():
            if head == seq:
                return mark_for(seen, self._state.marks[room]) == position.mark
        if seq > self.recent.floor:
            return mark_for(seen, self.recent.after(seq - 1)[0].mark) == position.mark
        found = await self._read_safely(seq - 1, seq) or []
        return [mark_for(seen, commit.mark) for commit in found] == [position.mark]

    def _behind(self, held: dict[str, int]) -> dict[str, int]:
        """The rooms with a patch since; in a quiet room an old position is still current."""
        return {room: seq for room, seq in held.items() if self._state.heads[room] > seq}

    async def _read_safely(self, since: int, until: int) -> list[Commit] | None:
        """The commits; None if the log cannot be read, so that a snapshot is sent instead."""
        try:
            return await self._reader.read(since, until, LARGE_DELTA_BYTES)
        except LogError as error:
            log.error("%s", error)
            return []

    def _delta(
        self, rooms: Rooms, held: dict[str, int], commits: list[Commit], why: str, seen: Seen | None
    ) -> bytes:
        key = ("delta", rooms, tuple(held.values()), seen)
        delta = self._once(key, lambda: self._encode_delta(rooms, held, commits, seen))
        if len(delta) > SMALL_DELTA_BYTES:
            snapshot = self._once(*self._snapshot_key(rooms, _worse(why, "too_large"), seen))
            if len(delta) > len(snapshot) or len(delta) > LARGE_DELTA_BYTES:
                self._metrics.sync("snapshot")
                return snapshot
        self._metrics.sync("delta")
        return delta

    def _encode_delta(
        self, rooms: Rooms, held: dict[str, int], commits: list[Commit], seen: Seen | None
    ) -> bytes:
        epoch = self._state.epoch
        if seen is not None:
            commits = [commit_for(seen, commit, self._state.registry) for commit in commits]
        patches = [
            patch
            for commit in commits
            for room, mine in held.items()
            if commit.seq > mine and (patch := commit.patch(epoch, room, room)) is not None
        ]
        head = {
            "mode": "delta",
            "epoch": epoch,
            "from": min(held.values()),
            "seq": self._state.seq,
            "mark": mark_for(seen, self._state.mark),
            "rooms": rooms,
        }
        return b'%b,"patches":[%b]}' % (orjson.dumps(head)[:-1], b",".join(patches))

    def _snapshot(self, rooms: Rooms, why: str, seen: Seen | None) -> bytes:
        self._metrics.sync("snapshot")
        return self._once(*self._snapshot_key(rooms, why, seen))

    def _snapshot_key(self, rooms: Rooms, why: str, seen: Seen | None) -> tuple[Any, Callable[[], bytes]]:
        def snapshot() -> bytes:
            sections = tuple(self._state.rows) if EVERYTHING in rooms else rooms
            described = [describe(self._state.registry.sections[name]) for name in sections]
            whole = {"mode": "snapshot", **self.state(sections, None, seen), "rooms": rooms, "why": why}
            return encode(whole | {"sections": described})

        return ("snapshot", rooms, why, seen), snapshot

    def _current(self, rooms: Rooms, seen: Seen | None) -> bytes:
        self._metrics.sync("current")
        state, mark = self._state, mark_for(seen, self._state.mark)
        current = {"mode": "current", "epoch": state.epoch, "seq": state.seq, "mark": mark}
        return orjson.dumps(current | {"rooms": rooms})

    def _once(self, key: Any, encode: Callable[[], T]) -> T:
        if self._encoded_at != self._state.seq:
            self._encoded.clear()
            self._encoded_at = self._state.seq
        if key not in self._encoded:
            if len(self._encoded) >= MAX_ENCODED:
                del self._encoded[next(iter(self._encoded))]
            self._encoded[key] = encode()
        return cast(T, self._encoded[key])


def _newest(position: Position) -> int:
    seqs = (position.seq, *(position.rooms or {}).values())
    return max((seq for seq in seqs if seq is not None), default=0)


def _worse(why: str, reason: str) -> str:
    """A slow client's snapshot says `slow`, whatever other reason there is."""
    return why if why == "slow" else reason

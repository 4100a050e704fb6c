"""Sends commits to many clients: encoded once for each room, joined once for clients in the same rooms, and
written to each client in seq order.

The write is the largest cost for a client, so a batch's patches go out in one write.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterator, Sequence
from typing import Protocol

from sio_server.metrics import Metrics
from sio_server.registry.ops import EVERYTHING
from sio_server.registry.privacy import Seen
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.packets import Bundle, Text, event_text
from sio_server.state.commit import Commit
from sio_server.state.shown import commit_for
from sio_server.state.state import State

LARGE_BYTES = 64 << 10  # above this, clients are served in turns (decision 28)
HUGE_BYTES = 1 << 20  # above this, encoding alone takes milliseconds: pause before each
TURN_S = 0.004  # of writing before the event loop gets a turn (decision 28)
TURN_BYTES = 8 << 20
"""Bytes written in one turn; most are copied later, when a client's socket has room again."""


Place = tuple[frozenset[str], Seen | None]
"""The rooms of some members, and what they see: they get the same bytes."""


class Member(Protocol):
    """A client that receives patches."""

    fast_path: FastPath

    def deliver(self, patches: Bundle, before: int) -> bool:
        """Sends the patches after position `before`; False if they are not sent now."""

    def look_again(self) -> None:
        """Called when somebody may see less than before."""

    def begin_anew(self) -> None:
        """Called when the state was replaced."""

    def tell_head(self) -> bool:
        """Called when the server has lost sight of other nodes' changes, or sees them again; False if it
        cannot be told now."""


class Fanout:
    """The members of each room. A member of `state` is in no other room: it gets everything."""

    def __init__(self, state: State, metrics: Metrics) -> None:
        self._state = state
        self._metrics = metrics
        self._members: dict[Place, dict[Member, FastPath]] = {}
        self._places: dict[Member, Place] = {}
        self.is_sending = False
        """Whether some members already have patches that others still lack."""

    def place(self, member: Member, rooms: frozenset[str], seen: Seen | None = None) -> None:
        """Puts the member into exactly these rooms; `seen` is what it sees, None for everything."""
        old, new = self._places.pop(member, None), (covering(rooms), seen)
        if old is not None:
            self._members[old].pop(member)
            if not self._members[old]:
                del self._members[old]
        if rooms:
            self._places[member] = new
            self._members.setdefault(new, {})[member] = member.fast_path

    @property
    def members(self) -> list[Member]:
        """All that are in a room."""
        return [*self._places]

    def counts(self) -> dict[str, int]:
        """The number of members of each room."""
        return {room: self.count(room) for room in self._state.registry.rooms}

    def count(self, room: str) -> int:
        """The number of members of the room."""
        return sum(len(members) for (rooms, _), members in self._members.items() if room in rooms)

    def publish(self, commits: Sequence[Commit]) -> Iterator[None]:
        """Sends consecutive commits to everybody in the rooms that they touch.

        It yields to give the event loop a turn: a large patch takes milliseconds to encode, and the kernel's
        copy of it some 100 us for each client. A client that joins meanwhile has the patches in its sync, and
        one that leaves needs none.
        """
        self.is_sending = True
        try:
            yield from self._publish(commits)
        finally:
            self.is_sending = False

    def _publish(self, commits: Sequence[Commit]) -> Iterator[None]:
        texts: dict[tuple[int, str, Seen | None], Text] = {}
        size_bytes = sum(commit.size_bytes for commit in commits)
        large = size_bytes >= LARGE_BYTES
        groups = [(place, now, dict(now) if large else now) for place, now in self._members.items()]
        for (rooms, seen), now, members in groups:
            named = [
                (commit, room) for commit in commits for room in (EVERYTHING, *commit.prev) if room in rooms
            ]
            if not named:
                continue
            for commit, room in named:
                if (commit.seq, room, seen) not in texts:
                    if size_bytes >= HUGE_BYTES:
                        yield
                    texts[commit.seq, room, seen] = self._text(commit, room, seen)
            bundle = Bundle([texts[commit.seq, room, seen] for commit, room in named])
            before = named[0][0].seq - 1
            if large:
                sent = yield from _send_in_turns(bundle, before, members, now)
            else:
                sent = _send(bundle, before, members)
            for commit, room in named:
                self._metrics.patch(room, sent, texts[commit.seq, room, seen].size_bytes)

    def _text(self, commit: Commit, room: str, seen: Seen | None) -> Text:
        if seen is not None:
            commit = commit_for(seen, commit, self._state.registry)
        patch = commit.patch(self._state.epoch, room)
        assert patch is not None
        return event_text(f"{room}:patch", patch)


def _send(patches: Bundle, before: int, members: dict[Member, FastPath]) -> int:
    """Sends the patches now; returns to how many members."""
    sent, frame = 0, patches.frame
    for member, fast_path in members.items():
        if fast_path.open:
            fast_path.write(frame)
            sent += 1
        elif member.deliver(patches, before):
            sent += 1
    return sent


def _send_in_turns(
    patches: Bundle, before: int, members: dict[Member, FastPath], now: Collection[Member]
) -> Generator[None, None, int]:
    """The same with pauses, to those who are still members (`now`) by then."""
    sent, size_bytes, began = 0, 0, time.perf_counter()
    for member, fast_path in members.items():
        if member in now:
            sent += _send(patches, before, {member: fast_path})
            size_bytes += len(patches.frame)
        if size_bytes >= TURN_BYTES or time.perf_counter() - began > TURN_S:
            yield
            size_bytes, began = 0, time.perf_counter()
    return sent


def covering(rooms: frozenset[str]) -> frozenset[str]:
    """The rooms through which patches reach a client: `state` alone if it is among them."""
    return frozenset({EVERYTHING}) if EVERYTHING in rooms else rooms

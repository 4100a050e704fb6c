"""One commit to many clients: encoded once for a room, handed to each member, in seq order."""

from __future__ import annotations

from typing import Protocol

from sio_server.commit import Commit
from sio_server.metrics import Metrics
from sio_server.packets import Text, event_text
from sio_server.registry import EVERYTHING
from sio_server.view import State


class Member(Protocol):
    """Who receives patches."""

    def deliver(self, patch: Text, before: int) -> bool:
        """Sends the patch of the commit after position `before`; False when it is not sent now."""


class Fanout:
    """Who is in which room. A member of `state` is in no other room: it has everything already."""

    def __init__(self, state: State, metrics: Metrics) -> None:
        self._state = state
        self._metrics = metrics
        self._members: dict[str, dict[Member, None]] = {room: {} for room in state.registry.rooms}

    def place(self, member: Member, rooms: frozenset[str]) -> None:
        """Puts the member into exactly these rooms."""
        reached = covering(rooms)
        for room, members in self._members.items():
            if room in reached:
                members[member] = None
            else:
                members.pop(member, None)

    def counts(self) -> dict[str, int]:
        """How many receive each room's patches."""
        return {room: len(members) for room, members in self._members.items()}

    def count(self, room: str) -> int:
        """How many receive the room's patches."""
        return len(self._members[room])

    def publish(self, commit: Commit) -> None:
        """Sends the commit to every room that it touches."""
        for room in (EVERYTHING, *commit.prev):
            members = self._members[room]
            if not members:
                continue
            patch = commit.patch(self._state.epoch, room)
            assert patch is not None
            text = event_text(f"{room}:patch", patch)
            sent = sum(member.deliver(text, commit.seq - 1) for member in members)
            self._metrics.patch(room, sent, len(patch))


def covering(rooms: frozenset[str]) -> frozenset[str]:
    """The rooms that patches reach a client by: `state` alone when it is among them."""
    return frozenset({EVERYTHING}) if EVERYTHING in rooms else rooms

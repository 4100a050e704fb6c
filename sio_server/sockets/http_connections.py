"""The HTTP connections of both ports: each takes one of the files that the process may have open.

There is a bound for each kind, and nobody is turned away because of it: the oldest connection of the address
that has the most makes way (decision 110). A WebSocket counts here until a session has it: those are counted
elsewhere (strangers, clients.limits).
"""

from __future__ import annotations

import resource
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from sio_server.sockets.refusals import Refusals


class Kind(StrEnum):
    """What a connection is kept for."""

    UNFINISHED = "unfinished"
    """A request of somebody who is not signed in has not come whole."""
    STRANGER = "stranger"
    """One came whole: it is answered, or the next may come."""
    KNOWN = "known"
    """The last request was of a session that is signed in."""


class Connection(Protocol):
    """One of them."""

    def make_way(self) -> None:
        """Ends at once."""


class HttpConnections:
    """All of them by kind and address, the oldest first; at most so many of each kind."""

    def __init__(self, most: Mapping[Kind, int], refusals: Refusals) -> None:
        self._most = most
        self._refusals = refusals
        self._places: dict[Connection, tuple[Kind, str]] = {}
        self._of: dict[Kind, dict[str, dict[Connection, None]]] = {kind: {} for kind in Kind}
        self.counts = dict.fromkeys(Kind, 0)

    def put(self, connection: Connection, address: str, kind: Kind) -> None:
        """Enters a connection as the newest of its kind. `address` is a network (refusals.network_of)."""
        self.leave(connection)
        self._places[connection] = kind, address
        self._of[kind].setdefault(address, {})[connection] = None
        self.counts[kind] += 1
        if self.counts[kind] > self._most[kind]:
            self._make_way(kind)

    def leave(self, connection: Connection) -> None:
        """Takes out a connection that is closed, or is a WebSocket now."""
        place = self._places.pop(connection, None)
        if place is None:
            return
        kind, address = place
        self.counts[kind] -= 1
        del self._of[kind][address][connection]
        if not self._of[kind][address]:
            del self._of[kind][address]

    def _make_way(self, kind: Kind) -> None:
        of = self._of[kind]
        address = max(of, key=lambda address: len(of[address]))
        oldest = next(iter(of[address]))
        number = len(of[address])
        self.leave(oldest)
        sentence = f"{number} connections are open ({kind}), the most of any address: the oldest make way."
        self._refusals.note(address, "connections", sentence)
        oldest.make_way()


def bounds(most_strangers: int, most_clients: int) -> dict[Kind, int]:
    """How many there may be of each kind: a polling client has two, or three while it moves to a WebSocket;
    all together leave a part of the process's files to WebSockets and the rest."""
    files = open_files()
    return {
        Kind.UNFINISHED: min(most_strangers, files // 8),
        Kind.STRANGER: min(most_strangers, files // 8),
        Kind.KNOWN: min(3 * most_clients, files // 4),
    }


def open_files() -> int:
    """How many files this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else 1 << 20

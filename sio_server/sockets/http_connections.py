"""The HTTP connections of both ports: each takes one of the files that the process may have open.

There is a bound for each kind, and nobody is turned away because of it: the oldest connection of the address
or the session that has the most makes way (decision 110). A WebSocket counts here until a session has it:
those are counted elsewhere (strangers, clients.limits).
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
        self._places: dict[Connection, tuple[Kind, str, str]] = {}
        self._of: dict[Kind, dict[str, dict[Connection, bool]]] = {kind: {} for kind in Kind}
        self.counts = dict.fromkeys(Kind, 0)

    def put(
        self, connection: Connection, address: str, kind: Kind, session: str = "", *, is_idle: bool = False
    ) -> None:
        """Enters a connection as the newest of its kind. `address` is a network (refusals.network_of).

        Those of a `session` that is signed in make way for each other first, since many people may share an
        address, and idle ones before those with a request under way.
        """
        self.leave(connection)
        owner = session or address
        self._places[connection] = kind, owner, address
        self._of[kind].setdefault(owner, {})[connection] = is_idle
        self.counts[kind] += 1
        if self.counts[kind] > self._most[kind]:
            self._make_way(kind)

    def leave(self, connection: Connection) -> None:
        """Takes out a connection that is closed, or is a WebSocket now."""
        place = self._places.pop(connection, None)
        if place is None:
            return
        kind, owner, _ = place
        self.counts[kind] -= 1
        del self._of[kind][owner][connection]
        if not self._of[kind][owner]:
            del self._of[kind][owner]

    def _make_way(self, kind: Kind) -> None:
        of = self._of[kind]
        if kind is Kind.KNOWN:
            most = max(of.values(), key=lambda own: (len(own), any(own.values())))
            oldest = next((connection for connection, is_idle in most.items() if is_idle), next(iter(most)))
        else:
            most = max(of.values(), key=len)
            oldest = next(iter(most))
        number, whose = len(most), "session" if kind is Kind.KNOWN else "address"
        _, _, address = self._places[oldest]
        self.leave(oldest)
        sentence = f"{number} connections are open ({kind}), the most of any {whose}: the oldest make way."
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


def shortage(most_clients: int) -> str | None:
    """Why so many clients cannot all connect, and what to do; None when they can."""
    files = open_files()
    if files >= 2 * most_clients:
        return None
    return (
        f"this process may open {files:,} files, and half of them are for websockets: too few for "
        f"--max-connections {most_clients:,}; raise the limit (ulimit -n) to {2 * most_clients:,} at least, "
        "or lower --max-connections"
    )


def open_files() -> int:
    """How many files this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else 1 << 20

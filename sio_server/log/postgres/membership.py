"""This server among the others: a lease in the database that it renews, and what the lease lets it do.

All times are the database's, so that it does not matter what the clocks of the nodes say. A node that has not
renewed its lease in time is dead to the others, and knows it: what it held is free, and its sources are lost.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

from sio_server.clock import MachineClock
from sio_server.log.postgres.tables import SCHEMA

LEASE_S = 10.0
"""A node that dies is missed so long. It is renewed each second, so a node that is only slow keeps it."""
SPARE_S = 1.0
"""A node stops to rely on its lease so long before the others do."""
OFF_S = 0.5
"""A measured difference of the clocks within this is of the measurement: an answer takes a moment."""
_FILE = "postgresql.node"

_BEAT = f"""
    INSERT INTO {SCHEMA}.nodes VALUES (%s, clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT (node) DO UPDATE SET until = excluded.until
"""
_TIME = f"""
    SELECT extract(epoch FROM clock_timestamp())::float8,
        EXISTS (SELECT 1 FROM {SCHEMA}.nodes WHERE node <> %s AND until > clock_timestamp())
"""
LIVING = f"SELECT node FROM {SCHEMA}.nodes WHERE until > clock_timestamp()"
_TAKE = f"""
    INSERT INTO {SCHEMA}.holders SELECT board, %(me)s FROM unnest(%(boards)s::text[]) AS board
    WHERE NOT EXISTS (SELECT 1 FROM {SCHEMA}.holders AS one WHERE one.board = board.board
        AND one.node IN ({LIVING}))
    ON CONFLICT (board) DO UPDATE SET node = excluded.node WHERE holders.node NOT IN ({LIVING})
"""
_HELD = f"SELECT board FROM {SCHEMA}.holders WHERE node = %s"
_LOST = f"SELECT board, source FROM {SCHEMA}.links WHERE board = ANY(%s) AND node NOT IN ({LIVING})"
_LINKED = f"SELECT board, source FROM {SCHEMA}.links WHERE node = %s"
_LINK = f"INSERT INTO {SCHEMA}.links VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_UNLINK = f"DELETE FROM {SCHEMA}.links WHERE board = %s AND source = %s AND node = %s"
_OVER = f"UPDATE {SCHEMA}.nodes SET until = least(until, clock_timestamp()) WHERE node = %s"
_FORGET = (
    f"DELETE FROM {SCHEMA}.nodes WHERE until < clock_timestamp() - interval '1 day'"
    f" AND node NOT IN (SELECT node FROM {SCHEMA}.links)"
)


class Membership:
    """One server, with all its boards. Its fields are read on every thread and change as a whole.

    `data_dir` tells who this was in its last run: nobody has to wait until that one is missed.
    """

    def __init__(self, data_dir: Path, machine: MachineClock) -> None:
        self.me = secrets.token_hex(5)
        self._file = data_dir / _FILE
        self._machine = machine
        self._held: frozenset[str] = frozenset()
        self._held_until = 0.0
        self._began = False
        self._links: dict[str, frozenset[str]] = {}
        self.others = True
        self.ahead_s = 0.0
        """The database's clock less this machine's."""

    def beat(self, connection: psycopg.Connection, boards: Iterable[str]) -> None:
        """Renews the lease, and takes the boards that nobody living holds. Errors: psycopg.Error."""
        if not self._began:
            self._begin(connection)
        began = time.monotonic()
        connection.execute(_BEAT, (self.me, LEASE_S))
        asked_s = self._machine.wall()
        [[now_s, self.others]] = connection.execute(_TIME, (self.me,)).fetchall()
        answered_s = self._machine.wall()
        ahead_s = now_s - (asked_s + answered_s) / 2
        if abs(ahead_s - self.ahead_s) > OFF_S:
            self.ahead_s = ahead_s
        held = self._all_held(connection)
        open_now = [*boards]
        if not held.issuperset(open_now):
            connection.execute(_TAKE, {"me": self.me, "boards": open_now})
            held = self._all_held(connection)
        self._held, self._held_until = held, began + LEASE_S - SPARE_S

    def holds(self, board: str) -> bool:
        """Whether this node holds the board, for certain."""
        return board in self._held and time.monotonic() < self._held_until

    def lost(self, connection: psycopg.Connection, boards: Iterable[str]) -> dict[str, set[str]]:
        """By board that this node holds: the sources that were connected to nodes that died."""
        found: dict[str, set[str]] = {}
        held = [board for board in boards if self.holds(board)]
        for board, source in connection.execute(_LOST, (held,)).fetchall() if held else ():
            found.setdefault(board, set()).add(source)
        return found

    def mend_links(self, connection: psycopg.Connection) -> None:
        """Makes the links in the database those that this node has."""
        noted = {(board, source) for board, source in connection.execute(_LINKED, (self.me,)).fetchall()}
        real = {(board, source) for board, names in self._links.items() for source in names}
        for name in real - noted:
            connection.execute(_LINK, (*name, self.me))
        for name in noted - real:
            connection.execute(_UNLINK, (*name, self.me))

    def link(self, board: str, source: str) -> tuple[str, tuple[str, ...]]:
        """The source is connected here; the statement that says so at once."""
        self._links[board] = self._links.get(board, frozenset()) | {source}
        return _LINK, (board, source, self.me)

    def unlink(self, board: str, source: str) -> tuple[str, tuple[str, ...]]:
        """The source is connected here no more; the statement that says so at once."""
        self._links[board] = self._links.get(board, frozenset()) - {source}
        return _UNLINK, (board, source, self.me)

    def leave(self, board: str) -> tuple[str, tuple[str, ...]]:
        """The board closes here: whoever serves it may hold it. Its links stay until the lease is over, for
        sources that come back at another node."""
        self._held -= {board}
        return f"DELETE FROM {SCHEMA}.holders WHERE board = %s AND node = %s", (board, self.me)

    def _all_held(self, connection: psycopg.Connection) -> frozenset[str]:
        return frozenset(board for (board,) in connection.execute(_HELD, (self.me,)).fetchall())

    def _begin(self, connection: psycopg.Connection) -> None:
        with contextlib.suppress(OSError, UnicodeError):
            former = self._file.read_text("ascii").strip()
            connection.execute(_OVER, (former,))
        with contextlib.suppress(OSError):
            self._file.write_text(f"{self.me}\n", "ascii")
        connection.execute(_FORGET)
        self._began = True


class DatabaseClock:
    """The machine's clock, set by the database's: the nodes agree about the time (clock.MachineClock)."""

    def __init__(self, machine: MachineClock, membership: Membership) -> None:
        self._machine = machine
        self._membership = membership
        self.moment: Any = machine.moment
        self.monotonic = machine.monotonic

    def wall(self) -> float:
        """Seconds since the epoch."""
        return self._machine.wall() + self._membership.ahead_s

    def up(self) -> tuple[str, float]:
        """No boot is known to all nodes, so time between two runs is by the wall clock."""
        return "", self._machine.up()[1]

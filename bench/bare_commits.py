"""What the disk alone can do: a loop of SQLite commits with the settings of the server's store."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import apsw

ROW = b"x" * 300  # about what a change takes in the log
ROWS_KEPT = 1_000  # the file does not grow while it is measured
WAL_BYTES = 8 << 20  # more than is written between two checkpoints


@dataclass(frozen=True)
class Commits:
    """The duration of each commit of this many rows."""

    group: int
    took_s: list[float]

    @property
    def rows_per_s(self) -> float:
        """Rows on disk per second."""
        return self.group * len(self.took_s) / sum(self.took_s)


def measure(folder: Path, group: int, seconds: float) -> Commits:
    """Commits groups of small rows for this long. Blocks."""
    connection = apsw.Connection(str(folder / f"bare-{group}.db"))
    try:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        _grow_wal(connection)
        return Commits(group, _commit_for(connection, group, seconds))
    finally:
        connection.close()


def _grow_wal(connection: apsw.Connection) -> None:
    """Grows the WAL first: commits to a growing file cost several times as much."""
    connection.execute("INSERT INTO rows VALUES (0, zeroblob(?))", (WAL_BYTES,))
    connection.execute("DELETE FROM rows")
    connection.pragma("wal_checkpoint(restart)")


def _commit_for(connection: apsw.Connection, group: int, seconds: float) -> list[float]:
    took_s: list[float] = []
    ends_at = time.perf_counter() + seconds
    number = 0
    while (began := time.perf_counter()) < ends_at or not took_s:
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(group):
            number = (number + 1) % ROWS_KEPT
            connection.execute("INSERT OR REPLACE INTO rows VALUES (?, ?)", (number, ROW))
        connection.execute("COMMIT")
        took_s.append(time.perf_counter() - began)
    return took_s

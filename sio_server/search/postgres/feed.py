"""Takes into memory what any server has put on the board: each put that changed something has a version and a
random mark, so that a database that was set back is noticed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import BOARDS, PUTS, RECORDS
from sio_server.search.time_index import NewRows, TimeIndex

MARKS_KEPT = 1_000
"""Versions that are known again: a search may read from a snapshot that is older than what memory has."""
BOARD = f"SELECT version, mark, top, records, tokens, people FROM {BOARDS} WHERE board = %s"
_FEED = f"SELECT version, mark, source, gone FROM {PUTS} WHERE board = %s AND version >= %s ORDER BY version"
_ROWS = f"SELECT id, source, at_s, label FROM {RECORDS} WHERE board = %s AND version > %s"
"""Not in order: with that, PostgreSQL may walk all records by their ids."""


class BoardRow(NamedTuple):
    """A board's row (BOARD)."""

    version: int
    mark: str
    top: int
    records: int
    tokens: int
    people: int


class Feed:
    """What is in memory, and up to which put. Threads may read it while one of them catches up."""

    def __init__(self) -> None:
        self.time_index = TimeIndex()
        self.mean_size = 1.0
        self.lessened = 0
        """Grows when records were changed or removed: only then may a word have fewer."""
        self.turned = 0
        """Grows with each record that is added, changed or removed."""
        self.began = 0
        """Grows when all was read again."""
        self._version = 0
        self._marks: OrderedDict[int, str] = OrderedDict()
        self._lock = threading.Lock()

    def catch_up(self, session: RecordsSession, board: BoardRow) -> None:
        """Takes in what was put since; within the snapshot in which the board's row was read.

        Cost: nothing if there is nothing, 1 s for 350,000 records. Errors: psycopg.Error, Interrupted, and
        then nothing was taken in.
        """
        if self._knows(board):
            return
        with self._lock:
            if self._knows(board):
                return
            puts = session.ask(_FEED, (session.board, self._version)) if self._version else []
            anew = not puts or list(puts[0][:2]) != [self._version, self._marks.get(self._version)]
            rows = sorted(session.ask(_ROWS, (session.board, 0 if anew else self._version)))
            if anew:
                self._begin_again(board, rows)
            else:
                self._go_on(board, rows, puts[1:])
            self.mean_size = board.tokens / max(1, board.records)
            self._marks[board.version] = board.mark
            while len(self._marks) > MARKS_KEPT:
                self._marks.popitem(last=False)
            self._version = board.version

    def _knows(self, board: BoardRow) -> bool:
        return self._marks.get(board.version) == board.mark

    def _begin_again(self, board: BoardRow, rows: Sequence[Any]) -> None:
        self._marks.clear()
        self.time_index.replace(_new(rows), board.top)
        self.began += 1
        self.lessened += 1
        self.turned += max(1, len(rows))

    def _go_on(self, board: BoardRow, rows: Sequence[Any], puts: Sequence[Any]) -> None:
        index, top = self.time_index, self.time_index.top
        fresh = [row for row in rows if row[0] > top]
        changed = [row for row in rows if row[0] <= top]
        gone: dict[str, list[int]] = defaultdict(list)
        for _, _, source, ids in puts:
            gone[source] += (id for id in ids if index.has(id))
        index.add(_new(fresh), board.top)
        for id, _, at_s, label in changed:
            index.set(id, at_s, label)
        for source, ids in gone.items():
            index.remove(source, sorted(ids))
        removed = sum(map(len, gone.values()))
        self.turned += len(rows) + removed
        self.lessened += bool(changed or removed)


def _new(rows: Sequence[Any]) -> NewRows:
    by_source: dict[str, list[int]] = defaultdict(list)
    for id, source, _, _ in rows:
        by_source[source].append(id)
    ids = [row[0] for row in rows]
    return NewRows([*by_source.items()], ids, [row[2] for row in rows], ids, [row[3] for row in rows])

"""Adopts rows of the old program or an earlier version: adds their labels, and rewrites dates as days.

It walks the file by id, a thousand rows in each transaction, and stores its progress.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import apsw
import orjson

from models.base import day_or_instant
from sio_server.search.ingest import day_of, write_entries
from sio_server.search.labels import Labels, label_of_row
from sio_server.search.time_index import TimeIndex, decode

ROWS_AT_ONCE = 1_000
"""In one write transaction, so that puts wait only a few ms."""
NOTHING_ADOPTED = -(1 << 63)  # SQLite's smallest id
_REACHED = "labelled"


class Row(NamedTuple):
    """A row without an entry; `own` if a collector put it through this program."""

    id: int
    date: bytes
    metadata: bytes | None
    own: int


class Adoption:
    """Adopts rows through the writer's connection."""

    def __init__(self, connection: apsw.Connection, time_index: TimeIndex) -> None:
        self._connection = connection
        self._time_index = time_index
        self._labels = Labels(connection)

    def step(self) -> bool:
        """Adopts some rows; returns whether there may be more. Errors: apsw.Error, nothing was changed."""
        reached, top = self._reached(), self._top()
        if top is not None and top < reached:  # the old program reuses ids
            self._begin_again()
            return True
        if top is None or top <= reached:
            return False
        rows = self._rows(reached, top)
        more = len(rows) == ROWS_AT_ONCE
        self._labels.forget()
        with self._connection:
            labels = self._adopt(rows)
            self._note(rows[-1].id if more else top)
        self._time_index.set_labels([row.id for row in rows], labels)
        return more

    def _adopt(self, rows: Sequence[Row]) -> list[int]:
        """Returns the rows' labels."""
        originals = [_parsed(row.metadata) for row in rows]
        labels = [label_of_row(original) for original in originals]
        numbers = self._labels.numbers(labels)
        instants = [
            _instant(row, original) if row.own else None
            for row, original in zip(rows, originals, strict=True)
        ]
        entries = [
            (row.id, at, numbers[label]) for row, at, label in zip(rows, instants, labels, strict=True)
        ]
        write_entries(self._connection.execute, entries)
        self._write_days([(id, day_of(at)) for id, at, _ in entries if at is not None])
        return [label for _, _, label in entries]

    def _write_days(self, days: Sequence[tuple[int, str]]) -> None:
        """Writes the days without the trigger on `messages`, which would reindex every text."""
        if not days:
            return
        configure = self._connection.config
        configure(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
        try:
            self._connection.execute(
                "UPDATE messages SET date = days.value ->> 1 FROM json_each(?) AS days"
                " WHERE messages.id = days.value ->> 0",
                (orjson.dumps(days).decode(),),
            )
        finally:
            configure(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 1)

    def _rows(self, after: int, top: int) -> list[Row]:
        found: Any = self._connection.execute(
            "SELECT messages.id, CAST(messages.date AS BLOB), CAST(metadata AS BLOB), records.id NOT NULL"
            " FROM messages LEFT JOIN adjutant_entries AS entries ON entries.id = messages.id"
            " LEFT JOIN adjutant_records AS records ON records.id = messages.id"
            " WHERE messages.id > ? AND messages.id <= ? AND entries.id IS NULL"
            " ORDER BY messages.id LIMIT ?",
            (after, top, ROWS_AT_ONCE),
        )
        return [Row(*row) for row in found]

    def _top(self) -> int | None:
        """The largest id ever used."""
        used, top = self._connection.execute(
            "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'messages'), max(id) FROM messages"
        ).get
        return None if top is None else max(used or top, top)

    def _reached(self) -> int:
        found = self._connection.execute("SELECT value FROM adjutant_meta WHERE key = ?", (_REACHED,)).get
        return NOTHING_ADOPTED if found is None else int(found)

    def _note(self, id: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO adjutant_meta VALUES (?, ?)", (_REACHED, str(id)))

    def _begin_again(self) -> None:
        """Starts over: drops entries whose rows the old program has rewritten since."""
        with self._connection:
            self._connection.execute(
                "DELETE FROM adjutant_entries WHERE id NOT IN (SELECT id FROM adjutant_records)"
            )
            self._connection.execute("DELETE FROM adjutant_meta WHERE key = ?", (_REACHED,))


def _parsed(metadata: bytes | None) -> Any:
    """Metadata as JSON; None if it is not JSON, as the old program's may be."""
    try:
        return None if metadata is None else orjson.loads(metadata)
    except orjson.JSONDecodeError:
        return None


def _instant(row: Row, original: Any) -> str | None:
    """The time of an own record: the collector's, else the row's; None if neither is valid."""
    said = original.get("at") if isinstance(original, dict) else None
    for text in (said, decode(row.date)):
        try:
            return day_or_instant(str(text))
        except ValueError:
            continue
    return None

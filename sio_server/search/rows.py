"""Reads records from the file: those on a page, or one as it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import apsw
import orjson

from sio_server.search.store import META_READ, TEXT_READ, OpenedRow, Row

_PAGE = (
    "SELECT messages.id, CAST(substr(content, 1, ?) AS BLOB), CAST(messages.source AS BLOB),"
    " CAST(date AS BLOB), at, own_id, kind, title, url, author"
    " FROM json_each(?) AS page CROSS JOIN messages ON messages.id = page.value"
    " LEFT JOIN adjutant_entries AS entries ON entries.id = messages.id"
    " LEFT JOIN adjutant_records AS records ON records.id = messages.id"
)
_SELECT = (
    "SELECT messages.id, length(content), CAST(substr(content, ?, ?) AS BLOB),"
    " CAST(messages.source AS BLOB), CAST(date AS BLOB), entries.at, kind, title, url, author,"
    " CAST(substr(metadata, 1, ?) AS BLOB)"
    " FROM messages"
    " LEFT JOIN adjutant_entries AS entries ON entries.id = messages.id"
    " LEFT JOIN adjutant_records AS records ON records.id = messages.id WHERE messages.id ="
)
_BY_OWN_ID = f"{_SELECT} (SELECT id FROM adjutant_records WHERE source = ? AND own_id = ?)"
_BY_ROW = f"{_SELECT} ? AND records.own_id IS NULL"


class FileRows:
    """On one reader's connection (store.Rows). Errors: apsw.Error, apsw.InterruptError."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def of(self, ids: Sequence[int]) -> Iterator[Row]:
        """These records, in this order."""
        found: Any = self._connection.execute(_PAGE, (TEXT_READ, orjson.dumps([*ids]).decode()))
        return iter(found)

    def named(self, source: str, own_id: str, first: int, many: int) -> OpenedRow | None:
        """The source's record with this id of its own; of its text `many` characters from `first` on."""
        return self._one(_BY_OWN_ID, first, many, source, own_id)

    def numbered(self, id: int, first: int, many: int) -> OpenedRow | None:
        """The row of the old program with this id."""
        return self._one(_BY_ROW, first, many, id)

    def _one(self, query: str, first: int, many: int, *which: str | int) -> OpenedRow | None:
        return self._connection.execute(query, (first, many, META_READ, *which)).fetchone()

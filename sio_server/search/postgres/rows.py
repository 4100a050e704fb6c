"""Reads records from the database: those on a page, or one as it is opened (store.Rows)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import ONE_BY_ONE, RECORDS
from sio_server.search.store import META_READ, TEXT_READ, OpenedRow, Row

LAST_CHARACTER = 1 << 30
"""Of any text in PostgreSQL, and what `substr` takes."""
_PAGE = (
    "SELECT page.id, one.* FROM unnest(%s::bigint[]) WITH ORDINALITY AS page (id, place) CROSS JOIN LATERAL"
    " (SELECT left(content, %s), source, at, at AS noted, own_id, kind, title, url, author"
    f" FROM {RECORDS} AS kept WHERE board = %s AND kept.id = page.id {ONE_BY_ONE}) AS one ORDER BY place"
)
_ONE = (
    "SELECT id, length(content), substr(content, %s, %s), source, at, at, kind, title, url, author,"
    f" left(fields, %s) FROM {RECORDS} WHERE board = %s AND source = %s AND own_id = %s"
)


class PostgresRows:
    """On one reader's session. Errors: psycopg.Error, LogError, Interrupted."""

    def __init__(self, session: RecordsSession) -> None:
        self._session = session

    def of(self, ids: Sequence[int]) -> Iterator[Row]:
        """These records, in this order."""
        return iter(self._session.ask(_PAGE, ([*ids], TEXT_READ, self._session.board)))

    def named(self, source: str, own_id: str, first: int, many: int) -> OpenedRow | None:
        """The source's record with this id of its own; of its text `many` characters from `first` on."""
        first = min(first, LAST_CHARACTER)
        found = self._session.ask(_ONE, (first, many, META_READ, self._session.board, source, own_id))
        row: OpenedRow | None = found[0] if found else None
        return row

    def numbered(self, id: int, first: int, many: int) -> OpenedRow | None:
        """Never one: the old program writes its file alone."""
        return None

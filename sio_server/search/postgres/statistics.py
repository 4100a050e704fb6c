"""How many records have a common word, by what PostgreSQL itself has sampled (ANALYZE)."""

from __future__ import annotations

from sio_server.search.postgres.feed import Feed
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import SCHEMA, WORDS

TURNED = 50
"""What is counted is asked for again when a 50th of the records was added, changed or removed."""
_READ = (
    "SELECT one.reltuples, s.most_common_elems::text::text[], s.most_common_elem_freqs"
    f" FROM pg_class AS one, pg_stats AS s WHERE one.oid = '{WORDS}'::regclass AND s.schemaname = '{SCHEMA}'"
    " AND s.tablename = one.relname AND s.attname = 'words'"
)


class Statistics:
    """What one reader's session has read of them. Errors: psycopg.Error, LogError, Interrupted."""

    def __init__(self, session: RecordsSession, feed: Feed) -> None:
        self._session = session
        self._feed = feed
        self._read: int | None = None
        self._numbers: dict[str, int] = {}

    def number(self, lexeme: str) -> int | None:
        """About how many records have the lexeme; None where it is not among the 1,000 most common ones, or
        the table was never analysed."""
        turned = self._feed.turned
        if self._read is None or (turned - self._read) * TURNED > self._feed.time_index.records:
            self._numbers, self._read = self._ask(), turned
        return self._numbers.get(lexeme)

    def _ask(self) -> dict[str, int]:
        rows = self._session.ask(_READ)
        if not rows or rows[0][1] is None:
            return {}
        [[records, lexemes, shares]] = rows
        # After the shares come the least, the greatest and that of NULL.
        return {lexeme: round(share * records) for lexeme, share in zip(lexemes, shares, strict=False)}

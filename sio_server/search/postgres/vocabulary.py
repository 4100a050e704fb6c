"""The runs of Japanese and Chinese on a board, in which words are found (search/runs)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sio_server.search.postgres.feed import Feed
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import RUNS
from sio_server.search.runs import FIRST, KEPT_AT_MOST, LAST, Kept

_READ = (
    f"SELECT token, on_label, version FROM {RUNS} WHERE board = %s AND version > %s ORDER BY version LIMIT %s"
)


class PostgresVocabulary:
    """What one reader's session has read of them (runs.Vocabulary). Those of records that are gone stay: they
    find nothing.

    Errors: psycopg.Error, LogError, Interrupted.
    """

    def __init__(self, session: RecordsSession, feed: Feed) -> None:
        self._session = session
        self._feed = feed
        self._began = -1
        self._read = 0
        self._asked: object = None
        self._texts: list[str] = []
        self._labels: list[str] = []
        self._kept = Kept(0, "", "")

    def kept(self) -> Kept:
        """All runs, as of this snapshot; only new ones are read."""
        if self._asked == (asked := self._session.position):
            return self._kept
        if self._began != self._feed.began:
            self._texts, self._labels, self._read, self._began = [], [], 0, self._feed.began
        room = max(0, KEPT_AT_MOST - len(self._texts) - len(self._labels))
        rows = self._session.ask(_READ, (self._session.board, self._read, room))
        for token, on_label, version in rows:
            (self._labels if on_label else self._texts).append(token)
            self._read = version
        if rows:
            self._kept = Kept(self._read, "\n".join(self._texts), "\n".join(self._labels))
        self._asked = asked
        return self._kept


def store(session: RecordsSession, version: int, on_label: bool, tokens: Iterable[str]) -> None:
    """Stores the runs among the tokens, within the writer's transaction."""
    runs = {_key(token): token for token in tokens if is_run(token)}
    if runs:
        session.run(
            f"INSERT INTO {RUNS} SELECT %s, %s, key, token, %s"
            " FROM unnest(%s::text[], %s::text[]) AS new (key, token) ON CONFLICT DO NOTHING",
            (session.board, on_label, version, [*runs], [*runs.values()]),
        )


def is_run(token: str) -> bool:
    """Whether it begins with a Japanese or Chinese character, or with a digit and has one."""
    if FIRST <= token[0] < LAST:
        return True
    return "0" <= token[0] <= "9" and not token.isascii() and any(FIRST <= one < LAST for one in token)


def _key(token: str) -> str:
    return hashlib.blake2b(token.encode(), digest_size=16).hexdigest()

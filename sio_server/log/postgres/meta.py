"""A board's own settings on PostgreSQL: a few named values."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from sio_server.log.postgres import tables
from sio_server.log.postgres.head import Head
from sio_server.log.postgres.session import Session

POLICY = "private"
"""The one value that concerns the other nodes at once (registry.privacy.PRIVATE)."""


class PostgresMeta:
    """The values (log.Values), through the writer's session. Errors: LogError."""

    def __init__(self, session: Session, head: Head) -> None:
        self._session = session
        self._head = head

    def get(self, key: str, default: str = "") -> str:
        """The value."""
        query = f"SELECT value FROM {tables.SCHEMA}.meta WHERE board = %s AND key = %s"
        found = self._session.rows(query, (self._session.board, key))
        return str(found[0][0]) if found else default

    def put(self, key: str, value: str) -> None:
        """Sets the value, if it differs."""
        statement = self.replacing(key, lambda _: value)
        if statement is None:
            return
        try:
            if key == POLICY:
                self._head.put_beside(*statement)
            else:
                self._session.run(*statement)
        except psycopg.Error as error:
            raise self._session.fault("write", error) from error

    def replacing(self, key: str, change: Callable[[str], str]) -> tables.Statement | None:
        """The statement that puts what `change` makes of the value; None if that is the same."""
        old = self.get(key)
        new = change(old)
        return None if new == old else tables.put(self._session.board, "meta", [(key, new)])

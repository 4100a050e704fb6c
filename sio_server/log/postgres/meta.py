"""A board's own settings on PostgreSQL: a few named values."""

from __future__ import annotations

import psycopg

from sio_server.log.postgres import tables
from sio_server.log.postgres.session import Session


class PostgresMeta:
    """The values (log.Meta), through the writer's session. Errors: LogError."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, key: str, default: str = "") -> str:
        """The value."""
        query = f"SELECT value FROM {tables.SCHEMA}.meta WHERE board = %s AND key = %s"
        found = self._session.rows(query, (self._session.board, key))
        return str(found[0][0]) if found else default

    def put(self, key: str, value: str) -> None:
        """Sets the value, if it differs."""
        if self.get(key) != value:
            try:
                self._session.run(*tables.put(self._session.board, "meta", [(key, value)]))
            except psycopg.Error as error:
                raise self._session.fault("write", error) from error

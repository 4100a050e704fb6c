"""The records of one board in the database as a whole, while no server has them open (search/whole)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import orjson

from sio_server.registry.ops import Json
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.store import PostgresPlace
from sio_server.search.postgres.tables import ALL, BOARDS, PEOPLE, RECORDS
from sio_server.search.whole import person_of

AT_ONCE = 1_000  # rows fetched at a time


class WholeRecords:
    """All records of a board. Errors: psycopg.Error, LogError."""

    def __init__(self, url: str, board: str) -> None:
        self._session = RecordsSession(url, board)
        [[made]] = self._session.rows("SELECT to_regclass(%s) IS NOT NULL", (BOARDS,))
        self.exists = made and bool(self._rows(f"SELECT 1 FROM {BOARDS} WHERE board = %s"))

    def count(self) -> int:
        """How many records there are."""
        [[count]] = self._rows(f"SELECT count(*) FROM {RECORDS} WHERE board = %s")
        return int(count)

    def records(self) -> Iterator[tuple[str, Json]]:
        """Source and record, as received, the oldest first."""
        query = f"SELECT source, content, fields FROM {RECORDS} WHERE board = %s ORDER BY id"
        connection = self._session.connection
        with connection.transaction(), connection.cursor(name="records") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(query.encode(), (self._session.board,))
            for source, text, fields in cursor:
                yield source, orjson.loads(fields) | {"text": text}

    def people(self) -> Iterator[tuple[str, Json]]:
        """Source and person, as received."""
        what = f"SELECT source, own_id, names, addresses FROM {PEOPLE} WHERE board = %s"
        for row in self._rows(f"{what} ORDER BY source, own_id"):
            yield person_of(*row)

    def is_empty(self) -> bool:
        """Whether there is nothing, except that a server looked."""
        return self.count() == 0 and next(self.people(), None) is None

    def take_away(self) -> None:
        """Deletes all of it."""
        with self._session.connection.transaction():
            for table in ALL:
                self._session.run(f"DELETE FROM {table} WHERE board = %s", (self._session.board,))

    def become(self, board: str) -> None:
        """Gives all of it to a board that has none, in one transaction; its number stays in its words."""
        with self._session.connection.transaction():
            for table in ALL:
                self._session.run(f"DELETE FROM {table} WHERE board = %s", (board,))
                self._session.run(
                    f"UPDATE {table} SET board = %s WHERE board = %s", (board, self._session.board)
                )

    def close(self) -> None:
        """Ends the session."""
        self._session.drop()

    def _rows(self, query: str) -> list[Any]:
        return self._session.rows(query, (self._session.board,))


class RecordsLanding:
    """The records of a board that is to have some (whole.Landing), gathered under a name that no board can
    have. Errors: those of PostgresPlace."""

    def __init__(self, url: str, board: str) -> None:
        self._url, self._board, self._beside = url, board, f"{board}/migrating"
        self.beside = PostgresPlace(url, self._beside)

    def __str__(self) -> str:
        return str(self.beside)

    def there(self) -> WholeRecords | None:
        """The board's records, to be closed."""
        found = WholeRecords(self._url, self._board)
        if found.exists:
            return found
        found.close()
        return None

    def clear(self) -> None:
        """Leaves nothing under the other name."""
        with closing(WholeRecords(self._url, self._beside)) as gathered:
            if gathered.exists:
                gathered.take_away()

    def finish(self) -> None:
        """Gives what was gathered to the board."""
        with closing(WholeRecords(self._url, self._beside)) as gathered:
            gathered.become(self._board)

"""A whole board in the database while no server has it open: it comes, goes, or is renamed (decision 112)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import apsw
import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from sio_server.log import sums
from sio_server.log.base import LogError
from sio_server.log.files import HeadNote
from sio_server.log.making import columns_of
from sio_server.log.postgres import opening, tables
from sio_server.log.postgres.session import Lock, Session, shown
from sio_server.log.postgres.tables import COLUMNS, OF_NODES, SCHEMA
from sio_server.log.schema import PART
from sio_server.log.whole import Position

ROWS_AT_ONCE = 2_000
"""Rows fetched from the database, and put into a store, at a time."""

Tell = Callable[[str, int, int], None]
"""Is told what is being done, how many rows are done, and of how many (0: not known)."""


class WholeBoard:
    """One board of a database, locked from the first use to `close`. Methods block, and do all or nothing.

    Errors: LogError.
    """

    def __init__(self, url: str, board: str) -> None:
        self.where = f"{shown(url)} (board {board})"
        self._board = board
        self._session = Session(url, board, Lock.ALONE)

    def position(self) -> Position | None:
        """Where the board's history ends; None if the database has no such board."""
        connection = self._session.connection
        try:
            if not opening.is_made(connection):
                return None
            query = f"SELECT version, epoch, seq, mark FROM {SCHEMA}.boards WHERE board = %s"
            found = connection.execute(query, (self._board,)).fetchone()
        except psycopg.Error as error:
            raise self._session.fault("read", error) from error
        if found is None:
            return None
        if found[0] > tables.NEWEST:
            raise LogError(f"{self.where} is from a newer version of Adjutant: update this one")
        return Position(*found[1:])

    def goes_on(self, note: HeadNote) -> bool:
        """Whether the board, which exists, has every commit that is noted."""
        position = self.position()
        assert position is not None
        return opening.goes_on(self._session, note, self.where, position.epoch, position[1:])

    def fill(self, store: apsw.Connection, position: Position, tell: Tell) -> None:
        """Makes the board from all rows of a store. Errors: apsw.Error too."""
        with self._changing("write") as connection:
            opening.make_schema(connection)
            connection.execute(
                f"INSERT INTO {SCHEMA}.boards (board, version, epoch, seq, mark, appended)"
                " VALUES (%s, %s, %s, %s, %s, '')",
                (self._board, tables.NEWEST, *position),
            )
            for table in COLUMNS:
                columns = _shared(store, table)
                total = int(store.execute(f"SELECT count(*) FROM {table}").get)
                rows = store.execute(f"SELECT {', '.join(columns)} FROM {table}")
                with connection.cursor().copy(_copy(table, columns)) as copying:
                    for done, row in enumerate(rows):
                        if table != "meta" or row[0] not in (sums.EPOCH, sums.PROBE):
                            copying.write_row((self._board, *row))
                        if done % ROWS_AT_ONCE == 0:
                            tell(f"copying {table}", done, total)
            tell("waiting for the database", 0, 0)
            _move(connection, _not_of_the_log(connection), _kept(self._board, position), self._board)

    def read_into(self, store: apsw.Connection, tell: Tell) -> None:
        """Inserts all rows of the board, which exists, into an empty store. Errors: apsw.Error too."""
        position = self.position()
        assert position is not None
        with self._changing("read") as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            store.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (sums.EPOCH, position.epoch))
            for table in COLUMNS:
                columns = _shared(store, table)
                places = ", ".join("?" * len(columns))
                insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
                if table == "item_changes":  # seq is its third column
                    insert = (
                        f"INSERT INTO {table} ({', '.join(columns)}, part) VALUES ({places}, ?3 / {PART})"
                    )
                for done, total, rows in _rows(connection, self._board, table, columns):
                    tell(f"copying {table}", done, total)
                    store.executemany(insert, rows)

    def rename(self, to: str) -> None:
        """Gives the board, which exists, another name, which is free and locked."""
        with self._changing("write") as connection:
            parts, row = _layout(connection)
            copies = SQL("INSERT INTO {0} (board, {1}) SELECT %s, {1} FROM {0} WHERE board = %s")
            boards = Identifier(SCHEMA, "boards")
            connection.execute(copies.format(boards, _names(row)), (to, self._board))
            _move(connection, parts, self._board, to)
            connection.execute(f"DELETE FROM {SCHEMA}.boards WHERE board = %s", (self._board,))

    def remove(self) -> None:
        """Deletes the board, if it exists.

        What is not the log's, its records, is kept under a name that no board can have: the next board of
        this name is not to have it, and this one gets it back when it returns (`fill`).
        """
        position = self.position()
        if position is not None:
            with self._changing("write") as connection:
                _move(connection, _not_of_the_log(connection), self._board, _kept(self._board, position))
                connection.execute(f"DELETE FROM {SCHEMA}.boards WHERE board = %s", (self._board,))

    def close(self) -> None:
        """Lets servers open it again."""
        self._session.drop()

    @contextmanager
    def _changing(self, what: str) -> Iterator[Connection]:
        """One transaction, on the connection that holds the lock."""
        connection = self._session.connection
        try:
            with connection.transaction():
                yield connection
        except psycopg.Error as error:
            raise self._session.fault(what, error) from error


def boards_in(url: str) -> list[str]:
    """The boards that the database has. Errors: LogError."""
    session = Session(url, "")
    try:
        connection = session.connection
        if not opening.is_made(connection):
            return []
        return [board for (board,) in session.rows(f"SELECT board FROM {SCHEMA}.boards ORDER BY board")]
    except psycopg.Error as error:
        raise session.fault("read", error) from error
    finally:
        session.drop()


def _shared(store: apsw.Connection, table: str) -> list[str]:
    """The columns that a table has at both sides; the others have defaults, or are computed."""
    here = columns_of(store, table)
    return [name for name in COLUMNS[table] if name in here]


def _names(names: Iterable[str]) -> Composed:
    return SQL(", ").join(map(Identifier, names))


def _copy(table: str, columns: list[str]) -> Composed:
    return SQL("COPY {} (board, {}) FROM STDIN").format(Identifier(SCHEMA, table), _names(columns))


def _rows(
    connection: Connection, board: str, table: str, columns: list[str]
) -> Iterator[tuple[int, int, list[Any]]]:
    """The board's rows of a table, some at a time, with how many came before and how many there are."""
    where = f"FROM {SCHEMA}.{table} WHERE board = %s"
    if table == "meta":
        where += f" AND key <> '{sums.PROBE}'"
    [[total]] = connection.execute(f"SELECT count(*) {where}", (board,)).fetchall()
    done = 0
    with connection.cursor(name="rows") as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} {where}", (board,))
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield done, total, rows
            done += len(rows)


def _kept(board: str, position: Position) -> str:
    """The name under which the records of a board that has left the database are kept."""
    return f"{board}/{position.epoch}"


def _move(connection: Connection, parts: Iterable[str], board: str, to: str) -> None:
    for table in parts:
        moves = SQL("UPDATE {} SET board = %s WHERE board = %s").format(Identifier(SCHEMA, table))
        connection.execute(moves, (to, board))


def _not_of_the_log(connection: Connection) -> list[str]:
    return [table for table in _layout(connection)[0] if table not in COLUMNS.keys() | OF_NODES.keys()]


def _layout(connection: Connection) -> tuple[list[str], list[str]]:
    """All tables that have a part for each board, those of the records too; and the columns of `boards` but
    for the name."""
    found = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s", (SCHEMA,)
    ).fetchall()
    parts = [table for table, column in found if column == "board" and table != "boards"]
    return parts, [column for table, column in found if table == "boards" and column != "board"]

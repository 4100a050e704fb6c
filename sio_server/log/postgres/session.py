"""One connection to PostgreSQL that holds a board's lock: shared with other nodes, or alone.

The lock is PostgreSQL's own, of a session: it goes when the connection does, and is then taken again, unless
somebody who wants the board alone was quicker. A server of the first version always wants it alone, so that
none runs beside one that it knows nothing of.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.abc import QueryNoTemplate
from psycopg.sql import SQL

from sio_server.log.base import LogError

CONNECT_S = 5
"""For one attempt: a server on this machine or in the next rack answers in milliseconds."""
LOCK_S = 3.0
"""How long to wait for the lock of a session that is just ending."""
SILENT_MS = 20_000
"""After so long without an answer from the other machine's kernel, the connection is lost."""
QUICK_SILENT_MS = 4_000  # so that the node is not deaf for longer than it may be behind (log.nodes.CURRENT_S)
ASK_S, ASK_TIMES = 5, 3
"""Each end asks the other whether it is still there, so often, after so long a silence: the system's own two
hours would keep the lock of a machine that has lost its power."""
IDLE_MS = 5_000
"""A node that stops in the middle of a transaction holds up others for so long; then its session is ended. It
does not count in a pipeline, nor after one: there `head` looks who holds it up."""
_LOCK_CLASS = 0x0AD7
"""Our half of the lock's number; advisory locks are the database's, and others may use some."""

log = logging.getLogger("adjutant.store")


class Lock(StrEnum):
    """How a session holds its board, by PostgreSQL's function for it."""

    ALONE = "pg_try_advisory_lock"
    SHARED = "pg_try_advisory_lock_shared"


class Session:
    """A connection for one board; it opens itself again when it was lost. Methods block.

    Errors: LogError.
    """

    def __init__(self, url: str, board: str, lock: Lock | None = None, *, quick: bool = False) -> None:
        """`quick`: what it commits need not be on disk at once, and a silent connection is given up soon."""
        self.board = board
        self._quick = quick
        self._url = url
        self._lock = lock
        self._connection: Connection | None = None
        self._told = False

    @property
    def name(self) -> str:
        """What the database calls the sessions of this board."""
        return f"adjutant {self.board}"

    @property
    def connection(self) -> Connection:
        """An open connection, which holds the lock if it is to."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def rows(self, query: QueryNoTemplate, values: Iterable[Any] = ()) -> list[Any]:
        """All rows of a query. Outside a transaction a lost connection is opened again, once."""
        for attempt in (1, 2):
            connection = self.connection
            try:
                return connection.execute(query, tuple(values)).fetchall()
            except psycopg.Error as error:
                if attempt == 1 and connection.broken:
                    continue
                raise self.fault("read", error) from error
        raise AssertionError

    def run(self, query: QueryNoTemplate, values: Iterable[Any] = ()) -> None:
        """A statement without an answer. Errors: psycopg.Error, for the caller's transaction."""
        self.connection.execute(query, tuple(values))

    def drop(self) -> None:
        """Closes the connection; the next use opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()

    def fault(self, what: str, error: psycopg.Error) -> LogError:
        """The error in words; the address without its password."""
        return LogError(f"cannot {what} {shown(self._url)}: {in_a_line(error)}")

    def _connect(self) -> Connection:
        try:
            connection = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=CONNECT_S,
                application_name=self.name,
                tcp_user_timeout=QUICK_SILENT_MS if self._quick else SILENT_MS,
                keepalives_idle=ASK_S,
                keepalives_interval=ASK_S,
                keepalives_count=ASK_TIMES,
            )
        except (psycopg.Error, UnicodeError) as error:
            if isinstance(error, psycopg.Error):
                raise self.fault("connect to", error) from error
            raise LogError(f"{shown(self._url)} is not the address of a database") from None
        try:
            self._prepare(connection)
        except psycopg.Error as error:
            connection.close()
            raise self.fault("use", error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        [[durable, synced, encoding, standby]] = connection.execute(
            "SELECT current_setting('synchronous_commit'), current_setting('fsync'),"
            " current_setting('server_encoding'), pg_is_in_recovery()"
        ).fetchall()
        if encoding != "UTF8":
            raise LogError(f"{shown(self._url)} has the encoding {encoding}: make a database with UTF8")
        if standby:
            raise LogError(f"{shown(self._url)} is a standby, which cannot be written: name the primary")
        if self._quick:
            connection.execute("SET synchronous_commit TO off")
        elif durable == "off":  # acked means on disk; the stricter settings are left as they are
            connection.execute("SET synchronous_commit TO on")
        if synced == "off" and not self._told:
            self._told = True
            log.warning("%s has fsync=off: a crash may lose what was acknowledged", shown(self._url))
        if self._lock is not None:
            connection.execute(SQL("SET idle_in_transaction_session_timeout TO {}").format(IDLE_MS))
            for name, value in (("idle", ASK_S), ("interval", ASK_S), ("count", ASK_TIMES)):
                connection.execute(SQL("SET {} TO {}").format(SQL(f"tcp_keepalives_{name}"), value))
            self._take(connection, self._lock)

    def _take(self, connection: Connection, lock: Lock) -> None:
        ends_at = time.monotonic() + LOCK_S
        taken = SQL("SELECT {}(%s, hashtext(%s))").format(SQL(lock))
        while not connection.execute(taken, (_LOCK_CLASS, self.board)).fetchall()[0][0]:
            if time.monotonic() > ends_at:
                where = f"the board {self.board} in {shown(self._url)}"
                raise LogError(f"{where} is in use by another server")
            time.sleep(0.1)


def shown(url: str) -> str:
    """The address as it may be shown: without password and options.

    A string of `key=value` is shown as its host and database.
    """
    try:
        given = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        return "the database"
    host, port = str(given.get("host") or ""), str(given.get("port") or "").strip(",")
    place = f"{host}:{port}" if port and not host.startswith("/") else host
    return f"postgresql://{place}/{given.get('dbname') or ''}"


def in_a_line(error: psycopg.Error) -> str:
    """The first line that says something; the driver may add hints, one for each address that it tried."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__

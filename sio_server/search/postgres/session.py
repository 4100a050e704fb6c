"""A connection for records: what is read from it, and how another thread ends what runs on it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.errors import QueryCanceled
from psycopg.pq import TransactionStatus

from sio_server.log.postgres.session import Session, in_a_line, shown
from sio_server.search.cancellation import Interrupted
from sio_server.search.faults import StoreFault

CANCEL_S = 2.0
"""How long a database may take to end a statement; after that its connection is given up."""
_KEEP, _GO_ON = "SAVEPOINT begun", "ROLLBACK TO begun"
"""A statement that is ended breaks its transaction off. A search that is out of time shows what it has found,
and reads that from the same snapshot."""
_SETTINGS = (
    # All that is asked has an index. Statistics of the moment must not choose to read a whole table: a common
    # word would then cost 300 ms.
    "SET enable_seqscan TO off",
    "SET jit TO off",
    "SET max_parallel_workers_per_gather TO 0",
    "SET work_mem TO '32MB'",
    # A server that is frozen in the middle of a put holds up those of others for no longer.
    "SET idle_in_transaction_session_timeout TO '60s'",
)


class RecordsSession(Session):
    """A connection for the records of one board. Errors: psycopg.Error, LogError, Interrupted."""

    def __init__(self, url: str, board: str) -> None:
        super().__init__(url, board)
        self._reads = False
        self.position = (0, "")
        """The board's version and mark in the snapshot that is read from."""

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query in the transaction that is under way. What only reads may ask on after
        Interrupted, from the same snapshot."""
        connection = self.connection
        try:
            return connection.execute(query.encode(), tuple(values)).fetchall()
        except QueryCanceled:
            if self._reads:
                with suppress(psycopg.Error):  # then whatever is asked next says so
                    connection.execute(_GO_ON.encode(), prepare=False)
            raise Interrupted("the search was cancelled") from None

    def begin(self, how: str, query: str, values: Sequence[Any], *, reads: bool = False) -> list[Any]:
        """Begins a transaction with a query, on a new connection if the old one turns out to be lost."""
        self._reads = reads
        for attempt in (1, 2):
            connection = self.connection
            try:
                with connection.pipeline():
                    connection.execute(how.encode(), prepare=False)
                    found = connection.execute(query.encode(), tuple(values))
                    if reads:
                        connection.execute(_KEEP.encode(), prepare=False)
                return found.fetchall()
            except QueryCanceled:
                raise Interrupted("the search was cancelled") from None
            except psycopg.Error:
                if attempt == 2 or not connection.broken:
                    raise
        raise AssertionError

    @contextmanager
    def storing(self, query: str, values: Sequence[Any]) -> Iterator[list[Any]]:
        """A transaction that begins with this query, and its rows; it is on disk at the end.

        Errors: also StoreFault with `unknown`, when the connection is lost as it ends.
        """
        found = self.begin("BEGIN", query, values)
        connection = self.connection
        try:
            # The limit for a server that stands still counts from here on: not after a pipeline.
            connection.execute("SELECT 1")
            yield found
            try:
                connection.execute("COMMIT", prepare=False)
            except psycopg.Error as error:
                # An administrator may end a session between the commit and its answer (log/postgres/log).
                if connection.info.transaction_status is TransactionStatus.INERROR:
                    raise
                where = shown(self._url)
                message = f"{where} was lost as it stored records ({in_a_line(error)})"
                raise StoreFault(message, unknown=True) from error
        except BaseException:
            self.roll_back()
            raise

    def roll_back(self) -> None:
        """Ends the transaction, if there is one."""
        if self._connection is not None and not self._connection.closed:
            try:
                self._connection.rollback()
            except psycopg.Error:
                self.drop()

    def cancel(self) -> None:
        """Ends the statement that another thread runs. Blocks for as long as the database takes."""
        connection = self._connection
        if connection is not None:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=CANCEL_S)

    def shut(self) -> None:
        """Ends the connection, without waiting for the thread that uses it, which gets an error."""
        connection = self._connection
        if connection is None:
            return
        with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as ours:
            ours.shutdown(socket.SHUT_RDWR)

    def _prepare(self, connection: Connection) -> None:
        super()._prepare(connection)
        connection.prepare_threshold = None  # a plan is made for what is asked: words differ
        for setting in _SETTINGS:
            connection.execute(setting.encode())


class Interrupt:
    """Ends the statement that a session runs (cancellation.Interruptible)."""

    def __init__(self, session: RecordsSession) -> None:
        self._session = session
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def interrupt(self) -> None:
        """Ends it soon; it does not wait."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._cancel, daemon=True)
            self._thread.start()

    def settle(self) -> None:
        """Nothing is interrupted any more when this returns: the connection may serve another search."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _cancel(self) -> None:
        self._session.cancel()
        if not self._over.wait(CANCEL_S):  # frozen, or cut off
            self._session.shut()

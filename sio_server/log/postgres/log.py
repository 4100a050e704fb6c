"""The log on PostgreSQL: a session that writes, and one that reads.

Acked means committed there, with `synchronous_commit` at least on: on the disk of the primary, and of a
synchronous standby where there is one. An append takes two round trips, however many rows it has.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg.pq import TransactionStatus

from sio_server.clock import ClockNote
from sio_server.log import files, loading
from sio_server.log.base import Entry, LogError, OpRecord, OutcomeOpen, OutcomeUnknown
from sio_server.log.postgres import opening, tables, tidying
from sio_server.log.postgres.history import PostgresHistory
from sio_server.log.postgres.meta import PostgresMeta
from sio_server.log.postgres.session import Session, shown
from sio_server.log.postgres.tables import SCHEMA
from sio_server.log.retention import PRUNE_AT_ONCE
from sio_server.log.rows import Rows
from sio_server.log.whole import new_epoch
from sio_server.registry.ops import Json
from sio_server.state.commit import Commit
from sio_server.state.state import State

KNOWN_WITHIN_S = 8.0
"""How long an append tries to learn its outcome after its connection was lost: its clients wait for 10 s."""
TRY_EVERY_S = 0.2  # in that time
_HEAD = f"SELECT seq, mark, appended FROM {SCHEMA}.boards WHERE board = %s"
"""With FOR UPDATE it waits until a session that is just ending has committed or not."""

Left = tuple[int, str, str]
"""A board's row: seq, mark, and the name of its last append."""

log = logging.getLogger("adjutant.store")


class PostgresLog:
    """One board's log in a database (log.Log); keeps `keep_changes` or `keep_s`, whichever is more.

    `data_dir` keeps a note of the newest position, by which a database that was set back is recognized.
    """

    def __init__(self, url: str, board: str, data_dir: Path, keep_changes: int, keep_s: float) -> None:
        self._board = board
        self._keep_changes = keep_changes
        self._keep_s = keep_s
        self._where = f"{shown(url)} (board {board})"
        self._writer, self._reader = Session(url, board, locks=True), Session(url, board, locks=False)
        self._is_open = False
        self._size_bytes = 0
        self._lock = files.lock(data_dir)
        self._note = files.HeadNote(data_dir / files.IN_POSTGRESQL)
        try:
            opening.make_tables(self._writer, self._where)
            self.meta = PostgresMeta(self._writer)
            [[self.epoch]] = self._rows(f"SELECT epoch FROM {SCHEMA}.boards WHERE board = %s")
            [[seq, mark, appended]] = self._rows(_HEAD)
            self._left: Left = (seq, mark, appended)
            if not opening.goes_on(self._writer, self._note, self._where, self.epoch, self._left[:2]):
                self.renew_epoch()
            self._note.write(self.epoch, *self._left[:2])
            self.clock = opening.last_clock(self._writer, self.meta.get("clock"))
            self._floor = int(self.meta.get("floor", "0"))
            self.history = PostgresHistory(self._writer, self.floor)
            self._read_history = PostgresHistory(self._reader, self.floor)
            self._size_bytes = tidying.size_bytes(self._writer)
        except BaseException:
            self._close()
            raise

    def renew_epoch(self) -> None:
        """Gives the store a new epoch: positions from before it was restored no longer count."""
        epoch = new_epoch()
        try:
            self._writer.run(f"UPDATE {SCHEMA}.boards SET epoch = %s WHERE board = %s", (epoch, self._board))
        except psycopg.Error as error:
            raise self._writer.fault("write", error) from error
        self.epoch = epoch

    def load(self, state: State) -> None:
        """Fills an empty state from the database."""
        names = tuple(tables.COLUMNS)
        # The queries of `loading` name tables alone: each stands for this board's part.
        parts = [f"{name} AS (SELECT * FROM {SCHEMA}.{name} WHERE board = %s)" for name in names]
        with_parts = f"WITH {', '.join(parts)} "
        loading.fill(
            state,
            lambda query: self._writer.rows(with_parts + query, (self._board,) * len(names)),
            self._where,
        )

    def settle(self) -> None:
        """Finds out what became of an append that ended in OutcomeOpen."""
        if self._is_open:
            if self._look() != self._left:
                raise OutcomeUnknown(f"{self._where} has committed what seemed lost")
            self._is_open = False

    def append(self, expected_head: int, entries: Sequence[Entry], now_s: float) -> None:
        """Writes all or nothing, durably, if the head is still `expected_head`."""
        self.settle()
        rows, name = Rows(entries, now_s), secrets.token_hex(8)
        commits = [entry.commit for entry in entries if entry.commit is not None]
        head = (commits[-1].seq, commits[-1].mark) if commits else self._left[:2]
        connection, found = self._begin()
        try:
            if found != [self._left] or expected_head != self._left[0]:
                raise self._not_ours()
            with connection.pipeline():
                for query, values in tables.statements(self._board, rows):
                    connection.execute(query, values)
                moves = f"UPDATE {SCHEMA}.boards SET seq = %s, mark = %s, appended = %s WHERE board = %s"
                connection.execute(moves, (*head, name, self._board))
                connection.execute("COMMIT", prepare=False)
        except psycopg.Error as error:
            # A session that somebody ends says so after it has committed: only what is still inside the
            # transaction is certain not to be.
            undone = connection.info.transaction_status is TransactionStatus.INERROR
            if undone or not self._was_committed((*head, name), error):
                self._roll_back()
                raise self._writer.fault("write", error) from error
        except BaseException:
            self._roll_back()
            raise
        self._left = (*head, name)
        if commits:
            self._note.write(self.epoch, *head)

    def find_op(self, principal: str, op: str) -> OpRecord | None:
        """The ack that this op got within the last 24 h."""
        query = f"SELECT fingerprint, ack FROM {SCHEMA}.ops WHERE board = %s AND principal = %s AND op = %s"
        found = self._rows(query, principal, op)
        return OpRecord(found[0][0], found[0][1].encode()) if found else None

    def read(self, since: int, until: int, max_bytes: int) -> list[Commit] | None:
        """The commits after `since` up to `until`; None when they are more than `max_bytes`.

        Runs on the reader's own session, beside the writer.
        """
        which = f"FROM {SCHEMA}.changes WHERE board = %s AND seq > %s AND seq <= %s"
        values = (self._board, since, until)
        [[size]] = self._reader.rows(f"SELECT coalesce(sum(length(body)), 0) {which}", values)
        if size > max_bytes:
            return None
        try:
            found = self._reader.rows(f"SELECT seq, body, mark {which} ORDER BY seq", values)
            return [Commit.from_log(seq, body, mark) for seq, body, mark in found]
        except (ValueError, KeyError, TypeError) as error:
            raise LogError(f"{self._where} holds a change that cannot be read: {error}") from error

    def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """The item's changes, newest first, on the reader's own session."""
        return self._read_history.changes_of(section, id, limit)

    def commits_since(self, since: int) -> tuple[list[Json], bool]:
        """The commits after `since`, on the reader's own session."""
        return self._read_history.commits_since(since)

    def floor(self) -> int:
        """The oldest position from which a client can resume."""
        return self._floor

    def prune(self, now: ClockNote) -> int:
        """Deletes what is past its retention, and saves the clock; returns the number of deleted changes."""
        self.settle()
        until = tidying.floor(self._writer, self._left[0] - self._keep_changes, now.steady_s - self._keep_s)
        until = max(self._floor, min(until, self._floor + PRUNE_AT_ONCE))
        dropped = until - self._floor
        try:
            with self._writer.connection.transaction():
                tidying.forget(self._writer, until, now.steady_s, self._keep_s)
                self.meta.put("floor", str(until))
                self._note_clock(now)
        except psycopg.Error as error:
            raise self._writer.fault("write", error) from error
        self._floor = until
        self._size_bytes = tidying.size_bytes(self._writer)
        return dropped

    def last_at(self) -> str | None:
        """When the newest change was made; None if there is none."""
        query = f"SELECT body FROM {SCHEMA}.changes WHERE board = %s ORDER BY seq DESC LIMIT 1"
        found = self._reader.rows(query, (self._board,))
        return str(orjson.loads(found[0][0])["at"]) if found else None

    def keep_small(self) -> None:
        """Keeps less in memory: the database's memory is its own, so there is nothing to give back."""

    def probe(self) -> None:
        """Checks that the database can be written, by a small write."""
        self.settle()
        self.meta.put("probe", secrets.token_hex(4))

    def size_bytes(self) -> int:
        """The size of all boards' tables in this database, as of the last tidying."""
        return self._size_bytes

    def close(self, now: ClockNote | None = None) -> None:
        """Saves the clock, if given, and ends the sessions."""
        if now is not None:
            with suppress(LogError):
                self._note_clock(now)
        self._close()

    # Appending.

    def _begin(self) -> tuple[psycopg.Connection, list[Any]]:
        """Begins a transaction and locks the board's row, on a new connection if the old one turns out to be
        lost; the row as it is found."""
        for attempt in (1, 2):
            connection = self._writer.connection
            try:
                with connection.pipeline():
                    connection.execute("BEGIN")
                    row = connection.execute(f"{_HEAD} FOR UPDATE", (self._board,))
                return connection, row.fetchall()
            except psycopg.Error as error:
                if attempt == 2 or not connection.broken:
                    self._writer.drop()
                    raise self._writer.fault("write", error) from error
        raise AssertionError

    def _was_committed(self, new: Left, error: psycopg.Error) -> bool:
        """Whether the append that leaves the row so is in the database, after its connection was lost.

        Errors: OutcomeOpen; OutcomeUnknown.
        """
        ends_at = time.monotonic() + KNOWN_WITHIN_S
        while True:
            try:
                found = self._look()
            except LogError:
                if time.monotonic() > ends_at:
                    self._is_open = True
                    raise OutcomeOpen(f"{self._where} was lost while it committed: {error}") from error
                time.sleep(TRY_EVERY_S)
                continue
            if found not in (new, self._left):
                raise self._not_ours()
            return found == new

    def _look(self) -> Left | None:
        """The board's row, on a new connection, once the old one is sure to have ended."""
        self._writer.drop()
        found = self._rows(f"{_HEAD} FOR UPDATE")
        return found[0] if found else None

    def _not_ours(self) -> OutcomeUnknown:
        why = f"is not as it was left at change {self._left[0]}"
        return OutcomeUnknown(f"{self._where} {why}: another server wrote to it, or it was set back")

    def _roll_back(self) -> None:
        with suppress(psycopg.Error, LogError):  # LogError: there is no connection any more
            self._writer.connection.rollback()

    def _note_clock(self, note: ClockNote) -> None:
        self.meta.put("clock", orjson.dumps(astuple(note)).decode())

    def _rows(self, query: str, *values: Any) -> list[Any]:
        return self._writer.rows(query, (self._board, *values))

    def _close(self) -> None:
        self._writer.drop()
        self._reader.drop()
        self._note.close()
        self._lock.close()

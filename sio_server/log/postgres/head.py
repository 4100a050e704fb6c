"""A board's head: the row that every append locks, compares with what this node knows, and moves."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import psycopg
from psycopg.errors import LockNotAvailable
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL

from sio_server.log.base import Entry, HeadMoved, LogError, OutcomeOpen, OutcomeUnknown, SetBack
from sio_server.log.postgres import tables
from sio_server.log.postgres.session import Session
from sio_server.log.postgres.tables import CHANNEL, SCHEMA
from sio_server.log.rows import Rows
from sio_server.log.whole import new_epoch
from sio_server.state import followed

KNOWN_WITHIN_S = 8.0
"""How long an append tries to learn its outcome after its connection was lost: its clients wait for 10 s."""
TRY_EVERY_S = 0.2  # in that time
ROW = f"SELECT epoch, seq, mark, appended, beside FROM {SCHEMA}.boards WHERE board = %s"
"""With FOR UPDATE it waits until a session that is just ending has committed or not."""
_MOVES = (
    f"UPDATE {SCHEMA}.boards SET seq = %s, mark = %s, appended = %s, beside = %s WHERE board = %s".encode()
)
RENEWS = f"UPDATE {SCHEMA}.boards SET epoch = %s WHERE board = %s"
_LOCKS = SQL("BEGIN; SET LOCAL lock_timeout = '5s'; {} FOR UPDATE")
"""As one text, without values: the driver's simplest way, in one answer."""
_FREE = f"""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()
    AND wait_event = 'ClientRead' AND state_change < now() - interval '4s'
    AND pid IN (SELECT pid FROM pg_locks WHERE relation = '{SCHEMA}.boards'::regclass AND mode LIKE 'Row%%')
"""
"""Ends the sessions of this board that have locked its row and wait for their server, which may be frozen or
cut off: it holds up all others. What it was about to append comes after theirs. PostgreSQL's own limit for
that (idle_in_transaction_session_timeout) does not count in the middle of a pipeline, nor after one."""
_NOTIFY = f"SELECT pg_notify('{CHANNEL}', %s)".encode()
NAMES_KEPT = 100
"""Of this node's own last appends, so that it does not follow itself: notifications come soon after."""


class Left(NamedTuple):
    """A board's row as it was left; `appended` names the last append, whether or not that moved the head."""

    epoch: str
    seq: int
    mark: str
    appended: str
    beside: int


class Head:
    """Appends at the head as this node knows it (`left`), through the writer's session.

    `tells`: whether others are there to be told. Errors: LogError.
    """

    def __init__(self, session: Session, where: str, tells: Callable[[], bool]) -> None:
        self._session = session
        self._where = where
        self._tells = tells
        row = SQL(ROW.replace("%s", "{}")).format(session.board)
        self._locks = _LOCKS.format(row).as_bytes()
        self._is_open = False
        self._names: deque[str] = deque(maxlen=NAMES_KEPT)
        self.seen_s = time.monotonic()
        """When the state was last seen to have all that is in the log (time.monotonic)."""
        self._is_applying = False
        self.left = Left(*session.rows(ROW, (session.board,))[0])
        self._is_loaded = False

    def load(self, connection: psycopg.Connection) -> None:
        """Reads the head of the state that is being loaded, in its transaction. Errors: psycopg.Error."""
        self.seen_s = time.monotonic()
        [row] = connection.execute(ROW, (self._session.board,)).fetchall()
        self.left, self._is_loaded = Left(*row), True

    def begin_anew(self, beside: Callable[[], tables.Statement | None]) -> None:
        """Takes the board's row as it is now, after SetBack. The first node that does so gives the board an
        epoch of its own, which tells the others. In the same transaction each runs the statement that
        `beside` returns, which changes something beside the state. Errors: OutcomeUnknown, LogError."""
        try:
            connection, found = self._begin()
            if found is None:
                raise self.gone()
            if found.epoch == self.left.epoch:
                found = found._replace(epoch=new_epoch())
                self._session.run(RENEWS, (found.epoch, self._session.board))
            if statement := beside():
                found = self._run_beside(found, *statement)
            connection.execute("COMMIT", prepare=False)
        except psycopg.Error as error:
            self._roll_back()
            raise self._session.fault("write", error) from error
        except BaseException:
            self._roll_back()
            raise
        self.left = found

    def settle(self) -> None:
        """Finds out what became of an append that ended in OutcomeOpen. Errors: HeadMoved, SetBack,
        LogError."""
        if self._is_open:
            found = self._look()
            self._is_open = False
            self._check(found)

    def confirm(self) -> None:
        """Looks whether the head is where this node knows it. Errors: HeadMoved, SetBack, LogError."""
        found = self._session.rows(ROW, (self._session.board,))
        self._check(Left(*found[0]) if found else None)

    def append(self, entries: Sequence[Entry], now_s: float) -> None:
        """Writes all or nothing, if the head is where this node knows it. Errors: HeadMoved, SetBack,
        LogError."""
        rows, left, board = Rows(entries, now_s), self.left, self._session.board
        done = [(entry.commit, entry.effects) for entry in entries if entry.commit is not None]
        effects = {commit.seq: followed.to_log(each) for commit, each in done}
        seq, mark = (done[-1][0].seq, done[-1][0].mark) if done else (left.seq, left.mark)
        news = (
            [(one.whose, one.event, one.payload) for entry in entries for one in entry.news]
            if self._tells()
            else []
        )
        beside = left.beside + (bool(news) or any(entry.profiles for entry in entries))
        new = Left(left.epoch, seq, mark, self._name(), beside)
        parts = [*tables.statements(board, rows, effects, beside)]
        if news:
            parts.append(tables.told(board, {"news": news}))
        parts.append((_MOVES, (*new[1:], board)))
        if self._tells():
            parts.append((_NOTIFY, (f"{board} {new.appended}",)))
        connection, found = self._begin()
        try:
            self._check(found)
            with connection.pipeline():
                connection.execute(*tables.in_one(parts))
                connection.execute("COMMIT", prepare=False)
        except psycopg.Error as error:
            # A session that somebody ends says so after it has committed: only what is still inside the
            # transaction is certain not to be.
            undone = connection.info.transaction_status is TransactionStatus.INERROR
            if undone or not self._was_committed(new, error):
                self._roll_back()
                raise self._session.fault("write", error) from error
        except BaseException:
            self._roll_back()
            raise
        self.left = new

    def put_beside(self, query: Any, values: tuple[Any, ...], *, checked: bool = True) -> None:
        """Runs a statement that changes something beside the state; if `checked` only where the head is as
        this node knows it.

        Errors: psycopg.Error, HeadMoved, SetBack, LogError.
        """
        connection, found = self._begin()
        try:
            if found is None or (checked and self._is_loaded):
                self._check(found)
            old = found or self.left
            new = self._run_beside(old, query, values)
            connection.execute("COMMIT", prepare=False)
        except BaseException:
            self._roll_back()
            raise
        if old == self.left:  # else there is more to catch up with
            self.left = new

    def _run_beside(self, old: Left, query: Any, values: tuple[Any, ...]) -> Left:
        """Runs the statement and moves the row, which is locked; how that is left."""
        board = self._session.board
        new = old._replace(appended=self._name(), beside=old.beside + 1)
        self._session.run(query, values)
        self._session.run(_MOVES, (*new[1:], board))
        if self._tells():
            self._session.run(_NOTIFY, (f"{board} {new.appended}",))
        return new

    def is_at(self, found: Left, read_s: float) -> bool:
        """Whether the head, as read at that time, is where this node knows it. Called on any thread."""
        known = found == self.left
        if known and not self._is_applying:
            self.seen_s = read_s
        return known

    def follow(self, left: Left, seen_s: float | None) -> Callable[[], None]:
        """Moves to where others left the head, of which all is read if `seen_s` says when; the state has
        that once what is returned was called."""

        def applied() -> None:
            self._is_applying = False
            self.seen_s = self.seen_s if seen_s is None else seen_s

        self.left, self._is_applying = left, True
        return applied

    def is_own(self, name: str) -> bool:
        """Whether the append of that name is one of this node's last. Called on any thread."""
        return name in self._names

    def _name(self) -> str:
        name = secrets.token_hex(8)
        self._names.append(name)
        return name

    def _check(self, found: Left | None) -> None:
        if found == self.left:
            return
        if found is None:
            raise self.gone()
        if self.was_set_back_to(found):
            raise self.set_back()
        raise HeadMoved(f"{self._where} was moved by another server")

    def gone(self) -> OutcomeUnknown:
        """The error for a board that the database has no more: there is nothing to go on from."""
        return OutcomeUnknown(f"{self._where} is gone")

    def was_set_back_to(self, found: Left) -> bool:
        """Whether the row does not go on from what this node knows; `beside` never falls, either."""
        left = self.left
        return found.epoch != left.epoch or found.seq < left.seq or found.beside < left.beside

    def set_back(self) -> SetBack:
        """The error for a board that does not go on from what this node knows."""
        return SetBack(f"{self._where} does not go on from change {self.left.seq}")

    def _begin(self) -> tuple[psycopg.Connection, Left | None]:
        """Begins a transaction and locks the board's row, on a new connection if the old one turns out to be
        lost; the row as it is found."""
        for attempt in (1, 2):
            connection = self._session.connection
            try:
                answers = connection.execute(self._locks, prepare=False)
                while answers.nextset():
                    pass
                found = answers.fetchone()
                return connection, None if found is None else Left(*found)
            except LockNotAvailable as error:
                self._roll_back()
                self._free()
                if attempt == 2:
                    raise self._session.fault("write", error) from error
            except psycopg.Error as error:
                if attempt == 2 or not connection.broken:
                    self._session.drop()
                    raise self._session.fault("write", error) from error
        raise AssertionError

    def _was_committed(self, new: Left, error: psycopg.Error) -> bool:
        """Whether the append that leaves the row so is in the database, after its connection was lost.

        Errors: HeadMoved, when another node has appended meanwhile; SetBack; OutcomeOpen.
        """
        ends_at = time.monotonic() + KNOWN_WITHIN_S
        while True:
            try:
                found = self._look()
                if found in (new, self.left):
                    return found == new
                # Others went on from one or the other. What has no commit can be done again: it has an op,
                # or is what the server does by itself.
                if new.seq > self.left.seq and found is not None and self._has(new):
                    return True
            except LogError:
                if time.monotonic() > ends_at:
                    self._is_open = True
                    raise OutcomeOpen(f"{self._where} was lost while it committed: {error}") from error
                time.sleep(TRY_EVERY_S)
                continue
            self._check(found)

    def _has(self, new: Left) -> bool:
        query = f"SELECT mark FROM {SCHEMA}.changes WHERE board = %s AND seq = %s"
        return self._session.rows(query, (self._session.board, new.seq)) == [(new.mark,)]

    def _look(self) -> Left | None:
        """The board's row, on a new connection, once the old one is sure to have ended."""
        self._session.drop()
        _, found = self._begin()
        self._roll_back()
        return found

    def _free(self) -> None:
        """Ends whoever holds up the others. Errors: LogError."""
        self._session.rows(_FREE, (self._session.name,))

    def _roll_back(self) -> None:
        with suppress(psycopg.Error, LogError):  # LogError: there is no connection any more
            self._session.connection.rollback()

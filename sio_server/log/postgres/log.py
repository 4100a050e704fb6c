"""The log on PostgreSQL: a session that writes, and one that reads.

Acked means committed there, with `synchronous_commit` at least on: on the disk of the primary, and of a
synchronous standby where there is one. An append takes two round trips, however many rows it has.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import orjson
import psycopg

from sio_server.clock import ClockNote
from sio_server.log import files, loading
from sio_server.log.base import Entry, FromOthers, LogError, OpRecord
from sio_server.log.nodes import Nodes, NoOtherNodes
from sio_server.log.postgres import following, opening, tables, tidying
from sio_server.log.postgres.board_nodes import BoardNodes
from sio_server.log.postgres.head import RENEWS, Head
from sio_server.log.postgres.history import PostgresHistory
from sio_server.log.postgres.meta import POLICY, PostgresMeta
from sio_server.log.postgres.session import Lock, Session, shown
from sio_server.log.postgres.tables import SCHEMA
from sio_server.log.postgres.watcher import Watcher
from sio_server.log.retention import PRUNE_AT_ONCE
from sio_server.log.whole import new_epoch
from sio_server.registry.ops import Json
from sio_server.state.commit import Commit
from sio_server.state.state import State

TOLD_S = 3600.0  # a board that was set back is told of at /ready so long: monitors may ask rarely

log = logging.getLogger("adjutant.store")


class PostgresLog:
    """One board's log in a database (log.Log); keeps `keep_changes` or `keep_s`, whichever is more.

    `data_dir` keeps a note of the newest position, by which a database that was set back is recognized. With
    a `watcher` other nodes may serve the board too.
    """

    def __init__(
        self,
        url: str,
        board: str,
        data_dir: Path,
        keep_changes: int,
        keep_s: float,
        watcher: Watcher | None = None,
    ) -> None:
        self._board = board
        self._watcher = watcher
        self.has_other_nodes = watcher is not None
        self.nodes: Nodes = NoOtherNodes()
        self._keep_changes = keep_changes
        self._keep_s = keep_s
        self._where = f"{shown(url)} (board {board})"
        lock = Lock.ALONE if watcher is None else Lock.SHARED
        self._writer, self._reader = Session(url, board, lock), Session(url, board)
        self._size_bytes = 0
        self._set_back_s = -TOLD_S
        self._lock = files.lock(data_dir)
        self._note = files.HeadNote(data_dir / files.IN_POSTGRESQL)
        try:
            opening.refuse_if_elsewhere(self._writer, self._note, data_dir, self._where)
            opening.make_tables(self._writer, self._where)
            self._head = head = Head(self._writer, self._where, lambda: not self.nodes.is_alone())
            if watcher is not None:
                self._enter(watcher)
            self.meta = PostgresMeta(self._writer, head)
            self.epoch = head.left.epoch
            if not opening.goes_on(self._writer, self._note, self._where, self.epoch, head.left[1:3]):
                self.renew_epoch()
                self._set_back_s = time.monotonic()
            self._note_head()
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
            self._writer.run(RENEWS, (epoch, self._board))
        except psycopg.Error as error:
            raise self._writer.fault("write", error) from error
        self.epoch = epoch
        self._head.left = self._head.left._replace(epoch=epoch)

    def load(self, state: State) -> None:
        """Fills an empty state from the database."""
        names = tuple(tables.COLUMNS)
        # The queries of `loading` name tables alone: each stands for this board's part.
        parts = [f"{name} AS (SELECT * FROM {SCHEMA}.{name} WHERE board = %s)" for name in names]
        with_parts = f"WITH {', '.join(parts)} "
        connection = self._writer.connection
        try:
            with connection.transaction():  # of one moment, whatever other nodes append meanwhile
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                self._head.load(connection)
                loading.fill(
                    state,
                    lambda query: connection.execute(
                        (with_parts + query).encode(), (self._board,) * len(names)
                    ).fetchall(),
                    self._where,
                )
        except psycopg.Error as error:
            raise self._writer.fault("read", error) from error

    def settle(self) -> None:
        """Finds out what became of an append that ended in OutcomeOpen."""
        self._head.settle()

    def append(self, expected_head: int, entries: Sequence[Entry], now_s: float) -> None:
        """Writes all or nothing, durably, if the head is still `expected_head`."""
        self.settle()
        assert expected_head == self._head.left.seq
        if entries:
            self._head.append(entries, now_s)
            self._note_head()
        elif self.has_other_nodes:
            self._head.confirm()

    def watch(self, heard: Callable[[], object], lost: Callable[[Collection[str]], object]) -> None:
        """Calls `heard` when others may have appended something, `lost` with sources of nodes that died."""
        if self._watcher is not None:
            self._watcher.add(self._board, self._head, heard, lost)

    def catch_up(self, state: State) -> FromOthers:
        """What others have appended."""
        me = "" if self._watcher is None else self._watcher.membership.me
        found = following.catch_up(self._writer, self._head, state, me)
        self._note_head()
        return found

    def begin_anew(self, state: State, policy: Callable[[str], str]) -> str:
        """Fills an empty state with what is there after SetBack; returns the policy in force."""
        known = self._head.left
        try:
            self._head.begin_anew(lambda: self.meta.replacing(POLICY, policy))
            self.load(state)
            # Read after the head: if it is newer, the next look reads it once more.
            in_force = self.meta.get(POLICY)
            self._floor = int(self.meta.get("floor", "0"))
        except BaseException:
            self._head.left = known  # the state is still the old one: this is to be found again
            raise
        self.epoch = state.epoch = self._head.left.epoch
        self._set_back_s = time.monotonic()
        log.error(opening.SET_BACK, self._where, known.seq, state.seq)
        self._note_head()
        return in_force

    def was_set_back(self) -> bool:
        """Whether that happened, or was found at the start, within TOLD_S."""
        return time.monotonic() - self._set_back_s < TOLD_S

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
        """Deletes what is past its retention, and saves the clock; returns the number of deleted changes.
        Another node may be the one that does so."""
        if not self.nodes.holds():
            self._floor = int(self.meta.get("floor", "0"))
            return 0
        self.settle()
        until = tidying.floor(
            self._writer, self._head.left.seq - self._keep_changes, now.steady_s - self._keep_s
        )
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
        with suppress(LogError):
            if now is not None and self.nodes.holds():
                self._note_clock(now)
            self.nodes.leave()
        self._close()

    def _enter(self, watcher: Watcher) -> None:
        """Errors: LogError."""
        self.nodes = BoardNodes(self._writer, self._head, watcher.membership)
        try:
            watcher.membership.beat(self._writer.connection, [self._board])
        except psycopg.Error as error:
            raise self._writer.fault("write", error) from error

    def _note_head(self) -> None:
        self._note.write(*self._head.left[:3])

    def _note_clock(self, note: ClockNote) -> None:
        self.meta.put("clock", orjson.dumps(astuple(note)).decode())

    def _rows(self, query: str, *values: Any) -> list[Any]:
        return self._writer.rows(query, (self._board, *values))

    def _close(self) -> None:
        if self._watcher is not None:
            self._watcher.remove(self._board)
        self._writer.drop()
        self._reader.drop()
        self._note.close()
        self._lock.close()

"""The log on SQLite: a writer connection, the only one that checkpoints, and a reader.

Acked means on disk: WAL with `synchronous=FULL`, one transaction for each batch. apsw brings a current
SQLite; the versions that systems ship can corrupt a WAL file (fixed in 3.51.3; decision 1).
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import apsw

from sio_server import disk
from sio_server.clock import ClockNote
from sio_server.log import files, loading, sums, whole
from sio_server.log.base import Entry, LogError, OneNode, OpRecord, OutcomeUnknown
from sio_server.log.history import SqlHistory
from sio_server.log.meta import Meta
from sio_server.log.retention import PRUNE_AT_ONCE, floor_by_bytes, forget, last_clock, note_clock
from sio_server.log.rows import ItemSums, Rows
from sio_server.registry.ops import EVERYTHING, Json
from sio_server.state.commit import Commit
from sio_server.state.state import State

SMALL_CACHE_KIB = 256  # of each connection, where there are many boards: the rest is in the system's cache
_NOT_SYNCED = frozenset({apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC})

log = logging.getLogger("adjutant.store")


class SqliteLog(OneNode):
    """The log in `data_dir/adjutant.db` (log.Log); keeps `keep_changes` or `keep_s`, whichever is more.

    A disk that fails in a commit ends the server, so that no outcome is left open.
    """

    def __init__(self, data_dir: Path, keep_changes: int, keep_s: float, make: bool = True) -> None:
        """`make`: creates the folder if needed. Blocks. Errors: LogError."""
        self._keep_changes = keep_changes
        self._keep_s = keep_s
        self._path = data_dir / files.STORE
        self._lock = files.lock(data_dir, make)
        self._broken = False
        self._lost = ""
        self._item_sums: ItemSums = defaultdict(dict)
        self._note = files.HeadNote(data_dir / files.NOTE)
        try:
            files.refuse_if_gone(self._path, self._note)
            self._writer = whole.open_writer(self._path)
            self._reader = self._open_reader()
            names = (self._path, data_dir / "adjutant.lock")
            self._identities = [files.Identity.of(name) for name in names]
            self.meta = Meta(self._writer, self._rows)
            self.epoch = self.meta.get("epoch")
            self._prove_continuity()
            self.clock = last_clock(self._rows)
            self._floor = int(self.meta.get("floor", "0"))
            self.history = SqlHistory(self._rows, self.floor)
            self._read_history = SqlHistory(self._read_rows, self.floor)
        except (apsw.Error, LogError) as error:
            self._note.close()
            self._lock.close()
            raise error if isinstance(error, LogError) else self._fault("open", error) from error

    def renew_epoch(self) -> None:
        """Gives the store a new epoch: positions from before it was restored no longer count."""
        self.epoch = whole.new_epoch()
        self.meta.put("epoch", self.epoch)

    def load(self, state: State) -> None:
        """Fills an empty state from disk."""
        loading.fill(state, self._rows, str(self._path))
        for section, id, sum_ in self._rows("SELECT section, id, sum FROM items"):
            self._item_sums[section][id] = sum_

    def append(self, expected_head: int, entries: Sequence[Entry], now_s: float) -> None:
        """Writes all or nothing, durably, if the head is still `expected_head`."""
        if not entries:
            return
        self._check_files()
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            [[head, total]] = self._rows("SELECT seq, total FROM heads WHERE room = ?", (EVERYTHING,))
            if head != expected_head:
                raise LogError("another program wrote to the store")
            rows = Rows(entries, now_s)
            total += rows.more(self._item_sums)
            for query, values in rows.replaced():
                total -= self._rows(query, values)[0][0]
            for statement, values in rows.statements(total):
                self._writer.execute(statement, values)
            self._writer.execute("COMMIT")
            rows.note_sums(self._item_sums)
            commits = [entry.commit for entry in entries if entry.commit is not None]
            if commits:
                self._note.write(self.epoch, commits[-1].seq, commits[-1].mark)
        except (apsw.Error, OSError) as error:
            self._roll_back(expected_head)
            if getattr(error, "extendedresult", None) in _NOT_SYNCED:
                self._broken = True
                raise OutcomeUnknown(f"{self._path} could not be made durable: {error}") from error
            raise self._fault("write", error) from error
        except BaseException:
            self._roll_back(expected_head)
            raise

    def find_op(self, principal: str, op: str) -> OpRecord | None:
        """The ack that this op got within the last 24 h."""
        query = "SELECT fingerprint, ack FROM ops WHERE principal = ? AND op = ?"
        found = self._rows(query, (principal, op))
        return OpRecord(found[0][0], found[0][1].encode()) if found else None

    def read(self, since: int, until: int, max_bytes: int) -> list[Commit] | None:
        """The commits after `since` up to `until`; None when they are more than `max_bytes`.

        Runs on the reader's own connection, beside the writer.
        """
        commits, size = [], 0
        query = "SELECT seq, body, mark FROM changes WHERE seq > ? AND seq <= ? ORDER BY seq"
        try:
            for seq, body, mark in self._reader.execute(query, (since, until)):
                size += len(body)
                if size > max_bytes:
                    return None
                commits.append(Commit.from_log(seq, body, mark))
        except (apsw.Error, ValueError, KeyError, TypeError) as error:
            raise self._fault("read", error) from error
        return commits

    def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """The item's changes, newest first, on the reader's own connection."""
        return self._read_history.changes_of(section, id, limit)

    def commits_since(self, since: int) -> tuple[list[Json], bool]:
        """The commits after `since`, on the reader's own connection."""
        return self._read_history.commits_since(since)

    def floor(self) -> int:
        """The oldest position from which a client can resume."""
        return self._floor

    def prune(self, now: ClockNote) -> int:
        """Deletes what is past its retention, and saves the clock; returns the number of deleted changes."""
        old = "SELECT seq FROM changes WHERE at_s < ? ORDER BY at_s DESC, seq DESC LIMIT 1"
        aged = self._rows(old, (now.steady_s - self._keep_s,))
        last = min(aged[0][0] if aged else 0, self._head() - self._keep_changes)
        last = max(last, floor_by_bytes(self._rows))
        last = max(self._floor, min(last, self._floor + PRUNE_AT_ONCE))
        dropped = last - self._floor
        with self._writer:
            forget(self._writer, last, now, self._keep_s)
        self._floor = last
        return dropped

    def last_at(self) -> str | None:
        """When the newest change was made; None if there is none."""
        query = "SELECT body ->> '$.at' FROM changes ORDER BY seq DESC LIMIT 1"
        found = self._read_rows(query, ())
        return None if not found else str(found[0][0])

    def keep_small(self) -> None:
        """Keeps less in memory from now on: this is one of many boards."""
        self._writer.pragma("cache_size", -SMALL_CACHE_KIB)
        self._reader.pragma("cache_size", -SMALL_CACHE_KIB)

    def probe(self) -> None:
        """Checks that the disk can be written, by a small write."""
        if self._broken:
            raise LogError(f"{self._path} is in an unknown state: restart the server")
        self._check_files()
        try:
            with self._writer:
                probe = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"
                self._writer.execute(probe, (sums.PROBE, secrets.token_hex(4)))
        except (apsw.Error, OSError) as error:
            raise self._fault("write", error) from error

    def size_bytes(self) -> int:
        """The log's size on disk in bytes."""
        return disk.size_bytes(self._path)

    def close(self, now: ClockNote | None = None) -> None:
        """Saves the clock, if given, checkpoints, and leaves no WAL file behind."""
        if now is not None:
            with (
                contextlib.suppress(apsw.Error),
                self._writer,
            ):  # on a full disk the last saved clock stays valid
                note_clock(self._writer, now)
        self._reader.close()
        self._writer.close()
        self._note.close()
        self._lock.close()

    def _open_reader(self) -> apsw.Connection:
        connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(2_000)
        connection.pragma("wal_autocheckpoint", 0)
        return connection

    def _roll_back(self, expected_head: int) -> None:
        with contextlib.suppress(apsw.Error):
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        self._broken = True
        with contextlib.suppress(LogError):
            self._broken = self._head() != expected_head

    def _prove_continuity(self) -> None:
        """Gives the store a new epoch if commits that it once had are missing.

        Positions with a mark prove themselves; this is for clients that send back only epoch and seq.
        """
        if not whole.goes_on(self._writer, self._note, self._path):
            self.renew_epoch()
        self._note.write(*whole.position(self._writer))

    def _check_files(self) -> None:
        """Checks before each append that the files are still there, so that no acknowledged change is lost
        with them.

        Errors: LogError.
        """
        lost = [identity.path for identity in self._identities if not identity.holds]
        if not lost:
            return
        if not self._lost:
            self._lost = f"{lost[0]} was removed or replaced while the server ran: no change is accepted"
            self._lost += files.rescue(self._writer, self._path)
            log.critical("%s", self._lost)
        raise LogError(self._lost)

    def _fault(self, what: str, error: Exception) -> LogError:
        if files.is_bad_page(error):
            return LogError(f"{self._path} {whole.BAD_PAGE}")
        if not isinstance(error, apsw.Error | OSError):
            return LogError(f"{self._path} is damaged (a change cannot be read): restore it from a backup")
        return LogError(f"cannot {what} {self._path}: {error}")

    def _head(self) -> int:
        found = self._rows("SELECT seq FROM heads WHERE room = ?", (EVERYTHING,))
        return int(found[0][0]) if found else 0

    def _rows(self, query: str, values: Iterable[Any] = ()) -> list[Any]:
        return self._query(self._writer, query, values)

    def _read_rows(self, query: str, values: Iterable[Any]) -> list[Any]:
        return self._query(self._reader, query, values)

    def _query(self, connection: apsw.Connection, query: str, values: Iterable[Any]) -> list[Any]:
        try:
            return list(connection.execute(query, tuple(values)))
        except apsw.Error as error:
            raise self._fault("read", error) from error

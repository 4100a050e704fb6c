"""The search file and its connections: one that writes, some that read, each used by one thread at a time."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import apsw

from sio_server import disk
from sio_server.people.entries import Entry
from sio_server.registry.ops import Json
from sio_server.search.adoption import Adoption
from sio_server.search.cancellation import INTERRUPTED, Cancellation
from sio_server.search.faults import StoreFault
from sio_server.search.ingest import Ingest, PutResult, RecordBatch
from sio_server.search.people import PeopleBatch, PeopleTable
from sio_server.search.reader import FileReader
from sio_server.search.schema import (
    FORMER_TABLES,
    OLD_SCHEMA,
    OLD_TABLES,
    OWN_SCHEMA,
    REQUIRED_QUERIES,
    VERSION,
)
from sio_server.search.store import Reader
from sio_server.search.time_index import TimeIndex

BUSY_MS = 2_000
"""How long to wait for another program's lock."""
READER_CACHE_KIB = 16_384  # each; the rest is in the system's cache
WRITER_CACHE_KIB = 32_768  # a bulk put keeps the index's upper pages
CHECKPOINT_PAGES = 4_000
"""Checkpoints after 16 MB of WAL: with 1,000 pages, SQLite's default, a bulk put checkpoints all the time."""
WAL_KEPT_BYTES = 64 << 20  # a larger WAL, after a bulk put, is truncated
FREE_AGAIN_BYTES = 16 << 20
"""After "disk full", puts are tried again when this much is free: less would be full again at once."""

T = TypeVar("T")


class SearchFile:
    """The open file (store.Store). Errors: StoreFault, apsw.Error."""

    def __init__(self, path: Path, readers: int) -> None:
        self.path = path
        self.time_index = TimeIndex()
        self.read_only: str | None = None
        self._immutable = False
        self._seen_version: int | None = None
        self._connections: list[apsw.Connection] = []
        try:
            self._writer = self._open_writer()
            self.ingest = Ingest(self._writer, self.time_index)
            self.people = PeopleTable(self._writer)
            self._adoption = Adoption(self._writer, self.time_index)
            self._idle: queue.LifoQueue[FileReader] = queue.LifoQueue()
            for _ in range(readers):
                self._idle.put(self._open_reader())
            self._identity = self._identity_now()
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def reader(self) -> Iterator[FileReader]:
        """A reader for this thread alone."""
        reader = self._idle.get()
        try:
            yield reader
        finally:
            self._idle.put(reader)

    def look(self, search: Cancellation, ask: Callable[[Reader], T]) -> T | None:
        """Reads from one snapshot; None if the search was cancelled."""
        if search.cancelled:
            return None
        self.check_identity()
        with self.reader() as reader:
            connection = reader.connection
            connection.execute("BEGIN")
            try:
                self.time_index.catch_up(connection)  # before `attach`: it must not be interrupted
                search.attach(connection)
                return ask(reader)
            except INTERRUPTED:
                return None
            finally:
                search.detach()
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def put(self, batch: RecordBatch) -> PutResult:
        """Stores the batch; it is on disk when this returns. Errors: also Refusal."""
        self.check_identity()
        return self.ingest.put(batch)

    def put_people(self, batch: PeopleBatch) -> Json:
        """Stores people. Shape: models.people.PutPeopleDone."""
        self.check_identity()
        return self.people.put(batch)

    def entries(self) -> list[Entry]:
        """All people of all sources, in a stable order."""
        return self.people.entries()

    def catch_up(self) -> None:
        """Takes new records into memory."""
        self.check_identity()
        with self.reader() as reader:
            self.time_index.catch_up(reader.connection)

    def check_identity(self) -> None:
        """Checks that the path still leads to the file that was opened.

        Errors: StoreFault.
        """
        if self._identity_now() != self._identity:
            raise StoreFault(
                f"the search file {self.path} was removed or replaced while the server ran:"
                " put it back, or restart the server and run the collectors in full to fill a new one"
            )

    def adopt(self) -> bool:
        """Adopts some rows of other programs or earlier versions; returns whether there may be more."""
        return self.read_only is None and self._adoption.step()

    def notice_other_writers(self) -> bool:
        """Forgets records that another program removed or moved to another source. Never people: other
        programs do not write those.

        Cost for 400,000 records: 20 ms if another program wrote, 0.7 s if it removed or moved some, else
        nothing.
        """
        execute = self._writer.execute
        version = self._writer.pragma("data_version")
        if version == self._seen_version:
            return False
        execute("BEGIN")  # everything is read from one snapshot
        try:
            self.time_index.catch_up(self._writer)
            changed = not self.time_index.agrees_with(self._writer)
            if changed:
                self.time_index.reload(self._writer)
        finally:
            if self._writer.in_transaction:
                execute("ROLLBACK")
        if self.read_only is None and (changed or self._seen_version is None):
            self._clean()
        self._seen_version = version
        return False

    def _clean(self) -> None:
        """Deletes the entries of records that another program removed."""
        with self._writer:
            for table in ("adjutant_entries", "adjutant_records"):
                self._writer.execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM messages)")
            self._writer.execute(
                "DELETE FROM adjutant_labels WHERE no NOT IN (SELECT label FROM adjutant_entries)"
            )

    def has_become_writable(self) -> bool:
        """Whether a read-only file has become writable; it then has to be reopened."""
        if not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            return False
        try:
            connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE)
        except apsw.Error:
            return False
        with contextlib.closing(connection):
            return not connection.readonly("main")

    def probe(self) -> None:
        """Checks that the file can be written, by a small write."""
        with self._writer:
            self._writer.execute(
                "INSERT OR REPLACE INTO adjutant_meta VALUES ('probe', ?)", (str(time.time()),)
            )

    def size_bytes(self) -> int:
        """The file's size on disk in bytes."""
        return disk.size_bytes(self.path)

    def close(self) -> None:
        """Closes all connections; the last one to the file also removes its WAL."""
        for connection in reversed(self._connections):
            with contextlib.suppress(apsw.Error):
                connection.close()

    def _open_writer(self) -> apsw.Connection:
        if self.path.is_dir():
            raise StoreFault(f"the search file {self.path} is a folder", permanent=True)
        try:
            connection = self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            self._prepare(connection)
        except (apsw.CantOpenError, apsw.ReadOnlyError):
            connection = self._open_immutable()
            self._prepare(connection)
        return connection

    def _prepare(self, connection: apsw.Connection) -> None:
        self._refuse_foreign(connection)
        if connection.readonly("main"):
            _add_missing_tables(connection)
            self.read_only = f"the search file {self.path} is read-only: records cannot be added"
            return
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("cache_size", -WRITER_CACHE_KIB)
        connection.pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        connection.pragma("journal_size_limit", WAL_KEPT_BYTES)
        with connection:
            if not _tables(connection) & OLD_TABLES:
                connection.execute(OLD_SCHEMA)
                connection.pragma("user_version", VERSION)
            for statements in OWN_SCHEMA.values():
                connection.execute(statements.format(schema=""))
            for table in FORMER_TABLES:
                connection.execute(f"DROP TABLE IF EXISTS {table}")

    def _refuse_foreign(self, connection: apsw.Connection) -> None:
        version = connection.pragma("user_version")
        if version > VERSION:
            message = f"the search file {self.path} has the newer format {version}: update Adjutant"
            raise StoreFault(message, permanent=True)
        tables = _tables(connection)
        if tables and not tables >= OLD_TABLES:
            message = f"{self.path} is a database but not a search file: it has no table `messages`"
            raise StoreFault(message, permanent=True)
        try:
            for statement in REQUIRED_QUERIES if tables else ():
                connection.execute(statement).fetchall()
        except apsw.SQLError as error:
            message = f"{self.path} is a database but not a search file: its tables differ ({error})"
            raise StoreFault(message, permanent=True) from None

    def _open_reader(self) -> FileReader:
        if self._immutable:  # noqa: SIM108 - the line would be too long
            connection = self._open_immutable()
        else:
            connection = self._connect(apsw.SQLITE_OPEN_READONLY)
        connection.pragma("cache_size", -READER_CACHE_KIB)
        _add_missing_tables(connection)
        return FileReader(connection)

    def _open_immutable(self) -> apsw.Connection:
        """Opens a file in a read-only folder, which cannot have a WAL index; nobody should write it then."""
        self._immutable = True
        uri = f"file:{quote(str(self.path.absolute()))}?immutable=1"
        return self._connect(apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, uri)

    def _connect(self, flags: int, name: str | None = None) -> apsw.Connection:
        connection = apsw.Connection(name or str(self.path), flags=flags)
        self._connections.append(connection)
        connection.set_busy_timeout(BUSY_MS)
        connection.execute("SELECT count(*) FROM sqlite_schema").get  # noqa: B018 - SQLite opens the file at the first read
        return connection

    def _identity_now(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_dev, found.st_ino


class FilePlace:
    """A search file by its path (store.Place)."""

    errors: tuple[type[Exception], ...] = (apsw.Error, StoreFault, OSError)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return f"the search file {self._path}"

    def open(self, readers: int) -> SearchFile:
        """Opens it, or makes it. Blocks."""
        return SearchFile(self._path, readers)

    def fault_of(self, error: Exception) -> StoreFault:
        """The error as a sentence."""
        return sentence_of(error, self._path)

    def version(self) -> Any:
        """Inode and time of the last change; None if there is no file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime

    def is_lost(self, error: Exception) -> bool:
        """Whether it has to be opened again after this error."""
        return isinstance(error, StoreFault | apsw.CorruptError | apsw.NotADBError | apsw.IOError)

    def is_full(self, error: Exception) -> bool:
        """Whether there was no room on the disk."""
        return isinstance(error, apsw.FullError)

    def has_room(self) -> bool:
        """Whether there is some again."""
        return shutil.disk_usage(self._path.parent).free >= FREE_AGAIN_BYTES


def sentence_of(error: Exception, path: Path) -> StoreFault:
    """SQLite's error as a sentence about the file."""
    if isinstance(error, StoreFault):
        return error
    if isinstance(error, apsw.NotADBError | apsw.CorruptError):
        message = f"the search file {path} is damaged ({error}): restore it from a backup, or remove it and"
        return StoreFault(f"{message} let the collectors fill a new one", permanent=True)
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return StoreFault(f"another program has locked the search file {path}")
    if isinstance(error, apsw.FullError):
        return StoreFault(f"the disk with the search file {path} is full: free some space to add records")
    if isinstance(error, apsw.IOError):
        # After a failed fsync nobody knows what is on disk (decision 41).
        return StoreFault(f"the search file {path} cannot be used: {error}", unknown=True)
    return StoreFault(f"the search file {path} cannot be used: {error}")


def _add_missing_tables(connection: apsw.Connection) -> None:
    """Adds empty tables, for this connection only, to a file that cannot be written."""
    for table in OWN_SCHEMA.keys() - _tables(connection):
        connection.execute(OWN_SCHEMA[table].format(schema="temp."))


def _tables(connection: apsw.Connection) -> frozenset[str]:
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return frozenset(name for (name,) in found)

"""The search file and its connections: one that writes, some that read, each used by one thread at a time."""

from __future__ import annotations

import contextlib
import os
import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw
import orjson

from sio_server import disk
from sio_server.search.ingest import Taking, people_in
from sio_server.search.schema import OLD, OLD_TABLES, OWN, READS, VERSION
from sio_server.search.time_index import Spans
from sio_server.search.words import Words

BUSY_MS = 2_000
READER_CACHE_KIB = 16_384
WRITER_CACHE_KIB = 32_768
CHECKPOINT_PAGES = 4_000
WAL_KEPT_BYTES = 64 << 20
ADOPTED_AT_ONCE = 1_000
NONE_ADOPTED = -(1 << 63)


class FileFault(Exception):
    """The file cannot be used; the message says why. `lasting`: only another file will do."""

    def __init__(self, message: str, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class Reader:
    """A connection that reads, with what it needs to take words apart."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.words = Words(connection)


class SearchFile:
    """An open file. Methods block: call them off the event loop. `read_only` is why it cannot be written.

    Errors: FileFault, apsw.Error.
    """

    def __init__(self, path: Path, readers: int) -> None:
        self.path = path
        self.spans = Spans()
        self.read_only: str | None = None
        self._immutable = False
        self._seen_version: int | None = None
        self._connections: list[apsw.Connection] = []
        try:
            self._writer = self._open_writer()
            self.taking = Taking(self._writer, self.spans)
            self._idle: queue.LifoQueue[Reader] = queue.LifoQueue()
            for _ in range(readers):
                self._idle.put(self._open_reader())
            self._identity = self._identity_now()
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def reader(self) -> Iterator[Reader]:
        """A reader that nobody else uses meanwhile."""
        reader = self._idle.get()
        try:
            yield reader
        finally:
            self._idle.put(reader)

    def check(self) -> None:
        """Sees that the file is still the one that was opened.

        Errors: FileFault.
        """
        if self._identity_now() != self._identity:
            raise FileFault(
                f"the search file {self.path} was removed or replaced while the server ran:"
                " put it back, or restart the server to begin a new one"
            )

    def adopt(self) -> bool:
        """Notes who wrote some of the records that the old system has put in; whether there may be more."""
        if self.read_only is not None:
            return False
        execute = self._writer.execute
        since = int(execute("SELECT value FROM adjutant_meta WHERE key = 'adopted'").get or NONE_ADOPTED)
        given, top = execute(
            "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'messages'), max(id) FROM messages"
        ).get
        if top is not None and max(given or top, top) < since:
            self._adopt_anew()
            return True
        if top is None or top <= since:
            return False
        rows: list[Any] = execute(
            "SELECT messages.id, CAST(metadata AS BLOB) FROM messages"
            " LEFT JOIN adjutant_records AS records ON records.id = messages.id"
            " WHERE messages.id > ? AND messages.id <= ? AND records.id IS NULL ORDER BY messages.id LIMIT ?",
            (since, top, ADOPTED_AT_ONCE),
        ).fetchall()
        more = len(rows) == ADOPTED_AT_ONCE
        with self._writer:
            self.taking.note_authors((id, _people(said)) for id, said in rows if said)
            reached = str(rows[-1][0] if more else top)
            execute("INSERT OR REPLACE INTO adjutant_meta VALUES ('adopted', ?)", (reached,))
        return more

    def _adopt_anew(self) -> None:
        """The old program gave the ids anew: what was noted is of other records."""
        with self._writer:
            self._writer.execute(
                "DELETE FROM adjutant_authors WHERE id NOT IN (SELECT id FROM adjutant_records);"
                "DELETE FROM adjutant_meta WHERE key = 'adopted'"
            )

    def look_again(self) -> None:
        """Sees whether another program removed records, or gave them to other sources, and forgets those.
        Cost: 20 ms for 400,000 records when another program wrote, 0.7 s when it did that, else nothing."""
        execute = self._writer.execute
        version = self._writer.pragma("data_version")
        if version == self._seen_version:
            return
        execute("BEGIN")  # all that it reads is of one moment
        try:
            self.spans.catch_up(self._writer)
            changed = not self.spans.agree(self._writer)
            if changed:
                self.spans.read_anew(self._writer)
        finally:
            if self._writer.in_transaction:
                execute("ROLLBACK")
        if self.read_only is None and (changed or self._seen_version is None):
            with self._writer:
                for table in ("adjutant_authors", "adjutant_records"):
                    execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM messages)")
        self._seen_version = version

    def may_be_written(self) -> bool:
        """Whether a file that was read-only is so no longer: it must be opened anew then."""
        if not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            return False
        try:
            connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE)
        except apsw.Error:
            return False
        with contextlib.closing(connection):
            return not connection.readonly("main")

    def probe(self) -> None:
        """Really writes something, to see that it can."""
        with self._writer:
            self._writer.execute(
                "INSERT OR REPLACE INTO adjutant_meta VALUES ('probe', ?)", (str(time.time()),)
            )

    def size_bytes(self) -> int:
        """What it takes on disk."""
        return disk.size_bytes(self.path)

    def close(self) -> None:
        """Leaves no WAL file behind when nobody else has the file open."""
        for connection in reversed(self._connections):
            with contextlib.suppress(apsw.Error):
                connection.close()

    def _open_writer(self) -> apsw.Connection:
        if self.path.is_dir():
            raise FileFault(f"the search file {self.path} is a folder", lasting=True)
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
            self.read_only = f"the search file {self.path} is read-only: records cannot be added"
            return
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("cache_size", -WRITER_CACHE_KIB)
        connection.pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        connection.pragma("journal_size_limit", WAL_KEPT_BYTES)
        with connection:
            if not _tables(connection) & OLD_TABLES:
                connection.execute(OLD)
                connection.pragma("user_version", VERSION)
            connection.execute(OWN.format(schema=""))

    def _refuse_foreign(self, connection: apsw.Connection) -> None:
        version = connection.pragma("user_version")
        if version > VERSION:
            message = f"the search file {self.path} is from a newer version ({version}): update this program"
            raise FileFault(message, lasting=True)
        tables = _tables(connection)
        if tables and not tables >= OLD_TABLES:
            message = f"{self.path} is a database, but no search file: it has no table `messages`"
            raise FileFault(message, lasting=True)
        try:
            for statement in READS if tables else ():
                connection.execute(statement).fetchall()
        except apsw.SQLError as error:
            message = f"{self.path} is a database, but no search file: its tables are others ({error})"
            raise FileFault(message, lasting=True) from None

    def _open_reader(self) -> Reader:
        if self._immutable:  # noqa: SIM108 - the line would be too long
            connection = self._open_immutable()
        else:
            connection = self._connect(apsw.SQLITE_OPEN_READONLY)
        connection.pragma("cache_size", -READER_CACHE_KIB)
        if "adjutant_records" not in _tables(connection):
            connection.execute(OWN.format(schema="temp."))
        return Reader(connection)

    def _open_immutable(self) -> apsw.Connection:
        """Where not even the files beside it can be written. Nobody can write it then, it is hoped."""
        self._immutable = True
        uri = f"file:{quote(str(self.path.absolute()))}?immutable=1"
        return self._connect(apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, uri)

    def _connect(self, flags: int, name: str | None = None) -> apsw.Connection:
        connection = apsw.Connection(name or str(self.path), flags=flags)
        self._connections.append(connection)
        connection.set_busy_timeout(BUSY_MS)
        connection.execute("SELECT count(*) FROM sqlite_schema").get  # noqa: B018 - opens it really
        return connection

    def _identity_now(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_dev, found.st_ino


def sentence_of(error: Exception, path: Path) -> FileFault:
    """What an error of SQLite means for the whole file."""
    if isinstance(error, FileFault):
        return error
    if isinstance(error, apsw.NotADBError | apsw.CorruptError):
        message = f"the search file {path} is damaged ({error}): restore it from a backup, or remove it and"
        return FileFault(f"{message} let the collectors fill a new one", lasting=True)
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return FileFault(f"another program has locked the search file {path}")
    if isinstance(error, apsw.FullError):
        return FileFault(f"the disk of the search file {path} is full: records can be added when it has room")
    return FileFault(f"the search file {path} cannot be used: {error}")


def _tables(connection: apsw.Connection) -> frozenset[str]:
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return frozenset(name for (name,) in found)


def _people(said: bytes) -> tuple[str, ...]:
    """Those in an old record's metadata, which may be no JSON, or no text at all."""
    try:
        record = orjson.loads(said)
    except orjson.JSONDecodeError:
        return ()
    meta = record.get("meta") if isinstance(record, dict) else None
    return people_in(record) + people_in(meta)

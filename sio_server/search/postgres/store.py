"""The records of one board in a database (store.Store), and where that is (store.Place)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg

from sio_server.log.base import LogError
from sio_server.log.postgres.session import in_a_line, shown
from sio_server.people.entries import Entry
from sio_server.registry.ops import Json
from sio_server.search.cancellation import Cancellation, Interrupted
from sio_server.search.faults import StoreFault
from sio_server.search.ingest import PutResult, RecordBatch
from sio_server.search.people import PeopleBatch
from sio_server.search.postgres import people, tables
from sio_server.search.postgres.feed import BOARD, BoardRow, Feed
from sio_server.search.postgres.ingest import PostgresIngest
from sio_server.search.postgres.labels import PostgresLabels
from sio_server.search.postgres.rows import PostgresRows
from sio_server.search.postgres.session import Interrupt, RecordsSession
from sio_server.search.postgres.texts import PostgresTexts
from sio_server.search.postgres.vocabulary import PostgresVocabulary
from sio_server.search.runs import Runs
from sio_server.search.store import Reader
from sio_server.search.tokenizer import Tokenizer

T = TypeVar("T")

_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('adjutant tables'))"
"""Of two servers that start at once, one waits for the other's tables; the log uses the same lock."""
_MAKE = (
    f"INSERT INTO {tables.BOARDS} (board, layout, version, mark, top, records, tokens, labels, people)"
    f" VALUES (%s, {tables.NEWEST}, 0, '', 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING"
)
_LOST = ("08", "57")
"""Classes of errors after which a connection is gone: of connections, and of whoever runs the database."""
_STANDBY = "25006"
"""The database cannot be written: it is a standby now, and another one is the primary."""


class _Session(Reader):
    """A reader, with its session."""

    def __init__(self, session: RecordsSession, no: int, feed: Feed) -> None:
        self.session = session
        tokenizer = Tokenizer.alone()
        super().__init__(
            tokenizer,
            PostgresTexts(session, no, feed, tokenizer),
            PostgresLabels(session, no, tokenizer),
            Runs(PostgresVocabulary(session, feed)),
            PostgresRows(session),
        )


class PostgresStore:
    """The open records (store.Store). Errors: those of PostgresPlace."""

    read_only = None

    def __init__(self, url: str, board: str, readers: int) -> None:
        self._board = board
        self._feed = Feed()
        self._people = 0
        self._size_bytes = 0
        self._sized: tuple[int, str] | None = None
        self._closed = threading.Event()
        self._writer = RecordsSession(url, board)
        sessions = [RecordsSession(url, board) for _ in range(readers)]
        self._sessions = [self._writer, *sessions]
        self._idle: queue.LifoQueue[_Session] = queue.LifoQueue()
        try:
            no = self._prepare(url)
            self._ingest = PostgresIngest(self._writer, no, Tokenizer.alone())
            for session in sessions:
                self._idle.put(_Session(session, no, self._feed))
            self.catch_up()
            self.notice_other_writers()
        except BaseException:
            self.close()
            raise
        self.time_index = self._feed.time_index

    def look(self, search: Cancellation, ask: Callable[[Reader], T]) -> T | None:
        """Reads from one snapshot; None if the search was cancelled."""
        with self._reader() as reader:
            interrupt = Interrupt(reader.session)
            try:
                search.attach(interrupt)
                self._begin(reader.session)
                return ask(reader)
            except Interrupted:
                return None
            finally:
                search.detach()
                interrupt.settle()
                reader.session.roll_back()

    def put(self, batch: RecordBatch) -> PutResult:
        """Stores the batch; it is on disk when this returns. Errors: also Refusal."""
        result = self._ingest.put(batch, self.time_index.counts[batch.source])
        self.catch_up()
        result.held = self.time_index.counts[batch.source]
        return result

    def put_people(self, batch: PeopleBatch) -> Json:
        """Stores people. Shape: models.people.PutPeopleDone."""
        return people.put(self._writer, batch)

    def entries(self) -> list[Entry]:
        """All people of all sources, in a stable order."""
        return people.entries(self._writer)

    def catch_up(self) -> None:
        """Takes into memory what any server has put."""
        with self._reader() as reader:
            try:
                self._begin(reader.session)
            finally:
                reader.session.roll_back()

    def notice_other_writers(self) -> bool:
        """Whether another server changed the people; also finds out how large all is."""
        [row] = self._writer.rows(BOARD, (self._board,))
        board = BoardRow(*row)
        if self._sized != (board.version, board.mark):
            query = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name"
            self._size_bytes = int(self._writer.rows(query, ([*tables.ALL],))[0][0])
            self._sized = board.version, board.mark
        before, self._people = self._people, board.people
        return before != board.people

    def adopt(self) -> bool:
        """There are no rows of other programs."""
        return False

    def has_become_writable(self) -> bool:
        """It is never read-only by itself."""
        return True

    def probe(self) -> None:
        """Checks that the database can be written, by a small write."""
        self._writer.run(f"UPDATE {tables.BOARDS} SET people = people WHERE board = %s", (self._board,))

    def size_bytes(self) -> int:
        """The size of all boards' records in this database, as of the last look."""
        return self._size_bytes

    def close(self) -> None:
        """Ends all sessions; a thread that is using one gets an error."""
        self._closed.set()
        for session in self._sessions:
            session.shut()
        self._writer.drop()
        idle = []
        with suppress(queue.Empty):
            while True:
                idle.append(self._idle.get_nowait())
        for reader in idle:
            reader.session.drop()
            self._idle.put(reader)  # whoever waits for one must not wait for ever

    @contextmanager
    def _reader(self) -> Iterator[_Session]:
        """A reader for this thread alone."""
        reader = self._idle.get()
        try:
            if self._closed.is_set():
                raise StoreFault("the records are being opened again")
            yield reader
        finally:
            if self._closed.is_set():
                reader.session.drop()
            self._idle.put(reader)

    def _begin(self, session: RecordsSession) -> None:
        """Begins a snapshot, and takes what it has into memory."""
        found = session.begin(_SNAPSHOT, BOARD, (self._board,), reads=True)
        if not found:
            raise StoreFault(f"the records of the board {self._board} were removed from the database")
        board = BoardRow(*found[0])
        session.position = board.version, board.mark
        self._feed.catch_up(session, board)

    def _prepare(self, url: str) -> int:
        """Makes what is missing; returns the board's number."""
        connection = self._writer.connection
        with connection.transaction():
            connection.execute(_ONE_AT_A_TIME)
            there = "SELECT to_regclass(%s) IS NOT NULL"
            [[made]] = connection.execute(there, (tables.BOARDS,)).fetchall()
            if not made:  # else no right to make tables is needed
                for statement in tables.create():
                    connection.execute(statement.encode())
            connection.execute(_MAKE.encode(), (self._board,))
        query = f"SELECT no, layout FROM {tables.BOARDS} WHERE board = %s"
        [[no, layout]] = self._writer.rows(query, (self._board,))
        if layout > tables.NEWEST:
            where = f"the records of the board {self._board} in {shown(url)}"
            raise StoreFault(f"{where} are from a newer version of Adjutant: update this one")
        return int(no)


class PostgresPlace:
    """A board's records in a database (store.Place)."""

    errors: tuple[type[Exception], ...] = (psycopg.Error, LogError, StoreFault, OSError)

    def __init__(self, url: str, board: str) -> None:
        self._url = url
        self._board = board

    def __str__(self) -> str:
        return shown(self._url)

    def open(self, readers: int) -> PostgresStore:
        """Opens them, and makes the tables where they are missing. Blocks."""
        return PostgresStore(self._url, self._board, readers)

    def fault_of(self, error: Exception) -> StoreFault:
        """The error as a sentence."""
        if isinstance(error, StoreFault):
            return error
        if isinstance(error, psycopg.Error):
            return StoreFault(f"{self} cannot be used: {in_a_line(error)}")
        return StoreFault(str(error))

    def version(self) -> Any:
        """Never the same: whatever is wrong may have been mended there."""
        return object()

    def is_lost(self, error: Exception) -> bool:
        """Whether it has to be opened again after this error."""
        if not isinstance(error, psycopg.Error):
            return True
        state = error.sqlstate
        if state is None:
            return isinstance(error, psycopg.OperationalError)
        return state == _STANDBY or state[:2] in _LOST

    def is_full(self, error: Exception) -> bool:
        """Whether it has no room on its disk."""
        return isinstance(error, psycopg.errors.DiskFull)

    def has_room(self) -> bool:
        """Its disk cannot be seen from here: a small write shows."""
        return True

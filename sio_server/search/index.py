"""The index in its process: its threads, and the state of its store.

Searches run on a few threads, each with its own connection; puts run on one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel

from sio_server.clock import MachineClock
from sio_server.people.directory import NOBODY, Directory
from sio_server.people.entries import Entry
from sio_server.registry.errors import Refusal, draining
from sio_server.registry.ops import Json
from sio_server.registry.records import MOST_RECORDS, Most
from sio_server.search.answer import SearchRequest, answer, instant_of, no_hits
from sio_server.search.cancellation import QUOTES_BUDGET_S, Cancellation, Searches
from sio_server.search.faults import StoreFault, maybe_stored, unavailable
from sio_server.search.ingest import RecordBatch
from sio_server.search.opened import OpenRequest, opened
from sio_server.search.people import PeopleBatch
from sio_server.search.quotes import QuoteRequest, Quotes, no_quotes
from sio_server.search.store import Place, Reader, Store
from sio_server.search.time_index import TimeIndex

MAINTAIN_EVERY_S = 2.0  # a file that was replaced, repaired or filled by another program is seen this soon
ADOPT_EVERY_S = 0.05
"""Between two rounds of adopting old rows, so that puts and searches get a turn."""
READERS = max(2, min(4, os.cpu_count() or 2))  # SQLite releases the interpreter's lock while it searches

log = logging.getLogger("adjutant.search")

T = TypeVar("T")
Report = Callable[[Json, str | None], None]
"""Called with the summary (models.search.SearchSummary) and the fault, if any."""
Meet = Callable[[Sequence[Entry]], None]
"""Called with all people in the directory."""


class Index:
    """Stores and finds records. Before `start`, and while the file is unusable, it refuses everything.

    It reports its state after every check of the file. `lanes`: of threads that it shares, for searches and
    for puts, and how many searches run at once; without them it has threads of its own.
    """

    def __init__(
        self,
        place: Place,
        clock: MachineClock,
        report: Report = lambda summary, fault: None,
        meet: Meet = lambda people: None,
        lanes: tuple[Executor, Executor, int] | None = None,
    ) -> None:
        self._place = place
        self._clock = clock
        self._report = report
        self._meet = meet
        self.people = NOBODY
        self._readers, self._writer, self._width = lanes or _own_threads()
        self._file: Store | None = None
        self._fault: StoreFault | None = StoreFault("the search file is not open yet")
        self._faulty_version: Any = None
        self._write_fault: str | None = None
        self._full = False
        self._searches = Searches()
        self._tasks: list[asyncio.Task[None]] = []
        self._puts = 0
        self._stopping = False

    memory_bytes = 0
    """It has no process of its own (search.Backend)."""

    async def start(self) -> None:
        """Opens the file and maintains it. A file that cannot be used sets `fault`."""
        await self._open()
        self._tasks.append(asyncio.create_task(self._maintain()))

    async def stop(self, within_s: float) -> None:
        """Finishes the waiting puts if there is time, and closes the file."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        self._searches.cancel()
        emptied = asyncio.ensure_future(asyncio.to_thread(self._writer.shutdown))
        await asyncio.wait([emptied], timeout=within_s)
        self._writer.shutdown(wait=False, cancel_futures=True)
        self._readers.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._readers.shutdown)
        await emptied
        if self._file is not None:
            await asyncio.to_thread(self._file.close)
        self._file, self._fault = None, StoreFault("the server is stopping")

    async def put(
        self,
        source: str,
        records: Sequence[Any],
        model: type[BaseModel],
        key: tuple[str, str] | None,
        most: Most = MOST_RECORDS,
    ) -> tuple[Json, bool]:
        """Stores records; returns the answer (models.records.PutRecordsDone) and whether it is a replay."""
        file = self._opened(to_write=True)
        batch = RecordBatch(source, records, model, key, most)
        self._puts += 1
        try:
            result = await self._run_on(self._writer, file, lambda: file.put(batch))
        finally:
            self._puts -= 1
        self._write_fault, self._full = None, False
        return result.answer(), result.replayed

    async def put_people(
        self, source: str, people: Sequence[Any], model: type[BaseModel], spared: Sequence[str] | None
    ) -> Json:
        """Stores people. Shape: models.people.PutPeopleDone."""
        file = self._opened(to_write=True)
        batch = PeopleBatch(source, people, model, spared)
        done = await self._run_on(self._writer, file, lambda: file.put_people(batch))
        if done["added"] or done["changed"] or done["removed"]:
            await self._read_people(file)
        return done

    async def search(self, client: int, *, channel: str | None = None, **fields: Any) -> Json:
        """Shape: models.search.Hits."""
        file = self._opened()
        request = SearchRequest(**fields)
        began = time.perf_counter()
        with self._searches.one(client, channel) as search:
            hits = await self._run_on(self._readers, file, lambda: self._search(file, request, search))
        return hits | {"took_ms": round((time.perf_counter() - began) * 1000, 2)}

    async def quotes(self, **fields: Any) -> Json:
        """Shape: see quotes.Quotes.of."""
        file = self._opened()
        request = QuoteRequest(**fields)
        with self._searches.one(0, None, QUOTES_BUDGET_S) as search:
            return await self._run_on(self._readers, file, lambda: self._quotes(file, request, search))

    async def record(self, **fields: Any) -> Json:
        """Shape: models.search.Record. Errors: also Refusal with not_found."""
        file = self._opened()
        request = OpenRequest(**fields)
        with self._searches.one(0, None) as search:
            return await self._run_on(self._readers, file, lambda: _opened(file, request, search))

    async def summary(self) -> Json:
        """Shape: models.search.SearchSummary, including the newest records."""
        file = self._opened()
        await self._run_on(self._readers, file, file.catch_up)
        return self.known

    @property
    def known(self) -> Json:
        """Shape: models.search.SearchSummary, as of the last check of the file."""
        return _summary(self._file)

    @property
    def fault(self) -> str | None:
        """What does not work, in a sentence; None if everything does."""
        if self._fault is not None:
            return str(self._fault)
        return self._write_fault or (self._file.read_only if self._file is not None else None)

    def report(self) -> None:
        """Reports the state of the file now."""
        self._report(self.known, self.fault)

    # On the threads.

    def _search(self, file: Store, request: SearchRequest, search: Cancellation) -> Json:
        def ask(reader: Reader) -> Json:
            now_s = self._clock.wall()
            return answer(reader, file.time_index, request, now_s, search.is_cancelled, self.people)

        found = file.look(search, ask)
        if found is None or search.superseded:
            return no_hits(superseded=search.superseded, partial=found is None)
        return found

    def _quotes(self, file: Store, request: QuoteRequest, search: Cancellation) -> Json:
        def ask(reader: Reader) -> Json:
            now_s = self._clock.wall()
            return Quotes(reader, file.time_index, now_s, search.is_cancelled, self.people).of(request)

        return file.look(search, ask) or no_quotes()

    # Maintaining the file.

    async def _run_on(self, threads: Executor, file: Store, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except self._place.errors as error:
            self._refuse(error, file, threads is self._writer)
        except (asyncio.CancelledError, RuntimeError):
            if not self._stopping:
                raise
            raise draining() from None  # the executor was shut down

    def _refuse(self, error: Exception, file: Store, writing: bool) -> NoReturn:
        fault = self._place.fault_of(error)
        log.error("%s", fault)
        if file is not self._file:  # a late error of a file closed since
            pass
        elif self._place.is_lost(error):
            self._close(fault)
        elif writing:
            self._write_fault, self._full = str(fault), self._place.is_full(error)
        if writing and fault.unknown:
            raise maybe_stored(str(fault)) from None
        raise unavailable(str(fault)) from None

    def _close(self, fault: StoreFault) -> None:
        """Closes the file because of this fault; `_maintain` reopens it when that may help."""
        file, self._file, self._fault = self._file, None, fault
        self._faulty_version = self._place.version() if fault.permanent else None
        if file is not None and not self._stopping:
            self._writer.submit(file.close)

    async def _open(self) -> None:
        try:
            self._file = await asyncio.get_running_loop().run_in_executor(
                self._writer, lambda: self._place.open(self._width)
            )
        except self._place.errors as error:
            fault = self._place.fault_of(error)
            if str(fault) != str(self._fault):
                log.error("%s; search is off, everything else works", fault)
            self._close(fault)
            return
        self._fault = self._faulty_version = self._write_fault = None
        self._full = False
        if self._file.read_only is not None:
            log.warning("%s", self._file.read_only)
        await self._read_people(self._file)

    async def _read_people(self, file: Store) -> None:
        """Rebuilds the directory, and reports it."""
        entries = await self._run_on(self._writer, file, file.entries)
        self.people = await asyncio.to_thread(Directory, entries)
        self._meet(entries)

    async def _maintain(self) -> None:
        while not self._stopping:
            pause_s = MAINTAIN_EVERY_S
            try:
                pause_s = await self._maintain_once()
            except Refusal:
                pass  # already in the log and in /ready
            except Exception:
                log.exception("a check of %s failed; the next one follows", self._place)
            self.report()
            await asyncio.sleep(pause_s)

    async def _maintain_once(self) -> float:
        """Reopens the file if that may help, and takes over other programs' changes.

        Returns the seconds to wait before the next time.
        """
        file = self._file
        if file is None:
            if self._place.version() != self._faulty_version:  # replaced or removed; or the fault may pass
                await self._open()
            return MAINTAIN_EVERY_S
        if file.read_only is not None and await self._run_on(self._writer, file, file.has_become_writable):
            self._close(StoreFault(f"{self._place} is being opened again"))
            await self._open()
            return MAINTAIN_EVERY_S
        await self._run_on(self._readers, file, file.catch_up)
        if self._write_fault is not None and not (self._full and not self._place.has_room()):
            await self._run_on(self._writer, file, file.probe)
            self._write_fault, self._full = None, False
        if self._puts:
            return MAINTAIN_EVERY_S
        if await self._run_on(self._writer, file, file.notice_other_writers):
            await self._read_people(file)
        more = await self._run_on(self._writer, file, file.adopt)
        return ADOPT_EVERY_S if more else MAINTAIN_EVERY_S

    def _opened(self, *, to_write: bool = False) -> Store:
        if self._stopping:
            raise draining()
        if self._file is None:
            raise unavailable(str(self._fault))
        if to_write and self._file.read_only is not None:
            raise unavailable(self._file.read_only)
        return self._file


def _own_threads() -> tuple[Executor, Executor, int]:
    searches = ThreadPoolExecutor(READERS, thread_name_prefix="search")
    return searches, ThreadPoolExecutor(1, thread_name_prefix="records"), READERS


def _opened(file: Store, request: OpenRequest, search: Cancellation) -> Json:
    found = file.look(search, lambda reader: opened(reader.rows, file.time_index, request))
    if found is None:
        raise unavailable("reading the record took too long")
    return found


def _summary(file: Store | None) -> Json:
    index = TimeIndex() if file is None else file.time_index
    return {
        "records": index.records,
        "by_source": dict(sorted(index.counts.items())),
        "oldest": _instant(index.oldest_s),
        "newest": _instant(index.newest_s),
        "bytes": 0 if file is None else file.size_bytes(),
    }


def _instant(at_s: int | None) -> str | None:
    return None if at_s is None else instant_of(at_s)

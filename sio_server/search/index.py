"""The index as its own process runs it: a time budget, typing ahead, what is wrong with the file.

Searches run on a few threads, each with a connection of its own; puts run on one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import apsw
from pydantic import BaseModel

from sio_server.clock import Clock
from sio_server.registry.errors import Refusal, draining
from sio_server.registry.records import Json
from sio_server.search.answer import Asked, answer, instant_of, nothing
from sio_server.search.cancellation import Running
from sio_server.search.faults import unavailable
from sio_server.search.file import FileFault, Reader, SearchFile, sentence_of
from sio_server.search.ingest import Batch, Taken
from sio_server.search.time_index import Spans

BUDGET_S = 0.5
REPAIR_EVERY_S = 2.0
FREE_AGAIN_BYTES = 16 << 20
"""With so much room on its disk a file that was full is no longer."""
ADOPT_EVERY_S = 0.05
READERS = max(2, min(4, os.cpu_count() or 2))

log = logging.getLogger("adjutant.search")

T = TypeVar("T")


class Index:
    """The records and what finds them. Until `start`, and while the file is bad, all is refused."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="search")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._file: SearchFile | None = None
        self._fault: FileFault | None = FileFault("the search file is not open yet")
        self._bad: tuple[int, float] | None = None
        self._write_fault: str | None = None
        self._full = False
        self._channels: dict[tuple[int, str | None], Running] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._running: set[Running] = set()
        self._puts = 0
        self._stopping = False
        self.on_look: Callable[[], None] = lambda: None

    memory_bytes = 0
    """None of its own (search.Backend)."""

    async def start(self) -> None:
        """Opens the file, and goes on looking after it. What is wrong with it is said, not raised."""
        await self._open()
        self._tasks.append(asyncio.create_task(self._look_after()))

    async def stop(self, within_s: float) -> None:
        """Finishes the puts that wait, while there is time, and closes the file."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        for running in self._running:
            running.stop()
        emptied = asyncio.ensure_future(asyncio.to_thread(self._writer.shutdown))
        await asyncio.wait([emptied], timeout=within_s)
        self._writer.shutdown(wait=False, cancel_futures=True)
        self._readers.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._readers.shutdown)
        await emptied
        if self._file is not None:
            await asyncio.to_thread(self._file.close)
        self._file, self._fault = None, FileFault("the server is stopping")

    async def put(
        self, source: str, records: Sequence[Any], given: type[BaseModel], key: tuple[str, str] | None
    ) -> tuple[Json, bool]:
        """The answer (models.records.PutRecordsDone), and whether the op got it before."""
        file = self._opened()
        if file.read_only is not None:
            raise unavailable(file.read_only)
        batch = Batch(source, records, given, key)
        self._puts += 1
        try:
            taken = await self._on(self._writer, file, lambda: self._put(file, batch))
        finally:
            self._puts -= 1
        self._write_fault, self._full = None, False
        return taken.answer(), taken.replayed

    async def search(self, client: int, *, channel: str | None = None, **asked: Any) -> Json:
        """Shape: models.search.Hits."""
        file = self._opened()
        running = self._begin((client, channel))
        watch = asyncio.get_running_loop().call_later(BUDGET_S, self._watch, running)
        began = time.perf_counter()
        try:
            hits = await self._on(self._readers, file, lambda: self._search(file, Asked(**asked), running))
        finally:
            watch.cancel()
            self._end((client, channel), running)
        return hits | {"took_ms": round((time.perf_counter() - began) * 1000, 2)}

    async def summary(self) -> Json:
        """Shape: models.search.SearchSummary; with what has just come."""
        file = self._opened()
        await self._on(self._readers, file, lambda: self._catch_up(file))
        return self.known

    @property
    def known(self) -> Json:
        """Shape: models.search.SearchSummary."""
        file = self._file
        spans = Spans() if file is None else file.spans
        return {
            "records": spans.records,
            "by_source": dict(sorted(spans.counts.items())),
            "oldest": _instant(spans.oldest_s),
            "newest": _instant(spans.newest_s),
            "bytes": 0 if file is None else file.size_bytes(),
        }

    @property
    def fault(self) -> str | None:
        """What does not work, in a sentence; None when all does."""
        if self._fault is not None:
            return str(self._fault)
        return self._write_fault or (self._file.read_only if self._file is not None else None)

    # On the threads.

    def _put(self, file: SearchFile, batch: Batch) -> Taken:
        file.check()
        return file.taking.put(batch, self._clock.wall())

    def _search(self, file: SearchFile, asked: Asked, running: Running) -> Json:
        if running.over:
            return nothing(superseded=running.superseded, partial=True)
        file.check()
        with file.reader() as reader:
            try:
                return self._search_with(reader, file, asked, running)
            except apsw.InterruptError:
                return nothing(superseded=running.superseded, partial=True)
            finally:
                running.end()

    def _search_with(self, reader: Reader, file: SearchFile, asked: Asked, running: Running) -> Json:
        connection = reader.connection
        connection.execute("BEGIN")  # all that it reads is of one moment
        try:
            file.spans.catch_up(connection)  # before it begins: it must not be interrupted
            running.begin(connection)
            found = answer(connection, reader.words, file.spans, asked, self._clock.wall(), running.is_over)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return nothing(superseded=True) if running.superseded else found

    def _catch_up(self, file: SearchFile) -> None:
        file.check()
        with file.reader() as reader:
            file.spans.catch_up(reader.connection)

    def _begin(self, key: tuple[int, str | None]) -> Running:
        running = Running()
        self._running.add(running)
        if key[1] is not None:
            older = self._channels.get(key)
            if older is not None:
                older.stop(superseded=True)
            self._channels[key] = running
        return running

    def _end(self, key: tuple[int, str | None], running: Running) -> None:
        running.stop()  # where nobody waits for it any more, its thread need not go on
        self._running.discard(running)
        if self._channels.get(key) is running:
            del self._channels[key]

    # Looking after the file.

    async def _on(self, threads: ThreadPoolExecutor, file: SearchFile, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except (apsw.Error, FileFault, OSError) as error:
            self._failed(error, file, threads is self._writer)
        except (asyncio.CancelledError, RuntimeError):
            if not self._stopping:
                raise
            raise draining() from None  # the thread took it no more

    def _failed(self, error: Exception, file: SearchFile, writing: bool) -> NoReturn:
        fault = sentence_of(error, self._path)
        log.error("%s", fault)
        if file is not self._file:  # one that was closed since: it says nothing about the one that is open
            pass
        elif isinstance(error, FileFault | apsw.CorruptError | apsw.NotADBError):
            self._give_up(fault)
        elif writing:
            self._write_fault, self._full = str(fault), isinstance(error, apsw.FullError)
        raise unavailable(str(fault)) from None

    def _give_up(self, fault: FileFault) -> None:
        """Closes the file; it is opened again when that may help."""
        file, self._file, self._fault = self._file, None, fault
        self._bad = _stamp(self._path) if fault.lasting else None
        if file is not None and not self._stopping:
            self._writer.submit(file.close)

    async def _open(self) -> None:
        try:
            self._file = await asyncio.get_running_loop().run_in_executor(
                self._writer, lambda: SearchFile(self._path, READERS)
            )
        except (apsw.Error, FileFault, OSError) as error:
            fault = sentence_of(error, self._path)
            if str(fault) != str(self._fault):
                log.error("%s; search is off, all else works", fault)
            self._give_up(fault)
            return
        self._fault = self._bad = self._write_fault = None
        self._full = False
        if self._file.read_only is not None:
            log.warning("%s", self._file.read_only)

    async def _look_after(self) -> None:
        while not self._stopping:
            pause_s = REPAIR_EVERY_S
            try:
                pause_s = await self._look_once()
            except Refusal:
                pass  # it is in the log, and in /ready
            except Exception:
                log.exception("looking after the search file %s failed; it goes on", self._path)
            self.on_look()
            await asyncio.sleep(pause_s)

    async def _look_once(self) -> float:
        """Opens the file again when it may have become good, and takes in what the old system did to it;
        when to look next."""
        file = self._file
        if file is None:
            if _stamp(self._path) != self._bad:  # put back, replaced, or removed; or it may go now
                await self._open()
            return REPAIR_EVERY_S
        if file.read_only is not None and await self._on(self._writer, file, file.may_be_written):
            self._give_up(FileFault(f"the search file {self._path} is being opened again"))
            await self._open()
            return REPAIR_EVERY_S
        await self._on(self._readers, file, partial(self._catch_up, file))
        if self._write_fault is not None and not (self._full and self._has_no_room()):
            await self._on(self._writer, file, file.probe)
            self._write_fault, self._full = None, False
        if self._puts:
            return REPAIR_EVERY_S
        await self._on(self._writer, file, file.look_again)
        return ADOPT_EVERY_S if await self._on(self._writer, file, file.adopt) else REPAIR_EVERY_S

    def _has_no_room(self) -> bool:
        return shutil.disk_usage(self._path.parent).free < FREE_AGAIN_BYTES

    def _watch(self, running: Running) -> None:
        """The budget is of a search's own time: what it waited before it began does not count."""
        loop = asyncio.get_running_loop()
        if running.over:
            return
        if running.began_at is None:
            loop.call_later(BUDGET_S / 10, self._watch, running)
            return
        left_s = running.began_at + BUDGET_S - time.monotonic()
        if left_s > 0:
            loop.call_later(left_s, self._watch, running)
        else:
            running.stop()

    def _opened(self) -> SearchFile:
        if self._stopping:
            raise draining()
        if self._file is None:
            raise unavailable(str(self._fault))
        return self._file


def _instant(at_s: int | None) -> str | None:
    return None if at_s is None else instant_of(at_s)


def _stamp(path: Path) -> tuple[int, float] | None:
    """Tells one file, and one state of it, from another; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime

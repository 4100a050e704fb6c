"""What the server does about its search file while it runs, whatever becomes of the file."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import pytest

from models.records import GivenRecord
from sio_server.clock import SystemClock
from sio_server.registry.errors import Refusal
from sio_server.search import index as indexing
from sio_server.search.cancellation import Cancellation, Interrupted, Searches
from sio_server.search.faults import StoreFault
from sio_server.search.file import FilePlace, SearchFile
from sio_server.search.index import Index
from tests.running import WAIT_S, until
from tests.search import old_file
from tests.search.shelf import record

Json = Any


class Usage(NamedTuple):
    """Of a disk, in bytes."""

    total: int
    used: int
    free: int


@pytest.fixture
async def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Index]:
    monkeypatch.setattr(indexing, "MAINTAIN_EVERY_S", 0.01)
    old_file.make(tmp_path / "search.db")
    opened = Index(FilePlace(tmp_path / "search.db"), SystemClock())
    await opened.start()
    yield opened
    await opened.stop(5.0)


async def put(search: Index, *records: Json) -> Json:
    answer, _ = await search.put("notes", records, GivenRecord, None)
    return answer


async def total(search: Index, query: str) -> int:
    answer: Json = await search.search(1, query=query)
    found: int = answer["total"]
    return found


def opened(search: Index) -> SearchFile:
    assert isinstance(search._file, SearchFile)
    return search._file


async def test_looking_after_the_file_goes_on_whatever_happens_in_it(
    search: Index, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looked = asyncio.Event()
    loop = asyncio.get_running_loop()
    times = 0

    def fail(self: SearchFile) -> None:
        nonlocal times
        times += 1
        if times == 3:
            loop.call_soon_threadsafe(looked.set)
        raise ValueError("something odd")

    monkeypatch.setattr(SearchFile, "notice_other_writers", fail)
    await asyncio.wait_for(looked.wait(), WAIT_S)
    assert "something odd" in caplog.text
    assert await total(search, "budget") == 4


async def test_a_full_disk_is_told_until_it_has_room_or_a_put_succeeds(
    search: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 100, 0))
    writer = opened(search)._writer
    for again in range(2):
        pages = writer.pragma("page_count")
        writer.pragma("max_page_count", pages)
        many = [record(f"r{again}-{n}", f"word{n} " * 500) for n in range(50)]
        with pytest.raises(Refusal, match="is full"):
            await put(search, *many)
        writer.pragma("max_page_count", 1 << 30)
        await search._maintain_once()
        assert "is full" in (search.fault or ""), "a single row would fit, and proves nothing"
        if again:
            monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 0, 1 << 30))
            await search._maintain_once()
        else:
            assert (await put(search, *many))["indexed"] == 50
        assert search.fault is None


async def test_a_late_fault_of_a_file_that_was_closed_does_not_close_the_one_that_is_open(
    search: Index, tmp_path: Path
) -> None:
    old_file.make(tmp_path / "other.db")
    closed = SearchFile(tmp_path / "other.db", 1)
    closed.close()

    def late() -> None:
        raise StoreFault("it was removed")

    def late_write() -> None:
        raise apsw.FullError("database or disk is full")

    for threads, work in ((search._readers, late), (search._writer, late_write)):
        with pytest.raises(Refusal):
            await search._run_on(threads, closed, work)
    assert search.fault is None
    assert await total(search, "budget") == 4


async def test_a_file_that_can_be_written_again_is_opened_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_file.make(tmp_path / "search.db")
    connect = SearchFile._connect

    def read_only(self: SearchFile, flags: int, name: str | None = None) -> apsw.Connection:
        return connect(self, apsw.SQLITE_OPEN_READONLY, name)

    search = Index(FilePlace(tmp_path / "search.db"), SystemClock())
    with monkeypatch.context() as patch:
        patch.setattr(SearchFile, "_connect", read_only)
        await search._open()
        assert "read-only" in (search.fault or "")
        with pytest.raises(Refusal, match="read-only"):
            await put(search, record("a", "x"))
    await search._maintain_once()
    assert search.fault is None
    assert (await put(search, record("a", "x")))["indexed"] == 1
    await search.stop(5.0)


async def test_what_the_old_program_removes_is_noticed_by_itself(search: Index, tmp_path: Path) -> None:
    assert await total(search, "source:slack") == 3
    other = apsw.Connection(str(tmp_path / "search.db"))
    other.set_busy_timeout(5_000)
    other.execute("DELETE FROM messages WHERE source = 'slack'")
    other.close()
    await until(lambda: search.known["records"] == 2)
    assert await total(search, "source:slack") == 0


def test_a_search_that_was_stopped_does_not_begin() -> None:
    connection = apsw.Connection(":memory:")
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Interrupted):
        cancellation.attach(connection)
    assert connection.execute("SELECT 1").get == 1


async def test_a_search_that_nobody_waits_for_is_stopped(search: Index) -> None:
    with Searches().one(1, None) as cancellation:
        assert not cancellation.is_cancelled()
    assert cancellation.is_cancelled()
    assert search._search(opened(search), None, cancellation)["hits"] == []  # type: ignore[arg-type]


async def test_another_programs_tables_of_the_same_names_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    for number, tables in enumerate(
        (
            "CREATE TABLE messages (id INTEGER PRIMARY KEY, body); CREATE TABLE messages_fts (x)",
            "CREATE TABLE messages (id, content, source, date, metadata); CREATE TABLE messages_fts (x)",
        )
    ):
        path = tmp_path / f"{number}.db"
        connection = sqlite3.connect(path)
        connection.executescript(tables)
        connection.close()
        before = path.read_bytes()
        with pytest.raises(StoreFault, match="its tables differ") as error:
            SearchFile(path, 1)
        assert error.value.permanent
        assert path.read_bytes() == before

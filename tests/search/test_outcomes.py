"""A put whose outcome is not known says so, and may be repeated (search/faults)."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from models.records import GivenRecord
from sio_server.clients import dispatch
from sio_server.clock import SystemClock
from sio_server.registry.errors import Refusal
from sio_server.search import index as indexing
from sio_server.search.file import FilePlace
from sio_server.search.index import Index
from sio_server.search.ingest import Ingest, PutResult, RecordBatch
from tests.conftest import Connect
from tests.core.seats import Core
from tests.running import until
from tests.search.shelf import record

Json = Any
PUT = {"records": [record("a", "budget")], "op": "one"}


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as opened:
        await opened.board.records.start()
        yield opened
        await opened.board.records.stop(5.0)


async def test_a_put_that_takes_too_long_is_told_as_unknown_and_found_done(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = await core.sit()
    release = threading.Event()
    backend: Any = core.board.records
    store = backend._backend._file
    put = store.put

    def slow(batch: RecordBatch) -> PutResult:
        assert release.wait(60)
        result: PutResult = put(batch)
        return result

    with monkeypatch.context() as patch:
        patch.setattr(store, "put", slow)
        with monkeypatch.context() as soon:
            soon.setattr(dispatch, "DEADLINE_S", 0.05)
            error = (await seat.ask("records:put", **PUT))["error"]
        assert (error["code"], error["retry"], error["outcome"]) == ("timeout", "same_op", "unknown")
        search = seat.send("search:query", {"query": "budget"})
        assert (await seat.ack(search))["ok"], "a search does not wait for it"
        release.set()
    assert (await seat.ask("records:put", **PUT))["replay"] is True


@pytest.fixture
async def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Index]:
    monkeypatch.setattr(indexing, "MAINTAIN_EVERY_S", 0.01)
    opened = Index(FilePlace(tmp_path / "search.db"), SystemClock())
    await opened.start()
    yield opened
    await opened.stop(5.0)


async def test_after_a_failed_fsync_the_file_is_opened_again(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Ingest, batch: RecordBatch) -> PutResult:
        raise apsw.IOError("disk I/O error")

    before = index._file
    with monkeypatch.context() as patch:
        patch.setattr(Ingest, "put", fail)
        with pytest.raises(Refusal, match="The change may or may not have been made") as refused:
            await index.put("notes", PUT["records"], GivenRecord, ("ana", "one"))
    assert (refused.value.code, refused.value.outcome) == ("storage_unavailable", "unknown")
    await until(lambda: index._file not in (None, before), "the file")
    answer, _ = await index.put("notes", PUT["records"], GivenRecord, ("ana", "one"))
    assert answer["indexed"] == 1


async def test_a_put_that_was_surely_not_carried_out_says_nothing_of_the_kind(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Ingest, batch: RecordBatch) -> PutResult:
        raise apsw.FullError("database or disk is full")

    monkeypatch.setattr(Ingest, "put", full)
    with pytest.raises(Refusal, match="is full") as refused:
        await index.put("notes", PUT["records"], GivenRecord, None)
    assert refused.value.outcome is None


async def test_a_refused_put_by_a_socket_has_no_outcome(connect: Connect) -> None:
    person = await connect()
    await person.done("records:put", PUT)
    error = await person.refused("records:put", records=[], op="one")
    assert error["code"] == "conflict"
    assert "outcome" not in error

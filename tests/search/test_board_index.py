"""The search files of many boards in one process (search/board_index.py, search/files.py)."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from models.records import GivenRecord
from sio_server.registry.errors import Refusal
from sio_server.search import process
from sio_server.search.board_index import BoardIndex
from sio_server.search.process import IndexProcess
from tests.running import until

Json = Any


@pytest.fixture
async def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[IndexProcess]:
    monkeypatch.setattr(process, "RESTART_AFTER_S", 0.01)
    made = IndexProcess(tmp_path / "search.db", "info")
    await made.start()
    yield made
    await made.stop(5.0)


async def put(index: BoardIndex | IndexProcess, word: str) -> None:
    record = {"id": "a", "text": word, "at": "2026-11-20T09:00:00Z"}
    await index.put("notes", [record], GivenRecord, None)


async def totals(index: BoardIndex | IndexProcess, *words: str) -> list[int]:
    return [(await index.search(1, query=word))["total"] for word in words]


async def test_what_is_put_on_one_board_is_found_there_alone(main: IndexProcess, tmp_path: Path) -> None:
    ceo, cfo = (BoardIndex(main, tmp_path / f"{name}.db") for name in ("ceo", "cfo"))
    await asyncio.gather(ceo.start(), cfo.start())
    assert not (tmp_path / "ceo.db").exists(), "a file is made when there is something to put in it"
    await put(main, "kestrel")
    await asyncio.gather(put(ceo, "falcon"), put(cfo, "merlin"))
    words = "kestrel", "falcon", "merlin"
    assert await totals(main, *words) == [1, 0, 0]
    assert await totals(ceo, *words) == [0, 1, 0]
    assert await totals(cfo, *words) == [0, 0, 1]
    assert [index.known["records"] for index in (main, ceo, cfo)] == [1, 1, 1]
    await ceo.stop(5.0)
    with pytest.raises(Refusal, match="stopping"):
        await ceo.summary()
    assert await totals(cfo, *words) == [0, 0, 1]
    again = BoardIndex(main, tmp_path / "ceo.db")
    await again.start()
    assert await totals(again, *words) == [0, 1, 0]
    for index in (again, cfo):
        await index.stop(5.0)


async def test_a_process_that_dies_opens_the_files_again(main: IndexProcess, tmp_path: Path) -> None:
    ceo = BoardIndex(main, tmp_path / "ceo.db")
    await ceo.start()
    await put(ceo, "falcon")
    child = main._child
    assert child is not None
    with suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)
    await until(lambda: main._child not in (None, child) and main.fault is None)
    assert await totals(ceo, "falcon") == [1]
    assert ceo.fault is None
    await ceo.stop(5.0)

"""Boards that go, and a stop while one comes (folders.py, boards.py)."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from sio_server import boards
from sio_server.board import Board
from sio_server.boards import Boards
from sio_server.folders import Folders
from sio_server.log.base import LogError
from sio_server.log.files import lock
from sio_server.registry.errors import Refusal
from tests.core.seats import Core
from tests.running import WAIT_S


@pytest.mark.parametrize("to", [None, "finance"])
def test_tokens_are_changed_before_the_folder_of_a_board_goes(tmp_path: Path, to: str | None) -> None:
    """A crash between leaves nothing that lets anybody in to a board that is added later."""
    folders = Folders(tmp_path)
    folder = folders.add("cfo")

    def crash() -> None:
        assert folder.exists()
        with pytest.raises(LogError, match="in use"):
            lock(folder, make=False)
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        folders.remove("cfo", crash) if to is None else folders.rename("cfo", to, crash)
    assert folders.names() == ["main", "cfo"]


async def test_a_stop_waits_for_no_board_whose_disk_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "FINISH_WITHIN_S", 0.05)
    folders, answers = Folders(tmp_path), threading.Event()
    folders.add("cfo")

    def open_one(name: str) -> Board:
        answers.wait()
        raise LogError("it was too late")

    async with Core(tmp_path / "main") as core:
        found = Boards(folders, open_one, 60.0, core.board)
        coming = asyncio.ensure_future(found.enter("cfo"))
        await asyncio.sleep(0)
        found.drain()
        try:
            await asyncio.wait_for(found.stop(), WAIT_S)
            assert found.abandoned
            with pytest.raises(Refusal) as refused:
                await coming
            assert refused.value.code == "draining"
        finally:
            answers.set()

"""What a watched collector hears of, whatever becomes of its files and folders."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from collectors import watching
from tests.running import WAIT_S


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_LOOK_MS", 100)


async def changes_until_heard(changed: asyncio.Event, file: Path) -> None:
    """Writes until it is heard: what watches begins by itself, a moment after it is asked to."""
    async with asyncio.timeout(WAIT_S):
        number = 0
        while not changed.is_set():
            number += 1
            file.write_text(f"{number}\n")
            await asyncio.sleep(0.2)


async def quiet(changed: asyncio.Event) -> None:
    """Returns when the last burst is over."""
    while changed.is_set():
        changed.clear()
        await asyncio.sleep(1.0)


def removed(folder: Path) -> None:
    shutil.rmtree(folder)


def moved(folder: Path) -> None:
    folder.rename(folder.with_name("away"))


@pytest.mark.parametrize("goes", [removed, moved])
@pytest.mark.parametrize("watched", ["folder", "file"])
async def test_a_folder_that_was_replaced_is_heard_as_the_one_before(
    goes: Callable[[Path], None], watched: str, tmp_path: Path
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    file = folder / "a.md"
    async with watching.next_change([folder if watched == "folder" else file]) as changed:
        await changes_until_heard(changed, file)
        goes(folder)
        folder.mkdir()
        for _ in range(2):
            await quiet(changed)
            await changes_until_heard(changed, file)


async def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "notes"
    async with watching.next_change([folder]) as changed:
        folder.mkdir(parents=True)
        async with asyncio.timeout(WAIT_S):
            await changed.wait()
        for _ in range(2):
            await quiet(changed)
            await changes_until_heard(changed, folder / "a.md")


async def test_a_folder_that_goes_is_heard(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    async with watching.next_change([folder]) as changed:
        await changes_until_heard(changed, folder / "a.md")
        await quiet(changed)
        shutil.rmtree(folder)
        async with asyncio.timeout(WAIT_S):
            await changed.wait()


async def test_what_changed_before_it_could_watch_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's limits are reached for a while, and the file changes meanwhile."""
    monkeypatch.setattr(watching, "_RETRY_S", 1.0)
    file = tmp_path / "a.md"
    file.write_text("before\n")
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    async with watching.next_change([file]) as changed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, usual[1]))
        try:
            for _ in range(3):
                await asyncio.sleep(0)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, usual)
        file.write_text("after\n")
        await asyncio.wait_for(changed.wait(), WAIT_S)

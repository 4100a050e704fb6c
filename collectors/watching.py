"""Watches files and folders for changes, however an editor writes them."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from watchfiles import Change, awatch

_SETTLES_MS = 400  # an editor's save is several changes within this time
_LOOK_MS = 2_000  # for a folder that does not exist yet
_RETRY_S = 5.0  # after the system's limit of watches was reached


@asynccontextmanager
async def next_change(paths: Sequence[Path]) -> AsyncIterator[asyncio.Event]:
    """Yields an event that is set once for a burst of changes, also when a path appears, disappears or
    becomes another folder."""
    changed = asyncio.Event()
    looks = (partial(_in_folders, paths), partial(_of_files, paths))
    watchers = [asyncio.ensure_future(_watch(look, look(), changed)) for look in looks]
    try:
        yield changed
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)


@dataclass(frozen=True)
class _Watched:
    """Existing folders, each by device and inode, and the files in them that matter.

    None for the files: all matter, including those in folders below.
    """

    folders: dict[Path, tuple[int, int]]
    files: frozenset[str] | None = None

    def concerns(self, change: Change, path: str) -> bool:
        return self.files is None or path in self.files or self.is_gone(change, path)

    def is_gone(self, change: Change, path: str) -> bool:
        """Whether this is a folder's end, and with it that of what watches it: the next folder of this name
        may be given the same inode."""
        return change is Change.deleted and any(
            path in (str(one), os.path.realpath(one)) for one in self.folders
        )


async def _watch(look: Callable[[], _Watched], watched: _Watched, changed: asyncio.Event) -> None:
    by_polling = missed = False  # what changes between two watches is seen by neither
    while True:
        try:
            if watched.folders:
                await _watch_these(watched, look, changed, by_polling, missed)
            else:
                await asyncio.sleep(_LOOK_MS / 1_000)
        except FileNotFoundError:  # it was removed before it could be watched
            await asyncio.sleep(_LOOK_MS / 1_000)
        except (OSError, RuntimeError):  # the system's limit of watches is reached
            by_polling = True
            await asyncio.sleep(_RETRY_S)
        missed = True
        if (now := look()) != watched:
            watched = now
            changed.set()


async def _watch_these(
    watched: _Watched, look: Callable[[], _Watched], changed: asyncio.Event, by_polling: bool, missed: bool
) -> None:
    """Waits until a folder is removed, appears, or is replaced: the system does not watch its name.

    Where something may have been `missed` before, that counts as a change as soon as it watches.
    """
    found = awatch(
        *watched.folders,
        watch_filter=watched.concerns,
        recursive=watched.files is None,
        debounce=_SETTLES_MS,
        step=50,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        force_polling=by_polling,
    )
    async with aclosing(found):
        async for changes in found:
            if changes or missed:
                changed.set()
                missed = False
            if any(watched.is_gone(*one) for one in changes) or look() != watched:
                return


def _in_folders(paths: Sequence[Path]) -> _Watched:
    return _Watched(_there(path.absolute() for path in paths if os.path.isdir(path)))


def _of_files(paths: Sequence[Path]) -> _Watched:
    """For a file, or a path that does not exist, its parent folders, since many editors put a new file in the
    old one's place. If a path is a link, its target's folder is watched too."""
    files = frozenset(place for path in paths if not os.path.isdir(path) for place in _places(path))
    return _Watched(_there({Path(file).parent for file in files}), files)


def _there(folders: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    found = {}
    for folder in folders:
        with suppress(OSError):
            status = folder.stat()
            if stat.S_ISDIR(status.st_mode):
                found[folder] = (status.st_dev, status.st_ino)
    return found


def _places(path: Path) -> Iterator[str]:
    yield os.path.abspath(path)
    yield os.path.realpath(path)
    yield str(Path(os.path.realpath(Path(os.path.abspath(path)).parent)) / path.name)

"""An event that is set when a file changes, however an editor writes it, or anything in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from watchfiles import Change, awatch

_SETTLES_MS = 400
_RETRY_S = 5.0


@asynccontextmanager
async def next_change(paths: Sequence[Path]) -> AsyncIterator[asyncio.Event]:
    """Set once for a burst of changes."""
    changed = asyncio.Event()
    folders = [path for path in paths if path.is_dir()]
    files = [path for path in paths if path not in folders]
    watchers = []
    if files:
        watchers.append(asyncio.ensure_future(_watch_files(files, changed)))
    if folders:
        watchers.append(asyncio.ensure_future(_watch(folders, None, changed)))
    try:
        yield changed
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)


async def _watch_files(paths: Sequence[Path], changed: asyncio.Event) -> None:
    """Watches their folders, since many editors put a new file in the old one's place.

    Where a path is a link, its target's folder is watched as well.
    """
    files = set(_places(paths))
    await _watch({Path(file).parent for file in files}, files, changed)


async def _watch(folders: Iterable[Path], files: set[str] | None, changed: asyncio.Event) -> None:
    """Watches for changes of these files, or of anything in the folders and in those below."""

    def concerns(_: Change, path: str) -> bool:
        return files is None or path in files

    by_polling = False
    while True:
        changes = awatch(
            *folders,
            watch_filter=concerns,
            recursive=files is None,
            debounce=_SETTLES_MS,
            step=50,
            force_polling=by_polling,
        )
        try:
            async for _ in changes:
                changed.set()
        except (OSError, RuntimeError):
            # The system gives no more watches, or a folder has gone and may come back.
            by_polling = True
            await asyncio.sleep(_RETRY_S)


def _places(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        yield str(path.absolute())
        yield str(path.resolve())
        yield str(path.absolute().parent.resolve() / path.name)

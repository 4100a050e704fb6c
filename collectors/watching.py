"""An event that is set when one of some files changes, however an editor writes it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from watchfiles import Change, awatch

_SETTLES_MS = 400
_RETRY_S = 5.0


@asynccontextmanager
async def next_change(paths: Sequence[Path]) -> AsyncIterator[asyncio.Event]:
    """Set once for a burst of changes.

    The folders are watched, since many editors put a new file in the old one's place; where a path is a link,
    its target's folder as well.
    """
    changed = asyncio.Event()
    watcher = asyncio.ensure_future(_watch(paths, changed)) if paths else None
    try:
        yield changed
    finally:
        if watcher is not None:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)


async def _watch(paths: Sequence[Path], changed: asyncio.Event) -> None:
    files = set(_places(paths))
    folders = {Path(file).parent for file in files}

    def concerns(_: Change, path: str) -> bool:
        return path in files

    by_polling = False
    while True:
        changes = awatch(
            *folders,
            watch_filter=concerns,
            recursive=False,
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


def _places(paths: Iterable[Path]) -> Iterable[str]:
    for path in paths:
        yield str(path.absolute())
        yield str(path.resolve())
        yield str(path.absolute().parent.resolve() / path.name)

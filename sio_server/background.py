"""Work that the server repeats while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

log = logging.getLogger("adjutant")


class Background:
    """Repeats work until `stop`; a failure is logged, and the work is tried again when next due."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Repeats the work, first after `seconds`."""
        self.run(_repeat(seconds, work))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs work in the background."""
        self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """Cancels all work, and returns when it has ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


async def _repeat(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            log.exception("background work failed")

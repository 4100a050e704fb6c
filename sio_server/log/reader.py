"""Reads the log off the event loop, without disturbing its writer."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

from sio_server.log.base import Log
from sio_server.registry.ops import Json
from sio_server.state.commit import Commit


class LogReader:
    """Reads on a separate thread, so that neither the event loop nor the writer waits.

    Errors: LogError.
    """

    def __init__(self, durable: Log, thread: Executor) -> None:
        """`thread` runs one call at a time."""
        self._log = durable
        self._thread = thread

    def floor(self) -> int:
        """The oldest position from which a client can resume. Does not block."""
        return self._log.floor()

    async def read(self, since: int, until: int, max_bytes: int) -> list[Commit] | None:
        """The commits after `since` up to `until`; None when they are more than `max_bytes`."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._log.read, since, until, max_bytes
        )

    async def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """The item's changes, newest first. Shape: models.history.Happening."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._log.changes_of, section, id, limit
        )

    async def commits_since(self, since: int) -> tuple[list[Json], bool]:
        """The commits after `since` with the old values, oldest first; and whether they are complete."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._log.commits_since, since)

    async def last_at(self) -> str | None:
        """When the newest change was made; None if there is none."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._log.last_at)

    async def stop(self) -> None:
        """Ends the thread, once its current read is done."""
        await asyncio.to_thread(self._thread.shutdown)

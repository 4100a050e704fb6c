"""A flag to wait for, small enough to have thousands of."""

from __future__ import annotations

import asyncio


class Flag:
    """Like asyncio.Event, but 50 bytes instead of 800 while nobody waits."""

    __slots__ = ("_future", "_is_set")

    def __init__(self) -> None:
        self._is_set = False
        self._future: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        """Whether it is set."""
        return self._is_set

    def set(self) -> None:
        """Wakes everybody who waits."""
        self._is_set = True
        future, self._future = self._future, None
        if future is not None and not future.done():
            future.set_result(None)

    def clear(self) -> None:
        """Clears the flag: `wait` blocks again."""
        self._is_set = False

    async def wait(self) -> None:
        """Returns once the flag is set."""
        while not self._is_set:
            await self.next()

    async def next(self) -> None:
        """Returns the next time the flag is set, whether or not it is set now."""
        if self._future is None:
            self._future = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._future)

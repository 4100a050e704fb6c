"""Messages from a websocket that were not handled at once."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any


class Inbox:
    """Like asyncio.Queue for one reader, but 60 bytes instead of 3 KB while it is empty."""

    __slots__ = ("_filled", "_messages")

    def __init__(self) -> None:
        self._messages: deque[Any] | None = None
        self._filled: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Whether the queue is empty."""
        return self._messages is None

    def put_nowait(self, message: Any) -> None:
        """Adds a message."""
        if self._messages is None:
            self._messages = deque()
        self._messages.append(message)
        if self._filled is not None and not self._filled.done():
            self._filled.set_result(None)

    async def get(self) -> Any:
        """The oldest message, once there is one."""
        while self._messages is None:
            self._filled = asyncio.get_running_loop().create_future()
            await self._filled
        message = self._messages.popleft()
        if not self._messages:
            self._messages = None
        return message

"""The queue of one client's unsent messages."""

from __future__ import annotations

from collections import deque

from sio_server.sockets.flag import Flag
from sio_server.sockets.packets import Text

MAX_UNREAD_BYTES = 512 << 10  # beyond, no more requests are read; twice where patches stop (client)


class Outbox:
    """A queue of messages and packets that knows its size in bytes; small while it is empty.

    `idle`   set while everything has been written
    `items`  the queue; None while it is empty
    """

    __slots__ = ("_filled", "_less", "_over", "idle", "items", "size_bytes")

    def __init__(self) -> None:
        self.size_bytes = 0
        self.idle = Flag()
        self.items: deque[Text | None] | None = None
        self._filled = Flag()
        self._less = Flag()
        self._over = False

    def __bool__(self) -> bool:
        return self.items is not None

    def put(self, item: Text | None) -> None:
        """Adds a message or packet, or the end mark (None)."""
        if self.items is None:
            self.items = deque()
        self.items.append(item)
        self.idle.clear()
        if item is not None:
            self.size_bytes += item.size_bytes
        self._filled.set()

    def take(self) -> Text | None:
        """The oldest item; the queue must not be empty. Its size counts until it is `written`."""
        items = self.items
        assert items is not None
        item = items.popleft()
        if not items:
            self.items = None
        return item

    async def next(self) -> Text | None:
        """The oldest item, once there is one."""
        while not self:
            self._filled.clear()
            await self._filled.wait()
        return self.take()

    async def stirred(self) -> None:
        """Returns after the next `put` or `stir`."""
        await self._filled.next()

    def stir(self) -> None:
        """Makes whoever waits look again."""
        self._filled.set()

    def written(self, item: Text) -> None:
        """Notes that the item was handed to the network."""
        self.size_bytes -= item.size_bytes
        self._less.set()

    async def room(self) -> None:
        """Returns once little is queued: whoever does not read its answers is not listened to."""
        while self.size_bytes > MAX_UNREAD_BYTES and not self._over:
            self._less.clear()
            await self._less.wait()

    def end(self) -> None:
        """Queues the end mark, and releases whoever waits for room."""
        self.put(None)
        self._over = True
        self._less.set()

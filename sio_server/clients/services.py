"""Services that every connected client uses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from sio_server.clock import Clock
from sio_server.delivery.fanout import Fanout
from sio_server.delivery.sync import Sync
from sio_server.metrics import Metrics
from sio_server.registry.errors import bad_request
from sio_server.registry.ops import Json
from sio_server.registry.records import Records
from sio_server.registry.registry import Registry
from sio_server.sockets.packets import Text, event_text
from sio_server.state.state import State

SNAPSHOTS_AT_ONCE = 32


class Services:
    """Services that every connected client uses. `snapshots` bounds how many are sent at once."""

    def __init__(  # it hands out what is made elsewhere
        self,
        registry: Registry,
        state: State,
        sync: Sync,
        fanout: Fanout,
        metrics: Metrics,
        stats: Callable[[], Json],
        history: Callable[[str, str, int], Awaitable[list[Json]]],
        clock: Clock,
        records: Records,
    ) -> None:
        self.registry = registry
        self.state = state
        self.sync = sync
        self.fanout = fanout
        self.metrics = metrics
        self.stats = stats
        self.history = history
        self.clock = clock
        self.records = records
        self.snapshots = asyncio.Semaphore(SNAPSHOTS_AT_ONCE)
        self._last_sync: tuple[bytes, Text] = (b"", event_text("state:sync", b"{}"))

    def sync_text(self, sync: bytes) -> Text:
        """The `state:sync` event; the same object for clients that get the same sync."""
        if sync is not self._last_sync[0]:
            self._last_sync = (sync, event_text("state:sync", sync))
        return self._last_sync[1]

    def known_rooms(self, rooms: Iterable[str]) -> tuple[str, ...]:
        """The rooms, each once, in the registry's order.

        Errors: bad_request, naming the rooms that there are.
        """
        wanted = set(rooms)
        if not wanted <= set(self.registry.rooms):
            message = f"There is no such room. Rooms: {', '.join(self.registry.rooms)}."
            raise bad_request(message, ("rooms", "names an unknown room"))
        return tuple(room for room in self.registry.rooms if room in wanted)

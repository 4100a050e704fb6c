"""Services that every connected client uses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sio_server.clients.limits import Room
from sio_server.clock import Clock
from sio_server.delivery.fanout import Fanout
from sio_server.delivery.sync import Sync
from sio_server.metrics import Metrics
from sio_server.registry.ops import Json
from sio_server.registry.records import Records
from sio_server.registry.roles import Principal
from sio_server.sockets.packets import Text, event_text
from sio_server.state.state import State

SNAPSHOTS_AT_ONCE = 32  # first syncs in memory at once when everybody reconnects after a restart


class Host(Protocol):
    """What clients ask of the server around their board; `board` is the name that it has there."""

    board: str

    def stats(self, names: bool) -> Json:
        """The data of /stats for this board; who is connected only where `names`."""

    async def boards(self, who: Principal, due: Callable[[Any], int]) -> list[Json]:
        """The boards that they may enter. Shape: models.boards.BoardLine. `due` counts on one, given their
        queries there."""

    def has_left(self, whose: str) -> bool:
        """Whether it is known that this person may not read the board any more."""

    async def renew(self, client: Any, token: str) -> Json:
        """Lets a client go on under a new token. Shape: models.auth.Renewed. Errors: Refusal."""


@dataclass(eq=False)
class Services:
    """What all clients of a board share. `behind_s`: how old what is shown may be, where other nodes change
    it. `snapshots` bounds how many first syncs are sent at once."""

    state: State
    sync: Sync
    fanout: Fanout
    records: Records
    history: Callable[[str, str, int], Awaitable[list[Json]]]
    commits_since: Callable[[int], Awaitable[tuple[list[Json], bool]]]
    clock: Clock
    metrics: Metrics
    host: Host
    keep_private: Callable[[str, frozenset[str]], Awaitable[None]]
    behind_s: Callable[[], float]
    room: Room = Room()  # noqa: RUF009 - it is frozen
    snapshots: asyncio.Semaphore = field(init=False)
    _last_sync: tuple[bytes, Text] = field(init=False)

    def __post_init__(self) -> None:
        self.registry = self.state.registry
        self.snapshots = asyncio.Semaphore(SNAPSHOTS_AT_ONCE)
        self._last_sync = (b"", event_text("state:sync", b"{}"))

    @property
    def now(self) -> datetime:
        """The time by the board's clock."""
        return self.clock.moment(self.clock.wall())

    def sync_text(self, sync: bytes) -> Text:
        """The `state:sync` event; clients that get the same sync share the object."""
        if sync is not self._last_sync[0]:
            self._last_sync = (sync, event_text("state:sync", sync))
        return self._last_sync[1]

"""What the server says about itself, to each board of its own clients only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sio_server.board import Board
from sio_server.boards import Boards
from sio_server.clients.connected import connected, lagging
from sio_server.clients.queries import Queries
from sio_server.clients.renewal import Renewal
from sio_server.clients.transport import Transport
from sio_server.folders import Folders
from sio_server.log.base import LogError
from sio_server.memory import memory_bytes
from sio_server.metrics import Metrics
from sio_server.registry.roles import ADMINS, MAIN, READERS, Principal, role_on
from sio_server.settings import VERSION
from sio_server.side_app.health import LoopLag

LISTED = 1_000  # boards in one answer; more need a page of their own
OPENED = 8  # of them, to count what is due there: a board in memory is not free


@dataclass
class Figures:
    """The figures of the server and its boards."""

    boards: Boards
    folders: Folders
    transport: Transport
    lag: LoopLag
    metrics: Metrics
    started_at: float = field(default_factory=time.monotonic)

    def health(self) -> dict[str, Any]:
        """The answer of /health: the process is alive."""
        return {"status": "ok", "version": VERSION, "uptime_s": round(time.monotonic() - self.started_at, 1)}

    def of_server(self, names: bool) -> dict[str, Any]:
        """The answer of /stats: all connections and counters, and the main board."""
        links, sessions = self.transport.connections, self.transport.sessions
        return self._stats(self.boards.main, names, links, sessions)

    def of_board(self, name: str, names: bool) -> dict[str, Any]:
        """The data of stats:get: on a server of several boards, nothing of the others. Counters are of the
        whole server, so they are then told on the main board to its administrators alone."""
        board = self.boards.opened(name) or self.boards.main
        if not self.folders.are_several:
            return self._stats(board, names, self.transport.connections, self.transport.sessions)
        links = [link for link in self.transport.connections if link.client and link.board is board]
        stats = self._stats(board, names, links, len(links))
        return stats if names and name == MAIN else stats | {"totals": {}, "boards": None}

    async def listed(self, who: Principal, here: str, due: Callable[[Any], int]) -> list[dict[str, Any]]:
        """The boards that they may enter. Shape: models.boards.BoardLine. `due` counts on one, given their
        queries there."""
        names = [name for name in await asyncio.to_thread(self.folders.names) if role_on(name, who.boards)]
        names.sort(key=lambda name: name != here)
        lines = []
        to_open = OPENED
        for name in names[:LISTED]:
            role = role_on(name, who.boards)
            line: dict[str, Any] = {"name": name, "role": role, "here": name == here}
            board = self.boards.opened(name)
            if role in READERS:
                if board is None and to_open:
                    to_open -= 1
                    board = await self.boards.look_into(name)
                if board is not None:
                    line["due"] = due(Queries(replace(who, role=role), board.services))
                    await asyncio.sleep(0)  # others have their turn between boards
            lines.append(line | (await self._figures(name, board) if role in ADMINS else {}))
        return sorted(lines, key=lambda line: str(line["name"]))

    async def _figures(self, name: str, board: Board | None) -> dict[str, Any]:
        line: dict[str, Any] = {"open": board is not None, "clients": self.boards.clients(name)}
        if board is not None:
            items = sum(board.stats()["items"].values())  # none of private sources
            line |= {"items": items, "last_change": await _last_change(board)}
        return line

    def _stats(self, board: Board, names: bool, links: Sequence[Any], sessions: int) -> dict[str, Any]:
        clients, figures = [link.client for link in links if link.client], board.stats()
        return {
            **self.health(),
            "epoch": figures["epoch"],
            "seq": figures["seq"],
            "items": figures["items"],
            "by_source": figures["by_source"],
            "clients": {
                "total": len(clients),
                "sessions": sessions,
                "rooms": figures["rooms"],
                "lagging": lagging(clients) if names else [],
                "connections": connected(links) if names else [],
            },
            "hub": figures["hub"],
            "log": figures["log"],
            "search": figures["search"],
            "loop_lag_ms": round(self.lag.worst_s * 1000, 2),
            "memory_bytes": memory_bytes(),
            "totals": self.metrics.totals(),
            "boards": {"open": len([*self.boards]), "faulty": self.boards.faulty},
        }


@dataclass
class BoardHost:
    """The server around one board (board.Host). `figures` and `renewal` are called for: they are made after
    the board."""

    board: str
    figures: Callable[[], Figures]
    renewal: Callable[[], Renewal]
    broke_down: Callable[[], None]

    def stats(self, names: bool) -> dict[str, Any]:
        """The data of stats:get."""
        return self.figures().of_board(self.board, names)

    async def renew(self, client: Queries, token: str) -> dict[str, Any]:
        """Lets a client go on under a new token."""
        return await self.renewal().renew(client, token)

    def has_left(self, whose: str) -> bool:
        """Whether it is known that this person may not read the board any more."""
        return self.renewal().has_left(whose, self.board)

    async def boards(self, who: Principal, due: Callable[[Any], int]) -> list[dict[str, Any]]:
        """The boards that they may enter."""
        return await self.figures().listed(who, self.board, due)


async def _last_change(board: Board) -> str | None:
    """None also while its store cannot be read: the other boards are still listed."""
    try:
        return await board.reader.last_at()
    except LogError:
        return None

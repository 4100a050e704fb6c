"""Nodes in the test's own process: cores on one board of one database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import orjson

from sio_server.clock import SystemClock
from sio_server.log.postgres.log import PostgresLog
from sio_server.log.postgres.membership import Membership
from sio_server.log.postgres.watcher import Watcher
from tests import postgres
from tests.core.seats import Core, SetClock


class Node(Core):
    """A core that shares its board with others."""

    def __init__(self, folder: Path, url: str, board: str) -> None:
        super().__init__(folder)
        self.place = (url, board)

    async def open(self) -> Node:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.watcher = Watcher(self.place[0], Membership(self.folder, SystemClock()))
        await super().open()
        self.board.watch()
        return self

    def open_log(self) -> PostgresLog:
        return PostgresLog(*self.place, self.folder, *self._keep, self.watcher)

    def open_alone(self) -> PostgresLog:
        """Its log, as a server that shares the board with nobody."""
        return PostgresLog(*self.place, self.folder, *self._keep)

    async def close(self) -> None:
        await super().close()
        self.watcher.stop()

    async def in_step(self, *others: Node) -> None:
        """Fails unless all are equal once they have caught up: items byte by byte, codes, marks, people."""
        for one in (self, *others):
            await one.hub.catch_up()
        for other in others:
            assert memory(other) == memory(self)


def memory(core: Core) -> object:
    """All that a node keeps of the board."""
    state = core.state
    rows = {
        (name, id): (row.json, row.text_seq, row.item)
        for name, rows in state.rows.items()
        for id, row in rows.items()
    }
    books = {name: (book.holders, book.resting, book.former) for name, book in state.books.items()}
    profiles = {whose: orjson.loads(orjson.dumps(one.as_json())) for whose, one in state.profiles.items()}
    policy = state.privacy.policy
    secret = policy.secret if policy.private else None  # before that each node has one that it never uses
    sizes = state.sizes.of, state.sizes.size_bytes
    return rows, sizes, books, state.seq, state.heads, state.marks, profiles, policy.private, secret


@asynccontextmanager
async def nodes(folder: Path, count: int = 2, database: str = "cores") -> AsyncIterator[list[Node]]:
    """So many nodes on one new board."""
    board = postgres.name_of(folder)
    url = postgres.shared().url(database)
    clock = SetClock()
    async with AsyncExitStack() as stack:
        made = []
        for number in range(count):
            node = Node(folder / f"node{number}", url, board)
            node.clock = clock
            made.append(await stack.enter_async_context(node))
        yield made

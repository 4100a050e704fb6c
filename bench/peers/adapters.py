"""A change at one of two servers, and its patch at the other: Adjutant beside Node's socket.io with its
adapters for PostgreSQL and for Redis Streams, as they come and with the change on disk before the ack."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bench.client import Client, LoadError, connect
from bench.packages import fetched, place
from bench.peers.peer import ADJUTANT, NODE, Change, running
from bench.server import Measured, serving
from bench.table import Table, ms, quantile, us
from tests.node.driver import node_binary
from tests.ports import free_port
from tests.postgres import MISSING, Postgres, programs
from tests.running import listens

FILES = 200
WITHIN_S = 300.0
NPM = Path(__file__).parent / "npm"
NEEDED = "@socket.io/redis-streams-adapter"
CHANGES, ROUNDS = 300, 3
WARM_UP_CHANGES = 20
PAUSE_S = 0.005  # so that each change is a lone one: nothing of the one before is still under way
LOST_AFTER_S = 20.0
PATCH_BYTES = 350
ON_DISK = {True: "the change", False: "nothing"}


@dataclass(frozen=True)
class Kind:
    """`adapter`: of Node's socket.io, "" for Adjutant; `keeps`: the change is on disk when it is acked."""

    name: str
    adapter: str
    keeps: bool


KINDS = (
    Kind("Adjutant, PostgreSQL", "", True),
    Kind("socket.io, PostgreSQL adapter, a row first", "postgres", True),
    Kind("socket.io, Redis Streams adapter, an entry first", "redis", True),
    Kind("socket.io, PostgreSQL adapter", "postgres", False),
    Kind("socket.io, Redis Streams adapter", "redis", False),
)


@dataclass
class Row:
    """`acks_s`: until the ack at the server that is asked; `patches_s`: until the patch at the other one's
    client; `cpu_s`: of both servers, without their database, for all the changes."""

    kind: Kind
    acks_s: list[float] = field(default_factory=list)
    patches_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0


class Pair:
    """Two servers, a client that makes changes at the first and one that hears of them at the second."""

    def __init__(self, kind: Kind, first: Measured, second: Measured) -> None:
        self._servers = first, second
        self._change: Change = (NODE if kind.adapter else ADJUTANT).change
        self._heard = asyncio.Event()
        self._mark = b""
        self._number = 0
        self._heard_at = 0.0
        self._clients: list[Client] = []
        self.row = Row(kind)

    async def enter(self) -> None:
        """Connects both, and makes the first changes."""
        first, second = self._servers
        self._clients = [await connect(first.port, rooms=[]), await connect(second.port, self._hear)]
        await self._until_linked()
        await self.measure(WARM_UP_CHANGES)
        self.row = Row(self.row.kind)

    async def measure(self, changes: int) -> None:
        """Makes this many changes, one at a time. Errors: LoadError, when one does not arrive."""
        before_s = sum(one.cpu_s() for one in self._servers)
        for _ in range(changes):
            await self._one()
            await asyncio.sleep(PAUSE_S)
        self.row.cpu_s += sum(one.cpu_s() for one in self._servers) - before_s

    def leave(self) -> None:
        """Aborts the connections."""
        for client in self._clients:
            client.close()

    async def _until_linked(self) -> None:
        """An adapter begins to listen some time after its server does, and what comes before is lost."""
        async with asyncio.timeout(LOST_AFTER_S):
            while not self._heard.is_set():
                await self._send()
                await asyncio.sleep(0.1)

    async def _one(self) -> None:
        began = perf_counter()
        await self._send()
        self.row.acks_s.append(perf_counter() - began)
        try:
            async with asyncio.timeout(LOST_AFTER_S):
                await self._heard.wait()
        except TimeoutError:
            raise LoadError(f"{self.row.kind.name}: a patch did not reach the other server") from None
        self.row.patches_s.append(self._heard_at - began)

    async def _send(self) -> None:
        """The next change; returns when it is acked."""
        self._number += 1
        mark = f"#{self._number:06d}"
        self._mark = mark.encode()
        self._heard.clear()
        await self._clients[0].request(*self._change(mark, PATCH_BYTES))

    def _hear(self, head: bytes, size: int) -> None:
        if self._mark in head:
            self._heard_at = perf_counter()
            self._heard.set()


def missing() -> dict[str, str]:
    """What cannot be measured here, by adapter, and why."""
    found = {}
    if node_binary() is None or not place(NPM, NEEDED).is_dir():
        found = dict.fromkeys(("postgres", "redis"), "Node's socket.io with its adapters is not set up")
    elif shutil.which("redis-server") is None:
        found = {"redis": "redis-server is not installed"}
    return found


async def measure(folder: Path, changes: int = CHANGES, rounds: int = ROUNDS) -> list[Row]:
    """A row for each of KINDS that can be started here, from turns that alternate. Errors: LoadError."""
    if programs() is None:
        raise LoadError(MISSING)
    async with AsyncExitStack() as stack:
        database = await asyncio.to_thread(Postgres)
        stack.callback(database.remove)
        await asyncio.to_thread(database.start)
        pairs = []
        for number, kind in enumerate(KINDS):
            if kind.adapter in missing():
                continue
            place = folder / str(number)
            if kind.adapter == "redis":
                url = await stack.enter_async_context(_redis(place, kind.keeps))
            else:
                url = await asyncio.to_thread(database.url, f"nodes{number}")
            two = [await stack.enter_async_context(_serving(place / one, kind, url)) for one in ("a", "b")]
            pairs.append(pair := Pair(kind, *two))
            stack.callback(pair.leave)
            await pair.enter()
        for _ in range(rounds):
            for pair in pairs:
                await pair.measure(changes // rounds)
        return [pair.row for pair in pairs]


@asynccontextmanager
async def _serving(folder: Path, kind: Kind, url: str) -> AsyncIterator[Measured]:
    if not kind.adapter:
        async with serving(folder, f"--log-url={url}") as server:
            yield server
        return
    binary = node_binary()
    assert binary is not None
    command = [binary, "--input-type=module", "-", kind.adapter, url, "kept" if kind.keeps else ""]
    async with running(folder, command, NPM, Path(__file__).with_name("adapters.mjs")) as program:
        yield program


@asynccontextmanager
async def _redis(folder: Path, keeps: bool) -> AsyncIterator[str]:
    """The address of an instance that ends with the block; as Redis comes, or with a file that is on disk
    before each answer."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    port = free_port()
    flags = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    if keeps:
        flags += ["--appendonly", "yes", "--appendfsync", "always"]
    process = await create_subprocess_exec("redis-server", *flags, stdout=DEVNULL)
    try:
        await listens(port)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


def table(rows: Sequence[Row]) -> Table:
    """As printed."""
    return Table(
        "peers-nodes: one change at one of two servers, one client at the other",
        ("", "on disk at the ack", "ack p50 ms", "p99", "patch p50 ms", "p99", "CPU us"),
        [
            (
                row.kind.name,
                ON_DISK[row.kind.keeps],
                *(ms(quantile(row.acks_s, part)) for part in (0.5, 0.99)),
                *(ms(quantile(row.patches_s, part)) for part in (0.5, 0.99)),
                us(row.cpu_s / len(row.acks_s)),
            )
            for row in rows
        ],
        ("good:", "", "", "", "<= the best of", "the same on disk", ""),
        [
            "In turns. Patch: from the request at one server to the client at the other. CPU: of both "
            "servers for a change, without their database.",
            "PostgreSQL: one instance for all, fsync on. Redis with an entry first: appendfsync always; else "
            "as it comes. A row or an entry first: the server waits for it, and then emits and acks.",
            *(f"{why}: some rows are left out." for why in dict.fromkeys(missing().values())),
        ],
    )


async def run(folder: Path) -> Table:
    """At full size."""
    if node_binary() is not None:
        await fetched(NPM, NEEDED, "socket.io's adapters (24 MB)")
    return table(await measure(folder))

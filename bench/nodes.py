"""A change at one node, and its patches at another: latency, what a change costs the node that is asked for
it, and what each patch costs the node that sends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import seed
from bench.client import LoadError, connect, connect_many
from bench.fanout import WARM_UP_CHANGES, Audience
from bench.server import MeasuredServer, serving
from bench.table import Table, ms, quantile, us
from tests.postgres import MISSING, Postgres, programs

FILES = 500
WITHIN_S = 300.0
KINDS = ("SQLite", "PostgreSQL, one node", "PostgreSQL, at the other node")


@dataclass(frozen=True)
class Row:
    """`acks_s`: until the ack at the node that is asked; `latencies_s`: until the patch at each client.
    `alone_cpu_s`: of the node that is asked, for a change that nobody is sent; `cpu_s`: of the clients' node,
    for each patch that it sends."""

    name: str
    acks_s: Sequence[float]
    latencies_s: Sequence[float]
    alone_cpu_s: float
    cpu_s: float


async def measure(folder: Path, clients: int = 200, changes: int = 300, rounds: int = 2) -> list[Row]:
    """A row for each of KINDS, from turns that alternate."""
    if programs() is None:
        raise LoadError(MISSING)
    found: dict[str, list[Row]] = {kind: [] for kind in KINDS}
    async with AsyncExitStack() as stack:
        url = f"--log-url={await stack.enter_async_context(_database())}"
        flags = {"sqlite": (), "one": (url.replace("/board", "/alone"),), "first": (url,), "second": (url,)}
        servers = {
            name: await stack.enter_async_context(serving(folder / name, *more))
            for name, more in flags.items()
        }
        pairs = (("sqlite", "sqlite"), ("one", "one"), ("first", "second"))
        for _ in range(rounds):
            for kind, (asked, sends) in zip(KINDS, pairs, strict=True):
                found[kind].append(await _measure_one(kind, servers[asked], servers[sends], clients, changes))
    return [_joined(rows) for rows in found.values()]


async def _measure_one(
    name: str, asked: MeasuredServer, sends: MeasuredServer, clients: int, changes: int
) -> Row:
    writer = await connect(asked.port, source="bench")
    await seed.fill(writer, events=100)
    audience = Audience()
    for number in range(WARM_UP_CHANGES):
        await audience.see(writer, number + 1, 0)
    before_s = asked.cpu_s()
    for number in range(WARM_UP_CHANGES, WARM_UP_CHANGES + changes):
        await audience.see(writer, number + 1, 0)
    alone_cpu_s = (asked.cpu_s() - before_s) / changes
    there = await connect_many(clients, sends.port, audience.hear)
    for number in range(WARM_UP_CHANGES):
        await audience.see(writer, number + 1, clients)
    audience.latencies_s.clear()
    audience.acks_s.clear()
    before_s = sends.cpu_s()
    for number in range(WARM_UP_CHANGES, WARM_UP_CHANGES + changes):
        await audience.see(writer, number + 1, clients)
    cpu_s = (sends.cpu_s() - before_s) / (changes * clients)
    for client in (writer, *there):
        client.close()
    return Row(name, audience.acks_s, audience.latencies_s, alone_cpu_s, cpu_s)


def _joined(rows: Sequence[Row]) -> Row:
    return Row(
        rows[0].name,
        [one for row in rows for one in row.acks_s],
        [one for row in rows for one in row.latencies_s],
        sum(row.alone_cpu_s for row in rows) / len(rows),
        sum(row.cpu_s for row in rows) / len(rows),
    )


@asynccontextmanager
async def _database() -> AsyncIterator[str]:
    """The address of an instance that ends with the block."""
    database = await asyncio.to_thread(Postgres)
    try:
        await asyncio.to_thread(database.start)
        await asyncio.to_thread(database.url, "alone")
        yield await asyncio.to_thread(database.url, "board")
    finally:
        await asyncio.to_thread(database.remove)


def table(rows: Sequence[Row], clients: int) -> Table:
    """As printed."""
    return Table(
        f"nodes: one changed event, {clients} dashboards at one node",
        ("log", "ack p50 ms", "p99 ms", "patch p50 ms", "p99 ms", "CPU us/change", "CPU us/patch"),
        [
            (
                row.name,
                *(ms(quantile(row.acks_s, part)) for part in (0.5, 0.99)),
                *(ms(quantile(row.latencies_s, part)) for part in (0.5, 0.99)),
                us(row.alone_cpu_s),
                us(row.cpu_s),
            )
            for row in rows
        ],
        ("good:", "", "", "", "", "", "SQLite's + 10 %"),
        [
            "From the request, which the last row makes at the other node. CPU of a change: of the node that "
            "is asked, with nobody to send to; of a patch: of the dashboards' node."
        ],
    )


async def run(folder: Path) -> Table:
    """At full size."""
    return table(await measure(folder), 200)

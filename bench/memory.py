"""What the server holds in memory when nothing happens: at start, with a state, with clients."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import seed
from bench.client import connect, connect_many
from bench.server import MeasuredServer, serving
from bench.table import Table, mb

FILES = 1_300
STEADY_WITHIN_S = 5.0
STEADY_BYTES = 100_000


@dataclass(frozen=True)
class Row:
    """`each_bytes`: what each client added to the row before, where clients were added."""

    name: str
    rss_bytes: int
    each_bytes: float | None = None


async def measure(
    folder: Path, events: int = 1_000, clients: int = 100, idle_clients: int = 1_000, changes: int = 200
) -> list[Row]:
    """One row for each step; the last adds idle clients up to that number."""
    async with serving(folder) as server:
        rows = [Row("just started", await _steady(server))]
        collector = await connect(server.port, source="bench")
        await seed.fill(collector, events=events)
        rows.append(Row(f"{events:,} events", await _steady(server)))
        few = await connect_many(clients, server.port)
        for change in range(1, 1 + changes):
            await collector.request("calendar:put", {"items": [seed.event(change % events, change)]})
        rows.append(Row(f"and {clients:,} clients, after {changes:,} changes", await _steady(server)))
        many = await connect_many(idle_clients - clients, server.port)
        rss_bytes = await _steady(server)
        each_bytes = (rss_bytes - rows[-1].rss_bytes) / len(many)
        rows.append(Row(f"and {idle_clients:,} clients", rss_bytes, each_bytes))
        for client in (collector, *few, *many):
            client.close()
    return rows


async def _steady(server: MeasuredServer) -> int:
    """The memory in use once it has stopped changing, or the time is over."""
    ends_at = asyncio.get_running_loop().time() + STEADY_WITHIN_S
    before, now = -1, server.rss_bytes()
    while abs(now - before) > STEADY_BYTES and asyncio.get_running_loop().time() < ends_at:
        await asyncio.sleep(0.5)
        before, now = now, server.rss_bytes()
    return now


def table(rows: Sequence[Row]) -> Table:
    """As printed."""
    return Table(
        "memory: resident set of the server",
        ("with", "MB", "KB for each client added"),
        [
            (row.name, mb(row.rss_bytes), "" if row.each_bytes is None else f"{row.each_bytes / 1000:.1f}")
            for row in rows
        ],
        ("good:", "third row: < 100", "< 50"),
    )


async def run(folder: Path) -> Table:
    """At full size."""
    return table(await measure(folder))

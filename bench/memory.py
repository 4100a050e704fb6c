"""The idle server's memory: at start, with a state, with clients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import seed
from bench.client import connect, connect_many
from bench.server import serving
from bench.table import Table, mb

FILES = 1_300


@dataclass(frozen=True)
class Row:
    """`each_bytes`: what each client added to the row before, where clients were added."""

    name: str
    rss_bytes: int
    each_bytes: float | None = None


async def measure(
    folder: Path, events: int = 1_000, clients: int = 100, idle_clients: int = 1_000, changes: int = 200
) -> list[Row]:
    """One row for each step; the last adds idle clients up to this number."""
    async with serving(folder) as server:
        rows = [Row("just started", await server.steady_bytes())]
        collector = await connect(server.port, source="bench")
        await seed.fill(collector, events=events)
        rows.append(Row(f"{events:,} events", await server.steady_bytes()))
        few = await connect_many(clients, server.port)
        for change in range(1, 1 + changes):
            await collector.request("calendar:put", {"items": [seed.event(change % events, change)]})
        rows.append(Row(f"and {clients:,} clients, after {changes:,} changes", await server.steady_bytes()))
        many = await connect_many(idle_clients - clients, server.port)
        rss_bytes = await server.steady_bytes()
        each_bytes = (rss_bytes - rows[-1].rss_bytes) / len(many)
        rows.append(Row(f"and {idle_clients:,} clients", rss_bytes, each_bytes))
        for client in (collector, *few, *many):
            client.close()
    return rows


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

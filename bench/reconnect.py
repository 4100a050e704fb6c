"""The server is killed and restarted, and everybody reconnects at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import seed
from bench.client import Client, LoadError, connect, connect_many
from bench.server import MeasuredServer, serving
from bench.table import Table, count, mb, quantile

FILES = 1_300
MISSED_CHANGES = 5  # as after a short loss of the network


@dataclass(frozen=True)
class Row:
    """`start_s`: from the kill until the server takes connections again. `waits_s`: from then until
    each client was in step. `modes` counts the forms of sync."""

    name: str
    modes: Counter[str]
    received_bytes: int
    start_s: float
    waits_s: Sequence[float]
    peak_bytes: int | None


async def measure(folder: Path, clients: int = 1_000, events: int = 1_000) -> list[Row]:
    """With positions (half of the clients missed a few changes before the kill), and without."""
    async with serving(folder) as server:
        collector = await connect(server.port, source="bench")
        await seed.fill(collector, events=events)
        connected = await connect_many(clients, server.port)
        away = connected[: clients // 2]
        for client in away:
            client.close()
        for change in range(1, 1 + MISSED_CHANGES):
            await collector.request("calendar:put", {"items": [seed.event(0, change)]})
        head = await _head(server)
        await _all_at(connected[len(away) :], head)
        positions = [client.resume for client in connected]
        with_positions = await _come_back(server, "with their position", head, positions)
        without = await _come_back(server, "without a position", head, [None] * clients)
    return [with_positions, without]


async def _come_back(
    server: MeasuredServer, name: str, head: int, positions: Sequence[dict[str, object] | None]
) -> Row:
    killed_at = time.perf_counter()
    await server.restart()
    began = time.perf_counter()
    clients = await asyncio.gather(*(connect(server.port, resume=position) for position in positions))
    for client in clients:
        if client.seq != head:
            raise LoadError(f"a client is at {client.seq}, not at {head}: {client.mode}")
    row = Row(
        name,
        Counter(client.mode for client in clients),
        sum(client.sync_bytes for client in clients),
        began - killed_at,
        [client.synced_at - began for client in clients],
        server.peak_bytes(),
    )
    for client in clients:
        client.close()
    return row


async def _head(server: MeasuredServer) -> int:
    asking = await connect(server.port)
    asking.close()
    return asking.seq


async def _all_at(clients: Sequence[Client], head: int) -> None:
    while any(client.seq < head for client in clients):  # noqa: ASYNC110 - not worth a call for each patch
        await asyncio.sleep(0.01)


def table(rows: Sequence[Row], clients: int, events: int) -> Table:
    """As printed."""
    return Table(
        f"reconnect: {clients:,} clients at once after kill -9, {events:,} events in the state",
        ("they come", "syncs", "MB sent", "start s", "half in s", "all in s", "peak MB"),
        [
            (
                row.name,
                ", ".join(f"{count(number)} {mode}" for mode, number in sorted(row.modes.items())),
                mb(row.received_bytes),
                f"{row.start_s:.2f}",
                f"{quantile(row.waits_s, 0.5):.2f}",
                f"{max(row.waits_s):.2f}",
                mb(row.peak_bytes),
            )
            for row in rows
        ],
        ("good:", "with: no snapshot", "", "< 2", "", "< 5", "< 200"),
        ["Start: until it takes connections; half, all: in step, from then on; peak: the server's VmHWM."],
    )


async def run(folder: Path) -> Table:
    """At full size."""
    return table(await measure(folder), 1_000, 1_000)

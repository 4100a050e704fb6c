"""One changed event, many dashboards: bytes sent, latency, and the server's CPU."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import seed
from bench.client import Client, connect, connect_many
from bench.server import MeasuredServer, serving
from bench.table import Table, count, ms, quantile, us

FILES = 200
WARM_UP_CHANGES = 10  # the first ones compile expressions and fill caches


@dataclass(frozen=True)
class Row:
    """`latencies_s`: from the request to the patch at each client. `alone_cpu_s`: the server's time
    for a change that nobody is sent; `delivered_cpu_s`: what each recipient adds to it."""

    events: int
    patch_bytes: int
    snapshot_bytes: int
    latencies_s: Sequence[float]
    alone_cpu_s: float
    delivered_cpu_s: float
    load_share: float


class Audience:
    """Dashboards that note when each patch reached them."""

    def __init__(self) -> None:
        self.latencies_s: list[float] = []
        self.acks_s: list[float] = []
        self.patch_bytes = 0
        self._sent_at = 0.0
        self._missing = 0
        self._all = asyncio.Event()

    def hear(self, head: bytes, size: int) -> None:
        """Notes that a patch has arrived at one of them."""
        self.latencies_s.append(time.perf_counter() - self._sent_at)
        self.patch_bytes = max(self.patch_bytes, size)
        self._missing -= 1
        if self._missing <= 0:
            self._all.set()

    async def see(self, collector: Client, number: int, recipients: int) -> None:
        """Changes one event; returns when the ack and all patches have arrived."""
        self._missing = recipients
        self._all.clear()
        self._sent_at = time.perf_counter()
        await collector.request("calendar:put", {"items": [seed.event(0, number)]})
        self.acks_s.append(time.perf_counter() - self._sent_at)
        if recipients:
            await self._all.wait()


async def measure(
    folder: Path, sizes: Sequence[int] = (100, 1_000, 5_000), dashboards: int = 100, changes: int = 300
) -> list[Row]:
    """One row for each number of events in the state."""
    rows = []
    for size in sizes:
        async with serving(folder / str(size)) as server:
            rows.append(await _measure_one(server, size, dashboards, changes))
    return rows


async def _measure_one(server: MeasuredServer, size: int, dashboards: int, changes: int) -> Row:
    collector = await connect(server.port, source="bench")
    await seed.fill(collector, events=size)
    audience = Audience()
    await _change(audience, collector, 0, WARM_UP_CHANGES)
    alone_s, _ = await _cpu_of_changes(server, audience, collector, 0, changes)
    clients = await connect_many(dashboards, server.port, audience.hear)
    await _change(audience, collector, dashboards, WARM_UP_CHANGES)
    audience.latencies_s.clear()
    all_s, load_share = await _cpu_of_changes(server, audience, collector, dashboards, changes)
    for client in (collector, *clients):
        client.close()
    return Row(
        size,
        audience.patch_bytes,
        clients[0].sync_bytes,
        audience.latencies_s,
        alone_s / changes,
        (all_s - alone_s) / (changes * dashboards),
        load_share,
    )


async def _cpu_of_changes(
    server: MeasuredServer, audience: Audience, collector: Client, recipients: int, changes: int
) -> tuple[float, float]:
    """The server's CPU time, and the load program's as a share of the elapsed time."""
    began = time.perf_counter(), time.process_time(), server.cpu_s()
    await _change(audience, collector, recipients, changes)
    passed, load = time.perf_counter() - began[0], time.process_time() - began[1]
    return server.cpu_s() - began[2], load / passed


async def _change(audience: Audience, collector: Client, recipients: int, changes: int) -> None:
    for number in range(1, changes + 1):
        await audience.see(collector, number, recipients)


def table(rows: Sequence[Row], dashboards: int) -> Table:
    """As printed."""
    return Table(
        f"fanout: one event changes, {dashboards} dashboards in `state`",
        ("events", "patch B", "whole state B", "p50 ms", "p99 ms", "CPU us/change", "+ CPU us/patch sent"),
        [
            (
                count(row.events),
                count(row.patch_bytes),
                count(row.snapshot_bytes),
                ms(quantile(row.latencies_s, 0.5)),
                ms(quantile(row.latencies_s, 0.99)),
                us(row.alone_cpu_s),
                us(row.delivered_cpu_s),
            )
            for row in rows
        ],
        ("good:", "<= 1,024, same for all", "what it saves", "< 20", "< 50", "same for all", "< 15"),
        [
            "p50, p99: from sending the request to the patch at each dashboard, one change at a time. "
            "CPU/change: with nobody to send to.",
            f"The load program used {max(row.load_share for row in rows):.0%} of one processor.",
        ],
    )


async def run(folder: Path) -> Table:
    """At full size."""
    return table(await measure(folder), 100)

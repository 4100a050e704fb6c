"""A large put in parts, while dashboards watch and a person types: its duration, and the delay for others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench import seed
from bench.client import Client, connect, connect_many
from bench.server import MeasuredServer
from bench.table import Table, count, mb, ms, quantile
from sio_server.side_app.health import WORST_OF_S

FILES = 300
WITHIN_S = 180.0
ITEMS = 10_000  # a calendar of some years, or a large task list
DASHBOARDS = 100  # an office
IN_A_PART = 500  # as the collectors send it
COMMAND_EVERY_S = 0.1  # somebody who types while it goes on
IDLE_S = 8.0  # what the same commands take without it; enough for some 80


class WatchedServer(MeasuredServer):
    """The server with a close watch on its event loop."""

    program = ("-m", "bench.watched")

    async def stats(self) -> dict[str, Any]:
        """What /stats says."""
        _, stats = await self.get("/stats")
        return dict(stats)


@dataclass(frozen=True)
class Row:
    """One phase: how long it took, and what a person's commands took meanwhile."""

    name: str
    took_s: float
    commands_s: list[float]
    lag_s: float
    peak_bytes: int | None
    patches: int


class Typist:
    """Somebody who approves and reopens the same priority ten times a second."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.took_s: list[float] = []

    @asynccontextmanager
    async def typing(self) -> AsyncIterator[None]:
        """Types for the duration of the block."""
        self.took_s = []
        task = asyncio.ensure_future(self._type())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _type(self) -> None:
        number = 0
        while True:
            due = time.perf_counter() + COMMAND_EVERY_S
            number += 1
            word = "approve" if number % 2 else "reopen"
            began = time.perf_counter()
            await self._client.request("command:run", {"text": f"{word} P1"})
            self.took_s.append(time.perf_counter() - began)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))


async def measure(folder: Path, items: int = ITEMS, dashboards: int = DASHBOARDS) -> list[Row]:
    """The phases, one after the other, on one server."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    server = WatchedServer(folder / "data")
    await server.start()
    try:
        patches = [0]
        boards = await connect_many(dashboards, server.port, lambda head, size: _count(patches, head))
        person = await connect(server.port, rooms=[], client="person")
        await seed.fill(person, priorities=1)
        collector = await connect(server.port, source="ics:bench")
        events = [seed.event(number) for number in range(items)]
        typist = Typist(person)
        rows = []
        for name, work in (
            ("idle", lambda: asyncio.sleep(IDLE_S)),
            ("from empty", lambda: put(collector, events)),
            ("the same again", lambda: put(collector, events)),
            ("all changed", lambda: put(collector, [seed.event(number, 1) for number in range(items)])),
        ):
            rows.append(await _phase(server, name, work, typist, patches))
        for board in boards:
            board.close()
        return rows
    finally:
        await server.kill()


async def _phase(
    server: WatchedServer, name: str, work: Callable[[], Awaitable[None]], typist: Typist, patches: list[int]
) -> Row:
    await asyncio.sleep(WORST_OF_S + 0.5)  # so that the previous phase's lag no longer counts
    seen = patches[0]
    began = time.perf_counter()
    async with typist.typing():
        await work()
        took_s = time.perf_counter() - began
        await asyncio.sleep(1.0)  # its patches are still being sent
    stats = await server.stats()
    lag_s = stats["loop_lag_ms"] / 1000
    return Row(name, took_s, typist.took_s, lag_s, server.peak_bytes(), patches[0] - seen)


def _count(patches: list[int], head: bytes) -> None:
    if b'"command":"calendar:put"' in head:
        patches[0] += 1


async def put(collector: Client, events: list[dict[str, Any]]) -> None:
    """One replace in parts, each sent when the one before it is acked, as the collector library does."""
    parts = [events[first : first + IN_A_PART] for first in range(0, len(events), IN_A_PART)]
    batch = orjson.dumps(time.time_ns()).decode()
    for number, items in enumerate(parts, 1):
        part = {"batch": batch, "number": number, "last": number == len(parts)}
        await collector.request("calendar:put", {"items": items, "mode": "replace", "part": part})


def table(rows: list[Row], items: int, dashboards: int) -> Table:
    """As printed."""
    return Table(
        f"ingest: a put of {items:,} events in parts, {dashboards} dashboards, a command every 100 ms",
        ("phase", "s", "items/s", "patches", "lag ms", "command p50 ms", "p99 ms", "peak MB"),
        [
            (
                row.name,
                f"{row.took_s:.2f}",
                "" if row.name == "idle" else count(items / row.took_s),
                count(row.patches),
                ms(row.lag_s),
                ms(quantile(row.commands_s, 0.5)),
                ms(quantile(row.commands_s, 0.99)),
                mb(row.peak_bytes),
            )
            for row in rows
        ],
        ("good:", "", "", "0 again", "< 20", "", "", ""),
        ["Lag: the longest that the event loop was held. Patches: of the put, to all dashboards."],
    )


async def run(folder: Path) -> Table:
    """At full size."""
    return table(await measure(folder), ITEMS, DASHBOARDS)

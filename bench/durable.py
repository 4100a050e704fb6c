"""Durable requests, compared with what the disk alone can do."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import bare_commits, seed
from bench.client import Client, connect, connect_many
from bench.server import MeasuredServer, serving
from bench.table import Table, count, ms, quantile, us

FILES = 200
WARM_UP_S = 0.5  # until the first commits have filled the caches
GROUPS = (1, 8, 160)  # one writer, one client's requests in flight, and all of the clients' together


@dataclass(frozen=True)
class Load:
    """`with_op`: each request carries an op; `in_state`: the clients also receive every patch."""

    clients: int
    in_flight: int
    with_op: bool = False
    in_state: bool = False

    @property
    def name(self) -> str:
        """The load in words."""
        extras = [", with op"] * self.with_op + [", in `state`"] * self.in_state
        return f"{self.clients} x {self.in_flight}{''.join(extras)}"


LOADS = (Load(20, 8), Load(20, 8, with_op=True), Load(20, 8, in_state=True), Load(1, 1))


@dataclass(frozen=True)
class Row:
    """What a load, or a bare loop of commits, came to. `batch`: requests, or rows, in one commit of SQLite's,
    on average."""

    name: str
    per_s: float
    took_s: Sequence[float]
    batch: float
    cpu_s: float | None = None
    load_share: float = 0.0


class Slot:
    """One request in flight at a time, on an item of its own: complete, reopen, complete, ..."""

    def __init__(self, client: Client, number: int, ops: Callable[[], str] | None) -> None:
        self._client = client
        self._id = f"priority-{number}"
        self._ops = ops
        self.took_s: list[float] = []

    async def work(self, until: float) -> None:
        """Sends pairs, so that each request finds something to change."""
        while time.perf_counter() < until:
            for event in ("priorities:complete", "priorities:reopen"):
                payload = {"id": self._id}
                if self._ops is not None:
                    payload["op"] = self._ops()
                began = time.perf_counter()
                await self._client.request(event, payload)
                self.took_s.append(time.perf_counter() - began)


async def measure(
    folder: Path, loads: Sequence[Load] = LOADS, seconds: float = 4.0, warm_up_s: float = WARM_UP_S
) -> list[Row]:
    """A row for each load, each on the same server, and for each bare loop, each in its data directory."""
    async with serving(folder) as server:
        filler = await connect(server.port, rooms=[])
        await seed.fill(filler, priorities=max(load.clients * load.in_flight for load in loads))
        filler.close()
        rows = [await _measure_one(server, load, seconds, warm_up_s) for load in loads]
        for group in GROUPS:
            bare = await asyncio.to_thread(bare_commits.measure, server.data_dir, group, seconds / 4)
            name = f"bare, {group} row{'s' * (group > 1)}"
            rows.append(Row(name, bare.rows_per_s, bare.took_s, group))
    return rows


async def _measure_one(server: MeasuredServer, load: Load, seconds: float, warm_up_s: float) -> Row:
    rooms = ["state"] if load.in_state else []
    clients = await connect_many(load.clients, server.port, rooms=rooms)
    numbers = itertools.count()
    ops = (lambda: f"op-{next(numbers)}") if load.with_op else None
    slots = [
        Slot(clients[number % load.clients], number, ops) for number in range(load.clients * load.in_flight)
    ]
    await _work(slots, warm_up_s)
    for slot in slots:
        slot.took_s.clear()
    before = await _batches(server)
    cpu_s, load_cpu_s, began = server.cpu_s(), time.process_time(), time.perf_counter()
    await _work(slots, seconds)
    passed_s = time.perf_counter() - began
    cpu_s, load_cpu_s = server.cpu_s() - cpu_s, time.process_time() - load_cpu_s
    commits, batches = (
        after - earlier for after, earlier in zip(await _batches(server), before, strict=True)
    )
    for client in clients:
        client.close()
    took_s = [one for slot in slots for one in slot.took_s]
    done = len(took_s)
    return Row(load.name, done / passed_s, took_s, commits / batches, cpu_s / done, load_cpu_s / passed_s)


async def _work(slots: Sequence[Slot], seconds: float) -> None:
    until = time.perf_counter() + seconds
    await asyncio.gather(*(slot.work(until) for slot in slots))


async def _batches(server: MeasuredServer) -> tuple[float, float]:
    """Commits so far, and the appends they took."""
    name = "adjutant_batch_commits"
    return await server.metric(f"{name}_sum"), await server.metric(f"{name}_count")


def table(rows: Sequence[Row], folder: Path) -> Table:
    """As printed."""
    return Table(
        "durable: priorities:complete and :reopen, on disk before the ack",
        ("clients x in flight", "per s", "p50 ms", "p99 ms", "in a commit", "CPU us/request"),
        [
            (
                row.name,
                count(row.per_s),
                ms(quantile(row.took_s, 0.5)),
                ms(quantile(row.took_s, 0.99)),
                f"{row.batch:.1f}",
                "" if row.cpu_s is None else us(row.cpu_s),
            )
            for row in rows
        ],
        ("good:", "20 x 8: > bare 1", "1 x 1: bare + 1", "< 10 x p50", "20 x 8: > 10", "< 150"),
        [
            "Bare: a loop of SQLite commits in the server's data directory, with its settings; p50, p99 of a "
            "commit. In `state`: each client is also sent every patch.",
            f"The disk: {_file_system(folder)}. "
            f"The load program used at most {max(row.load_share for row in rows):.0%} of one processor.",
        ],
    )


def _file_system(folder: Path) -> str:
    mounts = [mount for mount in psutil.disk_partitions(all=True) if folder.is_relative_to(mount.mountpoint)]
    if not mounts:
        return "unknown"
    kind = max(mounts, key=lambda mount: len(mount.mountpoint)).fstype
    in_memory = ", which is memory: nothing here is durable, choose a --folder on a disk"
    return kind + (in_memory if kind in ("tmpfs", "ramfs") else "")


async def run(folder: Path) -> Table:
    """At full size."""
    return table(await measure(folder), folder)

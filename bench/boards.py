"""Many boards on one server, beside one board with as many clients and as many deliveries."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from bench import seed
from bench.client import Client, connect, connect_many
from bench.server import MeasuredServer, serving
from bench.table import Table, count, mb, ms, quantile, us

FILES = 2_500
FILES_LARGE = 16_000
WITHIN_S = 240.0
FULL_WITHIN_S = 1_800.0
BOARDS = 100
LARGE = 1_000
EACH = 5  # clients of a board
SECONDS = 10
ITEMS = 20  # on each of the many boards: they are small ones
OPENED = 30  # boards that are opened one by one, with ITEMS_OPENED items
ITEMS_OPENED = 1_000
AT_ONCE = 20  # boards that their first clients open at the same time
PING_EVERY_S = 0.005
UNDER_WAY = 100
"""Changes without an ack, at most: beyond what the server can do in a second, they are sent when it has done
others, and do not time out in its queue."""


@dataclass(frozen=True)
class Load:
    """One change a second on each of so many boards, to so many clients of each."""

    boards: int
    clients: int
    cpu_s: float
    took_s: float
    changes: int
    sent: int
    latencies_s: Sequence[float]
    memory_bytes: int
    board_bytes: float | None
    idle_cpu_share: float
    files: int
    threads: int


@dataclass(frozen=True)
class Openings:
    """From a connect to a closed board until its snapshot, and how long acks on `main` took meanwhile."""

    opened_s: Sequence[float]
    others_s: Sequence[float]


async def measure(folder: Path, boards: int = BOARDS, seconds: float = SECONDS) -> list[Load]:
    """Many boards, and then one."""
    async with serving(folder / "many") as server:
        many = await _many(server, boards, seconds)
    async with serving(folder / "one") as server:
        clients: list[Client] = []
        for _ in range(EACH):  # all at once would wait longer than the server lets anybody be a stranger
            clients += await connect_many(boards, server.port)
        one = await _load(server, [clients], seconds, None)
    return [many, one]


async def measure_openings(folder: Path, times: int = OPENED, items: int = ITEMS_OPENED) -> Openings:
    """Opens boards one by one, after a restart."""
    async with serving(folder / "opening") as server:
        names = _names(server, times)
        for name in names:
            client = await connect(server.port, board=name)
            await seed.fill(client, events=items)
            client.close()
        await server.stop()
        await server.start()
        other = await connect(server.port)
        others: list[float] = []
        pinging = asyncio.create_task(_ping(other, others))
        opened = []
        for name in names:
            began = time.perf_counter()
            client = await connect(server.port, board=name)
            opened.append(time.perf_counter() - began)
            client.close()
        pinging.cancel()
    return Openings(opened, others)


def _names(server: MeasuredServer, boards: int) -> list[str]:
    names = [f"board-{number}" for number in range(boards)]
    for name in names:
        (server.data_dir / "boards" / name).mkdir(parents=True)
    return names


async def _ping(client: Client, took_s: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await client.request("state:ping", {})
        took_s.append(time.perf_counter() - began)
        await asyncio.sleep(PING_EVERY_S)


async def _many(server: MeasuredServer, boards: int, seconds: float) -> Load:
    names = _names(server, boards)
    one = await connect_many(1, server.port)
    before = await server.steady_bytes()
    turns = asyncio.Semaphore(AT_ONCE)

    async def first(name: str) -> Client:
        async with turns:
            client = await connect(server.port, board=name)
            items = {"items": [seed.event(number) for number in range(ITEMS)]}
            await client.request("calendar:put", items)
            return client

    firsts = await asyncio.gather(*map(first, names))
    board_bytes = (await server.steady_bytes() - before) / boards
    groups = []
    for name, client in zip(names, firsts, strict=True):
        groups.append([client, *await connect_many(EACH - 1, server.port, board=name)])
    load = await _load(server, groups, seconds, board_bytes)
    for client in one:
        client.close()
    return load


async def _load(
    server: MeasuredServer, groups: list[list[Client]], seconds: float, board_bytes: float | None
) -> Load:
    """A change a second in each group, spread over the second; each client is sent each of its group's."""
    latencies: list[float] = []
    sent_at = [0.0] * len(groups)
    for number, group in enumerate(groups):
        for client in group:
            client.listen(partial(_heard, latencies, sent_at, number))
    began = time.perf_counter(), server.cpu_s()
    await asyncio.sleep(seconds / 2)
    idle = (server.cpu_s() - began[1]) / (time.perf_counter() - began[0])
    latencies.clear()
    before, start = server.cpu_s(), time.perf_counter()
    asked: deque[asyncio.Future[bytes]] = deque()
    total = len(groups) * int(seconds)
    for changes in range(total):
        await asyncio.sleep(max(0.0, start + changes / len(groups) - time.perf_counter()))
        if len(asked) == UNDER_WAY:
            await asked.popleft()
        number = changes % len(groups)
        item = seed.event(0, 1 + changes // len(groups))
        sent_at[number] = time.perf_counter()
        asked.append(groups[number][0].request("calendar:put", {"items": [item]}))
    await asyncio.gather(*asked)
    took_s = time.perf_counter() - start
    expected = sum(len(group) for group in groups) * int(seconds)
    while len(latencies) < expected:  # noqa: ASYNC110 - not worth a call for each patch
        await asyncio.sleep(0.01)
    process = psutil.Process(server.pid)
    return Load(
        len(groups),
        sum(map(len, groups)),
        server.cpu_s() - before,
        took_s,
        total,
        expected,
        latencies,
        await server.steady_bytes(),
        board_bytes,
        idle,
        process.num_fds(),
        process.num_threads(),
    )


def _heard(latencies_s: list[float], sent_at: list[float], number: int, head: bytes, size: int) -> None:
    latencies_s.append(time.perf_counter() - sent_at[number])


def table(loads: Sequence[Load]) -> Table:
    """As printed."""
    return Table(
        f"boards: {loads[0].boards:,} of {EACH} clients, a change on each per second, beside one",
        (
            "boards",
            "clients",
            "changes/s",
            "CPU us/change",
            "CPU us/patch sent",
            "p50 ms",
            "p99 ms",
            "MB",
            "MB/board",
            "idle CPU",
            "files",
        ),
        [
            (
                count(load.boards),
                count(load.clients),
                count(round(load.changes / load.took_s)),
                us(load.cpu_s / load.changes),
                us(load.cpu_s / load.sent),
                ms(quantile(load.latencies_s, 0.5)),
                ms(quantile(load.latencies_s, 0.99)),
                mb(load.memory_bytes),
                "-" if load.board_bytes is None else f"{load.board_bytes / 1e6:.2f}",
                f"{load.idle_cpu_share:.0%}",
                count(load.files),
            )
            for load in loads
        ],
        ("good:", "", "", "", "", "< 20", "< 100", "", "< 2", "", ""),
        [
            f"Both are sent {loads[0].sent:,} patches, in {SECONDS} s if the server keeps up. A commit of "
            f"the one board reaches all its clients, one of the many {EACH}: their CPU is that of commits.",
            f"MB/board: an open board with {ITEMS} items and one client. Threads of the server: "
            f"{' and '.join(str(load.threads) for load in loads)}.",
        ],
    )


def opening_table(found: Openings) -> Table:
    """As printed."""
    return Table(
        f"boards: opened by their first client, {ITEMS_OPENED:,} items on each",
        ("boards", "p50 ms", "p99 ms", "ack on main p50 ms", "p99 ms", "worst ms"),
        [
            (
                count(len(found.opened_s)),
                *(ms(quantile(found.opened_s, part)) for part in (0.5, 0.99)),
                *(ms(quantile(found.others_s, part)) for part in (0.5, 0.99, 1.0)),
            )
        ],
        ("good:", "", "< 100", "", "< 20", ""),
    )


async def run(folder: Path) -> Sequence[Table]:
    """With a tenth of the boards of `run_large`."""
    return [table(await measure(folder)), opening_table(await measure_openings(folder))]


async def run_large(folder: Path) -> Sequence[Table]:
    """At full size: some 15,000 open files in the server."""
    return [table(await measure(folder, LARGE)), opening_table(await measure_openings(folder))]

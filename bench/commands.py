"""Typed lines: completion, running, undo, and the history afterwards."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import seed
from bench.client import Client, Refused, connect, connect_many
from bench.server import MeasuredServer, serving
from bench.table import Table, count, ms, quantile, us
from handlers import REGISTRY
from handlers.command import verbs
from sio_server.commands.suggest import suggest
from sio_server.log.sqlite import SqliteLog
from sio_server.state.draft import Draft
from sio_server.state.history import NoHistory
from sio_server.state.state import State

FILES = 200
WARM_UP_S = 0.3  # until the first commits have filled the caches
STEPS = 5  # as many as a long typed line has
TYPED = ("u", "drop ", "drop P1", "drop letter", "drop weekly proj part", "drop xyzzy", "update P12 ")
"""Partial lines: a verb, any item, a code, words of titles, an unknown word, a text."""

Asked = tuple[str, dict[str, Any]]
Turn = Callable[[Sequence[str], Callable[[], str]], Iterator[Asked]]
"""What one after the other sends, given ids or codes of its own and new ops; it leaves all as it was."""


@dataclass(frozen=True)
class Row:
    """`took_s`: from the request to the ack; `inside_s`: in the function alone, where that is told apart."""

    name: str
    how: str
    per_s: float
    took_s: Sequence[float]
    cpu_s: float
    load_share: float
    inside_s: Sequence[float] = ()


@dataclass(frozen=True)
class Load:
    """`timed` is the event that counts; each in flight has `items` priorities of its own."""

    name: str
    turn: Turn
    clients: int = 1
    in_flight: int = 1
    items: int = 1
    timed: str = "command:run"


def _lines(codes: Sequence[str], new_op: Callable[[], str]) -> Iterator[Asked]:
    for verb in ("approve", "reopen"):
        text = " | ".join(f"{verb} {code}" for code in codes)
        yield "command:run", {"text": text, "op": new_op()}


def _dry(codes: Sequence[str], new_op: Callable[[], str]) -> Iterator[Asked]:
    yield "command:run", {"text": f"approve {codes[0]}", "dry": True}


def _unknown(codes: Sequence[str], new_op: Callable[[], str]) -> Iterator[Asked]:
    yield "command:run", {"text": "approve P99999", "op": new_op()}


def _taken_back(codes: Sequence[str], new_op: Callable[[], str]) -> Iterator[Asked]:
    op = new_op()
    yield "command:run", {"text": f"approve {codes[0]}", "op": op}
    yield "command:undo", {"of": op, "op": new_op()}


LOADS = (
    Load("run, 1 step", _lines),
    Load(f"run, {STEPS} steps", _lines, items=STEPS),
    Load("run, 1 step", _lines, 20, 8),
    Load(f"run, {STEPS} steps", _lines, 20, 8, items=STEPS),
    Load("run, dry", _dry),
    Load("run, no such code", _unknown),
    Load("undo", _taken_back, timed="command:undo"),
    Load("undo", _taken_back, 20, 8, timed="command:undo"),
)


async def measure_suggest(
    folder: Path, sizes: Sequence[int] = (1_000, 10_000), lines: Sequence[str] = TYPED, times: int = 100
) -> list[Row]:
    """A row for each line and number of items, half of them events and half priorities."""
    rows: list[Row] = []
    for size in sizes:
        place = folder / str(size)
        async with serving(place) as server:
            client = await connect(server.port, rooms=[])
            await seed.fill(client, events=size // 2, priorities=size // 2)
            found = [await _suggest(server, client, size, line, times) for line in lines]
            client.close()
        state = await asyncio.to_thread(_load, place / "data")
        rows += [
            replace(row, inside_s=_time_suggest(state, line, times))
            for row, line in zip(found, lines, strict=True)
        ]
    return rows


async def measure_lines(
    folder: Path, loads: Sequence[Load] = LOADS, seconds: float = 2.5, warm_up_s: float = WARM_UP_S
) -> list[Row]:
    """A row for each load, one after the other on the same server."""
    async with serving(folder) as server:
        filler = await connect(server.port, rooms=[])
        await seed.fill(filler, priorities=max(load.clients * load.in_flight * load.items for load in loads))
        filler.close()
        return [await _run(server, load, seconds, warm_up_s) for load in loads]


async def measure_history(
    folder: Path, changes: int = 1_000, limits: Sequence[int] = (20, 100), times: int = 300
) -> list[Row]:
    """A row for each number of requested entries, of an item with this many changes."""
    async with serving(folder) as server:
        client = await connect(server.port, rooms=[])
        await seed.fill(client, priorities=1)
        for _ in range(changes // 2):
            await client.request("priorities:complete", {"code": "P1"})
            await client.request("priorities:reopen", {"code": "P1"})
        rows = [
            await _ask(
                server,
                client,
                f"{limit} of {changes:,}",
                ("state:history", {"code": "P1", "limit": limit}),
                times,
            )
            for limit in limits
        ]
        client.close()
    return rows


async def _suggest(server: MeasuredServer, client: Client, size: int, line: str, times: int) -> Row:
    row = await _ask(server, client, line, ("command:suggest", {"text": line}), times)
    return replace(row, how=count(size))


async def _ask(server: MeasuredServer, client: Client, name: str, asked: Asked, times: int) -> Row:
    """The same question again and again, one at a time."""
    took_s: list[float] = []
    await client.request(*asked)
    cpu_s, load_cpu_s, began = server.cpu_s(), time.process_time(), time.perf_counter()
    for _ in range(times):
        sent_at = time.perf_counter()
        await client.request(*asked)
        took_s.append(time.perf_counter() - sent_at)
    passed_s = time.perf_counter() - began
    share = (time.process_time() - load_cpu_s) / passed_s
    return Row(name, "1 x 1", times / passed_s, took_s, (server.cpu_s() - cpu_s) / times, share)


def _load(data_dir: Path) -> State:
    """The state of a server that has ended."""
    log = SqliteLog(data_dir, 0, 0)
    try:
        state = State(REGISTRY, log.epoch)
        log.load(state)
        return state
    finally:
        log.close()


def _time_suggest(state: State, line: str, times: int) -> list[float]:
    """Calls the function as the server does, in this process."""
    took_s = []
    for _ in range(times):
        began = time.perf_counter()
        suggest(verbs(REGISTRY), line, Draft(state, NoHistory(), time.time()), REGISTRY)
        took_s.append(time.perf_counter() - began)
    return took_s


class _Slot:
    """One request in flight at a time, on items of its own."""

    def __init__(self, client: Client, load: Load, number: int, new_op: Callable[[], str]) -> None:
        first = number * load.items + 1
        self._client = client
        self._load = load
        self._codes = [f"P{code}" for code in range(first, first + load.items)]
        self._new_op = new_op
        self.took_s: list[float] = []

    async def work(self, until: float) -> None:
        """Takes turns until the time is up."""
        while time.perf_counter() < until:
            for event, payload in self._load.turn(self._codes, self._new_op):
                began = time.perf_counter()
                try:
                    await self._client.request(event, payload)
                except Refused:
                    if self._load.turn is not _unknown:
                        raise
                if event == self._load.timed:
                    self.took_s.append(time.perf_counter() - began)


async def _run(server: MeasuredServer, load: Load, seconds: float, warm_up_s: float) -> Row:
    clients = await connect_many(load.clients, server.port, rooms=[])
    numbers = itertools.count()

    def new_op() -> str:
        return f"{load.name} {load.clients} {next(numbers)}"

    slots = [
        _Slot(clients[number % load.clients], load, number, new_op)
        for number in range(load.clients * load.in_flight)
    ]
    await _work(slots, warm_up_s)
    for slot in slots:
        slot.took_s.clear()
    cpu_s, load_cpu_s, began = server.cpu_s(), time.process_time(), time.perf_counter()
    await _work(slots, seconds)
    passed_s = time.perf_counter() - began
    cpu_s, share = server.cpu_s() - cpu_s, (time.process_time() - load_cpu_s) / passed_s
    for client in clients:
        client.close()
    took_s = [one for slot in slots for one in slot.took_s]
    how = f"{load.clients} x {load.in_flight}"
    return Row(load.name, how, len(took_s) / passed_s, took_s, cpu_s / len(took_s), share)


async def _work(slots: Sequence[_Slot], seconds: float) -> None:
    until = time.perf_counter() + seconds
    await asyncio.gather(*(slot.work(until) for slot in slots))


def suggest_table(rows: Sequence[Row]) -> Table:
    """As printed."""
    return Table(
        "commands: command:suggest, one at a time",
        ("typed so far", "items", "inside p50", "p99 ms", "to the ack p50", "p99 ms", "CPU us"),
        [
            (
                row.name,
                row.how,
                *(
                    ms(quantile(took_s, part))
                    for took_s in (row.inside_s, row.took_s)
                    for part in (0.5, 0.99)
                ),
                us(row.cpu_s),
            )
            for row in rows
        ],
        ("good:", "", "1,000: < 2", "", "", "< 10 x p50", ""),
        ["Inside: the function alone, in the load program's process, on the state that the server left."],
    )


def lines_table(rows: Sequence[Row]) -> Table:
    """As printed."""
    return Table(
        "commands: command:run and command:undo, on disk before the ack",
        ("request", "clients x in flight", "per s", "p50 ms", "p99 ms", "CPU us/request"),
        [(row.name, row.how, count(row.per_s), *_times(row)) for row in rows],
        ("good:", "", "20 x 8: > 1,000", "1 x 1: < 5", "< 10 x p50", ""),
        [
            "Lines that change something carry an op, and each in flight has items of its own. Undo: of a "
            "line that was run just before it; that line is not counted, but its CPU is.",
            f"The load program used at most {max(row.load_share for row in rows):.0%} of one processor.",
        ],
    )


def history_table(rows: Sequence[Row]) -> Table:
    """As printed."""
    return Table(
        "commands: state:history of one item, one at a time",
        ("entries, of changes", "p50 ms", "p99 ms", "CPU us/request"),
        [(row.name, *_times(row)) for row in rows],
        ("good:", "< 5", "< 10 x p50", ""),
    )


def _times(row: Row) -> tuple[str, str, str]:
    return ms(quantile(row.took_s, 0.5)), ms(quantile(row.took_s, 0.99)), us(row.cpu_s)


async def run(folder: Path) -> list[Table]:
    """At full size."""
    return [
        suggest_table(await measure_suggest(folder)),
        lines_table(await measure_lines(folder / "lines")),
        history_table(await measure_history(folder / "history")),
    ]

"""Search over the same real records in PostgreSQL and in a search file: two servers, asked in turn."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.client import LoadError, connect
from bench.putting import Records
from bench.search import classes, put_all, take
from bench.search_tables import Times
from bench.searching import timed
from bench.server import MeasuredServer, serving
from bench.table import Table, count, mb, ms, quantile
from tests import postgres

FILES = 300
WITHIN_S = 1_800.0
MEMORY = "128MB"
"""Of PostgreSQL's own cache: its default, and Debian's."""


@dataclass(frozen=True)
class Taken:
    """Records per second through the socket, and the bytes that they take."""

    name: str
    records: int
    per_s: float
    stored_bytes: int


async def _take_in(name: str, server: MeasuredServer, records: Records) -> Taken:
    began = time.perf_counter()
    await put_all(server.port, records)
    took_s = time.perf_counter() - began
    await asyncio.sleep(3)  # the size is looked at every two seconds
    _, stats = await server.get("/stats")
    return Taken(name, len(records), len(records) / took_s, stats["search"]["bytes"])


async def measure(
    folder: Path, records: int | None = None, each: int = 40, times: int = 5
) -> tuple[list[Taken], list[Times]]:
    """All of it. `records`: so many, or all. In `Times`, ours is PostgreSQL's and the other the file's."""
    if postgres.programs() is None:
        raise LoadError(f"{postgres.MISSING}: install it, or leave out this table")
    everything = await asyncio.to_thread(take, records)
    database = postgres.Postgres(memory=MEMORY)
    try:
        await asyncio.to_thread(database.start)
        url = await asyncio.to_thread(database.url, "records")
        async with (
            serving(folder / "here", f"--search-url={url}") as here,
            serving(folder / "there") as there,
        ):
            taken = [
                await _take_in("PostgreSQL", here, everything),
                await _take_in("a search file", there, everything),
            ]
            await asyncio.to_thread(database.run, "CHECKPOINT")
            found = classes(there.data_dir / "search.db", each, random.Random(6))
            await _ask(here.port, there.port, found, times)
    finally:
        await asyncio.to_thread(database.remove)
    return taken, found


async def _ask(here: int, there: int, found: Sequence[Times], times: int) -> None:
    """Every query of every class, one at a time, at one server and then at the other."""
    ours, others = await connect(here, rooms=[]), await connect(there, rooms=[])
    for kind in found:
        for question in kind.questions:
            kind.ours_s += [await timed(ours, question.typed) for _ in range(times)]
            kind.plain_s += [await timed(others, question.typed) for _ in range(times)]
    ours.close()
    others.close()


def tables(taken: Sequence[Taken], found: Sequence[Times]) -> list[Table]:
    """What was measured."""
    every = Times("all of them", [], [s for one in found for s in one.ours_s])
    every.plain_s = [s for one in found for s in one.plain_s]
    return [
        Table(
            "records: taken in through the socket, on disk before the ack",
            ("kept in", "records", "per s", "MB"),
            [(one.name, count(one.records), count(one.per_s), mb(one.stored_bytes)) for one in taken],
            ("", "", "", ""),
        ),
        Table(
            "records: queries at the client, one at a time, 20 hits, ms",
            ("", "PostgreSQL p50", "p99", "worst", "file p50", "p99", "worst"),
            [(one.name, *_ms(one.ours_s), *_ms(one.plain_s)) for one in (*found, every) if one.ours_s],
            ("", "< 10", "< 100", "", "", "", ""),
        ),
    ]


def _ms(times_s: Sequence[float]) -> tuple[str, str, str]:
    return ms(quantile(times_s, 0.5)), ms(quantile(times_s, 0.99)), ms(max(times_s))


async def run(folder: Path) -> list[Table]:
    """At full size."""
    return tables(*await measure(folder))


async def run_short(folder: Path) -> list[Table]:
    """With fewer records."""
    return tables(*await measure(folder, 40_000, each=15, times=3))

"""Briefs beside 350,000 records: the real ones where they are, else as many that are made up."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import corpus, seed
from bench.client import connect
from bench.putting import Records
from bench.server import serving
from bench.table import Table, count, ms, quantile
from models.records import GivenRecord
from sio_server.search.file import SearchFile
from sio_server.search.ingest import RecordBatch

FILES = 100
WITHIN_S = 900.0
RECORDS = 350_000
SHORT = 20_000
MEETINGS = 120  # different subjects, so that nothing is told from a cache
BATCH = 1_000  # records in one transaction: as many as a put may have
WORDS_OF_RECORDS = 6_000
"""As many different words as people use in a few years of mail."""
_WORD = re.compile(r"[A-Za-z]{5,}")


def records(number: int) -> Records:
    """So many records, each with its source."""
    if not corpus.DATA.is_dir():
        return [("mail:made", one) for one in _made(number)]
    each = [[(source, one) for one in some] for source, some in corpus.sources()]
    return list(itertools.islice(itertools.chain.from_iterable(each), number))


def _made(number: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    letters = "abcdefghilmnoprstuvw"
    words = ["".join(chance.choices(letters, k=chance.randint(4, 10))) for _ in range(WORDS_OF_RECORDS)]
    weights = [1 / (rank + 5) for rank in range(len(words))]  # few words are common, most are rare
    for at in range(number):
        said = [chance.choices(words, weights, k=9) for _ in range(4)]
        text = " ".join(f"The {a} {b} of the {c} has to be {' '.join(more)}." for a, b, c, *more in said)
        who = seed.PEOPLE[at % len(seed.PEOPLE)]
        day = f"2026-{1 + at % 12:02d}-{1 + at % 28:02d}T09:00:00Z"
        yield {"id": f"m{at}", "text": text, "at": day, "title": " ".join(said[0][:3]), "meta": {"from": who}}


def fill(path: Path, everything: Records) -> None:
    """Writes the search file, before a server has it."""
    file = SearchFile(path, 1)
    try:
        for source, some in itertools.groupby(everything, key=lambda one: one[0]):
            left = [one for _, one in some]
            for first in range(0, len(left), BATCH):
                file.ingest.put(RecordBatch(source, left[first : first + BATCH], GivenRecord, None))
    finally:
        file.close()


def subjects(everything: Records, number: int) -> list[str]:
    """Titles of meetings: words that stand in some record, three in each."""
    chance = random.Random(7)
    found: list[str] = []
    while len(found) < number:
        _, one = chance.choice(everything)
        words = list(dict.fromkeys(_WORD.findall(one["text"])))
        if len(words) >= 3:
            found.append(" ".join(chance.sample(words, 3)))
    return found


async def measure(folder: Path, number: int, meetings: int = MEETINGS) -> Table:
    """Makes briefs of each kind, one after the other."""
    everything = await asyncio.to_thread(records, number)
    data = folder / "data"
    await asyncio.to_thread(data.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread(fill, data / "search.db", everything)
    titles = subjects(everything, meetings)
    rows = []
    async with serving(folder) as server:
        zone = seed.zone_after_midnight(datetime.now(UTC))
        client = await connect(server.port, rooms=[], tz=zone)
        codes = await seed.full_board(client, titles, zone)
        for kind, full in itertools.product(("meeting", "daily", "weekly"), (False, True)):
            took_s = []
            cpu_s = server.cpu_s()
            for code in codes:
                about = {"code": code} if kind == "meeting" else {}
                began = time.perf_counter()
                await client.request("brief:generate", {"kind": kind, "full": full, **about})
                took_s.append(time.perf_counter() - began)
            cpu_s = server.cpu_s() - cpu_s
            name = f"{kind}, full" if full else kind
            parts = [ms(quantile(took_s, part)) for part in (0.5, 0.99, 1.0)]
            rows.append((name, count(len(took_s)), *parts, ms(cpu_s / len(took_s))))
        client.close()
    real = "real" if corpus.DATA.is_dir() else "made up"
    return Table(
        f"briefs beside {count(len(everything))} records ({real}) and a full board",
        ("kind", "made", "p50 ms", "p99 ms", "worst ms", "server's processor, ms each"),
        rows,
        ("good:", "", "", "< 100", "", ""),
        (
            f"Each meeting has a subject of its own: three words of a record. All {meetings} are still ahead"
            " today, at any hour: the reader's zone is one in which the day has just begun.",
            "The board has 1,000 events, 500 priorities and 300 promises.",
        ),
    )


async def run(folder: Path) -> Table:
    """With 350,000 records."""
    return await measure(folder, RECORDS)


async def run_short(folder: Path) -> Table:
    """With fewer records."""
    return await measure(folder, SHORT, 40)

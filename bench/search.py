"""Search over real records: speed of indexing and queries, and their effect on patches."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import orjson

from bench import corpus, seed
from bench.beside import beside
from bench.client import Client, LoadError, connect, connect_many
from bench.fanout import Audience
from bench.putting import Records, by_source
from bench.search_tables import (
    BATCH,
    DASHBOARDS,
    IN_FLIGHT,
    STORM_CLIENTS,
    Briefs,
    Indexing,
    Opening,
    Question,
    Storm,
    Times,
    tables,
)
from bench.searching import timed
from bench.server import MeasuredServer
from bench.table import Table
from sio_server.search.matching import RANKED_AT_MOST
from sio_server.search.schema import OLD_SCHEMA
from sio_server.side_app.health import WORST_OF_S

FILES = 300
WITHIN_S = 900.0
ELSEWHERE = 10
"""The niceness of clients that in reality run on machines of their own."""
PLAIN = (
    "SELECT messages.id, messages.content, source, date, rank FROM messages_fts JOIN messages"
    " ON messages.id = messages_fts.rowid WHERE messages_fts MATCH ? {narrowed} ORDER BY rank LIMIT 20"
)
"""The old program's query, and the obvious one."""

THREES_TRIED = 400
"""Sets of three words, until enough have as many matches as is looked for."""


def take(number: int | None) -> Records:
    """All records, or about so many, of each source the first."""
    each = None if number is None else max(1, number // 5)
    return [(source, one) for source, records in corpus.sources() for one in itertools.islice(records, each)]


async def put_all(port: int, records: Records, in_flight: int = IN_FLIGHT) -> None:
    """Puts records as collectors do: each source over its own connection."""
    for source, batches in by_source(records):
        client = await connect(port, source=source)
        room = asyncio.Semaphore(in_flight)

        async def put(part: list[dict[str, Any]], client: Client = client, room: Any = room) -> None:
            async with room:
                await client.request("records:put", {"records": part})

        await asyncio.gather(*map(put, batches))
        client.close()


def _put_plainly(file: Path, records: Records) -> float:
    """A bare `executemany` into the same tables, as durable, a transaction for each batch; seconds."""
    connection = apsw.Connection(str(file))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.execute(OLD_SCHEMA)
    rows = [(one["text"], source, one["at"], orjson.dumps(one).decode()) for source, one in records]
    began = time.perf_counter()
    for at in range(0, len(rows), BATCH):
        with connection:
            connection.executemany(
                "INSERT INTO messages (content, source, date, metadata) VALUES (?, ?, ?, ?)",
                rows[at : at + BATCH],
            )
    took_s = time.perf_counter() - began
    connection.close()
    return took_s


async def measure_indexing(server: MeasuredServer, folder: Path, records: Records) -> Indexing:
    """All records through the socket, then by the plain form into a file of its own."""
    cpu_s, began = server.cpu_s(), time.perf_counter()
    await put_all(server.port, records)
    ours_s, cpu_s = time.perf_counter() - began, server.cpu_s() - cpu_s
    plain_s = await asyncio.to_thread(_put_plainly, folder / "plain.db", records)
    size = (server.data_dir / "search.db").stat().st_size
    return Indexing(len(records), len(records) / ours_s, len(records) / plain_s, size, cpu_s / len(records))


def _words(file: Path) -> list[tuple[str, int]]:
    """The words of the index, with the number of records of each, the most common first."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'messages_fts', 'row')")
    found = connection.execute("SELECT term, doc FROM vocabulary WHERE doc > 1 ORDER BY doc DESC").fetchall()
    connection.close()
    return [(str(term), int(str(doc))) for term, doc in found if str(term).isascii() and str(term).isalpha()]


def _quoted(*words: str) -> str:
    return " ".join(f'"{word}"' for word in words)


def classes(file: Path, each: int, chance: random.Random) -> list[Times]:
    """The queries, by class; their words come from the index."""
    words = _words(file)
    most = [word for word, _ in words[:20]]
    common = [word for word, doc in words[20:] if doc >= words[0][1] / 60][:each]
    rare = [word for word, doc in words if 3 <= doc <= 100]
    rare = chance.sample(rare, min(each, len(rare)))

    def mix(*lists: Sequence[str]) -> list[Question]:
        found = []
        for _ in range(each):
            chosen = [chance.choice(one) for one in lists]
            found.append(Question(" ".join(chosen), _quoted(*chosen)))
        return found

    def narrowed(typed: str, sql: str, *values: str) -> list[Question]:
        either = [*most, *common]
        return [
            Question(f"{word} {typed}", _quoted(word), sql, values)
            for word in chance.sample(either, min(each, len(either)))
        ]

    return [
        Times("most common word", [Question(word, _quoted(word)) for word in most]),
        Times("common word", [Question(word, _quoted(word)) for word in common]),
        Times("rare word", [Question(word, _quoted(word)) for word in rare]),
        Times("no record: overhead only", [Question(f"qz{word}", _quoted(f"qz{word}")) for word in rare]),
        Times("two common words", mix(common, [*most, *common])),
        Times("common and rare", mix(common, rare)),
        Times("three words", mix(common, common, [*most, *rare])),
        Times("three common words, 600 to 1,000 records", _ranked_threes(file, common, each, chance)),
        Times(
            "phrase",
            [Question(f'"{pair}"', f'"{pair}"') for pair in ("of the", "in the", "i have", "how to")],
        ),
        Times("beginning", [Question(f"{word[:4]}*", f'"{word[:4]}" *') for word in common if len(word) > 4]),
        Times("common, source:", narrowed("source:docs:peps", "AND source = ?", "docs:peps")),
        Times("common, small source:", narrowed("source:docs:k8s-keps", "AND source = ?", "docs:k8s-keps")),
        Times("common, after:", narrowed("after:2025-06-10", "AND date >= ?", "2025-06-10")),
        Times("common, before:", narrowed("before:2008", "AND date < ?", "2008")),
    ]


def _ranked_threes(file: Path, common: Sequence[str], each: int, chance: random.Random) -> list[Question]:
    """Three words each of which many records have, and just so many all of them as are still ranked."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    found: list[Question] = []
    for _ in range(THREES_TRIED if len(common) > 2 else 0):
        words = chance.sample(common, 3)
        matches = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM messages_fts WHERE messages_fts MATCH ? LIMIT ?)",
            (_quoted(*words), RANKED_AT_MOST + 1),
        ).get
        if 600 <= matches <= RANKED_AT_MOST:
            found.append(Question(" ".join(words), _quoted(*words)))
        if len(found) == each:
            break
    connection.close()
    return found


async def measure_queries(server: MeasuredServer, each: int, times: int) -> list[Times]:
    """Every query of every class, one at a time; after each its plain form, on the same file."""
    file = server.data_dir / "search.db"
    found = await asyncio.to_thread(classes, file, each, random.Random(6))
    client = await connect(server.port, rooms=[])
    plain = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    plain.pragma("cache_size", -16_384)
    for kind in found:
        for question in kind.questions:
            kind.ours_s += [await timed(client, question.typed) for _ in range(times)]
            kind.plain_s += [_timed_plainly(plain, question) for _ in range(times)]
    plain.close()
    client.close()
    return found


def _timed_plainly(connection: apsw.Connection, question: Question) -> float:
    began = time.perf_counter()
    query = PLAIN.format(narrowed=question.narrowed)
    connection.execute(query, (question.match, *question.values)).fetchall()
    return time.perf_counter() - began


async def measure_storm(
    server: MeasuredServer, late: Records, changes: int, words: Sequence[str], settle_s: float
) -> Storm:
    """Patches to dashboards: alone, and while others search without pause and records are put."""
    audience = Audience()
    dashboards = await connect_many(DASHBOARDS, server.port, audience.hear)
    feeder = await connect(server.port, source="bench")
    await seed.fill(feeder, events=100)
    idle_s = await _patches(audience, feeder, changes)
    await asyncio.sleep(settle_s)  # what the connecting took is then no longer in the worst lag
    file = server.data_dir.parent / "late.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, late)))
    async with (
        beside("bench.sleeper") as sleeper,
        beside("bench.putting", server.port, file, niceness=ELSEWHERE) as putting,
        beside("bench.searching", server.port, STORM_CLIENTS, *words, niceness=ELSEWHERE) as searching,
    ):
        began = time.perf_counter()
        storm_s = await _patches(audience, feeder, changes)
        passed_s = time.perf_counter() - began
        _, stats = await server.get("/stats")  # the worst of the last ten seconds
    for client in (feeder, *dashboards):
        client.close()
    return Storm(
        idle_s,
        storm_s,
        len(searching.said) / passed_s,
        putting.said / passed_s,
        stats["loop_lag_ms"],
        sleeper.said,
        searching.said,
    )


async def _patches(audience: Audience, feeder: Client, changes: int) -> list[float]:
    """Changes with a pause after each, as on a real board."""
    audience.latencies_s.clear()
    for number in range(1, changes + 1):
        await audience.see(feeder, next(_numbers), DASHBOARDS)
        await asyncio.sleep(0.005)
        if number == changes // 10:
            audience.latencies_s.clear()
    return list(audience.latencies_s)


_numbers: Iterator[int] = itertools.count(1)


async def measure_briefs(server: MeasuredServer, words: Sequence[str], times: int) -> Briefs:
    """Briefs of a full board, at the client; meetings are about what the records speak of."""
    client = await connect(server.port, rooms=[])
    codes = await seed.full_board(client, [f"About {word}" for word in words[:times]])
    asked = [{"kind": "daily"}, {"kind": "weekly"}] * times
    asked += [{"kind": "meeting", "code": code} for code in codes]
    briefs: Briefs = {}
    for one in asked:
        began = time.perf_counter()
        await client.request("brief:generate", one)
        briefs.setdefault(one["kind"], []).append(time.perf_counter() - began)
    client.close()
    return briefs


async def measure_opening(server: MeasuredServer, folder: Path, records: int) -> Opening:
    """A start on the file that is there, to the first line and to the first hit."""
    empty = MeasuredServer(_folder(folder / "empty"))
    began = time.perf_counter()
    await empty.start()
    empty_s = time.perf_counter() - began
    await empty.stop()
    await server.stop()
    began = time.perf_counter()
    await server.start()
    status, answer = await server.get("/ready")
    ready_s = time.perf_counter() - began
    if status != 200 or answer["degraded"]:
        raise LoadError(f"the server is not ready: {answer}")
    client = await connect(server.port, rooms=[])
    await client.request("search:query", {"query": "the"})
    found_s = time.perf_counter() - began
    client.close()
    return Opening(records, ready_s, found_s, empty_s)


def _folder(path: Path) -> Path:
    (path / "data").mkdir(parents=True, exist_ok=True)
    return path / "data"


async def measure(
    folder: Path,
    records: int | None = None,
    each: int = 40,
    times: int = 5,
    changes: int = 400,
    settle_s: float = WORST_OF_S,
    progress: Callable[[str], None] = lambda what: None,
) -> tuple[Indexing, list[Times], Storm, Briefs, Opening]:
    """All of it, on one server. `records`: so many, or all."""
    everything = await asyncio.to_thread(take, records)
    late = everything[::10]
    early = [one for at, one in enumerate(everything) if at % 10]
    server = MeasuredServer(_folder(folder))
    await server.start()
    try:
        indexing = await measure_indexing(server, folder, early)
        found = await measure_queries(server, each, times)
        words = [question.typed for kind in found[:3] for question in kind.questions]
        storm = await measure_storm(server, late, changes, words, settle_s)
        briefs = await measure_briefs(server, words, 4 * times)
        opening = await measure_opening(server, folder, len(everything))
    finally:
        await server.stop()
    return indexing, found, storm, briefs, opening


async def run(folder: Path) -> list[Table]:
    """At full size."""
    return tables(*await measure(folder))


async def run_short(folder: Path) -> list[Table]:
    """With fewer records."""
    return tables(*await measure(folder, 40_000, each=15, times=3, changes=200))

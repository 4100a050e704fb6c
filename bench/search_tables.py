"""The search benchmark's measurements, and their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.table import Table, count, ms, quantile

BATCH = 1_000  # records in one request
IN_FLIGHT = 2  # batches: one is written while the next comes in
STORM_CLIENTS = 10  # who all search at once, without a pause
DASHBOARDS = 100  # an office


@dataclass(frozen=True)
class Question:
    """A query as a person types it, and the plain form of the same."""

    typed: str
    match: str
    narrowed: str = ""
    values: tuple[str, ...] = ()


@dataclass
class Times:
    """A class of queries: at the client, and of the plain form on the same file."""

    name: str
    questions: Sequence[Question]
    ours_s: list[float] = field(default_factory=list)
    plain_s: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Indexing:
    """Records per second: through the socket, and by the plain form."""

    records: int
    ours: float
    plain: float
    file_bytes: int
    ours_cpu_s: float


@dataclass(frozen=True)
class Storm:
    """Patches to dashboards, idle and in a storm; what the storm did meanwhile."""

    idle_s: Sequence[float]
    storm_s: Sequence[float]
    searches: float
    indexed: float
    loop_lag_ms: float
    sleeper_s: float
    searches_s: Sequence[float]


@dataclass(frozen=True)
class Opening:
    """From the start of the process, and of one that has no records."""

    records: int
    ready_s: float
    found_s: float
    empty_s: float


Briefs = dict[str, list[float]]
"""Seconds for each brief, by kind."""


def tables(
    indexing: Indexing, found: Iterable[Times], storm: Storm, briefs: Briefs, opening: Opening
) -> list[Table]:
    """As printed."""
    return [
        _indexing_table(indexing),
        _queries_table(found),
        _storm_table(storm),
        _briefs_table(briefs),
        _opening_table(opening),
    ]


def _indexing_table(row: Indexing) -> Table:
    return Table(
        "search: indexing, on disk before the ack",
        (
            "records",
            "per s, socket",
            "per s, executemany",
            "socket / executemany",
            "CPU us/record",
            "file MB",
        ),
        [
            (
                count(row.records),
                count(row.ours),
                count(row.plain),
                f"{row.ours / row.plain:.2f}",
                f"{row.ours_cpu_s * 1e6:.0f}",
                count(row.file_bytes / 1e6),
            )
        ],
        ("good:", "", "", "> 0.5", "", ""),
        [
            f"Socket: batches of {BATCH:,}, {IN_FLIGHT} in flight. executemany: bare, into the same tables "
            "of a new file (the old system's, with their triggers), as durable, by the load program."
        ],
    )


def _queries_table(found: Iterable[Times]) -> Table:
    return Table(
        "search: queries, one at a time, 20 hits",
        ("query", "asked", "p50 ms", "p99 ms", "plain form p50", "p99 ms"),
        [
            (
                kind.name,
                count(len(kind.ours_s)),
                *(
                    ms(quantile(took_s, part))
                    for took_s in (kind.ours_s, kind.plain_s)
                    for part in (0.5, 0.99)
                ),
            )
            for kind in found
            if kind.ours_s
        ],
        ("good:", "", "< 5, < plain", "< 50", "", ""),
        [
            "p50, p99: at the client, with snippets. Plain form: `MATCH ... ORDER BY rank LIMIT 20` on the "
            "same file, in the load program, without a socket and without snippets."
        ],
    )


def _storm_table(row: Storm) -> Table:
    idle, storm = (quantile(took_s, 0.99) for took_s in (row.idle_s, row.storm_s))
    return Table(
        f"search: patches to {DASHBOARDS} dashboards, while {STORM_CLIENTS} clients search and one puts",
        ("", "idle", "storm"),
        [
            ("patch p50 ms", ms(quantile(row.idle_s, 0.5)), ms(quantile(row.storm_s, 0.5))),
            ("patch p99 ms", ms(idle), ms(storm)),
            ("storm / idle, p99", "", f"{storm / idle:.2f}"),
            ("loop lag, worst, ms", "", f"{row.loop_lag_ms:.1f}"),
            ("a sleeping process beside it, worst, ms", "", ms(row.sleeper_s)),
            ("searches per s", "", count(row.searches)),
            ("search p99 ms", "", ms(quantile(row.searches_s, 0.99))),
            ("records indexed per s", "", count(row.indexed)),
        ],
        ("good:", "", "p99 <= 2 x idle, lag < 20"),
    )


def _briefs_table(briefs: Briefs) -> Table:
    return Table(
        "search: briefs, with 1,000 events, 500 priorities and 300 commitments on the board",
        ("kind", "made", "p50 ms", "worst ms"),
        [
            (kind, count(len(took_s)), ms(quantile(took_s, 0.5)), ms(max(took_s)))
            for kind, took_s in briefs.items()
        ],
        ("good:", "", "", "< 100"),
    )


def _opening_table(row: Opening) -> Table:
    return Table(
        "search: opening an existing file",
        ("records", "ready s", "first hits s", "ready without records s"),
        [(count(row.records), f"{row.ready_s:.2f}", f"{row.found_s:.2f}", f"{row.empty_s:.2f}")],
        ("good:", "< 1", "", ""),
        ["From the start of the process: Python's own start and imports are in it."],
    )

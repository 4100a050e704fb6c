"""Each record's time, source and label, in memory: 16 bytes for each record.

Ids are in order of arrival, so a block of consecutive ids covers a stretch of time. Each block knows its
oldest and newest time and its sources (a zone map): a search for the newest records reads few blocks.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import apsw
import orjson

BLOCK_BITS = 13
BLOCK_SIZE = 1 << BLOCK_BITS
"""8,192 ids: one statement finds a common word in them in about 1 ms (decision 24)."""
LABELS_AT_ONCE = 1_024  # the array of counts grows by this many, not by one at a time
SPARSE_AT_MOST = 256
"""A block with more records than this gets arrays with room for all of its ids."""
NO_TIME = -(1 << 62)
"""The time of a record whose date cannot be parsed: it sorts before all others."""
BEFORE_FIRST = -(1 << 63)  # SQLite's smallest id
EARLIEST_S, LATEST_S = -2_208_988_800, 7_258_118_400
"""The years 1900 to 2199, which the wire format covers."""

DATE_IN_SECONDS = """CASE
    WHEN length(date) = 8 AND date GLOB '[12][0-9][0-9][0-9][01][0-9][0-3][0-9]'
    THEN unixepoch(substr(date, 1, 4) || '-' || substr(date, 5, 2) || '-' || substr(date, 7, 2))
    ELSE ifnull(unixepoch(date, 'auto'),
        CASE WHEN date NOT GLOB '*[^0-9.]*' THEN unixepoch(date / 1000, 'unixepoch') END)
    END"""
"""The old program's dates in SQL: what SQLite can parse, 20250801, or milliseconds since the epoch."""


class _Sparse(dict[int, int]):
    """Replaces an array that would be mostly empty."""

    def __init__(self, empty: int) -> None:
        self._empty = empty

    def __missing__(self, place: int) -> int:
        return self._empty


Column: TypeAlias = "array[int] | _Sparse"


class Block:
    """The records with ids `first` to `last`. By id - first: `at`, `source` (a number, -1: no record) and
    `label` (a number, 0: none yet)."""

    __slots__ = ("at", "first", "label", "last", "newest", "oldest", "source", "sources")

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = first + BLOCK_SIZE - 1
        self.at: Column = _Sparse(NO_TIME)
        self.source: Column = _Sparse(-1)
        self.label: Column = _Sparse(0)
        self.sources: set[int] = set()
        self.newest = NO_TIME
        self.oldest = -NO_TIME

    def ids(self) -> list[int]:
        """The ids of its records, ascending; another program may have removed some since."""
        if isinstance(self.source, _Sparse):
            return [self.first + place for place in sorted([*self.source])]
        return [id for id, number in enumerate(self.source, self.first) if number >= 0]

    def set_source(self, number: int, ids: list[int]) -> None:
        """Sets the source of these records, by its number."""
        self._make_room(len(ids))
        source, first = self.source, self.first
        for id in ids:
            source[id - first] = number
        self.sources.add(number)

    def remove(self, ids: list[int]) -> None:
        """Removes these records."""
        for id in ids:
            for column, nothing in ((self.source, -1), (self.at, NO_TIME)):
                if isinstance(column, _Sparse):
                    column.pop(id - self.first, None)
                else:
                    column[id - self.first] = nothing

    def set_times(self, ids: list[int], times: list[int]) -> None:
        """Sets the times of these records, ascending."""
        _set(self.at, self.first, ids, times, "q")
        self.newest = max(self.newest, *times)
        self.oldest = min(self.oldest, *times)

    def set_labels(self, ids: list[int], labels: list[int]) -> None:
        """Sets the labels of these records, ascending."""
        _set(self.label, self.first, ids, labels, "i")

    def _make_room(self, more: int) -> None:
        if isinstance(self.source, _Sparse) and len(self.source) + more > SPARSE_AT_MOST:
            self.at = _filled(array("q", [NO_TIME]) * BLOCK_SIZE, self.at)
            self.source = _filled(array("i", [-1]) * BLOCK_SIZE, self.source)
            self.label = _filled(array("i", [0]) * BLOCK_SIZE, self.label)


def _set(column: Column, first: int, ids: list[int], values: list[int], kind: str) -> None:
    if isinstance(column, array) and ids[-1] - ids[0] == len(ids) - 1:  # no gaps, as in a bulk load
        column[ids[0] - first : ids[-1] - first + 1] = array(kind, values)
        return
    for id, value in zip(ids, values, strict=True):
        column[id - first] = value


def _filled(column: array[int], sparse: Column) -> array[int]:
    if isinstance(sparse, _Sparse):
        for place, value in sparse.items():
            column[place] = value
    return column


@dataclass
class NewRows:
    """Records to add: the ids of each source, times (in seconds) by `ids`, labels by `labelled`; all ids
    ascending."""

    by_source: list[tuple[str, list[int]]]
    ids: list[int]
    times: list[int]
    labelled: list[int]
    labels: list[int]


class TimeIndex:
    """All records of the file. Threads may read it while one of them catches up."""

    def __init__(self) -> None:
        self._blocks: dict[int, Block] = {}
        self._numbers: dict[str, int] = {}  # a source keeps its number over a reload
        self._lock = threading.Lock()
        self.names: list[str] = []
        self.counts: Counter[str] = Counter()
        self._labelled = array("i", [0])  # the number of records with each label
        self.labelled = 0
        self.top = BEFORE_FIRST
        self.oldest_s: int | None = None
        self.newest_s: int | None = None

    @property
    def records(self) -> int:
        """The number of records."""
        return self.counts.total()

    def catch_up(self, connection: apsw.Connection) -> None:
        """Adds the file's new records. Cost: 0.4 s for 400,000.

        Errors: apsw.Error, and then nothing was added.
        """
        top = _top(connection)
        if top is None or top <= self.top:
            return
        with self._lock:
            top = _top(connection)
            if top is not None and top > self.top:
                self.add(_read_rows(connection, self.top, top), top)

    def agrees_with(self, connection: apsw.Connection) -> bool:
        """Whether the file has as many records of each source, as many with labels, and the same last id.
        Cost: 25 ms for 400,000."""
        counts: Counter[str] = Counter()
        for name, number in connection.execute(
            "SELECT CAST(source AS BLOB), count(*) FROM messages GROUP BY source"
        ):
            counts[decode(name)] += number
        labelled: Any = connection.execute("SELECT count(*) FROM adjutant_entries").get
        top = _top(connection)
        same_top = (BEFORE_FIRST if top is None else top) == self.top
        return same_top and counts == self.counts and labelled == self.labelled

    def reload(self, connection: apsw.Connection) -> None:
        """Reloads everything from the file.

        Errors: apsw.Error, and then nothing was replaced.
        """
        with self._lock:
            top = _top(connection)
            none = NewRows([], [], [], [], [])
            new = none if top is None else _read_rows(connection, BEFORE_FIRST, top)
            self.replace(new, BEFORE_FIRST if top is None else top)

    def replace(self, new: NewRows, top: int) -> None:
        """Replaces all records by these."""
        fresh = TimeIndex()
        fresh._numbers, fresh.names = self._numbers, self.names
        fresh.add(new, top)
        self._blocks, self.counts, self.top = fresh._blocks, fresh.counts, fresh.top
        self._labelled, self.labelled = fresh._labelled, fresh.labelled
        self.oldest_s, self.newest_s = fresh.oldest_s, fresh.newest_s

    def set(self, id: int, at_s: int, label: int) -> None:
        """Sets a known record's new time and label."""
        self._block(id >> BLOCK_BITS).set_times([id], [at_s])
        self.set_labels([id], [label])
        self._extend_range([at_s])

    def remove(self, source: str, ids: list[int]) -> None:
        """Removes these records of the source, ascending."""
        if not ids:
            return
        self.set_labels(ids, [0] * len(ids))
        for number, start, end in _split_by_block(ids):
            self._block(number).remove(ids[start:end])
        with self._lock:
            self.counts = self.counts - Counter({source: len(ids)})

    def set_labels(self, ids: list[int], labels: list[int]) -> None:
        """Sets the first labels of these records, ascending."""
        for number, start, end in _split_by_block(ids):
            block, part = self._block(number), ids[start:end]
            before = Counter(block.label[id - block.first] for id in part)
            after = Counter(labels[start:end])
            block.set_labels(part, labels[start:end])
            self._count_labels(before, -1)
            self._count_labels(after, 1)
            self.labelled += before[0] - after[0]

    def at(self, id: int) -> int:
        """The record's time in seconds since the epoch, or NO_TIME."""
        block = self._blocks.get(id >> BLOCK_BITS)
        return NO_TIME if block is None else block.at[id - block.first]

    def has(self, id: int) -> bool:
        """Whether there is such a record."""
        block = self._blocks.get(id >> BLOCK_BITS)
        return block is not None and block.source[id - block.first] >= 0

    def count(self, sources: frozenset[int] | None, without: frozenset[int]) -> int:
        """The number of records of these sources (None: all), except those of `without`."""
        wanted = frozenset(range(len(self.names))) if sources is None else sources
        return sum(self.counts[self.names[number]] for number in wanted - without)

    def count_labelled(self, labels: Iterable[int]) -> int:
        """The number of records with one of these labels."""
        counts, known = self._labelled, len(self._labelled)
        return sum([counts[label] for label in labels if label < known])

    def blocks_newest_first(
        self, sources: frozenset[int] | None, since_s: float | None, until_s: float | None
    ) -> list[Block]:
        """The blocks that may have records of these sources in this period."""
        fitting = [
            block
            for block in self._blocks.copy().values()
            if (sources is None or not sources.isdisjoint(block.sources))
            and (since_s is None or block.newest >= since_s)
            and (until_s is None or block.oldest < until_s)
        ]
        return sorted(fitting, key=lambda block: (block.newest, block.first), reverse=True)

    def by_block(self, ids: list[int]) -> list[tuple[Block, list[int]]]:
        """The ids, ascending, by block; unknown ids are left out."""
        blocks = self._blocks
        return [
            (blocks[number], ids[start:end])
            for number, start, end in _split_by_block(ids)
            if number in blocks
        ]

    def numbers(self, names: list[str]) -> frozenset[int]:
        """The numbers of the sources that the names mean: "slack" includes "slack:work"."""
        wanted = [name.casefold() for name in names]
        return frozenset(
            number
            for number, name in enumerate(self.names)
            if any(f"{name.casefold()}:".startswith(f"{one}:") for one in wanted)
        )

    def exactly(self, names: list[str]) -> frozenset[int]:
        """The numbers of the sources with these names."""
        return frozenset(number for number, name in enumerate(self.names) if name in names)

    def add(self, new: NewRows, top: int) -> None:
        """Adds rows that were read completely, so it cannot fail halfway; `top` is the last id so far."""
        counts = self.counts.copy()
        for name, ids in new.by_source:
            number = self._numbers.setdefault(name, len(self._numbers))
            if number == len(self.names):
                self.names.append(name)
            for block, start, end in _split_by_block(ids):
                self._block(block).set_source(number, ids[start:end])
            counts[name] += len(ids)
        for block, start, end in _split_by_block(new.ids):
            self._block(block).set_times(new.ids[start:end], new.times[start:end])
        self.set_labels(new.labelled, new.labels)
        self._extend_range(new.times)
        self.counts = counts
        self.top = top

    def _count_labels(self, labels: Counter[int], sign: int) -> None:
        counts = self._labelled
        room = max(labels) + 1 - len(counts)
        if room > 0:
            counts.extend([0] * (room + LABELS_AT_ONCE))
        for label, number in labels.items():
            counts[label] += sign * number

    def _extend_range(self, seconds: list[int]) -> None:
        known = [at_s for at_s in seconds if EARLIEST_S <= at_s < LATEST_S]
        if known:
            oldest_s, newest_s = min(known), max(known)
            self.oldest_s = oldest_s if self.oldest_s is None else min(self.oldest_s, oldest_s)
            self.newest_s = newest_s if self.newest_s is None else max(self.newest_s, newest_s)

    def _block(self, number: int) -> Block:
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = Block(number << BLOCK_BITS)
        return block


def _read_rows(connection: apsw.Connection, after: int, top: int) -> NewRows:
    """The file's rows with ids above `after` up to `top`."""
    # For the whole file the two small indexes are read (the `+` keeps SQLite from the table); for a few
    # new rows the rows themselves are quicker.
    within, values = f"{'+' if after == BEFORE_FIRST else ''}id > ? AND +id <= ?", (after, top)
    by_source: list[Any] = connection.execute(
        f"SELECT CAST(source AS BLOB), json_group_array(id) FROM messages WHERE {within} GROUP BY source",
        values,
    ).fetchall()
    sources = [(decode(name), sorted(orjson.loads(of))) for name, of in by_source]
    every_id = sorted(id for _, ids in sources for id in ids)
    ids, times, labels = _read_columns(
        connection,
        ("id", "unixepoch(at)", "label"),
        "FROM adjutant_entries WHERE id > ? AND id <= ?",
        values,
    )
    if ids == every_id and None not in times:
        return NewRows(sources, ids, times, ids, labels)
    # Times of the old program's rows are in `messages`; some have no label yet, and some labels no row any
    # more.
    present = set(every_id)
    exact = {id: at_s for id, at_s in zip(ids, times, strict=True) if at_s is not None}
    by_id = dict(zip(ids, labels, strict=True))
    labelled = sorted(present & by_id.keys())
    old_ids, dates = _read_columns(
        connection, ("id", DATE_IN_SECONDS), f"FROM messages WHERE {within}", values
    )
    known: dict[int, int | None] = dict(zip(old_ids, dates, strict=True)) | exact
    timed = [(id, at_s) for id in every_id if (at_s := known.get(id)) is not None]
    return NewRows(
        sources,
        [id for id, _ in timed],
        [at_s for _, at_s in timed],
        labelled,
        [by_id[id] for id in labelled],
    )


def _read_columns(
    connection: apsw.Connection, columns: Sequence[str], rest: str, values: tuple[int, int]
) -> list[list[Any]]:
    arrays = ", ".join(f"json_group_array({column})" for column in columns)
    found: Any = connection.execute(f"SELECT {arrays} {rest}", values).get
    return [orjson.loads(column) for column in found]


def decode(text: bytes | str | None) -> str:
    """A text of the old program, which may be anything, even invalid UTF-8."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text or ""


def _split_by_block(ids: list[int]) -> Iterator[tuple[int, int, int]]:
    """The ids, ascending, by block: its number, and the range of positions of its ids."""
    start = 0
    while start < len(ids):
        number = ids[start] >> BLOCK_BITS
        end = bisect_left(ids, (number + 1) << BLOCK_BITS, start)
        yield number, start, end
        start = end


def _top(connection: apsw.Connection) -> int | None:
    """The last record's id; None if there is none."""
    top: int | None = connection.execute("SELECT max(id) FROM messages").get
    return top

"""When each record was and which source it is from, in memory: 12 bytes for each record.

Ids are given in order of arrival, so a block of consecutive ids is a stretch of time. Each block knows its
oldest and newest time and its sources (a zone map): a search for the newest looks into few blocks.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Any

import apsw
import orjson

BLOCK_BITS = 13
BLOCK_SIZE = 1 << BLOCK_BITS
"""8,192 ids: one statement finds a common word in so many in about 1 ms (decision 24)."""
SPARSE_AT_MOST = 256
"""A block with more records than this gets arrays with room for all its ids."""
NO_TIME = -(1 << 62)
"""The time of a record whose date cannot be read: it sorts before all others."""
BEFORE_FIRST = -(1 << 63)
EARLIEST_S, LATEST_S = -2_208_988_800, 7_258_118_400
"""The years 1900 to 2199, which is what the wire can write."""

DATE_IN_SECONDS = """CASE
    WHEN length(date) = 8 AND date GLOB '[12][0-9][0-9][0-9][01][0-9][0-3][0-9]'
    THEN unixepoch(substr(date, 1, 4) || '-' || substr(date, 5, 2) || '-' || substr(date, 7, 2))
    ELSE ifnull(unixepoch(date, 'auto'),
        CASE WHEN date NOT GLOB '*[^0-9.]*' THEN unixepoch(date / 1000, 'unixepoch') END)
    END"""
"""The old program's dates in SQL: what SQLite can read, 20250801, or milliseconds since 1970."""


class _Sparse(dict[int, int]):
    """Stands in for an array of which most places would be empty."""

    def __init__(self, empty: int) -> None:
        self._empty = empty

    def __missing__(self, place: int) -> int:
        return self._empty


class Block:
    """The records with ids `first` to `last`; `at` and `source` (a number, -1: no record) by id - first."""

    __slots__ = ("at", "first", "last", "newest", "oldest", "source", "sources")

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = first + BLOCK_SIZE - 1
        self.at: array[int] | _Sparse = _Sparse(NO_TIME)
        self.source: array[int] | _Sparse = _Sparse(-1)
        self.sources: set[int] = set()
        self.newest = NO_TIME
        self.oldest = -NO_TIME

    def ids(self) -> list[int]:
        """All its records, ascending; another program may have removed some since."""
        if isinstance(self.source, _Sparse):
            return [self.first + place for place in sorted([*self.source])]
        return [id for id, number in enumerate(self.source, self.first) if number >= 0]

    def set_source(self, number: int, ids: list[int]) -> None:
        """These records are of the source with this number."""
        self._make_room(len(ids))
        source, first = self.source, self.first
        for id in ids:
            source[id - first] = number
        self.sources.add(number)

    def set_time(self, id: int, at_s: int) -> None:
        """The record is of this time."""
        self.at[id - self.first] = at_s
        if at_s > self.newest:
            self.newest = at_s
        if at_s < self.oldest:
            self.oldest = at_s

    def _make_room(self, more: int) -> None:
        if not (isinstance(self.source, _Sparse) and isinstance(self.at, _Sparse)):
            return
        if len(self.source) + more > SPARSE_AT_MOST:
            at, source = array("q", [NO_TIME]) * BLOCK_SIZE, array("i", [-1]) * BLOCK_SIZE
            for place, at_s in self.at.items():
                at[place] = at_s
            for place, number in self.source.items():
                source[place] = number
            self.at, self.source = at, source


class TimeIndex:
    """All records of the file. Threads may read it while one of them catches up."""

    def __init__(self) -> None:
        self._blocks: dict[int, Block] = {}
        self._numbers: dict[str, int] = {}  # a source keeps its number when everything is read again
        self._lock = threading.Lock()
        self.names: list[str] = []
        self.counts: Counter[str] = Counter()
        self.top = BEFORE_FIRST
        self.oldest_s: int | None = None
        self.newest_s: int | None = None

    @property
    def records(self) -> int:
        """How many there are."""
        return self.counts.total()

    def catch_up(self, connection: apsw.Connection) -> None:
        """Adds the records that are new in the file. Cost: 0.4 s for 400,000, else next to nothing.

        Errors: apsw.Error, and then nothing was added.
        """
        top = _top(connection)
        if top is None or top <= self.top:
            return
        with self._lock:
            top = _top(connection)
            if top is not None and top > self.top:
                self._add(_NewRows(connection, self.top, top), top)

    def agrees_with(self, connection: apsw.Connection) -> bool:
        """Whether the file has as many records of each source, and the same last id. Cost: 20 ms for
        400,000."""
        counts: Counter[str] = Counter()
        for name, number in connection.execute(
            "SELECT CAST(source AS BLOB), count(*) FROM messages GROUP BY source"
        ):
            counts[decode(name)] += number
        top = _top(connection)
        return counts == self.counts and (BEFORE_FIRST if top is None else top) == self.top

    def reload(self, connection: apsw.Connection) -> None:
        """Replaces everything by what is in the file now.

        Errors: apsw.Error, and then nothing was replaced.
        """
        with self._lock:
            top = _top(connection)
            fresh = TimeIndex()
            fresh._numbers, fresh.names = self._numbers, self.names
            if top is not None:
                fresh._add(_NewRows(connection, BEFORE_FIRST, top), top)
            self._blocks, self.counts, self.top = fresh._blocks, fresh.counts, fresh.top
            self.oldest_s, self.newest_s = fresh.oldest_s, fresh.newest_s

    def set_time(self, id: int, at_s: int) -> None:
        """The record has another time than before."""
        self._block(id >> BLOCK_BITS).set_time(id, at_s)
        self._extend_range([at_s])

    def at(self, id: int) -> int:
        """When the record was, in seconds since 1970, or NO_TIME."""
        block = self._blocks.get(id >> BLOCK_BITS)
        return NO_TIME if block is None else block.at[id - block.first]

    def count(self, sources: frozenset[int] | None, without: frozenset[int]) -> int:
        """How many records these sources have (None: all sources), without those of the others."""
        wanted = frozenset(range(len(self.names))) if sources is None else sources
        return sum(self.counts[self.names[number]] for number in wanted - without)

    def blocks_newest_first(
        self, sources: frozenset[int] | None, since_s: float | None, until_s: float | None
    ) -> list[Block]:
        """The blocks that may have records of these sources within this time."""
        fitting = [
            block
            for block in self._blocks.copy().values()
            if (sources is None or not sources.isdisjoint(block.sources))
            and (since_s is None or block.newest >= since_s)
            and (until_s is None or block.oldest < until_s)
        ]
        return sorted(fitting, key=lambda block: (block.newest, block.first), reverse=True)

    def by_block(self, ids: list[int]) -> list[tuple[Block, list[int]]]:
        """The ids, ascending, by their blocks; without those that have none."""
        blocks = self._blocks
        return [(blocks[number], part) for number, part in _split_by_block(ids) if number in blocks]

    def numbers(self, names: list[str]) -> frozenset[int]:
        """The sources that one of the names stands for: "slack" is also "slack:work"."""
        wanted = [name.casefold() for name in names]
        return frozenset(
            number
            for number, name in enumerate(self.names)
            if any(f"{name.casefold()}:".startswith(f"{one}:") for one in wanted)
        )

    def _add(self, new: _NewRows, top: int) -> None:
        """Reads nothing from the file, so it cannot fail halfway."""
        counts = self.counts.copy()
        for name, ids in new.by_source:
            number = self._numbers.setdefault(name, len(self._numbers))
            if number == len(self.names):
                self.names.append(name)
            for block, part in _split_by_block(ids):
                self._block(block).set_source(number, part)
            counts[name] += len(ids)
        blocks = self._blocks
        for id, at_s in zip(new.ids, new.times, strict=True):
            if at_s is not None:
                (blocks.get(id >> BLOCK_BITS) or self._block(id >> BLOCK_BITS)).set_time(id, at_s)
        self._extend_range([at_s for at_s in new.times if at_s is not None])
        self.counts = counts
        self.top = top

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


class _NewRows:
    """The rows with ids after `after` up to `top`, read completely: ids by source, and each id's time."""

    def __init__(self, connection: apsw.Connection, after: int, top: int) -> None:
        # For the whole file the two small indexes are read (the `+` keeps SQLite from the table); for a few
        # new rows the rows themselves are quicker.
        within = f"{'+' if after == BEFORE_FIRST else ''}id > ? AND +id <= ?"
        by_source: list[Any] = connection.execute(
            f"SELECT CAST(source AS BLOB), json_group_array(id) FROM messages WHERE {within} GROUP BY source",
            (after, top),
        ).fetchall()
        found: list[Any] = connection.execute(
            f"SELECT json_group_array(id), json_group_array({DATE_IN_SECONDS}) FROM messages WHERE {within}",
            (after, top),
        ).fetchall()
        [(ids, times)] = found
        self.by_source: list[tuple[str, list[int]]] = [
            (decode(name), sorted(orjson.loads(of))) for name, of in by_source
        ]
        self.ids: list[int] = orjson.loads(ids)
        self.times: list[int | None] = orjson.loads(times)


def decode(text: bytes | str | None) -> str:
    """A text of the old program, which may hold anything, even invalid UTF-8."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text or ""


def _split_by_block(ids: list[int]) -> Iterator[tuple[int, list[int]]]:
    """The ids, ascending, by the numbers of their blocks."""
    start = 0
    while start < len(ids):
        number = ids[start] >> BLOCK_BITS
        end = bisect_left(ids, (number + 1) << BLOCK_BITS, start)
        yield number, ids[start:end]
        start = end


def _top(connection: apsw.Connection) -> int | None:
    """The last record's id; None when there is none."""
    top: int | None = connection.execute("SELECT max(id) FROM messages").get
    return top

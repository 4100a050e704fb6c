"""When each record was and whose it is, in memory: 12 bytes for each record.

Ids are given in the order in which records came, so a span of them is a time of arrival. Of each span the
newest time and the feeds are known: a search for the newest looks into few of them.
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

BITS = 13
SIZE = 1 << BITS
SPARSE = 256
"""A span with more records than this has room for all that it can have."""
UNKNOWN = -(1 << 62)
"""The time of a record whose date cannot be read: before all others."""
BEFORE_ALL = -(1 << 63)
EARLIEST_S, LATEST_S = -2_208_988_800, 7_258_118_400
"""The years 1900 to 2199: what the wire can write."""

SECONDS = """CASE
    WHEN length(date) = 8 AND date GLOB '[12][0-9][0-9][0-9][01][0-9][0-3][0-9]'
    THEN unixepoch(substr(date, 1, 4) || '-' || substr(date, 5, 2) || '-' || substr(date, 7, 2))
    ELSE ifnull(unixepoch(date, 'auto'),
        CASE WHEN date NOT GLOB '*[^0-9.]*' THEN unixepoch(date / 1000, 'unixepoch') END)
    END"""
"""The old system's dates in SQL: as SQLite reads them, 20250801, or milliseconds since 1970."""


class _Few(dict[int, int]):
    """What an array would hold, where most places of it would be empty."""

    def __init__(self, empty: int) -> None:
        self._empty = empty

    def __missing__(self, place: int) -> int:
        return self._empty


class Span:
    """The records with ids from `first` to `last`; `at` and `feed` (-1: no record) are by id - first."""

    __slots__ = ("at", "feed", "feeds", "first", "last", "newest", "oldest")

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = first + SIZE - 1
        self.at: array[int] | _Few = _Few(UNKNOWN)
        self.feed: array[int] | _Few = _Few(-1)
        self.feeds: set[int] = set()
        self.newest = UNKNOWN
        self.oldest = -UNKNOWN

    def ids(self) -> list[int]:
        """All its records, ascending; also one that the old program removed since."""
        if isinstance(self.feed, _Few):
            return [self.first + place for place in sorted([*self.feed])]
        return [id for id, feed in enumerate(self.feed, self.first) if feed >= 0]

    def take_feed(self, feed: int, ids: list[int]) -> None:
        """These records are of the feed."""
        self._make_room(len(ids))
        of, first = self.feed, self.first
        for id in ids:
            of[id - first] = feed
        self.feeds.add(feed)

    def take_time(self, id: int, at_s: int) -> None:
        """The record was then."""
        self.at[id - self.first] = at_s
        if at_s > self.newest:
            self.newest = at_s
        if at_s < self.oldest:
            self.oldest = at_s

    def _make_room(self, more: int) -> None:
        if isinstance(self.feed, _Few) and isinstance(self.at, _Few) and len(self.feed) + more > SPARSE:
            at, feed = array("q", [UNKNOWN]) * SIZE, array("i", [-1]) * SIZE
            for place, at_s in self.at.items():
                at[place] = at_s
            for place, number in self.feed.items():
                feed[place] = number
            self.at, self.feed = at, feed


class Spans:
    """All records. Readers may look while one thread catches up."""

    def __init__(self) -> None:
        self._spans: dict[int, Span] = {}
        self._numbers: dict[str, int] = {}  # a feed keeps its number, also when all is read anew
        self._lock = threading.Lock()
        self.names: list[str] = []
        self.counts: Counter[str] = Counter()
        self.top = BEFORE_ALL
        self.oldest_s: int | None = None
        self.newest_s: int | None = None

    @property
    def records(self) -> int:
        """How many there are."""
        return self.counts.total()

    def catch_up(self, connection: apsw.Connection) -> None:
        """Takes in the records that are new in the file. Cost: 0.4 s for 400,000, else next to nothing.

        Errors: apsw.Error, and then nothing was taken in.
        """
        top = _top(connection)
        if top is None or top <= self.top:
            return
        with self._lock:
            top = _top(connection)
            if top is not None and top > self.top:
                self._take(_New(connection, self.top, top), top)

    def agree(self, connection: apsw.Connection) -> bool:
        """Whether the file has the same numbers of records, and the same last one. Cost: 20 ms for
        400,000."""
        counts: Counter[str] = Counter()
        for name, number in connection.execute(
            "SELECT CAST(source AS BLOB), count(*) FROM messages GROUP BY source"
        ):
            counts[plain(name)] += number
        top = _top(connection)
        return counts == self.counts and (BEFORE_ALL if top is None else top) == self.top

    def read_anew(self, connection: apsw.Connection) -> None:
        """Takes in all records as they are in the file now.

        Errors: apsw.Error, and then all is as it was.
        """
        with self._lock:
            top = _top(connection)
            anew = Spans()
            anew._numbers, anew.names = self._numbers, self.names
            if top is not None:
                anew._take(_New(connection, BEFORE_ALL, top), top)
            self._spans, self.counts, self.top = anew._spans, anew.counts, anew.top
            self.oldest_s, self.newest_s = anew.oldest_s, anew.newest_s

    def move(self, id: int, at_s: int) -> None:
        """The record has another time than before."""
        self._span(id >> BITS).take_time(id, at_s)
        self._widen([at_s])

    def at(self, id: int) -> int:
        """When the record was, in seconds since 1970, or UNKNOWN."""
        span = self._spans.get(id >> BITS)
        return UNKNOWN if span is None else span.at[id - span.first]

    def number_of(self, feeds: frozenset[int] | None, not_feeds: frozenset[int]) -> int:
        """How many records there are of these feeds (None: of all), without those."""
        wanted = frozenset(range(len(self.names))) if feeds is None else feeds
        return sum(self.counts[self.names[number]] for number in wanted - not_feeds)

    def newest_first(
        self, feeds: frozenset[int] | None, since_s: float | None, until_s: float | None
    ) -> list[Span]:
        """The spans in which there may be records of these feeds within this time."""
        fitting = [
            span
            for span in self._spans.copy().values()
            if (feeds is None or not feeds.isdisjoint(span.feeds))
            and (since_s is None or span.newest >= since_s)
            and (until_s is None or span.oldest < until_s)
        ]
        return sorted(fitting, key=lambda span: (span.newest, span.first), reverse=True)

    def parted(self, ids: list[int]) -> list[tuple[Span, list[int]]]:
        """The ids, ascending, by their spans; without those of no span."""
        spans = self._spans
        return [(spans[number], part) for number, part in _parts(ids) if number in spans]

    def feeds(self, names: list[str]) -> frozenset[int]:
        """The feeds that one of the names is for: "slack" is also for "slack:work"."""
        wanted = [name.casefold() for name in names]
        return frozenset(
            number
            for number, name in enumerate(self.names)
            if any(f"{name.casefold()}:".startswith(f"{one}:") for one in wanted)
        )

    def _take(self, new: _New, top: int) -> None:
        """Nothing is asked of the file here: what is begun is ended."""
        counts = self.counts.copy()
        for name, ids in new.by_feed:
            number = self._numbers.setdefault(name, len(self._numbers))
            if number == len(self.names):
                self.names.append(name)
            for span, part in _parts(ids):
                self._span(span).take_feed(number, part)
            counts[name] += len(ids)
        spans = self._spans
        for id, at_s in zip(new.ids, new.times, strict=True):
            if at_s is not None:
                (spans.get(id >> BITS) or self._span(id >> BITS)).take_time(id, at_s)
        self._widen([at_s for at_s in new.times if at_s is not None])
        self.counts = counts
        self.top = top

    def _widen(self, seconds: list[int]) -> None:
        known = [at_s for at_s in seconds if EARLIEST_S <= at_s < LATEST_S]
        if known:
            oldest_s, newest_s = min(known), max(known)
            self.oldest_s = oldest_s if self.oldest_s is None else min(self.oldest_s, oldest_s)
            self.newest_s = newest_s if self.newest_s is None else max(self.newest_s, newest_s)

    def _span(self, number: int) -> Span:
        span = self._spans.get(number)
        if span is None:
            span = self._spans[number] = Span(number << BITS)
        return span


class _New:
    """The records with ids after `after` up to `top`, read completely: ids by feed; and `ids`, each with its
    time."""

    def __init__(self, connection: apsw.Connection, after: int, top: int) -> None:
        # At first the indexes are read, which are small; later the rows themselves.
        within = f"{'+' if after == BEFORE_ALL else ''}id > ? AND +id <= ?"
        by_feed: list[Any] = connection.execute(
            f"SELECT CAST(source AS BLOB), json_group_array(id) FROM messages WHERE {within} GROUP BY source",
            (after, top),
        ).fetchall()
        found: list[Any] = connection.execute(
            f"SELECT json_group_array(id), json_group_array({SECONDS}) FROM messages WHERE {within}",
            (after, top),
        ).fetchall()
        [(ids, times)] = found
        self.by_feed: list[tuple[str, list[int]]] = [
            (plain(name), sorted(orjson.loads(of))) for name, of in by_feed
        ]
        self.ids: list[int] = orjson.loads(ids)
        self.times: list[int | None] = orjson.loads(times)


def plain(text: bytes | str | None) -> str:
    """A text of the old system's: it may hold anything, also what is no UTF-8."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text or ""


def _parts(ids: list[int]) -> Iterator[tuple[int, list[int]]]:
    """The ids, ascending, by the numbers of their spans."""
    start = 0
    while start < len(ids):
        number = ids[start] >> BITS
        end = bisect_left(ids, (number + 1) << BITS, start)
        yield number, ids[start:end]
        start = end


def _top(connection: apsw.Connection) -> int | None:
    """The last record's id; None when there is none."""
    top: int | None = connection.execute("SELECT max(id) FROM messages").get
    return top

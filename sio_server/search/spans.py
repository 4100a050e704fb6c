"""When each record was and whose it is, in memory: 12 bytes for each record.

Ids are given in the order in which records came, so a span of them is a time of arrival. Of each span the
newest time and the feeds are known: a search for the newest looks into few of them.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections import Counter

import apsw
import orjson

BITS = 13
SIZE = 1 << BITS
UNKNOWN = -(1 << 62)
"""The time of a record whose date cannot be read: before all others."""


class Span:
    """The records with ids from `first` to `last`; `at` and `feed` are by id - first."""

    __slots__ = ("at", "feed", "feeds", "first", "last", "newest", "oldest")

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = first + SIZE - 1
        self.at = array("q", [UNKNOWN]) * SIZE
        self.feed = array("i", [-1]) * SIZE
        self.feeds: set[int] = set()
        self.newest = UNKNOWN
        self.oldest = -UNKNOWN

    def ids(self) -> list[int]:
        """All its records, ascending; also one that the old program removed since."""
        return [id for id, feed in enumerate(self.feed, self.first) if feed >= 0]


class Spans:
    """All records. Readers may look while one thread catches up."""

    def __init__(self) -> None:
        self._spans: dict[int, Span] = {}
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()
        self.names: list[str] = []
        self.counts: Counter[str] = Counter()
        self.top = 0
        self.oldest_s: int | None = None
        self.newest_s: int | None = None

    @property
    def records(self) -> int:
        """How many there are."""
        return self.counts.total()

    def catch_up(self, connection: apsw.Connection) -> None:
        """Takes in the records that are new in the file. Cost: 0.4 s for 400,000, else next to nothing."""
        if _top(connection) <= self.top:
            return
        with self._lock:
            top = _top(connection)
            if top <= self.top:
                return
            # At first the indexes are read, which are small; later the rows themselves.
            within = f"{'+' if self.top == 0 else ''}id > {self.top} AND +id <= {top}"
            by_feed = f"SELECT source, json_group_array(id) FROM messages WHERE {within} GROUP BY source"
            for name, ids in connection.execute(by_feed):
                self._take_feed(name, orjson.loads(ids))
            times = (
                "SELECT json_group_array(id), json_group_array(unixepoch(date, 'auto'))"
                f" FROM messages WHERE {within}"
            )
            for ids, at in connection.execute(times):
                self._take_times(orjson.loads(ids), orjson.loads(at))
            self.top = top

    def move(self, id: int, at_s: int) -> None:
        """The record has another time than before."""
        span = self._span(id)
        span.at[id - span.first] = at_s
        span.newest, span.oldest = max(span.newest, at_s), min(span.oldest, at_s)
        self._widen(at_s, at_s)

    def at(self, id: int) -> int:
        """When the record was, in seconds since 1970, or UNKNOWN."""
        span = self._spans.get(id >> BITS)
        return UNKNOWN if span is None else span.at[id - span.first]

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
        """The ids, ascending, by their spans."""
        parts = []
        start = 0
        while start < len(ids):
            number = ids[start] >> BITS
            end = bisect_left(ids, (number + 1) << BITS, start)
            if number in self._spans:
                parts.append((self._spans[number], ids[start:end]))
            start = end
        return parts

    def feeds(self, names: list[str]) -> frozenset[int]:
        """The feeds that one of the names is for: "slack" is also for "slack:work"."""
        wanted = [name.casefold() for name in names]
        return frozenset(
            number
            for number, name in enumerate(self.names)
            if any(f"{name.casefold()}:".startswith(f"{one}:") for one in wanted)
        )

    def _take_feed(self, name: str, ids: list[int]) -> None:
        number = self._numbers.setdefault(name, len(self._numbers))
        if number == len(self.names):
            self.names.append(name)
        for id in ids:
            span = self._span(id)
            span.feed[id - span.first] = number
            span.feeds.add(number)
        self.counts[name] += len(ids)

    def _take_times(self, ids: list[int], times: list[int | None]) -> None:
        for id, at in zip(ids, times, strict=True):
            if at is not None:
                span = self._span(id)
                span.at[id - span.first] = at
                if at > span.newest:
                    span.newest = at
                if at < span.oldest:
                    span.oldest = at
        known = [at for at in times if at is not None]
        if known:
            self._widen(min(known), max(known))

    def _widen(self, oldest_s: int, newest_s: int) -> None:
        self.oldest_s = oldest_s if self.oldest_s is None else min(self.oldest_s, oldest_s)
        self.newest_s = newest_s if self.newest_s is None else max(self.newest_s, newest_s)

    def _span(self, id: int) -> Span:
        number = id >> BITS
        span = self._spans.get(number)
        if span is None:
            span = self._spans[number] = Span(number << BITS)
        return span


def _top(connection: apsw.Connection) -> int:
    found = connection.execute("SELECT max(id) FROM messages").get
    return int(found or 0)

"""One search: which records, in which order.

Few matches are ranked: bm25, with a mild preference for recent. A broad query, with more than RANKED_AT_MOST
matches, gives its newest first: to rank them all takes 100 ms and more, and their scores hardly differ.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import apsw
import orjson

from sio_server.search.query import Query
from sio_server.search.time_index import UNKNOWN, Span, Spans

RANKED_AT_MOST = 1_000
FEW = 2_000
"""So many matches are looked at one by one; more are looked for span by span, the newest first."""
RECENT_GAIN = 0.25
RECENT_DAYS = 180.0
DAY_S = 86_400.0
PROBED_AT_MOST = 500
"""So few records are looked up one by one, where it is known that it can only be those."""
GAP = 1 << 15
EVERY_ID = (-(2**63), 2**63 - 1)

Pair = tuple[int, int]
"""When a record was, and its id: in this order the newest record is the largest."""
Hit = tuple[int, float | None]
"""An id, and its score where it has one."""


@dataclass
class Found:
    """The page's ids, each with its score where there is one; `total` are at least those that were seen."""

    page: list[Hit] = field(default_factory=list)
    total: int = 0
    at_least: bool = False
    ranked: str = "newest"
    partial: bool = False


@dataclass(frozen=True)
class Page:
    """Which of the hits are wanted."""

    limit: int
    offset: int

    @property
    def end(self) -> int:
        """So many hits must be known."""
        return self.offset + self.limit

    def of(self, pairs: Sequence[Pair]) -> list[int]:
        """The page of records, newest first."""
        return [id for _, id in sorted(pairs, reverse=True)[self.offset : self.end]]


class Seeking:
    """One search on one connection. `is_over` says between two statements whether the time is over;
    with `everything` a query that asks for nothing gets all records."""

    def __init__(
        self,
        connection: apsw.Connection,
        spans: Spans,
        query: Query,
        page: Page,
        now_s: float,
        is_over: Callable[[], bool],
        everything: bool = False,
    ) -> None:
        self._connection = connection
        self._everything = everything
        self._spans = spans
        self._query = query
        self._page = page
        self._now_s = now_s
        self._is_over = is_over
        self._signs = [("", text) for text in dict.fromkeys(query.symbols)]
        self._signs += [("NOT", text) for text in dict.fromkeys(query.not_symbols)]
        self._filters = _Filters(connection, spans, query)
        self._seen: list[Pair] = []
        self._complete = False
        self._matches = 0  # as many there are at least, by their words alone

    def found(self) -> Found:
        """What there is; what was seen until then when it is interrupted."""
        if (self._query.is_empty and not self._everything) or self._filters.nothing:
            return Found(ranked="relevance")
        try:
            self._look()
            if self._complete and len(self._seen) <= RANKED_AT_MOST and self._query.expression:
                return self._ranked()
        except apsw.InterruptError:
            self._complete = False
        page: list[Hit] = [(id, None) for id in self._page.of(self._seen)]
        known = self._filters.number if not self._query.has_words else None
        if known is not None and not self._complete and not self._is_over():
            return Found(page, known)
        total = len(self._seen) if self._filters.any else max(len(self._seen), self._matches)
        return Found(page, total, not self._complete, "newest", not self._complete and self._is_over())

    def _look(self) -> None:
        """Fills `_seen`, with all matches or with the newest."""
        query, wanted = self._query, self._filters.ids
        if wanted is not None and not query.has_words:
            self._take(sorted(wanted))
            self._complete = True
        elif query.expression is None or self._signs:
            self._walk(None)
        elif wanted is not None and len(wanted) <= PROBED_AT_MOST:
            self._take(self._probe(sorted(wanted)))
            self._complete = True
        elif query.is_slow:  # to ask for each span would take as long each time
            self._walk(self._matching(*EVERY_ID, -1))
        else:
            ids = self._matching(*EVERY_ID, FEW + 1)
            self._matches = len(ids)
            if len(ids) > FEW:
                self._walk(None)
            else:
                self._take(ids)
                self._complete = True

    def _walk(self, known: list[int] | None) -> None:
        """Span by span, until no record further back can belong to the page."""
        filters = self._filters
        # Whether they are too many to be ranked is known at once only when nothing filters them.
        enough = 0 if self._matches > RANKED_AT_MOST and not filters.any else RANKED_AT_MOST + 1
        for span in self._spans.newest_first(filters.feeds, filters.since_s, filters.until_s):
            if self._is_over() or (len(self._seen) >= enough and self._is_settled(span)):
                return
            if known is not None:
                ids = known[bisect_left(known, span.first) : bisect_right(known, span.last)]
            elif self._query.has_words:
                ids = self._matching(span.first, span.last, -1)
            else:
                ids = span.ids()
            self._seen += filters.keep(span, ids)
        self._complete = True

    def _take(self, ids: list[int]) -> None:
        for span, part in self._spans.parted(ids):
            self._seen += self._filters.keep(span, part)

    def _is_settled(self, span: Span) -> bool:
        if len(self._seen) < self._page.end:
            return False
        last = sorted(self._seen, reverse=True)[self._page.end - 1]
        return last > (span.newest, span.last)

    def _matching(self, first: int, last: int, limit: int) -> list[int]:
        """The ids of records with these words, ascending."""
        query = self._query
        values: list[str | int] = [first, last]
        if query.expression is None:
            select = "SELECT messages.id FROM messages WHERE messages.id BETWEEN ? AND ?"
        else:
            beside = " CROSS JOIN messages ON messages.id = messages_fts.rowid" if self._signs else ""
            select = (
                f"SELECT messages_fts.rowid AS id FROM messages_fts{beside}"
                " WHERE messages_fts.rowid BETWEEN ? AND ? AND messages_fts MATCH ?"
            )
            values.append(query.expression)
        select += "".join(f" AND {sign} instr(messages.content, ?)" for sign, _ in self._signs)
        values += [text for _, text in self._signs]
        if query.expression is None and query.without is not None:
            select += (
                " AND messages.id NOT IN (SELECT rowid FROM messages_fts"
                " WHERE messages_fts MATCH ? AND rowid BETWEEN ? AND ?)"
            )
            values += [query.without, first, last]
        values.append(limit)
        found = self._connection.execute(f"SELECT json_group_array(id) FROM ({select} LIMIT ?)", values).get
        ids: list[int] = orjson.loads(found)
        return ids

    def _probe(self, ids: list[int]) -> list[int]:
        """Those of the ids that match."""
        found = self._connection.execute(
            "SELECT json_group_array(wanted.value) FROM json_each(?) AS wanted CROSS JOIN messages_fts"
            " ON messages_fts.rowid = wanted.value WHERE messages_fts MATCH ?",
            (orjson.dumps(ids).decode(), self._query.expression),
        )
        matching: list[int] = orjson.loads(found.get)
        return matching

    def _ranked(self) -> Found:
        at = {id: at for at, id in self._seen}
        scored = [(self._gain(at[id]) * -rank, at[id], id) for id, rank in self._ranks([*at])]
        best = sorted(scored, reverse=True)[self._page.offset : self._page.end]
        return Found([(id, score) for score, _, id in best], len(scored), False, "relevance")

    def _ranks(self, ids: list[int]) -> Iterator[tuple[int, float]]:
        """bm25 of these matches; the smaller the better.

        Few statements, since each counts a word's records anew; the `+` makes them walk over the matches
        and work out the rank of those that are wanted only.
        """
        for part in _close_together(sorted(ids)):
            values = (self._query.expression, part[0], part[-1], orjson.dumps(part).decode())
            found, ranks = self._connection.execute(
                "SELECT json_group_array(id), json_group_array(rank) FROM ("
                "SELECT rowid AS id, rank FROM messages_fts WHERE messages_fts MATCH ?"
                " AND rowid BETWEEN ? AND ? AND +rowid IN (SELECT value FROM json_each(?)))",
                values,
            ).get
            yield from zip(orjson.loads(found), orjson.loads(ranks), strict=True)

    def _gain(self, at_s: int) -> float:
        """More than 1 for what is recent. By whole days, so that the pages of a search fit together."""
        if at_s == UNKNOWN:
            return 1.0
        days = max(0.0, (self._now_s - at_s) // DAY_S)
        return 1.0 + RECENT_GAIN * math.pow(0.5, days / RECENT_DAYS)


class _Filters:
    """What a record must be besides its words."""

    def __init__(self, connection: apsw.Connection, spans: Spans, query: Query) -> None:
        self.since_s, self.until_s = query.since_s, query.until_s
        self.feeds = spans.feeds(query.feeds) if query.feeds else None
        if query.also_feed is not None:
            also = spans.feeds([query.also_feed])
            self.feeds = also if self.feeds is None else self.feeds & also
        self._not_feeds = spans.feeds(query.not_feeds)
        self.ids = _written_by(connection, query.people) if query.people else None
        self._not_ids = _written_by(connection, query.not_people) if query.not_people else frozenset()
        self._number_of = partial(spans.number_of, self.feeds, self._not_feeds)

    @property
    def any(self) -> bool:
        """Whether words alone do not tell which records fit."""
        feeds = self.feeds is not None or bool(self._not_feeds)
        people = self.ids is not None or bool(self._not_ids)
        return feeds or people or self.since_s is not None or self.until_s is not None

    @property
    def number(self) -> int | None:
        """How many records fit, where memory tells: when only feeds are asked for."""
        others = self.ids is not None or bool(self._not_ids)
        dated = self.since_s is not None or self.until_s is not None
        return None if others or dated else self._number_of()

    @property
    def nothing(self) -> bool:
        """No record can be found."""
        return any(wanted is not None and not wanted for wanted in (self.feeds, self.ids))

    def keep(self, span: Span, ids: list[int]) -> list[Pair]:
        """Those of the ids that fit, each with its time."""
        first, at, feed = span.first, span.at, span.feed
        if self.feeds is not None and not span.feeds <= self.feeds:
            feeds = self.feeds
            ids = [id for id in ids if feed[id - first] in feeds]
        if self._not_feeds:
            ids = [id for id in ids if feed[id - first] not in self._not_feeds]
        if self.ids is not None:  # also of records that were removed since
            ids = [id for id in ids if id in self.ids and feed[id - first] >= 0]
        if self._not_ids:
            ids = [id for id in ids if id not in self._not_ids]
        pairs = list(zip([at[id - first] for id in ids], ids, strict=True))
        if self.since_s is not None or self.until_s is not None:
            since_s = UNKNOWN + 1 if self.since_s is None else self.since_s
            until_s = float("inf") if self.until_s is None else self.until_s
            pairs = [pair for pair in pairs if since_s <= pair[0] < until_s]
        return pairs


def _close_together(ids: list[int]) -> Iterator[list[int]]:
    """The ids, ascending, cut where the gap is so large that walking over it takes longer than not to."""
    start = 0
    for at in range(1, len(ids)):
        if ids[at] - ids[at - 1] > GAP:
            yield ids[start:at]
            start = at
    if ids:
        yield ids[start:]


def _written_by(connection: apsw.Connection, names: list[str]) -> frozenset[int]:
    """The ids of what these people wrote; a name may be a part of one, in whole words."""
    found: set[int] = set()
    for name in names:
        ids = connection.execute(
            "SELECT json_group_array(authors.id) FROM adjutant_people AS people"
            " CROSS JOIN adjutant_authors AS authors ON authors.person = people.no"
            " WHERE instr(people.words, ?)",
            (f" {person_words(name)} ",),
        ).get
        found.update(orjson.loads(ids))
    return frozenset(found)


def person_words(name: str) -> str:
    """A name or an address as it is compared: its words in lower case, a blank between them."""
    plain = "".join(mark if mark.isalnum() else " " for mark in name.casefold())
    return " ".join(plain.split())

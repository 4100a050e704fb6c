"""One search: which records match, and in which order.

Up to RANKED_AT_MOST matches are ranked by bm25, recent ones slightly higher. A broader query gives its newest
matches first: ranking them all takes 100 ms and more, and their scores hardly differ (decision 24).
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
from sio_server.search.time_index import NO_TIME, Block, TimeIndex

RANKED_AT_MOST = 1_000
COLLECTED_AT_MOST = 2_000
"""Up to so many matches are collected in one statement; a query with more is answered block by block."""
RECENT_GAIN = 0.25
RECENT_DAYS = 180.0
"""A record of today scores 1.25 times what its words are worth, one of half a year ago 1.125 times."""
DAY_S = 86_400.0
PROBED_AT_MOST = 500
"""Up to so many candidates (a person's records) are tested one by one instead of collecting all matches."""
GAP = 1 << 15
"""Ids this far apart are ranked by separate statements: walking the matches between them takes longer."""
EVERY_ID = (-(2**63), 2**63 - 1)

TimedId = tuple[int, int]
"""(time, id): the newest record sorts last."""
ScoredId = tuple[int, float | None]


@dataclass
class Matches:
    """The page's ids, with scores where they are ranked; with `at_least`, `total` is a lower bound."""

    page: list[ScoredId] = field(default_factory=list)
    total: int = 0
    at_least: bool = False
    ranked: str = "newest"
    partial: bool = False


@dataclass(frozen=True)
class Page:
    """Which part of the hits is wanted."""

    limit: int
    offset: int

    @property
    def end(self) -> int:
        """How many hits must be known for it."""
        return self.offset + self.limit

    def of(self, records: Sequence[TimedId]) -> list[int]:
        """The page of these records, newest first."""
        return [id for _, id in sorted(records, reverse=True)[self.offset : self.end]]


class Matcher:
    """One search on one connection. `is_cancelled` is asked between statements; with `everything` an empty
    query matches all records."""

    def __init__(
        self,
        connection: apsw.Connection,
        time_index: TimeIndex,
        query: Query,
        page: Page,
        now_s: float,
        is_cancelled: Callable[[], bool],
        everything: bool = False,
    ) -> None:
        self._connection = connection
        self._everything = everything
        self._blocks = time_index
        self._query = query
        self._page = page
        self._now_s = now_s
        self._is_cancelled = is_cancelled
        self._signs = [("", text) for text in dict.fromkeys(query.symbols)]
        self._signs += [("NOT", text) for text in dict.fromkeys(query.not_symbols)]
        self._filters = _Filters(connection, time_index, query)
        self._matched: list[TimedId] = []
        self._complete = False
        self._matching_words = 0  # how many records match the words alone, at least

    def run(self) -> Matches:
        """The matches; when it is interrupted, those found until then."""
        if (self._query.is_empty and not self._everything) or self._filters.exclude_all:
            return Matches(ranked="relevance")
        try:
            self._collect()
            if self._complete and len(self._matched) <= RANKED_AT_MOST and self._query.expression:
                return self._ranked()
        except apsw.InterruptError:
            self._complete = False
        page: list[ScoredId] = [(id, None) for id in self._page.of(self._matched)]
        known = self._filters.number if not self._query.has_words else None
        if known is not None and not self._complete and not self._is_cancelled():
            return Matches(page, known)
        total = len(self._matched) if self._filters.any else max(len(self._matched), self._matching_words)
        return Matches(page, total, not self._complete, "newest", not self._complete and self._is_cancelled())

    def _collect(self) -> None:
        """Fills `_matched` with all matches, or with the newest."""
        query, wanted = self._query, self._filters.ids
        if wanted is not None and not query.has_words:
            self._add(sorted(wanted))
            self._complete = True
        elif query.expression is None or self._signs:
            self._walk_blocks(None)
        elif wanted is not None and len(wanted) <= PROBED_AT_MOST:
            self._add(self._test_each(sorted(wanted)))
            self._complete = True
        elif query.is_slow:  # one lookup for all: each would take as long
            self._walk_blocks(self._ids_in(*EVERY_ID, -1))
        else:
            ids = self._ids_in(*EVERY_ID, COLLECTED_AT_MOST + 1)
            self._matching_words = len(ids)
            if len(ids) > COLLECTED_AT_MOST:
                self._walk_blocks(None)
            else:
                self._add(ids)
                self._complete = True

    def _walk_blocks(self, known: list[int] | None) -> None:
        """Block by block, until no older record can belong to the page."""
        filters = self._filters
        # Without filters it is known already whether there are too many matches to rank.
        enough = 0 if self._matching_words > RANKED_AT_MOST and not filters.any else RANKED_AT_MOST + 1
        for block in self._blocks.blocks_newest_first(filters.sources, filters.since_s, filters.until_s):
            if self._is_cancelled() or (len(self._matched) >= enough and self._is_settled(block)):
                return
            if known is not None:
                ids = known[bisect_left(known, block.first) : bisect_right(known, block.last)]
            elif self._query.has_words:
                ids = self._ids_in(block.first, block.last, -1)
            else:
                ids = block.ids()
            self._matched += filters.keep(block, ids)
        self._complete = True

    def _add(self, ids: list[int]) -> None:
        for block, part in self._blocks.by_block(ids):
            self._matched += self._filters.keep(block, part)

    def _is_settled(self, block: Block) -> bool:
        if len(self._matched) < self._page.end:
            return False
        last = sorted(self._matched, reverse=True)[self._page.end - 1]
        return last > (block.newest, block.last)

    def _ids_in(self, first: int, last: int, limit: int) -> list[int]:
        """The ids, ascending, of the records from `first` to `last` that match the words."""
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

    def _test_each(self, ids: list[int]) -> list[int]:
        """Those of the ids that match the words."""
        found = self._connection.execute(
            "SELECT json_group_array(wanted.value) FROM json_each(?) AS wanted CROSS JOIN messages_fts"
            " ON messages_fts.rowid = wanted.value WHERE messages_fts MATCH ?",
            (orjson.dumps(ids).decode(), self._query.expression),
        )
        matching: list[int] = orjson.loads(found.get)
        return matching

    def _ranked(self) -> Matches:
        at = {id: at for at, id in self._matched}
        scored = [(self._gain(at[id]) * -rank, at[id], id) for id, rank in self._ranks([*at])]
        best = sorted(scored, reverse=True)[self._page.offset : self._page.end]
        return Matches([(id, score) for score, _, id in best], len(scored), False, "relevance")

    def _ranks(self, ids: list[int]) -> Iterator[tuple[int, float]]:
        """bm25 of these matches; smaller is better.

        Few statements, since each counts a word's records again; the `+` makes SQLite walk the matches and
        compute the rank of the wanted ones only.
        """
        for part in _split_at_gaps(sorted(ids)):
            values = (self._query.expression, part[0], part[-1], orjson.dumps(part).decode())
            found, ranks = self._connection.execute(
                "SELECT json_group_array(id), json_group_array(rank) FROM ("
                "SELECT rowid AS id, rank FROM messages_fts WHERE messages_fts MATCH ?"
                " AND rowid BETWEEN ? AND ? AND +rowid IN (SELECT value FROM json_each(?)))",
                values,
            ).get
            yield from zip(orjson.loads(found), orjson.loads(ranks), strict=True)

    def _gain(self, at_s: int) -> float:
        """More than 1 for recent records. By whole days, so that the pages of one search agree."""
        if at_s == NO_TIME:
            return 1.0
        days = max(0.0, (self._now_s - at_s) // DAY_S)
        return 1.0 + RECENT_GAIN * math.pow(0.5, days / RECENT_DAYS)


class _Filters:
    """What a record must meet apart from its words."""

    def __init__(self, connection: apsw.Connection, time_index: TimeIndex, query: Query) -> None:
        self.since_s, self.until_s = query.since_s, query.until_s
        self.sources = time_index.numbers(query.sources) if query.sources else None
        if query.and_source is not None:
            also = time_index.numbers([query.and_source])
            self.sources = also if self.sources is None else self.sources & also
        self._not_sources = time_index.numbers(query.not_sources)
        self.ids = _ids_by_author(connection, query.people) if query.people else None
        self._not_ids = _ids_by_author(connection, query.not_people) if query.not_people else frozenset()
        self._count = partial(time_index.count, self.sources, self._not_sources)

    @property
    def any(self) -> bool:
        """Whether there are any."""
        sources = self.sources is not None or bool(self._not_sources)
        people = self.ids is not None or bool(self._not_ids)
        return sources or people or self.since_s is not None or self.until_s is not None

    @property
    def number(self) -> int | None:
        """How many records fit, if memory can tell: when only sources are filtered."""
        others = self.ids is not None or bool(self._not_ids)
        dated = self.since_s is not None or self.until_s is not None
        return None if others or dated else self._count()

    @property
    def exclude_all(self) -> bool:
        """Whether no record can fit."""
        return any(wanted is not None and not wanted for wanted in (self.sources, self.ids))

    def keep(self, block: Block, ids: list[int]) -> list[TimedId]:
        """Those of the ids that fit, each with its time."""
        first, at, source = block.first, block.at, block.source
        if self.sources is not None and not block.sources <= self.sources:
            sources = self.sources
            ids = [id for id in ids if source[id - first] in sources]
        if self._not_sources:
            ids = [id for id in ids if source[id - first] not in self._not_sources]
        if self.ids is not None:  # `ids` may name records that were removed since
            ids = [id for id in ids if id in self.ids and source[id - first] >= 0]
        if self._not_ids:
            ids = [id for id in ids if id not in self._not_ids]
        pairs = list(zip([at[id - first] for id in ids], ids, strict=True))
        if self.since_s is not None or self.until_s is not None:
            since_s = NO_TIME + 1 if self.since_s is None else self.since_s
            until_s = float("inf") if self.until_s is None else self.until_s
            pairs = [pair for pair in pairs if since_s <= pair[0] < until_s]
        return pairs


def _split_at_gaps(ids: list[int]) -> Iterator[list[int]]:
    """The ids, ascending, cut at large gaps (GAP)."""
    start = 0
    for at in range(1, len(ids)):
        if ids[at] - ids[at - 1] > GAP:
            yield ids[start:at]
            start = at
    if ids:
        yield ids[start:]


def _ids_by_author(connection: apsw.Connection, names: list[str]) -> frozenset[int]:
    """The ids of what these people wrote; part of a name will do, in whole words."""
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
    """A name or an address as it is compared: its words in lower case, separated by blanks."""
    plain = "".join(mark if mark.isalnum() else " " for mark in name.casefold())
    return " ".join(plain.split())

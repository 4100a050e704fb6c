"""One search: which records match, and in which order.

Up to RANKED_AT_MOST matches are ranked by bm25, recent ones slightly higher. A broader query gives its newest
matches first: ranking them all takes 100 ms and more, and their scores hardly differ (decision 24).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from sio_server.search.alternatives import Alternative, Alternatives, alternatives
from sio_server.search.cancellation import INTERRUPTED
from sio_server.search.query import DAY, Query
from sio_server.search.store import Reader
from sio_server.search.time_index import NO_TIME, Block, TimeIndex

RANKED_AT_MOST = 1_000  # decision 24
COLLECTED_AT_MOST = 2_000
"""Up to this many matches are collected in one statement; a query with more is answered block by block."""
WALKED_AT_MOST, THEN_AT_MOST = 8, 20_000
"""Where parts of the ids are not searched in parts of the time: so many blocks are looked at one by one. If
by then little of what is looked for is found, it is rare among the newest records, and up to so many matches
are collected at once: words that were common long ago took 100 ms."""
CANDIDATES_AT_MOST = 4_000
"""Up to this many records with wanted labels are listed and tested; beyond, memory knows their labels."""
SAMPLED_FROM = 100_000
SAMPLES, SAMPLED_PART = 2, 64
"""From this many records on, matches of several words are estimated by two samples, a 64th of all ids."""
RECENT_GAIN = 0.25
RECENT_DAYS = 180.0
"""Today's record scores 1.25 times the worth of its words, one of half a year ago 1.125 times."""

TimedId = tuple[int, int]
"""(time, id): the newest record sorts last."""
ScoredId = tuple[int, float | None]
"""An id, and its score where it is ranked."""


@dataclass
class Matches:
    """The page's ids, with scores if ranked; with `at_least`, `total` is a lower bound."""

    page: list[ScoredId] = field(default_factory=list)
    total: int = 0
    at_least: bool = False
    ranked: str = "newest"
    partial: bool = False


@dataclass(frozen=True)
class Page:
    """The requested part of the hits."""

    limit: int
    offset: int

    @property
    def end(self) -> int:
        """How many hits must be known for this page."""
        return self.offset + self.limit

    def of(self, records: Iterable[TimedId]) -> list[int]:
        """This page of the records, newest first."""
        return [id for _, id in sorted(records, reverse=True)[self.offset : self.end]]


class Matcher:
    """One search with one reader. `is_cancelled` is asked between statements; with `everything` an empty
    query matches all records."""

    def __init__(
        self,
        reader: Reader,
        time_index: TimeIndex,
        query: Query,
        page: Page,
        is_cancelled: Callable[[], bool],
        everything: bool = False,
    ) -> None:
        self._text = reader.text
        self._labels = reader.labels
        self._few = reader.few
        self._time_index = time_index
        self._query = query
        self._page = page
        self._is_cancelled = is_cancelled
        self._everything = everything
        self._alternatives = Alternatives([], frozenset(), True)
        self._filters = Filters(time_index, query)
        self._matched: list[TimedId] = []
        self._ranks: dict[int, float] = {}
        self._kept: list[list[TimedId]] = []  # the matches of each way
        self._complete = False
        self._matching_words = 0  # a lower bound of the records that match the words alone

    def run(self, now_s: float) -> Matches:
        """The matches; if interrupted, those found so far."""
        if (self._query.is_empty and not self._everything) or self._filters.exclude_all:
            return Matches(ranked="relevance")
        try:
            self._alternatives = alternatives(self._query, self._labels, self._time_index)
            self._filters.not_labels = self._alternatives.not_labels
            self._collect()
            if self._complete and len(self._matched) <= RANKED_AT_MOST and self._query.groups:
                return self._ranked(now_s)
        except INTERRUPTED:
            self._complete = False
        page: list[ScoredId] = [(id, None) for id in self._page.of(self._matched)]
        number = self._filters.number(self._alternatives) if not self._query.has_words else None
        if number is not None and not self._complete and not self._is_cancelled():
            return Matches(page, number)
        total = len(self._matched) if self._filters.any else max(len(self._matched), self._matching_words)
        at_least = not self._complete or not self._alternatives.complete
        return Matches(page, total, at_least, "newest", not self._complete and self._is_cancelled())

    def _collect(self) -> None:
        """Fills `_matched` with all matches, or with the newest."""
        listed = [(way, self._list(way)) for way in self._alternatives.ways]
        self._kept = [[] for _ in listed]
        if any(ids is None or len(ids) > CANDIDATES_AT_MOST for _, ids in listed):
            self._walk_blocks(listed)
            return
        for kept, (way, ids) in zip(self._kept, listed, strict=True):
            for block, part in self._time_index.by_block(self._tested(way, ids or [])):
                kept += self._filters.keep(block, part, way.labels)
        self._matched = _merged(self._kept)
        self._complete = True

    def _list(self, way: Alternative) -> list[int] | None:
        """The ids, ascending, of all records that match this way, or of the candidates for `_tested`; None if
        there are many."""
        query, text = way.query, self._text
        if _has_few_candidates(way):
            return self._labels.records(way.labels or ())
        if query.expression is None or query.has_symbols:
            return None
        if query.is_slow:  # one lookup for all: each would take just as long
            return text.whole(query)
        ranked = [*self._ranks_at_once(query)] if way.labels is None else []
        ids = ranked or text.whole(query, COLLECTED_AT_MOST)
        if way.labels is None:
            self._matching_words = COLLECTED_AT_MOST + 1 if ids is None else len(ids)
        return ids

    def _tested(self, way: Alternative, ids: list[int]) -> list[int]:
        """The ids from `_list` that match."""
        if ids and way.query.has_words and _has_few_candidates(way):
            return self._text.among(way.query, ids)
        return ids

    def _ranks_at_once(self, query: Query) -> dict[int, float]:
        """The ranks of all matches, if the words seem to have few: then one pass is enough.

        Otherwise they are counted first, to decide whether to rank them, which takes two passes.
        """
        if not self._filters.any and ((query.expression or "") in self._few or self._seems_few()):
            found = self._text.ranked(query, RANKED_AT_MOST + 1)
            if len(found) <= RANKED_AT_MOST:
                self._ranks = dict(found)
        return self._ranks

    def _seems_few(self) -> bool:
        """Whether several words seem to have few matches: they had recently, or do in samples of the ids."""
        query, top = self._query, self._time_index.top
        if not self._text.samples or len(query.groups) < 2 or top < SAMPLED_FROM or query.has_symbols:
            return False
        length = top // (SAMPLES * SAMPLED_PART)
        firsts = range(top // (2 * SAMPLES), top, max(1, top // SAMPLES))
        found = 0
        for first in firsts:
            found += len(self._text.ids(query, first, first + length, RANKED_AT_MOST))
            if found * SAMPLED_PART > RANKED_AT_MOST:
                return False
        return True

    def _walk_blocks(self, listed: Sequence[tuple[Alternative, list[int] | None]]) -> None:
        """Block by block, until no older record can belong to the page."""
        filters = self._filters
        # Without filters it is known already whether there are too many matches to rank.
        enough = 0 if self._matching_words > RANKED_AT_MOST and not filters.any else RANKED_AT_MOST + 1
        blocks = self._time_index.blocks_newest_first(filters.sources, filters.since_s, filters.until_s)
        few = max(enough // 4, self._page.end)
        for number, block in enumerate(blocks):
            if self._is_cancelled() or (len(self._matched) >= enough and self._is_settled(block)):
                return
            if number == WALKED_AT_MOST and not self._text.samples and len(self._matched) < few:
                listed = [(way, self._list_after_all(way) if ids is None else ids) for way, ids in listed]
            found = [filters.keep(block, self._part(way, ids, block), way.labels) for way, ids in listed]
            self._matched += _merged(found)
            for kept, pairs in zip(self._kept, found, strict=True):
                kept += pairs
        self._complete = True

    def _list_after_all(self, way: Alternative) -> list[int] | None:
        if way.query.expression is None or way.query.has_symbols:
            return None
        return self._text.whole(way.query, THEN_AT_MOST)

    def _part(self, way: Alternative, ids: list[int] | None, block: Block) -> list[int]:
        """The block's records that match this way; `ids` come from `_list`."""
        if ids is not None:
            return self._tested(way, ids[bisect_left(ids, block.first) : bisect_right(ids, block.last)])
        if way.query.has_words:
            return self._text.ids(way.query, block.first, block.last)
        return block.ids()

    def _is_settled(self, block: Block) -> bool:
        if len(self._matched) < self._page.end:
            return False
        last = sorted(self._matched, reverse=True)[self._page.end - 1]
        return last > (block.newest, block.last)

    def _ranked(self, now_s: float) -> Matches:
        scores = self._scores()
        today, gains = int(now_s // DAY), _Gains()
        scored = [(gains[today - at_s // DAY] * scores[id], at_s, id) for at_s, id in self._matched]
        best = nlargest(self._page.end, scored)[self._page.offset :]
        page: list[ScoredId] = [(id, score) for score, _, id in best]
        return Matches(page, len(scored), not self._alternatives.complete, "relevance")

    def _scores(self) -> dict[int, float]:
        """Each match's score: bm25 of its text, plus the weight of the words on its label.

        bm25 counts all records with each of its words, so only the way with the most matches is ranked by it;
        in the others each word of the text counts as much as it does there on average.
        """
        ways = [*zip(self._alternatives.ways, self._kept, strict=True)]
        ranked, pairs = max(ways, key=lambda one: len(one[1]) if one[0].query.expression else -1)
        ranks = self._ranks_of(ranked, pairs)
        per_word = -sum(ranks.values()) / max(1, len(ranks) * len(ranked.query.groups))
        scores: dict[int, float] = {}
        for way, pairs in reversed(ways):  # the first way last: all words in the text count most
            if way is ranked:
                scores.update((id, -rank) for id, rank in ranks.items())
            else:
                scores.update(dict.fromkeys((id for _, id in pairs), per_word * len(way.query.groups)))
        for way, pairs in ways:
            if way.weight:
                for _, id in pairs:
                    scores[id] += way.weight
        return scores

    def _ranks_of(self, way: Alternative, pairs: list[TimedId]) -> dict[int, float]:
        if way.query.expression is None or not pairs:
            return {}
        if way.labels is None and not self._filters.any and not way.query.has_symbols:
            self._few.add(way.query.expression)
            if self._ranks or self._text.samples:  # else the ids save a second pass
                return self._ranks or dict(self._text.ranked(way.query))
        return dict(self._text.ranks(way.query, [id for _, id in pairs]))


class Filters:
    """The conditions on a record besides its words and its label's."""

    def __init__(self, time_index: TimeIndex, query: Query) -> None:
        self.since_s, self.until_s = query.since_s, query.until_s
        self.sources = time_index.numbers(query.sources) if query.sources else None
        if query.and_source is not None:
            also = time_index.numbers([query.and_source])
            self.sources = also if self.sources is None else self.sources & also
        self.not_labels: frozenset[int] = frozenset()
        self._not_sources = time_index.numbers(query.not_sources) | time_index.exactly(query.hidden)
        self._people = bool(query.people)
        self._time_index = time_index

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return self._any_but_people or self._people

    @property
    def _any_but_people(self) -> bool:
        sources = self.sources is not None or bool(self._not_sources)
        return sources or bool(self.not_labels) or self.since_s is not None or self.until_s is not None

    def number(self, ways: Alternatives) -> int | None:
        """The number of records of these sources or people, if known from memory."""
        if self.not_labels or self.since_s is not None or self.until_s is not None:
            return None
        if not self._people:
            return self._time_index.count(self.sources, self._not_sources)
        labels = ways.ways[0].labels
        return None if self._any_but_people or labels is None else ways.ways[0].records

    @property
    def exclude_all(self) -> bool:
        """Whether no record can match."""
        return self.sources is not None and not self.sources

    def keep(self, block: Block, ids: list[int], labels: frozenset[int] | None) -> list[TimedId]:
        """The ids that match and have one of the labels (None: any), each with its time."""
        first, at, source, label = block.first, block.at, block.source, block.label
        if self.sources is not None and not block.sources <= self.sources:
            sources = self.sources
            ids = [id for id in ids if source[id - first] in sources]
        if self._not_sources:
            ids = [id for id in ids if source[id - first] not in self._not_sources]
        if labels is not None:  # `ids` may name records that were removed since
            ids = [id for id in ids if label[id - first] in labels and source[id - first] >= 0]
        if self.not_labels:
            ids = [id for id in ids if label[id - first] not in self.not_labels]
        pairs = list(zip([at[id - first] for id in ids], ids, strict=True))
        if self.since_s is not None or self.until_s is not None:
            since_s = NO_TIME + 1 if self.since_s is None else self.since_s
            until_s = float("inf") if self.until_s is None else self.until_s
            pairs = [pair for pair in pairs if since_s <= pair[0] < until_s]
        return pairs


def _merged(parts: Sequence[list[TimedId]]) -> list[TimedId]:
    """Each record once, in long sorted runs where possible, which makes sorting fast."""
    some = [part for part in parts if part]
    if len(some) == 1:
        return some[0]
    return [*dict.fromkeys(pair for part in some for pair in part)]


def _has_few_candidates(way: Alternative) -> bool:
    return way.labels is not None and way.records <= CANDIDATES_AT_MOST


class _Gains(dict[int, float]):
    """The gain of a recent record by its age in whole days, so that pages agree; 1 after eleven years."""

    def __missing__(self, age: int) -> float:
        gain = 1.0 + RECENT_GAIN * 0.5 ** (max(0, age) / RECENT_DAYS) if age < 4_000 else 1.0
        self[age] = gain
        return gain

"""The ways in which a record can match a query: each word is in its text or on its label.

Labels are grouped by which of the query's words they have. For each group, a record matches if its text has
the other words. Because a record has one label, these ways and "all words in the text" are complete.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sio_server.search.query import Query
from sio_server.search.store import LabelFinder
from sio_server.search.time_index import TimeIndex

AT_MOST = 16
"""Ways that are tried, most words on the label first; three words make at most eight."""

Labels = frozenset[int]


@dataclass(frozen=True)
class Alternative:
    """Records with one of the labels (None: any record) and with the query's words in the text.

    `records` have these labels; `weight` is what the words on them add to a score: as in bm25, rarer words
    add more.
    """

    query: Query
    labels: Labels | None = None
    records: int = 0
    weight: float = 0.0


@dataclass(frozen=True)
class Alternatives:
    """All ways, "all words in the text" first. `complete`: none was left out."""

    ways: Sequence[Alternative]
    not_labels: Labels
    complete: bool


def alternatives(query: Query, labels: LabelFinder, time_index: TimeIndex) -> Alternatives:
    """The ways in which a record can match, with the people that the query asks for."""
    allowed = labels.of_people(query.people) if query.people else None
    not_labels = _excluded(query, labels)
    found = [labels.matching(group) for group in query.groups]
    found += [labels.containing(symbol) for symbol in query.symbols]
    if not_labels or allowed is not None:
        found = [(part if allowed is None else part & allowed) - not_labels for part in found]
    divided = _divided(found)
    records = {mask: time_index.count_labelled(part) for mask, part in divided.items()}
    weights = [_weight(bit, records, time_index.records) for bit in range(len(found))]
    masks = sorted(divided, key=int.bit_count, reverse=True)
    ways = [Alternative(query, allowed, 0 if allowed is None else time_index.count_labelled(allowed))]
    ways += [
        Alternative(_without(query, mask), divided[mask], records[mask], _sum(weights, mask))
        for mask in masks[:AT_MOST]
    ]
    return Alternatives(ways, not_labels, len(masks) <= AT_MOST)


def _excluded(query: Query, labels: LabelFinder) -> Labels:
    excluded = labels.of_people(query.not_people)
    if query.excluded:
        excluded |= labels.matching(query.excluded)
    return excluded.union(*(labels.containing(symbol) for symbol in query.not_symbols))


def _divided(found: Sequence[Labels]) -> dict[int, Labels]:
    """The labels by which parts of the query they have, as a bit mask."""
    seen: set[int] = set()
    several: set[int] = set()
    for part in found:
        several |= seen & part
        seen |= part
    masks: defaultdict[int, int] = defaultdict(int)
    divided: defaultdict[int, set[int]] = defaultdict(set)
    for bit, part in enumerate(found):
        divided[1 << bit] = set(part - several)
        for label in part & several:
            masks[label] |= 1 << bit
    for label, mask in masks.items():
        divided[mask].add(label)
    return {mask: frozenset(part) for mask, part in divided.items() if part}


def _without(query: Query, mask: int) -> Query:
    """What the text must match when the label has the parts in the mask."""
    parts = len(query.groups)
    return replace(
        query,
        groups=[group for bit, group in enumerate(query.groups) if not mask >> bit & 1],
        symbols=[symbol for bit, symbol in enumerate(query.symbols, parts) if not mask >> bit & 1],
    )


def _weight(bit: int, records: Mapping[int, int], total: int) -> float:
    having = sum(number for mask, number in records.items() if mask >> bit & 1)
    return math.log(1 + total / having) if having else 0.0


def _sum(weights: Sequence[float], mask: int) -> float:
    return sum(weight for bit, weight in enumerate(weights) if mask >> bit & 1)

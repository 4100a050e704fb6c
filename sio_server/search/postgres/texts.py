"""Queries on the records' words: ids and ranks of the matches (store.Texts)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from sio_server.search import time_index
from sio_server.search.postgres import lexemes
from sio_server.search.postgres.feed import Feed
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.statistics import TURNED, Statistics
from sio_server.search.postgres.tables import ONE_BY_ONE, RECORDS, WORDS, by_key
from sio_server.search.query import Query, Term, any_of
from sio_server.search.snippets import places_of
from sio_server.search.store import Ranked
from sio_server.search.tokenizer import Tokenizer

COUNTED_TO = 20_000
"""Records of a word that are counted for its weight. Of a common word it takes 15 ms, so that on a board with
more records than these PostgreSQL's own statistics are asked first."""
KEPT = 2_000
"""Expressions whose number of records is remembered; the longest unused goes."""
TERMS_MAX = 8
"""Alternatives of one word that are weighed one by one; more are weighed as one word."""
K1, B = 1.2, 0.75
"""The constants of bm25, as FTS5 has them."""
LEAST_WEIGHT = 1e-6  # of a word that more than half of the records have, as in FTS5
_OF_A_WORD = 1.64493406685
_TIMES = [rank / _OF_A_WORD for rank in accumulate(1 / place**2 for place in range(1, 256))]
"""What ts_rank says of a word that stands so often in a text, from once on; it grows with each, so that the
number can be read off it. Nothing else in PostgreSQL tells it without unpacking the whole text."""


class PostgresTexts:
    """On one reader's session. Errors: psycopg.Error, LogError, Interrupted."""

    samples = False

    def __init__(self, session: RecordsSession, no: int, feed: Feed, tokenizer: Tokenizer) -> None:
        self._session = session
        self._no = no
        self._feed = feed
        self._tokenizer = tokenizer
        self._statistics = Statistics(session, feed)
        self._counts = _Kept()
        self._many = _Kept()

    def whole(self, query: Query, at_most: int = -1) -> list[int] | None:
        """The ids, ascending, of all matches; None if they are more than `at_most`.

        A word with many matches costs 10 ms to find out; that is remembered until records are changed or
        removed.
        """
        expression = lexemes.all_of(self._no, query)
        asked = f"{at_most} {expression}"
        if at_most >= 0 and self._many.get(asked) == self._feed.lessened:
            return None
        ids = self._matching(query, limit=at_most + 1 if at_most >= 0 else -1)
        if at_most < 0 or len(ids) <= at_most:
            return ids
        self._many.put(asked, self._feed.lessened)
        return None

    def ids(self, query: Query, first: int, last: int, limit: int = -1) -> list[int]:
        """The ids, ascending, of the block that begins and ends so which match the query's words."""
        assert last - first + 1 == time_index.BLOCK_SIZE
        return self._matching(query, first >> time_index.BLOCK_BITS, limit=limit)

    def among(self, query: Query, ids: list[int]) -> list[int]:
        """The ids, ascending, that match the query's words."""
        return self._matching(query, among=ids)

    def count(self, terms: list[Term], at_most: int) -> int:
        """How many records have one of the terms, counted up to `at_most`."""
        query = Query(groups=[terms])
        if lexemes.has_phrase(query):
            return len(self._matching(query, limit=at_most))
        [[number]] = self._session.ask(
            f"SELECT count(*) FROM (SELECT FROM {WORDS} WHERE words @@ %s::tsquery LIMIT %s) AS found",
            (lexemes.any_of(self._no, terms), at_most),
        )
        return int(number)

    def ranked(self, query: Query, limit: int = -1) -> list[Ranked]:
        """The first matches, with ranks."""
        if lexemes.has_phrase(query) or query.has_symbols:
            return self.ranks(query, self._matching(query, limit=limit))
        words, columns, given = self._asked(query)
        rows = self._session.ask(
            f"SELECT {columns} FROM {WORDS} WHERE board = %s AND words @@ %s::tsquery"
            + (" LIMIT %s" if limit >= 0 else ""),
            (
                *given,
                self._session.board,
                lexemes.all_of(self._no, query),
                *([limit] if limit >= 0 else []),
            ),
        )
        return self._scored(words, rows)

    def ranks(self, query: Query, ids: Sequence[int]) -> list[Ranked]:
        """The ranks of these matches, by ascending ids: bm25, as FTS5 reckons it."""
        words, columns, given = self._asked(query)
        rows = self._session.ask(by_key(columns, WORDS), ([*ids], *given, self._session.board))
        return self._scored(words, rows)

    def _asked(self, query: Query) -> tuple[list[list[Term]], str, list[str]]:
        """What is weighed; the columns that are read for it, and their values."""
        words, asked, given = list[list[Term]](), list[str](), list[str]()
        for group in _distinct(query.groups):
            for word in (of_group := _words(group)):
                words.append(word)
                is_phrase = any(len(term.tokens) > 1 for term in word)
                if is_phrase and len(of_group) == 1:  # all of these match it; to ask takes 0.5 ms for each
                    asked.append(f"{_TIMES[0]}::real")
                    continue
                asked.append(
                    f"((words @@ %s::tsquery)::integer * {_TIMES[0]})::real"
                    if is_phrase
                    else "ts_rank('{1,1,1,1}', words, %s::tsquery)"
                )
                given.append(lexemes.any_of(self._no, word))
        named = [f"{one} AS rank_{number}" for number, one in enumerate(asked)]
        return words, ", ".join(["id", "size", *named]), given

    def _scored(self, words: Sequence[list[Term]], rows: Sequence[Any]) -> list[Ranked]:
        """By the rows of `_asked`."""
        weights = [self._weight(word) for word in words] if rows else []
        mean = max(1.0, self._feed.mean_size)
        # They come as they are stored, and what was changed is stored anew.
        return [(id, -_bm25(size / mean, found, words, weights)) for id, size, *found in sorted(rows)]

    def _weight(self, word: list[Term]) -> float:
        """A word's weight: the fewer records have it, the more."""
        expression, turned = lexemes.any_of(self._no, word), self._feed.turned
        known = self._counts.get(expression)
        if known is None or (turned - known[0]) * TURNED > known[1]:
            known = turned, self._feed.time_index.records, self._having(word)
            self._counts.put(expression, known)
        _, total, having = known
        return max(LEAST_WEIGHT, math.log(max(0.5, total - having + 0.5) / (having + 0.5)))

    def _having(self, word: list[Term]) -> int:
        """How many records have one of the word's forms: counted, or about so many."""
        if self._feed.time_index.records > COUNTED_TO and len(word) == 1:
            lexeme = lexemes.only_of(self._no, word[0])
            number = None if lexeme is None else self._statistics.number(lexeme)
            if number is not None:
                return number
        return self.count(word, COUNTED_TO)

    def _matching(
        self, query: Query, block: int | None = None, among: list[int] | None = None, limit: int = -1
    ) -> list[int]:
        """The ids, ascending: of the block, or of those `among` which they are looked for, or of all."""
        no, phrase, board = self._no, lexemes.has_phrase(query), self._session.board
        signs = [(">", one) for one in dict.fromkeys(query.symbols)]
        signs += [("=", one) for one in dict.fromkeys(query.not_symbols)]
        columns = "id, is_long, words"
        given: list[Any]
        if among is None:
            found, given = f"SELECT {columns} FROM {WORDS} WHERE board = %s", [board]
        else:
            found, given = by_key(columns, WORDS), [among, board]
        text = f"SELECT content FROM {RECORDS} AS kept WHERE board = %s AND kept.id = found.id {ONE_BY_ONE}"
        beside = f" CROSS JOIN LATERAL ({text}) AS text" if signs else ""
        given += [board] if signs else []
        where = ["true"]
        if words := lexemes.all_of(no, query, block, loose=phrase):
            where.append("words @@ %s::tsquery")
            given.append(words)
        is_long, values = "is_long", list[Any]()
        if phrase:
            where.append("(is_long OR words @@ %s::tsquery)")
            given.append(lexemes.all_of(no, query, block))
            if not query.excluded:  # what the index has of a long text is right, but may not be all
                is_long, values = "is_long AND NOT words @@ %s::tsquery", [lexemes.all_of(no, query, block)]
        where += [f"strpos(content, %s) {sign} 0" for sign, _ in signs]
        given += [one for _, one in signs]
        rows = self._session.ask(
            f"SELECT id, {is_long} FROM ({found}) AS found{beside} WHERE {' AND '.join(where)}"
            + (" LIMIT %s" if limit >= 0 else ""),
            (*values, *given, *([limit] if limit >= 0 else [])),
        )
        if phrase and any(is_long for _, is_long in rows):
            wrong = self._wrong(query, [id for id, is_long in rows if is_long])
            return sorted(id for id, _ in rows if id not in wrong)
        return sorted(id for id, _ in rows)

    def _wrong(self, query: Query, ids: list[int]) -> set[int]:
        """Those of the ids whose texts do not match: of a long one the index has not every position."""
        found = self._session.ask(by_key("id, content", RECORDS), (ids, self._session.board))
        return {id for id, text in found if not _fits(query, [word for _, _, word in self._tokenizer(text)])}


class _Kept:
    """The newest values, by expression."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, Any] = OrderedDict()

    def get(self, key: str) -> Any:
        return self._values.get(key)

    def put(self, key: str, value: Any) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > KEPT:
            self._values.popitem(last=False)


def _distinct(groups: Sequence[list[Term]]) -> list[list[Term]]:
    return [*{any_of(group): group for group in groups}.values()]


def _words(group: list[Term]) -> list[list[Term]]:
    """What is weighed by itself of the alternatives."""
    terms = [*{term.expression: term for term in group}.values()]
    return [terms] if len(terms) > TERMS_MAX else [[term] for term in terms]


def _bm25(
    size: float, found: Sequence[float], words: Sequence[list[Term]], weights: Sequence[float]
) -> float:
    """`size`: of the text, beside that of all on average; `found`: what ts_rank says of each word."""
    score = 0.0
    for said, word, weight in zip(found, words, weights, strict=True):
        if said > 0:
            # Of alternatives it says the mean; a phrase counts once, however often it is there.
            times = _times(said * len(word))
            score += weight * times * (K1 + 1) / (times + K1 * (1 - B + B * size))
    return score


def _times(said: float) -> int:
    """How often a word stands in a text, by what ts_rank says. Of several words with one beginning it says
    the sum, from which the number can only be estimated."""
    return 1 + bisect_left(_TIMES, said - 1e-6) if said < 1 else round(said * _OF_A_WORD)


def _fits(query: Query, words: list[str]) -> bool:
    def has(term: Term) -> bool:
        return bool(places_of(term.tokens, term.is_prefix, words))

    return all(any(has(term) for term in group) for group in query.groups) and not any(
        has(term) for term in query.excluded
    )

"""Queries on the full-text index of the records' texts: ids and ranks of the matches.

Each statement returns its ids as one JSON value, so that the interpreter's lock is not taken for each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import apsw
import orjson

from sio_server.search.query import Query, Term, any_of

EVERY_ID = (-(2**63), 2**63 - 1)  # SQLite's smallest and largest id
GAP = 1 << 15
"""Ids this far apart are ranked by separate statements, since walking the matches in between takes longer."""
NEAR = 1 << 11  # ids closer than this are looked for in one piece
PIECES_AT_MOST = 10
"""Candidates are tested in at most this many pieces of the id range, or in the whole: a piece takes 80 us."""

Ranked = tuple[int, float]
"""An id and its bm25; smaller is better."""


class TextIndex:
    """On one reader's connection. Errors: apsw.Error, apsw.InterruptError."""

    samples = True
    """A part of the ids is searched in a part of the time (store.Texts)."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def whole(self, query: Query, at_most: int = -1) -> list[int] | None:
        """The ids, ascending, of all matches; None if they are more than `at_most`."""
        ids = self.ids(query, *EVERY_ID, at_most + 1 if at_most >= 0 else -1)
        return None if 0 <= at_most < len(ids) else ids

    def ids(self, query: Query, first: int, last: int, limit: int = -1) -> list[int]:
        """The ids, ascending, of the records from `first` to `last` that match the query's words.

        Cost: the matches of the rarest word in that range.
        """
        select, values = _select(query, first, last)
        return self._list(f"{select} LIMIT ?", *values, limit)

    def among(self, query: Query, ids: list[int]) -> list[int]:
        """The ids, ascending, that match the query's words. Cost: as `ids`, at least 80 us."""
        pieces = [*_split_at_gaps(ids, NEAR)]
        if len(pieces) > PIECES_AT_MOST:
            pieces = [ids]
        return [id for piece in pieces for id in self._among(query, piece)]

    def _among(self, query: Query, ids: list[int]) -> list[int]:
        select, values = _select(query, ids[0], ids[-1])
        # `+` makes SQLite walk the matches, which is faster than looking up each id in the full-text index.
        return self._list(f"{select} AND +id IN (SELECT value FROM json_each(?))", *values, _json(ids))

    def count(self, terms: list[Term], at_most: int) -> int:
        """How many records have one of the terms, counted up to `at_most`."""
        within = "SELECT 1 FROM messages_fts WHERE messages_fts MATCH ? LIMIT ?"
        number: int = self._connection.execute(
            f"SELECT count(*) FROM ({within})", (any_of(terms), at_most)
        ).get
        return number

    def ranked(self, query: Query, limit: int = -1) -> list[Ranked]:
        """The first matches, with ranks. Cost: includes all records with each of the words, for bm25."""
        return self._ranked("LIMIT ?", (query.expression, limit))

    def ranks(self, query: Query, ids: Sequence[int]) -> Iterator[Ranked]:
        """The ranks of these matches.

        Few statements, because each counts a word's records again; the `+` makes SQLite walk the matches and
        compute the ranks of the requested ones only.
        """
        for part in _split_at_gaps(sorted(ids), GAP):
            values = (query.expression, part[0], part[-1], _json(part))
            within = "AND rowid BETWEEN ? AND ? AND +rowid IN (SELECT value FROM json_each(?))"
            yield from self._ranked(within, values)

    def _ranked(self, within: str, values: tuple[str | int | None, ...]) -> list[Ranked]:
        ids, ranks = self._connection.execute(
            "SELECT json_group_array(id), json_group_array(rank) FROM ("
            f"SELECT rowid AS id, rank FROM messages_fts WHERE messages_fts MATCH ? {within})",
            values,
        ).get
        return [*zip(orjson.loads(ids), orjson.loads(ranks), strict=True)]

    def _list(self, statement: str, *values: str | int) -> list[int]:
        found: list[int] = orjson.loads(
            self._connection.execute(f"SELECT json_group_array(id) FROM ({statement})", values).get
        )
        return found


def _select(query: Query, first: int, last: int) -> tuple[str, list[str | int]]:
    """`SELECT id ...` for the records in the range that match the query's words, and its values."""
    values: list[str | int] = [first, last]
    symbols = [("", text) for text in dict.fromkeys(query.symbols)]
    symbols += [("NOT", text) for text in dict.fromkeys(query.not_symbols)]
    if query.expression is None:
        select = "SELECT id FROM messages WHERE id BETWEEN ? AND ?"
    else:
        beside = " CROSS JOIN messages ON messages.id = messages_fts.rowid" if symbols else ""
        select = (
            f"SELECT messages_fts.rowid AS id FROM messages_fts{beside}"
            " WHERE messages_fts.rowid BETWEEN ? AND ? AND messages_fts MATCH ?"
        )
        values.append(query.expression)
    select += "".join(f" AND {sign} instr(messages.content, ?)" for sign, _ in symbols)
    values += [text for _, text in symbols]
    if query.expression is None and query.without is not None:
        select += (
            " AND id NOT IN (SELECT rowid FROM messages_fts"
            " WHERE messages_fts MATCH ? AND rowid BETWEEN ? AND ?)"
        )
        values += [query.without, first, last]
    return select, values


def _split_at_gaps(ids: list[int], gap: int) -> Iterator[list[int]]:
    """The ids, ascending, split at large gaps."""
    start = 0
    for at in range(1, len(ids)):
        if ids[at] - ids[at - 1] > gap:
            yield ids[start:at]
            start = at
    if ids:
        yield ids[start:]


def _json(ids: Sequence[int]) -> str:
    return orjson.dumps(ids).decode()

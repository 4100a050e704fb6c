"""Our tokens in PostgreSQL's index: tsvectors and tsqueries are written from them, not by its own parsers, so
that both engines find the same words.

A lexeme begins with its board's number, so that no board's words are another's. One more lexeme of each
record names its block (time_index), which makes a search within a block cost no more than the block.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sio_server.search import time_index
from sio_server.search.query import Query, Term

TOKEN_BYTES = 1_400
"""PostgreSQL takes lexemes of 2,046 bytes; of a longer token the beginning is kept, with a digest."""
POSITIONS = 16_000
"""Tokens of a text whose positions are exact (PostgreSQL: 16,383)."""
BEYOND = POSITIONS + 2
"""What stands for all positions after these; not the next one, so that it makes no phrase with the last."""
OF_ONE = 250
"""Places of one token in a text that are all kept (PostgreSQL: 255)."""
BETWEEN = 10
"""Positions between the two parts of a label, so that no phrase reaches across."""


def words_of(no: int, id: int, tokens: Sequence[str]) -> tuple[str, bool]:
    """A text as a tsvector, and whether it is too long for all positions to be kept."""
    places = _places(tokens, 1)
    is_long = len(tokens) > POSITIONS or any(len(some) > OF_ONE for some in places.values())
    found = [_at(no, token, some, "") for token, some in places.items()]
    return " ".join([_quoted(_block(no, id >> time_index.BLOCK_BITS)), *found]), is_long


def label_words(no: int, about: Sequence[str], people: Sequence[str]) -> str:
    """A label as a tsvector; the words of people have the weight B."""
    found = [_at(no, token, some, "") for token, some in _places(about, 1).items()]
    later = _places(people, len(about) + BETWEEN)
    return " ".join([*found, *(_at(no, token, some, "B") for token, some in later.items())])


def any_of(no: int, terms: Iterable[Term], only: str = "", loose: bool = False) -> str:
    """Any of the terms, as a tsquery; `only` with this weight, `loose`: the words of a phrase anywhere."""
    joined = " | ".join(dict.fromkeys(_term(no, term, only, loose) for term in terms))
    return f"({joined})"


def all_of(no: int, query: Query, block: int | None = None, loose: bool = False) -> str:
    """The query's words as a tsquery, in one block where one is given."""
    parts = [] if block is None else [_quoted(_block(no, block))]
    parts += dict.fromkeys(any_of(no, group, loose=loose) for group in query.groups)
    # An excluded phrase proves nothing while it is loose.
    excluded = [term for term in query.excluded if not loose or len(term.tokens) == 1]
    if excluded:
        parts.append(f"!{any_of(no, excluded)}")
    return " & ".join(parts)


def only_of(no: int, term: Term) -> str | None:
    """The one lexeme of a term; None where it is more than one token, or a beginning."""
    return None if term.is_prefix or len(term.tokens) != 1 else _lexeme(no, term.tokens[0])


def has_phrase(query: Query) -> bool:
    """Whether positions count."""
    return any(len(term.tokens) > 1 for term in [*query.terms, *query.excluded])


def _term(no: int, term: Term, only: str, loose: bool) -> str:
    lexemes = [_quoted(_lexeme(no, token)) + (f":{only}" if only else "") for token in term.tokens]
    if term.is_prefix:
        lexemes[-1] = f"{_quoted(f'{no}:{_cut(term.tokens[-1])}')}:*{only}"
    joined = (" & " if loose else " <-> ").join(lexemes)
    return f"({joined})" if len(lexemes) > 1 else joined


def _places(tokens: Sequence[str], first: int) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, first):
        places.setdefault(token, []).append(place)
    return places


def _at(no: int, token: str, places: Sequence[int], weight: str) -> str:
    if places[-1] > POSITIONS or len(places) > OF_ONE:
        places = [place if place <= POSITIONS else BEYOND for place in places[: OF_ONE + 1]]
    kept = f"{weight},".join(map(str, places))
    return f"{_quoted(_lexeme(no, token))}:{kept}{weight}"


def _lexeme(no: int, token: str) -> str:
    cut = _cut(token)
    if cut != token:
        cut += "\x01" + hashlib.blake2b(token.encode(), digest_size=12).hexdigest()
    return f"{no}:{cut}"


def _cut(token: str) -> str:
    if len(token) * 4 <= TOKEN_BYTES:
        return token
    return token.encode()[:TOKEN_BYTES].decode(errors="ignore")


def _block(no: int, block: int) -> str:
    return f"{no}#{block}"


def _quoted(lexeme: str) -> str:
    if "'" in lexeme or "\\" in lexeme:
        lexeme = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{lexeme}'"

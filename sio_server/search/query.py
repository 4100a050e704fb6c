"""Parses the text of a search box into an FTS5 expression and filters. No text is an error.

    word "some phrase" -not "a" OR "b" begin* source:slack from:ana after:2025-08-01 before:2025-09

Everything else is searched as plain words: each word reaches FTS5 in quotation marks (decision 24).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sio_server.people.directory import NOBODY, Directory

MAX_WORDS = 64
"""Bounds the work of one query; more words are counted in `left_out`."""
MAX_PHRASE = 256  # words of one phrase
MAX_PIECES = 1_000
"""Words, symbols and filters read from one text: bounds the work for a text of 1 MB."""
NAMES_OF_ONE = 20
"""Names and addresses searched for one person."""
PIECE_READ = 20_000
"""Characters read of one word or phrase."""
DAY = 86_400  # seconds
SHORT_PREFIX = 3
"""FTS5 merges the lists of all words with this beginning: 100 ms and more for `a*` (decision 24)."""

_PIECE = re.compile(
    r'(?P<minus>-?)(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"(?P<star>\*?)|(?P<bare>\S+))'
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"') | {"\0": " "})
_FILTERS = {
    "source": "source",
    "from": "from",
    "after": "after",
    "before": "before",
    # Words of the old program and of other search boxes.
    **dict.fromkeys(("person", "author", "sender"), "from"),
    "since": "after",
    "until": "until",
    "date": "on",
    "on": "on",
}
"""Filters, by the words that people type for them."""
_NO_FILTERS = frozenset(
    {"subject", "title", "to", "cc", "bcc", "channel", "text", "body", "file", "filename"}
)
"""Filters of other search boxes; here everything is searched, so their values are searched anywhere."""
_PERIOD = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?", re.ASCII)

Token = tuple[int, int, str]
Tokenize = Callable[[str], list[Token]]
"""Splits a text into tokens as the index does, each with its [start, end) in characters."""


@dataclass(frozen=True)
class Term:
    """A word or a phrase; with `is_prefix` its last token may continue. Of a longer run, `inside` is the word
    that was asked for."""

    text: str
    tokens: tuple[str, ...]
    is_prefix: bool = False
    inside: str = ""

    @property
    def expression(self) -> str:
        """In FTS5's query language."""
        quoted = '"' + self.text.replace('"', '""') + '"'
        return f"{quoted} *" if self.is_prefix else quoted


@dataclass
class Query:
    """What to search for.

    `groups`       a record must match every group, by any one term of it
    `excluded`     and none of these terms
    `symbols`      texts to find literally (an emoji); signs such as + or $ only where there is no word
    `not_symbols`  texts that must not be there literally
    `sources`, `people`, `not_sources`, `not_people`: names as typed; any of them will do
    `and_source`   a source that the record must be of as well
    `hidden`       sources by their exact names, of which nothing is found
    `since_s`, `until_s`  seconds since 1970, until excluded
    `left_out`     how many words and filters were too many to be searched
    """

    groups: list[list[Term]] = field(default_factory=list)
    excluded: list[Term] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    not_symbols: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    not_sources: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    not_people: list[str] = field(default_factory=list)
    and_source: str | None = None
    hidden: list[str] = field(default_factory=list)
    since_s: float | None = None
    until_s: float | None = None
    left_out: int = 0

    @property
    def expression(self) -> str | None:
        """In FTS5's query language; None when no word is required."""
        if not self.groups:
            return None
        wanted = " AND ".join(dict.fromkeys(any_of(group) for group in self.groups))
        return f"({wanted}) NOT {self.without}" if self.excluded else wanted

    @property
    def without(self) -> str | None:
        """The excluded terms in FTS5's query language."""
        return any_of(self.excluded) if self.excluded else None

    @property
    def terms(self) -> list[Term]:
        """The terms to mark in a snippet."""
        return [term for group in self.groups for term in group]

    @property
    def has_words(self) -> bool:
        """Whether the file must be read; filters alone are answered from memory."""
        return bool(self.groups or self.excluded or self.symbols or self.not_symbols)

    @property
    def has_symbols(self) -> bool:
        """Whether the texts themselves must be read."""
        return bool(self.symbols or self.not_symbols)

    @property
    def is_slow(self) -> bool:
        """Whether it has a prefix so short that a lookup takes long (SHORT_PREFIX)."""
        every = [*self.terms, *self.excluded]
        return any(term.is_prefix and len(term.tokens[-1]) <= SHORT_PREFIX for term in every)

    def narrow(self, since_s: float | None, until_s: float | None) -> None:
        """Also limits it to this period."""
        if since_s is not None:
            self.since_s = since_s if self.since_s is None else max(self.since_s, since_s)
        if until_s is not None:
            self.until_s = until_s if self.until_s is None else min(self.until_s, until_s)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to search for."""
        filters = (self.sources, self.and_source, self.not_sources, self.people, self.not_people)
        dates = self.since_s is not None or self.until_s is not None
        return not (self.has_words or dates or any(filters))


def parse(text: str, tokenize: Tokenize, people: Directory = NOBODY) -> Query:
    """Parses the text; a person is found by all names in `people`.

    Cost: linear in its length, up to MAX_PIECES.
    """
    text = text.translate(_QUOTES)
    parser = _Parser(tokenize, people)
    for number, piece in enumerate(_PIECE.finditer(text)):
        if number == MAX_PIECES:
            parser.query.left_out += len(text[piece.start() :].split())
            break
        parser.add(piece)
    return parser.finish()


class _Parser:
    """Builds a query piece by piece."""

    def __init__(self, tokenize: Tokenize, people: Directory) -> None:
        self.query = Query()
        self._tokenize = tokenize
        self._people = people
        self._count = 0
        self._previous: (
            list[list[Term]] | list[str]
        ) = []  # the list that ends with the last piece, if OR can extend it
        self._joiner: str | None = None
        self._signs: list[str] = []

    def add(self, piece: re.Match[str]) -> None:
        """Adds the next piece of the text."""
        query = self.query
        if self._previous and piece[0] in ("OR", "AND"):
            self._joiner = piece[0]
            if self._previous is query.symbols and self._joiner == "OR":
                query.symbols.pop()  # FTS5 has no symbols, so a symbol cannot be an alternative to a word
                query.left_out += 1
                self._joiner = None
            self._previous = []
        elif self._count == MAX_WORDS:
            query.left_out += 1
        elif self._add_filter(piece):
            self._count += 1
        else:
            query.left_out += len(piece[0]) > PIECE_READ
            plain = _plain(piece)
            terms = self._terms(plain)
            if not terms:
                self._add_symbols(plain, _excludes(piece))
            else:
                self._add_terms(terms, _excludes(piece))

    def _terms(self, text: str) -> list[Term]:
        """The text as terms; `@ana` stands for any of her names."""
        names = self._people.names_of(text) if text[:1] == "@" else []
        terms = (_term(name, self._tokenize) for name in (text, *names[:NAMES_OF_ONE]))
        return [term for term in terms if term is not None]

    def _add_terms(self, terms: list[Term], excluded: bool) -> None:
        """Adds the terms as alternatives."""
        query = self.query
        self._count += 1
        if excluded:
            query.excluded += terms
            return
        if self._joiner == "OR" and query.groups:
            query.groups[-1] += terms
        else:
            query.groups.append(terms)
        self._joiner, self._previous = None, query.groups

    def _add_filter(self, piece: re.Match[str]) -> bool:
        query, name = self.query, _FILTERS.get((piece["key"] or "").lower())
        value = (piece["quoted"] or piece["bare"] or "").strip()
        if name is None or not any(mark.isalnum() for mark in value):
            return False
        if name == "source":
            (query.not_sources if piece["minus"] else query.sources).append(value)
        elif name == "from":
            names = [value, *self._people.names_of(value)[:NAMES_OF_ONE]]
            (query.not_people if piece["minus"] else query.people).extend(names)
        else:
            return not piece["minus"] and _add_period(query, name, value)
        return True

    def _add_symbols(self, text: str, excluded: bool) -> None:
        query = self.query
        categories = {unicodedata.category(mark) for mark in text}
        if "So" not in categories:  # not an emoji
            self._signs += [text] if categories & {"Sc", "Sm"} and not excluded else []
            return
        self._count += 1
        if excluded:
            query.not_symbols.append(text)
        elif self._joiner == "OR":
            self._joiner = None
            query.left_out += 1
        else:
            query.symbols.append(text)
            self._joiner, self._previous = None, query.symbols

    def finish(self) -> Query:
        """The complete query."""
        query = self.query
        if self._joiner is not None:  # OR at the end is a plain word
            query.groups += [[term] for term in [_term(self._joiner, self._tokenize)] if term is not None]
        if not query.has_words:
            query.symbols = self._signs[:MAX_WORDS]
        return query


def _add_period(query: Query, name: str, value: str) -> bool:
    period = _period(value)
    if period is None:
        return False
    start_s, end_s = period
    query.narrow(
        start_s if name in ("after", "on") else None,
        {"before": start_s, "until": end_s, "on": end_s}.get(name),
    )
    return True


def _period(text: str) -> tuple[float, float] | None:
    """Start and end of a year, month or day in seconds since the epoch; an instant has no length."""
    start_s = start_of(text)
    found = _PERIOD.fullmatch(text)
    if start_s is None or found is None:
        return None if start_s is None else (start_s, start_s)
    year, month = int(found[1]), int(found[2] or 12)
    if found[3]:
        return start_s, start_s + DAY
    next_s = start_of(f"{year + month // 12:04}-{month % 12 + 1}")
    return start_s, float("inf") if next_s is None else next_s  # after December 9999


def start_of(text: str) -> float | None:
    """The start of a year, month, day (in UTC) or instant, in seconds since the epoch; None if not a date."""
    found = _PERIOD.fullmatch(text)
    try:
        if found is not None:
            day = date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
            return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        moment = datetime.fromisoformat(text.upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _excludes(piece: re.Match[str]) -> bool:
    """Whether it is `-word` and not `--flag`."""
    return bool(piece["minus"]) and not (piece["bare"] or "").startswith("-")


def _plain(piece: re.Match[str]) -> str:
    """The piece without its minus, its quotation marks, or the name of a field that has no filter."""
    value = piece["bare"] if piece["quoted"] is None else piece["quoted"] + piece["star"]
    named = piece["key"] and not (piece["key"].lower() in _NO_FILTERS and any(map(str.isalnum, value)))
    return (piece[0].removeprefix("-") if named else value)[:PIECE_READ]


def _term(text: str, tokenize: Tokenize) -> Term | None:
    """The text as a term; None if it has no words."""
    plain = text.rstrip("*")
    words = tokenize(plain)
    if not words:
        return None
    is_prefix = plain != text and len(words) <= MAX_PHRASE
    words = words[:MAX_PHRASE]
    return Term(plain[: words[-1][1]], tuple(word for _, _, word in words), is_prefix)


def any_of(terms: list[Term]) -> str:
    """Any of the terms, in FTS5's query language."""
    joined = " OR ".join(dict.fromkeys(term.expression for term in terms))
    return f"({joined})"

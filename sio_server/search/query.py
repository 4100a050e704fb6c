"""What a person types into a search box, as an FTS5 expression and filters; pure, and never an error.

    word "some phrase" -not "a" OR "b" begin* source:slack from:ana after:2025-08-01 before:2025-09

Whatever is none of these is searched as the words that it is: every word reaches FTS5 in quotation marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

MAX_WORDS = 64
MAX_PHRASE = 256
MAX_PIECES = 1_000
"""So many words, signs and filters of a text are looked at at all."""
PIECE_READ = 20_000
"""So many characters of one word or phrase."""
SHORT_PREFIX = 3

_PIECE = re.compile(
    r'(?P<minus>-?)(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"(?P<star>\*?)|(?P<bare>\S+))'
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"') | {"\0": " "})
_FILTERS = frozenset({"source", "from", "after", "before"})
_PERIOD = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?", re.ASCII)

Token = tuple[int, int, str]
WordsOf = Callable[[str], list[Token]]
"""The tokens of a text as the index has them, with the characters from which to which they stand."""


@dataclass(frozen=True)
class Term:
    """A word or a phrase: its text, its tokens, and whether more may follow its last token."""

    text: str
    tokens: tuple[str, ...]
    begins: bool = False

    @property
    def expression(self) -> str:
        """In FTS5's language."""
        quoted = '"' + self.text.replace('"', '""') + '"'
        return f"{quoted} *" if self.begins else quoted


@dataclass
class Query:
    """What was asked for.

    `groups`   all of these, of each group any
    `excluded` none of these
    `symbols`  texts that stand in the record as they are (an emoji); other signs (+, $) only with no word
    `not_symbols` texts that do not
    `feeds`, `people`, and both with `not_`: names, as typed, any of which will do
    `also_feed` a feed that it must be besides
    `since_s`, `until_s`  seconds since 1970; until is not included
    `left_out` how many words and filters were more than can be asked at once
    """

    groups: list[list[Term]] = field(default_factory=list)
    excluded: list[Term] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    not_symbols: list[str] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)
    not_feeds: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    not_people: list[str] = field(default_factory=list)
    also_feed: str | None = None
    since_s: float | None = None
    until_s: float | None = None
    left_out: int = 0

    @property
    def expression(self) -> str | None:
        """In FTS5's language; None when there is no word that must be there."""
        if not self.groups:
            return None
        wanted = " AND ".join(dict.fromkeys(_any(group) for group in self.groups))
        return f"({wanted}) NOT {self.without}" if self.excluded else wanted

    @property
    def without(self) -> str | None:
        """What must not be there, in FTS5's language."""
        return _any(self.excluded) if self.excluded else None

    @property
    def terms(self) -> list[Term]:
        """What is to be marked in a text."""
        return [term for group in self.groups for term in group]

    @property
    def has_words(self) -> bool:
        """The file must be asked; for what only filters the memory is enough."""
        return bool(self.groups or self.excluded or self.symbols or self.not_symbols)

    @property
    def is_slow(self) -> bool:
        """It has a beginning that very many words share: to look it up once takes long already."""
        every = [*self.terms, *self.excluded]
        return any(term.begins and len(term.tokens[-1]) <= SHORT_PREFIX for term in every)

    def narrow(self, since_s: float | None, until_s: float | None) -> None:
        """Only what is also within this time."""
        if since_s is not None:
            self.since_s = since_s if self.since_s is None else max(self.since_s, since_s)
        if until_s is not None:
            self.until_s = until_s if self.until_s is None else min(self.until_s, until_s)

    @property
    def is_empty(self) -> bool:
        """Nothing in it could be looked for."""
        filters = (self.feeds, self.also_feed, self.not_feeds, self.people, self.not_people)
        dates = self.since_s is not None or self.until_s is not None
        return not (self.has_words or dates or any(filters))


def parse(text: str, words_of: WordsOf) -> Query:
    """What the text asks for. Cost: in proportion to its length, up to MAX_PIECES."""
    text = text.translate(_QUOTES)
    reading = _Reading(words_of)
    for number, piece in enumerate(_PIECE.finditer(text)):
        if number == MAX_PIECES:
            reading.query.left_out += len(text[piece.start() :].split())
            break
        reading.take(piece)
    return reading.end()


class _Reading:
    """A text that is read piece by piece."""

    def __init__(self, words_of: WordsOf) -> None:
        self.query = Query()
        self._words_of = words_of
        self._count = 0
        self._before: list[list[Term]] | list[str] = []  # where what came just before is, if OR can join it
        self._joins: str | None = None
        self._signs: list[str] = []

    def take(self, piece: re.Match[str]) -> None:
        """The next piece."""
        query = self.query
        if self._before and piece[0] in ("OR", "AND"):
            self._joins = piece[0]
            if self._before is query.symbols and self._joins == "OR":
                query.symbols.pop()  # a sign is no word: it cannot be one of several
                query.left_out += 1
                self._joins = None
            self._before = []
        elif self._count == MAX_WORDS:
            query.left_out += 1
        elif _take_filter(query, piece):
            self._count += 1
        else:
            query.left_out += len(piece[0]) > PIECE_READ
            plain = _plain(piece)
            term = _term(plain, self._words_of)
            if term is None:
                self._take_signs(plain, _excludes(piece))
            else:
                self._take_term(term, _excludes(piece))

    def _take_term(self, term: Term, excluded: bool) -> None:
        query = self.query
        self._count += 1
        if excluded:
            query.excluded.append(term)
            return
        if self._joins == "OR" and query.groups:
            query.groups[-1].append(term)
        else:
            query.groups.append([term])
        self._joins, self._before = None, query.groups

    def _take_signs(self, text: str, excluded: bool) -> None:
        query = self.query
        kinds = {unicodedata.category(mark) for mark in text}
        if "So" not in kinds:
            self._signs += [text] if kinds & {"Sc", "Sm"} and not excluded else []
            return
        self._count += 1
        if excluded:
            query.not_symbols.append(text)
        elif self._joins == "OR":
            self._joins = None
            query.left_out += 1
        else:
            query.symbols.append(text)
            self._joins, self._before = None, query.symbols

    def end(self) -> Query:
        """What was asked for."""
        query = self.query
        if self._joins is not None:  # nothing came after it: it is a word
            query.groups += [[term] for term in [_term(self._joins, self._words_of)] if term is not None]
        if not query.has_words:
            query.symbols = self._signs[:MAX_WORDS]
        return query


def _take_filter(query: Query, piece: re.Match[str]) -> bool:
    key, value = (piece["key"] or "").lower(), (piece["quoted"] or piece["bare"] or "").strip()
    if key not in _FILTERS or not any(mark.isalnum() for mark in value):
        return False
    if key == "source":
        (query.not_feeds if piece["minus"] else query.feeds).append(value)
    elif key == "from":
        (query.not_people if piece["minus"] else query.people).append(value)
    else:
        begins_s = None if piece["minus"] else begin_of(value)
        if begins_s is None:
            return False
        query.narrow(begins_s, None) if key == "after" else query.narrow(None, begins_s)
    return True


def begin_of(text: str) -> float | None:
    """When a year, month, day or instant begins, in seconds since 1970; a day is UTC's. None: no date."""
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
    """`-word`, and not `--flag`."""
    return bool(piece["minus"]) and not (piece["bare"] or "").startswith("-")


def _plain(piece: re.Match[str]) -> str:
    """The piece without what is not of its words: a minus before it, the marks around a phrase."""
    quoted = piece["quoted"] is not None and not piece["key"]
    text = piece["quoted"] + piece["star"] if quoted else piece[0].removeprefix("-")
    return text[:PIECE_READ]


def _term(text: str, words_of: WordsOf) -> Term | None:
    """None when there is no word in it."""
    plain = text.rstrip("*")
    words = words_of(plain)
    if not words:
        return None
    begins = plain != text and len(words) <= MAX_PHRASE
    words = words[:MAX_PHRASE]
    return Term(plain[: words[-1][1]], tuple(word for _, _, word in words), begins)


def _any(terms: list[Term]) -> str:
    joined = " OR ".join(dict.fromkeys(term.expression for term in terms))
    return f"({joined})"

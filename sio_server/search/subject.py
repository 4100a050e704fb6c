"""What a title is about, in the words that the index knows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from sio_server.language.folds import ACCENTED, folded_in_place
from sio_server.language.words import has_no_spaces, telling
from sio_server.search.query import Term, parse
from sio_server.search.store import Reader
from sio_server.search.time_index import TimeIndex

WORDS_MAX = 8
"""Words of a subject that are searched; a title of a hundred words has its subject near the beginning."""
COUNTED_TO = 20_000
"""Records of a word that are counted; with more, it is common."""
RARE, RARE_SHARE = 20, 1 / 200
"""A word is rare if so many records have it, or so many of all: a name of which everybody speaks is none."""

QUALIFIERS = "call|event|item|note|project|remote|status|team|version"
"""Words of any meeting, which say what kind of thing the next word is: version control."""


@dataclass(frozen=True, eq=False)
class Word:
    """A word of the subject without its accents, how it begins in texts, its token in the index, and its
    weight."""

    plain: str
    beginning: str
    token: str
    weight: float
    terms: tuple[Term, ...]
    is_capital: bool
    is_rare: bool

    @cached_property
    def pattern(self) -> str:
        """Matches its beginning in lower-case text, with and without accents."""
        if not self.beginning.isascii():
            return re.escape(self.beginning)
        return r"(?<![^\W_])" + "".join(ACCENTED.get(mark, re.escape(mark)) for mark in self.beginning)

    def is_named_in(self, sentence: str) -> bool:
        """Whether it is written there as names are."""
        at = folded_in_place(sentence).find(self.beginning)
        return at >= 0 and not sentence[at].islower()

    @cached_property
    def forms(self) -> re.Pattern[str]:
        """Matches whole words with its beginning in folded text."""
        return re.compile(rf"(?<![^\W_]){re.escape(self.beginning)}[^\W_]*")


@dataclass(frozen=True)
class Subject:
    """Its words that occur in any record, rarest first; `weight` is that of all of them, those that occur in
    none included: they weigh as much as the others do on average. `phrases` are those that stand side by
    side in it."""

    words: Sequence[Word]
    number: int
    phrases: Sequence[Term] = ()

    @property
    def weight(self) -> float:
        return sum(word.weight for word in self.words) * self.number / max(1, len(self.words))


class Subjects:
    """Reads titles with one reader."""

    def __init__(self, reader: Reader, time_index: TimeIndex) -> None:
        self._reader = reader
        self._time_index = time_index

    def of(self, title: str) -> Subject:
        """The title's significant words, each with its weight."""
        total = max(1, self._time_index.records)
        capitals = set(telling(" ".join(word for word in title.split() if word[:1].isupper())))
        found = []
        asked = _qualified(telling(title), title)[:WORDS_MAX]
        for word, terms in self._terms(asked):
            number = self._number(terms)
            if number:
                begins = word if has_no_spaces(word) else _beginning(word, terms[0])
                weight = math.log(1 + total / number)
                capital = has_no_spaces(word) or word in capitals
                plain = folded_in_place(word)
                is_rare = number <= max(RARE, total * RARE_SHARE)
                found.append(Word(plain, begins, terms[0].tokens[0], weight, tuple(terms), capital, is_rare))
        found.sort(key=lambda word: -word.weight)
        return Subject(found, max(len(found), len(asked)), [*self._phrases(asked)])

    def _phrases(self, words: Sequence[str]) -> Iterator[Term]:
        for one, other in pairwise(words):
            if not has_no_spaces(one + other):
                for group in parse(f'"{one} {other}"', self._reader.tokenizer).groups[:1]:
                    yield group[0]

    def _terms(self, words: Sequence[str]) -> Iterator[tuple[str, list[Term]]]:
        """What the index is asked for each word: without spaces, all runs that have it inside."""
        runs = self._reader.runs.of([word for word in words if has_no_spaces(word)])
        for word in words:
            if not has_no_spaces(word):
                query = parse(f'"{word}"', self._reader.tokenizer)
                yield from ((word, group[:1]) for group in query.groups[:1])
        yield from runs.items()

    def _number(self, terms: list[Term]) -> int:
        labels = self._reader.labels.matching(terms)
        return self._reader.text.count(terms, COUNTED_TO) + self._time_index.count_labelled(labels)


def _qualified(words: list[str], title: str) -> list[str]:
    """The words; of a title with only one, such as `Remote control`, also the one right before it."""
    if len(words) != 1:
        return words
    before = re.search(rf"(?<!\w)({QUALIFIERS})\s+{re.escape(words[0])}(?!\w)", title.lower())
    return [before[1], *words] if before else words


def _beginning(word: str, term: Term) -> str:
    """The common beginning of the word's forms: the stem ends in `i` where the word has `y`."""
    plain, token = folded_in_place(word), term.tokens[0]
    if not plain.isascii():
        return plain
    same = 0
    while same < min(len(plain), len(token)) and plain[same] == token[same]:
        same += 1
    return plain[: max(1, same)]

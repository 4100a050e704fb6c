"""The part of a text that shows why it was found, with the matches marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sio_server.search.query import Query, Tokenize

SNIPPET = 240
"""Characters, roughly; it ends at a word."""
WORD = 40
"""Characters; longer words may be cut anywhere."""
LEAD = 60
"""Characters shown before the first match."""
PIECE = 500
"""Characters of a long text that are tokenized at a time: most matches are near the beginning."""

Mark = tuple[int, int]


class Snippets:
    """Makes the snippets of one query's hits."""

    def __init__(self, query: Query, tokenize: Tokenize, is_cancelled: Callable[[], bool]) -> None:
        self._tokenize = tokenize
        self._is_cancelled = is_cancelled
        self._terms = [(term.tokens, term.is_prefix) for term in query.terms if not term.inside]
        self._symbols = [*query.symbols, *dict.fromkeys(term.inside for term in query.terms if term.inside)]

    def of(self, text: str) -> tuple[str, list[Mark]]:
        """The snippet, and [start, end) of each match in it, in code points."""
        marks = self._first_marks(text)
        start = 0
        if marks and (len(text) > SNIPPET):
            start = _word_before(text, max(0, min(marks[0][0] - LEAD, len(text) - SNIPPET)))
        end = min(len(text), start + SNIPPET)
        if end < len(text):
            end = max(_word_before(text, end), start + SNIPPET // 2)
        before, after = "… " if start else "", " …" if end < len(text) else ""
        shift = len(before) - start
        inside = [(mark[0] + shift, min(mark[1], end) + shift) for mark in marks if start <= mark[0] < end]
        return before + text[start:end] + after, inside

    def _first_marks(self, text: str) -> list[Mark]:
        """The matches in the first piece of the text with any."""
        start = 0
        while start < len(text):
            end = _word_before(text, start + PIECE) if start + PIECE < len(text) else len(text)
            found = self._marks(text[start:end])
            if found:
                return [(mark[0] + start, mark[1] + start) for mark in found]
            if self._is_cancelled():
                break
            start = end
        return []

    def _marks(self, text: str) -> list[Mark]:
        marks = {*_places(text, self._symbols)}
        if self._terms:
            tokens = self._tokenize(text)
            words = [word for _, _, word in tokens]
            marks.update(
                (tokens[at][0], tokens[at + len(term) - 1][1])
                for term, is_prefix in self._terms
                for at in places_of(term, is_prefix, words)
            )
        return _merged(sorted(marks))


def places_of(term: Sequence[str], is_prefix: bool, words: Sequence[str]) -> list[int]:
    """Where the term's tokens occur in this order."""
    first, *others = term
    if is_prefix and not others:
        return [at for at, word in enumerate(words) if word.startswith(first)]
    places = [at for at, word in enumerate(words) if word == first]
    for n, wanted in enumerate(others, 1):
        places = [at for at in places if at + n < len(words) and words[at + n].startswith(wanted)]
        if not is_prefix or n < len(others):
            places = [at for at in places if words[at + n] == wanted]
    return places


def _places(text: str, symbols: Sequence[str]) -> list[Mark]:
    found = []
    for symbol in symbols:
        at = text.find(symbol)
        while at >= 0:
            found.append((at, at + len(symbol)))
            at = text.find(symbol, at + len(symbol))
    return found


def _merged(marks: Sequence[Mark]) -> list[Mark]:
    """Merges overlapping marks."""
    merged: list[Mark] = []
    for start, end in marks:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _word_before(text: str, at: int) -> int:
    """The start of a word at or shortly before `at`."""
    before = text[max(0, at - WORD) : at]
    if not before or before[-1].isspace():
        return at
    *others, word = before.rsplit(maxsplit=1)
    return at - len(word) if others or before[0].isspace() else at

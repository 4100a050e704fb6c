"""The part of a text that shows why it was found, and where in it the words stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sio_server.search.query import Query, WordsOf

SNIPPET = 240
LEAD = 60
PIECE = 500
"""So many characters of a long text are looked at in one go."""

Mark = tuple[int, int]


class Snippets:
    """Makes the snippets of one query's hits."""

    def __init__(self, query: Query, words_of: WordsOf, is_over: Callable[[], bool]) -> None:
        self._words_of = words_of
        self._is_over = is_over
        self._terms = [(term.tokens, term.begins) for term in query.terms]
        self._symbols = query.symbols

    def of(self, text: str) -> tuple[str, list[Mark]]:
        """The snippet, and [start, end) of each match in it, in characters (code points)."""
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
        """The matches in the first piece of the text that has some."""
        start = 0
        while start < len(text):
            end = _word_before(text, start + PIECE) if start + PIECE < len(text) else len(text)
            found = self._marks(text[start:end])
            if found:
                return [(mark[0] + start, mark[1] + start) for mark in found]
            if self._is_over():
                break
            start = end
        return []

    def _marks(self, text: str) -> list[Mark]:
        marks = {*_places(text, self._symbols)}
        if self._terms:
            tokens = self._words_of(text)
            words = [word for _, _, word in tokens]
            marks.update(
                (tokens[at][0], tokens[at + len(term) - 1][1])
                for term, begins in self._terms
                for at in _places_of(term, begins, words)
            )
        return _apart(sorted(marks))


def _places_of(term: Sequence[str], begins: bool, words: Sequence[str]) -> list[int]:
    """Where the term's tokens stand, one after the other."""
    first, *others = term
    if begins and not others:
        return [at for at, word in enumerate(words) if word.startswith(first)]
    places = [at for at, word in enumerate(words) if word == first]
    for n, wanted in enumerate(others, 1):
        places = [at for at in places if at + n < len(words) and words[at + n].startswith(wanted)]
        if not begins or n < len(others):
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


def _apart(marks: Sequence[Mark]) -> list[Mark]:
    """Marks that overlap become one."""
    apart: list[Mark] = []
    for start, end in marks:
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _word_before(text: str, at: int) -> int:
    """The last place up to `at`, and not much before it, where a word begins."""
    for place in range(at, max(0, at - 40), -1):
        if text[place - 1 : place].isspace():
            return place
    return at

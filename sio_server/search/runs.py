"""Words inside runs of characters without spaces, each of which is one token of the index (decision 95)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import apsw

from sio_server.language.words import has_no_spaces
from sio_server.search.query import Query, Term

FIRST, LAST = "\u2e80", "\uffff"
"""Tokens between these begin with a Japanese or Chinese character."""
KEPT_AT_MOST = 400_000
"""Tokens of one vocabulary that are kept: 10 MB, and read within a search's time."""
RUNS_MAX = 200
"""Tokens that stand for a word; a word that is in more of them is common, and is looked for in the texts."""
_TEXTS, _LABELS = "messages_fts", "adjutant_labels_fts"
_TOKENS = (
    "SELECT group_concat(term, char(10)) FROM (SELECT term FROM temp.{name}_vocabulary"
    " WHERE term >= ?1 AND term < ?2"
    " UNION ALL SELECT term FROM temp.{name}_vocabulary"  # 2027年予算
    " WHERE term >= '0' AND term < ':' AND term GLOB '*[' || ?1 || '-' || ?2 || ']*' LIMIT ?3)"
)


class Kept(NamedTuple):
    """The tokens of both vocabularies, a line each, and the version of the records that have them."""

    version: int
    texts: str
    labels: str


class Vocabulary(Protocol):
    """Where a reader's runs are read from."""

    def kept(self) -> Kept:
        """All runs, as of the reader's snapshot."""


class Runs:
    """Of one reader (store.RunFinder). Errors: the vocabulary's."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def of(self, words: Sequence[str]) -> dict[str, list[Term]]:
        """What the index has with each word inside, in any place. A compound that it does not have is divided
        into the longest parts that it has: those then stand in its place.

        Cost: a walk through the tokens after each change of the file, 0.15 s for 300,000; then 2 ms.
        """
        tokens: dict[str, list[str]] = {}
        for word in words:
            found = self._with(word)
            tokens |= {word: found} if found else _divided(word, [*map(self._with, _pairs(word))])
        return {word: [Term(token, (token,)) for token in some] for word, some in tokens.items()}

    def widen(self, query: Query) -> None:
        """Makes the query find its words inside runs, too, and people by a part of a name.

        Cost: as `of`; nothing for words in other scripts.
        """
        for group in [*query.groups]:
            found = [term for word in group for term in self._terms(word)]
            if len(found) > RUNS_MAX and len(group) == 1:
                query.groups.remove(group)
                query.symbols.append(group[0].text)
            else:
                query.left_out += (
                    len(found) > RUNS_MAX
                )  # one of several words cannot be looked for in the texts
                group += found[:RUNS_MAX]
        for word in [*query.excluded]:
            found = self._terms(word)
            if len(found) > RUNS_MAX:
                query.not_symbols.append(word.text)
            else:
                query.excluded += found
        for names in (query.people, query.not_people):
            names += [token for name in names if has_no_spaces(name) for token in self._on_labels(name)]

    def _terms(self, word: Term) -> list[Term]:
        if len(word.tokens) > 1 or not has_no_spaces(word.text):
            return []
        found = self._with(word.tokens[0], RUNS_MAX + 1)
        return [Term(token, (token,), inside=word.text) for token in found if token != word.tokens[0]]

    def _with(self, part: str, at_most: int = RUNS_MAX) -> list[str]:
        kept = self._vocabulary.kept()
        found = dict.fromkeys(_lines_with(part, kept.texts, at_most))
        return [*(found | dict.fromkeys(_lines_with(part, kept.labels, at_most)))][:at_most]

    def _on_labels(self, part: str) -> list[str]:
        return [*_lines_with(part.lower(), self._vocabulary.kept().labels, RUNS_MAX)]


class FileVocabulary:
    """On one reader's connection. Errors: apsw.Error, apsw.InterruptError."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._kept: Kept | None = None

    def kept(self) -> Kept:
        """All runs, as of the reader's snapshot; they are read again once the file has changed."""
        version = self._connection.pragma("data_version")
        if self._kept is None or self._kept.version != version:
            self._kept = Kept(version, self._read(_TEXTS), self._read(_LABELS))
        return self._kept

    def _read(self, name: str) -> str:
        # The table is made for this connection only: it may read a file that is read-only.
        schema = next(one for one in ("main", "temp") if self._connection.table_exists(one, name))
        made = f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{name}_vocabulary"
        self._connection.execute(f"{made} USING fts5vocab({schema}, {name}, row)")
        return self._connection.execute(_TOKENS.format(name=name), (FIRST, LAST, KEPT_AT_MOST)).get or ""


def _lines_with(part: str, lines: str, at_most: int) -> Iterator[str]:
    """The first lines that have the part."""
    at = lines.find(part)
    for _ in range(at_most):
        if at < 0:
            return
        end = lines.find("\n", at)
        end = len(lines) if end < 0 else end
        yield lines[lines.rfind("\n", 0, at) + 1 : end]
        at = lines.find(part, end)


def _pairs(word: str) -> Iterator[str]:
    """Each two characters that stand together: no word of a compound is shorter."""
    return (word[at : at + 2] for at in range(len(word) - 1))


def _divided(word: str, with_pairs: Sequence[list[str]]) -> dict[str, list[str]]:
    """The longest parts of the word that any token has, from its beginning on, each with its tokens."""
    tokens = dict.fromkeys(token for some in with_pairs for token in some)
    parts: dict[str, list[str]] = {}
    at = 0
    while at < len(word) - 1:
        sizes = range(len(word) - at, 1, -1)
        having = ((size, [token for token in tokens if word[at : at + size] in token]) for size in sizes)
        size, some = next((one for one in having if one[1]), (1, []))
        if some:
            parts[word[at : at + size]] = some
        at += size
    return parts

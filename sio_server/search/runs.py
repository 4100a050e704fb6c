"""Words inside runs of characters without spaces, which the index holds as one token each (decision 86)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import apsw

from sio_server.search.query import Term

FIRST, LAST = "\u2e80", "\uffff"
"""Tokens between these begin with a Japanese or Chinese character."""
RUNS_MAX = 200
"""Tokens that stand for a word: a word that is in more of them is common, and these find enough of it."""
_VOCABULARIES = ("messages_fts", "adjutant_labels_fts")


class Runs:
    """On one reader's connection. Errors: apsw.Error, apsw.InterruptError."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._made = False

    def of(self, words: Sequence[str]) -> dict[str, list[Term]]:
        """What the index has with each word inside, in any place. A compound that it does not have is divided
        into the longest parts that it has: those then stand in its place.

        Cost: one or two walks through the tokens that begin with such a character; 0.15 s for 300,000.
        """
        found = self._tokens(words) if words else {}
        unknown = [word for word in words if word not in found]
        known = self._tokens({pair for word in unknown for pair in _pairs(word)}) if unknown else {}
        tokens: dict[str, list[str]] = {}
        for word in words:
            tokens |= {word: found[word]} if word in found else _divided(word, known)
        return {word: [Term(token, (token,)) for token in some] for word, some in tokens.items()}

    def _tokens(self, words: Collection[str]) -> dict[str, list[str]]:
        """The first tokens with each of the words that are in any."""
        self._make()
        found: dict[str, list[str]] = {}
        any_of_them = " OR ".join(["instr(term, ?)"] * len(words))
        for name in _VOCABULARIES:
            left = set(words)
            rows = self._connection.execute(
                f"SELECT term FROM temp.{name}_vocabulary WHERE term >= ? AND term < ? AND ({any_of_them})",
                (FIRST, LAST, *words),
            )
            for (token,) in rows:
                for word in [one for one in left if one in token]:
                    found.setdefault(word, []).append(token)
                    if len(found[word]) >= RUNS_MAX:
                        left.discard(word)
                if not left:
                    break
        return found

    def _make(self) -> None:
        """Names the indexes' vocabularies, for this connection only: it may read a file that is read-only."""
        if self._made:
            return
        for name in _VOCABULARIES:
            schema = next(one for one in ("main", "temp") if self._connection.table_exists(one, name))
            made = f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{name}_vocabulary"
            self._connection.execute(f"{made} USING fts5vocab({schema}, {name}, row)")
        self._made = True


def _pairs(word: str) -> Iterator[str]:
    """Each two characters that stand together: no word of a compound is shorter."""
    return (word[at : at + 2] for at in range(len(word) - 1))


def _divided(word: str, known: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The longest parts of the word that any token has, from its beginning on, each with its tokens."""
    tokens = dict.fromkeys(token for pair in _pairs(word) for token in known.get(pair, ()))
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

"""Ids for what has none: the same in every run, and for what people would call the same thing."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")


def stable_id(*parts: str) -> str:
    """An id made of these words, however they are spaced and composed."""
    digest = hashlib.sha256()
    for part in parts:
        plain = " ".join(unicodedata.normalize("NFC", part).split()).encode("utf-8", "surrogatepass")
        digest.update(b"%d:%b" % (len(plain), plain))
    return digest.hexdigest()[:20]


def words_of(text: str) -> str:
    """What two people who write the same thing have in common: its words, not case or punctuation."""
    return " ".join(_WORD.findall(text.casefold())) or text


class Twins:
    """Tells apart what has the same id in one run: the second is `<id>-2`."""

    def __init__(self) -> None:
        self._met: Counter[str] = Counter()

    def number(self, id: str) -> str:
        """The id for this one."""
        self._met[id] += 1
        return id if self._met[id] == 1 else f"{id}-{self._met[id]}"


class Names:
    """Gives each thing the widest of its names that nothing else has; twins in all of them are numbered.

    A thing's names are ids from wide (what it says) to narrow (and where it stands), so that it keeps its id
    when it moves, for as long as no other says the same. All are to be met before the first is named.
    """

    def __init__(self) -> None:
        self._met: Counter[str] = Counter()
        self._twins = Twins()
        self._claimed: set[str] = set()

    def meet(self, names: Iterable[str]) -> None:
        """Takes note of a thing."""
        self._met.update(names)

    def id(self, names: Sequence[str]) -> str:
        """What the thing is called in this run."""
        own = next((name for name in names if self._met[name] == 1), None)
        return own or self._twins.number(names[-1])

    def former(self, id: str, names: Sequence[str], *, oldest_first: bool) -> list[str]:
        """What it may have been called before, when there were other things beside it.

        A name that several share was the oldest's: it is given out only when they come `oldest_first`.
        """
        self._claimed.add(id)
        found = []
        for name in reversed(names):
            shared = self._met[name] > 1
            if name == id or (shared and (name in self._claimed or not oldest_first)):
                continue
            self._claimed.add(name)
            found.append(name)
        return found

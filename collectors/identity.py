"""Ids for things without one: the same in every run, and for whatever people would call the same thing."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")


def stable_id(*parts: str) -> str:
    """An id made from these words, regardless of spacing and Unicode composition."""
    digest = hashlib.sha256()
    for part in parts:
        plain = " ".join(unicodedata.normalize("NFC", part).split()).encode("utf-8", "surrogatepass")
        digest.update(b"%d:%b" % (len(plain), plain))
    return digest.hexdigest()[:20]


def words_of(text: str) -> str:
    """The text as two people who write the same thing share it: words, without case or punctuation."""
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
    """Gives each thing its widest name that nothing else has; things with the same names are numbered.

    A thing's names are ids from wide (what it says) to narrow (and where it stands), so that it keeps its id
    when it moves, as long as no other says the same. All must be added before the first is named.
    """

    def __init__(self) -> None:
        self._met: Counter[str] = Counter()
        self._twins = Twins()
        self._claimed: set[str] = set()

    def meet(self, names: Iterable[str]) -> None:
        """Adds a thing."""
        self._met.update(names)

    def id(self, names: Sequence[str]) -> str:
        """The thing's id in this run."""
        own = next((name for name in names if self._met[name] == 1), None)
        return own or self._twins.number(names[-1])

    def former(self, id: str, names: Sequence[str], *, oldest_first: bool) -> list[str]:
        """Ids that it may have had before, when there were other things like it.

        A name that several share belonged to the oldest: it is given only if they come `oldest_first`.
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

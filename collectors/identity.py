"""Ids for what has none: the same in every run, and for the same words in the same place."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter


def stable_id(*parts: str) -> str:
    """An id made of where a thing stands and what it says; the line's number is no part of it, so that
    a line may move, while one with other words is another thing."""
    digest = hashlib.sha256()
    for part in parts:
        plain = " ".join(unicodedata.normalize("NFC", part).split()).encode("utf-8", "surrogatepass")
        digest.update(b"%d:%b" % (len(plain), plain))
    return digest.hexdigest()[:20]


class Twins:
    """Tells apart what has the same id in one run: the second is `<id>-2`."""

    def __init__(self) -> None:
        self._met: Counter[str] = Counter()

    def number(self, id: str) -> str:
        """The id for this one."""
        self._met[id] += 1
        return id if self._met[id] == 1 else f"{id}-{self._met[id]}"

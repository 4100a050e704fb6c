"""The lines of a long text that say most about a subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from sio_server.search.subject import Word

FOUND_MAX = 500
"""Words of the subject that are looked at in one text: minutes of years have thousands."""
_ADDRESS = re.compile(r"https?://\S+")


def without_addresses(low: str) -> str:
    """A text in lower case with blanks for web addresses, every character in its place: who names a page at
    GitHub does not speak of GitHub."""
    return _ADDRESS.sub(lambda found: " " * len(found[0]), low)


class Lines:
    """Finds the lines with the most of a subject's words."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._weights = [word.weight for word in words]
        self._pattern = re.compile("|".join(f"({word.pattern})" for word in words))

    def best(self, low: str, at_most: int) -> list[int]:
        """Where in the text those lines have their first such word, in the order of the text."""
        lines: dict[int, tuple[int, set[int]]] = {}
        for line, place, word in islice(self._found(low), FOUND_MAX):
            lines.setdefault(line, (place, set()))[1].add(word)
        weighed = [(-sum(self._weights[word] for word in said), place) for place, said in lines.values()]
        return sorted(place for _, place in sorted(weighed)[:at_most])

    def _found(self, low: str) -> Iterator[tuple[int, int, int]]:
        for found in self._pattern.finditer(low):
            yield low.rfind("\n", 0, found.start()) + 1, found.start(), (found.lastindex or 1) - 1

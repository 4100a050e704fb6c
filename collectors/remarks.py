"""What is to be said about the parts of one file: the first few by name, then how many more there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from collectors.types import Finding, Kind

NAMED_MAX = 3


class Remarks:
    """Gathers remarks about parts of `place`, so that a file that is broken throughout fills no report."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._named: list[Finding] = []
        self._met: Counter[tuple[Kind, str]] = Counter()

    def add(self, kind: Kind, part: str, why: str, like: str = "") -> None:
        """`part` of the place, as "line 7"; those of one kind that are `like` each other count together."""
        key = (kind, like)
        self._met[key] += 1
        if self._met[key] <= NAMED_MAX:
            self._named.append(Finding(kind, f"{self._place}, {part}", why))

    def findings(self) -> Iterator[Finding]:
        """What to report of the place."""
        yield from self._named
        for (kind, like), count in self._met.items():
            if count > NAMED_MAX:
                more = count - NAMED_MAX
                yield Finding(kind, self._place, f"and {more:,} more{f' of which {like}' if like else ''}")

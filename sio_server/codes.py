"""The codes that people type: given at first sight, kept for the item's life, then rested.

A `CodeBook` is one section's committed truth; a `CodeDraft` lies over it while a batch is worked on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

REST_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Rest:
    """A code whose item is gone: who had it, what it said, and since when it is free."""

    id: str
    label: str
    seq: int
    at_s: float


@dataclass(slots=True)
class CodeBook:
    """Numbers in use, by number, and numbers that rest."""

    prefix: str
    holders: dict[int, str] = field(default_factory=dict)
    resting: dict[int, Rest] = field(default_factory=dict)

    def number(self, code: str) -> int | None:
        """The number in `code`; None when it is another section's code."""
        return int(code[1:]) if code[:1] == self.prefix else None

    def fold(self, code: str, id: str, rest: Rest | None) -> None:
        """Takes in that the code is its item's, or rests."""
        number = int(code[1:])
        if rest is None:
            self.holders[number] = id
            self.resting.pop(number, None)
        else:
            self.holders.pop(number, None)
            self.resting[number] = rest

    def forget(self, now_s: float) -> None:
        """Drops the rests that are over."""
        over = [number for number, rest in self.resting.items() if now_s - rest.at_s >= REST_S]
        for number in over:
            del self.resting[number]


class CodeDraft:
    """What a batch has given and freed so far, over the book."""

    def __init__(self, book: CodeBook) -> None:
        self.book = book
        self.given: dict[int, str] = {}
        self.freed: dict[int, Rest] = {}
        self._next = 1

    def allot(self, id: str, now_s: float) -> str:
        """The lowest number that is neither held nor resting, as a code.

        Cost: one look at each number below it, once for a batch.
        """
        number = self._next
        while self._taken(number, now_s):
            number += 1
        self._next = number + 1
        self.given[number] = id
        return f"{self.book.prefix}{number}"

    def free(self, code: str, rest: Rest) -> None:
        """Puts the code to rest."""
        number = int(code[1:])
        self.given.pop(number, None)
        self.freed[number] = rest

    def holder(self, number: int) -> str | None:
        """The id of the item that has the number now."""
        if number in self.freed:
            return None
        return self.given.get(number) or self.book.holders.get(number)

    def rest(self, number: int, now_s: float) -> Rest | None:
        """Who had the number until lately."""
        rest = self.freed.get(number) or self.book.resting.get(number)
        return rest if rest is not None and now_s - rest.at_s < REST_S else None

    def _taken(self, number: int, now_s: float) -> bool:
        return self.holder(number) is not None or self.rest(number, now_s) is not None


Past = Callable[[str, str, int], str | None]
"""(section, code, seq) -> what the code's item said at that seq, from the log; None when forgotten."""

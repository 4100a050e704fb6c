"""The codes that people type: given to a new item, kept for its life, then rested.

A `CodeBook` holds one section's committed codes; a `CodeDraft` overlays it while a batch runs.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field, replace

REST_S = 24 * 3600  # longer than people act on a code that they have read
REST_MOST = 500
"""Codes that rest at once, at most: otherwise a day's churn would push new codes to five digits."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A code whose item is gone: the item, its text, when the code became free and when another item got
    it."""

    id: str
    label: str
    seq: int
    at_s: float
    given_s: float | None = None


@dataclass(slots=True)
class CodeBook:
    """Numbers in use, free numbers with their last item, and recently reused numbers with the item before.

    A free number rests for a day, but at most REST_MOST rest at once, so that codes stay short however many
    items come and go; `former` guards one that is reused early. `_ripe` is a heap of the rested ones.
    """

    prefix: str
    holders: dict[int, str] = field(default_factory=dict)
    resting: dict[int, Rest] = field(default_factory=dict)
    former: dict[int, Rest] = field(default_factory=dict)
    _freed: deque[tuple[int, float]] = field(default_factory=deque)
    _ripe: list[int] = field(default_factory=list)
    _borrowed: set[int] = field(default_factory=set)
    _unused: int = 1

    def number(self, code: str) -> int | None:
        """The number in `code`; None when it is another section's code."""
        return int(code[1:]) if code[:1] == self.prefix else None

    def hold(self, code: str, id: str) -> None:
        """Loads an item's code from the log at startup."""
        self.holders[int(code[1:])] = id

    def fold(self, code: str, id: str, rest: Rest | None) -> None:
        """Records that the code is in use, rests, or went to another item."""
        number = int(code[1:])
        self._borrowed.discard(number)
        self._unused = max(self._unused, number + 1)
        if rest is None or rest.given_s is not None:
            self.holders[number] = id
            self.resting.pop(number, None)
            if rest is not None:
                self.former[number] = rest
        else:
            self.holders.pop(number, None)
            self.resting[number] = rest
            self._freed.append((number, rest.at_s))

    def load(self, code: str, rest: Rest) -> None:
        """Loads a resting code from the log at startup."""
        (self.resting if rest.given_s is None else self.former)[int(code[1:])] = rest

    def loaded(self) -> None:
        """Finds the free numbers, once everything is loaded."""
        self._unused = max([0, *self.holders, *self.resting]) + 1
        freed = sorted(self.resting.items(), key=lambda one: one[1].at_s)
        self._freed = deque((number, rest.at_s) for number, rest in freed)
        self._ripe = [
            number
            for number in range(1, self._unused)
            if number not in self.holders and number not in self.resting
        ]

    def take(self, now_s: float) -> int:
        """Lends the lowest available number, until it is folded or given back."""
        while self._freed and (len(self._freed) > REST_MOST or not _is_fresh(self._freed[0][1], now_s)):
            heapq.heappush(self._ripe, self._freed.popleft()[0])
        while self._ripe:
            number = heapq.heappop(self._ripe)
            if number not in self.holders:
                self._borrowed.add(number)
                return number
        number, self._unused = self._unused, self._unused + 1
        self._borrowed.add(number)
        return number

    def give_back(self) -> None:
        """Takes back the numbers lent to a batch that failed."""
        for number in self._borrowed:
            heapq.heappush(self._ripe, number)
        self._borrowed.clear()

    def forget(self, now_s: float) -> None:
        """Forgets codes that can no longer be confused."""
        over = [number for number, rest in self.former.items() if not _is_fresh(rest.given_s, now_s)]
        for number in over:
            del self.former[number]


class CodeDraft:
    """The codes that a batch has given and freed so far, on top of the book."""

    def __init__(self, book: CodeBook) -> None:
        self.book = book
        self.given: dict[int, str] = {}
        self.freed: dict[int, Rest] = {}
        self.regiven: dict[int, Rest] = {}
        self._allots = False

    def allot(self, id: str, now_s: float) -> tuple[str, Rest | None]:
        """The lowest free number as a code, and the item that had it before."""
        if (
            not self._allots
        ):  # one batch at a time: numbers that an earlier one still holds are from a failure
            self._allots = True
            self.book.give_back()
        number = self.book.take(now_s)
        while number in self.given:  # its last item took it back
            number = self.book.take(now_s)
        self.given[number] = id
        before = self.book.resting.get(number)
        if before is not None:
            before = self.regiven[number] = replace(before, given_s=now_s)
        return f"{self.book.prefix}{number}", before

    def restore(self, code: str, id: str) -> bool:
        """Gives a free code back to its last item; False if another item has since had it."""
        number = int(code[1:])
        rest = self.freed.get(number) or self.book.resting.get(number)
        if rest is None or rest.id != id or self.holder(number) is not None:
            return False
        self.freed.pop(number, None)
        self.given[number] = id
        return True

    def hand_on(self, code: str, id: str) -> None:
        """Moves a code to the item that replaces its holder."""
        self.given[int(code[1:])] = id

    def free(self, code: str, rest: Rest) -> None:
        """Lets the code rest."""
        number = int(code[1:])
        self.given.pop(number, None)
        self.freed[number] = rest

    def holder(self, number: int) -> str | None:
        """The id of the number's current item."""
        if number in self.freed:
            return None
        return self.given.get(number) or self.book.holders.get(number)

    def rest(self, number: int, now_s: float) -> Rest | None:
        """The last item of a recently freed number."""
        rest = self.freed.get(number) or self.book.resting.get(number)
        return rest if rest is not None and _is_fresh(rest.at_s, now_s) else None

    def former(self, number: int, now_s: float) -> Rest | None:
        """The item before the number's current one, if it changed recently."""
        former = self.regiven.get(number) or self.book.former.get(number)
        return former if former is not None and _is_fresh(former.given_s, now_s) else None


def _is_fresh(at_s: float | None, now_s: float) -> bool:
    return at_s is not None and now_s - at_s < REST_S

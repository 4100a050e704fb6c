"""Accounts for everything that a run saw, in numbers that add up.

An account is kept by double entry: `see` where things are found (a folder is listed, a file is cut into
messages), `take` or `leave` where each of them is decided. What was seen but never decided is
`open`: a fault of the collector, which the report names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

SKIPPED, LEFT_OUT = "skipped", "left out"  # those that findings name


@dataclass
class Account:
    """The things of one kind: `unit` is what one is called, `left` counts those not used, by reason.

    A reason is worded to follow its number: "12 older than the last run".
    """

    unit: str
    seen: int = 0
    taken: int = 0
    left: Counter[str] = field(default_factory=Counter)

    def see(self, count: int = 1) -> None:
        """Counts this many as seen."""
        self.seen += count

    def take(self, count: int = 1) -> None:
        """Counts this many as used."""
        self.taken += count

    def leave(self, why: str, count: int = 1) -> None:
        """Counts this many as not used, and why."""
        if count:
            self.left[why] += count

    def give_back(self, why: str, count: int = 1) -> None:
        """Moves this many from used to not used."""
        self.taken -= count
        self.leave(why, count)

    def add(self, other: Account) -> None:
        """Adds another account of the same unit."""
        self.seen += other.seen
        self.taken += other.taken
        self.left += other.left

    @property
    def open(self) -> int:
        """How many were seen but never decided; negative if some were decided twice."""
        return self.seen - self.taken - self.left.total()


class Accounts:
    """The accounts of one run, by their units, in the order in which they were opened."""

    def __init__(self, *units: str) -> None:
        self._of = {unit: Account(unit) for unit in units}

    def __getitem__(self, unit: str) -> Account:
        return self._of.setdefault(unit, Account(unit))

    def __iter__(self) -> Iterator[Account]:
        return iter(self._of.values())

"""What became of all that a run saw, in numbers that add up.

An account is kept by double entry: `see` where things are found (a folder is listed, a file is cut into
messages), `take` or `leave` where it is decided about each of them. What was seen and never decided about is
`open`: a fault of the collector, which the report names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

SKIPPED, LEFT_OUT = "skipped", "left out"  # those that findings name


@dataclass
class Account:
    """The things of one kind: `unit` is what one is called, `left` counts those not taken by the reason.

    A reason reads on after its number: "12 older than the last run".
    """

    unit: str
    seen: int = 0
    taken: int = 0
    left: Counter[str] = field(default_factory=Counter)

    def see(self, count: int = 1) -> None:
        """So many are there."""
        self.seen += count

    def take(self, count: int = 1) -> None:
        """So many of them were read, and what they say is in the run."""
        self.taken += count

    def leave(self, why: str, count: int = 1) -> None:
        """So many of them are not, and why."""
        if count:
            self.left[why] += count

    def give_back(self, why: str, count: int = 1) -> None:
        """So many that were taken are not, after all."""
        self.taken -= count
        self.leave(why, count)

    def add(self, other: Account) -> None:
        """Takes over what another account of the same unit says."""
        self.seen += other.seen
        self.taken += other.taken
        self.left += other.left

    @property
    def open(self) -> int:
        """How many were seen and never decided about; less than 0 when some were decided about twice."""
        return self.seen - self.taken - self.left.total()


class Accounts:
    """The accounts of one run, by their units, in the order in which they were opened."""

    def __init__(self, *units: str) -> None:
        self._of = {unit: Account(unit) for unit in units}

    def __getitem__(self, unit: str) -> Account:
        return self._of.setdefault(unit, Account(unit))

    def __iter__(self) -> Iterator[Account]:
        return iter(self._of.values())

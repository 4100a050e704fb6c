"""Time, as the server is given it; tests give another."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class MachineClock(Protocol):
    """Wall time for what people and files see; monotonic time for how long ago something was."""

    def wall(self) -> float:
        """Seconds since 1970; may jump."""

    def moment(self, wall_s: float) -> datetime:
        """The same as an aware datetime."""

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""


class Clock(MachineClock, Protocol):
    """A board's clock, which also tells the ages of what its store keeps."""

    def steady(self) -> float:
        """Seconds that the store was served, over all its runs, on top of where it began; never jumps."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock."""

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def moment(self, wall_s: float) -> datetime:
        """The same as an aware datetime."""
        return datetime.fromtimestamp(wall_s, UTC)

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""
        return time.monotonic()


class StoreClock:
    """The clock of a board whose store's last run ended at `steady_s`.

    What is kept "for 24 hours" is kept by steady time: a wall clock that is wrong for a minute, or a machine
    that starts in 1970, forgets nothing. Time during which nobody serves the store does not count.
    """

    def __init__(self, machine: MachineClock, steady_s: float) -> None:
        self.wall = machine.wall
        self.moment = machine.moment
        self.monotonic = machine.monotonic
        self._ahead_s = steady_s - machine.monotonic()

    def steady(self) -> float:
        """Seconds that the store was served, over all its runs; never jumps."""
        return self.monotonic() + self._ahead_s

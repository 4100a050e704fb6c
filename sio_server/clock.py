"""Time, as the server is given it; tests give another."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfoNotFoundError

from tzlocal import get_localzone_name


class MachineClock(Protocol):
    """Wall time for what people and files see; the others for how long ago something was."""

    def wall(self) -> float:
        """Seconds since 1970; may jump."""

    def moment(self, wall_s: float) -> datetime:
        """The same as an aware datetime."""

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""

    def up(self) -> tuple[str, float]:
        """Which start of the machine this is, "" if that is not known, and the seconds since it, those in
        which it slept included; never jumps."""


class Clock(MachineClock, Protocol):
    """A board's clock, which also tells the ages of what its store keeps."""

    def steady(self) -> float:
        """Seconds that the store was served, over all its runs, on top of where it began; never jumps."""

    def elapsed_ms(self) -> int:
        """The same and the time in which nobody served it; never jumps."""


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

    def up(self) -> tuple[str, float]:
        """Which start of the machine this is, and the seconds since it; never jumps."""
        return _boot_id(), time.clock_gettime(_SINCE_BOOT)


@dataclass(frozen=True)
class ClockNote:
    """Where the clock of a store stood, as the store notes it for its next run."""

    steady_s: float
    elapsed_ms: int
    wall_s: float
    boot: str = ""
    up_s: float = 0

    @classmethod
    def first(cls, wall_s: float) -> ClockNote:
        """Of a store that has none."""
        return cls(wall_s, _ms(wall_s), wall_s)


class StoreClock:
    """The clock of a board whose store's last run left this note.

    What is kept "for 24 hours" is kept by steady time: a wall clock that is wrong for a minute, or a machine
    that starts in 1970, forgets nothing, and time in which nobody serves the store does not count. How old
    news is goes by elapsed time. Between two runs that is by the machine's own count, and by the wall clock
    only if the machine was started anew; one that went backwards counts for nothing.
    """

    def __init__(self, machine: MachineClock, last: ClockNote) -> None:
        self.wall = machine.wall
        self.moment = machine.moment
        self.monotonic = machine.monotonic
        self.up = machine.up
        boot, up_s = machine.up()
        gap_s = up_s - last.up_s if boot and boot == last.boot else machine.wall() - last.wall_s
        self._steady_ahead_s = last.steady_s - machine.monotonic()
        self._elapsed_ahead_ms = last.elapsed_ms + _ms(max(0.0, gap_s)) - _ms(up_s)

    def steady(self) -> float:
        """Seconds that the store was served, over all its runs; never jumps."""
        return self.monotonic() + self._steady_ahead_s

    def elapsed_ms(self) -> int:
        """The same and the time in which nobody served it; never jumps."""
        return _ms(self.up()[1]) + self._elapsed_ahead_ms

    def note(self) -> ClockNote:
        """Where it stands."""
        boot, up_s = self.up()
        return ClockNote(self.steady(), self.elapsed_ms(), self.wall(), boot, up_s)


_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux's monotonic clock stands still while the machine sleeps, others do not."""


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


@cache
def _boot_id() -> str:
    """Linux's; elsewhere none is known."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def machine_zone() -> str:
    """The time zone of the machine, by its IANA name; UTC when it has none."""
    try:
        return get_localzone_name() or "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"

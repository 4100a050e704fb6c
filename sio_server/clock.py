"""The server's clocks; tests pass in their own."""

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
    """Wall time for what people and files see; the other clocks for how long ago it was (decision 51)."""

    def wall(self) -> float:
        """Seconds since the epoch; may jump."""

    def moment(self, wall_s: float) -> datetime:
        """Wall time as an aware datetime."""

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""

    def up(self) -> tuple[str, float]:
        """The machine's boot id ("" if unknown), and the seconds since that boot with sleep; never jumps."""


class Clock(MachineClock, Protocol):
    """A board's clock, which also measures the age of stored data."""

    def steady(self) -> float:
        """Seconds that the store was open, over all runs, on top of its first wall time; never jumps."""

    def elapsed_ms(self) -> int:
        """Like `steady` in milliseconds, plus the time in which the store was closed; never jumps."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock."""

    def wall(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def moment(self, wall_s: float) -> datetime:
        """The same as an aware datetime."""
        return datetime.fromtimestamp(wall_s, UTC)

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""
        return time.monotonic()

    def up(self) -> tuple[str, float]:
        """The machine's boot id and the seconds since that boot; never jumps."""
        return _boot_id(), time.clock_gettime(_SINCE_BOOT)


@dataclass(frozen=True)
class ClockNote:
    """The reading of a store's clock, saved for its next run."""

    steady_s: float
    elapsed_ms: int
    wall_s: float
    boot: str = ""
    up_s: float = 0

    @classmethod
    def first(cls, wall_s: float) -> ClockNote:
        """The note of a store that has none yet."""
        return cls(wall_s, _ms(wall_s), wall_s)


class StoreClock:
    """The clock of a board, continued from the note of its store's last run.

    Retention "for 24 hours" goes by steady time: a wall clock that is wrong for a minute, or a machine that
    boots in 1970, drops nothing, and time in which the store is closed does not count. The age of news goes
    by elapsed time. Between two runs that comes from the machine's uptime, or from the wall clock if the
    machine was rebooted; a wall clock that went backwards adds nothing.
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
        """Seconds that the store was open, over all runs; never jumps."""
        return self.monotonic() + self._steady_ahead_s

    def elapsed_ms(self) -> int:
        """Like `steady` in milliseconds, plus the time in which the store was closed; never jumps."""
        return _ms(self.up()[1]) + self._elapsed_ahead_ms

    def note(self) -> ClockNote:
        """The clock's reading, for the next run."""
        boot, up_s = self.up()
        return ClockNote(self.steady(), self.elapsed_ms(), self.wall(), boot, up_s)


_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux's monotonic clock stops during sleep; others do not."""


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


@cache
def _boot_id() -> str:
    """Linux's boot id; "" on other systems."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def machine_zone() -> str:
    """The machine's time zone, by its IANA name; UTC if it has none."""
    try:
        return get_localzone_name() or "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"

"""Time, as the server is given it; tests give another."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for what people and files see; monotonic time for how long ago something was."""

    def wall(self) -> float:
        """Seconds since 1970."""

    def moment(self, wall_s: float) -> datetime:
        """The same as an aware datetime."""

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""


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

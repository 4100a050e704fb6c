"""Pauses between attempts: longer each time, and different for each client."""

from __future__ import annotations

import random

_FIRST_S = 0.1  # after a dropped line, a client is back at once
_LONGEST_S = 5.0  # a server that comes back has all its clients within this time


class Backoff:
    """Exponential, with jitter, so that a thousand clients do not reconnect at the same moment."""

    def __init__(self) -> None:
        self._next_s = _FIRST_S

    def pause_s(self) -> float:
        """Seconds to wait before the next attempt."""
        pause_s, self._next_s = self._next_s, min(2 * self._next_s, _LONGEST_S)
        return pause_s * random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Starts over, after a connection that lasted."""
        self._next_s = _FIRST_S

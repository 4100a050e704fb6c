"""Pauses between attempts: longer each time, and never the same for all clients."""

from __future__ import annotations

import random

_FIRST_S, _LONGEST_S = (
    0.1,
    5.0,
)  # a dropped line is back at once; a server that returns has all its clients within 5 s


class Backoff:
    """Exponential, with jitter, so that a thousand clients do not reconnect at the same moment."""

    def __init__(self) -> None:
        self._next_s = _FIRST_S

    def pause_s(self) -> float:
        """How long to wait now."""
        pause_s, self._next_s = self._next_s, min(2 * self._next_s, _LONGEST_S)
        return pause_s * random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Starts over: the last attempt went well for a while."""
        self._next_s = _FIRST_S

"""How long a peer that was asked may say nothing before its connection counts as dead."""

from __future__ import annotations

_LEAST_S = 3.5  # with a look each second, a dead path is noticed within 5 s
_MOST_S = 60.0


class Silence:
    """Learns from slow lines, as TCP's retransmission timer does.

    Without that, a line on which one answer takes 10 s (a large board, a large batch) would be given up and
    begun anew for ever.
    """

    def __init__(self) -> None:
        self.limit_s = _LEAST_S

    def ended(self, after_s: float) -> None:
        """Something was heard after so long a wait; a limit that was raised comes down bit by bit."""
        self.limit_s = max(_LEAST_S, 2 * after_s, 0.7 * self.limit_s)

    def given_up(self) -> None:
        """The limit has passed: perhaps the peer is dead, perhaps the limit is too short for this line."""
        self.limit_s = min(_MOST_S, 2 * self.limit_s)

"""How long a peer may be silent after a request before its connection counts as dead."""

from __future__ import annotations

_LEAST_S = 3.5  # with a check each second, a dead path is noticed within 5 s
_MOST_S = 60.0  # a line slower than that is of no use to a person


class Silence:
    """Adapts to slow lines, as TCP's retransmission timer does.

    Otherwise a line on which one answer takes 10 s (a large board, a large batch) would be dropped and
    reconnected for ever.
    """

    def __init__(self) -> None:
        self.limit_s = _LEAST_S

    def ended(self, after_s: float) -> None:
        """Notes that something arrived after this wait; a raised limit comes down again step by step."""
        self.limit_s = max(_LEAST_S, 2 * after_s, 0.7 * self.limit_s)

    def given_up(self) -> None:
        """Raises the limit after it has passed: the peer may be dead, or the line slower than thought."""
        self.limit_s = min(_MOST_S, 2 * self.limit_s)

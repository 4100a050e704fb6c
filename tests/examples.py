"""How much is tried where each example is dear: less in an ordinary run than in a long one."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

USUAL = 100  # Hypothesis's own number, and that of the profiles for ordinary runs


def examples(number: int, **more: Any) -> settings:
    """So many in an ordinary run, and as many times more as the profile asks for."""
    return settings(max_examples=max(1, number * settings().max_examples // USUAL), **more)


def one_in(number: int) -> int:
    """The step through real data: an ordinary run takes one in so many, a long one all."""
    return number if settings().max_examples <= USUAL else 1


def seeds(number: int) -> range:
    """Those of a random test: so many in an ordinary run, and as many times more as the profile asks for."""
    return range(max(1, number * settings().max_examples // USUAL))

"""What belongs together, by its words."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")
_SAY_LITTLE = frozenset(
    _WORD.findall(
        "about after agenda again before call catch chat daily discuss discussion every from into meet"
        " meeting meetings monthly notes over plan planning project regular review session standup status"
        " sync talk team that their this today tomorrow update updates week weekly with your"
    )
)
_LEAST = 4


def telling(text: str) -> list[str]:
    """The words that say what a text is about, each once, in their order."""
    words = dict.fromkeys(word.casefold() for word in _WORD.findall(text))
    return [word for word in words if len(word) >= _LEAST and word not in _SAY_LITTLE and not word.isdigit()]


def have_to_do(one: str, other: str) -> bool:
    """Whether two texts share a telling word."""
    return not set(telling(one)).isdisjoint(telling(other))

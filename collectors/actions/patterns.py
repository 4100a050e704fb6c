"""What the expressions of the reader have in common, so that each can be read."""

from __future__ import annotations

from collections.abc import Iterable

APOSTROPHE = "['\u2019]"
DASH = r"(?:-{1,2}|[\u2013\u2014])"
WORD = r"[^\W\d_][\w'\u2019.-]*"
"""A word that may be somebody's name: it begins with a letter of any script."""

LINES_KEPT = 64
"""Lines of which it is remembered what they may say: several forms look at each, one after the other."""


def any_of(*forms: str) -> str:
    """One of the forms."""
    return f"(?:{'|'.join(forms)})"


def has_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of these stands in the text. A loop takes half the time of `any`, and most lines have
    none."""
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False

"""What the expressions of the reader have in common, so that each can be read."""

from __future__ import annotations

APOSTROPHE = "['\u2019]"
DASH = r"(?:-{1,2}|[\u2013\u2014])"
WORD = r"[^\W\d_][\w'\u2019.-]*"
"""A word that may be somebody's name: it begins with a letter of any script."""

LINES_KEPT = 64
"""Lines of which it is remembered what they may say: several forms look at each, one after the other."""


def any_of(*forms: str) -> str:
    """One of the forms."""
    return f"(?:{'|'.join(forms)})"

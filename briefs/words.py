"""What belongs together, by its words; and text as a statement may hold it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_SAY_LITTLE = frozenset(
    _WORD.findall(
        "about after agenda again before call catch chat daily discuss discussion every from into meet"
        " meeting meetings monthly notes over plan planning project regular review session standup status"
        " sync talk team that their this today tomorrow update updates week weekly with your"
    )
)
_SENTENCE = re.compile(r"\S(?:[^\n]|\n(?!\s*\n))*?(?:[.!?…]+(?=\s|\Z)|\Z|(?=\n\s*\n))")
_LEAST = 4
# The words of a text that is compared with many: as often as that, and no more of them in memory.
_KEPT = 4_096
_LOOKED_AT = 1_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def telling(text: str) -> list[str]:
    """The words that say what a text is about, each once, in their order."""
    return list(_telling(text[:_LOOKED_AT]))


def have_to_do(one: str, other: str) -> bool:
    """Whether two texts share a telling word."""
    return not _telling(one[:_LOOKED_AT]).keys().isdisjoint(_telling(other[:_LOOKED_AT]))


def one_line(text: str) -> str:
    """The text without line breaks, control characters and wide gaps: old records may hold anything."""
    return " ".join(_CONTROLS.sub(" ", text).split())


@lru_cache(_KEPT)
def _telling(text: str) -> dict[str, None]:
    words = dict.fromkeys(word.casefold() for word in _WORD.findall(text))
    return {
        word: None for word in words if len(word) >= _LEAST and word not in _SAY_LITTLE and not word.isdigit()
    }


def matched(hit: Mapping[str, Any]) -> str:
    """The sentence of the snippet in which most of what was looked for stands, on one line."""
    snippet, best = str(hit["snippet"]), (0, "")
    for sentence in _SENTENCE.finditer(snippet):
        marks = sum(sentence.start() <= start < sentence.end() for start, _ in hit.get("marks") or ())
        best = max(best, (marks, sentence[0]), key=lambda one: one[0]) if best[1] else (marks, sentence[0])
    return one_line(best[1].removeprefix("… ").removesuffix(" …"))

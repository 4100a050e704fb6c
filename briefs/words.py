"""Text as a statement may hold it: on one line, and without what opens a meeting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from models.links import without_secrets

_SENTENCE = re.compile(r"\S(?:[^\n]|\n(?!\s*\n))*?(?:[.!?…]+(?=\s|\Z)|\Z|(?=\n\s*\n))")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def one_line(text: str) -> str:
    """The text without line breaks, control characters and wide gaps: old records may hold anything."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def safe(text: str) -> str:
    """The text without addresses, and without the words and numbers that open a meeting."""
    return one_line(without_secrets(text))


def matched(hit: Mapping[str, Any]) -> str:
    """The sentence of the snippet in which most of what was looked for stands, on one line."""
    snippet, best = str(hit["snippet"]), (0, "")
    for sentence in _SENTENCE.finditer(snippet):
        marks = sum(sentence.start() <= start < sentence.end() for start, _ in hit.get("marks") or ())
        best = max(best, (marks, sentence[0]), key=lambda one: one[0]) if best[1] else (marks, sentence[0])
    return one_line(best[1].removeprefix("… ").removesuffix(" …"))

"""Text as a statement may hold it: on one line, and without what opens a meeting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from models.links import site_of, without_addresses

_SENTENCE = re.compile(r"\S(?:[^\n]|\n(?!\s*\n))*?(?:[.!?…]+(?=\s|\Z)|\Z|(?=\n\s*\n))")
_NAMED = (
    r"(?:(?:meeting|webinar|room|besprechungs)[ -]?(?:id|number|code)|(?:phone )?conference id"
    r"|pass(?:code|word|wd|phrase)"
    r"|access code|host key|pin|pwd|kennwort|passwort|zugangscode|kenncode|mot de passe"
    r"|code d['’](?:accès|entrée)"
    r"|contraseña|código de acceso|clave|パスコード|パスワード|ミーティング ?ID|会議 ?ID)"
)
_SECRET = re.compile(
    rf"[(\[]?\b{_NAMED}\b(?: ?\([^()]*\))?"
    r"(?:\s*(?:[:=：#]|\bis\b|\bist\b|\best\b|\bes\b|は)\s*|\s+(?=\S*\d))"
    r"(?:\d[\d -]{2,}\d|[^\s,;)\]]+)#?[)\]]?[,;]?",
    re.IGNORECASE,
)
_BARE_ADDRESS = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>\"')\]]+", re.IGNORECASE)
_DIALLED = re.compile(r",,\s*[\d*#]+(?:,+[\d*#]+)*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def one_line(text: str) -> str:
    """The text without line breaks, control characters and wide gaps: old records may hold anything."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def safe(text: str) -> str:
    """The text without addresses, and without the words and numbers that open a meeting."""
    shown = _BARE_ADDRESS.sub(lambda found: site_of(f"https://{found[0]}"), without_addresses(text))
    return one_line(_DIALLED.sub("", _SECRET.sub("", shown)))


def matched(hit: Mapping[str, Any]) -> str:
    """The sentence of the snippet in which most of what was looked for stands, on one line."""
    snippet, best = str(hit["snippet"]), (0, "")
    for sentence in _SENTENCE.finditer(snippet):
        marks = sum(sentence.start() <= start < sentence.end() for start, _ in hit.get("marks") or ())
        best = max(best, (marks, sentence[0]), key=lambda one: one[0]) if best[1] else (marks, sentence[0])
    return one_line(best[1].removeprefix("… ").removesuffix(" …"))

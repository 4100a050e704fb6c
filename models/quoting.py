"""Words of others in quotation marks."""

from __future__ import annotations

import re

_PAIR = re.compile(r"[“„«](?P<said>[^“”„«»\"]*)[”“»]|(?<!\w)\"(?P<typed>[^“”„«»\"]*)\"(?!\w)")
_ALONE = re.compile(r"^[“„«\"]\s*|\s*[”“»]$")


def quoted(text: str) -> str:
    """The text in quotation marks. Its own become single ones; those around all of it, or without another
    end, are left out."""
    text = text.strip()
    if whole := _PAIR.fullmatch(text):
        return f"“{_inside(whole)}”"
    return f"“{_ALONE.sub('', _PAIR.sub(_inner, text))}”"


def _inner(found: re.Match[str]) -> str:
    return f"\u2018{_inside(found)}\u2019"


def _inside(found: re.Match[str]) -> str:
    said = found["typed"] if found["said"] is None else found["said"]
    return str(said).strip()

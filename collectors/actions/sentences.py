"""Where sentences end: not behind `e.g.`, `Dr.`, `z. B.` or an initial."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.actions.words import words

_END = re.compile(
    r"(?<=[^\s(\[][.!?])[\"'\u2019\u201d)\]]?\s+(?=[\"'\u201c(\[@]?[^\W\da-z_])|(?<=[。\uff01\uff1f])(?=\S)"
)
_ABBREVIATIONS = words(
    """
    e.g i.e eg ie cf vs viz approx incl esp resp min max dept est fig
    mr mrs ms dr prof st jr sr hon rev gov sen rep cllr capt gen lt sgt pres
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri
    ca bzw ggf evtl inkl exkl bspw vgl hr fr dipl ing zzgl abzgl sog max
    mme mlle p.ex ex env sra srta ud uds ej
    """
)
_WORD_MAX = 12  # characters of an abbreviation and what may stand before it


def ends(text: str) -> Iterator[tuple[int, int]]:
    """For each sentence but the last where it ends, and where the next one begins."""
    for found in _END.finditer(text):
        if not _is_abbreviated(text, found.start()):
            yield found.start(), found.end()


def apart(text: str) -> list[str]:
    """The sentences of a paragraph."""
    bounds = list(ends(text))
    starts, stops = [0, *(begin for _, begin in bounds)], [*(begin for _, begin in bounds), len(text)]
    return [text[start:stop].strip() for start, stop in zip(starts, stops, strict=True)]


def _is_abbreviated(text: str, end: int) -> bool:
    """Whether the full stop right before `end` belongs to its word."""
    if text[end - 1] != ".":
        return False
    word = re.split(r"[\s(\[/]", text[max(0, end - _WORD_MAX) : end - 1])[-1].lower()
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha())

"""Where sentences end: not behind `e.g.`, `Dr.`, `z. B.`, an initial, or the number of `4. Dezember`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.actions.days import LANGUAGES
from collectors.actions.words import words

_STOP = r"(?<=[^\s(\[][.!?])[\"'\u2019\u201d)\]]?\s+"
_STOP_ABROAD = r"(?<=[。\uff01\uff1f])(?=\S)"
_END = re.compile(rf"{_STOP}(?=[\"'\u201c(\[@]?[^\W\da-z_])|{_STOP_ABROAD}")
_END_IN_CHATS = re.compile(rf"{_STOP}|{_STOP_ABROAD}")
_ABBREVIATIONS = words(
    """
    e.g i.e eg ie cf vs viz approx incl esp resp min max dept est fig
    mr mrs ms dr prof st jr sr hon rev gov sen rep cllr capt gen lt sgt pres
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri
    z.b d.h u.a o.ä i.d.r ca bzw ggf evtl inkl exkl bspw vgl hr fr dipl ing zzgl abzgl sog max
    mme mlle p.ex ex env sra srta ud uds ej
    """
)
_GOES_ON = words("etc usw no nos nr p pp")
"""Those behind which a word in lower case, or a number, goes on with the sentence."""
_AT_END = words("etc usw inc ltd co corp")
"""Those whose full stop stays at the end of a title."""
_EXAMPLES = words("e.g i.e eg ie cf vs")
_SPEAKS = re.compile(r"(?:i|we|you)(?=[\s'\u2019])", re.IGNORECASE)
"""Behind `on Mon.` a sentence begins with these, behind `e.g.` it goes on."""
_MONTH = re.compile(
    rf"(?:{'|'.join(language.months for language in LANGUAGES.values())})(?!\w)", re.IGNORECASE
)
_COUNTED = re.compile(r"(?<!\w)(?:de[rmns]|die|das|im|[bv]om|zum) \d{1,2}$", re.IGNORECASE)
"""`das 3. Quartal`"""
_WORD_MAX = 12  # characters of an abbreviation and what may stand before it


def ends(text: str, *, in_chats: bool = False) -> Iterator[tuple[int, int]]:
    """For each sentence but the last where it ends, and where the next one begins: with a capital, unless
    people write it as they chat."""
    for found in (_END_IN_CHATS if in_chats else _END).finditer(text):
        if found.end() < len(text) and not _is_abbreviated(text, found.start(), found.end()):
            yield found.start(), found.end()


def apart(text: str, *, in_chats: bool = False) -> list[str]:
    """The sentences of a paragraph."""
    bounds = list(ends(text, in_chats=in_chats))
    starts, stops = [0, *(begin for _, begin in bounds)], [*(begin for _, begin in bounds), len(text)]
    return [text[start:stop].strip() for start, stop in zip(starts, stops, strict=True)]


def _is_abbreviated(text: str, end: int, begin: int) -> bool:
    """Whether the full stop right before `end` belongs to its word, with other words from `begin` on."""
    if text[end - 1] != ".":
        return False
    before = text[max(0, end - _WORD_MAX) : end - 1]
    word = re.split(r"[\s(\[/]", before)[-1].lower()
    if word.isdigit():
        return len(word) < 3 and bool(_MONTH.match(text, begin) or _COUNTED.search(before))
    if word in _GOES_ON:
        return text[begin].isdigit() if word in ("no", "nos", "nr") else text[begin].islower()
    short = word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha())
    return short and not (word not in _EXAMPLES and _SPEAKS.match(text, begin))


def unstopped(title: str) -> str:
    """The title without the full stop of a sentence; those of an abbreviation, and `...`, stay."""
    word = title[:-1].rpartition(" ")[2].lower()
    initials = all(len(letter) == 1 and letter.isalpha() for letter in word.split("."))
    if not title.endswith(".") or word.endswith(".") or initials or word in _ABBREVIATIONS | _AT_END:
        return title
    return title[:-1].rstrip()

"""Text as a statement may hold it: on one line, and without what opens a meeting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from models.links import without_secrets
from sio_server.language.sentences import is_shortened

KEPT, KEPT_CHARS = 4_096, 200
"""Texts whose safe form is cached, and how long one may be: a title is told again and again."""
_MARK = r"(?:[-*+•]|\d{1,3}[.)])\s"
_APART = rf"\s*(?:\n|{_MARK})"  # after a line break: an empty line, or the mark of a list
_SENTENCE = re.compile(rf"\S(?:[^\n]|\n(?!{_APART}))*?(?:[.!?…]+(?=\s|\Z)|\Z|(?=\n{_APART}))")
_LISTED = re.compile(rf"(?:{_MARK}+(?:\[.\]\s+)?)?")
_MARKED = re.compile(r"\{#[^}]*\}|\[[^\]]*\]?|\([^)]*\)?")
_NUMBERS = re.compile(r"^(?:0\d[- ]|\d\d-|\d{6}(?:-\d{6})?[- ])(?=[^\W\d])")
_OF_FILES = re.compile(
    r"(?:(?:meetings?|notes?|minutes|archives?|sessions?|readme|\d{4})[- ]?)+", re.IGNORECASE
)
_MONTH = (  # whole: a decision and a market are no months
    r"(?:jan(?:uary?|v|vier)?|ene(?:ro)?|feb(?:ruary?|rero)?|févr?(?:ier)?|mar(?:ch|s|zo)?|märz?|apr(?:il)?|avr(?:il)?"
    r"|abr(?:il)?|ma[iy]o?|jun[ei]?|juin|junio|jul[iy]?|juil(?:let)?|julio|aug(?:ust)?|août|ago(?:sto)?"
    r"|sept?(?:ember|embre|iembre)?|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember)?"
    r"|déc(?:embre)?|dic(?:iembre)?)(?![^\W\d_])\.?"
)
_DATE = re.compile(
    rf"\b(?:\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}}\b)?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:de\s+)?{_MONTH}(?:,?\s+(?:de\s+)?\d{{4}}\b)?|\d{{4}}年\d{{1,2}}月\d{{1,2}}日)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(rf"(?!\s*\n{_APART})\s*\S")  # on the same line, or the next one of its paragraph
_COUNTED = re.compile(r"(?<!\d)\d{1,2}\.$")
_IN_MONTH = re.compile(rf"\s+{_MONTH}", re.IGNORECASE)
_LETTERED = re.compile(r"(?<!\w)\w\)$")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def one_line(text: str) -> str:
    """The text without line breaks, control characters and wide gaps: old records may hold anything."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def safe(text: str) -> str:
    """The text without addresses, and without the words and numbers that open a meeting."""
    return _safe(text) if len(text) <= KEPT_CHARS else one_line(without_secrets(text))


@lru_cache(KEPT)
def _safe(text: str) -> str:
    return one_line(without_secrets(text))


def heard_in(title: str) -> str:
    """What a quote without an author stands in, from its record's title: without the dates, which are told
    beside it, and without the parts of a file's name that say nothing. Empty if there is nothing else."""
    told: dict[str, None] = {}
    rest = ""
    for part in re.split(r": |__", _MARKED.sub(" ", title)):
        said = _NUMBERS.sub("", part.replace("_", " ").strip())
        dated = _DATE.search(said)
        name = one_line(_DATE.sub(" ", said)).strip(" ,;:.-–—")
        if dated and not said[: dated.start()].strip(" -–—"):
            rest = rest or name
        elif name and not _OF_FILES.fullmatch(name):
            told[name] = None
    return safe(": ".join(told) or (rest if any(len(word) > 3 for word in rest.split()) else ""))


def whole(title: str) -> str:
    """A title without a quotation mark or bracket that has no other end; `a)` is none."""
    for opening, closing in ("“”", "„“", "«»", "()", "[]", '""', "「」"):
        alone = (
            title.count(opening) % 2 if opening == closing else title.count(opening) - title.count(closing)
        )
        if alone and title.startswith(opening):
            title = title[1:].lstrip()
        elif alone and title.endswith(closing) and not _LETTERED.search(title):
            title = title[:-1].rstrip()
    return title


def matched(hit: Mapping[str, Any]) -> str:
    """The sentence of the snippet in which most of what was looked for stands, on one line."""
    snippet, best = str(hit["snippet"]), (0, "")
    for begin, end in _sentences(snippet):
        marks = sum(begin <= start < end for start, _ in hit.get("marks") or ())
        if not best[1] or marks > best[0]:
            best = (marks, snippet[begin:end])
    said = one_line(best[1].removeprefix("… ").removesuffix(" …"))
    return _LISTED.sub("", said, count=1)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each begins and ends. The full stop of an abbreviation ends none, nor that of `4. Dezember`."""
    begin = None
    for piece in _SENTENCE.finditer(text):
        begin = piece.start() if begin is None else begin
        if not _GOES_ON.match(text, piece.end()) or not _is_open(text, begin, piece.end()):
            yield begin, piece.end()
            begin = None


def _is_open(text: str, begin: int, end: int) -> bool:
    counted = _COUNTED.search(text, begin, end) and _IN_MONTH.match(text, end)
    return bool(counted) or is_shortened(text[begin:end])

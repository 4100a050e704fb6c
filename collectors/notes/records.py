"""One note as records: whole, or a record for each section where it is long."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from collectors.identity import Twins, stable_id
from collectors.texts import shown
from models.records import GivenRecord

RECORD_CHARS = 50_000
"""What a record holds at most, so that four bytes for each character are less than a message may have."""

TITLE_MAX = 500  # characters
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Heading:
    """`level` 1 is the highest; lines count from 1."""

    line: int
    level: int
    text: str


class Days(Protocol):
    """Knows when a line, or all of a note, is from."""

    def at(self, line: int | None) -> str: ...


@dataclass(frozen=True)
class _Part:
    """Lines from `first` up to `end`, counted from 0, below these headings."""

    first: int
    end: int
    under: tuple[str, ...]


def records(
    file: str, days: Days, title: str, lines: Sequence[str], headings: Sequence[Heading]
) -> Iterator[GivenRecord]:
    """The text of a note. The first record has the note's own id, so that a note which grows too long for
    one record leaves none behind."""
    twins = Twins()
    taken = False
    for part in _parts(_Part(0, len(lines), ()), lines, headings):
        for text, first in _pieces(part, lines):
            id = stable_id(file, "section", *part.under) if taken else stable_id(file, "note")
            taken = True
            trail = part.under[1:] if part.under[:1] == (title,) else part.under
            yield GivenRecord(
                id=twins.number(id),
                text=text,
                at=days.at(first + 1 if part.under else None),
                kind="note",
                title=shown(": ".join([title, *trail]), TITLE_MAX),
                meta={"file": file, "line": first + 1},
            )


def _parts(part: _Part, lines: Sequence[str], headings: Sequence[Heading]) -> Iterator[_Part]:
    """The part, or what its highest headings make of it if it is long."""
    if _size(part, lines) <= RECORD_CHARS:
        yield part
        return
    # The heading in a part's first line is what the part is called after, but for the note's own.
    inside = [heading for heading in headings if part.first + bool(part.under) <= heading.line - 1 < part.end]
    if not inside:
        yield part
        return
    level = min(heading.level for heading in inside)
    tops = [heading for heading in inside if heading.level == level]
    before = _Part(part.first, tops[0].line - 1, part.under)
    if before.end > before.first:
        yield from _parts(before, lines, headings)
    for index, heading in enumerate(tops):
        end = tops[index + 1].line - 1 if index + 1 < len(tops) else part.end
        yield from _parts(_Part(heading.line - 1, end, (*part.under, heading.text)), lines, headings)


def _pieces(part: _Part, lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The part's text in pieces of whole lines that fit a record, each with the line it begins at."""
    held: list[str] = []
    size, first = 0, part.first
    for number in range(part.first, part.end):
        for piece in _short(lines[number]):
            if size + len(piece) + 1 > RECORD_CHARS:
                yield from _text(held, first)
                held, size, first = [], 0, number
            held.append(piece)
            size += len(piece) + 1
    yield from _text(held, first)


def _text(lines: Sequence[str], first: int) -> Iterator[tuple[str, int]]:
    text = "\n".join(lines).rstrip()
    blank = len(text) - len(text.lstrip())
    if text.strip():
        yield text[text.rfind("\n", 0, blank) + 1 :], first + text.count("\n", 0, blank)


def _short(line: str) -> Iterator[str]:
    line = _CONTROL.sub("", line)
    for start in range(0, max(len(line), 1), RECORD_CHARS - 1):
        yield line[start : start + RECORD_CHARS - 1]


def _size(part: _Part, lines: Sequence[str]) -> int:
    return sum(len(lines[number]) + 1 for number in range(part.first, part.end))

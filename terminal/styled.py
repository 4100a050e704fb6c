"""Lines of styled text, of which the board and the answers are made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from terminal.plain_text import clip, columns

# A style is "" or "class:word"; the words are the keys of STYLES.
Fragment = tuple[str, str]
Line = list[Fragment]

_WORD = re.compile(r"\S+")
_LEAD = re.compile(r"\s*(?:- )?")  # what stands before the text: an indentation, the mark of a list

STYLES = {
    "head": "bold",
    "title": "bold underline",
    "code": "bold ansicyan",
    "dim": "ansibrightblack",
    "good": "ansigreen",
    "warn": "ansiyellow",
    "bad": "bold ansired",
    "important": "bold",
    "caret": "bold ansired",
}


@dataclass(frozen=True)
class Row:
    """A line in which only `text` is shortened when the window is narrow."""

    lead: Line
    text: str
    tail: Line = field(default_factory=list)
    style: str = ""

    def drawn(self, width: int) -> Line:
        """The row in at most this many columns."""
        least = min(12, columns(self.text))
        tail = cut(self.tail, max(0, width - width_of(self.lead) - least))
        room = width - width_of(self.lead) - width_of(tail)
        return cut([*self.lead, (self.style, clip(self.text, room)), *tail], width)


def width_of(line: Line) -> int:
    """The columns that a line takes."""
    return sum(columns(text) for _, text in line)


def cut(line: Line, width: int) -> Line:
    """The line in at most this many columns."""
    kept: Line = []
    for style, text in line:
        kept.append((style, clip(text, width)))
        width -= columns(text)
        if width <= 0:
            break
    return [fragment for fragment in kept if fragment[1]]


def padded(line: Line, width: int) -> Line:
    """The line in exactly this many columns."""
    line = cut(line, width)
    return [*line, ("", " " * (width - width_of(line)))]


def spread(left: Line, right: Line, width: int) -> Line:
    """Both at the ends of one line; the left one is shortened."""
    right = cut(right, width)
    return [*padded(left, width - width_of(right)), *right]


def restyled(lines: Iterable[Line], style: str) -> list[Line]:
    """The same words, all in one style."""
    return [[(style, text) for _, text in line] for line in lines]


def words(line: Line) -> str:
    """The line without its styles."""
    return "".join(text for _, text in line)


def wrapped(line: Line, width: int) -> list[Line]:
    """The line in rows of at most this many columns, broken between words, each under the first one's text. A
    row with a marked place stays whole: the mark stands below it."""
    if width_of(line) <= width or any(style == "class:caret" for style, _ in line):
        return [line]
    text = words(line)
    lead = _LEAD.match(text)
    begin, end, indent = 0, 0, min(len(lead[0]) if lead else 0, width // 2)
    rows: list[Line] = []
    for word in _WORD.finditer(text):
        room = width - (indent if rows else 0)
        if end > max(begin, indent) and columns(text[begin : word.end()]) > room:
            rows.append(_part(line, begin, end, indent if rows else 0))
            begin = word.start()
        end = word.end()
    return [*rows, _part(line, begin, end, indent if rows else 0)]


def _part(line: Line, begin: int, end: int, indent: int) -> Line:
    """The characters from `begin` to `end`, behind an indentation."""
    part: Line = [("", " " * indent)] if indent else []
    at = 0
    for style, text in line:
        if said := text[max(0, begin - at) : max(0, end - at)]:
            part.append((style, said))
        at += len(text)
    return part


def fitting(lines: Sequence[Line], width: int, height: int) -> list[Line]:
    """The first lines, as many as there is room for when long ones are wrapped; the last then says how many
    are left out."""
    rows = [max(1, -(-width_of(line) // max(1, width))) for line in lines]
    if sum(rows) <= height:
        return [*lines]
    room, shown = height - 1, 0
    while shown < len(lines) and rows[shown] <= room:
        room -= rows[shown]
        shown += 1
    left = len(lines) - shown
    told = f"and {left} more {'line' if left == 1 else 'lines'}: this window is too short for them"
    return [*lines[:shown], [("class:warn", told)]]

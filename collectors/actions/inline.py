"""Lists that stand within a line: `Actions: Ana - send it; Bo - review it`, `AIs: 1) send it 2) call Bo`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from collectors.actions.lines import TAB, Line
from collectors.actions.patterns import WORD, any_of
from collectors.actions.sections import Section, section_of
from collectors.actions.words import VERBS

_HEAD = re.compile(r"[*_]{0,3}(?P<words>[^:;*_]{2,40}?)[*_]{0,3}\s?:[*_]{0,3}\s*(?P<rest>\S.*)")
_NUMBER = re.compile(r"(?:^|(?<=\s))\(?(?P<number>\d|[a-h])[.)]\s+(?=\S)")
_NUMBERS = ("123456789", "abcdefgh")
_NAMED = re.compile(
    rf"@?{WORD}(?:(?: |, ?| and | & |/)@?{WORD}){{0,3}}?\s?(?:[:\u2013\u2014]|-{{1,2}}>?|=>| to | will )"
)
_OWNED = any_of(r"\(@?[^\W\d_][^()]{1,40}\)", r"\[@?[^\W\d_][^\[\]]{1,40}\]", r"\s@\w[\w-]*")
_AT_END = re.compile(rf"{_OWNED}[.,]?$")


def apart(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines; one that holds a list is the list's head and its items, which all stand at its number."""
    for line in lines:
        items = _items(line) if ":" in line.text and line.row is None else []
        if not items:
            yield line
            continue
        head = line.text[: line.text.index(":") + 1]
        yield replace(line, text=head, bullet=line.bullet or "-", parts=[])
        for item in items:
            yield Line(line.number, item, line.quote, line.indent + TAB, "-", speaker=line.speaker)


def _items(line: Line) -> list[str]:
    if line.level or line.cells or line.box is not None or line.quoted or not _may_hold(line.text):
        return []
    found = _HEAD.match(line.text)
    if found is None or section_of(found["words"]) not in (Section.ACTIONS, Section.NEXT):
        return []
    if items := _numbered(found["rest"]):
        return items
    items = [item.strip() for item in found["rest"].split(";") if item.strip(" .")]
    return items if len(items) > 1 and all(map(_is_item, items)) else []


def _may_hold(text: str) -> bool:
    return ";" in text or "2" in text or "b)" in text or "b." in text


def _numbered(text: str) -> list[str]:
    """The items of `1) ... 2) ...`, if they are numbered one after the other from the beginning."""
    marks = list(_NUMBER.finditer(text))
    numbers = "".join(mark["number"] for mark in marks)
    if len(marks) < 2 or marks[0].start() or not any(order.startswith(numbers) for order in _NUMBERS):
        return []
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return [text[mark.end() : end].strip(" ;,") for mark, end in zip(marks, ends, strict=True)]


def _is_item(text: str) -> bool:
    """Whether it says by itself what is to be done: with somebody before or behind it, or as an order."""
    first = text.split(" ", 1)[0].strip(",.").lower()
    return first in VERBS or _NAMED.match(text) is not None or _AT_END.search(text[-80:]) is not None

"""Items whose fields have labels: `Owner: Bo`, `Action: send it`, `Due: Friday`, on lines or on one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from collectors.actions.lines import Line
from collectors.actions.tables import Row, field_of, paired, state_said
from collectors.actions.words import VERBS

_FIELD = re.compile(
    r"[*_]{0,3}(?P<label>[^\W\d_][^:*_|/,;]{1,24}?)\s?[*_]{0,3}:[*_]{0,3}(?:\s+|$)(?P<value>.*)"
)
_APART = re.compile(
    r"(?<!\s)\s*(?:[|;\u2022\u00b7]|\s[-/\u2013\u2014]\s|,\s)\s*(?=[*_]{0,3}[^\W\d_][^:*_|/,;]{1,24}:)"
)
_OF_EVENTS = re.compile(r"\b(?:what|description|activity)\b[*_ ]*:", re.IGNORECASE)
"""What stands in invitations, too: `What: Team lunch`, `When: Friday`."""
_ENOUGH = ({"what", "who"}, {"what", "when"})


def blocks(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines; those of one item are a single line that holds its row."""
    block: list[tuple[Line, str, str]] = []
    for line in lines:
        found = _fields(line)
        if len(found) > 1:
            yield from _closed(block)
            block = []
            yield _held([(line, *one) for one in found]) or line
        elif found:
            if block and not _goes_on(line, found[0][0], block):
                yield from _closed(block)
                block = []
            block.append((line, *found[0]))
        else:
            yield from _closed(block)
            block = []
            yield line
    yield from _closed(block)


def _fields(line: Line) -> list[tuple[str, str]]:
    """The names and values of the fields on a line that consists of these."""
    if line.quoted:
        return []
    if line.level or line.box is not None or ":" not in line.text:
        return [(name, line.cells[1])] if (name := paired(line.cells)) else []
    text = line.text.replace("'''", "")
    found = [_field(part) for part in _APART.split(text.strip("|* "))]
    names = [name for name, _ in found]
    return found if "" not in names and len(set(names)) == len(names) else []


def _field(part: str) -> tuple[str, str]:
    found = _FIELD.fullmatch(part.strip())
    name = field_of(found["label"]) if found else ""
    return (name, found["value"].strip(" *_")) if found and name else ("", "")


def _goes_on(line: Line, name: str, block: Sequence[tuple[Line, str, str]]) -> bool:
    """Whether it belongs to the block: no field comes twice, and empty lines stand between all or none."""
    last = block[-1][0]
    between = len(block) < 2 or line.blank_before == last.blank_before
    alike = bool(line.cells) == bool(last.cells) and line.quoted == last.quoted
    return alike and between and name not in {one for _, one, _ in block}


def _closed(block: Sequence[tuple[Line, str, str]]) -> Iterator[Line]:
    held = _held(block)
    if held is not None:
        yield held
    elif len(block) == 1 or any(value for _, _, value in block):  # else it waits to be filled in
        yield from (line for line, _, _ in block)


def _held(block: Sequence[tuple[Line, str, str]]) -> Line | None:
    """The line of what is to be done, with all that the block says; None if it is too little."""
    said = {name: value for _, name, value in block}
    if not any(names <= said.keys() for names in _ENOUGH) or not said["what"]:
        return None
    row = Row(said["what"], said.get("who", ""), said.get("when", ""), state_said(said.get("state", "")))
    line = next(line for line, name, _ in block if name == "what")
    if _OF_EVENTS.search(line.text) and said["what"].partition(" ")[0].lower() not in VERBS:
        return None
    quote = " ".join(dict.fromkeys(line.quote for line, _, _ in block))
    return replace(line, row=row, quote=quote, cells=(), bullet=line.bullet or "-")

"""The rows of tables in the ways that people write them: with bars, tabs, commas, or as HTML."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from html import unescape

from collectors.actions.tables import names_columns

SEPARATORS = ("\t", ";", ",")
"""What stands between the cells of a spreadsheet, as it is pasted or saved."""
_HEAD_CHARS, _NAME_CHARS = 200, 30  # a longer line is no row of names, and a longer cell no name
_HTML_LINES = 50  # a row that is not closed on as many lines is none
_TAG = re.compile(r"<(?P<close>/?)(?P<name>table|tr|td|th|thead|tbody|tfoot|caption)\b[^<>]*>", re.IGNORECASE)
_TAG_NEXT = re.compile(r"\s*(?:<|$)")
_OTHER = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"</?(?:br|p|div|li|[uo]l)\b[^<>]*>", re.IGNORECASE)


def piped(row: str) -> tuple[str, ...]:
    """The cells of `| a | b |`; `\\|` is no border, and `||` is one where a row begins and ends so, as in
    wikis."""
    row = row.strip()
    if row.startswith("||") and row.endswith("||") and row.strip("|"):
        cells = row[2:-2].split("||")
    else:
        cells = re.split(r"(?<!\\)\|", row.removeprefix("|").removesuffix("|"))
    return tuple(cell.strip() for cell in cells)


def separated(row: str, separator: str) -> tuple[str, ...]:
    """The cells of a spreadsheet's row, which may be quoted as in CSV."""
    try:
        return tuple(cell.strip() for cell in next(csv.reader([row], delimiter=separator), ()))
    except csv.Error:
        return ()


def separator_of(text: str) -> str:
    """What stands between the names of the columns, if the line consists of these."""
    if len(text) > _HEAD_CHARS:
        return ""
    for separator in SEPARATORS:
        if separator in text:
            cells = separated(text, separator)
            short = len(cells) > 1 and all(len(cell) <= _NAME_CHARS for cell in cells)
            return separator if short and names_columns(cells) else ""
    return ""


def is_written_by_program(row: str, separator: str) -> bool:
    """Whether no space follows what separates the cells, as one does in a sentence; a tab is in none."""
    if separator == "\t":
        return True
    cells = next(csv.reader([row], delimiter=separator), [])
    return not any(cell.startswith(" ") for cell in cells[1:])


def numbered(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers from 1; the rows of an HTML table with bars, where each begins."""
    html = _Html()
    for number, line in enumerate(lines, 1):
        if html.open or "<t" in line or "<T" in line:
            yield from html.line(number, line)
        else:
            yield number, line
    yield from html.rest()


class _Html:
    """The table that the lines so far have opened."""

    def __init__(self) -> None:
        self.open = False
        self._row: list[list[str]] = []
        self._begun = 0  # the row's line, 0 outside of one
        self._in_cell = False
        self._held: list[tuple[int, str]] = []  # the lines of the row, as they are
        self._tagged = 0  # how many of them there are up to the last tag

    def line(self, number: int, line: str) -> Iterator[tuple[int, str]]:
        """What the line says outside of tables, and the rows that end on it."""
        tags = list(_TAG.finditer(line))
        if self.open and self._gives_up(number, line, tags=bool(tags)):
            yield from self.rest()
            self.open = self._in_cell = False
            self._begun, self._row, self._held = 0, [], []
        at, outside = 0, ""
        for tag in tags:
            before = line[at : tag.start()]
            outside += self._text(before)
            at = tag.end()
            if self.open or _opens(tag, line, before):
                yield from self._tag(tag["name"].lower(), number, close=bool(tag["close"]))
            else:
                outside += tag[0]
        outside += self._text(line[at:])
        if self._begun:
            self._held.append((number, line))
            self._tagged = len(self._held) if tags else self._tagged
        elif outside.strip() or not tags:
            yield number, outside

    def _gives_up(self, number: int, line: str, *, tags: bool) -> bool:
        """Whether the table was not closed: a line without tags between its cells, or too many in a row."""
        if self._in_cell:
            return number - self._begun > _HTML_LINES
        return not tags and bool(line.strip())

    def rest(self) -> Iterator[tuple[int, str]]:
        """What a row says that was not closed, and the lines below it; without two cells it is no row."""
        cells = len(self._row)
        if cells < 2:
            yield from self._held
            return
        if self._in_cell:  # all that follows was taken for its words
            self._row[-1] = self._row[-1][:1]
        yield self._begun, _drawn(self._row)
        yield from self._held[self._tagged :]

    def _text(self, text: str) -> str:
        if not self.open:
            return text
        if self._in_cell:
            self._row[-1].append(text)
        return ""

    def _tag(self, name: str, number: int, *, close: bool) -> Iterator[tuple[int, str]]:
        if name in ("td", "th"):
            self._in_cell = not close and self._begun > 0
            if self._in_cell:
                self._row.append([])
            return
        if self._row:
            yield self._begun, _drawn(self._row)
        self._row, self._in_cell, self._held = [], False, []
        self._tagged = 0
        self._begun = number if name == "tr" and not close else 0
        if name == "table":
            self.open = not close
            yield number, ""


def _opens(tag: re.Match[str], line: str, before: str) -> bool:
    """Whether it begins a table: beside words it is what a sentence is about, as in `Replace the <table>`."""
    is_table = tag["name"].lower() == "table" and not tag["close"]
    return is_table and before.rstrip()[-1:] in ("", ">") and _TAG_NEXT.match(line, tag.end()) is not None


def _drawn(row: Sequence[Sequence[str]]) -> str:
    return drawn([unescape(_OTHER.sub("", _BREAK.sub(" ", " ".join(cell)))) for cell in row])


def drawn(cells: Sequence[str]) -> str:
    """The row with bars."""
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"

"""One note: when it was written, what it is called, and all that it tells the board."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import PurePath

from collectors.actions.dates import own_date, written_at
from collectors.notes.items import Note, Reader, Unnamed
from collectors.notes.records import records
from collectors.notes.text import Heading, in_markdown, in_plain, split, without_comments
from collectors.texts import one_line
from collectors.types import Finding, Kind
from models.base import YEARS, format_instant, is_day
from models.records import GivenRecord

MARKDOWN = (".md", ".markdown")
SUFFIXES = (*MARKDOWN, ".txt")

LINES_MAX = 50_000
_FRONT_LINES = 200
_FRONT_FIELD = re.compile(r"(date|created|title)\s*:\s*(\S.*)", re.IGNORECASE)
_UNKNOWN = "1970-01-01"


@dataclass(frozen=True)
class Written:
    """When a note is from: `at` as the wire writes it, and that day in the zone; `saved` when it is only
    the time of the last change."""

    at: str
    day: date
    saved: bool


@dataclass(frozen=True)
class OddBox:
    """So many lines have a box with this mark, and are no tasks."""

    mark: str
    count: int


Told = Unnamed | OddBox | GivenRecord | Finding


def read_note(file: str, text: str, saved_s: float, zone: tzinfo, now: datetime) -> Iterator[Told]:
    """What is in the note with this name, last changed at `saved_s` (seconds since 1970).

    Errors: ValueError when there is too much in it.
    """
    lines = split(text)
    front, count = front_matter(lines)
    # The lines keep their numbers.
    lines[:count] = [""] * count
    written = when_written(front, file, saved_s, zone)
    yield from _doubts(file, written, now)
    read = in_markdown if file.lower().endswith(MARKDOWN) else in_plain
    said = list(islice(read(without_comments(lines)), LINES_MAX + 1))
    if len(said) > LINES_MAX:
        raise ValueError(f"it has more than {LINES_MAX:,} headings, tasks and promises")
    headings = [line for line in said if isinstance(line, Heading)]
    title = _title(front, headings, file)
    yield from records(file, written.at, title, lines, headings)
    reader = Reader(Note(file, title, written.day, written.saved, zone))
    yield from reader.told(said)
    yield from (OddBox(mark, count) for mark, count in reader.odd_boxes.items())


def front_matter(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """The fields at a note's top that matter here, in small letters, and how many lines all of it takes."""
    if lines[0].rstrip() != "---":
        return {}, 0
    fields: dict[str, str] = {}
    for number, line in enumerate(lines[1:_FRONT_LINES], 1):
        if line.rstrip() in ("---", "..."):
            return fields, number + 1
        if found := _FRONT_FIELD.match(line):
            fields[found[1].lower()] = re.sub(r"\s+#.*", "", found[2]).strip().strip("\"'")
    return {}, 0


def when_written(front: dict[str, str], file: str, saved_s: float, zone: tzinfo) -> Written:
    """By its front matter, else by its name, else when it was last changed."""
    for name in ("date", "created"):
        if at := written_at(front.get(name, ""), zone):
            day = at if is_day(at) else f"{datetime.fromisoformat(at).astimezone(zone):%Y-%m-%d}"
            return Written(at, date.fromisoformat(day), saved=False)
    if named := own_date(PurePath(file).name):
        return Written(named.isoformat(), named, saved=False)
    try:
        moment = datetime.fromtimestamp(int(saved_s), UTC)
        if moment.year in YEARS:
            return Written(format_instant(moment), moment.astimezone(zone).date(), saved=True)
    except (ValueError, OverflowError, OSError):
        pass
    return Written(_UNKNOWN, date.fromisoformat(_UNKNOWN), saved=True)


def _doubts(file: str, written: Written, now: datetime) -> Iterator[Finding]:
    if written.saved and written.at == _UNKNOWN:
        yield Finding(Kind.NOTE, file, f"when it was saved cannot be: it counts as of {_UNKNOWN}")
    if written.day > (now + timedelta(days=2)).date():
        yield Finding(Kind.NOTE, file, f"it says that it is from {written.day}, which is to come")


def _title(front: dict[str, str], headings: Sequence[Heading], file: str) -> str:
    first = next((heading.text for heading in headings if heading.level == 1 and heading.text), "")
    return one_line(front.get("title", "")) or first or PurePath(file).stem

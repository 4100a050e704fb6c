"""One note: when it was written, what it is called, and all that it tells the board."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import PurePath

from collectors.actions.dates import written_at
from collectors.actions.lines import SOFT, Line, read_lines, split
from collectors.actions.markup import plain, state_of
from collectors.actions.meetings import Calendar, Meeting, named_date, own_date, year_in
from collectors.actions.mine import Me
from collectors.actions.reader import Reader, Source
from collectors.notes.items import Items, Likely, Note, Unnamed
from collectors.notes.records import Heading, records
from collectors.remarks import Unusable
from collectors.texts import one_line
from collectors.types import Finding, Kind
from models.base import YEARS, format_instant, is_day
from models.records import GivenRecord

MARKDOWN = (".md", ".markdown")
SUFFIXES = (*MARKDOWN, ".txt")

ITEMS_MAX = 50_000  # as many as a batch holds
_FRONT_LINES = 200  # in which front matter has to end
_HEAD_LINES = 15  # at the top of a note, in which its date stands
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


Told = Unnamed | Likely | OddBox | GivenRecord | Finding


@dataclass(frozen=True)
class Reading:
    """How notes are read: by whose clock, for whose board, and when."""

    zone: tzinfo
    me: Me
    now: datetime

    def read(self, file: str, text: str, saved_s: float) -> Iterator[Told]:
        """What is in the note with this name, last changed at `saved_s` (seconds since 1970).

        Errors: Unusable when there is too much in it.
        """
        rows = split(text)
        front, count = front_matter(rows)
        # The lines keep their numbers.
        rows[:count] = [""] * count
        lines = read_lines(rows, markdown=file.lower().endswith(MARKDOWN))
        year = year_in(PurePath(file).name)
        saved = datetime.fromtimestamp(saved_s, self.zone).date()
        meetings = list(Calendar(lines, year, saved).meetings())
        written = self._written(front, file, meetings, saved_s)
        yield from self._doubts(file, written)
        headings = [_heading(line) for line in lines if 0 < line.level < SOFT]
        title = _title(front, headings, file)
        yield from records(file, _Days(written.at, meetings), title, rows, headings)
        reader = Reader(Source(written.day, self.zone, year), lines)
        found = list(islice(reader.found(), ITEMS_MAX + 1))
        if len(found) > ITEMS_MAX:
            raise Unusable(f"it has more than {ITEMS_MAX:,} things to do")
        note = Note(file, title, written.day, written.saved, self.zone)
        yield from Items(note, self.me, self.now).told(found)
        odd = Counter(line.box for line in lines if line.box is not None and state_of(line.box) is None)
        yield from (OddBox(mark, number) for mark, number in odd.items())

    def _written(
        self, front: dict[str, str], file: str, meetings: Sequence[Meeting], saved_s: float
    ) -> Written:
        """By its front matter, else by a date at its top, by its name, by its newest heading with a date that
        is not to come, else when it was last changed."""
        for name in ("date", "created"):
            if at := written_at(front.get(name, ""), self.zone):
                day = at if is_day(at) else f"{datetime.fromisoformat(at).astimezone(self.zone):%Y-%m-%d}"
                return Written(at, date.fromisoformat(day), saved=False)
        if dated := self._dated(file, meetings):
            return Written(dated.isoformat(), dated, saved=False)
        try:
            moment = datetime.fromtimestamp(int(saved_s), UTC)
            if moment.year in YEARS:
                return Written(format_instant(moment), moment.astimezone(self.zone).date(), saved=True)
        except (ValueError, OverflowError, OSError):
            pass
        return Written(_UNKNOWN, date.fromisoformat(_UNKNOWN), saved=True)

    def _dated(self, file: str, meetings: Sequence[Meeting]) -> date | None:
        name = PurePath(file).stem
        if meetings and meetings[0].line <= _HEAD_LINES and meetings[0].level in (1, SOFT):
            return meetings[0].day
        if (named := own_date(name) or named_date(name.replace("_", " "))) or not meetings:
            return named
        tomorrow = (self.now + timedelta(days=1)).date()
        return max((one.day for one in meetings if one.day <= tomorrow), default=None)

    def _doubts(self, file: str, written: Written) -> Iterator[Finding]:
        if written.saved and written.at == _UNKNOWN:
            yield Finding(Kind.NOTE, file, f"when it was saved cannot be: it counts as of {_UNKNOWN}")
        if written.day > (self.now + timedelta(days=2)).date():
            yield Finding(Kind.NOTE, file, f"it says that it is from {written.day}, which is in the future")


class _Days:
    """When each line is from: the meeting that it stands below, else when the note is from."""

    def __init__(self, at: str, meetings: Sequence[Meeting]) -> None:
        self._at, self._meetings = at, meetings
        self._lines = [meeting.line for meeting in meetings]

    def at(self, line: int | None) -> str:
        """As the wire writes it; of the whole note without a line."""
        index = bisect_right(self._lines, line) if line is not None else 0
        return self._meetings[index - 1].day.isoformat() if index else self._at


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


def _heading(line: Line) -> Heading:
    return Heading(line.number, line.level, one_line(plain(line.text)))


def _title(front: dict[str, str], headings: Sequence[Heading], file: str) -> str:
    first = next((heading.text for heading in headings if heading.level == 1 and heading.text), "")
    return one_line(front.get("title", "")) or first or PurePath(file).stem

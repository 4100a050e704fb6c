"""The date of a text, from a heading, a line `Date:` or the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from collectors.actions.days import MONTH, MONTHS, MONTHS_ABROAD, NUMBER
from collectors.actions.lines import SOFT, Line
from collectors.actions.numeric import Order
from models.base import YEARS

_OWN = re.compile(r"(?<!\d)(\d{4})([-_.]?)([01]\d)\2([0-3]\d)(?!\d)", re.ASCII)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_ABROAD = "|".join(sorted(MONTHS_ABROAD, key=len, reverse=True))
_DATES = re.compile(
    r"(?<![\w./-])(?:"
    r"(?P<year>\d{4})(?P<mark>[-/_.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|(?P<compact>\d{8})"
    rf"|(?P<month2>{MONTH})\.?,? ?(?P<day2>{NUMBER})(?:\s?,?\s?(?P<year2>\d{{4}}))?"
    rf"|(?P<day3>{NUMBER})(?:er|º|°)?\.? (?:of |de |di )?(?P<month3>{MONTH}|{_ABROAD})\.?"
    r"(?:,? (?:de )?(?P<year3>\d{4}))?"
    r"|(?P<year5>\d{4})\s?[年년]\s?(?P<month5>\d{1,2})\s?[月월]\s?(?P<day5>\d{1,2})\s?[日일]"
    r"|(?P<first>\d{1,2})(?P<mark4>[/.-])(?P<second>\d{1,2})(?P=mark4)(?P<year4>\d{4}|\d\d)"
    r")(?![\w/]|[-.]\d)",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(\d(?<![\w./-]\d)\d?)/(\d{1,2})/(?:\d{4}|\d\d)(?![\w/])")
_BESIDE = re.compile(
    rf"{_WEEKDAY}|meetings?|minutes|notes|agenda|call|sync|triage|recording|cancell?ed|public|private|open|weekly"
    r"|monthly|week|sitzung|protokoll|vom|réunion|du|reunión|acta|del?|riunione|verbale|reunião|ata|notulen|of|at|from|the|and|to|am|pm|a|p|noon|utc|gmt|cet|[ecmp][sd]?t|pacific|eastern|time|held|on|wg|sig"
    r"|\d{1,2}(?::\d\d)?\s?(?:am|pm|a|p)?|[^\w]+",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:meeting )?(?:date(?: and time)?|when|held(?: on)?|datum|fecha|data)\s*[:=]\s*(.*)", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)((?:19|20|21)\d\d)(?!\d)")
_EMPHASIS = re.compile(r"[*_`\\]+")
_DATE_CHARS = 120  # at the beginning of a heading, in which its date stands
_AHEAD, _AGO = timedelta(days=31), timedelta(days=62)
"""How long before a meeting its notes are begun, and after it still written: then the year is sure."""
_LINES_MAX = 5  # at the top of a note, in which its date stands


def own_date(text: str) -> date | None:
    """The date in a file's name or in a heading: `2026-11-23`, `2026_11_23` or `20261123`."""
    return next((day for found in _OWN.finditer(text) if (day := _day(found[1], found[3], found[4]))), None)


def named_date(text: str, year: int | None = None, order: Order | None = None) -> date | None:
    """The first date in the text, in numbers or with the month's name; `year` is that of one without."""
    found = (_read(match, year, order) for match in _DATES.finditer(text[:_DATE_CHARS]))
    return next((day for day in found if day is not None), None)


def order_of(lines: Iterable[Line]) -> Order | None:
    """Whether the text's dates put the month or the day first, if one of them shows it."""
    for line in lines:
        if "/" in line.text:
            for match in _NUMERIC.finditer(line.text[:_DATE_CHARS]) if "/" in line.text else ():
                if int(match[1]) > 12 >= int(match[2]):
                    return Order.DAY_FIRST
                if int(match[2]) > 12 >= int(match[1]):
                    return Order.MONTH_FIRST
    return None


@dataclass(frozen=True)
class Meeting:
    """A line that dates the text after it; `level` is its heading's, 0 for a line `Date:`."""

    line: int
    day: date
    level: int


@dataclass
class Calendar:
    """Finds the dates of meetings in a text; `year` is that of dates without one, as a file's name has it;
    else the one in which such a day is soon before or after `near`, the day of the text."""

    lines: Sequence[Line]
    year: int | None = None
    near: date | None = None

    def meetings(self) -> Iterator[Meeting]:
        """The meetings, in the order of the lines."""
        order, year = order_of(self.lines), self.year
        for line in self.lines:
            day = self._day(line, year, order)
            if day is not None:
                year = day.year
                yield Meeting(line.number, day, line.level or SOFT)

    def _day(self, line: Line, year: int | None, order: Order | None) -> date | None:
        if not any(map(str.isdigit, line.text[:_DATE_CHARS])) or line.box is not None:
            return None
        if line.cells:
            dated = line.cells[0].strip("* :").lower() == "date" and len(line.cells) > 1
            return named_date(line.cells[1], year, order) if dated else None
        text = _EMPHASIS.sub("", line.text[:_DATE_CHARS]).strip()
        if label := _LABEL.match(text):
            return named_date(label[1], year, order)
        if line.level and line.level < SOFT:
            return named_date(text, year, order) or (self._lately(text, order) if _is_date(text) else None)
        if line.indent >= 4 or len(text) >= _DATE_CHARS or not _is_date(text):
            return None
        return named_date(text, year, order) or self._lately(text, order)

    def _lately(self, text: str, order: Order | None) -> date | None:
        """The day of a line that is a date without a year, as people write in notes of their own."""
        if self.near is None:
            return None
        years = (self.near.year - 1, self.near.year, self.near.year + 1)
        days = (named_date(text, year, order) for year in years)
        return next((day for day in days if day and self.near - _AGO <= day <= self.near + _AHEAD), None)


def year_in(name: str) -> int | None:
    """The year in a file's name, if there is just one."""
    found = {int(year) for year in _YEAR.findall(name)}
    return found.pop() if len(found) == 1 else None


def _is_date(text: str) -> bool:
    """Whether the line is a date, perhaps with words that usually accompany one."""
    match = _DATES.search(text)
    if match is None or match.start() > 40:
        return False
    return not _BESIDE.sub("", text[: match.start()] + " " + text[match.end() :]).strip()


def _read(match: re.Match[str], year: int | None, order: Order | None) -> date | None:
    if match["compact"]:
        return _day(match["compact"][:4], match["compact"][4:6], match["compact"][6:])
    if match["year5"]:
        return _day(match["year5"], match["month5"], match["day5"])
    if match["year"]:
        return _day(match["year"], match["month"], match["day"])
    if match["first"]:
        day_first = match["mark4"] == "." or order is Order.DAY_FIRST or int(match["first"]) > 12
        number, month = (match["first"], match["second"]) if day_first else (match["second"], match["first"])
        full = match["year4"] if len(match["year4"]) == 4 else f"20{match['year4']}"
        return _day(full, month, number)
    name, number, said = (
        (match["month2"], match["day2"], match["year2"])
        if match["month2"]
        else (match["month3"], match["day3"], match["year3"])
    )
    if said is None and year is None:
        return None
    small = name.lower()
    month = str(MONTHS_ABROAD.get(small) or MONTHS.index(small[:3]) + 1)
    return _day(said or str(year), month, re.sub(r"\D", "", number))


def _day(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year in YEARS else None

"""Times as calendars write them, and what follows a time after so long: pure.

A moment is a date, or a time with its zone. A time without one (floating) is by the clock of whoever looks,
and is given that person's zone when it is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from collectors.texts import shown

Moment = date | datetime

DAY = timedelta(days=1)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?", re.ASCII | re.IGNORECASE)
_LENGTH = re.compile(
    r"([+-]?)P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_BEFORE_A_CHANGE = timedelta(hours=3)  # clocks are changed by less


@dataclass(frozen=True)
class Stated:
    """A moment, and what its line says of it: whether the zone is its own (`floating`: it has none)."""

    moment: Moment
    floating: bool = False

    @property
    def is_day(self) -> bool:
        """Whether it is a date without a time."""
        return is_day(self.moment)


@dataclass(frozen=True)
class Length:
    """A duration (RFC 5545, 3.3.6): days are days of the calendar, whatever the clocks do; the rest is
    exact."""

    days: int
    rest: timedelta

    @property
    def is_negative(self) -> bool:
        return DAY * self.days + self.rest < timedelta(0)

    @property
    def is_whole_days(self) -> bool:
        return self.rest % DAY == timedelta(0)

    def after(self, start: Moment) -> Moment:
        """The moment this much after the start. A part of a day needs a start with a time."""
        if not isinstance(start, datetime):
            return start + timedelta(days=self.days + self.rest // DAY)
        return later(start + timedelta(days=self.days), self.rest)


def read_moment(text: str, zone: tzinfo | None, local: tzinfo) -> Stated:
    """`zone` is what the line's TZID names; it says nothing about a time in UTC.

    Errors: ValueError.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"cannot be read: {shown(text)}")
    year, month, day, *clock = found.groups()
    try:
        if clock[0] is None:
            return Stated(date(int(year), int(month), int(day)))
        hour, minute = int(clock[0]), int(clock[1])
        second = min(int(clock[2] or 0), 59)  # a leap second is none for Python
        over = DAY if (hour, minute, second) == (24, 0, 0) else timedelta(0)
        at = datetime.combine(
            date(int(year), int(month), int(day)), time(0 if over else hour, minute, second)
        )
        at += over
    except (ValueError, OverflowError):
        raise ValueError(f"is not a real time: {shown(text)}") from None
    zone = UTC if clock[3] else zone
    return Stated(at.replace(tzinfo=zone or local), floating=zone is None)


def read_length(text: str) -> Length:
    """Errors: ValueError."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"cannot be read: {shown(text)}")
    sign = -1 if found[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    try:
        rest = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return Length(sign * (7 * weeks + days), sign * rest)
    except OverflowError:
        raise ValueError(f"is out of range: {shown(text)}") from None


def is_day(moment: Moment) -> bool:
    """Whether it is a date without a time."""
    return not isinstance(moment, datetime)


def instant(moment: Moment, local: tzinfo) -> datetime:
    """The moment in UTC; a date is its midnight there.

    A time that the clocks pass over is by the offset before (RFC 5545, 3.3.5), of one that comes twice it is
    the first. Not every kind of zone knows that by itself.
    """
    if not isinstance(moment, datetime):
        moment = midnight(moment, local)
    found = moment.astimezone(UTC)
    if isinstance(moment.tzinfo, ZoneInfo) or _exists(moment):
        return found
    before = (moment - _BEFORE_A_CHANGE).utcoffset() or timedelta(0)
    return (moment.replace(tzinfo=UTC) - before).astimezone(UTC)


def midnight(day: date, zone: tzinfo | None) -> datetime:
    """The beginning of the day in that zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def basic(moment: Moment) -> str:
    """As calendars write it: a date, or the time in UTC; the same for the same moment."""
    if isinstance(moment, datetime):
        return f"{instant(moment, UTC):%Y%m%dT%H%M%SZ}"
    return f"{moment:%Y%m%d}"


def wall(moment: datetime) -> datetime:
    """The wall clock's time."""
    return moment.replace(tzinfo=None)


def later(start: datetime, rest: timedelta) -> datetime:
    """The moment this much exact time later, in the same zone."""
    return (instant(start, UTC) + rest).astimezone(start.tzinfo)


def is_plain(moment: datetime) -> bool:
    """Whether the clocks show that time exactly once."""
    return moment.utcoffset() == moment.replace(fold=1 - moment.fold).utcoffset() and _exists(moment)


def day_of(moment: Moment, local: tzinfo) -> date:
    """The date that a moment of an all-day event means: as a rule it is a midnight somewhere.

    Exchange writes that in its own zone or in UTC, where it may be on the day before.
    """
    if not isinstance(moment, datetime):
        return moment
    if not _is_midnight(moment) and moment.utcoffset() == timedelta(0):
        here = moment.astimezone(local)
        return here.date() if _is_midnight(here) else (moment + DAY / 2).date()
    return moment.date()


def _is_midnight(moment: datetime) -> bool:
    return moment.hour == moment.minute == moment.second == 0


def _exists(moment: datetime) -> bool:
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None, fold=0) == moment.replace(tzinfo=None, fold=0)

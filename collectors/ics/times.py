"""When an event is, as its own lines state it; a value that cannot be used costs no more than it must:
pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypeVar

from collectors.ics.moments import Length, Stated, instant, read_length, read_moment
from collectors.ics.zones import Zones

NAMES = frozenset({"DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RDATE", "EXDATE"})

_PLAIN_DAY = re.compile(r"(\d{8})(?:T\d{6}Z?)?", re.ASCII)
MARGIN = timedelta(days=2)  # whatever zones are
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)\s*[;:]")
_LONGER = re.compile(
    r":(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?)\Z", re.ASCII | re.IGNORECASE
)
_PARAM = re.compile(r";\s*([A-Za-z0-9-]+)\s*=\s*(\"[^\"]*\"|[^;]*)")

T = TypeVar("T")


@dataclass(frozen=True)
class Extra:
    """An RDATE: one more start, and its own end or length, where it has one."""

    start: Stated
    end: Stated | Length | None = None


@dataclass
class Times:
    """The lines' own words. `onwards`: RECURRENCE-ID stands for all later occurrences, too.

    `lost` are the values that could not be used: the property's name, and why.
    """

    start: Stated | None = None
    end: Stated | None = None
    length: Length | None = None
    recurrence: Stated | None = None
    onwards: bool = False
    extras: list[Extra] = field(default_factory=list)
    exceptions: list[Stated] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Line:
    name: str
    params: dict[str, str]
    text: str


def name_of(line: str) -> str:
    """The name of the property, "" of what is none."""
    found = _NAME.match(line)
    return found[1].upper() if found else ""


def is_outside(lines: Iterable[str], first: date, last: date) -> bool:
    """Whether a glance shows that the event is over before the first day, or begins after the last.

    Of most events of a large calendar it does, and nothing else of them needs to be read.
    """
    days = days_of(lines)
    return days is not None and (days[1] < first - MARGIN or days[0] > last + MARGIN)


def days_of(lines: Iterable[str]) -> tuple[date, date] | None:
    """The first and the last day of an event that happens once, give or take MARGIN, if a glance shows
    them."""
    days = []
    for line in lines:
        name = line[:10].upper()
        if name.startswith(("RRULE", "RDATE", "RECURRENCE", "DURATION")):
            return None
        if name.startswith(("DTSTART", "DTEND")):
            found = _PLAIN_DAY.fullmatch(line.rpartition(":")[2])
            if found is None or (day := _real(found[1])) is None:
                return None
            days.append((name[:5], day))
    starts = [day for name, day in days if name == "DTSTA"]
    if len(starts) != 1 or len(days) > 2:
        return None
    return starts[0], max(day for _, day in days)


def _real(day: str) -> date | None:
    """The day of that name, if the calendar has it."""
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None


def read_times(lines: Iterable[str], zones: Zones, local: tzinfo) -> Times:
    """What the lines of the names in NAMES say; `local` is whose clock counts for times without a zone.

    Errors: ValueError when it is not clear when the event begins, or of which occurrence it speaks.
    """
    by_name, moment = _by_name(lines), _moments(zones, local)

    def extra(line: _Line, text: str) -> Extra:
        start, slash, end = text.partition("/")
        if not slash:
            return Extra(moment(line, text))
        is_length = end.strip()[:2].upper().lstrip("+-").startswith("P")
        return Extra(moment(line, start), read_length(end) if is_length else moment(line, end))

    times = Times()
    times.start = _only(by_name["DTSTART"], moment, times)
    times.recurrence = _only(by_name["RECURRENCE-ID"], moment, times)
    for name, value in (("DTSTART", times.start), ("RECURRENCE-ID", times.recurrence)):
        if by_name[name] and value is None:
            raise ValueError(next(why for lost, why in times.lost if lost == name))
    times.onwards = any(
        line.params.get("RANGE", "").upper() == "THISANDFUTURE" for line in by_name["RECURRENCE-ID"]
    )
    times.end = _only(by_name["DTEND"], moment, times)
    times.length = _only(by_name["DURATION"], lambda _, text: read_length(text), times)
    times.extras = _each(by_name["RDATE"], extra, times)
    times.exceptions = _each(by_name["EXDATE"], moment, times)
    return times


def read_due(lines: Iterable[str], zones: Zones, local: tzinfo) -> tuple[Stated | None, list[str]]:
    """When a to-do is due: at DUE, or its DURATION after DTSTART; and what of that cannot be used."""
    by_name, moment, times = _by_name(lines), _moments(zones, local), Times()
    try:
        due = _only(by_name["DUE"], moment, times)
        start = _only(by_name["DTSTART"], moment, times) if due is None else None
        length = _only(by_name["DURATION"], lambda _, text: read_length(text), times)
    except ValueError as error:
        return None, [str(error)]
    if start is not None and length is not None and (length.is_whole_days or not start.is_day):
        due = Stated(length.after(start.moment), start.floating)
    return due, [why for _, why in times.lost]


def read_instant(name: str, lines: Iterable[str], zones: Zones, local: tzinfo) -> datetime | None:
    """The moment of the line of that name, in UTC; None without one that can be read."""
    for line in _by_name(lines)[name]:
        with suppress(ValueError, OverflowError):
            return instant(_moments(zones, local)(line, line.text).moment, local)
    return None


def _by_name(lines: Iterable[str]) -> defaultdict[str, list[_Line]]:
    found = defaultdict[str, list[_Line]](list)
    for line in lines:
        parts = _line(line)
        if parts.text:  # `EXDATE:` with nothing behind it is common, and says nothing
            found[parts.name].append(parts)
    return found


def _moments(zones: Zones, local: tzinfo) -> Callable[[_Line, str], Stated]:
    def moment(line: _Line, text: str) -> Stated:
        zone = zones.find(line.params["TZID"]) if line.params.get("TZID") and _needs_zone(text) else None
        return read_moment(text, zone, local)

    return moment


def _line(line: str) -> _Line:
    """No value of these has a colon, while zones' names may: `TZID=(UTC+01:00) Berlin`, without quotes. ISO's
    longer form is not iCalendar's, but clear."""
    longer = _LONGER.search(line)
    head, text = line[: longer.start()] if longer else line.rpartition(":")[0], line.rpartition(":")[2]
    text = _shortened(longer[1], longer[2]) if longer else text
    params = {name.upper(): value.strip(' "').replace("\\", "") for name, value in _PARAM.findall(head)}
    return _Line(name_of(line), params, text.strip(" \t;,"))


def _shortened(text: str, offset: str | None) -> str:
    """As iCalendar writes it; an offset is brought to UTC."""
    if offset and offset.upper() != "Z":
        with suppress(ValueError, OverflowError):
            return f"{datetime.fromisoformat(text).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return re.sub(r"[-:]|\.\d+", "", text).replace(" ", "T")


def _needs_zone(text: str) -> bool:
    return "T" in text.upper() and not text.rstrip().upper().endswith("Z")


def _only(lines: Sequence[_Line], read: Callable[[_Line, str], T], times: Times) -> T | None:
    """The value of what an event has once; the same twice is once.

    Errors: ValueError.
    """
    found: list[T] = []
    for line in lines:
        try:
            found.append(read(line, line.text))
        except ValueError as error:
            times.lost.append((line.name, f"its {line.name} {error}"))
    if any(other != found[0] for other in found[1:]):
        twice = f"it has more than one {lines[0].name}"
        if lines[0].name not in ("DTEND", "DURATION"):
            raise ValueError(twice)
        times.lost.append((lines[0].name, f"{twice}, and the first is used"))
    return found[0] if found else None


def _each(lines: Sequence[_Line], read: Callable[[_Line, str], T], times: Times) -> list[T]:
    found = []
    for line in lines:
        for text in filter(None, map(str.strip, line.text.split(","))):
            try:
                found.append(read(line, text))
            except ValueError as error:
                times.lost.append((line.name, f"one {line.name} {error}"))
    return found

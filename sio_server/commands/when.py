"""Times as people type them: "tomorrow 9am", "2h", "fri", or ISO 8601.

dateparser does the parsing. It also accepts nonsense (it takes "tomorrow 25:00" for tomorrow),
so only the words listed here reach it (decision 16).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from dateparser.date import DateDataParser

from models.base import YEARS, format_instant
from sio_server.registry.errors import bad_request
from sio_server.registry.persons import DAYS as WEEKDAYS

DAYS = ("today", "tomorrow", "fri", "fri 17:00", "3 dec", "2026-12-01")
EXAMPLES = ("2h", "tomorrow 9am", "tomorrow", "fri", "mon 14:30", "3 dec 9:00", "2026-12-01")

_MIDNIGHT = time()

FAR = timedelta(days=300)
"""A date without a year that is farther away was most likely meant as a past one."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d([ t]\d\d:\d\d(:\d\d)?( ?(z|[+-]\d\d:\d\d))?)?", re.ASCII)
_UNIT = r"(?:m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)"
_SPAN = re.compile(
    rf"(?:in )?\d{{1,4}} ?(?=(?P<unit>[mhdw])){_UNIT}(?: ?\d{{1,4}} ?(?!(?P=unit)){_UNIT})?", re.ASCII
)
_WHOLE_DAYS = re.compile(r"(?:in )?(?:\d{1,4} ?(?:d|days?|w|weeks?) ?){1,2}", re.ASCII)
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = rf"(?:today|tomorrow|{_WEEKDAY}|(?:{_NUMBER} {_MONTH}|{_MONTH} {_NUMBER})(?: \d{{4}})?)"
_CLOCK = r"(?:(?:1[0-2]|0?[1-9])(?::[0-5]\d)? ?[ap]m|(?:[01]?\d|2[0-3]):[0-5]\d|noon|midnight)"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DOTTED = re.compile(
    rf"(?<!\S)(?P<day>{_NUMBER})\. ?(?P<month>1[0-2]|0?[1-9])\.(?P<year> ?\d{{4}}|\d\d)?(?=[ ,]|$)", re.ASCII
)
_NEXT = re.compile(rf"\bnext (?:week|(?P<day>{_WEEKDAY}))\b|\bend of (?:the |this )?month\b", re.ASCII)
_HOUR = re.compile(r"(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d))? ?(?P<half>am|pm)?", re.ASCII)
_DAY = re.compile(rf"(?P<date>{_DATE})", re.ASCII)
_GONE = re.compile(rf"yesterday|last (?:night|week|month|year|{_WEEKDAY})|\d{{1,4}} {_UNIT} ago", re.ASCII)
_TIMED = re.compile(
    rf"(?P<date>{_DATE})(?:,? at |,? )(?P<clock>{_CLOCK})|(?P<early>{_CLOCK})(?: (?P<late>{_DATE}))?",
    re.ASCII,
)


def instant_of(
    text: str, now: datetime, zone: tzinfo, day_starts: Callable[[date], time] = lambda day: _MIDNIGHT
) -> str | None:
    """The instant that a person in `zone` means, in wire format; None if it has none of the
    forms. A day in words is the start of its working day, an ISO date midnight (decision 59)."""
    found = _named(text, now, zone)
    if found is not None and not isinstance(found, datetime):
        begins = _MIDNIGHT if _ISO.fullmatch(text.strip().lower()) else day_starts(found)
        found = datetime.combine(found, begins, zone)
    return None if found is None else _wire(found)


def day_or_instant_of(text: str, now: datetime, zone: tzinfo) -> str | None:
    """The same, but a day without a time stays a day, also one that is so many days or weeks ahead."""
    found = _named(text, now, zone)
    if isinstance(found, datetime) and _WHOLE_DAYS.fullmatch(" ".join(text.split()).lower()):
        found = now.astimezone(zone).date() + (found - now)
    if found is None or isinstance(found, datetime):
        return None if found is None else _wire(found)
    return found.isoformat() if found.year in YEARS else None


def hour_of(text: str) -> str:
    """A time of day, as `07:00`.

    Errors: bad_request.
    """
    found = _HOUR.fullmatch(text)
    number = int(found["hour"]) if found else 99
    if found and found["half"] and 1 <= number <= 12:
        number = number % 12 + (12 if found["half"] == "pm" else 0)
    if found is None or number > 23 or not (found["half"] or found["minute"]):
        raise bad_request(f"“{text[:40]}” is not a time of day. Write it as 07:00 or 7am.")
    return f"{number:02}:{found['minute'] or '00'}"


def why_not(text: str) -> str:
    """Why the text is not understood as a time."""
    said = " ".join(text.split()).lower()
    if _GONE.fullmatch(said):
        return "This time is in the past."
    if not has_form(said):
        return f"I don't understand this time. Write it like {', '.join(EXAMPLES)}."
    year = re.search(r"\b\d{4}\b", said, re.ASCII)
    if _SPAN.fullmatch(said) or (year and int(year[0]) not in YEARS):
        return f"I don't understand this time: the year must be {YEARS.start} to {YEARS.stop - 1}."
    return "I don't understand this time: there is no such day, or it is in the past and needs a year."


def has_form(text: str) -> bool:
    """Whether the text is written as times are, also one that there is not or that is gone: `31 feb`,
    `yesterday`."""
    said = _undotted(" ".join(text.split()).lower())
    return any(form.fullmatch(said) for form in (_ISO, _DAY, _TIMED, _SPAN, _GONE))


def _named(text: str, now: datetime, zone: tzinfo) -> date | datetime | None:
    said = " ".join(text.split())
    try:
        return _read(said.lower(), now, zone) if said.isascii() else None
    except (ValueError, OverflowError):
        return None


def _wire(moment: datetime) -> str | None:
    try:
        return format_instant(moment) if moment.astimezone(UTC).year in YEARS else None
    except OverflowError:
        return None


def load() -> None:
    """Loads the parser's tables, which takes a tenth of a second, before anybody has to wait for it."""
    instant_of("tomorrow 9am", datetime(2026, 1, 1, tzinfo=UTC), UTC)  # any day loads them all


def _read(said: str, now: datetime, zone: tzinfo) -> date | datetime | None:
    if len(said) == 10 and _ISO.fullmatch(said):
        return date.fromisoformat(said)
    if _ISO.fullmatch(said):
        exact = datetime.fromisoformat(said.upper().replace(" +", "+").replace(" -", "-").replace(" Z", "Z"))
        return exact if exact.tzinfo is not None else exact.replace(tzinfo=zone)
    if _SPAN.fullmatch(said):
        weeks = re.sub(r"(\d) ?w\b", r"\1 weeks", said)
        return _parse(weeks.removeprefix("in "), now.astimezone(UTC), UTC)
    here = now.astimezone(zone)
    said = _NEXT.sub(lambda found: _next(found, here.date()), _undotted(said))
    found = _by_date(said, here, zone)
    if found is None or re.search(r"\d{4}", said):
        return found
    moment = found if isinstance(found, datetime) else datetime.combine(found, time(), zone)
    return None if moment - here > FAR else found


def _undotted(said: str) -> str:
    """`24.12.` as `24 dec`, `24.12.26` as `24 dec 2026`: with dots, the day always comes first."""

    def named(found: re.Match[str]) -> str:
        year = (found["year"] or "").strip()
        words = (found["day"], _MONTHS[int(found["month"]) - 1], f"20{year}" if len(year) == 2 else year)
        return " ".join(filter(None, words))

    return _DOTTED.sub(named, said)


def _next(found: re.Match[str], today: date) -> str:
    """The day that is meant, as `7 dec 2026`; the text itself where the weekday is still to come this week,
    since it may be this one or the one after."""
    monday = today + timedelta(days=7 - today.weekday())
    if found["day"]:
        ahead = next(at for at, name in enumerate(WEEKDAYS) if found["day"].startswith(name))
        if ahead > today.weekday():
            return found[0]
        day = monday + timedelta(days=ahead)
    elif found[0].endswith("week"):
        day = monday
    else:
        day = (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _by_date(said: str, here: datetime, zone: tzinfo) -> date | datetime | None:
    timed = _TIMED.fullmatch(said)
    if timed is None:
        day = _parse(said, here, zone) if _DAY.fullmatch(said) else None
        return None if day is None else day.date()
    date, clock = timed["date"] or timed["late"], timed["clock"] or timed["early"]
    clock = "00:00" if clock == "midnight" else clock
    return _parse(clock if date is None else f"{date} {clock}", here, zone)


def _parse(said: str, base: datetime, zone: tzinfo) -> datetime | None:
    settings = {
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": base.replace(tzinfo=None),
        "DATE_ORDER": "DMY",
    }
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(said).date_obj
    return None if found is None else found.replace(tzinfo=zone)

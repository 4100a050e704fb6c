"""The dates that a note names: its own, and by when something is due.

dateparser does the reading, and also reads what nobody meant: only the forms that are listed here reach it,
and what is not sure is no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from dateparser.date import DateDataParser

from models.base import YEARS, format_instant

FAR = timedelta(days=300)
"""A date without a year that is farther away was most likely meant to be this year's, which is over."""

_OWN = re.compile(r"(?<!\d)(\d{4})([-_.]?)([01]\d)\2([0-3]\d)(?!\d)", re.ASCII)

_DAY = r"\d{4}-\d\d-\d\d"
_ISO = rf"{_DAY}(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?"
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|saturday|sunday)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_NEAR = rf"(?:today|tomorrow|{_WEEKDAY})"
_NAMED = rf"(?:{_NEAR}|{_NUMBER} {_MONTH}(?:,? \d{{4}})?|{_MONTH} {_NUMBER}(?:,? \d{{4}})?)"
_CLOCK = r"(?:(?:,? at |,? )(?:(?:1[0-2]|0?[1-9])(?::[0-5]\d)? ?[ap]m|(?:[01]?\d|2[0-3]):[0-5]\d|noon))?"
_MARKS = "📅🗓⏫🔺🔼🔽⏬\N{HEAVY PLUS SIGN}⏳🛫🔁"
_OVER = rf"(?![\w/'\u2019]|[-.:]\w|\s+\d\d?:\d)(?=\s*(?:$|[.;:!)\]}}#{_MARKS}]))"
"""Nothing follows in the sentence: what is due "by Friday or Monday" has no date."""
_EDGE = r"(?![\w/'\u2019]|[-.:]\w)"
_SURE = r"(?<![\w-])(?<!not )(?<!was )(?<!were )(?<!longer )(?<!past )(?<!until )"

_MARKED = re.compile(
    r"(?:[📅🗓]\ufe0f?\s*|[\[(]?(?<![\w-])due::?\s*|@due\(\s*|@\{\s*|@\[\[|\[\[(?=[-\d]{10}\]\]\s*$))"
    rf"(?:(?P<when>{_ISO}{_EDGE}|{_NAMED}{_CLOCK}{_OVER})\s*(?:\]\]|[\])}}])?|(?P<odd>\S*))",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    rf"\({_NEAR}{_CLOCK}\)|{_SURE}(?:due(?: on| by)?|by) (?:{_ISO}{_EDGE}|{_NAMED}{_CLOCK}{_OVER})",
    re.IGNORECASE,
)
_LEADING = re.compile(r"\(|(?:due(?: on| by)?|by) ", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")


@dataclass(frozen=True)
class Due:
    """`at` is a date or an instant, as the wire writes it; `rest` is the text without what says so, `bare`
    also without what is no sure date; `relative` tells that another day of writing would make it another
    date; `doubt` is for people."""

    at: str | None
    rest: str
    bare: str
    relative: bool = False
    doubt: str = ""


def own_date(text: str) -> date | None:
    """The date in a file's name or in a heading: `2026-11-23`, `2026_11_23` or `20261123`."""
    for found in _OWN.finditer(text):
        try:
            day = date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            continue
        if day.year in YEARS:
            return day
    return None


def written_at(text: str, zone: tzinfo) -> str | None:
    """An ISO 8601 date or time as the wire writes it; a time without a zone is by the clock of `zone`."""
    return _exact(text, zone) if re.fullmatch(_ISO, text) else None


def due(text: str, day: date, zone: tzinfo) -> Due:
    """By when what the text says is due, if it was written on `day`; the clock is that of `zone`."""
    marked = list(_MARKED.finditer(text))
    found = [(match, match["when"]) for match in marked]
    if not found:
        found = [(match, _LEADING.sub("", match[0], count=1).rstrip(")")) for match in _PHRASE.finditer(text)]
    if not found:
        return Due(None, text, text)
    bare = _without(text, [match for match, _ in found])
    dates = {_date(when, day, zone) if when else None for _, when in found}
    if len(dates) > 1:
        return Due(None, text, bare, doubt="it has more than one due date")
    (at,) = dates
    if at is None:
        return Due(None, text, bare, doubt=f"{found[0][0][0].strip()!r} is no sure date")
    relative = any(when is not None and not re.search(r"\d{4}", when) for _, when in found)
    return Due(at, bare, bare, relative)


def _without(text: str, matches: list[re.Match[str]]) -> str:
    for match in reversed(matches):
        text = f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}"
    text = " ".join(_EMPTY.sub("", text).split())
    return re.sub(r" (?=[.,;:!?)])", "", text).strip(" ,;:-\u2013\u2014")


def _date(said: str, day: date, zone: tzinfo) -> str | None:
    exact = re.match(_DAY, said)
    return _exact(said, zone) if exact else _spoken(_ORDINAL.sub("", said.lower()), day, zone)


def _exact(text: str, zone: tzinfo) -> str | None:
    try:
        if re.fullmatch(_DAY, text):
            day = date.fromisoformat(text)
            return text if day.year in YEARS else None
        moment = datetime.fromisoformat(text)
        return _wire(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _wire(moment: datetime) -> str | None:
    text = format_instant(moment)
    return text if int(text[:4]) in YEARS else None


@lru_cache(maxsize=4_096)
def _spoken(said: str, day: date, zone: tzinfo) -> str | None:
    """`said` is `_NAMED` and perhaps `_CLOCK`, in lower case."""
    named = re.match(_NAMED, said)
    if named is None:
        return None
    if re.fullmatch(_WEEKDAY, named[0]) and named[0][:3] == f"{day:%a}".lower():
        return None  # "Friday", said on a Friday, may be either
    try:
        found = _parse(named[0], day)
        if found is None or not (re.search(r"\d{4}", named[0]) or found - day <= FAR):
            return None
        clock = said[named.end() :].strip(" ,").removeprefix("at ").strip()
        if not clock:
            return found.isoformat() if found.year in YEARS else None
        moment = _moment(clock)
        return _wire(datetime.combine(found, moment.time(), zone)) if moment else None
    except (ValueError, OverflowError):
        return None


def _parse(said: str, day: date) -> date | None:
    found = _parsed(said, datetime.combine(day, time()))
    return found.date() if found else None


def _moment(clock: str) -> datetime | None:
    return _parsed(clock, datetime.combine(date(2000, 1, 1), time()))


def _parsed(said: str, base: datetime) -> datetime | None:
    settings = {"PREFER_DATES_FROM": "future", "RELATIVE_BASE": base, "DATE_ORDER": "DMY"}
    found: datetime | None = DateDataParser(languages=["en"], settings=settings).get_date_data(said).date_obj
    return found

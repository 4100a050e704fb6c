"""Time zone names as programs write them: IANA's, Windows's, and those that state their offset."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_HOURS = r"(?P<sign>[+\-\u2212\u2013])\s*(?P<hours>\d{1,2})(?:[:.]?(?P<minutes>\d{2}))?"
_OFFSETS = (
    re.compile(rf"\(\s*(?:UTC|GMT|(?=[^\s)]))\s*(?:{_HOURS})?\s*\)(?P<places>.*)", re.IGNORECASE | re.DOTALL),
    re.compile(rf"(?:UTC|GMT)?\s*{_HOURS}(?P<places>\Z|[\s,(].*)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<places>)(?P<sign>)(?P<hours>)(?P<minutes>)(?:UTC|GMT|Z)", re.IGNORECASE),
)
_OFFSET_MAX = timedelta(hours=14)  # Kiribati's is the largest
# What Windows calls zones by in its lists, where no city of theirs is named.
_REGIONS = {
    "atlantic time": "America/Halifax",
    "eastern time": "America/New_York",
    "central time": "America/Chicago",
    "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "arizona": "America/Phoenix",
    "indiana": "America/Indiana/Indianapolis",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "newfoundland": "America/St_Johns",
    "greenwich mean time": "Europe/London",
    "brasilia": "America/Sao_Paulo",
}


def known(name: str) -> tzinfo | None:
    """The zone with that name, in any of these forms; None if it is unknown."""
    plain = name.strip(" \t\"'/")
    return iana(plain) or listed(plain) or stated(name)


def iana(name: str) -> tzinfo | None:
    """The zone with that IANA name, in any case."""
    key = _names().get(name.lower().replace(" ", "_"))
    return ZoneInfo(key) if key else None


def listed(name: str) -> tzinfo | None:
    """The zone with that Windows name, or with an IANA name at its end, such as
    `/freeassociation.sourceforge.net/Asia/Tokyo`."""
    key = _windows_names().get(name.lower())
    if key:
        return ZoneInfo(key)
    parts = name.split("/")
    found = (iana("/".join(parts[start:])) for start in range(1, len(parts)))
    return next((zone for zone in found if zone is not None), None)


def stated(name: str) -> tzinfo | None:
    """The zone of a stated offset: `(UTC+01:00) Amsterdam, Berlin`, `UTC+01:00`, `GMT-0500`, `+0100`,
    `Eastern Time (US & Canada)`. A named place that has that offset outside summer time is better."""
    plain = name.strip(" \t\"'")
    found = next(filter(None, (form.fullmatch(plain) for form in _OFFSETS)), None)
    if found is None:
        region = _region(plain)
        return ZoneInfo(region) if region else None
    offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    if abs(offset) > _OFFSET_MAX or int(found["minutes"] or 0) > 59:
        return None
    offset = offset if found["sign"] in (None, "", "+") else -offset
    here = (place for place in _places(found["places"]) if _standard(place) == offset)
    return next((ZoneInfo(place) for place in here), timezone(offset) if offset else UTC)


def _places(text: str) -> Iterator[str]:
    """The IANA names of the places mentioned."""
    for part in re.split(r"[,;:/()]", text):
        yield from _cities().get(part.strip().lower().replace(" ", "_"), ())
    if region := _region(text):
        yield region


def _region(text: str) -> str | None:
    lower = text.strip().lower()
    return next((key for region, key in _REGIONS.items() if lower.startswith(region)), None)


@cache
def _cities() -> dict[str, tuple[str, ...]]:
    found = defaultdict[str, list[str]](list)
    for name in sorted(available_timezones()):
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/")):
            found[name.rpartition("/")[2].lower()].append(name)
    return {city: tuple(names) for city, names in found.items()}


@cache
def _standard(key: str) -> timedelta:
    """The offset outside summer time."""
    zone = ZoneInfo(key)
    offsets = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    return min(offset for offset in offsets if offset is not None)


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@cache
def _windows_names() -> dict[str, str]:
    return {name.lower(): key for name, key in WINDOWS_TO_OLSON.items()}

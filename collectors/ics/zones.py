"""Names of time zones into time zones, as programs write them: IANA's, Windows's, those that state their
offset."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from collectors.ics.text import Block
from collectors.texts import counted, shown

_HOURS = r"(?P<sign>[+\-\u2212\u2013])\s*(?P<hours>\d{1,2})(?:[:.]?(?P<minutes>\d{2}))?"
_OFFSETS = (
    re.compile(rf"\(\s*(?:UTC|GMT|(?=[^\s)]))\s*(?:{_HOURS})?\s*\)(?P<places>.*)", re.IGNORECASE | re.DOTALL),
    re.compile(rf"(?:UTC|GMT)?\s*{_HOURS}(?P<places>\Z|[\s,(].*)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<places>)(?P<sign>)(?P<hours>)(?P<minutes>)(?:UTC|GMT|Z)", re.IGNORECASE),
)
_OFFSET_MAX = timedelta(hours=14)
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

_LONG_AGO = re.compile(r"^(DTSTART[^:\r\n]*:)1(?:[0-8]\d\d|9[0-6]\d)", re.MULTILINE | re.IGNORECASE)


class Zones:
    """The time zones that one calendar speaks of.

    `blocks` are its VTIMEZONEs. What a name was taken for, where that is a guess, is remembered for the
    report.
    """

    def __init__(self, blocks: Sequence[Block] = ()) -> None:
        self._blocks = {_plain(block.value("TZID")): block for block in blocks}
        self._faults: list[str] = []
        self._found: dict[str, tzinfo | None] = {}
        self._guessed: dict[str, str] = {}
        self._unknown: Counter[str] = Counter()

    def find(self, name: str) -> tzinfo | None:
        """The zone of that name; None for one that nobody knows."""
        if name not in self._found:
            self._found[name] = self._find(name)
        if self._found[name] is None:
            self._unknown[name] += 1
        return self._found[name]

    def remarks(self) -> Iterator[str]:
        """What to say of them, once all are found."""
        yield from self._faults
        for name, taken in self._guessed.items():
            yield f"its time zone {shown(name)} is not defined in it, and is taken as {taken}"
        for name, count in self._unknown.items():
            times = f"{counted(count, 'time')} in it {'is' if count == 1 else 'are'}"
            yield f"its time zone {shown(name)} is not known; {times} taken without one"

    def _defined(self, name: str) -> tzinfo | None:
        """The zone as the calendar defines it."""
        block = self._blocks.get(name)
        if block is None:
            return None
        try:
            # Outlook's begin in 1601, and the library goes through all years since for every time.
            text = _LONG_AGO.sub(r"\g<1>1972", block.text())
            found: tzinfo = cast("Timezone", Timezone.from_ical(text)).to_tz(lookup_tzid=False)
            datetime(2026, 1, 1, tzinfo=found).utcoffset()
        except Exception as error:  # noqa: BLE001 - the parsers raise anything for what they cannot use
            detail = shown(str(error)) or type(error).__name__
            self._faults.append(
                f"its time zone {shown(name)} (line {block.line_no}) cannot be read: {detail}"
            )
            return None
        return found

    def _find(self, name: str) -> tzinfo | None:
        plain = _plain(name)
        # IANA's own rules go before a calendar's copy of them, which often begins or ends too soon.
        known = _iana(plain) or self._defined(plain) or _windows(plain) or _last_parts(plain)
        if known is not None:
            return known
        stated = _stated(name)
        if isinstance(stated, ZoneInfo):
            self._guessed[name] = stated.key
        elif stated is not None and any(
            mark.isalpha() for mark in name.upper().replace("UTC", "").replace("GMT", "")
        ):
            self._guessed[name] = f"{stated} all year"
        return stated


def _plain(name: str) -> str:
    return name.strip(" \t\"'/")


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def _iana(name: str) -> tzinfo | None:
    key = _names().get(name.lower().replace(" ", "_"))
    return ZoneInfo(key) if key else None


@cache
def _windows_names() -> dict[str, str]:
    return {name.lower(): key for name, key in WINDOWS_TO_OLSON.items()}


def _windows(name: str) -> tzinfo | None:
    key = _windows_names().get(name.lower())
    return ZoneInfo(key) if key else None


def _last_parts(name: str) -> tzinfo | None:
    """`/freeassociation.sourceforge.net/Asia/Tokyo`: the longest end of it that is a name of IANA's."""
    parts = name.split("/")
    found = (_iana("/".join(parts[start:])) for start in range(1, len(parts)))
    return next((zone for zone in found if zone is not None), None)


def _stated(name: str) -> tzinfo | None:
    """`(UTC+01:00) Amsterdam, Berlin`, `UTC+01:00`, `GMT-0500`, `+0100`, `Eastern Time (US & Canada)`.

    A place that keeps to that offset outside of summer time says more than the offset alone.
    """
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
    """IANA's names for the places that are named."""
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
    """The offset outside of summer time."""
    zone = ZoneInfo(key)
    offsets = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    return min(offset for offset in offsets if offset is not None)

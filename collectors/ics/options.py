"""What `python -m collectors.ics` takes on its command line beside what all collectors do."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import dataclass

from collectors import arguments
from collectors.ics.source import CalendarSource
from collectors.program import source_name

DAYS_MAX = 3_660


@dataclass(frozen=True)
class Wanted:
    """What the person asked for, checked."""

    sources: tuple[CalendarSource, ...]
    source: str
    days_back: int
    days_ahead: int
    tz: str
    secret: str = ""  # a word to whoever did not say what to call a source whose address will change


def add_arguments(parser: ArgumentParser) -> None:
    """Adds the collector's own."""
    add = parser.add_argument
    add("calendars", nargs="+", type=_calendar, metavar="FILE_OR_URL", help="an .ics file or its address")
    add("--days-back", type=_days, default=7, metavar="DAYS", help="how far back events count (%(default)s)")
    add("--days-ahead", type=_days, default=60, metavar="DAYS", help="and how far ahead (%(default)s)")
    zone = "whose clock counts for times without a zone, such as Europe/Berlin (%(default)s)"
    add("--tz", type=arguments.zone, default="UTC", metavar="ZONE", help=zone)


def wanted(given: Namespace) -> Wanted:
    """All of it."""
    sources = tuple(CalendarSource(one) for one in dict.fromkeys(given.calendars))
    own = _default_name(sources[0])
    secret = ""
    if sources[0].has_secret and given.source is None:
        secret = (
            "the source is called after an address with a secret in it: should the address be renewed, give"
            f" --source {own}, so that it takes the place of this one"
        )
    days = (given.days_back, given.days_ahead)
    return Wanted(sources, source_name("ics", own), *days, given.tz, secret)


def _default_name(calendar: CalendarSource) -> str:
    """A file's stem; a host, and a mark of the address, since a host has many people's calendars."""
    if not calendar.urls:
        return calendar.stem
    return f"{calendar.stem}-{hashlib.sha256(calendar.urls[0].encode()).hexdigest()[:6]}"


def _calendar(text: str) -> str:
    try:
        CalendarSource(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def _days(text: str) -> int:
    return int(arguments.number(text, 0, DAYS_MAX, "days"))

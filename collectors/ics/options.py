"""The options of `python -m collectors.ics`, besides those of all collectors."""

from __future__ import annotations

import hashlib
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import dataclass
from enum import StrEnum

from collectors import arguments
from collectors.connected.book import BookError
from collectors.ics.source import CalendarSource
from collectors.identity import stable_id
from collectors.program import UsageError, source_name
from collectors.secret import add_secret, secret

DAYS_MAX = 3_660  # ten years
_VARIABLE = "ADJUTANT_ICS_ADDRESS"


class Private(StrEnum):
    """What to do with an event that its owner marked as private."""

    SHOW = "show"
    BUSY = "busy"
    HIDE = "hide"


@dataclass(frozen=True)
class Wanted:
    """What the person asked for, checked; `origin` and `formerly` as a Job has them."""

    sources: tuple[CalendarSource, ...]
    source: str
    days_back: int
    days_ahead: int
    tz: str
    private: Private
    origin: str = ""
    formerly: tuple[str, ...] = ()
    allow_private: bool = False


def add_arguments(parser: ArgumentParser) -> None:
    """Adds the collector's own options."""
    add = parser.add_argument
    add("calendars", nargs="*", type=_calendar, metavar="FILE_OR_URL", help="an .ics file or its address")
    add_secret(parser, _VARIABLE, "calendar's address", "address")
    add("--days-back", type=_days, default=7, metavar="DAYS", help="how far back events count (%(default)s)")
    add("--days-ahead", type=_days, default=60, metavar="DAYS", help="and how far ahead (%(default)s)")
    arguments.add_me(parser, "their answers to invitations are found by it")
    arguments.add_zone(parser)
    about = "also addresses on this machine and in the local network"
    add("--allow-private", action="store_true", help=about)
    private = "private events: show them, show only that the time is taken (busy), or hide them"
    add(
        "--private",
        type=Private,
        choices=list(Private),
        default=Private.SHOW,
        help=f"{private} (%(default)s)",
    )


def wanted(given: Namespace) -> Wanted:
    """All of it. Errors: UsageError."""
    sources = tuple(CalendarSource(one) for one in dict.fromkeys(given.calendars or [_secret_address(given)]))
    first, days = sources[0], (given.days_back, given.days_ahead)
    name = source_name("ics", _default_name(first, first.plain))
    of_old = source_name("ics", _default_name(first, first.urls[0])) if first.urls else name
    if of_old == name:
        return Wanted(sources, name, *days, given.tz, given.private, allow_private=given.allow_private)
    mark = stable_id(first.urls[0])[:8]
    return Wanted(sources, name, *days, given.tz, given.private, mark, (of_old,), given.allow_private)


def _secret_address(given: Namespace) -> str:
    """Errors: UsageError, without the address."""
    given_elsewhere = given.account or given.secret_file or os.environ.get(_VARIABLE)
    if not given_elsewhere and not sys.stdin.isatty():
        raise UsageError(
            "say which calendar: an .ics file or its address; an address that is a secret goes into a file"
            f" (--address-file) or into {_VARIABLE}"
        )
    try:
        address = secret(given, _VARIABLE, "calendar's address", "address")().strip()
        if not CalendarSource(address).urls:
            raise ValueError
    except BookError as error:
        raise UsageError(str(error)) from None
    except ValueError:
        raise UsageError(
            "what is given as the address is none: it begins with https:// or webcal://"
        ) from None
    return address


def _default_name(calendar: CalendarSource, address: str) -> str:
    """A file's stem; a host, and a mark of the address, since a host has many people's calendars."""
    if not address:
        return calendar.stem
    return f"{calendar.stem}-{hashlib.sha256(address.encode()).hexdigest()[:6]}"


def _calendar(text: str) -> str:
    try:
        CalendarSource(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def _days(text: str) -> int:
    return int(arguments.number(text, 0, DAYS_MAX, "days"))

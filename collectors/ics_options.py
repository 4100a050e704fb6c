"""The command line of `python -m collectors.ics`."""

import argparse
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from collectors import arguments
from collectors.calendar_source import CalendarSource, source_name

DAYS_MAX = 3_660
_EPILOG = """\
All files of one call are one source: events that none of them has any more leave the board. They stay when
something could not be read, so that a broken calendar never empties the board.

exit status:
  0  all is on the board (with --watch: ended by Ctrl-C or SIGTERM)
  1  something is not: a file could not be read, events were skipped or rejected, or there were none
  2  the command line is wrong
  3  the server could not be reached, or refused
"""


@dataclass(frozen=True)
class Options:
    """What the person asked for, checked."""

    sources: tuple[CalendarSource, ...]
    server: str
    source: str
    token: str | None
    watch: bool
    every_s: float
    wait_s: float
    days_back: int
    days_ahead: int
    tz: str
    allow_empty: bool


def parse_options(words: Sequence[str]) -> Options:
    """Errors: exits with status 2 and a sentence on standard error."""
    parser = _parser()
    given = parser.parse_args(words)
    sources = tuple(dict.fromkeys(given.calendars))
    options = Options(
        sources=tuple(CalendarSource(one) for one in sources),
        server=given.server,
        source=source_name(given.source or _default_name(CalendarSource(sources[0]))),
        token=given.token or os.environ.get("ADJUTANT_TOKEN") or None,
        watch=given.watch,
        every_s=given.every * 60,
        wait_s=given.wait,
        days_back=given.days_back,
        days_ahead=given.days_ahead,
        tz=given.tz,
        allow_empty=given.allow_empty,
    )
    for source in options.sources if options.watch else ():
        if source.path is not None and not source.path.absolute().parent.is_dir():
            parser.error(f"cannot watch {source.shown}: there is no such folder")
    return options


def _default_name(calendar: CalendarSource) -> str:
    """A file's stem; a host, and a mark of the address, since a host has many people's calendars."""
    if calendar.url is None:
        return calendar.stem
    return f"{calendar.stem}-{hashlib.sha256(calendar.url.encode()).hexdigest()[:6]}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m collectors.ics",
        description="Brings the events of iCalendar files and web calendars to the board.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("calendars", nargs="+", type=_calendar, metavar="FILE_OR_URL", help="an .ics file or its address")
    add(
        "--server",
        type=arguments.server,
        default="http://127.0.0.1:8000",
        metavar="URL",
        help="default: %(default)s",
    )
    add(
        "--source",
        metavar="NAME",
        help="its name on the board; default: after the first calendar",
    )
    add("--token", help="a collector's token; better given as ADJUTANT_TOKEN in the environment")
    add("--watch", action="store_true", help="go on, and push again whenever a file changes")
    every = "with --watch: how often all is read again, for web calendars and new days (%(default)g)"
    add("--every", type=_minutes, default=15.0, metavar="MINUTES", help=every)
    add("--days-back", type=_days, default=7, metavar="DAYS", help="how far back events count (%(default)s)")
    add("--days-ahead", type=_days, default=60, metavar="DAYS", help="and how far ahead (%(default)s)")
    zone = "whose clock counts for times without a zone, such as Europe/Berlin (%(default)s)"
    add("--tz", type=arguments.zone, default="UTC", metavar="ZONE", help=zone)
    add("--allow-empty", action="store_true", help="if there are no events, remove the old ones")
    wait = "how long to try to reach the server (%(default)g); with --watch: for ever"
    add("--wait", type=arguments.seconds, default=10.0, metavar="SECONDS", help=wait)
    return parser


def _calendar(text: str) -> str:
    try:
        CalendarSource(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _days(text: str) -> int:
    return int(arguments.number(text, 0, DAYS_MAX, "days"))


def _minutes(text: str) -> float:
    return arguments.number(text, 0.1, 1440, "minutes")

"""Command-line options that several programs share, and checked types for argparse."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from zoneinfo import ZoneInfo

import tzlocal


def zone(text: str) -> str:
    """The IANA name of a time zone. Errors: ArgumentTypeError, here as below."""
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, KeyError):
        raise ArgumentTypeError(f"{text!r} is not a time zone such as Europe/Berlin") from None


def machine_zone() -> str:
    """The IANA name of this machine's time zone; UTC where it has none."""
    try:
        return ZoneInfo(tzlocal.get_localzone_name() or "UTC").key
    except (ValueError, OSError, KeyError):
        return "UTC"


def add_zone(parser: ArgumentParser) -> None:
    """The option `--tz`: by default the machine's zone, as the board's own."""
    about = "time zone of times that name none, such as Europe/Berlin (the machine's: %(default)s)"
    parser.add_argument("--tz", type=zone, default=machine_zone(), metavar="ZONE", help=about)


def add_me(parser: ArgumentParser, what: str) -> None:
    """The option `--me`; `what` says what follows from it."""
    about = "a name, handle or address of the person the board is for (repeatable), besides those the"
    about += f" server knows: {what}"
    parser.add_argument("--me", action="append", default=[], metavar="NAME", help=about)


def add_actions(parser: ArgumentParser) -> None:
    """The option `--actions`."""
    about = "how old, in days, what is searched for action items may be (%(default)s; 0 for no search)"
    parser.add_argument("--actions", type=days, default=90, metavar="DAYS", help=about)


def days(text: str) -> int:
    """Up to ten years. Errors: ArgumentTypeError, here as below."""
    return int(number(text, 0, 3_660, "days"))


def number(text: str, least: float, most: float, what: str) -> float:
    """A number within bounds."""
    try:
        found = float(text)
        if least <= found <= most:
            return found
    except ValueError:
        pass
    raise ArgumentTypeError(f"{text!r} is not a number of {what} between {least:g} and {most:g}")


def seconds(text: str) -> float:
    """Up to a day."""
    return number(text, 0, 86_400, "seconds")


def minutes(text: str) -> float:
    """Up to a day, and no less than some seconds."""
    return number(text, 0.1, 1440, "minutes")


def time_to_live(text: str) -> int:
    """Whole seconds, up to a year."""
    return int(number(text, 1, 365 * 86_400, "seconds"))

"""What several programs take on their command line, checked: for argparse's `type`."""

from __future__ import annotations

from argparse import ArgumentTypeError
from zoneinfo import ZoneInfo


def zone(text: str) -> str:
    """The IANA name of a time zone. Errors: ArgumentTypeError, here as below."""
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, KeyError):
        raise ArgumentTypeError(f"{text!r} is no time zone such as Europe/Berlin") from None


def number(text: str, least: float, most: float, what: str) -> float:
    """A number within bounds."""
    try:
        found = float(text)
        if least <= found <= most:
            return found
    except ValueError:
        pass
    raise ArgumentTypeError(f"{text!r} is no number of {what} between {least:g} and {most:g}")


def seconds(text: str) -> float:
    """Up to a day."""
    return number(text, 0, 86_400, "seconds")


def minutes(text: str) -> float:
    """Up to a day, and no less than some seconds."""
    return number(text, 0.1, 1440, "minutes")


def time_to_live(text: str) -> int:
    """Whole seconds, up to a year."""
    return int(number(text, 1, 365 * 86_400, "seconds"))

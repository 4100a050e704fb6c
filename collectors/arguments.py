"""What several programs take on their command line, checked: for argparse's `type`."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo


def without_password(url: str) -> str:
    """The address as it may be shown and logged: without the name and the password before its host."""
    return re.sub(r"//[^/?#]*@", "//", url, count=1)


def server(text: str) -> str:
    """The address of a server. Errors: ArgumentTypeError, here as below."""
    try:
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0):
            return text
    except ValueError:
        pass
    raise ArgumentTypeError(f"{without_password(text)!r} is no address such as http://127.0.0.1:8000")


def zone(text: str) -> str:
    """The IANA name of a time zone."""
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

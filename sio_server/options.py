"""One setting as a flag and as a variable in the environment, and how the kinds of values are read."""

from __future__ import annotations

import argparse
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sio_server.flags import Parser, SettingsError
from sio_server.registry.roles import EVERY_BOARD, Role
from sio_server.sockets.origins import is_loopback, normal

PREFIX = "ADJUTANT_"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Option:
    """One setting: a flag, and a variable in the environment. `read` is None for a switch."""

    flag: str
    help: str
    read: Callable[[str], Any] | None = None
    default: Any = None
    metavar: str | None = None
    many: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.flag.removeprefix("--").upper().replace("-", "_")

    @property
    def name(self) -> str:
        return self.flag.removeprefix("--").replace("-", "_")

    def add_to(self, parser: Parser) -> None:
        """The flag of this setting."""
        if self.read is None:
            parser.flag(self.flag, action="store_true", help=self.help)
        else:
            action = "append" if self.many else "store"
            parser.flag(
                self.flag,
                type=self.read,
                default=self.default,
                metavar=self.metavar,
                action=action,
                help=self.help,
            )

    def from_environment(self, value: str) -> Any:
        """The variable's value, read.

        Errors: SettingsError.
        """
        if self.read is None:
            if value.lower() not in ("1", "true", "yes", "0", "false", "no", ""):
                raise SettingsError(f"{self.variable} must be 1 or 0")
            return value.lower() in ("1", "true", "yes")
        try:
            if self.many:
                return [self.read(one) for one in value.split(",") if one]
            return self.read(value) if value else self.default
        except argparse.ArgumentTypeError as error:
            raise SettingsError(f"{self.variable} ({self.flag}): {error}") from None


def _bad(message: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(message)


def port(text: str) -> int:
    """A port; 0 for a free one. Errors: ArgumentTypeError."""
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise _bad("a port is a number from 0 to 65535")


def count(text: str) -> int:
    """A positive number. Errors: ArgumentTypeError."""
    if text.isascii() and text.isdigit() and 0 < int(text) <= 100_000_000:
        return int(text)
    raise _bad("a number from 1 to 100000000")


def rate(text: str) -> int:
    """A number per second, 0 for no limit. Errors: ArgumentTypeError."""
    return 0 if text == "0" else count(text)


def hours(text: str) -> float:
    """A number of hours. Errors: ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if 0 <= number <= 24 * 366:
        return number
    raise _bad("a number of hours, at most 8784 (a year)")


def minutes(text: str) -> float:
    """A number of minutes. Errors: ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if 0 < number <= 24 * 60:
        return number
    raise _bad("expected a number of minutes above 0, at most 1440 (a day)")


def days(text: str) -> float:
    """A number of days. Errors: ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if 0 < number <= 366:
        return number
    raise _bad("expected a number of days above 0, at most 366 (a year)")


_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "y": 366 * 24}


def period(text: str) -> timedelta:
    """A period. Errors: ArgumentTypeError."""
    found = re.fullmatch(r"([1-9]\d{0,4})([hdwy])", text, re.ASCII)
    hours = 0 if found is None else int(found[1]) * _HOURS[found[2]]
    if not 0 < hours <= 100 * 366 * 24:
        raise _bad("a period looks like 12h, 90d, 8w or 2y, and is at most 100y")
    return timedelta(hours=hours)


def path(text: str) -> Path:
    """A path. Errors: ArgumentTypeError."""
    if not text or "\0" in text:
        raise _bad("expected a path")
    return Path(text)


def origin(text: str) -> str:
    """An origin, as browsers write it. Errors: ArgumentTypeError."""
    try:
        return normal(text)
    except ValueError as error:
        raise _bad(str(error)) from None


def zone(text: str) -> ZoneInfo:
    """A time zone. Errors: ArgumentTypeError."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _bad("a time zone looks like Europe/Zurich") from None


def person(text: str) -> str:
    """A person's name or address. Errors: ArgumentTypeError."""
    if text.strip() and text.isprintable() and len(text) <= 320:
        return text.strip()
    raise _bad("a name or an address has 1 to 320 printable characters")


def hour(text: str) -> time:
    """A time of day. Errors: ArgumentTypeError."""
    if re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
        return time.fromisoformat(text)
    raise _bad("a time looks like 09:00")


def level(text: str) -> str:
    """A log level. Errors: ArgumentTypeError."""
    if text in LOG_LEVELS:
        return text
    raise _bad(f"a log level is one of {', '.join(LOG_LEVELS)}")


def log_format(text: str) -> str:
    """A log format. Errors: ArgumentTypeError."""
    if text in LOG_FORMATS:
        return text
    raise _bad(f"the log's format is one of {', '.join(LOG_FORMATS)}")


def words(text: str) -> frozenset[str]:
    """Comma-separated words, case-folded."""
    return frozenset(word.strip().casefold() for word in text.split(",") if word.strip())


def word(text: str) -> str:
    """Something that is compared as it is. Errors: ArgumentTypeError."""
    if text and text.isprintable() and len(text) <= 500:
        return text
    raise _bad("1 to 500 printable characters")


def leeway(text: str) -> int:
    """Seconds by which clocks may differ. Errors: ArgumentTypeError."""
    if text.isascii() and text.isdigit() and int(text) <= 600:
        return int(text)
    raise _bad("a number of seconds from 0 to 600")


def key_address(text: str) -> str:
    """Where keys are fetched from. Errors: ArgumentTypeError."""
    try:
        found = urlsplit(text)
        host = found.hostname or ""
    except ValueError:
        raise _bad("an address looks like https://sign-in.example.org/keys") from None
    if found.scheme == "https" and host:
        return text
    if found.scheme == "http" and is_loopback(f"[{host}]" if ":" in host else host):
        return text
    raise _bad("keys are fetched by https, or by http from this machine")


def host(text: str) -> str:
    """A host, with its port if that is not 443. Errors: ArgumentTypeError."""
    if re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9]\d{0,4})?", text.lower(), re.ASCII):
        return text.lower()
    raise _bad("a push service is named by its host: push.example.org or push.example.org:8443")


def contact(text: str) -> str:
    """Where whoever runs the server is reached. Errors: ArgumentTypeError."""
    if re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+)", text) and len(text) <= 320:
        return text
    raise _bad("a contact looks like mailto:ana@example.org or https://example.org/contact")


def private(text: str) -> tuple[str, frozenset[str]]:
    """A source, and who sees what it has. Errors: ArgumentTypeError."""
    name, given, persons = text.partition("=")
    named = frozenset(one.strip() for one in persons.split("+") if one.strip())
    if given:
        return source(name), named
    raise _bad("a private source looks like ics:ana=ana or mail=ana+ben")


def source(text: str) -> str:
    """The name of a source. Errors: ArgumentTypeError."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}", text, re.ASCII) and text != "local":
        return text
    raise _bad("a source looks like ics:work")


_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^][:@,]*)(?::\d*)?"


def database(text: str) -> str:
    """A database's address. Errors: ArgumentTypeError."""
    parts = re.match(r"postgres(?:ql)?://([^/?#]*)([^?#]*)", text)
    if parts is None:
        raise _bad("a database looks like postgresql://user@host/name")
    # Else part of a password would be taken for a port or a name, and shown.
    hosts = parts[1].rpartition("@")[2]
    if "@" in parts[2] or not re.fullmatch(f"{_HOST}(?:,{_HOST})*", hosts):
        raise _bad("a database looks like postgresql://user@host/name; in a password / is %2F and @ is %40")
    return text


def place(text: str) -> Path | str:
    """A data directory, or a database's address. Errors: ArgumentTypeError."""
    return database(text) if "://" in text else path(text)


def network(text: str) -> Network:
    """An address, or a network. Errors: ArgumentTypeError."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise _bad("a proxy looks like 172.17.0.2 or 10.0.0.0/8") from None


def header(text: str) -> str:
    """The name of a header. Errors: ArgumentTypeError."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,99}", text):
        return text
    raise _bad("a header looks like Remote-User")


def board(text: str) -> str:
    """A board's name. Errors: ArgumentTypeError."""
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        return text
    raise _bad("a board's name has 1 to 40 of a-z, 0-9 and -, and does not begin with -")


def board_role(text: str) -> tuple[str, Role | None]:
    """A board, or `*` for all that are not named, and the role there if one is given: `cfo=viewer`.

    Errors: ArgumentTypeError.
    """
    name, given, role = text.partition("=")
    if given and role not in [*Role]:
        raise _bad(f"a role is one of {', '.join(Role)}, as in cfo=viewer")
    return name if name == EVERY_BOARD else board(name), Role(role) if given else None


def function(text: str) -> str:
    """A function in a module. Errors: ArgumentTypeError."""
    if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", text, re.ASCII):
        return text
    raise _bad("a function is named like package.module:function")

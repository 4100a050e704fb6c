"""Settings: flags, and `ADJUTANT_<NAME>` in the environment; a flag wins."""

from __future__ import annotations

import argparse
import ipaddress
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sio_server.registry.roles import Role

VERSION = "0.1.0"
PREFIX = "ADJUTANT_"
CLIENT_SETTINGS = frozenset({"ADJUTANT_TOKEN", "ADJUTANT_URL", "ADJUTANT_SERVER"})  # the clients' own
IMPORTANT_WORDS = "board,budget,investor,ceo,deadline,urgent,launch,offsite"


class SettingsError(Exception):
    """A setting is wrong; the message is one sentence for standard error."""


@dataclass(frozen=True)
class Settings:
    """Everything that can be set; see `python serve.py --help`."""

    host: str
    port: int
    http_host: str
    http_port: int
    data_dir: Path
    search_db: Path | None
    log_url: str | None
    tokens: Path | None
    cors_origin: tuple[str, ...]
    tz: ZoneInfo
    important_words: frozenset[str]
    keep_changes: int
    keep_hours: float
    max_connections: int
    compress: bool
    stock_sockets: bool
    log_level: str
    new_epoch: bool
    check: bool

    @property
    def search_file(self) -> Path:
        """Where the records are: the old system keeps them at the same place."""
        return self.search_db or self.data_dir / "search.db"

    @property
    def token_file(self) -> Path | None:
        """The tokens in force: the file that was named, else the one in the data directory, if any."""
        beside = default_token_file(self.data_dir)
        return self.tokens or (beside if beside.exists() else None)


@dataclass(frozen=True)
class TokenAdd:
    """`serve.py token add NAME`."""

    file: Path
    name: str
    role: Role
    source: str | None


@dataclass(frozen=True)
class TokenRemove:
    """`serve.py token remove NAME`."""

    file: Path
    name: str


Command = Settings | TokenAdd | TokenRemove


def default_token_file(data_dir: Path) -> Path:
    """Where tokens are kept when nothing else is said."""
    return data_dir / "tokens.json"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message}. Try --help")


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> Command:
    """What the command line and the environment ask for.

    Errors: SettingsError.
    """
    parser = _parser()
    defaults = _from_environment(parser, environment)
    _check_flags(parser, arguments)
    asked = parser.parse_args([*defaults, *arguments])
    tokens = asked.tokens or default_token_file(asked.data_dir)
    if asked.command == "token" and asked.action == "add":
        return TokenAdd(tokens, asked.name, Role(asked.role), asked.source)
    if asked.command == "token":
        return TokenRemove(tokens, asked.name)
    names = Settings.__dataclass_fields__
    settings = Settings(
        **{name: getattr(asked, name) for name in names if name != "cors_origin"},
        cors_origin=tuple(asked.cors_origin or ()),
    )
    _check(settings)
    return settings


def from_environment() -> Settings:
    """The settings of an app that `uvicorn` runs.

    Errors: SettingsError.
    """
    settings = read([], os.environ)
    assert isinstance(settings, Settings)
    return settings


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="serve.py",
        description="Adjutant: a real-time state server for a chief-of-staff dashboard.",
        epilog="Each flag is also ADJUTANT_<NAME> in the environment; a flag wins.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="where dashboards and collectors connect (%(default)s)")
    add("--port", type=_port, default=8000, help="0 takes a free one (%(default)s)")
    add("--http-host", default="127.0.0.1", help="where health and metrics are served (%(default)s)")
    add("--http-port", type=_port, default=8001, help="0 takes a free one (%(default)s)")
    add("--data-dir", type=_path, default=Path("data"), help="what the server keeps (%(default)s)")
    add(
        "--search-db",
        type=_path,
        metavar="FILE",
        help="the records that can be searched (DATA_DIR/search.db)",
    )
    add("--log-url", metavar="URL", help="redis://... for several nodes; not in this version")
    add("--tokens", type=_path, metavar="FILE", help="who may connect (DATA_DIR/tokens.json when it exists)")
    add("--cors-origin", type=_origin, action="append", metavar="ORIGIN", help="one more allowed origin")
    add("--tz", type=_zone, default="UTC", help="time zone of due dates (%(default)s)")
    add("--important-words", type=_words, default=IMPORTANT_WORDS, help="in a title, they mark an event")
    add("--keep-changes", type=_count, default=50_000, help="changes to keep for resume (%(default)s)")
    add("--keep-hours", type=_hours, default=24.0, help="or hours, whichever is more (%(default)s)")
    add("--max-connections", type=_count, default=10_000, help="clients at once (%(default)s)")
    add("--compress", action="store_true", help="compress websockets: less to send, several times the work")
    add("--stock-sockets", action="store_true", help="serve websockets the slower way that uvicorn has")
    levels = ("debug", "info", "warning", "error")
    add("--log-level", choices=levels, default="info", help="what goes to standard error (%(default)s)")
    add("--new-epoch", action="store_true", help="after restoring a backup: all clients take a new snapshot")
    add("--check", action="store_true", help="check the settings and the store, then stop")
    add("--version", action="version", version=f"Adjutant {VERSION}")
    _add_token_commands(parser)
    return parser


def _add_token_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    token = commands.add_parser("token", help="who may connect: token add NAME, token remove NAME")
    actions = token.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="prints a new token once and stores its hash")
    add.add_argument("name")
    add.add_argument("--role", choices=[role.value for role in Role], required=True)
    add.add_argument("--source", help="the one source that a collector's token is for")
    remove = actions.add_parser("remove", help="revokes a token")
    remove.add_argument("name")
    for action in (add, remove):
        action.add_argument("--tokens", type=_path, default=argparse.SUPPRESS, metavar="FILE")
        action.add_argument("--data-dir", type=_path, default=argparse.SUPPRESS)


def _from_environment(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> list[str]:
    """The environment as flags, which go before the real ones."""
    actions = {
        _variable(action.option_strings[-1]): action for action in parser._actions if action.option_strings
    }
    del actions[_variable("--help")], actions[_variable("--version")]
    found: list[str] = []
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name in CLIENT_SETTINGS:
            continue
        if name not in actions:
            near = get_close_matches(name, actions, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"{name} is not a setting{hint}")
        found += _as_flags(name, actions[name], value)
    return found


def _check_flags(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """Names an unknown flag; argparse would speak of the word that follows it."""
    known = [*_flags_of(parser)]
    for argument in arguments:
        flag = argument.partition("=")[0]
        if flag.startswith("--") and flag not in known:
            near = get_close_matches(flag, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ". Try --help"
            raise SettingsError(f"{flag} is not a setting{hint}")


def _flags_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _flags_of(command)


def _variable(flag: str) -> str:
    return PREFIX + flag.removeprefix("--").upper().replace("-", "_")


def _as_flags(name: str, action: argparse.Action, value: str) -> list[str]:
    flag = action.option_strings[-1]
    if action.nargs == 0:
        if value.lower() not in ("1", "true", "yes", "0", "false", "no", ""):
            raise SettingsError(f"{name} is 1 or 0")
        return [flag] if value.lower() in ("1", "true", "yes") else []
    values = value.split(",") if isinstance(action, argparse._AppendAction) else [value]
    return [f"{flag}={one}" for one in values if one]


def _check(settings: Settings) -> None:
    if settings.log_url is not None:
        raise SettingsError("--log-url: the Redis log is not in this version; leave it out to use SQLite")
    if settings.tokens is not None and not settings.tokens.exists():
        raise SettingsError(
            f"--tokens {settings.tokens}: there is no such file; `serve.py token add` makes it"
        )
    if settings.token_file is None:
        for flag, host in (("--host", settings.host), ("--http-host", settings.http_host)):
            if not _is_loopback(host):
                raise SettingsError(
                    f"{flag} {host} is open to others and there are no tokens; "
                    "add one with `serve.py token add NAME --role ROLE`, or stay on 127.0.0.1"
                )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bad(message: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(message)


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise _bad("a port is a number from 0 to 65535")


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) <= 100_000_000:
        return int(text)
    raise _bad("this is a number from 1 to 100000000")


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if 0 <= hours <= 24 * 366:
        return hours
    raise _bad("this is a number of hours, at most a year")


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise _bad("this is no path")
    return Path(text)


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and parts.netloc and text == f"{parts.scheme}://{parts.netloc}":
        return text
    raise _bad("an origin is like https://board.example.org, without a path")


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _bad("a time zone is like Europe/Zurich") from None


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in text.split(",") if word.strip())

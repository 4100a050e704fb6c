"""Settings: flags, and `ADJUTANT_<NAME>` in the environment; a flag wins."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sio_server import options as kinds
from sio_server import subcommands
from sio_server.clock import machine_zone
from sio_server.flags import Parser, SettingsError, check_flags, nearest
from sio_server.options import PREFIX, Option
from sio_server.subcommands import SubCommand

VERSION = "0.5.0"  # the middle number is the version of the store's format (log.schema)
CLIENT_SETTINGS = frozenset(
    {"ADJUTANT_TOKEN", "ADJUTANT_URL", "ADJUTANT_SERVER", "ADJUTANT_BOARD"}
)  # the clients' own
MANY = ("cors_origin", "me", "trusted_proxy", "private", "public", "push_service")
IMPORTANT_WORDS = "board,budget,investor,ceo,deadline,urgent,launch,offsite"


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
    search_url: str | None
    tokens: Path | None
    no_tokens: bool
    dev: bool
    roles: Path | None
    jwt_key: Path | None
    jwks: str | None
    jwt_issuer: str | None
    jwt_audience: str | None
    jwt_leeway: int
    role_claim: str
    source_claim: str
    boards_claim: str
    trusted_proxy: tuple[kinds.Network, ...]
    proxy_user_header: str | None
    proxy_groups_header: str | None
    authenticator: str | None
    private: tuple[tuple[str, frozenset[str]], ...]
    public: tuple[str, ...]
    show_busy: bool
    push_service: tuple[str, ...]
    push_contact: str | None
    tls_cert: Path | None
    tls_key: Path | None
    cors_origin: tuple[str, ...]
    tz: ZoneInfo
    day_starts: time
    important_words: frozenset[str]
    me: tuple[str, ...]
    keep_changes: int
    keep_hours: float
    proposal_days: float
    proposal_limit: int
    max_connections: int
    max_per_token: int | None
    max_per_address: int | None
    max_strangers: int
    admin_reserve: int
    max_pending: int
    max_queued: int
    parts_mib: int
    token_rate: int
    address_rate: int
    board_idle_minutes: float
    item_limit: int
    source_item_limit: int
    source_limit: int
    item_mib: int
    source_item_mib: int
    record_limit: int
    source_record_limit: int
    compress: bool
    stock_sockets: bool
    log_level: str
    log_format: str
    audit: Path | None
    new_epoch: bool
    open: bool
    check: bool
    check_board: str | None = None

    @property
    def search_file(self) -> Path:
        """The file of the search records, where the old program kept them too."""
        return self.search_db or self.data_dir / "search.db"

    @property
    def token_file(self) -> Path | None:
        """The token file in force: the one named, else the one in the data directory if it exists."""
        beside = default_token_file(self.data_dir)
        return self.tokens or (beside if beside.exists() else None)

    @property
    def signs_in(self) -> bool:
        """Whether clients must say who they are."""
        others = self.jwt_key, self.jwks, self.proxy_user_header, self.authenticator
        return self.token_file is not None or any(other is not None for other in others)


Command = Settings | SubCommand


def default_token_file(data_dir: Path) -> Path:
    """Where tokens are kept unless a file is named."""
    return data_dir / "tokens.json"


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> Command:
    """The command that the command line and the environment ask for.

    Errors: SettingsError.
    """
    parser = _parser()
    check_flags(parser, arguments)
    parser.set_defaults(**_from_environment(environment))
    asked = parser.parse_args(arguments)
    tokens = asked.tokens or default_token_file(asked.data_dir)
    other = subcommands.asked_for(asked, tokens)
    if other is not None:
        return other
    asked.check |= asked.command == "check"
    names, given = Settings.__dataclass_fields__, vars(asked)
    given["check_board"] = given.get("board")
    settings = Settings(**{name: _several(given[name]) if name in MANY else given[name] for name in names})
    _check(settings)
    return settings


def _several(given: list[Any] | None) -> Any:
    return tuple(given or ())


def from_environment() -> Settings:
    """The settings of an app that `uvicorn` runs.

    Errors: SettingsError.
    """
    settings = read([], os.environ)
    assert isinstance(settings, Settings)
    return settings


def _parser() -> Parser:
    parser = Parser(
        prog="serve.py",
        description="Adjutant: a real-time state server for a chief-of-staff dashboard.",
        epilog="Each flag is also ADJUTANT_<NAME> in the environment; a flag wins.",
    )
    for option in _options():
        option.add_to(parser)
    parser.flag("--version", action="version", version=f"Adjutant {VERSION}")
    subcommands.add_to(parser)
    return parser


def _sign_in_options() -> tuple[Option, ...]:
    return (
        Option("--roles", "who has which role that signs in elsewhere", kinds.path, metavar="FILE"),
        Option("--jwt-key", "let in JSON Web Tokens signed with this key", kinds.path, metavar="FILE"),
        Option("--jwks", "or with a key from this address", kinds.key_address, metavar="ADDRESS"),
        Option("--jwt-issuer", "who makes them (`iss`)", kinds.word, metavar="ISSUER"),
        Option("--jwt-audience", "for whom they must be (`aud`)", kinds.word, metavar="AUDIENCE"),
        Option("--jwt-leeway", "by how many seconds clocks may differ (%(default)s)", kinds.leeway, 30),
        Option("--role-claim", "where they name the role (%(default)s)", kinds.word, "role"),
        Option("--boards-claim", "where they name the boards (%(default)s)", kinds.word, "boards"),
        Option("--source-claim", "where they name the source (%(default)s)", kinds.word, "source"),
        Option(
            "--trusted-proxy",
            "a proxy whose X-Forwarded-For counts (repeatable)",
            kinds.network,
            metavar="ADDRESS[/NET]",
            many=True,
        ),
        Option("--proxy-user-header", "where it names who signed in", kinds.header, metavar="HEADER"),
        Option("--proxy-groups-header", "where it names their groups", kinds.header, metavar="HEADER"),
        Option("--authenticator", "a sign-in of your own", kinds.function, metavar="MODULE:FUNCTION"),
        Option(
            "--private",
            "a source that only these persons see, by their tokens (repeatable)",
            kinds.private,
            metavar="SOURCE=NAME+NAME",
            many=True,
        ),
        Option(
            "--public", "one that is private no more (repeatable)", kinds.source, metavar="SOURCE", many=True
        ),
        Option("--show-busy", "show others when private sources have events, as Busy"),
        Option("--tls-cert", "speak TLS with this certificate", kinds.path, metavar="FILE"),
        Option("--tls-key", "and its key", kinds.path, metavar="FILE"),
    )


def _push_options() -> tuple[Option, ...]:
    return (
        Option(
            "--push-service",
            "one more push service to notify closed pages by (repeatable)",
            kinds.host,
            metavar="HOST[:PORT]",
            many=True,
        ),
        Option("--push-contact", "whom push services may write to", kinds.contact, metavar="mailto:ADDRESS"),
    )


def _limit_options() -> tuple[Option, ...]:
    return (
        Option("--max-connections", "how many connections to accept (%(default)s)", kinds.count, 10_000),
        Option("--max-per-token", "how many connections one token may have (half)", kinds.count),
        Option("--max-per-address", "how many connections one address may have (all)", kinds.count),
        Option(
            "--max-strangers",
            "how many connections that are not signed in (%(default)s)",
            kinds.count,
            3_000,  # some 15 KB each; everybody comes back at once after a restart
        ),
        Option("--token-rate", "requests a second per token, 0: any number (%(default)s)", kinds.rate, 1_000),
        Option("--address-rate", "the same per address, all its tokens (%(default)s)", kinds.rate, 5_000),
        Option(
            "--board-idle-minutes",
            "how long a board without clients stays open (%(default)s)",
            kinds.minutes,
            10.0,
        ),
        Option("--item-limit", "how many items a board may have (%(default)s)", kinds.count, 200_000),
        Option(
            "--source-item-limit", "how many items one source may have (%(default)s)", kinds.count, 50_000
        ),
        Option("--item-mib", "how many MiB of items a board may have (%(default)s)", kinds.count, 512),
        Option("--source-item-mib", "MiB of items one source may have (%(default)s)", kinds.count, 128),
        Option("--source-limit", "how many sources there may be (%(default)s)", kinds.count, 500),
        Option(
            "--source-record-limit",
            "search records one source may have (%(default)s)",
            kinds.count,
            2_000_000,
        ),
        Option("--record-limit", "how many search records to accept (%(default)s)", kinds.count, 5_000_000),
    )


def _room_options() -> tuple[Option, ...]:
    return (
        Option("--admin-reserve", "extra connections kept for administrators (%(default)s)", kinds.rate, 10),
        Option("--max-pending", "requests under way on one connection (%(default)s)", kinds.count, 64),
        Option("--max-queued", "changes that may wait to be written (%(default)s)", kinds.count, 50_000),
        Option("--parts-mib", "MiB of batches in parts, a quarter per token (%(default)s)", kinds.count, 256),
    )


def _options() -> tuple[Option, ...]:
    return (
        Option("--host", "where dashboards and collectors connect (%(default)s)", str, "127.0.0.1"),
        Option("--port", "the port; 0 picks a free one (%(default)s)", kinds.port, 8000),
        Option("--http-host", "where health and metrics are served (%(default)s)", str, "127.0.0.1"),
        Option("--http-port", "the port; 0 picks a free one (%(default)s)", kinds.port, 8001),
        Option("--data-dir", "where the server keeps its data (%(default)s)", kinds.path, Path("data")),
        Option("--search-db", "the search records (DATA_DIR/search.db)", kinds.path, metavar="FILE"),
        Option("--log-url", "keep the board in PostgreSQL: postgresql://...", kinds.database, metavar="URL"),
        Option("--search-url", "keep the search records there instead", kinds.database, metavar="URL"),
        Option("--tokens", "the token file (DATA_DIR/tokens.json if it exists)", kinds.path, metavar="FILE"),
        Option("--no-tokens", "allow everybody on this machine, though the store had tokens before"),
        Option("--dev", "allow pages from localhost:3000 and :8080 even without tokens"),
        *_sign_in_options(),
        *_push_options(),
        Option(
            "--cors-origin",
            "one more origin to allow (repeatable)",
            kinds.origin,
            metavar="ORIGIN",
            many=True,
        ),
        Option("--tz", "time zone of the board (the machine's: %(default)s)", kinds.zone, machine_zone()),
        Option(
            "--day-starts", "time meant by a day alone (%(default)s)", kinds.hour, "09:00", metavar="HH:MM"
        ),
        Option("--important-words", "title words that make an event important", kinds.words, IMPORTANT_WORDS),
        Option(
            "--me", "the person the board is for, by name or address", kinds.person, metavar="NAME", many=True
        ),
        Option(
            "--keep-changes", "changes to keep for clients that resume (%(default)s)", kinds.count, 50_000
        ),
        Option("--keep-hours", "or changes of this many hours, if more (%(default)s)", kinds.hours, 24.0),
        Option(
            "--proposal-days", "how many days a proposal waits for an answer (%(default)s)", kinds.days, 14.0
        ),
        Option("--proposal-limit", "how many may wait from one source (%(default)s)", kinds.count, 50),
        *_limit_options(),
        *_room_options(),
        Option("--compress", "compress websockets: fewer bytes, several times the CPU"),
        Option("--stock-sockets", "serve websockets with uvicorn's own, slower code"),
        Option("--log-level", "debug, info, warning or error (%(default)s)", kinds.level, "info"),
        Option("--log-format", "text for people, or json (%(default)s)", kinds.log_format, "text"),
        Option("--audit", "append to FILE who connected and who changed what", kinds.path, metavar="FILE"),
        Option("--new-epoch", "give the store a new epoch: every client gets a fresh snapshot"),
        Option("--open", "open the board in a browser"),
        Option("--check", "check the settings and the store, then stop"),
    )


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings from the environment, by name."""
    options = {option.variable: option for option in _options()}
    found: dict[str, Any] = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable in CLIENT_SETTINGS:
            continue
        if variable not in options:
            raise SettingsError(f"unknown setting {variable}{nearest(variable, options)}")
        found[options[variable].name] = options[variable].from_environment(value)
    return found


def _check(settings: Settings) -> None:
    if settings.tokens is not None and not settings.tokens.exists():
        raise SettingsError(f"--tokens {settings.tokens}: no such file; `serve.py token add` makes it")
    if settings.no_tokens and settings.token_file is not None:
        raise SettingsError(
            f"--no-tokens: there are tokens in {settings.token_file}; remove the flag or the file"
        )
    if settings.parts_mib < 8:
        raise SettingsError("--parts-mib: at least 8, so that one token's quarter has room for one message")
    _check_sign_in(settings)
    if not settings.signs_in:
        for flag, host in (("--host", settings.host), ("--http-host", settings.http_host)):
            if not _is_loopback(host):
                raise SettingsError(
                    f"{flag} {host} is reachable from other machines, and there are no tokens; "
                    "add one with `serve.py token add NAME --role ROLE`, or stay on 127.0.0.1"
                )


def _check_sign_in(settings: Settings) -> None:
    """Settings that only make sense together."""
    jwks, by_proxy = settings.jwks, settings.proxy_user_header
    named = settings.jwt_issuer and settings.jwt_audience
    wrong = {
        "--jwt-key and --jwks: name one of them": settings.jwt_key and jwks,
        "--jwks: name --jwt-issuer and --jwt-audience too, else too many are let in": jwks and not named,
        "--proxy-user-header: name the proxy with --trusted-proxy": by_proxy and not settings.trusted_proxy,
        "--proxy-user-header: say with --roles who may do what": by_proxy and not settings.roles,
        "--proxy-groups-header: name --proxy-user-header too": settings.proxy_groups_header and not by_proxy,
        "--tls-cert and --tls-key: name both": (settings.tls_cert is None) != (settings.tls_key is None),
        "--no-tokens: people sign in; take the flag away": settings.no_tokens and settings.signs_in,
    }
    for message, is_so in wrong.items():
        if is_so:
            raise SettingsError(message)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

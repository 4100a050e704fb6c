"""What `serve.py` does besides serving, as the command line asks for it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sio_server import options as kinds
from sio_server.flags import Parser, SettingsError
from sio_server.registry.roles import MAIN, Role


@dataclass(frozen=True)
class TokenAdd:
    """`serve.py token add NAME`."""

    file: Path
    name: str
    role: Role
    source: str | None
    me: tuple[str, ...] = ()
    expires: timedelta | None = None
    boards: dict[str, Role | None] | None = None


@dataclass(frozen=True)
class TokenRenew:
    """`serve.py token renew NAME`; None for ever."""

    file: Path
    name: str
    expires: timedelta | None


@dataclass(frozen=True)
class TokenList:
    """`serve.py token list`."""

    file: Path


@dataclass(frozen=True)
class TokenRemove:
    """`serve.py token remove NAME`."""

    file: Path
    name: str


@dataclass(frozen=True)
class BackUp:
    """`serve.py backup FILE`."""

    data_dir: Path
    file: Path
    board: str = MAIN


@dataclass(frozen=True)
class Restore:
    """`serve.py restore FILE`."""

    data_dir: Path
    file: Path
    board: str = MAIN


@dataclass(frozen=True)
class Export:
    """`serve.py export FILE`."""

    data_dir: Path
    file: Path
    board: str = MAIN


@dataclass(frozen=True)
class Import:
    """`serve.py import FILE`."""

    data_dir: Path
    file: Path
    board: str = MAIN


@dataclass(frozen=True)
class BoardAdd:
    """`serve.py board add NAME`."""

    data_dir: Path
    name: str


@dataclass(frozen=True)
class BoardList:
    """`serve.py board list`."""

    data_dir: Path


@dataclass(frozen=True)
class BoardRemove:
    """`serve.py board remove NAME`."""

    data_dir: Path
    name: str
    tokens: Path
    log_url: str | None


@dataclass(frozen=True)
class BoardRename:
    """`serve.py board rename NAME TO`."""

    data_dir: Path
    name: str
    to: str
    tokens: Path
    log_url: str | None


@dataclass(frozen=True)
class Migrate:
    """`serve.py migrate --from PLACE --to PLACE`; `board` None: all; `search_url` None: records stay."""

    data_dir: Path
    log_url: str
    to_database: bool
    board: str | None
    search_url: str | None


Copying = BackUp | Restore | Export | Import
OfBoards = BoardAdd | BoardList | BoardRemove | BoardRename
SubCommand = TokenAdd | TokenRenew | TokenList | TokenRemove | Copying | OfBoards | Migrate


COPYING: dict[str, Callable[[Path, Path, str], Copying]] = {
    "backup": BackUp,
    "restore": Restore,
    "export": Export,
    "import": Import,
}


def add_to(parser: Parser) -> None:
    """The commands, and the flags of each."""
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    check = commands.add_parser("check", help="check the settings and the store of a stopped server")
    check.flag("--data-dir", type=kinds.path, default=argparse.SUPPRESS)
    check.flag("--board", type=kinds.board, metavar="NAME", help="only this board (all of them)")
    parser.commands["check"] = check
    helps = {
        "backup": "copy the store to FILE, also while the server runs",
        "restore": "replace a stopped server's store with the copy in FILE",
        "export": "write the store to FILE as lines of JSON, also while the server runs",
        "import": "make a new store from the lines in FILE",
    }
    for name, about in helps.items():
        copying = commands.add_parser(name, help=about)
        copying.add_argument("file", type=kinds.path, metavar="FILE")
        copying.flag("--data-dir", type=kinds.path, default=argparse.SUPPRESS)
        copying.flag("--board", type=kinds.board, default=MAIN, metavar="NAME", help="which board (main)")
        parser.commands[name] = copying
    migrate = commands.add_parser("migrate", help="move a stopped server's boards into PostgreSQL, or back")
    for flag, name, about in (
        ("--from", "source", "where they are"),
        ("--to", "target", "where they are to be"),
    ):
        place = f"{about}: a data directory or postgresql://..."
        migrate.flag(flag, type=kinds.place, dest=name, required=True, metavar="PLACE", help=place)
    migrate.flag("--board", type=kinds.board, metavar="NAME", help="only this board (all of them)")
    about = "move their search records too: the database that has them, or is to have them"
    migrate.flag("--search-url", type=kinds.database, default=argparse.SUPPRESS, metavar="URL", help=about)
    parser.commands["migrate"] = migrate
    token = commands.add_parser("token", help="who may connect: token add, renew, list, remove")
    parser.commands["token"] = token
    _add_token_commands(token)
    board = commands.add_parser("board", help="the boards: board add, list, rename, remove")
    parser.commands["board"] = board
    _add_board_commands(board)


def asked_for(asked: argparse.Namespace, tokens: Path) -> SubCommand | None:
    """The command that was asked for; None for serving and checking."""
    if asked.command == "token":
        return _token_command(asked, tokens)
    if asked.command == "board":
        return _board_command(asked, tokens)
    if asked.command == "migrate":
        return _migrate_command(asked.source, asked.target, asked.board, asked.search_url)
    if asked.command in COPYING:
        return COPYING[asked.command](asked.data_dir, asked.file, asked.board)
    return None


def _migrate_command(
    source: Path | str, target: Path | str, board: str | None, search_url: str | None
) -> Migrate:
    if isinstance(source, Path) and isinstance(target, str):
        return Migrate(source, target, True, board, search_url)
    if isinstance(source, str) and isinstance(target, Path):
        return Migrate(target, source, False, board, search_url)
    raise SettingsError("migrate: one of --from and --to is a data directory, the other postgresql://...")


def _token_command(asked: argparse.Namespace, tokens: Path) -> SubCommand:
    if asked.action == "add":
        me, boards = tuple(asked.token_me or ()), dict(asked.boards or ()) or None
        return TokenAdd(tokens, asked.name, Role(asked.role), asked.source, me, asked.expires, boards)
    if asked.action == "renew":
        return TokenRenew(tokens, asked.name, asked.expires)
    return TokenList(tokens) if asked.action == "list" else TokenRemove(tokens, asked.name)


def _board_command(asked: argparse.Namespace, tokens: Path) -> SubCommand:
    if asked.action == "list":
        return BoardList(asked.data_dir)
    if asked.action == "add":
        return BoardAdd(asked.data_dir, asked.name)
    if asked.action == "remove":
        return BoardRemove(asked.data_dir, asked.name, tokens, asked.log_url)
    return BoardRename(asked.data_dir, asked.name, asked.to, tokens, asked.log_url)


def _add_token_commands(token: Parser) -> None:
    actions = token.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="prints a new token once and stores its hash")
    add.add_argument("name")
    add.flag("--role", choices=[role.value for role in Role], required=True)
    add.flag("--source", help="the one source that a collector with this token may act as")
    about = "a name or address of the token's owner (repeatable; default: the server's --me)"
    add.flag("--me", type=kinds.person, dest="token_me", action="append", metavar="NAME", help=about)
    about = "a board that it is for, with the role there if it is another one; * for all others (main)"
    add.flag(
        "--board", type=kinds.board_role, dest="boards", action="append", metavar="NAME[=ROLE]", help=about
    )
    after = "how long the token is valid, such as 90d, 12h or 2y (default: for ever)"
    add.flag("--expires", type=kinds.period, metavar="PERIOD", help=after)
    renew = actions.add_parser("renew", help="sets a new expiry, counted from now")
    renew.add_argument("name")
    renew.flag("--expires", type=kinds.period, metavar="PERIOD", help=after)
    listing = actions.add_parser("list", help="prints all tokens' names, roles, expiry and last use")
    remove = actions.add_parser("remove", help="revokes a token")
    remove.add_argument("name")
    for name, action in (("add", add), ("renew", renew), ("list", listing), ("remove", remove)):
        action.flag("--tokens", type=kinds.path, default=argparse.SUPPRESS, metavar="FILE")
        action.flag("--data-dir", type=kinds.path, default=argparse.SUPPRESS)
        token.commands[name] = action


def _add_board_commands(board: Parser) -> None:
    actions = board.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="makes an empty board")
    listing = actions.add_parser("list", help="prints all boards")
    rename = actions.add_parser("rename", help="renames a board that is closed; its tokens follow")
    remove = actions.add_parser("remove", help="sets a board that is closed aside; its tokens lose it")
    for action in (add, rename, remove):
        action.add_argument("name", type=kinds.board)
    rename.add_argument("to", type=kinds.board)
    for action in (rename, remove):
        about = "the database that the boards are in"
        action.flag("--log-url", type=kinds.database, default=argparse.SUPPRESS, metavar="URL", help=about)
    for name, action in (("add", add), ("list", listing), ("rename", rename), ("remove", remove)):
        action.flag("--tokens", type=kinds.path, default=argparse.SUPPRESS, metavar="FILE")
        action.flag("--data-dir", type=kinds.path, default=argparse.SUPPRESS)
        board.commands[name] = action

"""The command line of `adjutant`."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Sequence
from dataclasses import dataclass

from adjutant_client.arguments import Parser, add_server
from collectors import arguments

_EPILOG = """\
examples:
  adjutant                              the live board, with a prompt
  adjutant "approve P7 | brief C3"      run one line and print the result
  adjutant --dry "snooze P2 friday"     show what it would do
  adjutant help                         the commands
  adjutant add priority "$TITLE"        a word with | or " in it is text, not a further command
  echo "approve P7" | adjutant -        a line from standard input
  adjutant --board cfo                  another of your boards
  adjutant boards                       your boards, and how much is due on each

accounts that are read, each with a --help of its own:
  adjutant connect imap                 connect a mailbox, calendar, Slack or GitHub
  adjutant sources                      how they are
  adjutant run                          read all of them, until Ctrl-C

Leave the live board with Ctrl-D, Ctrl-C, quit or exit; Enter alone clears the last answer.

exit status:
  0  every step was done (the live board: it was closed)
  1  the line was refused, or a step failed
  2  the command line is wrong
  3  the server could not be reached, or refused the connection
"""


LOCAL = "local"
"""Whom a board without tokens is for, as the server calls them: also whoever opens the page."""


@dataclass(frozen=True)
class Options:
    """The checked command line; `line` is None for the live board."""

    url: str
    token: str | None
    board: str | None
    name: str
    person: str
    tz: str
    dry: bool
    seen: int | None
    json: bool
    wait_s: float
    line: str | None


def parse_options(words: Sequence[str]) -> Options:
    """Errors: exits with status 2 and a sentence on standard error."""
    parser = _parser()
    given = parser.parse_args(words)
    line = _one_line(given.line) if given.line else None
    if line is None and (given.dry or given.json or given.seen is not None):
        parser.error("--dry, --seen and --json go with a line")
    return Options(
        url=given.url,
        token=given.token or None,
        board=given.board,
        name=given.name or _user(),
        person=given.name or LOCAL,
        tz=given.tz or arguments.machine_zone(),
        dry=given.dry,
        seen=given.seen,
        json=given.json,
        wait_s=given.wait,
        line=line,
    )


def _one_line(words: Sequence[str]) -> str:
    """The line. Of several words, one with a bar or a quotation mark in it is text and not a command."""
    if len(words) == 1:
        return words[0]
    return " ".join(_quoted(word) if set(word) & set('|"“') and word != "|" else word for word in words)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="adjutant",
        description="Adjutant in the terminal: runs LINE, or shows the live board without one.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("line", nargs="*", metavar="LINE", help="one or more commands with | between; - reads it")
    add_server(add, "the token")
    name = f"who you are, where the server has no tokens (whoever the board is for; author: {_user()})"
    add("--name", type=_name, help=name)
    add(
        "--tz",
        type=arguments.zone,
        metavar="ZONE",
        help="the time zone, such as Europe/Berlin, if you have set none on the board (the machine's)",
    )
    add("--dry", action="store_true", help="show what the line would do, without doing it")
    seen = "the position you were looking at: a code that means something else by now is refused"
    add("--seen", type=_position, metavar="SEQ", help=seen)
    add("--json", action="store_true", help="print the server's answer as JSON")
    wait = "how long to try to reach the server for a line (%(default)g)"
    add("--wait", type=arguments.seconds, default=10.0, metavar="SECONDS", help=wait)
    return parser


def _name(text: str) -> str:
    if 1 <= len(text) <= 100 and text.isprintable():
        return text
    raise argparse.ArgumentTypeError("a name has 1 to 100 printable characters")


def _position(text: str) -> int:
    if text.isdecimal() and text.isascii() and int(text) < 2**53:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a position such as 5740")


def _user() -> str:
    try:
        return _name(getpass.getuser())
    except (OSError, KeyError, argparse.ArgumentTypeError):  # an account without a name
        return "terminal"

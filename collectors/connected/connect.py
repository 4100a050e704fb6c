"""`adjutant connect`: asks for what an account needs, tries it, and notes it down once it works."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from argparse import REMAINDER, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from pydantic import SecretStr

from adjutant_client.arguments import Parser, add_server
from collectors.connected.announcing import announce
from collectors.connected.book import BookError, Entry, book_path, forget, keep
from collectors.connected.kinds import KINDS, Kind, program_of
from collectors.oauth import SignInError, asked, sign_in
from collectors.program import Job, UsageError
from models.base import format_instant

_EPILOG = """\
examples:
  adjutant connect imap                                   asks for all that it needs
  adjutant connect imap ana@example.org --host imap.example.org
  adjutant connect imap ana@example.org --host outlook.office365.com --oauth microsoft --oauth-client ID
  adjutant connect caldav https://dav.example.org ana --calendar Work
  adjutant connect ics                                    the address is a secret, so it is asked for
  adjutant connect imap ana@example.org < password.txt    without a terminal: a line for each secret

The options after KIND are those of the collector: python -m collectors.KIND --help.
"""
_ADDRESSES = ("http://", "https://", "webcal://", "webcals://")


def connect(words: Sequence[str]) -> int:
    """The exit status: 0 if the account works and is noted down, 1 if not, 2 if the command line is wrong."""
    parser = _parser()
    if not words:
        parser.error(f"say what to connect: {', '.join(KINDS)}")
    given = parser.parse_args(words)
    kind, options = KINDS[given.kind], [*given.options]
    if given.kind == "ics" and any(one.lower().startswith(_ADDRESSES) for one in options):
        parser.error("leave the address out: it is a secret, and command lines can be seen; it is asked for")
    try:
        options = options or [_asked(what) for what in kind.asks]
        secret = _signed_in(options) if given.kind == "imap" else ""
        secret = secret or _secret(kind)
    except SignInError as error:
        return _failed(_and_nothing(str(error)))
    except EOFError:
        parser.error("the input ended before all was said")
    except UsageError as error:
        parser.error(str(error))
    try:
        job, said = _tried(given, kind, options, secret)
    except UsageError as error:
        parser.error(str(error))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with an account is said, and changes nothing
        return _failed(_and_nothing(_without(secret, str(error))))
    return _noted(given, job, options, job.renewed() or secret, said)


def disconnect(words: Sequence[str]) -> int:
    """`adjutant disconnect NAME`; the exit status."""
    about = "Forgets an account and its secret. What it brought stays on the board until `forget NAME` there."
    parser = Parser(prog="adjutant disconnect", description=about)
    parser.add_argument("name", metavar="NAME", help="as `adjutant sources` calls it")
    name = parser.parse_args(words).name
    try:
        if not forget(book_path(), name):
            return _failed(f"there is no account {name}: `adjutant sources` lists them")
    except BookError as error:
        return _failed(str(error))
    print(
        f"{name} is forgotten, and so is its secret; `forget {name}` takes away what it brought to the board"
    )
    return 0


def _parser() -> ArgumentParser:
    parser = Parser(
        prog="adjutant connect",
        description="Connects an account: asks for what it needs, tries it, and notes it down if it works.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    add_server(parser.add_argument, "the token of this account's source, noted down, too")
    parser.add_argument("--no-keyring", action="store_true", help="keep the secret in the file of accounts")
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("options", nargs=REMAINDER, metavar="...", help="arguments of the collector")
    return parser


def _asked(what: str) -> str:
    """Errors: UsageError, where nobody can be asked."""
    if not sys.stdin.isatty():
        raise UsageError(f"say after KIND: {what}")
    return input(f"{what}: ").strip()


def _signed_in(options: Sequence[str]) -> str:
    """What is kept of a sign-in with `--oauth`, "" without that. Errors: SignInError, UsageError."""
    given = asked(options)
    user = next((one for one in options if "@" in one and not one.startswith("-")), "the account's owner")
    return "" if given is None else sign_in(given, user, partial(print, flush=True))


def _secret(kind: Kind) -> str:
    """A line for each secret. Errors: EOFError."""
    ask = getpass.getpass if sys.stdin.isatty() else lambda _: input()
    lines = [ask(f"{what}: ").strip("\r\n") for what in kind.secrets]
    if not all(lines):
        raise UsageError("it cannot be empty")
    return "\n".join(lines)


def _tried(given: Namespace, kind: Kind, options: Sequence[str], secret: str) -> tuple[Job, str]:
    """The job, and what was found there. Errors: whatever the collector raises."""
    server = ("--url", given.url, *(() if given.board is None else ("--board", given.board)))
    os.environ[kind.variable] = secret  # the collector takes it out at once
    try:
        job = program_of(given.kind).job_of([*server, *options])
    finally:
        os.environ.pop(kind.variable, None)
    return job, job.check() if job.check is not None else ""


def _noted(given: Namespace, job: Job, options: Sequence[str], secret: str, said: str) -> int:
    entry = Entry(
        name=job.source,
        collector=given.kind,
        arguments=tuple(options),
        token=SecretStr(given.token or ""),
        connected_at=format_instant(datetime.now(UTC)),
    )
    try:
        where = keep(book_path(), entry, secret, in_keyring=not given.no_keyring)
    except BookError as error:
        return _failed(str(error))
    asyncio.run(announce(job.source, given))
    print(f"{job.source} works: {said}")
    print(f"Its secret is in {where}. `adjutant run` reads the account from now on.")
    return 0


def _without(secret: str, text: str) -> str:
    for line in filter(None, secret.split("\n")):
        text = text.replace(line, "…")
    return text


def _and_nothing(why: str) -> str:
    return why + (" Nothing" if why.endswith("?") else "; nothing") + " was noted down"


def _failed(why: str) -> int:
    print(f"adjutant: {why}", file=sys.stderr)
    return 1

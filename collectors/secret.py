"""A password or token: read from where only its owner reads, never from the command line."""

from __future__ import annotations

import getpass
import os
import stat
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from collectors.connected.book import book_path, secret_of
from collectors.program import UsageError


def add_secret(parser: ArgumentParser, variable: str, what: str = "password", word: str = "password") -> None:
    """The options `--password-file` (`--WORD-file`) and `--account`; `variable` is that of the environment in
    their place."""
    about = f"a file with the {what} that only you may read; else {variable} is taken, or it is asked for"
    parser.add_argument(f"--{word}-file", type=Path, metavar="FILE", dest="secret_file", help=about)
    about = f"the {what} is that of this account of `adjutant connect`"
    parser.add_argument("--account", metavar="NAME", help=about)


def secret(
    given: Namespace, variable: str, what: str = "password", word: str = "password"
) -> Callable[[], str]:
    """Reads the secret when it is needed, so that a new one counts at once.

    Errors: UsageError; what is returned raises BookError when the account's secret is gone, or OSError.
    """
    path: Path | None = given.secret_file
    if given.account:
        return partial(secret_of, book_path(), given.account)
    if path is not None:
        try:
            mode = path.stat().st_mode
        except OSError as error:
            raise UsageError(f"--{word}-file: {error.strerror}") from None
        if stat.S_IMODE(mode) & 0o077:
            raise UsageError(f"--{word}-file: others may read it: chmod 600 it first")
        return lambda: path.read_text(encoding="utf-8").rstrip("\r\n")
    if said := os.environ.pop(variable, ""):  # the programs that are started here do not get it
        return lambda: said
    if not sys.stdin.isatty():
        raise UsageError(f"there is no {what}: give --{word}-file, or set {variable}")
    typed = getpass.getpass(f"{what}: ")
    return lambda: typed

"""A password or token: read from where only its owner reads, never from the command line, kept nowhere."""

from __future__ import annotations

import getpass
import os
import stat
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

from collectors.program import UsageError


def add_password(parser: ArgumentParser, variable: str) -> None:
    """The option `--password-file`; `variable` is that of the environment in its place."""
    about = f"a file with the password that only you may read; else {variable} is taken, or it is asked for"
    parser.add_argument("--password-file", type=Path, metavar="FILE", help=about)


def secret(path: Path | None, variable: str) -> Callable[[], str]:
    """Reads the secret when it is needed, so that a new one counts at once. Errors: UsageError."""
    if path is not None:
        try:
            mode = path.stat().st_mode
        except OSError as error:
            raise UsageError(f"--password-file: {error.strerror}") from None
        if stat.S_IMODE(mode) & 0o077:
            raise UsageError("--password-file: others may read it: chmod 600 it first")
        return lambda: path.read_text(encoding="utf-8").rstrip("\r\n")
    if said := os.environ.pop(variable, ""):  # the programs that are started here do not get it
        return lambda: said
    if not sys.stdin.isatty():
        raise UsageError(f"there is no password: give --password-file, or set {variable}")
    typed = getpass.getpass("password: ")
    return lambda: typed

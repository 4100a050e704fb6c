"""A program's command line: server, token, and a helpful error for a mistyped flag."""

from __future__ import annotations

import os
import re
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NoReturn

from adjutant_client.address import Address, AddressError, without_secrets

_HERE = "http://127.0.0.1:8000"
_UNKNOWN = "unrecognized arguments: "  # as argparse begins


class Parser(ArgumentParser):
    """Takes flags in full only, and names the nearest of its own when one is mistyped."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)

    def error(self, message: str) -> NoReturn:
        """Prints the message to standard error and exits with status 2."""
        words = message.removeprefix(_UNKNOWN).split()
        if message.startswith(_UNKNOWN) and words[0].startswith("--"):
            flag = words[0].partition("=")[0]
            near = get_close_matches(flag, self._shown_flags(), n=1)
            message = f"unknown flag {flag}" + (f"; did you mean {near[0]}?" if near else "; see --help")
        super().error(message)

    def _shown_flags(self) -> list[str]:
        # The usage lists every flag that is not suppressed, and the first spelling of -h and --help.
        return ["--help", *re.findall(r"--[a-z][a-z-]*", self.format_usage())]


def add_server(add: Callable[..., object], token: str) -> None:
    """`--url`, `--token` and `--board`, also as ADJUTANT_URL, ADJUTANT_TOKEN and ADJUTANT_BOARD.

    `add` is the `add_argument` of a parser or of a group in one; `token` says what kind of token it is.
    """
    url = os.environ.get("ADJUTANT_URL") or _HERE
    shown = without_secrets(url).replace("%", "%%")
    about = f"the server, also as ADJUTANT_URL ({shown})"
    add("--url", type=address, default=url, metavar="URL", help=about)
    add("--server", type=address, default=SUPPRESS, dest="url", help=SUPPRESS)  # its older name
    about = f"{token}; better given as ADJUTANT_TOKEN in the environment"
    add("--token", default=os.environ.get("ADJUTANT_TOKEN") or None, help=about)
    about = "the board, also as ADJUTANT_BOARD (the only one that the token is for, else main)"
    add("--board", default=os.environ.get("ADJUTANT_BOARD") or None, metavar="NAME", help=about)


def address(text: str) -> str:
    """The text, if it is a server's address. Errors: ArgumentTypeError."""
    try:
        Address.parse(text)
    except AddressError as error:
        raise ArgumentTypeError(str(error)) from None
    return text

"""Which server, and who is asking, on a program's command line."""

from __future__ import annotations

import os
from argparse import SUPPRESS, ArgumentTypeError
from collections.abc import Callable

from adjutant_client.address import Address, AddressError, without_secrets

_HERE = "http://127.0.0.1:8000"


def add_server(add: Callable[..., object], token: str) -> None:
    """`--url` and `--token`, also as ADJUTANT_URL and ADJUTANT_TOKEN.

    `add` is the `add_argument` of a parser or of a group in one; `token` says what kind of token it is.
    """
    url = os.environ.get("ADJUTANT_URL") or _HERE
    shown = without_secrets(url).replace("%", "%%")
    about = f"the server, also as ADJUTANT_URL ({shown})"
    add("--url", type=address, default=url, metavar="URL", help=about)
    add("--server", type=address, default=SUPPRESS, dest="url", help=SUPPRESS)  # its older name
    about = f"{token}; better given as ADJUTANT_TOKEN in the environment"
    add("--token", default=os.environ.get("ADJUTANT_TOKEN") or None, help=about)


def address(text: str) -> str:
    """The text, when it is an address of a server. Errors: ArgumentTypeError."""
    try:
        Address.parse(text)
    except AddressError as error:
        raise ArgumentTypeError(str(error)) from None
    return text

"""`adjutant connect`, `disconnect`, `sources` and `run`."""

from __future__ import annotations

import signal
import sys
from argparse import REMAINDER
from collections.abc import Sequence

from adjutant_client.arguments import Parser, add_server
from collectors.connected.connect import connect, disconnect
from collectors.connected.keeping import run
from collectors.connected.listing import sources

COMMANDS = {"connect": connect, "disconnect": disconnect, "sources": sources, "run": run}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status. Options of the server may be given before the command as well."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    parser = Parser(prog="adjutant")
    add_server(parser.add_argument, "a token")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("after", nargs=REMAINDER)
    given = parser.parse_args(words)
    before = words[: len(words) - len(given.after) - 1]
    try:
        return COMMANDS[given.command]([*before, *given.after])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

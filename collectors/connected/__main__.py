"""`adjutant connect`, `disconnect`, `sources` and `run`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from collectors.connected.connect import connect, disconnect
from collectors.connected.keeping import run
from collectors.connected.listing import sources

COMMANDS = {"connect": connect, "disconnect": disconnect, "sources": sources, "run": run}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    name, *words = sys.argv[1:] if arguments is None else arguments
    try:
        return COMMANDS[name](words)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

"""`./adjutant`: runs one line, or shows the live board."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import Sequence

from terminal.live import show_board
from terminal.one_line import run_line
from terminal.options import Options, parse_options

_READ_MAX = 10_000  # more than a line may have, so that the server refuses it


def main(arguments: Sequence[str] | None = None) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = parse_options(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # titles contain characters that some terminals cannot show
    try:
        return _run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Nobody reads it any more, as with `| head`; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(options: Options) -> int:
    if options.line is None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return _misused("the live board needs a terminal: give a line, or - to read one")
        return asyncio.run(show_board(options))
    line = sys.stdin.read(_READ_MAX).strip() if options.line == "-" else options.line.strip()
    if not line:
        return _misused("there is nothing to do: the line is empty")
    if "\n" in line:
        return _misused("one line at a time: put | between commands")
    return asyncio.run(run_line(options, line))


def _misused(why: str) -> int:
    print(f"adjutant: {why} (see --help)", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

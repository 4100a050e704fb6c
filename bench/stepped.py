"""`serve.py` on asyncio's own loop, of which every step is timed: the longest one's CPU time, in seconds,
stands in the file that STEPS names."""

from __future__ import annotations

import asyncio
import mmap
import os
import struct
import sys
import time
from typing import Any

import serve

LONGEST = struct.Struct("d")


def main() -> int:
    """The exit status."""
    with open(os.environ["STEPS"], "r+b") as file:
        longest = mmap.mmap(file.fileno(), LONGEST.size)
    run: Any = asyncio.events.Handle._run

    def timed(handle: Any) -> None:
        began_s = time.thread_time()
        run(handle)
        took_s = time.thread_time() - began_s
        if took_s > LONGEST.unpack_from(longest)[0]:
            LONGEST.pack_into(longest, 0, took_s)

    asyncio.events.Handle._run = timed  # type: ignore[method-assign, assignment]
    serve._event_loop = lambda: None  # uvloop's steps cannot be timed
    return serve.main(sys.argv[1:], dict(os.environ))


if __name__ == "__main__":
    sys.exit(main())

"""A process that only sleeps, beside a load: how late the machine lets it wake is nobody's fault."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SLEEP_S = 0.001


class Sleeper:
    """`worst_s` is known when its block is over."""

    worst_s = 0.0


@asynccontextmanager
async def sleeping() -> AsyncIterator[Sleeper]:
    """Sleeps as long as the block runs."""
    sleeper = Sleeper()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.sleeper", stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        yield sleeper
    finally:
        worst, _ = await process.communicate(b"")
    sleeper.worst_s = float(worst)


async def _sleep() -> float:
    """Until the input ends; the worst delay, in seconds."""
    worst_s = 0.0
    ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    while not ended.done():
        due = time.perf_counter() + SLEEP_S
        await asyncio.sleep(SLEEP_S)
        worst_s = max(worst_s, time.perf_counter() - due)
    return worst_s


if __name__ == "__main__":
    print("asleep", flush=True)
    print(asyncio.run(_sleep()), end="")

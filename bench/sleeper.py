"""A process that only sleeps, beside a load: its lateness is the machine's, not the server's."""

from __future__ import annotations

import asyncio
import time

from bench import beside

SLEEP_S = 0.001


async def sleep() -> float:
    """Sleeps until cancelled; returns the worst delay in seconds."""
    worst_s = 0.0
    try:
        while True:
            due = time.perf_counter() + SLEEP_S
            await asyncio.sleep(SLEEP_S)
            worst_s = max(worst_s, time.perf_counter() - due)
    except asyncio.CancelledError:
        return worst_s


if __name__ == "__main__":
    asyncio.run(beside.run(sleep()))

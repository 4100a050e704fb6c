"""Handles a cancel that arrives together with the awaited result."""

import asyncio
from collections.abc import Awaitable


async def heeding_cancel(work: Awaitable[None]) -> None:
    """Awaits it, and raises the cancel even if the awaited code swallows it.

    Before Python 3.12 `wait_for` does that; the Socket.IO library uses it while connecting.
    """
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()  # a last message may be sent after a cancel
    try:
        await work
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError

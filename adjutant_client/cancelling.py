"""A cancel that comes together with what is waited for."""

import asyncio
from collections.abc import Awaitable


async def heeding_cancel(work: Awaitable[None]) -> None:
    """Awaits it, and is cancelled even where it passes over the cancel.

    Before Python 3.12 `wait_for` does: by it the Socket.IO library waits to be let in.
    """
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()  # a last word may be said after a cancel
    try:
        await work
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError

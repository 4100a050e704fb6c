"""What one reader is given: everything, in order, and little room is taken while there is nothing."""

from __future__ import annotations

import asyncio

import pytest

from sio_server.sockets.inbox import Inbox


async def test_everything_is_given_in_order_whether_or_not_somebody_waits_for_it() -> None:
    inbox = Inbox()
    inbox.put_nowait(1)
    inbox.put_nowait(2)
    assert [await inbox.get(), await inbox.get()] == [1, 2]
    waiting = asyncio.ensure_future(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait(3)
    inbox.put_nowait(4)
    assert [await waiting, await inbox.get()] == [3, 4]
    assert inbox.empty()


async def test_a_reader_that_was_cancelled_takes_nothing_along() -> None:
    inbox = Inbox()
    waiting = asyncio.ensure_future(inbox.get())
    await asyncio.sleep(0)
    waiting.cancel()
    inbox.put_nowait("message")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not inbox.empty()
    assert await inbox.get() == "message"

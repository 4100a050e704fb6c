"""Calls go to the store's thread and back in order, and its end waits for them, but not for ever."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from functools import partial

import pytest

from sio_server.hub.thread import StoreThread
from tests.running import WAIT_S, until


def _raise(error: type[BaseException]) -> None:
    raise error


@pytest.fixture
def thread() -> StoreThread:
    made = StoreThread()
    made.start()
    return made


async def test_calls_are_carried_out_one_after_the_other_on_one_other_thread(thread: StoreThread) -> None:
    carried_out: list[int] = []
    for number in range(100):
        thread.submit(lambda number=number: carried_out.append(number))  # type: ignore[misc]
    names = [await thread.run(threading.current_thread) for _ in range(2)]
    assert carried_out == [*range(100)]
    assert names[0] is names[1] is not threading.current_thread()
    assert await thread.end(WAIT_S)


async def test_what_a_call_raises_is_raised_where_it_is_waited_for(
    thread: StoreThread, caplog: pytest.LogCaptureFixture
) -> None:
    for error in (ZeroDivisionError, GeneratorExit):
        with pytest.raises(error):
            await thread.run(partial(_raise, error))
    thread.submit(lambda: 1 // 0)
    assert await thread.run(lambda: "goes on") == "goes on"
    assert "a call on the store's thread failed" in caplog.text
    assert await thread.end(WAIT_S)


async def test_a_call_that_nobody_waits_for_any_more_is_carried_out_all_the_same(thread: StoreThread) -> None:
    may_go_on, done = threading.Event(), threading.Event()
    thread.submit(lambda: may_go_on.wait(WAIT_S))
    waiting = asyncio.ensure_future(thread.run(done.set))
    await asyncio.sleep(0)
    waiting.cancel()
    may_go_on.set()
    assert await thread.end(WAIT_S)
    assert done.is_set()
    assert waiting.cancelled()


async def test_what_a_call_held_is_freed_before_the_next_one_comes(thread: StoreThread) -> None:
    class Held:
        def call(self) -> None:
            pass

    held = Held()
    gone = weakref.ref(held)
    thread.submit(held.call)
    del held
    await until(lambda: gc.collect() is not None and gone() is None, "the call is freed")
    assert await thread.end(WAIT_S)


async def test_the_end_does_not_wait_longer_than_it_may_and_takes_no_more_calls(thread: StoreThread) -> None:
    may_go_on = threading.Event()
    thread.submit(lambda: may_go_on.wait(WAIT_S))
    assert not await thread.end(0)
    may_go_on.set()
    with pytest.raises(RuntimeError, match="has ended"):
        thread.submit(lambda: None)
    with pytest.raises(RuntimeError, match="has ended"):
        await thread.run(lambda: None)


async def test_a_thread_that_never_began_ends_at_once() -> None:
    assert await StoreThread().end(WAIT_S)

"""Calls go to the store's thread and back in order, and its end waits for them, but not for ever (hub/thread,
threads.py, lanes.py)."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

import pytest

from sio_server.hub.thread import Calls, StorePool, StoreThread, Strand
from sio_server.lanes import Lane
from sio_server.threads import SharedThreads
from tests.running import WAIT_S, until


def _raise(error: type[BaseException]) -> None:
    raise error


@pytest.fixture(params=[StoreThread, lambda: Strand(StorePool(1))], ids=["own", "shared"])
def thread(request: pytest.FixtureRequest) -> Calls:
    made: Calls = request.param()
    made.start()
    return made


async def test_calls_are_carried_out_one_after_the_other_on_one_other_thread(thread: Calls) -> None:
    carried_out: list[int] = []
    for number in range(100):
        thread.submit(lambda number=number: carried_out.append(number))  # type: ignore[misc]
    names = [await thread.run(threading.current_thread) for _ in range(2)]
    assert carried_out == [*range(100)]
    assert names[0] is names[1] is not threading.current_thread()
    assert await thread.end(WAIT_S)


async def test_what_a_call_raises_is_raised_where_it_is_waited_for(
    thread: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    for error in (ZeroDivisionError, GeneratorExit):
        with pytest.raises(error):
            await thread.run(partial(_raise, error))
    thread.submit(lambda: 1 // 0)
    assert await thread.run(lambda: "goes on") == "goes on"
    assert "a call on the store's thread failed" in caplog.text
    assert await thread.end(WAIT_S)


async def test_a_call_that_nobody_waits_for_any_more_is_carried_out_all_the_same(thread: Calls) -> None:
    may_go_on, done = threading.Event(), threading.Event()
    thread.submit(lambda: may_go_on.wait(WAIT_S))
    waiting = asyncio.ensure_future(thread.run(done.set))
    await asyncio.sleep(0)
    waiting.cancel()
    may_go_on.set()
    assert await thread.end(WAIT_S)
    assert done.is_set()
    assert waiting.cancelled()


async def test_what_a_call_held_is_freed_before_the_next_one_comes(thread: Calls) -> None:
    class Held:
        def call(self) -> None:
            pass

    held = Held()
    gone = weakref.ref(held)
    thread.submit(held.call)
    del held
    await until(lambda: gc.collect() is not None and gone() is None, "the call is freed")
    assert await thread.end(WAIT_S)


async def test_the_end_does_not_wait_longer_than_it_may_and_takes_no_more_calls(thread: Calls) -> None:
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


def adding(to: list[int], number: int) -> Callable[[], None]:
    return lambda: to.append(number)


async def test_boards_that_share_threads_keep_their_order_and_do_not_wait_for_each_other() -> None:
    shared = SharedThreads()
    held, *others = [shared.of_a_board().store for _ in range(5)]
    may_go_on, done = threading.Event(), [list[int]() for _ in others]
    held.submit(lambda: may_go_on.wait(WAIT_S))
    for number in range(200):
        for strand, carried_out in zip(others, done, strict=True):
            strand.submit(adding(carried_out, number))
    for strand in others:
        assert await strand.end(WAIT_S)
    assert done == [[*range(200)]] * len(others)
    assert not await held.end(0)
    may_go_on.set()


@pytest.mark.parametrize("width", [1, 2])
def test_a_lane_runs_so_many_at_once_and_ends_alone(width: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        lane: Executor = Lane(pool, width)
        may_go_on, begun = threading.Event(), list[int]()

        def call(number: int) -> int:
            begun.append(number)
            assert may_go_on.wait(WAIT_S)
            return number

        calls = [lane.submit(call, number) for number in range(6)]
        assert Lane(pool).submit(int).result(WAIT_S) == 0
        assert set(begun) <= {*range(width)}
        may_go_on.set()
        lane.shutdown()
        assert [call.result(0) for call in calls] == [*range(6)]
        with pytest.raises(RuntimeError, match="closed"):
            lane.submit(int)
        other = Lane(pool)
        failing = other.submit(lambda: 1 // 0)
        assert isinstance(failing.exception(WAIT_S), ZeroDivisionError)


def test_a_lane_that_is_shut_down_cancels_what_has_not_begun() -> None:
    with ThreadPoolExecutor(1) as pool:
        may_go_on = threading.Event()
        lane = Lane(pool)
        lane.submit(may_go_on.wait, WAIT_S)
        waiting = [lane.submit(int) for _ in range(3)]
        lane.shutdown(wait=False, cancel_futures=True)
        may_go_on.set()
        lane.shutdown()
        assert all(call.cancelled() or call.done() for call in waiting)

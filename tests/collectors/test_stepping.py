"""A collector's function is asked for no more than is taken, on one thread, and can be left at any time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from collectors.iteration import Failed, found
from collectors.types import Ask, Found, Progress
from tests.collectors.jobs import priority


async def test_a_generator_is_not_asked_for_more_than_is_taken() -> None:
    yielded = 0

    def collect(_: Ask) -> Iterator[Found]:
        nonlocal yielded
        for yielded in range(1, 100_000):
            yield priority(str(yielded))

    steps = found(collect, Ask())
    for _ in range(250):
        await anext(steps)
    assert yielded <= 350
    await steps.aclose()  # type: ignore[attr-defined]
    assert yielded <= 350


async def test_a_generator_runs_on_one_thread_and_is_closed_there() -> None:
    threads: list[int] = []

    def collect(_: Ask) -> Iterator[Found]:
        try:
            while True:
                threads.append(threading.get_ident())
                yield Progress(0, None)
        finally:
            threads.append(threading.get_ident())

    steps = found(collect, Ask())
    for _ in range(3):
        await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert len(threads) == 4
    assert len(set(threads)) == 1
    assert threading.get_ident() not in threads


async def test_progress_is_told_before_the_next_thing_is_looked_for() -> None:
    go_on = threading.Event()

    def collect(_: Ask) -> Iterator[Found]:
        yield priority("a")
        yield Progress(1, 2, "reading the large one")
        go_on.wait()
        yield priority("b")

    steps = found(collect, Ask())
    await anext(steps)
    assert await anext(steps) == Progress(1, 2, "reading the large one")
    go_on.set()
    assert [one async for one in steps] == [priority("b")]


async def test_what_was_found_before_a_failure_comes_first() -> None:
    def collect(_: Ask) -> Iterator[Found]:
        yield priority("a")
        raise OSError("it is\ngone")

    steps = found(collect, Ask())
    assert await anext(steps) == priority("a")
    with pytest.raises(Failed, match=r"^it is gone$"):
        await anext(steps)


async def test_a_generator_that_never_comes_back_can_be_left() -> None:
    begun, never = threading.Event(), threading.Event()

    def collect(_: Ask) -> Iterator[Found]:
        begun.set()
        never.wait()
        yield priority("a")

    async def take() -> None:
        async for _ in found(collect, Ask()):
            pass

    task = asyncio.ensure_future(take())
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    never.set()


async def test_an_async_generator_is_closed_when_it_is_left() -> None:
    closed = False

    async def collect(_: Ask) -> AsyncIterator[Found]:
        nonlocal closed
        try:
            while True:
                yield priority("a")
        finally:
            closed = True

    steps = found(collect, Ask())
    await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert closed


async def test_a_step_that_takes_too_long_is_ended_wherever_it_is() -> None:
    closed = threading.Event()

    def collect(_: Ask) -> Iterator[Found]:
        yield priority("a")
        try:
            while True:  # as a library that reads an answer byte by byte
                with suppress(Exception):
                    time.sleep(0.001)
        finally:
            closed.set()

    with pytest.raises(Failed, match=r"nothing has come of it for 0.5 s: the server is too slow"):
        _ = [one async for one in found(collect, Ask(), step_s=0.5)]
    assert await asyncio.to_thread(closed.wait, 60)

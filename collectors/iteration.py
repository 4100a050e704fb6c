"""Runs a collector's function, whatever kind of generator it is, no faster than its items are used."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import queue
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from collectors.folders import called
from collectors.types import Ask, Checkpoint, Collect, Found, Progress

_AT_ONCE, _AT_ONCE_S = 100, 0.1  # found things passed to the loop at a time, whichever comes first
_CLOSE_S = 1.0  # for a generator's `finally`
_SLOW = "nothing has come of it for {:g} s: the server is too slow, or answers byte by byte"

_WORDLESS = "the collector has a fault of its own, and does not say which: please report it"

_log = logging.getLogger("collectors.iteration")
_log.addHandler(logging.NullHandler())


class Failed(Exception):
    """The collector's function raised; the message is its text."""


class _Stuck(BaseException):
    """Raised in the middle of a step that takes too long; no `except Exception` holds it up."""


async def found(collect: Collect, ask: Ask, step_s: float | None = None) -> AsyncIterator[Found]:
    """Each thing that is found, in order; with `step_s`, a plain generator may take so long for each.

    Errors: Failed.
    """
    try:
        source = collect(ask)
    except Exception as error:  # noqa: BLE001 - what a collector raises is its report
        raise _failure(error) from None
    steps = _on_the_loop(source) if isinstance(source, AsyncIterator) else _on_a_thread(source, step_s)
    try:
        async for one in steps:
            yield one
    finally:
        await steps.aclose()  # type: ignore[attr-defined]


async def _on_the_loop(source: AsyncIterator[Found]) -> AsyncIterator[Found]:
    try:
        while True:
            try:
                one = await anext(source)
            except StopAsyncIteration:
                return
            except Exception as error:  # noqa: BLE001 - as above
                raise _failure(error) from None
            yield one
    finally:
        if close := getattr(source, "aclose", None):
            with suppress(Exception):
                await close()


async def _on_a_thread(source: Iterator[Found], step_s: float | None) -> AsyncIterator[Found]:
    thread = _Thread(source)
    try:
        while True:
            try:
                async with asyncio.timeout(step_s):
                    step = await thread.more()
            except TimeoutError:
                thread.interrupt()
                raise Failed(_SLOW.format(step_s)) from None
            for one in step.some:
                yield one
            if step.failure is not None:
                raise step.failure
            if step.ended:
                return
    finally:
        await thread.close()


@dataclass(frozen=True)
class _Step:
    """A few found things, and whether there are more."""

    some: list[Found]
    ended: bool
    failure: Failed | None = None


class _Thread:
    """Steps a plain generator, always on the same thread, and only when asked.

    A daemon: a generator that never returns must not keep the program from ending.
    """

    def __init__(self, source: Iterator[Found]) -> None:
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._asked: queue.SimpleQueue[asyncio.Future[_Step] | None] = queue.SimpleQueue()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="collector")
        self._thread.start()

    async def more(self) -> _Step:
        """The next few."""
        future: asyncio.Future[_Step] = self._loop.create_future()
        self._asked.put(future)
        return await future

    def interrupt(self) -> None:
        """Ends the step, between two instructions: one that waits in the kernel goes on until it wakes. The
        libraries that wait for a server limit its silence, but no answer that comes byte by byte."""
        ident = ctypes.c_ulong(self._thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(_Stuck))

    async def close(self) -> None:
        """Lets the generator clean up, if it does so quickly."""
        self._asked.put(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await self._ended.wait()

    def _work(self) -> None:
        with suppress(_Stuck):
            while (future := self._asked.get()) is not None:
                self._answer(future, self._take())
        with suppress(Exception):
            self._source.close()  # type: ignore[attr-defined]
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._ended.set)

    def _take(self) -> _Step:
        some: list[Found] = []
        begun_s = time.monotonic()
        try:
            for one in self._source:
                some.append(one)
                too_long = time.monotonic() - begun_s > _AT_ONCE_S
                # What comes after a checkpoint may count on what it noted down.
                if isinstance(one, Progress | Checkpoint) or len(some) >= _AT_ONCE or too_long:
                    return _Step(some, ended=False)
        except Exception as error:  # noqa: BLE001 - as above
            return _Step(some, ended=True, failure=_failure(error))
        return _Step(some, ended=True)

    def _answer(self, future: asyncio.Future[_Step], step: _Step) -> None:
        def settle() -> None:
            if not future.done():
                future.set_result(step)

        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(settle)


def _words(error: Exception) -> str:
    """Its text; without the absolute paths in system errors, which do not belong on the board."""
    match error:
        case OSError(filename=str(name), strerror=str(why)) if name:
            return f"{called(Path(name))}: {why}"
        case _:
            return str(error)


def _failure(error: Exception) -> Failed:
    _log.debug("the collector's function raised", exc_info=error)
    said = " ".join(_words(error).split())
    failure = Failed(said or _WORDLESS)
    failure.__cause__ = error
    return failure

"""The store's thread: runs calls one after the other; or a strand of threads that many boards share.

Not an executor of concurrent.futures: its locks, conditions and chained futures cost some sixty function
calls for each hand-over, which between two lone changes have all left the caches (decision 50).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, Protocol

log = logging.getLogger("adjutant.hub")


class Calls(Protocol):
    """Where a board's calls run, one after the other. All methods are called on the event loop."""

    def start(self) -> None:
        """Starts running calls."""

    def submit(self, call: Callable[[], object]) -> None:
        """Runs the call; its result is dropped. Errors: RuntimeError once it is ended."""

    async def run(self, call: Callable[[], Any]) -> Any:
        """Runs the call; returns its result, or raises its error. Errors: RuntimeError once it is ended."""

    async def end(self, within_s: float) -> bool:
        """Takes no more calls; returns whether earlier ones finished in time. A second call does nothing."""


class _Answers:
    """Waits for a call, however it is run."""

    def submit(self, call: Callable[[], object]) -> None:
        raise NotImplementedError

    async def run(self, call: Callable[[], Any]) -> Any:
        """As Calls says."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self.submit(partial(_answer, call, answer, loop))
        return await answer


class StoreThread(_Answers):
    """A thread with a queue. All methods are called on the event loop."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._ended = False

    def start(self) -> None:
        """Starts running calls."""
        self._thread.start()

    def submit(self, call: Callable[[], object]) -> None:
        """Runs the call on the thread; its result is dropped.

        Errors: RuntimeError once it is ended.
        """
        if self._ended:
            raise RuntimeError("the store's thread has ended")
        self._calls.put(call)

    async def end(self, within_s: float) -> bool:
        """Takes no more calls; returns whether earlier ones finished in time. A second call does nothing."""
        if self._ended:
            return True
        self._ended = True
        self._calls.put(None)
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join, within_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        _work_on(self._calls)


class StorePool:
    """Threads for the stores of many boards; they wait for disks, so there are more than processors."""

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._threads = 0
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()

    def put(self, call: Callable[[], object]) -> None:
        """Runs the call on any of the threads; they begin with the first calls."""
        if self._threads < self._most:
            self._threads += 1
            threading.Thread(target=_work_on, args=(self._calls,), name="stores", daemon=True).start()
        self._calls.put(call)


class Strand(_Answers):
    """The calls of one board on a pool, one after the other (Calls)."""

    def __init__(self, pool: StorePool) -> None:
        self._pool = pool
        self._calls: deque[Callable[[], object]] = deque()
        self._lock = threading.Lock()
        self._running = False
        self._ended = False

    def start(self) -> None:
        """Starts running calls: the pool does."""

    def submit(self, call: Callable[[], object]) -> None:
        """As Calls says."""
        if self._ended:
            raise RuntimeError("the store's thread has ended")
        self._add(call)

    async def end(self, within_s: float) -> bool:
        """As Calls says."""
        if self._ended:
            return True
        self._ended = True
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        self._add(partial(_answer, lambda: None, over, loop))
        done, _ = await asyncio.wait([over], timeout=within_s)
        return bool(done)

    def _add(self, call: Callable[[], object]) -> None:
        with self._lock:
            self._calls.append(call)
            if self._running:
                return
            self._running = True
        self._pool.put(self._work)

    def _work(self) -> None:
        """One call, on a thread of the pool; what else waits has its turn after other boards' calls."""
        try:
            self._calls.popleft()()
        finally:
            with self._lock:
                self._running = more = bool(self._calls)
            if more:
                self._pool.put(self._work)


def _work_on(calls: SimpleQueue[Callable[[], object] | None]) -> None:
    while (call := calls.get()) is not None:
        try:
            call()
        except Exception:
            log.exception("a call on the store's thread failed")
        del call  # frees what it holds now, not only at the next call


def _answer(call: Callable[[], Any], answer: asyncio.Future[Any], loop: asyncio.AbstractEventLoop) -> None:
    try:
        settle: Callable[[], None] = partial(answer.set_result, call())
    except BaseException as error:  # noqa: BLE001 - raised where the call is waited for, and the thread goes on
        settle = partial(answer.set_exception, error)
    with suppress(RuntimeError):  # the event loop is closed: nobody waits
        loop.call_soon_threadsafe(_settle, answer, settle)


def _settle(answer: asyncio.Future[Any], settle: Callable[[], None]) -> None:
    if not answer.done():  # cancelled meanwhile
        settle()

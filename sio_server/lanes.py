"""Threads that many share, each in its own lane: so many of a lane's calls run at once, in order, and no lane
costs a thread while it has nothing to do."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any


class Lane(Executor):
    """At most `width` calls at once on the pool's threads, begun in the order in which they came."""

    def __init__(self, pool: ThreadPoolExecutor, width: int = 1) -> None:
        self._pool = pool
        self._width = width
        self._calls: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._running = 0
        self._closed = False
        self._idle = threading.Condition()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As Executor.submit. Errors: RuntimeError once it is shut down."""
        future: Future[Any] = Future()
        with self._idle:
            if self._closed:
                raise RuntimeError("this lane is closed")
            self._calls.append((future, lambda: fn(*args, **kwargs)))
            if self._running == self._width:
                return future
            self._running += 1
        self._pool.submit(self._work)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As Executor.shutdown; the pool goes on for others."""
        with self._idle:
            self._closed = True
            while cancel_futures and self._calls:
                self._calls.popleft()[0].cancel()
            if wait:
                self._idle.wait_for(lambda: not self._running)

    def _work(self) -> None:
        """One call, and then to the end of the queue: other lanes have their turns."""
        with self._idle:
            future, call = self._calls.popleft() if self._calls else (None, None)
        if future is not None and call is not None and future.set_running_or_notify_cancel():
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - raised where the call is waited for
                future.set_exception(error)
        del future, call
        with self._idle:
            more = bool(self._calls)
            if not more:
                self._running -= 1
                self._idle.notify_all()
        if more:
            self._pool.submit(self._work)

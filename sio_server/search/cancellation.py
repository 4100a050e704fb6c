"""Cancels running searches from another thread: out of time, superseded, or abandoned by the caller."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import apsw

BUDGET_S = 0.5
"""A search returns what it has after this time: people who type should not wait longer."""
QUOTES_BUDGET_S = 3.0
"""A brief may take longer; it is made of what was found by then."""


class Interrupted(Exception):
    """A statement was interrupted, or may not begin any more."""


INTERRUPTED = (apsw.InterruptError, Interrupted)
"""What a reader raises when its search was cancelled: SQLite's own, or ours."""


class Interruptible(Protocol):
    """A connection whose running statement another thread can end."""

    def interrupt(self) -> None:
        """Ends it soon; it does not wait."""


class Cancellation:
    """Shared by a search and whoever may cancel it."""

    def __init__(self, budget_s: float = BUDGET_S) -> None:
        self.budget_s = budget_s
        self._lock = threading.Lock()
        self._connection: Interruptible | None = None
        self.started_at: float | None = None
        self.superseded = False
        self.cancelled = False

    def attach(self, connection: Interruptible) -> None:
        """Lets `cancel` interrupt this connection's statements.

        Errors: Interrupted, if already cancelled.
        """
        with self._lock:
            if self.cancelled:
                raise Interrupted("cancelled before it began")
            self.started_at = time.monotonic()
            self._connection = connection

    def detach(self) -> None:
        """Releases the connection, which may now serve another search."""
        with self._lock:
            self._connection = None

    def cancel(self, superseded: bool = False) -> None:
        """Interrupts the running statement; no other follows."""
        with self._lock:
            self.cancelled = True
            self.superseded = self.superseded or superseded
            if self._connection is not None:
                self._connection.interrupt()

    def is_cancelled(self) -> bool:
        """Whether the search should return what it has."""
        return self.cancelled


class Searches:
    """The searches that wait or run; in one channel of a client a newer one supersedes the older."""

    def __init__(self) -> None:
        self._under_way: set[Cancellation] = set()
        self._channels: dict[tuple[int, str], Cancellation] = {}

    @contextmanager
    def one(self, client: int, channel: str | None, budget_s: float = BUDGET_S) -> Iterator[Cancellation]:
        """A search from request to answer; it is cancelled when its time is up."""
        search = Cancellation(budget_s)
        self._under_way.add(search)
        if channel is not None:
            older = self._channels.get((client, channel))
            if older is not None:
                older.cancel(superseded=True)
            self._channels[client, channel] = search
        watch = asyncio.get_running_loop().call_later(budget_s, _enforce_budget, search)
        try:
            yield search
        finally:
            watch.cancel()
            search.cancel()  # if the caller has given up, the thread need not finish
            self._under_way.discard(search)
            if channel is not None and self._channels.get((client, channel)) is search:
                del self._channels[client, channel]

    def cancel(self) -> None:
        """Cancels all searches."""
        for search in self._under_way:
            search.cancel()


def _enforce_budget(search: Cancellation) -> None:
    """Cancels the search when its own time is up; waiting for a thread does not count."""
    loop = asyncio.get_running_loop()
    if search.cancelled:
        return
    if search.started_at is None:
        loop.call_later(BUDGET_S / 10, _enforce_budget, search)
        return
    left_s = search.started_at + search.budget_s - time.monotonic()
    if left_s > 0:
        loop.call_later(left_s, _enforce_budget, search)
    else:
        search.cancel()

"""How another thread cancels a search that runs."""

from __future__ import annotations

import threading
import time

import apsw


class Cancellation:
    """Shared by a search and whoever may cancel it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: apsw.Connection | None = None
        self.started_at: float | None = None
        self.superseded = False
        self.cancelled = False

    def attach(self, connection: apsw.Connection) -> None:
        """From now on `cancel` interrupts what this connection does.

        Errors: apsw.InterruptError, when it was cancelled before.
        """
        with self._lock:
            if self.cancelled:
                raise apsw.InterruptError("cancelled before it began")
            self.started_at = time.monotonic()
            self._connection = connection

    def detach(self) -> None:
        """From now on `cancel` interrupts nothing: the connection serves another search."""
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

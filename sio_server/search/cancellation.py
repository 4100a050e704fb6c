"""A search under way, and how another thread stops it."""

from __future__ import annotations

import threading
import time

import apsw


class Running:
    """From when it was asked for until its answer is no longer wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: apsw.Connection | None = None
        self.began_at: float | None = None
        self.superseded = False
        self.over = False

    def begin(self, connection: apsw.Connection) -> None:
        """From here on what the connection does can be interrupted.

        Errors: apsw.InterruptError, when it was stopped before.
        """
        with self._lock:
            if self.over:
                raise apsw.InterruptError("stopped before it began")
            self.began_at = time.monotonic()
            self._connection = connection

    def end(self) -> None:
        """From here on nothing of it can be interrupted: the connection is another's."""
        with self._lock:
            self._connection = None

    def stop(self, superseded: bool = False) -> None:
        """Ends the statement that runs, and all that would follow."""
        with self._lock:
            self.over = True
            self.superseded = self.superseded or superseded
            if self._connection is not None:
                self._connection.interrupt()

    def is_over(self) -> bool:
        """Whether it is to give what it has."""
        return self.over

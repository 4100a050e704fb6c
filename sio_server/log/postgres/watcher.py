"""Tells a server's boards when other nodes have appended: one connection, and one thread, for all of them.

Notifications make it quick. Nothing depends on them: the heads are looked at each second.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection
from functools import partial

import psycopg

from sio_server.log.base import LogError
from sio_server.log.postgres.head import Head, Left
from sio_server.log.postgres.membership import Membership
from sio_server.log.postgres.session import Session
from sio_server.log.postgres.tables import CHANNEL, SCHEMA

LOOK_EVERY_S = 1.0
"""A notification that is lost delays a change by so long."""

_HEADS = f"SELECT board, epoch, seq, mark, appended, beside FROM {SCHEMA}.boards WHERE board = ANY(%s)"

Heard = Callable[[], object]
Lost = Callable[[Collection[str]], object]

log = logging.getLogger("adjutant.store")


class Watcher:
    """Watches the boards that are added, from any thread; begins with the first and ends with `stop`."""

    def __init__(self, url: str, membership: Membership) -> None:
        self._session = Session(url, "nodes", quick=True)
        self._boards: dict[str, tuple[Head, Heard, Lost]] = {}
        self.membership = membership
        self._thread: threading.Thread | None = None
        self._stopped, self.ended = threading.Event(), threading.Event()
        self._fault = ""

    def add(self, board: str, head: Head, heard: Heard, lost: Lost) -> None:
        """Calls `heard` when the board is not where its head has it, `lost` with the sources of nodes that
        died."""
        self._boards[board] = head, heard, lost
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
            self._thread.start()

    def remove(self, board: str) -> None:
        """Watches the board no more."""
        self._boards.pop(board, None)

    def stop(self) -> None:
        """Ends the thread, soon."""
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except (psycopg.Error, LogError) as error:
                if str(error) != self._fault:
                    self._fault = str(error)
                    log.warning("changes of other servers cannot be seen: %s", error)
                self._session.drop()
                self._stopped.wait(LOOK_EVERY_S)
            except Exception:
                log.exception("changes of other servers cannot be seen")
                self._session.drop()
                self._stopped.wait(LOOK_EVERY_S)
        self._session.drop()
        self.ended.set()

    def _listen(self) -> None:
        connection = self._session.connection
        connection.execute(f"LISTEN {CHANNEL}")
        while not self._stopped.is_set():
            self._look(connection)
            ends_at = time.monotonic() + LOOK_EVERY_S
            while (left_s := ends_at - time.monotonic()) > 0:
                # One at a time: the rest of those that have come are given out by the next call.
                for notice in connection.notifies(timeout=left_s, stop_after=1):
                    board, _, name = notice.payload.partition(" ")
                    watched = self._boards.get(board)
                    if watched is not None and not watched[0].is_own(name):
                        self._tell(watched[1])

    def _look(self, connection: psycopg.Connection) -> None:
        """Looks at all heads, and renews the lease."""
        self.membership.beat(connection, [*self._boards])
        began = time.monotonic()
        for board, *row in connection.execute(_HEADS, ([*self._boards],)).fetchall():
            watched = self._boards.get(board)
            if watched is not None and not watched[0].is_at(Left(*row), began):
                self._tell(watched[1])
        self.membership.mend_links(connection)
        for board, names in self.membership.lost(connection, [*self._boards]).items():
            watched = self._boards.get(board)
            if watched is not None:
                self._tell(partial(watched[2], names))
        if self._fault:
            self._fault = ""
            log.info("changes of other servers can be seen again")

    def _tell(self, call: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # its event loop is closed
            call()

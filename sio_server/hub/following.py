"""Keeps a board in step with what other nodes append, between two batches and when they were quicker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from sio_server.hub.applying import Applying
from sio_server.hub.batch import BatchResult, Job
from sio_server.hub.thread import Calls
from sio_server.hub.worker import Worker
from sio_server.log.base import FromOthers, HeadMoved, LogError, OutcomeUnknown, SetBack
from sio_server.state.state import State

TRIES = 20
"""How often a batch is worked out anew because other nodes were quicker: each time one of them is through."""

log = logging.getLogger("adjutant.hub")


class Following:
    """`is_behind`: others may have appended something. `note` is told why that cannot be read."""

    def __init__(
        self, worker: Worker, thread: Calls, applying: Applying, note: Callable[[LogError], None]
    ) -> None:
        self._worker, self._thread, self._applying, self._note = worker, thread, applying, note
        self.is_behind = False

    async def catch_up(self) -> None:
        """Applies what others have appended; a failure is made up for at the next look.

        Errors: OutcomeUnknown.
        """
        while self.is_behind:
            self.is_behind = False
            try:
                found = await self._read()
            except OutcomeUnknown as error:
                log.critical("%s: the server stops, and a restart reads what is there", error)
                raise
            except LogError as error:
                self._note(error)
                return
            self.is_behind |= not found.is_all
            await self._applying.apply(found)

    async def work(self, jobs: list[Job]) -> BatchResult:
        """Works out and appends a batch, anew whenever another node was quicker.

        Errors: HeadMoved or SetBack, when that did not end; as Worker.work.
        """
        for tried in range(1, TRIES + 1):
            try:
                result: BatchResult = await self._thread.run(partial(self._worker.work, jobs))
            except SetBack:
                if tried == TRIES:
                    raise
                await self._begin_anew()
            except HeadMoved:
                if tried == TRIES:
                    raise
                self.is_behind = True
                await self.catch_up()
            else:
                return result
        raise AssertionError

    async def _read(self) -> FromOthers:
        try:
            found: FromOthers = await self._thread.run(self._worker.catch_up)
        except SetBack:
            await self._begin_anew()
            return FromOthers()
        return found

    async def _begin_anew(self) -> None:
        """Takes over what is there after SetBack. Errors: LogError."""
        fresh: State = await self._thread.run(self._worker.begin_anew)
        self._applying.begin_anew(fresh)

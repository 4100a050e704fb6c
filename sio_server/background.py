"""Work that the server repeats while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

MOST_STEPS = 20  # of a round: fine enough that a thousand pieces do not come at once

log = logging.getLogger("adjutant")


class Background:
    """Repeats work until `stop`; a failure is logged, and the work is tried again when next due."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Repeats the work, first after `seconds`."""
        self.run(_repeat(seconds, work))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs work in the background."""
        self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """Cancels all work, and returns when it has ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


class Rounds:
    """Work that many repeat, with one timer for each interval: every piece has its turn once in that time,
    spread over it."""

    def __init__(self) -> None:
        self._rounds: dict[float, dict[_Piece, None]] = {}
        self._timers: dict[float, asyncio.Task[None]] = {}

    def add(self, seconds: float, piece: _Piece) -> None:
        """Adds a piece; it has its first turn within that time."""
        self._rounds.setdefault(seconds, {})[piece] = None
        if seconds not in self._timers:
            self._timers[seconds] = asyncio.create_task(self._go_round(seconds))

    def remove(self, seconds: float, piece: _Piece) -> None:
        """Removes a piece; the timer ends with the last one."""
        self._rounds[seconds].pop(piece, None)
        if not self._rounds[seconds] and seconds in self._timers:
            self._timers.pop(seconds).cancel()

    async def _go_round(self, seconds: float) -> None:
        while True:
            pieces = [*self._rounds[seconds]]
            steps = min(len(pieces), MOST_STEPS)
            for step in range(steps):
                await asyncio.sleep(seconds / steps)
                for piece in pieces[step::steps]:
                    if piece in self._rounds[seconds]:
                        piece.begin()


class Repeated:
    """The repeated work of one board, on timers that it may share."""

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self._pieces: list[tuple[float, _Piece]] = []

    def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Repeats the work, first within `seconds`."""
        piece = _Piece(work)
        self._pieces.append((seconds, piece))
        self._rounds.add(seconds, piece)

    async def stop(self) -> None:
        """Cancels all work, and returns when it has ended."""
        for seconds, piece in self._pieces:
            self._rounds.remove(seconds, piece)
        running = [piece.task for _, piece in self._pieces if piece.task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._pieces.clear()


class _Piece:
    """One piece of repeated work; it is not begun again while it is under way."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self.task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(_try(self._work))


async def _try(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:
        log.exception("background work failed")


async def _repeat(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await _try(work)

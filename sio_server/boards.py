"""The boards of a server: each opens when its first client comes, and closes when it has been idle (decision
105)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from models.ack import ErrorCode, Retry
from sio_server.board import Board
from sio_server.clients.admission import no_such_board
from sio_server.clients.tokens import TokenError
from sio_server.folders import Folders
from sio_server.log.base import LogError
from sio_server.registry.errors import Refusal, draining
from sio_server.registry.roles import MAIN

OPENING = 2  # boards opened at once, on as many threads: more would only share the interpreter
TRY_AGAIN_S = 5.0
"""A board that could not be opened is not tried again for so long: its clients ask every few seconds."""
FINISH_WITHIN_S = 2.0  # of a stop, for requests that are under way
LOOK_PART = 4  # idle boards are looked for so often within the time after which they close
LOOK_AT_MOST_S = 15.0

log = logging.getLogger("adjutant.boards")


class Boards:
    """`main`, which is always open, and the others by name (transport.Boards).

    `open_one` opens a board's files and blocks; its errors are LogError, OSError and TokenError. `idle_s`:
    how long a board without clients stays open.
    """

    def __init__(
        self, folders: Folders, open_one: Callable[[str], Board], idle_s: float, main: Board
    ) -> None:
        self._folders = folders
        self._open_one = open_one
        self._idle_s = idle_s
        self._open = {MAIN: main}
        self._clients = Counter[str]()
        self._idle_since: dict[str, float] = {}
        self._changing: dict[str, asyncio.Task[None]] = {}
        self._failed_s: dict[str, float] = {}
        self._threads = ThreadPoolExecutor(OPENING, thread_name_prefix="boards")
        self._draining = self._left = False
        self.main = main
        self.look_every_s = min(LOOK_AT_MOST_S, idle_s / LOOK_PART)

    def __iter__(self) -> Iterator[Board]:
        return iter([*self._open.values()])

    @property
    def faulty(self) -> int:
        """How many boards could not be opened when they were last asked for."""
        return len(self._failed_s)

    def faults(self) -> list[str]:
        """What is wrong with some boards, in sentences that name none: anybody may ask."""
        set_back = sum(board.log.was_set_back() for board in self)
        found = {
            f"boards that cannot be opened: {self.faulty}; the log says why": self.faulty,
            f"boards whose newest changes the database has lost: {set_back}; the log says which": set_back,
        }
        return [said for said, count in found.items() if count]

    @property
    def abandoned(self) -> bool:
        """Whether a thread still waits for a board's disk that does not answer."""
        return self._left or any(board.hub.abandoned for board in self)

    def opened(self, name: str) -> Board | None:
        """The board if it is open."""
        return self._open.get(name)

    def clients(self, name: str) -> int:
        """The number of clients on the board."""
        return self._clients[name]

    async def enter(self, name: str) -> Board:
        """The board, with one more client; it is opened first if need be.

        Errors: Refusal with not_found, storage_unavailable or draining.
        """
        while True:
            board = self._open.get(name)
            if board is not None:
                self._clients[name] += 1
                self._idle_since.pop(name, None)
                return board
            await self._change(name)

    async def look_into(self, name: str) -> Board | None:
        """The board, opened if need be, for who does not stay; None if it cannot be opened."""
        try:
            board = await self.enter(name)
        except Refusal:
            return None
        self.leave(name)
        return board

    def leave(self, name: str) -> None:
        """One client less."""
        self._clients[name] -= 1
        if not self._clients[name]:
            del self._clients[name]
            self._idle_since[name] = time.monotonic()

    async def close_idle(self) -> None:
        """Closes the boards that have had no client for long enough."""
        long_ago = time.monotonic() - self._idle_s
        idle = [name for name, since in self._idle_since.items() if since <= long_ago and name != MAIN]
        if idle and not self._draining:
            await asyncio.wait([self._begin(name, self._close(name)) for name in idle])

    def drain(self) -> None:
        """Refuses new requests on all boards; those under way go on. No board opens any more."""
        self._draining = True
        for board in self:
            board.drain()

    async def stop(self) -> None:
        """Finishes the requests under way, on all boards at once; a board that opens too late is left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_WITHIN_S):
                while self._changing:
                    await asyncio.wait(self._changing.values())
        for name, changing in self._changing.items():
            log.error("the board %s is neither open nor closed yet: the server stops without it", name)
            changing.cancel()
            self._left = True
        await _all("stopped", [board.stop(FINISH_WITHIN_S) for board in self if board is not self.main])
        await self.main.stop(FINISH_WITHIN_S)  # last: the others' records are in its process

    async def close(self) -> None:
        """Closes the logs of stopped boards."""
        await _all("closed", [board.close() for board in self])
        self._threads.shutdown(wait=False)

    async def _change(self, name: str) -> None:
        """Waits until the board is open, or was closed. Errors: Refusal, when it cannot be opened."""
        changing = self._changing.get(name)
        if changing is None:
            if self._draining:
                raise draining()
            if not self._folders.has(name):
                self._failed_s.pop(name, None)
                raise no_such_board()
            if time.monotonic() - self._failed_s.get(name, -TRY_AGAIN_S) < TRY_AGAIN_S:
                raise _not_opened()
            changing = self._begin(name, self._open_board(name))
        await asyncio.wait([changing])
        if name in self._failed_s:
            raise _not_opened()

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._changing[name] = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._changing.pop(name, None))
        return task

    async def _open_board(self, name: str) -> None:
        began = time.perf_counter()
        try:
            loop = asyncio.get_running_loop()
            board = await loop.run_in_executor(self._threads, self._open_one, name)
            await self._start(board)
        except Exception as error:
            self._failed_s[name] = time.monotonic()
            if isinstance(error, LogError | OSError | TokenError):
                log.error("the board %s cannot be opened: %s", name, error)
            else:
                log.exception("the board %s cannot be opened", name)
            return
        self._failed_s.pop(name, None)
        self._open[name] = board
        self._idle_since[name] = time.monotonic()
        log.info("board %s opened in %.0f ms", name, (time.perf_counter() - began) * 1000)
        if self._draining:
            board.drain()

    async def _start(self, board: Board) -> None:
        try:
            await board.start()
        except BaseException:
            board.drain()
            await board.stop(0)
            await board.close()
            raise

    async def _close(self, name: str) -> None:
        self._idle_since.pop(name, None)
        if self._clients[name] or name not in self._open:
            return  # somebody came before this began
        board = self._open.pop(name)
        board.drain()
        try:
            await board.stop(FINISH_WITHIN_S)
            await board.close()
        except Exception:
            log.exception("the board %s could not be closed in order", name)
        else:
            log.info("board %s closed", name)


async def _all(what: str, works: Sequence[Awaitable[None]]) -> None:
    """Waits for all: a board that fails keeps no other from it."""
    for result in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("a board could not be %s in order", what, exc_info=result)


def _not_opened() -> Refusal:
    message = "The board cannot be opened: whoever runs the server finds the reason in its log."
    after_ms = int(TRY_AGAIN_S * 1000)
    return Refusal(ErrorCode.STORAGE_UNAVAILABLE, message, retry=Retry.AFTER, after_ms=after_ms)

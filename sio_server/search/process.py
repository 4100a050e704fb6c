"""The index in a process of its own, so that neither searches nor puts ever hold the event loop.

The two talk over a pair of sockets (frames): `[number, request, arguments]` there, `[number, outcome, data]`
back, in any order; and with the number 0 what the index tells by itself. When the process dies, what waits
for it is refused, and it is started again. When the server dies, the process reads the end, and ends.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from models.ack import ErrorCode, Retry
from sio_server.registry.errors import Refusal, draining
from sio_server.registry.records import Json
from sio_server.search import frames
from sio_server.search.faults import unavailable
from sio_server.side_app.health import memory_bytes

ROOT = Path(__file__).resolve().parents[2]
OPEN_WITHIN_S = 10.0
AGAIN_AFTER_S = 0.5
AGAIN_AT_MOST_S = 30.0
END_WITHIN_S = 2.0
SILENT_AFTER_S = 10.0
BUFFER_BYTES = 1 << 20
NOTHING = {"records": 0, "by_source": {}, "oldest": None, "newest": None, "bytes": 0}

log = logging.getLogger("adjutant.search")


class Process:
    """The index over the file at `path`; the process logs at `level`."""

    def __init__(self, path: Path, level: str) -> None:
        self._arguments = (str(path.absolute()), level)
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._following: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        self._heard_s = 0.0
        self._again_after_s = AGAIN_AFTER_S
        self._fault: str | None = "the search file is not open yet"
        self._ending = asyncio.Event()
        self.known: Json = NOTHING

    async def start(self) -> None:
        """Starts the process, and waits until it has looked at the file."""
        if self._ending.is_set():
            return
        self._following = asyncio.create_task(self._follow())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), OPEN_WITHIN_S)

    async def stop(self, within_s: float) -> None:
        """Lets the process finish, and sees that it ends."""
        self._ending.set()
        if self._writer is not None:
            frames.write(self._writer, [0, "stop", [within_s]])
        if self._following is not None:
            _, unfinished = await asyncio.wait([self._following], timeout=within_s + END_WITHIN_S)
            if unfinished and self._child is not None:
                self._child.kill()
                await self._following

    async def put(
        self, source: str, records: Sequence[Any], given: type[BaseModel], key: tuple[str, str] | None
    ) -> tuple[Json, bool]:
        """As search.Backend says."""
        answer, replayed = await self._ask("put", source, records, given.__module__, given.__name__, key)
        return answer, replayed

    async def search(self, client: int, **asked: Any) -> Json:
        """As search.Backend says."""
        return await self._ask("search", client, asked)

    async def summary(self) -> Json:
        """As search.Backend says."""
        return await self._ask("summary")

    @property
    def fault(self) -> str | None:
        """As search.Backend says."""
        if self._waiting and time.monotonic() - self._heard_s > SILENT_AFTER_S:
            return f"the search process has not answered for {SILENT_AFTER_S:.0f} s"
        return self._fault

    @property
    def memory_bytes(self) -> int:
        """As search.Backend says."""
        return 0 if self._child is None else memory_bytes(self._child.pid)

    async def _ask(self, request: str, *arguments: Any) -> Json:
        if self._ending.is_set():
            raise draining()
        if self._writer is None:
            raise unavailable(self._fault)
        if not self._waiting:
            self._heard_s = time.monotonic()
        number = next(self._numbers)
        answered = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            frames.write(self._writer, [number, request, arguments])
            return await answered
        finally:
            del self._waiting[number]

    async def _follow(self) -> None:
        """From one process to the next, with longer and longer pauses while none of them gets to its file."""
        while not self._ending.is_set():
            try:
                reader, child = await self._begin()
                status = await self._listen(reader, child)
                self._lost(f"the search process ended (status {status}) and is being started again")
            except (OSError, RuntimeError) as error:  # no file, no memory, no thread
                self._lost(f"the search process cannot be started: {getattr(error, 'strerror', error)}")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), self._again_after_s)
            self._again_after_s = min(2 * self._again_after_s, AGAIN_AT_MOST_S)

    async def _begin(self) -> tuple[asyncio.StreamReader, subprocess.Popen[bytes]]:
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        command = [sys.executable, "-m", __package__, str(theirs.fileno()), *self._arguments]
        try:
            self._child = child = await asyncio.to_thread(
                subprocess.Popen,
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C is for the server; in another session `nice` would mean nothing
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        if self._ending.is_set():  # since: this one is not needed any more
            self._writer.close()
        return reader, child

    async def _listen(self, reader: asyncio.StreamReader, child: subprocess.Popen[bytes]) -> int:
        """Until the process ends; its exit status."""
        assert self._writer is not None
        try:
            while True:
                self._take(*await frames.read(reader))
        except (asyncio.IncompleteReadError, OSError):
            pass
        except Exception:
            log.exception("the search process cannot be understood; it is ended")
            child.kill()
        status = await asyncio.to_thread(child.wait)
        self._writer.close()
        self._writer = self._child = None
        return status

    def _take(self, number: int, outcome: str, data: Json) -> None:
        self._heard_s = time.monotonic()
        if outcome == "told":
            self.known, self._fault = data["known"], data["fault"]
            self._again_after_s = AGAIN_AFTER_S
            self._heard.set()
            return
        answered = self._waiting.get(number)
        if answered is None or answered.done():
            return
        if outcome == "done":
            answered.set_result(data)
        elif outcome == "refused":
            answered.set_exception(_refusal(**data))
        else:
            answered.set_exception(RuntimeError("the search process failed; its traceback is in the log"))

    def _lost(self, why: str) -> None:
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_exception(draining() if self._ending.is_set() else unavailable(why))
        if not self._ending.is_set() and self._fault != why:
            self._fault = why
            log.error("%s", why)
        self._heard.set()


def _refusal(code: str, message: str, retry: str, **more: Any) -> Refusal:
    """What Refusal.as_error wrote."""
    return Refusal(ErrorCode(code), message, retry=Retry(retry), **more)

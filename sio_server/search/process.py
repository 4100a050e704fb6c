"""The index in a separate process, so that neither searches nor puts hold up the event loop (decision 27).

The two talk over a pair of sockets (frames): `[number, request, arguments]` one way, `[number, outcome,
data]` back, in any order; the index's status has the number 0. When the process dies, its waiting requests
are refused and it is restarted. When the server dies, the process reads EOF and exits.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from models.ack import ErrorCode, Retry
from sio_server.memory import memory_bytes
from sio_server.people.directory import NOBODY, Directory
from sio_server.people.entries import Entry
from sio_server.registry.errors import Refusal, draining
from sio_server.registry.ops import Json
from sio_server.search import frames
from sio_server.search.address import RECORDS_AT, Address, named
from sio_server.search.faults import maybe_stored, unavailable
from sio_server.search.requests import Requests

ROOT = Path(__file__).resolve().parents[2]
OPEN_WITHIN_S = 10.0
"""How long the server's start waits for the file; after that it starts without search."""
RESTART_AFTER_S = 0.5  # the first pause
RESTART_AT_MOST_S = 30.0
"""The pause doubles after each failure, up to this."""
END_WITHIN_S = 2.0
"""Beyond the time for its puts, before it is killed."""
SILENT_AFTER_S = 10.0  # without an answer to a waiting request: /ready then reports it
BUFFER_BYTES = 1 << 20
"""Socket buffers: a batch of records fits, so that one write is enough."""
NOTHING = {"records": 0, "by_source": {}, "oldest": None, "newest": None, "bytes": 0}

log = logging.getLogger("adjutant.search")


class IndexProcess(Requests):
    """The index of the records at `address`, in a process that logs at `level` (logs.set_up)."""

    def __init__(self, address: Address, level: str, form: str = "text") -> None:
        self._arguments = (level, form)
        # Not among the arguments, which every user of the machine sees: it may have a password.
        self._environment = {RECORDS_AT: named(address)}
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Waiting] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._status_came = asyncio.Event()
        self._last_answer_s = 0.0
        self._restart_after_s = RESTART_AFTER_S
        self._fault: str | None = "the records are not open yet"
        self._stopping = asyncio.Event()
        self._people = People()
        self._others: dict[int, Callable[[str, Json], None]] = {}
        self._files = itertools.count(1)
        self.generation = 0
        self.known: Json = NOTHING

    async def start(self) -> None:
        """Starts the process, and waits until it has opened the file or failed to."""
        if self._stopping.is_set():
            return
        self._supervisor = asyncio.create_task(self._supervise())
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_WITHIN_S):
                await self._status_came.wait()

    async def stop(self, within_s: float) -> None:
        """Lets the process finish its puts; kills it if it does not end."""
        self._stopping.set()
        if self._writer is not None and not self._writer.is_closing():
            frames.write(self._writer, [0, "stop", [within_s]])
        if self._supervisor is not None:
            _, unfinished = await asyncio.wait([self._supervisor], timeout=within_s + END_WITHIN_S)
            if unfinished and self._child is not None:
                self._child.kill()
                await self._supervisor

    def add(self, told: Callable[[str, Json], None]) -> int:
        """Adds a file of another board; `told` gets its reports. Returns its number, for requests."""
        number = next(self._files)
        self._others[number] = told
        return number

    def remove(self, number: int) -> None:
        """Forgets a file that is closed."""
        self._others.pop(number, None)

    async def try_to(self, name: str, *arguments: Any, within_s: float | None = None) -> None:
        """Makes a request; whether it is carried out does not matter, its reports do."""
        with suppress(Refusal, RuntimeError, TimeoutError):
            async with asyncio.timeout(within_s):
                await self.request(name, *arguments)

    @property
    def people(self) -> Directory:
        """As search.Backend says."""
        return self._people.directory

    @property
    def process_fault(self) -> str | None:
        """What is wrong with the process itself; None while it runs."""
        return None if self._writer is not None else self._fault

    @property
    def fault(self) -> str | None:
        """As search.Backend says."""
        if self._waiting and time.monotonic() - self._last_answer_s > SILENT_AFTER_S:
            return f"the search process has not answered for {SILENT_AFTER_S:.0f} s"
        return self._fault

    @property
    def memory_bytes(self) -> int:
        """As search.Backend says."""
        return 0 if self._child is None else memory_bytes(self._child.pid)

    async def _ask(self, name: str, *arguments: Any) -> Json:
        return await self.request(name, *arguments, stores=name.startswith("put"))

    async def request(self, name: str, *arguments: Any, stores: bool = False) -> Json:
        """The process's answer; `stores`: nobody knows whether it was carried out if there is none."""
        if self._stopping.is_set():
            raise draining()
        if self._writer is None or self._writer.is_closing():  # uvloop lets nobody write to what is closed
            raise unavailable(self._fault or "the search process ended and is being started again")
        if not self._waiting:
            self._last_answer_s = time.monotonic()
        number = next(self._numbers)
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[number] = _Waiting(answer, stores)
        try:
            frames.write(self._writer, [number, name, arguments])
            return await answer
        finally:
            del self._waiting[number]

    async def _supervise(self) -> None:
        """Restarts the process whenever it ends, with growing pauses until it reports its status."""
        while not self._stopping.is_set():
            try:
                reader, child = await self._spawn()
                status = await self._receive_all(reader, child)
                self._refuse_waiting(f"the search process ended (status {status}) and is being started again")
            except (OSError, RuntimeError) as error:  # no program, memory or thread
                self._refuse_waiting(
                    f"the search process cannot be started: {getattr(error, 'strerror', error)}"
                )
            with suppress(TimeoutError):
                async with asyncio.timeout(self._restart_after_s):
                    await self._stopping.wait()
            self._restart_after_s = min(2 * self._restart_after_s, RESTART_AT_MOST_S)

    async def _spawn(self) -> tuple[asyncio.StreamReader, subprocess.Popen[bytes]]:
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        command = [sys.executable, "-m", __package__, str(theirs.fileno()), *self._arguments]
        try:
            self._child = child = await asyncio.to_thread(
                subprocess.Popen,
                command,
                cwd=ROOT,
                env=os.environ | self._environment,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C is for the server; in its own session `nice` would have no effect
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        self.generation += 1
        if self._stopping.is_set():  # meanwhile
            self._writer.close()
        return reader, child

    async def _receive_all(self, reader: asyncio.StreamReader, child: subprocess.Popen[bytes]) -> int:
        """Receives until the process ends; returns its exit status."""
        assert self._writer is not None
        try:
            while True:
                self._receive(*await frames.read(reader))
        except (asyncio.IncompleteReadError, OSError):
            pass
        except Exception:
            log.exception("the search process sent something invalid and is killed")
            child.kill()
        status = await asyncio.to_thread(child.wait)
        self._writer.close()
        self._writer = self._child = None
        return status

    def _receive(self, number: int, outcome: str, data: Json) -> None:
        self._last_answer_s = time.monotonic()
        if outcome in ("status", "people") and data["of"]:
            told = self._others.get(data["of"])
            if told is not None:
                told(outcome, data)
            return
        if outcome == "status":
            self.known, self._fault = data["known"], data["fault"]
            self._restart_after_s = RESTART_AFTER_S
            self._status_came.set()
            return
        if outcome == "people":
            self._people.take_in(data["people"], data["last"])
            return
        waiting = self._waiting.get(number)
        if waiting is None or waiting.answer.done():
            return
        answer = waiting.answer
        if outcome == "done":
            answer.set_result(data)
        elif outcome == "refused":
            answer.set_exception(_refusal(**data))
        else:
            answer.set_exception(RuntimeError("the search process failed; its traceback is in the log"))

    def _refuse_waiting(self, why: str) -> None:
        stopping = self._stopping.is_set()
        for answer, stores in self._waiting.values():
            if answer.done():
                continue
            if stores:
                code = ErrorCode.DRAINING if stopping else ErrorCode.STORAGE_UNAVAILABLE
                answer.set_exception(maybe_stored(why, code))
            else:
                answer.set_exception(draining() if stopping else unavailable(why))
        if not stopping and self._fault != why:
            self._fault = why
            log.error("%s", why)
        self._status_came.set()


class People:
    """The directory that a process reports, a part at a time."""

    def __init__(self) -> None:
        self.directory = NOBODY
        self._entries: list[Entry] = []
        self._meeting: asyncio.Task[None] | None = None

    def take_in(self, people: list[Json], last: bool) -> None:
        """Builds the directory off the event loop: 10,000 people take a second."""
        self._entries += [
            Entry(source, tuple(names), tuple(addresses)) for source, names, addresses in people
        ]
        if last:
            entries, self._entries = self._entries, []
            self._meeting = asyncio.ensure_future(self._meet(entries, self._meeting))

    async def _meet(self, entries: list[Entry], before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        self.directory = await asyncio.to_thread(Directory, entries)


class _Waiting(NamedTuple):
    """An unanswered request, and whether it stores something."""

    answer: asyncio.Future[Json]
    stores: bool


def _refusal(code: str, message: str, retry: str, **more: Any) -> Refusal:
    """The inverse of Refusal.as_error."""
    return Refusal(ErrorCode(code), message, retry=Retry(retry), **more)

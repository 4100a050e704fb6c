"""The index's process: `python -m sio_server.search FD FILE LEVEL`, as process.Process starts it."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from sio_server import logs
from sio_server.clock import SystemClock
from sio_server.registry.errors import Refusal
from sio_server.registry.records import Json
from sio_server.search import frames
from sio_server.search.index import Index

NICENESS = 10
"""Patches are to be on their way before anybody's search."""
SWITCH_EVERY_S = 0.001
STOP_WITHIN_S = 2.0

log = logging.getLogger("adjutant.search")


class Serving:
    """Answers what the server asks, until it says stop or is gone."""

    def __init__(self, index: Index, writer: asyncio.StreamWriter) -> None:
        self._index = index
        self._writer = writer
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: Json = None
        index.on_look = self.tell
        self._requests: dict[str, Callable[..., Coroutine[Any, Any, Json]]] = {
            "put": self._put,
            "search": self._search,
            "summary": index.summary,
        }

    async def serve(self, reader: asyncio.StreamReader) -> float:
        """How long the stop may take, in seconds."""
        while True:
            try:
                number, request, arguments = await frames.read(reader)
            except (asyncio.IncompleteReadError, OSError):
                return STOP_WITHIN_S
            if request == "stop":
                await asyncio.sleep(0)  # what was asked before has begun then
                [within_s] = arguments
                return float(within_s)
            task = asyncio.create_task(self._answer(number, self._requests[request](*arguments)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Sees that all have their answers."""
        await asyncio.gather(*self._tasks)
        self._writer.close()
        with suppress(OSError):  # the server may be gone
            await self._writer.wait_closed()

    def tell(self) -> None:
        """Tells how the file is, when that has changed."""
        state = {"known": self._index.known, "fault": self._index.fault}
        if state != self._told:
            self._told = state
            frames.write(self._writer, [0, "told", state])

    async def _answer(self, number: int, asked: Coroutine[Any, Any, Json]) -> None:
        outcome, data = "failed", None
        try:
            outcome, data = "done", await asked
        except Refusal as refusal:
            outcome, data = "refused", refusal.as_error()
        except Exception:
            log.exception("a request to the search process failed")
        try:
            self.tell()
        finally:
            frames.write(self._writer, [number, outcome, data])

    async def _put(
        self, source: str, records: list[Any], module: str, model: str, key: list[str] | None
    ) -> Json:
        given = getattr(import_module(module), model)
        return await self._index.put(source, records, given, None if key is None else (key[0], key[1]))

    async def _search(self, client: int, asked: dict[str, Any]) -> Json:
        return await self._index.search(client, **asked)


async def run(fd: int, path: Path) -> None:
    """From the opening of the file to its closing."""
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=fd))
    index = Index(path, SystemClock())
    serving = Serving(index, writer)
    await index.start()
    serving.tell()
    gc.collect()
    gc.freeze()
    within_s = await serving.serve(reader)
    await index.stop(within_s)
    await serving.end()


def _stand_back() -> None:
    """Where processors are short, the server goes first, and is not pushed aside when a search wakes up."""
    with suppress(OSError):  # a courtesy, which not every system allows
        os.nice(NICENESS)
        if sys.platform == "linux":
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def main(fd: str, path: str, level: str) -> None:
    """The server stops this process; a signal to all of its processes does not."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    logs.set_up(level)
    _stand_back()
    sys.setswitchinterval(SWITCH_EVERY_S)
    asyncio.run(run(int(fd), Path(path)))


if __name__ == "__main__":
    main(*sys.argv[1:])

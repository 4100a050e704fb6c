"""The index's process: `python -m sio_server.search FD LEVEL FORM`, started by process.IndexProcess."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from sio_server import logs
from sio_server.clock import SystemClock
from sio_server.registry.errors import Refusal
from sio_server.registry.ops import Json
from sio_server.search import frames
from sio_server.search.address import RECORDS_AT
from sio_server.search.files import Directory, OtherFiles, Requests, Status
from sio_server.search.index import Index
from sio_server.search.places import place_of

NICENESS = 10
"""When CPU is scarce, patches go before searches (decision 27)."""
SWITCH_EVERY_S = 0.001
"""Python's default of 5 ms lets one search hold up the event loop for that long."""
STOP_WITHIN_S = 2.0
"""For the waiting puts, when the server has vanished without a stop."""

log = logging.getLogger("adjutant.search")


class IndexServer:
    """Answers the server's requests until it says stop or disconnects."""

    def __init__(self, index: Index, writer: asyncio.StreamWriter) -> None:
        self._index = index
        self._writer = writer
        self._tasks: set[asyncio.Task[None]] = set()
        self._requests = Requests(index)
        self._others = OtherFiles(writer)

    async def serve(self, reader: asyncio.StreamReader) -> float:
        """Serves until the stop; returns how many seconds that may take."""
        while True:
            try:
                number, request, arguments = await frames.read(reader)
            except (asyncio.IncompleteReadError, OSError):
                return STOP_WITHIN_S
            if request == "stop":
                await asyncio.sleep(0)  # lets earlier requests begin
                [within_s] = arguments
                return float(within_s)
            task = asyncio.create_task(self._answer(number, self._begin(request, arguments)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _begin(self, request: str, arguments: list[Any]) -> Coroutine[Any, Any, Json]:
        if request == "open":
            return self._others.open(*arguments)
        if request == "on":
            return self._others.ask(*arguments)
        return (
            self._others.close(*arguments) if request == "close" else self._requests.of(request)(*arguments)
        )

    async def end(self) -> None:
        """Closes the connection once everything is answered."""
        await asyncio.gather(*self._tasks)
        await self._others.end()
        self._writer.close()
        with suppress(OSError):  # the server may be gone
            await self._writer.wait_closed()

    async def _answer(self, number: int, request: Coroutine[Any, Any, Json]) -> None:
        outcome, data = "failed", None
        try:
            outcome, data = "done", await request
        except Refusal as refusal:
            outcome, data = "refused", refusal.as_error()
        except Exception:
            log.exception("a request to the search process failed")
        try:
            self._index.report()
        finally:
            frames.write(self._writer, [number, outcome, data])


async def run(fd: int, address: str) -> None:
    """Serves the index on this socket until the server ends it."""
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=fd))
    index = Index(place_of(address), SystemClock(), Status(writer).send, Directory(writer).send)
    server = IndexServer(index, writer)
    await index.start()
    index.report()
    gc.collect()
    gc.freeze()  # long-lived objects: the collector skips them from now on
    within_s = await server.serve(reader)
    await index.stop(within_s)
    await server.end()


def _yield_to_the_server() -> None:
    """Lowers this process's priority, so that a search does not preempt the server."""
    with suppress(OSError):  # not every system supports it, and it works without
        os.nice(NICENESS)
        if sys.platform == "linux":
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def main(fd: str, level: str, form: str) -> None:
    """Runs the process. It ignores signals: Ctrl-C reaches the whole group, but only the server ends it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    logs.set_up(level, form)
    _yield_to_the_server()
    sys.setswitchinterval(SWITCH_EVERY_S)
    asyncio.run(run(int(fd), os.environ[RECORDS_AT]))


if __name__ == "__main__":
    main(*sys.argv[1:])

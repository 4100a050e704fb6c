"""In the process of the index: what may be asked of a file, what it reports, and the files of other boards,
each of which is open while it is used."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from sio_server.clock import SystemClock
from sio_server.lanes import Lane
from sio_server.people.entries import Entry
from sio_server.registry.ops import Json
from sio_server.search import frames
from sio_server.search.index import READERS, Index
from sio_server.search.places import place_of

MAIN = 0
"""The number of the file that the process was started for; other boards' are above."""
PEOPLE_AT_ONCE = 500  # in one message: the server's loop parses it in about a millisecond
IDLE_S = 30.0
"""A file that nobody has asked for so long is closed: an open one is looked at every two seconds."""
LOOK_EVERY_S = 5.0
STOP_WITHIN_S = 2.0  # for puts that wait when a file is closed as idle; there are none


class Status:
    """Sends the index's state to the server whenever it changes."""

    def __init__(self, writer: asyncio.StreamWriter, of: int = MAIN) -> None:
        self._writer = writer
        self._of = of
        self._sent: Json = None

    def send(self, summary: Json, fault: str | None) -> None:
        """Sends the state unless the server has it already."""
        status = {"known": summary, "fault": fault}
        if status != self._sent:
            self._sent = status
            frames.write(self._writer, [0, "status", status | {"of": self._of}])


class Directory:
    """Sends all people to the server, PEOPLE_AT_ONCE at a time, so that it can do other work in between."""

    def __init__(self, writer: asyncio.StreamWriter, of: int = MAIN) -> None:
        self._writer = writer
        self._of = of

    def send(self, people: Sequence[Entry]) -> None:
        """Sends them; the last message is marked."""
        for start in range(0, max(1, len(people)), PEOPLE_AT_ONCE):
            some = [(one.source, one.names, one.addresses) for one in people[start : start + PEOPLE_AT_ONCE]]
            message = {"people": some, "last": start + PEOPLE_AT_ONCE >= len(people), "of": self._of}
            frames.write(self._writer, [0, "people", message])


class Requests:
    """What may be asked of one index, by name."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._named: dict[str, Callable[..., Coroutine[Any, Any, Json]]] = {
            "put": self._put,
            "put_people": self._put_people,
            "search": self._search,
            "quotes": self._quotes,
            "record": self._record,
            "summary": index.summary,
        }

    def of(self, name: str) -> Callable[..., Coroutine[Any, Any, Json]]:
        """The request of that name."""
        return self._named[name]

    async def _put(
        self, source: str, records: list[Any], module: str, model: str, key: list[str] | None, most: list[int]
    ) -> Json:
        record_model = getattr(import_module(module), model)
        op = None if key is None else (key[0], key[1])
        return await self._index.put(source, records, record_model, op, (most[0], most[1]))

    async def _put_people(
        self, source: str, people: list[Any], module: str, model: str, spared: list[str] | None
    ) -> Json:
        person_model = getattr(import_module(module), model)
        return await self._index.put_people(source, people, person_model, spared)

    async def _search(self, client: int, fields: dict[str, Any]) -> Json:
        return await self._index.search(client, **fields)

    async def _quotes(self, fields: dict[str, Any]) -> Json:
        return await self._index.quotes(**fields)

    async def _record(self, fields: dict[str, Any]) -> Json:
        return await self._index.record(**fields)


class _Open:
    """An open file: when it was last asked for, and how many requests are under way."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.requests = Requests(index)
        self.started = asyncio.create_task(index.start())
        self.under_way = 0
        self.used_s = time.monotonic()


class OtherFiles:
    """The indexes of other boards, by number, on threads that they share."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._addresses: dict[int, str] = {}
        self._open: dict[int, _Open] = {}
        self._searches = ThreadPoolExecutor(READERS, thread_name_prefix="searches")
        self._puts = ThreadPoolExecutor(1, thread_name_prefix="puts")
        self._looking: asyncio.Task[None] | None = None

    async def open(self, number: int, address: str) -> Json:
        """Opens a file, or makes it, and reports its state and its people."""
        self._addresses[number] = address
        await self.ask(number, None, [])

    async def ask(self, number: int, name: str | None, arguments: list[Any]) -> Json:
        """Carries out the request on that file, which is opened first if it was closed as idle."""
        file = self._open.get(number) or self._begin(number)
        file.under_way += 1
        try:
            await file.started
            return None if name is None else await file.requests.of(name)(*arguments)
        finally:
            file.index.report()
            file.under_way -= 1
            file.used_s = time.monotonic()

    async def close(self, number: int, within_s: float) -> Json:
        """Closes a file for good."""
        self._addresses.pop(number, None)
        file = self._open.pop(number, None)
        if file is not None:
            await file.started
            await file.index.stop(within_s)

    async def end(self) -> None:
        """Closes all files."""
        if self._looking is not None:
            self._looking.cancel()
        await asyncio.gather(*(self.close(number, STOP_WITHIN_S) for number in [*self._open]))

    def _begin(self, number: int) -> _Open:
        lanes = Lane(self._searches, 1), Lane(self._puts), 1
        told = Status(self._writer, number).send, Directory(self._writer, number).send
        file = self._open[number] = _Open(
            Index(place_of(self._addresses[number]), SystemClock(), *told, lanes)
        )
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return file

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            long_ago = time.monotonic() - IDLE_S
            for number, file in [*self._open.items()]:
                if not file.under_way and file.used_s < long_ago:
                    del self._open[number]
                    await file.index.stop(STOP_WITHIN_S)

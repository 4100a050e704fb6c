"""The index of a board's file in the process that the main board's index runs in (search.Backend)."""

from __future__ import annotations

import asyncio
from typing import Any

from sio_server.registry.errors import draining
from sio_server.registry.ops import Json
from sio_server.search.address import Address, Database, named
from sio_server.search.process import NOTHING, IndexProcess, People
from sio_server.search.requests import Requests

OPEN_WITHIN_S = 0.05
"""How long the board waits for who is who in its file; after that it opens, and learns it a moment later."""


class BoardIndex(Requests):
    """One more file or database of the process. A file is opened at the start if it exists, else with the
    first request."""

    def __init__(self, process: IndexProcess, address: Address) -> None:
        self._process = process
        self._address = address
        self._number = process.add(self._told)
        self._opened_in = -1
        self._stopping = False
        self._fault: str | None = None
        self._people = People()
        self._opening: asyncio.Task[None] | None = None
        self.known: Json = NOTHING

    async def start(self) -> None:
        """As search.Backend says; it does not wait for a large file."""
        if isinstance(self._address, Database) or self._address.exists():
            self._opening = asyncio.create_task(self._open())
            await asyncio.wait([self._opening], timeout=OPEN_WITHIN_S)

    async def stop(self, within_s: float) -> None:
        """As search.Backend says."""
        self._stopping = True
        if self._opening is not None:
            self._opening.cancel()
        if self._opened_in == self._process.generation:
            await self._process.try_to("close", self._number, within_s, within_s=within_s)
        self._process.remove(self._number)

    @property
    def people(self) -> Any:
        """As search.Backend says."""
        return self._people.directory

    @property
    def fault(self) -> str | None:
        """As search.Backend says."""
        return self._process.process_fault or self._fault

    @property
    def memory_bytes(self) -> int:
        """As search.Backend says: of the process, which all boards share."""
        return self._process.memory_bytes

    async def _open(self) -> None:
        await self._process.try_to("open", *self._named())

    async def _ask(self, name: str, *arguments: Any) -> Json:
        if self._stopping:
            raise draining()
        if self._opened_in != self._process.generation:  # it is new, or the process was started again
            self._opening = asyncio.create_task(self._open())
            await asyncio.sleep(0)  # it goes before the request, on one line
        return await self._process.request("on", self._number, name, arguments, stores=name.startswith("put"))

    def _named(self) -> tuple[int, str]:
        self._opened_in = self._process.generation
        return self._number, named(self._address)

    def _told(self, outcome: str, data: Json) -> None:
        if outcome == "status":
            self.known, self._fault = data["known"], data["fault"]
        else:
            self._people.take_in(data["people"], data["last"])

"""A line to PostgreSQL that is cut: at any moment, or at a commit, before it or its answer arrives."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

_COMMIT = b"COMMIT\0"


class CutAtCommit:
    """Servers connect to `port`; `arrives` says whether the commit still reaches the database."""

    def __init__(self, database_port: int, arrives: bool = True) -> None:
        self._far = database_port
        self._arrives = arrives
        self._armed = self._away = self._stay_away = self._holds = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.cuts = 0

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(self._listener.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self._cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut_the_next(self, *, and_stay_away: bool = False) -> None:
        """Cuts all connections at the next commit; then the database may seem to be gone."""
        self._armed, self._stay_away = True, and_stay_away

    def hold_the_next(self) -> None:
        """Leaves the next commit on the way, and its connection open, as if its server had frozen."""
        self._holds = True

    def go_away(self) -> None:
        """Cuts all connections now; the database seems to be gone."""
        self._away = True
        self._cut()

    def come_back(self) -> None:
        """Lets connections through again."""
        self._away = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._away:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far)
        self._ends |= {writer, far_writer}
        for work in (
            self._to_database(reader, writer, far_writer),
            self._back(far_reader, writer),
        ):
            self._tasks.add(asyncio.ensure_future(work))

    async def _to_database(
        self, reader: asyncio.StreamReader, near: asyncio.StreamWriter, far: asyncio.StreamWriter
    ) -> None:
        try:
            await self._forward(reader, near, far)
        finally:  # also where the server was killed
            far.close()

    async def _forward(
        self, reader: asyncio.StreamReader, near: asyncio.StreamWriter, far: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65_536):
            if self._holds and _COMMIT in data:
                self._holds = False
                self.cuts += 1
                continue
            if not (self._armed and _COMMIT in data):
                far.write(data)
                continue
            self._armed, self._away = False, self._stay_away
            self.cuts += 1
            near.transport.abort()  # first, so that no answer passes
            if self._arrives:
                far.write(data)
                await far.drain()
                far.write_eof()
            self._cut(but=far if self._arrives else None)

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                if not writer.transport.is_closing():
                    writer.write(data)
        finally:
            writer.close()

    def _cut(self, but: asyncio.StreamWriter | None = None) -> None:
        for end in self._ends - {but}:
            end.transport.abort()
        self._ends.clear()

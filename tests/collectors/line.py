"""A bad line between a collector and the server."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress


class Line:
    """A proxy before the server that can lose what the server says, and drop the connections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: list[StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.answers = True
        self.connections = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        self._server.close()
        self.drop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drop(self) -> None:
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, far_writer]
        for source, target, is_answer in ((reader, far_writer, False), (far_reader, writer, True)):
            task = asyncio.ensure_future(self._pass_on(source, target, is_answer))
            self._tasks.add(task)

    async def _pass_on(self, source: StreamReader, target: StreamWriter, is_answer: bool) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                if self.answers or not is_answer:
                    target.write(data)
            target.close()

"""The way from a browser to the server, as a proxy makes it, or as it is when it is dead without a word."""

from __future__ import annotations

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Path:
    """Hands on what comes, to a server's port.

    `prefix`  serves it below this path
    `host`    says this host to the server
    `answer`  is what is answered in place of Socket.IO
    """

    def __init__(self, port: int, prefix: str = "", host: str = "", answer: str = "") -> None:
        self.port = port
        self.url = ""
        self._prefix = prefix.encode()
        self._host = host.encode()
        self._answer = answer.encode()
        self._living = asyncio.Event()
        self._living.set()
        self._tasks: set[asyncio.Task[None]] = set()

    def die(self) -> None:
        """Nothing more gets through on the connections that there are; new ones are not touched."""
        self._living.clear()
        self._living = asyncio.Event()
        self._living.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Path]:
        """Takes connections for the length of the block."""
        listening = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}{self._prefix.decode()}"
        try:
            yield self
        finally:
            listening.close()
            for task in self._tasks:
                task.cancel()

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        living = self._living
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        for way in (self._up(reader, back, writer, living), self._down(there, writer, living)):
            task = asyncio.ensure_future(way)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _up(
        self, reader: StreamReader, server: StreamWriter, browser: StreamWriter, living: asyncio.Event
    ) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while piece := await reader.read(65_536):
                await living.wait()
                if self._answer and re.match(rb"[A-Z]+ \S*/socket\.io/", piece):
                    browser.write(self._answer)
                    break
                server.write(self._rewritten(piece))
                await server.drain()
        server.close()

    async def _down(self, server: StreamReader, browser: StreamWriter, living: asyncio.Event) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while piece := await server.read(65_536):
                await living.wait()
                browser.write(piece)
                await browser.drain()
        browser.close()

    def _rewritten(self, piece: bytes) -> bytes:
        if self._prefix:
            piece = re.sub(rb"^([A-Z]+ )" + self._prefix + rb"/", rb"\1/", piece)
        if self._host:
            piece = re.sub(rb"(?im)^host: [^\r]*", b"host: " + self._host, piece)
        return piece

"""A server that does what servers should not, on a real socket."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from itertools import cycle
from typing import Self


def http(status: str, body: str = "", *headers: str, kind: str = "application/json") -> bytes:
    """An answer."""
    data = body.encode()
    head = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}", *headers)
    return "\r\n".join((*head, "Connection: close", "", "")).encode() + data


class BadServer:
    """`answers` are those to the requests, one after the other, the last one again and again; b"" for none.

    With `drips` they come byte by byte, and never end. `greets` says that it speaks first and by lines, as
    mail servers do; `{tag}` in an answer is the tag of the command.
    """

    def __init__(
        self,
        *answers: bytes,
        drips: bool = False,
        greets: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answers, self.drips, self.greets, self.tls = answers, drips, greets, tls
        self.port = self.asked = 0
        self._tasks = set[asyncio.Task[None]]()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """From now on nobody is there."""
        self._server.close()
        await self._server.wait_closed()

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        # asyncio would log that it was cancelled
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await (self._talk if self.greets else self._reply)(reader, writer)
        writer.close()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = 0
        while line := (await reader.readline()).strip().lower():
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        await reader.readexactly(length)
        await self._say(writer, b"")

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, b"")
        while line := await reader.readline():
            await self._say(writer, line.split(b" ")[0])

    async def _say(self, writer: asyncio.StreamWriter, tag: bytes) -> None:
        answer = self.answers[min(self.asked, len(self.answers) - 1)].replace(b"{tag}", tag)
        self.asked += 1
        if not answer:
            await asyncio.Event().wait()
        for byte in cycle(answer) if self.drips else ():
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write(answer)
        await writer.drain()

"""A TCP line between client and server that can be held up or cut."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from tests.running import RunningServer


class LineBetween:
    """Clients connect to `url`; what the server says may be held back, and all connections cut."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._open = asyncio.Event()
        self._open.set()
        self._ends: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.cut()

    def hold(self) -> None:
        """From now on the client hears nothing; what it says still arrives."""
        self._open.clear()

    def release(self) -> None:
        """The client hears what was held back, and all that follows."""
        self._open.set()

    def cut(self) -> None:
        """Ends all connections; what was held back is lost. New ones are let through."""
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()
        self._open.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        self._ends |= {writer, their_writer}
        await asyncio.gather(self._pass(reader, their_writer), self._pass(their_reader, writer, held=True))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, held: bool = False
    ) -> None:
        try:
            while data := await reader.read(65_536):
                if held:
                    await self._open.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

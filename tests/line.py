"""A TCP line between client and server that can be held up, stalled, cut or gone."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Protocol, Self


class Listens(Protocol):
    """A server of any kind."""

    port: int


class LineBetween:
    """Clients connect to `url`, at `port`; what is said may be held back, and all connections cut."""

    def __init__(self, server: Listens) -> None:
        self._port, self.port = server.port, 0
        self._to_client, self._to_server = asyncio.Event(), asyncio.Event()
        self._ends: set[asyncio.StreamWriter] = set()
        self._dead: set[asyncio.StreamWriter] = set()
        self._joined: set[asyncio.Task[None]] = set()
        self.connections = 0
        self.release()

    async def __aenter__(self) -> Self:
        await self.begin()
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def begin(self) -> None:
        """It is there again, where it was."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def end(self) -> None:
        """From now on connections are refused; those of now end."""
        self._listener.close()
        self.cut()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self._ends |= self._dead
        self.cut()
        for joined in self._joined:
            joined.cancel()
        await asyncio.gather(*self._joined, return_exceptions=True)
        await asyncio.sleep(0)  # what is closed is closed in the loop's next turn

    def hold(self) -> None:
        """From now on the client hears nothing; what it says still arrives."""
        self._to_client.clear()

    def stall(self) -> None:
        """The connections of now are dead, though nobody is told: nothing arrives, either way.

        New ones are let through.
        """
        self._to_client.clear()
        self._to_server.clear()
        self._dead |= self._ends
        self._ends.clear()
        self._to_client, self._to_server = asyncio.Event(), asyncio.Event()
        self.release()

    def release(self) -> None:
        """What was held back arrives, and all that follows."""
        self._to_client.set()
        self._to_server.set()

    def cut(self) -> None:
        """Ends all connections; what was held back is lost. New ones are let through."""
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()
        self.release()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        joined = asyncio.ensure_future(self._join(reader, writer))
        self._joined.add(joined)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_client, to_server = self._to_client, self._to_server
        try:
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, their_writer}
        await asyncio.gather(
            self._pass(reader, their_writer, to_server), self._pass(their_reader, writer, to_client)
        )

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event
    ) -> None:
        try:
            while data := await reader.read(65_536):
                await gate.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

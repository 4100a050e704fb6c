"""A TCP line between many clients and one server, on which each connection can fail in a way of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65_536
FAR_BUFFER_BYTES = 65_536
"""Of the connection to the server: else the kernel takes in megabytes for a client that does not read."""


class Way:
    """One direction of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._open = asyncio.Event()
        self._open.set()
        self.swallows = False
        self.delay_s = 0.0

    async def run(self) -> None:
        """Passes on what comes, until either end is gone."""
        try:
            while data := await self._reader.read(CHUNK_BYTES):
                await asyncio.sleep(self.delay_s)
                await self._open.wait()
                if not self.swallows:
                    self._writer.write(data)
                    await self._writer.drain()
        except OSError:
            pass
        finally:
            self._writer.close()

    def hold(self) -> None:
        """Nothing arrives until `release`, and nothing more is read."""
        self._open.clear()

    def release(self) -> None:
        """What was held up arrives."""
        self._open.set()
        self.delay_s = 0.0

    def end(self) -> None:
        """This direction is closed; the other stays open."""
        self.swallows = True
        with suppress(OSError, RuntimeError):
            self._writer.write_eof()

    def abort(self) -> None:
        """The connection is gone, with what was still to be sent."""
        self._writer.transport.abort()


class Joined:
    """One connection through the line."""

    def __init__(self, to_server: Way, to_client: Way) -> None:
        self.to_server, self.to_client = to_server, to_client
        self.wounded = False

    @property
    def ways(self) -> tuple[Way, Way]:
        return self.to_server, self.to_client

    def cut(self) -> None:
        """Both ends learn that it is gone."""
        for way in self.ways:
            way.release()
            way.abort()

    def heal(self) -> None:
        """Goes on as before; one that has lost something is cut, since nothing can heal it."""
        if self.wounded:
            self.cut()
        for way in self.ways:
            way.release()


class Line:
    """Clients connect to `url`; `open` are the connections of now."""

    def __init__(self, port: Callable[[], int]) -> None:
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self.open: list[Joined] = []
        self.refuses = False

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.cut_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # what is closed is closed in the loop's next turn

    def cut_all(self) -> None:
        """Ends all connections of now."""
        for joined in list(self.open):
            joined.cut()

    def heal(self) -> None:
        """The line is as good as new."""
        self.refuses = False
        for joined in list(self.open):
            joined.heal()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._join(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.refuses:
                raise ConnectionRefusedError
            far = socket.socket()
            far.setblocking(False)
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, FAR_BUFFER_BYTES)
            try:
                await asyncio.get_running_loop().sock_connect(far, ("127.0.0.1", self._port()))
            except OSError:
                far.close()
                raise
            their_reader, their_writer = await asyncio.open_connection(sock=far)
        except OSError:
            writer.transport.abort()
            return
        joined = Joined(Way(reader, their_writer), Way(their_reader, writer))
        self.open.append(joined)
        try:
            await asyncio.gather(*(way.run() for way in joined.ways))
        finally:
            self.open.remove(joined)

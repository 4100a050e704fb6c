"""A real server in a process of its own, and real Python clients, for tests."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import socketio

from tests import postgres

ROOT = Path(__file__).parent.parent
WAIT_S = 240.0  # a limit for what never happens: at a load of 17 on two processors a start takes a minute

Json = Any


async def until(
    condition: Callable[[], Any],
    what: str = "the condition",
    within_s: float = WAIT_S,
    every_s: float = 0.01,
) -> Any:
    """The first true value of the condition; fails when there is none in time. Where a look is dear, it is
    to be seldom: a wait costs nothing."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not (value := condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"{what}: not within {within_s:.0f} s")
        await asyncio.sleep(every_s)
    return value


async def until_found(
    look: Callable[[], Awaitable[Any]], what: str = "what is looked for", every_s: float = 0.01
) -> Any:
    """As `until`, where to look is to ask somebody: that costs more than to wait, so it is done ever more
    seldom."""
    deadline = asyncio.get_running_loop().time() + WAIT_S
    while not (found := await look()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"{what}: not within {WAIT_S:.0f} s")
        await asyncio.sleep(every_s)
        every_s = min(2 * every_s, max(0.2, every_s))
    return found


async def listens(port: int, within_s: float = WAIT_S) -> None:
    """Returns once something on this machine accepts connections at the port."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


class Program(Protocol):
    """A process of asyncio, or one that is like it."""

    stdin: asyncio.StreamWriter | None
    stdout: asyncio.StreamReader | None
    stderr: asyncio.StreamReader | None

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def send_signal(self, number: int, /) -> None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...

    async def wait(self) -> int: ...

    async def communicate(self, given: Any = ..., /) -> tuple[bytes, bytes]: ...


def close(process: Program) -> None:
    """Drops the streams of a process that has ended, and what was not read from them."""
    owner: Any = process
    getattr(owner, "_transport", owner).close()


class RunningServer:
    """`serve.py` on free ports; `restart` keeps the ports, so that clients find it again."""

    program: tuple[str, ...] = (str(ROOT / "serve.py"),)

    def __init__(self, data_dir: Path, *flags: str, env: dict[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.flags = (*flags, "--stock-sockets") if os.environ.get("STOCK_SOCKETS") else flags
        self.env = env or {}
        self.port = self.http_port = 0
        self.process: Program | None = None
        self.first_line = ""

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def http_url(self) -> str:
        """The side-app."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def log_file(self) -> Path:
        """Where its standard error goes."""
        return self.data_dir.parent / "server.log"

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self.process is not None
        return self.process.pid

    async def start(self) -> None:
        """Returns when the first line is printed: clients can connect."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ADJUTANT_")}
        ports = (f"--port={self.port}", f"--http-port={self.http_port}", f"--data-dir={self.data_dir}")
        where = postgres.flags_for(self.data_dir)
        async with asyncio.timeout(WAIT_S):
            line = await self._launch((*ports, *where, *self.flags), clean | self.env)
            while self.port and not line and "Address already in use" in self.log():
                await asyncio.sleep(0.1)  # meanwhile another program was given the port; not for long
                line = await self._launch((*ports, *where, *self.flags), clean | self.env)
        self.first_line = line.decode()
        found = re.findall(r"http://127\.0\.0\.1:(\d+)", self.first_line)
        assert len(found) == 2, f"the server did not start: {self.log()}"
        self.port, self.http_port = int(found[0]), int(found[1])

    def log(self) -> str:
        """What the server wrote to standard error."""
        return self.log_file.read_text()

    async def kill(self) -> None:
        """kill -9."""
        await self._signal(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; the exit status."""
        return await self._signal(signal.SIGTERM)

    async def restart(self) -> None:
        """Kills the server and starts it again on the same ports and data."""
        await self.kill()
        await self.start()

    async def get(self, path: str, http: bool = True) -> tuple[int, Json]:
        """Status and JSON of a GET, from the side-app or the main port."""
        base = self.http_url if http else self.url
        async with aiohttp.ClientSession() as session, session.get(base + path) as response:
            return response.status, await response.json(content_type=None)

    async def _launch(self, flags: tuple[str, ...], environment: dict[str, str]) -> bytes:
        """Begins the process; the first line that it prints."""
        with self.log_file.open("ab") as log:
            self.process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, *self.program, *flags), stdout=PIPE, stderr=log, env=environment, cwd=ROOT
            )
        assert process.stdout is not None
        return await process.stdout.readline()

    async def _signal(self, number: int) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        status = await asyncio.wait_for(self.process.wait(), WAIT_S)
        close(self.process)
        return status


class PythonClient:
    """A `socketio.AsyncClient` that records what it receives; `answers` is what it acks, by event."""

    def __init__(self, **auth: Json) -> None:
        self.auth = auth
        self.events: list[tuple[str, Json]] = []
        self.heads: list[Json] = []
        self.answers: dict[str, Json] = {}
        self.headers: dict[str, str] = {}
        self.sio = socketio.AsyncClient(reconnection=False)
        self.sio.on("*", self._record)
        self.sio.on("connect_error", self._record_refusal)

    async def connect(self, url: str, transports: list[str] | None = None) -> PythonClient:
        """Connects; itself, for chaining."""
        await self.sio.connect(
            url, self.headers, self.auth, transports=transports or ["websocket"], wait_timeout=WAIT_S
        )
        return self

    async def disconnect(self) -> None:
        """Leaves in order."""
        await self.sio.disconnect()

    async def request(self, event: str, payload: Json = None, /, **fields: Json) -> Json:
        """The ack; the payload is an object, or given by its fields."""
        return await self.sio.call(event, fields if payload is None else payload, timeout=WAIT_S)

    async def done(self, event: str, payload: Json = None, /, **fields: Json) -> Json:
        """The ack's data; the request must have been carried out."""
        ack = await self.request(event, payload, **fields)
        assert ack["ok"], ack
        return ack["data"]

    async def refused(self, event: str, payload: Json = None, /, **fields: Json) -> Json:
        """The ack's error; the request must have been refused."""
        ack = await self.request(event, payload, **fields)
        assert not ack["ok"], ack
        return ack["error"]

    async def state(self) -> Json:
        """A fresh snapshot."""
        return (await self.done("state:get", {}))["state"]

    def received(self, event: str) -> list[Json]:
        """The payloads of this event so far."""
        return [payload for name, payload in self.events if name == event]

    async def wait_for(self, event: str, matching: Callable[[Json], Any] = lambda payload: True) -> Json:
        """The first payload of this event that matches, also one that came before."""
        found = await until(
            lambda: [payload for payload in self.received(event) if matching(payload)], f"a {event}"
        )
        return found[0]

    async def in_step(self, seq: int) -> None:
        """Returns when the client has had the patch, or a sync, of this position."""
        await until(
            lambda: any(payload.get("seq", -1) >= seq for _, payload in self.events), f"position {seq}"
        )

    async def connect_refused(self, url: str) -> Json:
        """The error with which the server does not let this client in: {message, data}."""
        with suppress(socketio.exceptions.ConnectionError):
            await self.connect(url)
            await self.disconnect()
            raise AssertionError("the client was let in")
        return await self.wait_for("connect_error")

    async def _record(self, event: str, payload: Json = None) -> Json:
        if event == "state:head":
            self.heads.append(payload)  # apart: it comes when the clock says so
        else:
            self.events.append((event, payload))
        return self.answers.get(event)

    async def _record_refusal(self, error: Json) -> None:
        self.events.append(("connect_error", error))

"""`adjutant connect`, `sources`, `run` as a person runs them, with a file of accounts of the test's."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.forked import create_subprocess_exec
from tests.running import ROOT, WAIT_S, Program, RunningServer, until

WITHIN_S = WAIT_S
LOOK_EVERY_S = 0.2  # at all processes there are, which takes ten milliseconds and more


async def eventually(look: Callable[[], Awaitable[object]]) -> None:
    """Looks until there is something to see."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            if await look():
                return
            await asyncio.sleep(0.05)


class Adjutant:
    """The program, for one person; `said` is all that it ever printed."""

    def __init__(self, server: RunningServer, folder: Path, **environment: str) -> None:
        self.server, self.folder, self.said = server, folder, ""
        self.book = folder / "accounts.json"
        self.commands = set[str]()
        self.environment = os.environ | {
            "ADJUTANT_ACCOUNTS": str(self.book),
            "ADJUTANT_URL": server.url,
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            **environment,
        }
        self._running: Program | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __call__(self, *words: object, stdin: str = "") -> tuple[int, str]:
        """Exit status, and what was printed; there is never a traceback in it."""
        process: Program = await self._begin(create_subprocess_exec, *words)
        out, _ = await process.communicate(stdin.encode())
        self.said += out.decode()
        assert "Traceback" not in out.decode(), out.decode()
        assert process.returncode is not None
        return process.returncode, out.decode()

    async def run(self) -> None:
        """`adjutant run`, until `stop`."""
        # Not forked: who looks at the list of processes sees the arguments of each.
        self._running = process = await self.start("run")
        assert process.stdout is not None
        self._reading = asyncio.ensure_future(self._read(process.stdout))

    async def stop(self, *, kill: bool = False) -> int:
        """Ends `adjutant run`; the exit status."""
        assert self._running is not None
        (self._running.kill if kill else self._running.terminate)()
        async with asyncio.timeout(WITHIN_S):
            status = await self._running.wait()
            if self._reading is not None:
                await self._reading
        return status

    def collectors(self) -> dict[str, psutil.Process]:
        """Those that run, by the account's name; their command lines are remembered."""
        found = {}
        for one in psutil.process_iter():
            with suppress(psutil.Error):
                words = one.cmdline()
                if self.server.url in words and "--account" in words:
                    self.commands |= {*words}
                    found[words[words.index("--account") + 1]] = one
        return found

    def kill_collectors(self) -> None:
        """None is left running."""
        for one in self.collectors().values():
            with suppress(psutil.NoSuchProcess):
                one.kill()

    async def until_running(self, *names: str) -> dict[str, psutil.Process]:
        """Exactly these are running."""
        what = f"collectors {names}: {self.said}"
        await until(lambda: {*self.collectors()} == {*names}, what, every_s=LOOK_EVERY_S)
        return self.collectors()

    def everything(self) -> bytes:
        """All that it printed, all process arguments, and all files beside the accounts and the server's."""
        files = [one for one in self.folder.rglob("*") if one.is_file() and one != self.book]
        said = self.said + self.server.log() + " ".join(self.commands)
        return said.encode() + b"".join(one.read_bytes() for one in files)

    async def start(self, *words: object) -> Program:
        """Begins; what it asks is for the test to answer."""
        process: Program = await self._begin(asyncio.create_subprocess_exec, *words)
        return process

    async def _begin(self, create: Callable[..., Awaitable[Any]], *words: object) -> Any:
        command = ("-m", "collectors.connected", *map(str, words))
        return await create(
            *(sys.executable, *command),
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            cwd=ROOT,
            env=self.environment,
        )

    async def _read(self, stream: Any) -> None:
        while line := await stream.readline():
            self.said += line.decode()

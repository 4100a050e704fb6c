"""Servers that are forked from a process which has imported the server: several hundred tests start one each,
and it is the imports that take the second."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from tests.running import ROOT, RunningServer

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["serve", __name__])


class ForkedProcess:
    """`serve.py` with these flags, as asyncio shows a process; `stdout` is what it prints."""

    def __init__(self, flags: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        self.stdout, out = _FORKING.Pipe(duplex=False)
        self._process = _FORKING.Process(target=_serve, args=(flags, environment, out, log), daemon=True)
        self._process.start()
        out.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """A signal, to the process alone."""
        os.kill(self.pid, number)

    async def wait(self) -> int:
        """The exit status, once it has ended."""
        await asyncio.to_thread(self._process.join)
        assert self._process.exitcode is not None
        return self._process.exitcode


class ForkedServer(RunningServer):
    """`serve.py` without the wait for its imports; given an `env`, which may be meant for Python itself, a
    new Python runs it."""

    async def _launch(self, flags: tuple[str, ...], environment: dict[str, str]) -> bytes:
        if self.env:
            return await super()._launch(flags, environment)
        self.process = process = ForkedProcess(flags, environment, self.log_file)
        with open(process.stdout.fileno(), "rb", closefd=False) as out:
            return await asyncio.to_thread(out.readline)


def _serve(flags: tuple[str, ...], environment: dict[str, str], out: Connection, log: Path) -> None:
    os.dup2(out.fileno(), 1)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)

    import serve

    sys.exit(serve.main(flags, environment))

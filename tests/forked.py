"""Servers that are forked from a process which has imported the server: several hundred tests start one each,
and it is the imports that take the time, the server's own and those of its search process."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from sio_server.search import __main__ as search
from tests.running import ROOT, RunningServer

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.preloaded"])


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

    subprocess.Popen = ForkedSearch  # type: ignore[misc, assignment]  # the server starts no other program
    sys.exit(serve.main(flags, environment))


class ForkedSearch:
    """`python -m sio_server.search` with these arguments, as the subprocess module shows a process."""

    def __init__(self, command: list[str], pass_fds: list[int], **options: object) -> None:
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            self._become(command[3:], *pass_fds)

    def kill(self) -> None:
        """kill -9."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """The exit status, once it has ended."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    @staticmethod
    def _become(arguments: list[str], kept: int) -> None:
        """Runs the search in place of the server that this process is a copy of."""
        status = 1
        try:
            os.setpgid(0, 0)
            os.closerange(3, kept)  # the server's lock and sockets must not outlive it
            os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
            search.main(*arguments)
            status = 0
        finally:
            os._exit(status)

"""Python programs that are forked from a process which has imported what they need: the tests start more than
a thousand servers, collectors and terminals, and it is the imports that take the time."""

from __future__ import annotations

import asyncio
import gc
import math
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from asyncio import StreamReader, StreamReaderProtocol, StreamWriter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import Any

from tests.running import ROOT, WAIT_S, RunningServer, until

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.preloaded"])
OF_PYTHON = ("PYTHON", "LANG", "LC_", "LD_", "MALLOC_")
"""What counts when a Python starts, and cannot be changed later."""


class ForkedProcess:
    """A Python program, as asyncio shows a process."""

    def __init__(self, *arguments: str) -> None:
        self.stdin: StreamWriter | None = None
        self.stdout: StreamReader | None = None
        self.stderr: StreamReader | None = None
        self._arguments = arguments
        self._transports: list[asyncio.BaseTransport] = []

    async def start(
        self,
        environment: Mapping[str, str],
        stdin: int = DEVNULL,
        stdout: int = PIPE,
        stderr: int = PIPE,
        start_new_session: bool = False,
    ) -> ForkedProcess:
        """Itself, for chaining; each stream is a file's number, PIPE or DEVNULL, or STDOUT for `stderr`."""
        theirs = [await self._open("stdin", stdin), await self._open("stdout", stdout)]
        theirs.append(await self._open("stderr", theirs[1].fileno() if stderr == STDOUT else stderr))
        how = (self._arguments, dict(environment), theirs, start_new_session)
        self._process = _FORKING.Process(target=_run, args=how, daemon=True)
        self._process.start()
        for end in theirs:
            end.close()
        assert self._process.pid is not None
        self.pid = self._process.pid
        return self

    @property
    def returncode(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """A signal, to the process alone."""
        if self.returncode is None:
            with suppress(ProcessLookupError):  # ended, which was not heard of yet
                os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    async def wait(self, within_s: float = WAIT_S) -> int:
        """The exit status, once it has ended; fails where it goes on for longer."""
        await until(lambda: self.returncode is not None, f"the end of {self}", within_s)
        assert self.returncode is not None
        return self.returncode

    async def communicate(self, given: bytes = b"", within_s: float = WAIT_S) -> tuple[bytes, bytes]:
        """What it prints until it ends, to standard output and standard error; fails, with what it said so
        far, where it goes on for longer."""
        if self.stdin is not None:
            self.stdin.write(given)
            self.stdin.close()
        said = bytearray(), bytearray()
        try:
            async with asyncio.timeout(within_s):
                await asyncio.gather(*map(_read_all, (self.stdout, self.stderr), said))
                await self.wait(math.inf)
        except TimeoutError:
            so_far = "".join(each.decode(errors="replace") for each in said)
            raise AssertionError(
                f"{self} has not ended within {within_s:.0f} s; it said so far:\n{so_far}"
            ) from None
        return bytes(said[0]), bytes(said[1])

    def __str__(self) -> str:
        return f"python {' '.join(self._arguments)}"

    def close(self) -> None:
        """Drops the streams, and what was not read from them."""
        for transport in self._transports:
            transport.close()

    async def _open(self, name: str, stream: int) -> Connection:
        """The program's end, its parent's being the attribute of this name."""
        if stream == DEVNULL:
            return Connection(os.open(os.devnull, os.O_RDWR))
        if stream != PIPE:
            return Connection(os.dup(stream))
        outlet, inlet = os.pipe()
        loop = asyncio.get_running_loop()
        reader = StreamReader()
        protocol = StreamReaderProtocol(reader)
        if name == "stdin":
            write, _ = await loop.connect_write_pipe(lambda: protocol, os.fdopen(inlet, "wb", 0))
            self.stdin = StreamWriter(write, protocol, None, loop)
            self._transports.append(write)
            return Connection(outlet, writable=False)
        read, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(outlet, "rb", 0))
        setattr(self, name, reader)
        self._transports.append(read)
        return Connection(inlet, readable=False)


async def create_subprocess_exec(*command: str, **options: Any) -> Any:
    """Like asyncio's, but that a Python program is forked: without its `nice`, in the project's folder."""
    if sys.executable not in command:
        return await asyncio.subprocess.create_subprocess_exec(*command, **options)
    process = ForkedProcess(*command[command.index(sys.executable) + 1 :])
    ends = enumerate(options.get(name) for name in ("stdin", "stdout", "stderr"))
    numbers = [
        end if isinstance(end, int) else number if end is None else end.fileno() for number, end in ends
    ]
    stdin, stdout, stderr = numbers
    environment, new_session = options.get("env") or os.environ, options.get("start_new_session", False)
    return await process.start(environment, stdin, stdout, stderr, new_session)


class ForkedServer(RunningServer):
    """`serve.py` without the wait for its imports."""

    async def _launch(self, flags: tuple[str, ...], environment: dict[str, str]) -> bytes:
        if any(name.startswith(OF_PYTHON) for name in self.env):
            return await super()._launch(flags, environment)
        with self.log_file.open("ab") as log:
            self.process = process = ForkedProcess(*self.program, *flags)
            await process.start(environment, stderr=log.fileno())
        assert process.stdout is not None
        return await process.stdout.readline()


class ForkingPopen(subprocess.Popen[Any]):
    """Starts a Python program as a fork of this process, and any other as usual."""

    def __init__(self, args: Sequence[str], **options: Any) -> None:
        if args[0] == sys.executable and (args[1] == "-m" or args[1].endswith(".py")):
            with suppress(OSError):
                sys.stdout.flush()  # else the copy might print it, too
            kept, environment = options.get("pass_fds", ()), dict(options.get("env") or os.environ)
            options["preexec_fn"] = lambda: _become(args[1:], environment, kept)
        super().__init__(args, **options)


def _run(
    arguments: Sequence[str], environment: dict[str, str], streams: Sequence[Connection], new_session: bool
) -> None:
    """In the process that was forked."""
    if new_session:
        os.setsid()
    os.chdir(ROOT)
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    subprocess.Popen = ForkingPopen  # type: ignore[misc, assignment]
    _become(arguments, environment)


def _become(arguments: Sequence[str], environment: dict[str, str], kept: Sequence[int] = ()) -> None:
    """Runs the program in place of the one that this process is a copy of, and ends the process."""
    status = 1
    try:
        _close_all_but(0, 1, 2, *kept)
        _be_new(environment)
        status = _status_of(arguments)
        sys.stdout.flush()
    finally:
        os._exit(status)


def _close_all_but(*kept: int) -> None:
    """The locks and sockets of one process must not outlive it in another."""
    ends = [*sorted(kept), os.sysconf("SC_OPEN_MAX")]
    for before, after in pairwise(ends):
        os.closerange(before + 1, after)


def _be_new(environment: dict[str, str]) -> None:
    """As Python is when it starts."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    gc.enable()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", 1 if os.isatty(1) else -1, encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _status_of(arguments: Sequence[str]) -> int:
    """Runs the program."""
    try:
        if arguments[0] == "-m":
            sys.argv = list(arguments[1:])
            for name in (arguments[1], f"{arguments[1]}.__main__"):
                sys.modules.pop(name, None)  # imported, and now to be run
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = list(arguments)
            sys.path.insert(0, str(Path(arguments[0]).parent))
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as Python does
        traceback.print_exc()
        return 1
    return 0


def completed(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python ARGUMENTS` run to its end, without settings of Adjutant but these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADJUTANT_")}

    async def run() -> subprocess.CompletedProcess[str]:
        process = await ForkedProcess(*arguments).start(clean | environment)
        out, err = await process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode or 0, out.decode(), err.decode())

    with ThreadPoolExecutor(1) as apart:  # the caller may run in an event loop
        return apart.submit(asyncio.run, run()).result()


async def _read_all(reader: StreamReader | None, into: bytearray) -> None:
    while reader is not None and (some := await reader.read(1 << 16)):
        into += some

"""The server under load, in separate processes, and their use of CPU and memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil

from tests.running import RunningServer

STEADY_WITHIN_S = 5.0  # then it is measured as it is
STEADY_BYTES = 100_000  # memory that moves by less between two looks has settled


class Measured:
    """A server process, and its use of CPU and memory."""

    port: int

    @property
    def pid(self) -> int:
        """The process."""
        raise NotImplementedError

    def cpu_s(self) -> float:
        """Processor time so far, in user code and in the kernel, of all its processes."""
        return sum(_cpu_s(one) for one in self._processes())

    def rss_bytes(self) -> int:
        """Memory in use, of all its processes."""
        return sum(one.memory_info().rss for one in self._processes())

    def peak_bytes(self) -> int | None:
        """The most memory that each process ever used; None where the system does not say (not Linux)."""
        peaks = [_peak_bytes(one.pid) for one in self._processes()]
        return None if None in peaks else sum(peak for peak in peaks if peak is not None)

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.pid)
        return [first, *first.children(recursive=True)]

    async def steady_bytes(self) -> int:
        """The memory in use once it is stable, or the time is up."""
        ends_at = asyncio.get_running_loop().time() + STEADY_WITHIN_S
        before, now = -1, self.rss_bytes()
        while abs(now - before) > STEADY_BYTES and asyncio.get_running_loop().time() < ends_at:
            await asyncio.sleep(0.5)
            before, now = now, self.rss_bytes()
        return now


def _cpu_s(process: psutil.Process) -> float:
    """The scheduler's own count, of the threads that live; elsewhere than on Linux in steps of 10 ms."""
    tasks = Path(f"/proc/{process.pid}/task")
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
    except OSError:
        times = process.cpu_times()
        return times.user + times.system


def _peak_bytes(pid: int) -> int | None:
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return None if found is None else int(found[1]) * 1024


class MeasuredServer(RunningServer, Measured):
    """The server, on free ports."""

    async def metric(self, name: str) -> float:
        """A number from /metrics; 0 when there is no sample of this name."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.http_url}/metrics") as answer:
            found = re.search(rf"^{re.escape(name)} (\S+)$", await answer.text(), re.MULTILINE)
        return 0.0 if found is None else float(found[1])


@asynccontextmanager
async def serving(folder: Path, *flags: str, program: Path | None = None) -> AsyncIterator[MeasuredServer]:
    """A server whose data directory is in the folder; it ends with the block, whatever happens.

    `program`: its `serve.py`, if it is not ours.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    server = MeasuredServer(folder / "data", *flags)
    if program is not None:
        server.program = (str(program),)
    try:
        await server.start()
        yield server
    finally:
        if server.process is not None and server.process.returncode is None:
            await server.kill()

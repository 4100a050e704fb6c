"""What may go wrong, and how often."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil

from tests.chaos.disk import Disk, Switch
from tests.chaos.ledger import Ledger, Promise
from tests.chaos.line import Joined, Line
from tests.chaos.sources import Collector
from tests.forked import completed
from tests.running import ROOT, RunningServer, until

ENDS_WITHIN_S = 3.0
SOON_S = 5.0
JUMPS_S = tuple(way * size for way in (1.0, -1.0) for size in (2, 90, 2 * 3600, 40 * 3600, 400 * 86_400))
"""A correction, a wrong zone, longer than codes and ops are kept, and a clock set to another year."""


class Faults:
    """Strikes; `struck` counts how often each one did."""

    def __init__(
        self,
        server: RunningServer,
        line: Line,
        switch: Switch,
        clock: Path,
        collector: Collector,
        ledger: Ledger,
        chance: random.Random,
    ) -> None:
        self._server, self._line, self._switch, self._collector = server, line, switch, collector
        self._ledger, self._chance, self._clock = ledger, chance, clock
        self._background: set[asyncio.Task[None]] = set()
        self._machine = asyncio.Lock()  # no server is started on a disk that fails, or frozen while it starts
        self.struck: Counter[str] = Counter()
        self._kinds: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "cut": (20, self._on_one(Joined.cut)),
            "lose what is said to the server": (8, self._on_one(_swallow_to_server)),
            "lose what is said to a client": (8, self._on_one(_swallow_to_client)),
            "half-close": (8, self._on_one(self._half_close)),
            "stall": (8, self._on_one(_stall)),
            "delay": (8, self._on_one(self._delay)),
            "stop reading": (8, self._on_one(self._stop_reading)),
            "cut all": (3, self._cut_all),
            "outage": (3, self._outage),
            "kill -9 of the server": (4, self._kill_server),
            "SIGTERM to the server": (1, self._stop_server),
            "freeze the server": (3, self._freeze_server),
            "kill -9 of the search": (4, self._kill_search),
            "freeze the search": (2, self._freeze_search),
            "kill -9 of a collector": (3, self._kill_collector),
            "freeze a collector": (2, self._freeze_collector),
            "another file for a collector": (4, self._write),
            "full disk": (3, self._full_disk),
            "a sync that fails": (2, self._sync_fails),
            "a sync that hangs": (3, self._sync_hangs),
            "the store's file removed": (1, self._remove_store),
            "the clock jumps": (4, self._clock_jumps),
        }

    async def strike(self) -> None:
        """One fault, drawn by its weight."""
        weights = [weight for weight, _ in self._kinds.values()]
        [name] = self._chance.choices(list(self._kinds), weights)
        await self.strike_with(name)

    async def strike_with(self, name: str) -> None:
        """This one."""
        self.struck[name] += 1
        await self.serve_again()
        await self._kinds[name][1]()

    async def heal(self) -> None:
        """Nothing is wrong any more, from outside."""
        self._switch.disk = Disk.GOOD
        _set(self._clock, 0.0)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        for pid in (self._server.pid, self._collector.pid, *self._search()):
            _signal(pid, signal.SIGCONT)
        self._line.heal()
        await self.serve_again()

    async def serve_again(self) -> None:
        """What a supervisor does: a server that has ended is started."""
        if _has_ended(self._server):
            async with self._machine:
                await self._serve_again()

    async def _serve_again(self) -> None:
        if _has_ended(self._server):
            await self._start()

    async def _start(self) -> None:
        self._ledger.tried(Promise.STARTS)
        try:
            await self._server.start()
        except (AssertionError, TimeoutError) as error:
            self._ledger.lost(Promise.STARTS, f"{error}: {self._server.log()[-500:]}")
            raise

    # The line.

    def _on_one(self, strike: Callable[[Joined], None]) -> Callable[[], Awaitable[None]]:
        async def on_one() -> None:
            if self._line.open:
                strike(self._chance.choice(self._line.open))

        return on_one

    def _half_close(self, joined: Joined) -> None:
        joined.wounded = True
        self._chance.choice(joined.ways).end()

    def _delay(self, joined: Joined) -> None:
        for way in joined.ways:
            way.delay_s = self._chance.uniform(0.05, 0.5)

    def _stop_reading(self, joined: Joined) -> None:
        self._later(self._reads_again(joined))

    async def _reads_again(self, joined: Joined) -> None:
        joined.to_client.hold()
        await asyncio.sleep(self._chance.uniform(0.5, 5.0))
        joined.to_client.release()

    async def _cut_all(self) -> None:
        self._line.cut_all()

    async def _outage(self) -> None:
        self._line.refuses = True
        self._line.cut_all()
        await self._a_moment()
        self._line.refuses = False

    # Processes.

    async def _kill_server(self) -> None:
        async with self._machine:
            await self._server.kill()
            await self._start()

    async def _stop_server(self) -> None:
        async with self._machine:
            await self._server.stop()
            await self._start()

    async def _freeze_server(self) -> None:
        await self._meanwhile(lambda: self._frozen(self._server.pid))

    async def _kill_search(self) -> None:
        for pid in self._search():
            _signal(pid, signal.SIGKILL)

    async def _freeze_search(self) -> None:
        for pid in self._search():
            self._later(self._frozen(pid))

    async def _kill_collector(self) -> None:
        await self._collector.kill()
        await self._collector.start()

    async def _freeze_collector(self) -> None:
        self._later(self._frozen(self._collector.pid))

    async def _write(self) -> None:
        self._collector.write()

    # The disk.

    async def _full_disk(self) -> None:
        await self._meanwhile(lambda: self._disk_is(Disk.FULL, self._chance.uniform(0.1, 1.0)))

    async def _sync_fails(self) -> None:
        """The server ends itself at the next append, and is started again."""
        async with self._machine:
            self._switch.disk = Disk.SYNC_FAILS
            await self._ends()
            self._switch.disk = Disk.GOOD
            await self._serve_again()

    async def _sync_hangs(self) -> None:
        # Once in a while for longer than the server lets a client wait.
        long_s = 11.0 if self._chance.random() < 0.05 else self._chance.uniform(0.1, 1.5)
        await self._meanwhile(lambda: self._disk_is(Disk.SYNC_HANGS, long_s))

    async def _disk_is(self, disk: Disk, long_s: float) -> None:
        self._switch.disk = disk
        try:
            await asyncio.sleep(long_s)
        finally:
            self._switch.disk = Disk.GOOD

    async def _remove_store(self) -> None:
        async with self._machine:
            await self._restore()

    async def _restore(self) -> None:
        """As docs/operations.md says: the board is in a rescued copy, which takes the file's place. Without
        a copy the server was about to end anyhow, and the file is put back."""
        database = self._server.data_dir / "adjutant.db"
        before, aside = set(_rescued(database)), database.with_suffix(".removed")
        database.rename(aside)
        with suppress(AssertionError):
            await until(lambda: set(_rescued(database)) - before, "a copy", SOON_S)
        await self._server.stop()
        copies = set(_rescued(database)) - before
        if not copies:
            aside.rename(database)
        for copy in copies:
            command = (str(ROOT / "serve.py"), "restore", str(copy), "--data-dir", str(database.parent))
            restored = await asyncio.to_thread(completed, *command)
            self._ledger.check(Promise.STARTS, restored.returncode == 0, restored.stderr)
        await self._start()

    # The wall clock.

    async def _clock_jumps(self) -> None:
        """It is wrong from now on, until it jumps again or the storm is over."""
        _set(self._clock, self._chance.choice(JUMPS_S) * self._chance.uniform(0.5, 1.0))

    def _search(self) -> list[int]:
        with suppress(psutil.Error):
            return [child.pid for child in psutil.Process(self._server.pid).children()]
        return []

    async def _ends(self) -> None:
        assert self._server.process is not None
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._server.process.wait()), ENDS_WITHIN_S)

    async def _frozen(self, pid: int) -> None:
        _signal(pid, signal.SIGSTOP)
        try:
            await self._a_moment()
        finally:
            _signal(pid, signal.SIGCONT)

    async def _meanwhile(self, fault: Callable[[], Awaitable[None]]) -> None:
        """A fault of the server's machine, which goes on while others strike that are none; it has begun when
        this returns."""
        await self._machine.acquire()

        async def strike() -> None:
            try:
                await fault()
            finally:
                self._machine.release()

        self._later(strike())
        await asyncio.sleep(0)

    def _a_moment(self) -> Awaitable[None]:
        return asyncio.sleep(self._chance.uniform(0.1, 1.0))

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _set(clock: Path, wrong_by_s: float) -> None:
    """At once: a reader sees the old text or the new one."""
    new = clock.with_suffix(".new")
    new.write_text(f"{wrong_by_s:.3f}", "ascii")
    new.replace(clock)


def _has_ended(server: RunningServer) -> bool:
    assert server.process is not None
    return server.process.returncode is not None


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _swallow_to_server(joined: Joined) -> None:
    joined.wounded = joined.to_server.swallows = True


def _swallow_to_client(joined: Joined) -> None:
    joined.wounded = joined.to_client.swallows = True


def _stall(joined: Joined) -> None:
    for way in joined.ways:
        way.hold()


def _rescued(database: Path) -> list[Path]:
    return list(database.parent.glob("adjutant-rescued-*.db"))

"""One client of many stops reading while changes go on: the cost for the server, and the delay for others."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.client import Client, LoadError, connect, connect_many
from bench.peers.peer import ADJUTANT
from bench.peers.stream import MARK, Audience, Sender
from bench.server import MeasuredServer, serving
from bench.table import Table, count, mb, ms, quantile

FILES = 500
WITHIN_S = 150.0
CLIENTS = 200  # an office
ONE_OF = 10
PER_S = 1_000  # changes, more than any office makes
IN_FLIGHT = 64  # so that the writer is never what is waited for
SECONDS = 30.0  # of changes, while one client reads nothing
SHORT_S = 10.0  # to see that it runs
SHORT_BYTES = 600  # else the system would hold it all, up to 4 MB on Linux, and the server see nothing of it
IN_STEP_WITHIN_S = 10.0  # after the last change
LOOKS_EVERY_S = 0.25  # at the memory and the waiting bytes


@dataclass(frozen=True)
class Row:
    """`latencies_s`: of those who read, as far as they are watched. `grown_bytes`: the most memory, less what
    it was at the start. `heard_share`: patches for each of the watched, as a part of the changes."""

    name: str
    per_s: float
    latencies_s: Sequence[float]
    heard_share: float
    grown_bytes: int
    cpu_share: float
    load_share: float
    end: End | None = None


@dataclass(frozen=True)
class End:
    """How it ended for the one who stalled. `in_step_s`: from reading again until a patch that was as new as
    the newest change at that moment; None when there was none, and `why` says more."""

    lagged: bool
    in_step_s: float | None
    why: str = ""


class Staller:
    """The client that stops reading."""

    def __init__(self) -> None:
        self.client: Client
        self._awaited = b"~"
        self._reached = asyncio.Event()

    def hear(self, head: bytes, size: int) -> None:
        """Notes that a patch has arrived."""
        found = MARK.search(head)
        if found is not None and found[0] >= self._awaited:
            self._reached.set()

    async def in_step(self, mark: str) -> None:
        """Reads again until it has the change with this mark.

        Errors: LoadError when the connection is gone; TimeoutError.
        """
        self._awaited = mark.encode()
        self.client.read_on()
        alive = self.client.request("brief:get", {})
        async with asyncio.timeout(IN_STEP_WITHIN_S):
            await alive
            await self._reached.wait()


async def measure(
    folder: Path, clients: int = CLIENTS, per_s: float = PER_S, seconds: float = SECONDS, size: int = 0
) -> list[Row]:
    """The same twice on one server: everybody reads; one stalls. One in ten of the others is watched."""
    audience, staller = Audience(), Staller()
    async with serving(folder) as server:
        sender = Sender(await connect(server.port, rooms=[]), ADJUTANT.change, audience, IN_FLIGHT)
        watched = await connect_many(max(1, clients // ONE_OF), server.port, audience.hear)
        others = await connect_many(clients - 1 - len(watched), server.port)
        staller.client = await connect(server.port, staller.hear)
        run = Run(server, sender, audience, len(watched), size, per_s)
        await run.go("", seconds / 10)
        rows = [await run.go("all read", seconds), await run.go("one stalls", seconds, staller)]
        for client in (sender.client, staller.client, *watched, *others):
            client.close()
    return rows


@dataclass(frozen=True)
class Run:
    """Changes go on for a while, and are watched."""

    server: MeasuredServer
    sender: Sender
    audience: Audience
    watched: int
    size: int
    per_s: float

    async def go(self, name: str, seconds: float, staller: Staller | None = None) -> Row:
        """With a staller, it reads again at the end, while changes still go on."""
        if staller is not None:
            staller.client.stall()
        server, rss_bytes = self.server, self.server.rss_bytes()
        acked, cpu_s, load_cpu_s = self.sender.acked, server.cpu_s(), time.process_time()
        began = time.perf_counter()
        changing = asyncio.create_task(self.sender.keep_on(self.size, self.per_s))
        peak_bytes = await self._peak_bytes(began + seconds)
        passed_s, acked = time.perf_counter() - began, self.sender.acked - acked
        latencies_s = list(self.audience.latencies_s)
        row = Row(
            name,
            acked / passed_s,
            latencies_s,
            len(latencies_s) / (self.watched * max(1, acked)),  # on a busy machine none may be acked
            peak_bytes - rss_bytes,
            (server.cpu_s() - cpu_s) / passed_s,
            (time.process_time() - load_cpu_s) / passed_s,
            None if staller is None else await self._end(staller),
        )
        changing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await changing
        await self.sender.all_acked()
        return row

    async def _peak_bytes(self, until: float) -> int:
        most = 0
        while time.perf_counter() < until:
            await asyncio.sleep(min(LOOKS_EVERY_S, max(0.0, until - time.perf_counter())))
            most = max(most, self.server.rss_bytes())
        return most

    async def _end(self, staller: Staller) -> End:
        lagged = await self.server.metric("adjutant_lagging_clients") > 0
        began = time.perf_counter()
        try:
            await staller.in_step(self.sender.mark)
        except TimeoutError:
            return End(lagged, None, f"not within {IN_STEP_WITHIN_S:.0f} s")
        except LoadError as error:
            return End(lagged, None, str(error))
        return End(lagged, time.perf_counter() - began)


def table(rows: Sequence[Row], clients: int, seconds: float) -> Table:
    """As printed."""
    return Table(
        f"peers-slow: {clients} clients, one of them reads nothing for {seconds:.0f} s; Adjutant alone",
        ("", "changes/s", "heard", "p50 ms", "p99 ms", "grown MB", "in step s", "server CPU"),
        [
            (
                row.name,
                count(row.per_s),
                f"{row.heard_share:.0%}",
                ms(quantile(row.latencies_s, 0.5)),
                ms(quantile(row.latencies_s, 0.99)),
                mb(row.grown_bytes),
                ""
                if row.end is None
                else "never"
                if row.end.in_step_s is None
                else f"{row.end.in_step_s:.2f}",
                f"{row.cpu_share:.0%}",
            )
            for row in rows
        ],
        ("good:", count(PER_S), "", "", "<= 1.1 x first", "<= first + 0.3", "< 1", ""),
        [
            "p50, p99: of those who read. In step: from reading again, while changes go on. Grown: the most "
            "memory in that time, less what it was before.",
            *(f"The client that stalled: {_told(row.end)}." for row in rows if row.end is not None),
            f"The load program used at most {max(row.load_share for row in rows):.0%} of one processor.",
        ],
    )


def _told(end: End) -> str:
    lagged = "the server named it as lagging" if end.lagged else "the server did not name it as lagging"
    return lagged + (f"; {end.why}" if end.why else "")


async def run(folder: Path) -> Table:
    """At full size."""
    return table(await measure(folder), CLIENTS, SECONDS)


async def run_short(folder: Path) -> Table:
    """A third of the time, with larger patches."""
    return table(await measure(folder, seconds=SHORT_S, size=SHORT_BYTES), CLIENTS, SHORT_S)

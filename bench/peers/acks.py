"""Requests that change nothing, compared with the peers' bare echo: the CPU for each ack."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench import seed
from bench.client import Client, LoadError, connect
from bench.peers.peer import ADJUTANT, Peer, left_out, peers
from bench.server import Measured
from bench.table import Table, count, ms, quantile, us

FILES = 200
WITHIN_S = 120.0
CLIENTS = 20  # so that no client is the one that is measured
IN_FLIGHT = (1, 8)  # one at a time, and as a page sends a burst of them
SECONDS = 1.5  # some thousand acks
DONE = "priority-0"


@dataclass(frozen=True)
class Ask:
    """A request, and what it is called in the table."""

    name: str
    event: str
    payload: dict[str, Any]


OURS = (
    Ask("brief:get", "brief:get", {}),
    Ask("priorities:complete", "priorities:complete", {"id": DONE}),
)


class Asker(Client):
    """Sends the next request as soon as the one before is acked, without a task or a future for each. The
    numbers of the requests, 1 to 8, come again and again."""

    def __init__(self, port: int, ask: Ask, in_flight: int) -> None:
        super().__init__(port, {"rooms": []}, None)
        self.took_s: list[float] = []
        self.ack_bytes = 0
        body = orjson.dumps([ask.event, ask.payload])
        self._requests = [b"42%d%b" % (number, body) for number in range(1, 1 + in_flight)]
        self._sent_at = [0.0] * in_flight
        self._under_way = 0
        self._goes_on = False
        self._over: asyncio.Future[None]

    def begin(self) -> None:
        """Sends as many as may be in flight."""
        self.took_s = []
        self._over = self.synced.get_loop().create_future()
        self._goes_on = True
        self._under_way = len(self._requests)
        for slot, request in enumerate(self._requests):
            self._sent_at[slot] = time.perf_counter()
            self._send(request)

    async def end(self) -> None:
        """Stops sending; returns when everything is acked."""
        self._goes_on = False
        await self._over

    def _take_ack(self, head: bytes) -> None:
        if not head.startswith(b'[{"ok":true', 3):
            self._fail(f"the server refused a request: {head.decode(errors='replace')}")
            return
        slot, now = head[2] - ord("1"), time.perf_counter()
        self.took_s.append(now - self._sent_at[slot])
        self.ack_bytes = len(head) - 3
        if self._goes_on:
            self._sent_at[slot] = now
            self._send(self._requests[slot])
            return
        self._under_way -= 1
        if not self._under_way:
            self._over.set_result(None)

    def _fail(self, why: str) -> None:
        super()._fail(why)
        if self._under_way and not self._over.done():
            self._over.set_exception(LoadError(why))
            self._over.exception()  # nobody may be waiting for it yet


@dataclass(frozen=True)
class Row:
    """`load_share`: the load program's time as a part of the time that passed."""

    peer: Peer
    ask: Ask
    in_flight: int
    ack_bytes: int
    cpu_s: float
    per_s: float
    took_s: Sequence[float]
    load_share: float


async def measure(
    folder: Path, among: Sequence[Peer], clients: int = CLIENTS, seconds: float = SECONDS
) -> list[Row]:
    """Adjutant, the first, with its requests; then each peer with an echo as long as each of its acks."""
    rows: list[Row] = []
    asks: Sequence[Ask] = OURS
    for number, peer in enumerate(among):
        async with peer.serving(folder / str(number)) as server:
            if peer is ADJUTANT:
                await prepare(server)
            rows += await _measure_one(server, peer, asks, clients, seconds)
        asks = [echo(size) for size in dict.fromkeys(row.ack_bytes for row in rows if row.peer is ADJUTANT)]
    return rows


async def prepare(server: Measured) -> None:
    client = await connect(server.port, rooms=[])
    await seed.fill(client, priorities=1)
    await client.request("priorities:complete", {"id": DONE})
    client.close()


async def _measure_one(
    server: Measured, peer: Peer, asks: Sequence[Ask], clients: int, seconds: float
) -> list[Row]:
    rows = []
    for ask in asks:
        for in_flight in IN_FLIGHT:
            askers = await asyncio.gather(
                *(connect_asker(server.port, ask, in_flight) for _ in range(clients))
            )
            await keep_asking(askers, seconds / 5)
            ack_bytes = askers[0].ack_bytes
            cpu_s, load_cpu_s, began = server.cpu_s(), time.process_time(), time.perf_counter()
            took_s = await keep_asking(askers, seconds)
            passed_s = time.perf_counter() - began
            cpu_s = (server.cpu_s() - cpu_s) / len(took_s)
            load_share = (time.process_time() - load_cpu_s) / passed_s
            per_s = len(took_s) / passed_s
            rows.append(Row(peer, ask, in_flight, ack_bytes, cpu_s, per_s, took_s, load_share))
            for asker in askers:
                asker.close()
    return rows


async def connect_asker(port: int, ask: Ask, in_flight: int) -> Asker:
    """A client that may begin to ask.

    Errors: LoadError.
    """
    loop = asyncio.get_running_loop()
    _, asker = await loop.create_connection(lambda: Asker(port, ask, in_flight), "127.0.0.1", port)
    await asker.synced
    return asker


async def keep_asking(askers: Sequence[Asker], seconds: float) -> list[float]:
    """The duration of each request, with this many of each client in flight all the time."""
    for asker in askers:
        asker.begin()
    await asyncio.sleep(seconds)
    await asyncio.gather(*(asker.end() for asker in askers))
    return [took_s for asker in askers for took_s in asker.took_s]


def echo(size: int) -> Ask:
    """A request that a peer acks with so many bytes."""
    rest = size - len('[{"ok":true,"text":""}]')
    return Ask("echo", "echo", {"ok": True, "text": "." * rest})


def table(rows: Sequence[Row], clients: int) -> Table:
    """As printed."""
    return Table(
        f"peers-acks: {clients} clients, requests that change nothing",
        ("server, request", "in flight", "ack B", "CPU us/ack", "acks/s", "p50 ms", "p99 ms", "load"),
        [
            (
                f"{row.peer.name}, {row.ask.name}",
                str(row.in_flight),
                count(row.ack_bytes),
                us(row.cpu_s),
                count(row.per_s),
                ms(quantile(row.took_s, 0.5)),
                ms(quantile(row.took_s, 0.99)),
                f"{row.load_share:.0%}",
            )
            for row in rows
        ],
        ("good:", "", "", "<= Node's", ">= Node's", "", "<= Node's", "< 90%"),
        [
            "brief:get is a read; priorities:complete, of what is done already, is a full write. "
            "An echo is its payload as the ack. Load: what the load program used of one processor; where "
            "it is nearly all, acks/s and times are its own.",
            *left_out(),
        ],
    )


async def run(folder: Path) -> Table:
    """At full size."""
    return table(await measure(folder, peers()), CLIENTS)

"""One change, many websocket clients: the server's CPU for each delivery and each connection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.client import connect, connect_many
from bench.peers.peer import ADJUTANT, FLOOR, NODE, STOCK, Peer, left_out, peers
from bench.peers.stream import Audience, Sender
from bench.server import Measured
from bench.table import Table, mb, ms, quantile, us

FILES = 2_300
WITHIN_S = 240.0
SMALL_BYTES = 140  # a change of one field
WARM_UP_CHANGES = 30  # the first ones fill caches, and let V8 compile
IN_FLIGHT = 16  # so that the writer is never what is waited for
SETTLES_WITHIN_S = 10.0  # until the last client has the last change


@dataclass(frozen=True)
class Load:
    """So many changes for so many clients; `per_s`: the pace, where the latency is measured."""

    clients: int
    per_s: float
    changes: int


LOADS = (Load(500, 50, 200), Load(2_000, 12.5, 60))
SHORT_LOADS = (Load(500, 50, 100), Load(2_000, 12.5, 25))


@dataclass(frozen=True)
class Delivered:
    """`paced_cpu_s`, `unpaced_cpu_s`: for each delivery, without what the change costs when nobody listens,
    which is `alone_cpu_s`. `latencies_s`: when paced."""

    peer: Peer
    load: Load
    patch_bytes: int
    latencies_s: Sequence[float]
    alone_cpu_s: float
    paced_cpu_s: float
    unpaced_cpu_s: float
    load_share: float


@dataclass(frozen=True)
class Connected:
    """All at once; `waits_s`: until each had its first event."""

    peer: Peer
    clients: int
    cpu_s: float
    waits_s: Sequence[float]
    empty_bytes: int
    each_bytes: float


async def measure(
    folder: Path, among: Sequence[Peer], loads: Sequence[Load] = LOADS
) -> tuple[list[Connected], list[Delivered]]:
    """Each peer in turn, the first with the smallest patch it has; the others with one of that size, and
    with one of 140 bytes. The load with most clients begins: they come all at once."""
    connected: list[Connected] = []
    delivered: list[Delivered] = []
    descending = sorted(loads, key=lambda load: -load.clients)
    for number, peer in enumerate(among):
        sizes = (delivered[0].patch_bytes, SMALL_BYTES) if delivered else (0,)
        async with peer.serving(folder / str(number)) as server:
            await _measure_one(server, peer, descending, sizes, connected, delivered)
    return connected, delivered


async def _measure_one(
    server: Measured,
    peer: Peer,
    loads: Sequence[Load],
    sizes: Sequence[int],
    connected: list[Connected],
    delivered: list[Delivered],
) -> None:
    audience = Audience()
    sender = Sender(await connect(server.port, rooms=[]), peer.change, audience, IN_FLIGHT)
    await sender.send(WARM_UP_CHANGES, sizes[0], 0, None)
    alone = [await _alone(server, sender, peer, loads, size) for size in sizes]
    empty_bytes = await server.steady_bytes()
    before, began = server.cpu_s(), time.perf_counter()
    clients = await connect_many(loads[0].clients, server.port, audience.hear)
    cpu_s, waits_s = server.cpu_s() - before, [client.synced_at - began for client in clients]
    each_bytes = (await server.steady_bytes() - empty_bytes) / len(clients)
    connected.append(Connected(peer, len(clients), cpu_s / len(clients), waits_s, empty_bytes, each_bytes))
    for load in loads:
        for client in clients[load.clients :]:
            client.close()
        await _settled(server)
        for size, costs in zip(sizes, alone, strict=True):
            delivered.append(await _deliver(server, sender, audience, peer, load, size, costs))
    for client in (sender.client, *clients):
        client.close()


async def _alone(
    server: Measured, sender: Sender, peer: Peer, loads: Sequence[Load], size: int
) -> tuple[float, float]:
    """What a change costs that nobody is sent, paced and unpaced."""
    load = max(loads, key=lambda load: load.changes)
    changes, per_s = load.changes, load.per_s
    paced_s, _ = await _cost(server, sender.send(changes, size, 0, per_s))
    unpaced_s, _ = await _cost(server, sender.send(changes, size, 0, None))
    return paced_s / changes, unpaced_s / changes


async def _deliver(
    server: Measured,
    sender: Sender,
    audience: Audience,
    peer: Peer,
    load: Load,
    size: int,
    alone: tuple[float, float],
) -> Delivered:
    changes = changes_for(peer, load)
    await sender.send(2, size, load.clients, None)
    paced_s, share = await _cost(server, sender.send(changes, size, load.clients, load.per_s * peer.pace))
    latencies_s, patch_bytes = audience.latencies_s, audience.patch_bytes
    paced_s = (paced_s - alone[0] * changes) / len(latencies_s)
    await _settled(server)
    unpaced_s, _ = await _cost(server, sender.send(changes, size, load.clients, None))
    unpaced_s = (unpaced_s - alone[1] * changes) / len(audience.latencies_s)
    return Delivered(peer, load, patch_bytes, latencies_s, alone[0], paced_s, unpaced_s, share)


def changes_for(peer: Peer, load: Load) -> int:
    """How many changes a peer is given."""
    return max(2, round(load.changes * peer.pace))


async def _cost(server: Measured, work: Awaitable[None]) -> tuple[float, float]:
    """The server's CPU time, and the load program's as a share of the elapsed time."""
    began = time.perf_counter(), time.process_time(), server.cpu_s()
    await work
    passed, load = time.perf_counter() - began[0], time.process_time() - began[1]
    return server.cpu_s() - began[2], load / passed


async def _settled(server: Measured) -> None:
    """Returns when the server is nearly idle, or the time is up."""
    ends_at = time.perf_counter() + SETTLES_WITHIN_S
    before, now = -1.0, server.cpu_s()
    while now - before > 0.02 and time.perf_counter() < ends_at:
        await asyncio.sleep(0.25)
        before, now = now, server.cpu_s()


def tables(connected: Sequence[Connected], delivered: Sequence[Delivered]) -> list[Table]:
    """As printed: one for each number of clients, and one of the connects."""
    numbers = sorted({row.load.clients for row in delivered})
    by_number = [[row for row in delivered if row.load.clients == number] for number in numbers]
    return [*(_delivered_table(rows) for rows in by_number), _connected_table(connected)]


def _delivered_table(rows: Sequence[Delivered]) -> Table:
    ours = rows[0]
    return Table(
        f"peers-patches: {ours.load.clients:,} websocket clients in one room",
        (
            "server",
            "patch B",
            "CPU us: paced",
            "CPU us: at once",
            "p50 ms",
            "p99 ms",
            "changes/s",
            "alone us",
        ),
        [
            (
                row.peer.name,
                str(row.patch_bytes),
                us(row.paced_cpu_s),
                us(row.unpaced_cpu_s),
                ms(quantile(row.latencies_s, 0.5)),
                ms(quantile(row.latencies_s, 0.99)),
                f"{row.load.per_s * row.peer.pace:g}",
                us(row.alone_cpu_s),
            )
            for row in rows
        ],
        ("good:", "", "see below", "see below", "", "< Node's", "", ""),
        [
            "CPU: of the server's process for each delivery, less what a change costs with nobody listening "
            "(alone). p50, p99: from the sender's write to each client, paced.",
            "Good: CPU <= 0.6 x Node's, <= 0.15 x python-socketio's, <= 1.3 x the floor's. "
            f"Adjutant, paced: {_ratios(rows)}.",
            f"The load program used at most {max(row.load_share for row in rows):.0%} of one processor.",
            *left_out(),
        ],
    )


def _ratios(rows: Sequence[Delivered]) -> str:
    """Beside those whose patches have about the same size."""
    same = {row.peer: row.paced_cpu_s for row in rows if row.patch_bytes != SMALL_BYTES}
    ours = same.pop(ADJUTANT)
    return ", ".join(
        f"{ours / same[peer]:.2f} x {name}"
        for peer, name in ((NODE, "Node's"), (STOCK, "python-socketio's"), (FLOOR, "the floor's"))
        if same.get(peer, 0.0) > 0
    )


def _connected_table(rows: Sequence[Connected]) -> Table:
    return Table(
        f"peers-patches: {rows[0].clients:,} websocket clients connect at once, and stay idle",
        ("server", "CPU us/connect", "half in s", "all in s", "KB each", "MB before"),
        [
            (
                row.peer.name,
                us(row.cpu_s),
                f"{quantile(row.waits_s, 0.5):.2f}",
                f"{max(row.waits_s):.2f}",
                f"{row.each_bytes / 1000:.1f}",
                mb(row.empty_bytes),
            )
            for row in rows
        ],
        ("good:", "<= Node's", "", "", "<= Node's", ""),
        [
            "Until each has its first event, of 300 bytes. KB: what a connection adds to the resident set.",
            *left_out(),
        ],
    )


async def run(folder: Path) -> list[Table]:
    """At full size."""
    return tables(*await measure(folder, peers()))


async def run_short(folder: Path) -> list[Table]:
    """With fewer changes."""
    return tables(*await measure(folder, peers(), SHORT_LOADS))

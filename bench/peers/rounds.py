"""Each server in turn, several times over, for a machine that is not quiet.

CPU time grows with other load, so only figures from alternating runs can be compared: this checkout, another
one of Adjutant (`--before FOLDER`), and Node's socket.io.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import psutil

from bench.client import connect, connect_many
from bench.peers import acks
from bench.peers.peer import ADJUTANT, FLOOR, NODE, Peer, checkout, left_out, peers
from bench.peers.stream import Audience, Sender
from bench.server import Measured
from bench.table import Table

FILES = 1_000
WITHIN_S = 900.0
ROUNDS = 5  # an odd number: the median is one that was seen
SHORT_ROUNDS = 2  # to see that it runs
PATCH_BYTES = 256  # Adjutant's own patch, of a change of one field
IN_FLIGHT = 16  # so that the writer is never what is waited for
LONE_PER_S = 12.0
"""Few enough that each change finds the caches cold."""
CLIENTS = 500  # more add time and no other figures
ASKERS = 20  # so that no client is the one that is measured


@dataclass(frozen=True)
class Size:
    """The sizes of a run; `seconds` of idling, and of each kind of request."""

    seconds: float = 2.0
    changes: int = 48
    clients: int = CLIENTS
    askers: int = ASKERS


ACKS = ("a read's ack", "a write's ack")

Figures = dict[str, float]
"""What one server gave in one round, by the name of the figure."""


@dataclass(frozen=True)
class Rounds:
    """The figures of each server, one for each round, and the load of the machine at the start of each."""

    by_peer: dict[str, list[Figures]]
    loads: Sequence[float]


async def measure(folder: Path, among: Sequence[Peer], rounds: int, size: Size | None = None) -> Rounds:
    """All servers in turn, so many times, each on a new data directory."""
    found: dict[str, list[Figures]] = {peer.name: [] for peer in among}
    loads = []
    for number in range(rounds):
        loads.append(psutil.getloadavg()[0])
        for peer in among:
            async with peer.serving(folder / f"{number}-{peer.name}") as server:
                ours = found[among[0].name][-1:]
                ack_bytes = [int(one[_bytes_of(kind)]) for one in ours for kind in ACKS]
                found[peer.name].append(await _measure_one(server, peer, size or Size(), ack_bytes))
    return Rounds(found, loads)


async def _measure_one(server: Measured, peer: Peer, size: Size, ack_bytes: Sequence[int]) -> Figures:
    audience = Audience()
    sender = Sender(await connect(server.port, rooms=[]), peer.change, audience, IN_FLIGHT)
    await sender.send(size.changes, PATCH_BYTES, 0, None)
    figures = await _alone(server, sender, size)
    empty_bytes = await server.steady_bytes()
    before_s = server.cpu_s()
    clients = await connect_many(size.clients, server.port, audience.hear)
    figures["a connect, us"] = (server.cpu_s() - before_s) / size.clients * 1e6
    grown_bytes = await server.steady_bytes() - empty_bytes
    figures["memory of a connection, KB"] = grown_bytes / size.clients / 1e3
    for name, per_s, alone in (
        ("a delivery, paced, us", LONE_PER_S, "a change, 12 a second, us"),
        ("a delivery, at once, us", None, "a change, at once, us"),
    ):
        sent_s = await _cost(server, sender.send(size.changes, PATCH_BYTES, size.clients, per_s))
        cost_us = sent_s / size.changes * 1e6 - figures[alone]
        figures[name] = cost_us / size.clients
    for client in (sender.client, *clients):
        client.close()
    await asyncio.sleep(size.seconds / 4)
    return figures | await _asked(server, peer, size, ack_bytes)


async def _alone(server: Measured, sender: Sender, size: Size) -> Figures:
    """Nothing, and changes that nobody is sent."""
    began_s = time.perf_counter()
    idle_s = await _cost(server, asyncio.sleep(size.seconds))
    figures = {"idle, us a second": idle_s / (time.perf_counter() - began_s) * 1e6}
    for name, changes, work in (
        ("a change, 12 a second, us", size.changes, partial(sender.send, per_s=LONE_PER_S)),
        ("a change, each after the other's ack, us", 4 * size.changes, partial(_one_by_one, sender)),
        ("a change, at once, us", 4 * size.changes, partial(sender.send, per_s=None)),
    ):
        cost_s = await _cost(server, work(changes, PATCH_BYTES, 0))
        figures[name] = cost_s / changes * 1e6
    return figures


async def _one_by_one(sender: Sender, changes: int, size: int, recipients: int) -> None:
    for _ in range(changes):
        await sender.one(size)
        await sender.all_acked()


async def _asked(server: Measured, peer: Peer, size: Size, ack_bytes: Sequence[int]) -> Figures:
    """Requests that change nothing: of Adjutant a read and a write, of the others an echo of that length."""
    if peer.is_ours:
        await acks.prepare(server)
    figures = {}
    for number, kind in enumerate(ACKS):
        ask = acks.OURS[number] if peer.is_ours else acks.echo(ack_bytes[number])
        for in_flight in acks.IN_FLIGHT:
            askers = [await acks.connect_asker(server.port, ask, in_flight) for _ in range(size.askers)]
            await acks.keep_asking(askers, size.seconds / 8)
            before_s = server.cpu_s()
            took_s = await acks.keep_asking(askers, size.seconds / 2)
            figures[f"{kind}, {in_flight} in flight, us"] = (server.cpu_s() - before_s) / len(took_s) * 1e6
            figures[_bytes_of(kind)] = askers[0].ack_bytes
            for asker in askers:
                asker.close()
    return figures


async def _cost(server: Measured, work: Awaitable[None]) -> float:
    before_s = server.cpu_s()
    await work
    return server.cpu_s() - before_s


def table(rounds: Rounds) -> Table:
    """As printed."""
    names = list(rounds.by_peer)
    lengths = [_bytes_of(kind) for kind in ACKS]  # the same for all
    figures = [figure for figure in rounds.by_peer[names[0]][0] if figure not in lengths]
    return Table(
        f"peers-rounds: the median of {len(rounds.loads)} rounds (and the least and the most)",
        ("CPU time of", *names),
        [
            (figure, *(_spread([one[figure] for one in rounds.by_peer[name]]) for name in names))
            for figure in figures
        ],
        ("good: at most Node's", *("" for _ in names)),
        [
            f"In turn, each time on a new server; load of the machine {min(rounds.loads):.1f} to "
            f"{max(rounds.loads):.1f}. A change includes what the server does in that time anyway (idle); "
            f"a delivery, to {CLIENTS} clients, is less what its change costs alone. Acks, to {ASKERS} "
            "clients, are of what changes nothing; Node echoes as many bytes.",
            *left_out(),
        ],
    )


def _spread(values: Sequence[float]) -> str:
    return f"{_short(median(values))} ({_short(min(values))}-{_short(max(values))})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _bytes_of(kind: str) -> str:
    return f"{kind}, bytes"


async def run(folder: Path, before: Path | None = None, rounds: int = ROUNDS) -> Table:
    """At full size; `before` is another checkout of Adjutant."""
    among = [ADJUTANT, *([] if before is None else [checkout(before)])]
    among += [peer for peer in peers() if peer in (NODE, FLOOR)]
    return table(await measure(folder, among, rounds))


async def run_short(folder: Path, before: Path | None = None) -> Table:
    """With fewer rounds."""
    return await run(folder, before, SHORT_ROUNDS)

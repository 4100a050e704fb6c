"""What one flooding token costs another: the time of an honest client's requests, alone and beside it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.beside import beside
from bench.client import connect
from bench.server import serving
from bench.table import Table, count, ms, quantile
from sio_server.clients import tokens
from sio_server.clients.limits import BURST_S
from sio_server.registry.roles import Role

FILES = 100
WITHIN_S = 180.0
EVERY_S = 0.02  # between two requests of the honest client: more than a busy person's page sends
RATE = 200  # requests a second of one token: less than even a slow machine can do, so that there is a flood
SETTLE_S = BURST_S + 2  # a flood is first given its burst; only then is it held to its rate
GOOD = 1.2  # of the p99 alone
REPEATS = 2  # alone and beside in turn: whatever else the machine does hits both


@dataclass
class Row:
    """The honest client's times, and what became of the flood's requests."""

    name: str
    took_s: list[float] = field(default_factory=list)
    passed_s: float = 0.0
    done: int = 0
    refused: int = 0


async def measure(
    folder: Path, seconds: float = 6.0, settle_s: float = SETTLE_S, repeats: int = REPEATS
) -> tuple[Row, Row]:
    """Alone, and beside a flood."""
    keys = folder / "flood-tokens.json"
    given = [tokens.add(keys, name, Role.EDITOR, None) for name in ("honest", "flood")]
    alone, flooded = Row("alone"), Row("beside one flooding token")
    async with serving(folder, f"--tokens={keys}", f"--token-rate={RATE}") as server:
        for _ in range(repeats):
            alone.took_s += await ask(server.port, given[0], seconds)
            async with beside("bench.flooding", server.port, given[1]) as other:
                began = time.perf_counter()
                await asyncio.sleep(settle_s)
                flooded.took_s += await ask(server.port, given[0], seconds)
                flooded.passed_s += time.perf_counter() - began
            flooded.done += other.said["done"]
            flooded.refused += other.said["refused"]
    return alone, flooded


async def ask(port: int, token: str, seconds: float) -> list[float]:
    """The seconds that durable changes took, each sent at its time, whether or not the one before is done."""
    client = await connect(port, rooms=["state"], token=token)
    began = time.perf_counter()

    took_s = []

    async def change(number: int) -> None:
        due = began + number * EVERY_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await client.request("priorities:put", {"items": [{"id": "honest", "title": f"{began} {number}"}]})
        took_s.append(time.perf_counter() - due)  # from when it was due: waiting counts

    await asyncio.gather(*(change(number) for number in range(int(seconds / EVERY_S))))
    client.close()
    return took_s


async def run(folder: Path) -> Table:
    """The table."""
    return table(*await measure(folder))


def table(alone: Row, flooded: Row) -> Table:
    """A row for each."""
    ratio = quantile(flooded.took_s, 0.99) / quantile(alone.took_s, 0.99)
    rows = [_row(alone, ""), _row(flooded, f"{ratio:.2f}")]
    sent = f"The flood had {count(flooded.done)} requests carried out, and {count(flooded.refused)} refused."
    return Table(
        f"An honest client's durable changes, {1 / EVERY_S:.0f} a second (--token-rate {RATE})",
        ("", "changes", "p50 ms", "p99 ms", "p99 to alone", "flood: done/s", "refused/s"),
        rows,
        ("", "", "", "", f"< {GOOD}", f"{RATE}", ""),
        (sent,),
    )


def _row(row: Row, ratio: str) -> tuple[str, ...]:
    took = (ms(quantile(row.took_s, part)) for part in (0.5, 0.99))
    rates = ("", "")
    if row.passed_s:
        rates = (count(row.done / row.passed_s), count(row.refused / row.passed_s))
    return (row.name, count(len(row.took_s)), *took, ratio, *rates)

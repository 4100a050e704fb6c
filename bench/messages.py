"""How long one message can hold the event loop, for every request there is: its longest step, in CPU time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.client import Client, LoadError, connect
from bench.server import MeasuredServer
from bench.stepped import LONGEST
from bench.table import Table, count, ms
from handlers import REGISTRY
from sio_server.clients.transport import MAX_MESSAGE_BYTES
from tests.largest import FIELDS, FILLINGS, filled, payloads

FILES = 100
WITHIN_S = 1_800.0
SMALL_BYTES = 2_000  # what is no larger takes no time worth a row
ROOM_BYTES = 40_000  # for the marks between what a message holds
QUIET_S = 0.03  # before and after a message, for what belongs to it
GOOD_S = 0.02
ENOUGH_S = 0.004  # a step that is shorter need not be measured again


@dataclass(frozen=True)
class Row:
    """The longest step that one message took, the shortest of some tries."""

    event: str
    what: str
    size_bytes: int
    refused: bool
    step_s: float


class SteppedServer(MeasuredServer):
    """The server with a watch on each step of its event loop."""

    program = ("-m", "bench.stepped")

    def __init__(self, folder: Path) -> None:
        self._steps = folder / "steps"
        self.forget()
        super().__init__(folder / "data", env={"STEPS": str(self._steps)})

    def forget(self) -> None:
        """Begins anew. In place: the server has the file mapped."""
        with self._steps.open("r+b" if self._steps.exists() else "wb") as file:
            file.write(LONGEST.pack(0.0))

    def longest_s(self) -> float:
        """Of the steps since then."""
        (longest_s,) = LONGEST.unpack(self._steps.read_bytes())
        return float(longest_s)


def messages(event: str) -> Iterator[tuple[str, bytes]]:
    """What an event may bring at most, and what it may not, each with its name."""
    payload = REGISTRY.requests[event].payload
    for name, made in payloads(payload, MAX_MESSAGE_BYTES - ROOM_BYTES):
        yield name, orjson.dumps(made)
    for field in FIELDS[event]:
        for name in FILLINGS:
            yield f"{field}: {name}", filled(f'{{"{field}":', name, "}").encode()


async def measure(folder: Path, events: list[str] | None = None, tries: int = 5) -> list[Row]:
    """The longest step of each event's messages, the worst message of each first."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    server = SteppedServer(folder)
    await server.start()
    try:
        watcher = await connect(server.port)  # what is changed is also sent out
        worst = []
        for event in events or REGISTRY.requests:
            rows = [
                await _longest(server, event, what, body, tries)
                for what, body in messages(event)
                if len(body) > SMALL_BYTES
            ]
            worst += sorted(rows, key=lambda row: -row.step_s)[:1]
        watcher.close()
        return sorted(worst, key=lambda row: -row.step_s)
    finally:
        await server.kill()


async def _longest(server: SteppedServer, event: str, what: str, body: bytes, tries: int) -> Row:
    source: dict[str, Any] = {"source": "bench:messages"} if event.startswith("source:") else {}
    client = await connect(server.port, rooms=[], **source)
    best_s, refused = float("inf"), False
    for _ in range(tries):
        await asyncio.sleep(QUIET_S)
        server.forget()
        refused = not await _is_done(client, event, body)
        await asyncio.sleep(QUIET_S)
        best_s = min(best_s, server.longest_s())
        if best_s < ENOUGH_S or client.lost.is_set():
            break
    client.close()
    return Row(event, what, len(body), refused, best_s)


async def _is_done(client: Client, event: str, body: bytes) -> bool:
    try:
        await client.request(event, orjson.Fragment(body))
    except LoadError:
        return False
    return True


async def run(folder: Path) -> Table:
    """All requests."""
    return table(await measure(folder))


def table(rows: list[Row]) -> Table:
    """The worst message of each request."""
    return Table(
        "messages: the longest step of the event loop that a message of 2 MiB can take, for each request",
        ("request", "the worst message", "bytes", "refused", "ms of CPU"),
        [
            (row.event, row.what, count(row.size_bytes), "yes" if row.refused else "", ms(row.step_s))
            for row in rows
        ],
        ("", "", "", "", f"< {ms(GOOD_S)}"),
        ("The shortest of several tries: other programs on the machine only make it longer.",),
    )

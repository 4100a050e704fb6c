"""`python -m bench.abusing KIND PORT TOKEN`: one kind of abuse, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import orjson

from bench import beside
from bench.client import Client, LoadError, Refused, connect_many
from sio_server.clients.transport import MAX_MESSAGE_BYTES

SOURCE = "bench:abuse"
ITEMS = orjson.dumps({"items": [{"a": 1}] * 29_900})
LONG = orjson.dumps({"items": [{"id": "long", "title": "x" * (MAX_MESSAGE_BYTES - 200)}]})
UNSTABLE = 200  # items of one put, all with new ids
READERS = 100
STRANGERS = 20  # at once

Counts = Counter[str]


async def flood(port: int, token: str, counts: Counts) -> None:
    """As many small requests as go, over four connections."""
    clients = await connect_many(4, port, rooms=[], token=token, source=SOURCE)

    async def ask(client: Client) -> None:
        while True:
            await _ask(client, "calendar:put", {"items": [_event("flood", counts.total())]}, counts)

    await asyncio.gather(*(ask(client) for client in clients for _ in range(16)))


async def many_values(port: int, token: str, counts: Counts) -> None:
    """Messages with as many small objects as are read."""
    await _large(port, token, counts, ITEMS)


async def long_texts(port: int, token: str, counts: Counts) -> None:
    """Messages of 2 MiB with one text."""
    await _large(port, token, counts, LONG)


async def _large(port: int, token: str, counts: Counts, payload: bytes) -> None:
    clients = await connect_many(2, port, rooms=[], token=token, source=SOURCE)

    async def ask(client: Client) -> None:
        while True:
            await _ask(client, "calendar:put", orjson.Fragment(payload), counts)

    await asyncio.gather(*(ask(client) for client in clients))


async def strangers(port: int, _: str, counts: Counts) -> None:
    """Connections with wrong tokens, one after the other."""

    async def come() -> None:
        while True:
            try:
                await connect_many(1, port, token="wrong")
            except (LoadError, OSError):
                counts["refused"] += 1

    await asyncio.gather(*(come() for _ in range(STRANGERS)))


async def slow_readers(port: int, token: str, counts: Counts) -> None:
    """Clients that ask for everything they may see, and read nothing."""
    clients = await connect_many(READERS, port, token=token, source=SOURCE)
    for client in clients:
        client.stall()

    async def ask(client: Client) -> None:
        for _ in range(1_000):
            client.request("state:get", {})
            counts["done"] += 1
            await asyncio.sleep(1)

    await asyncio.gather(*(ask(client) for client in clients))
    await asyncio.Event().wait()


async def unstable_ids(port: int, token: str, counts: Counts) -> None:
    """A collector whose items are called something else each time."""
    [client] = await connect_many(1, port, rooms=[], token=token, source=SOURCE)
    number = count(time.time_ns())
    while True:
        items = [_event(str(next(number)), 0) for _ in range(UNSTABLE)]
        await _ask(client, "calendar:put", {"items": items}, counts)


def _event(id: str, at: int) -> dict[str, Any]:
    return {"id": id, "title": f"Event {at}", "start": "2026-11-23T09:00:00Z", "end": "2026-11-23T10:00:00Z"}


async def _ask(client: Client, event: str, payload: Any, counts: Counts) -> None:
    try:
        await client.request(event, payload)
    except Refused:
        counts["refused"] += 1
    else:
        counts["done"] += 1


KINDS: dict[str, tuple[str, Callable[[int, str, Counts], Awaitable[None]]]] = {
    "flood": ("a flood of requests", flood),
    "many_values": ("29,900 objects in a message", many_values),
    "long_texts": ("a text of 2 MiB", long_texts),
    "strangers": ("wrong tokens", strangers),
    "slow_readers": ("clients that do not read", slow_readers),
    "unstable_ids": ("new ids each time", unstable_ids),
}


async def abuse(kind: str, port: int, token: str) -> dict[str, float]:
    """Goes on until cancelled. Shape: {done, refused, asked_s}, of its requests."""
    counts, began = Counter(done=0, refused=0), time.perf_counter()
    with contextlib.suppress(asyncio.CancelledError):
        await KINDS[kind][1](port, token, counts)
    return {**counts, "asked_s": time.perf_counter() - began}


if __name__ == "__main__":
    asyncio.run(beside.run(abuse(sys.argv[1], int(sys.argv[2]), sys.argv[3])))

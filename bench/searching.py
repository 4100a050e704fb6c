"""Clients that search without a pause: `python -m bench.searching PORT CLIENTS WORD...`."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from bench import beside
from bench.client import Client, connect_many


async def timed(client: Client, query: str) -> float:
    """Seconds until the answer is there."""
    began = time.perf_counter()
    await client.request("search:query", {"query": query})
    return time.perf_counter() - began


async def search(port: int, clients: int, words: Sequence[str]) -> list[float]:
    """Until it is cancelled; how long each search took, in seconds."""
    took_s: list[float] = []

    async def go_on(client: Client) -> None:
        chance = random.Random(7)
        while True:
            took_s.append(await timed(client, " ".join(chance.sample(words, chance.randint(1, 3)))))

    with suppress(asyncio.CancelledError):
        await asyncio.gather(*map(go_on, await connect_many(clients, port, rooms=[])))
    return took_s


if __name__ == "__main__":
    asyncio.run(beside.run(search(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])))

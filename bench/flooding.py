"""`python -m bench.flooding PORT TOKEN`: one token that asks as fast as it can, in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter

from bench import beside
from bench.client import Client, Refused, connect_many

CONNECTIONS = 4  # a token may have thousands; a few suffice to send without a pause
IN_FLIGHT = 16  # of each, so that the server always has some to read


async def flood(port: int, token: str) -> dict[str, int]:
    """Asks until cancelled; returns how many requests were carried out, and how many refused."""
    counts = Counter(done=0, refused=0)
    clients = await connect_many(CONNECTIONS, port, rooms=[], token=token)
    asking = [asyncio.ensure_future(_ask(client, counts)) for client in clients for _ in range(IN_FLIGHT)]
    try:
        await asyncio.gather(*asking)
    except asyncio.CancelledError:
        for one in asking:
            one.cancel()
    return dict(counts)


async def _ask(client: Client, counts: Counter[str]) -> None:
    while True:
        try:
            await client.request("priorities:put", {"items": [{"id": "flood", "title": str(counts.total())}]})
        except Refused:
            counts["refused"] += 1
        else:
            counts["done"] += 1


if __name__ == "__main__":
    asyncio.run(beside.run(flood(int(sys.argv[1]), sys.argv[2])))

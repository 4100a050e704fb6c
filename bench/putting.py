"""A collector that puts records without pause: `python -m bench.putting PORT FILE`.

The file has `[source, record]` on each line.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path
from typing import Any

import orjson

from bench import beside
from bench.client import connect
from bench.search_tables import BATCH


async def put(port: int, records: list[tuple[str, dict[str, Any]]]) -> float:
    """Until all are put, or it is cancelled; so many were put."""
    done = 0
    try:
        for source, group in itertools.groupby(records, key=lambda record: record[0]):
            client = await connect(port, source=source)
            ours = [record for _, record in group]
            for at in range(0, len(ours), BATCH):
                await client.request("records:put", {"records": ours[at : at + BATCH]})
                done += len(ours[at : at + BATCH])
            client.close()
    except asyncio.CancelledError:
        pass
    return done


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_bytes().splitlines()
    asyncio.run(beside.run(put(int(sys.argv[1]), [orjson.loads(line) for line in lines])))

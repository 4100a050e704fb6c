"""A collector that puts records without pause: `python -m bench.putting PORT FILE`.

The file has `[source, record]` on each line.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from bench import beside
from bench.client import connect
from bench.search_tables import BATCH

Records = list[tuple[str, dict[str, Any]]]
"""Each with its source."""


def by_source(records: Records) -> Iterator[tuple[str, list[list[dict[str, Any]]]]]:
    """Each source in its turn, with its records cut to batches."""
    for source, group in itertools.groupby(records, key=lambda record: record[0]):
        ours = [record for _, record in group]
        yield source, [ours[at : at + BATCH] for at in range(0, len(ours), BATCH)]


async def put(port: int, records: Records) -> float:
    """Puts records until all are put or it is cancelled; returns how many were put."""
    done = 0
    try:
        for source, batches in by_source(records):
            client = await connect(port, source=source)
            for batch in batches:
                await client.request("records:put", {"records": batch})
                done += len(batch)
            client.close()
    except asyncio.CancelledError:
        pass
    return done


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_bytes().splitlines()
    asyncio.run(beside.run(put(int(sys.argv[1]), [orjson.loads(line) for line in lines])))

"""A collector as a process of its own: it says what it was told to say, prints each ack, and stays.

python -m tests.source_process URL SOURCE '[["source:hello", {...}], ...]'
"""

from __future__ import annotations

import asyncio
import json
import sys

import socketio


async def main(url: str, source: str, messages: str) -> None:
    """Runs until it is killed."""
    client = socketio.AsyncClient(reconnection=False)
    client.on("source:collect", lambda asked: {"ok": True})
    await client.connect(url, auth={"source": source}, transports=["websocket"])
    for event, payload in json.loads(messages):
        print(json.dumps(await client.call(event, payload)), flush=True)
    await client.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""Messages between the server and the index's process: JSON after its length in four bytes."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

_LENGTH = 4  # bytes


def write(writer: asyncio.StreamWriter, message: Any) -> None:
    """Sends a message; it waits in memory until the other side reads."""
    body = orjson.dumps(message)
    writer.writelines((len(body).to_bytes(_LENGTH), body))


async def read(reader: asyncio.StreamReader) -> Any:
    """The next message.

    Errors: asyncio.IncompleteReadError, OSError: the other side is gone.
    """
    length = int.from_bytes(await reader.readexactly(_LENGTH))
    return orjson.loads(await reader.readexactly(length))

"""What one message of a client is: its packet, read on a thread where that takes long, or too large."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sio_server.sockets import packets
from sio_server.sockets.packets import Kind, Packet, TooLarge

READ_AT_ONCE = 64 << 10
"""Characters: two milliseconds at most. A larger message is read on a thread (decision 113)."""
BYTES_AT_ONCE, NESTS_AT_ONCE = 32 << 10, 600
"""So much of a large message costs as much as one request: characters, and lists and objects, of which 29,000
hold the interpreter for 11 ms."""
_READING = ThreadPoolExecutor(1, thread_name_prefix="messages")  # for the process: to read is to compute


async def read(text: str) -> Packet:
    """Errors: Malformed."""
    if len(text) <= READ_AT_ONCE:
        return packets.read(text)
    return await asyncio.get_running_loop().run_in_executor(_READING, packets.read, text)


def cost_of(text: str) -> float:
    """What it costs to read a large message, in simple requests (decision 116)."""
    return len(text) / BYTES_AT_ONCE + (text.count("{") + text.count("[")) / NESTS_AT_ONCE


def is_too_large(text: str, limit_bytes: int) -> bool:
    """Whether it has more bytes than these."""
    return len(text) > limit_bytes or (len(text) * 4 > limit_bytes and len(text.encode()) > limit_bytes)


def id_of_large(text: str, kind: Kind) -> int | None:
    """The id of a packet that is too large to read.

    Errors: TooLarge, when it is of another kind, which no answer can refuse.
    """
    found, id = packets.read_head(text) or (None, None)
    if found is not kind:
        raise TooLarge("a packet that is too large, and cannot be refused by itself")
    return id

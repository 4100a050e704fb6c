"""Who has no token, or a wrong one, or begins a request and does not go on; they come all the time."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from tests.abuse.raw import POLLING_QUERY, TEXT, WEBSOCKET_QUERY, frame
from tests.chaos.ledger import Ledger, Promise

UPGRADE = (
    f"GET /socket.io/?{WEBSOCKET_QUERY} HTTP/1.1\r\nHost: localhost\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
).encode()
ASKS = frame(TEXT, b'421["state:get",{}]')
POST = (
    f"POST /socket.io/?{POLLING_QUERY}&sid=none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n"
).encode()
SAYS: dict[str, tuple[bytes, ...]] = {
    "without a token": (UPGRADE, frame(TEXT, b"40{}"), ASKS),
    "with a wrong token": (UPGRADE, frame(TEXT, b'40{"token":"wrong"}'), ASKS),
    "again and again": (UPGRADE, *[frame(TEXT, b'40{"token":"wrong"}')] * 20),
    "that is silent": (UPGRADE,),
    "that asks at once": (UPGRADE, ASKS),
    "with half a message": (UPGRADE, frame(TEXT, b"4" * 60_000)[:30_000]),
    "with half a POST": (POST, b"4"),
    "with half a header": (POST[:60],),
    "with rubbish": (b"\x16\x03\x01" * 50 + b"\r\n\r\n",),
}
AT_ONCE = 30
"""So many are there at most: as soon as one more comes, the first goes."""
SAYS_WITHIN_S = 3.0


class Strangers:
    """They come straight to the server: the line's faults are for others."""

    def __init__(self, port: Callable[[], int], ledger: Ledger, chance: random.Random) -> None:
        self._port, self._ledger, self._chance = port, ledger, chance
        self._staying: deque[tuple[str, asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def work(self, goes_on: Callable[[], bool]) -> None:
        """Until it is over; then all of them go."""
        kinds = list(SAYS.items())
        while goes_on():
            name, parts = self._chance.choice(kinds)
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(SAYS_WITHIN_S):
                    await self._come(name, parts)
            while len(self._staying) > AT_ONCE:
                await self._goes()
            await asyncio.sleep(self._chance.uniform(0.01, 0.1))
        while self._staying:
            await self._goes()

    async def _come(self, name: str, parts: Sequence[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port())
        self._staying.append((name, reader, writer))
        for part in parts:
            writer.write(part)
            await writer.drain()

    async def _goes(self) -> None:
        """The first one, once what it was told is looked at."""
        name, reader, writer = self._staying.popleft()
        said = b""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.01):
                while part := await reader.read(1 << 16):
                    said += part
        writer.transport.abort()
        told = any(word in said for word in (b'42["', b"431[", b'40{"sid"'))
        self._ledger.check(Promise.OUT, not told, f"a stranger {name} was told {said[:500]!r}")

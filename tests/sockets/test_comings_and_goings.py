"""Thousands of clients come and go, many of them half-way: nothing of them stays behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio

from tests.abuse.arena import Arena, until_answer
from tests.abuse.raw import CLOSE, POLLING_QUERY, exchange, frame, get_request, upgrade_request
from tests.abuse.raw import RawSocket as Raw
from tests.examples import one_in
from tests.running import WAIT_S, RunningServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = Any
Visit = Callable[[RunningServer], Awaitable[None]]

AT_ONCE = 100
WARM_UP = 800
MANY = 10_000 // one_in(6)
GROWTH_BYTES = 12 << 20

# /stats counts what a connection is made of; what waits for its peer waits less long.
COUNTING = """
import asyncio
import gc
from collections import Counter

from sio_server.clients import transport
from sio_server.figures import Figures

transport.CONNECT_WITHIN_S = 1.0
KINDS = ("Client", "Connection", "EngineSocket", "Outbox", "Wire", "Protocol", "Http", "Pace", "Call", "Job")
plain = Figures.of_server


def of_server(figures, names):
    gc.collect()
    kinds = Counter(type(found).__name__ for found in gc.get_objects())
    tables = {"manager": sum(map(len, figures.transport.manager.rooms.get("/", {}).values()))}
    found = {kind: kinds[kind] for kind in KINDS} | tables | {"tasks": len(asyncio.all_tasks())}
    return plain(figures, names) | {"found": found}


Figures.of_server = of_server
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counting(tmp_path_factory: pytest.TempPathFactory, both_paths: str) -> AsyncIterator[Arena]:
    """A server that tells how many of each kind of object it holds."""
    async with Arena.in_folder(tmp_path_factory.mktemp("counting"), COUNTING) as arena:
        yield arena


class Caller:
    """A connection that says what it has to say at once, and waits only for the answer's end."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._line = socket.socket()
        self._line.setblocking(False)

    async def say(self, *parts: bytes) -> None:
        """Connects and sends."""
        address = ("127.0.0.1", self._server.port)
        await asyncio.get_running_loop().sock_connect(self._line, address)
        await self.say_more(*parts)

    async def say_more(self, *parts: bytes) -> None:
        """Sends; a server that has closed already is no error here."""
        with suppress(ConnectionError):
            await asyncio.get_running_loop().sock_sendall(self._line, b"".join(parts))

    async def until(self, mark: bytes) -> None:
        """Returns when this came."""
        heard = b""
        while mark not in heard:
            more = await asyncio.get_running_loop().sock_recv(self._line, 1 << 16)
            assert more, heard
            heard += more

    def leave(self, reset: bool = False) -> None:
        """Closes the connection, or resets it."""
        if reset:
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._line.close()


JOIN = Raw.frames([b'40{"hz":5,"rooms":["calendar","priorities"]}'])
ASK = Raw.frames([b'421["state:get",{}]', b'422["state:subscribe",{"rooms":["brief"]}]'])
WRITE = Raw.frames([b'423["system:set",{"progress":1}]'])


async def says_nothing(server: RunningServer) -> None:
    caller = Caller(server)
    await caller.say()
    caller.leave()


async def breaks_off_in_the_headers(server: RunningServer) -> None:
    caller = Caller(server)
    await caller.say(upgrade_request(server)[:-20])
    caller.leave()


async def leaves_without_waiting_for_the_upgrade(server: RunningServer) -> None:
    caller = Caller(server)
    await caller.say(upgrade_request(server))
    caller.leave(reset=True)


async def upgrades_and_does_not_connect(server: RunningServer) -> None:
    caller = Caller(server)
    await caller.say(upgrade_request(server))
    await caller.until(b'0{"sid"')
    caller.leave()


async def connects_and_leaves_at_once(server: RunningServer) -> None:
    caller = Caller(server)
    await caller.say(upgrade_request(server))
    await caller.until(b'0{"sid"')
    await caller.say_more(JOIN)
    caller.leave(reset=True)


async def stays_for_the_sync_and_says_goodbye(server: RunningServer) -> None:
    caller = Caller(server)
    await caller.say(upgrade_request(server))
    await caller.until(b'0{"sid"')
    await caller.say_more(JOIN)
    await caller.until(b'"state:sync"')
    await caller.say_more(frame(CLOSE, (1000).to_bytes(2)))
    await caller.until(b"\x88\x02\x03\xe8")
    caller.leave()


async def leaves_with_requests_under_way(server: RunningServer) -> None:
    caller = Caller(server)
    await caller.say(upgrade_request(server))
    await caller.until(b'0{"sid"')
    await caller.say_more(JOIN, ASK, WRITE, ASK)
    await caller.until(b"431[")
    caller.leave(reset=True)


async def is_turned_away(server: RunningServer) -> None:
    caller = Caller(server)
    await caller.say(upgrade_request(server))
    await caller.until(b'0{"sid"')
    await caller.say_more(Raw.frames([b'40{"rooms":["nowhere"]}']))
    await caller.until(b"44{")
    caller.leave()


async def polls_once_and_is_not_seen_again(server: RunningServer) -> None:
    await exchange(server, get_request(server, POLLING_QUERY))


VISITS: list[Visit] = [
    says_nothing,
    breaks_off_in_the_headers,
    leaves_without_waiting_for_the_upgrade,
    upgrades_and_does_not_connect,
    connects_and_leaves_at_once,
    stays_for_the_sync_and_says_goodbye,
    leaves_with_requests_under_way,
    stays_for_the_sync_and_says_goodbye,
    is_turned_away,
    polls_once_and_is_not_seen_again,
]


async def visits(arena: Arena, many: int) -> None:
    """So many visits of all kinds, in batches; returns when the server has forgotten them."""
    for begin in range(0, many, AT_ONCE):
        batch = (VISITS[n % len(VISITS)](arena.server) for n in range(begin, begin + AT_ONCE))
        await asyncio.wait_for(asyncio.gather(*batch), WAIT_S)
        await arena.nudge()
    await arena.alone()


async def found(arena: Arena) -> Json:
    """What the server holds."""
    _, stats = await arena.server.get("/stats")
    return stats["found"] | stats["clients"]


async def test_thousands_of_comings_and_goings_leave_nothing_behind(counting: Arena) -> None:
    arena = counting
    before = await found(arena)
    await visits(arena, WARM_UP)
    await until_answer(lambda: found(arena), before, "what was there before is there again")
    memory_bytes = await arena.memory_bytes()
    await visits(arena, MANY)
    await until_answer(lambda: found(arena), before, "what was there before is there again")
    assert await arena.memory_bytes() - memory_bytes < GROWTH_BYTES
    arena.check_log()

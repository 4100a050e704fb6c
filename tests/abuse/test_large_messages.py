"""A large message is read on a thread: the event loop goes on, and nothing overtakes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sio_server.clients import tokens
from sio_server.clients.messages import READ_AT_ONCE
from sio_server.clients.transport import MAX_CONNECT_BYTES
from sio_server.registry.roles import Role
from tests.abuse.arena import PRIORITY, TRANSPORTS, Arena, changed_server
from tests.abuse.raw import ack_of, dump
from tests.running import PythonClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTED = """
import threading
from pathlib import Path

from sio_server.sockets import packets

read = packets.read_json


def noted(text):
    if len(text) > 1_000:
        where = "loop" if threading.current_thread() is threading.main_thread() else "thread"
        with Path(__file__).with_name("read").open("a") as notes:
            notes.write(f"{where} {len(text)}\\n")
    return read(text)


packets.read_json = noted
"""


class Readings:
    """Where the server read messages of more than a thousand characters, and how long they were."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def take(self) -> list[tuple[str, int]]:
        """Those since the last call."""
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        self._file.write_text("")
        return [(where, int(size)) for where, size in map(str.split, lines)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def noting(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Arena, Readings]]:
    """A server that notes where it reads messages."""
    folder = await asyncio.to_thread(tmp_path_factory.mktemp, "noting")
    server = changed_server(folder, NOTED)
    await server.start()
    witness = await PythonClient().connect(server.url)
    await witness.wait_for("state:sync")
    observer = await TRANSPORTS["websocket"].open(server)
    yield Arena(server, witness, await observer.join(rooms=[])), Readings(folder / "read")
    await observer.leave()
    await witness.disconnect()
    await server.stop()


def put_of(size: int) -> str:
    """A put, as JSON, of so many characters."""
    put = dump(["priorities:put", {"items": [PRIORITY | {"note": ""}], "mode": "upsert", "zz": ""}])
    return put[:-3] + "x" * (size - len(put)) + put[-3:]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_no_message_above_a_bound_is_read_on_the_event_loop(
    noting: tuple[Arena, Readings], transport: str
) -> None:
    arena, readings = noting
    async with arena.undisturbed(), arena.attacker(transport) as session:
        readings.take()
        sizes = (READ_AT_ONCE - 1, READ_AT_ONCE, READ_AT_ONCE + 2, 300_000, 2_000_000)
        for id, size in enumerate(sizes, 1):  # with the digits before it, the second is just above the bound
            await session.send(f"42{id}" + put_of(size))
            assert '"code":"bad_request"' in await session.next_of(f"43{id}[")
        assert readings.take() == [("loop" if size + 2 <= READ_AT_ONCE else "thread", size) for size in sizes]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "filling", ['"' + "x" * 1_900_000 + '"', "[" + '{"a":1},' * 29_000 + "0]", '"' + "x" * 4_000_000 + '"']
)
async def test_a_large_message_is_charged_by_what_it_holds_and_refused_unread_beyond_the_rate(
    tmp_path: Path, filling: str, transport: str
) -> None:
    keys = tmp_path / "tokens.json"
    greedy, other = (tokens.add(keys, name, Role.EDITOR, None) for name in ("greedy", "other"))
    server = changed_server(tmp_path, NOTED, f"--tokens={keys}", "--token-rate=1")
    await server.start()
    session = await (await TRANSPORTS[transport].open(server)).join(token=greedy)
    for id in (1, 2, 3):
        await session.send(f'42{id}["priorities:put",{filling}]')
    codes = [ack_of(await session.next_of(f"43{id}["))["error"]["code"] for id in (1, 2, 3)]
    assert codes[0] in ("bad_request", "too_large")
    assert codes[1:] == ["rate_limited"] * 2
    assert len(Readings(tmp_path / "read").take()) == sum(code == "bad_request" for code in codes)
    witness = await PythonClient(token=other).connect(server.url)
    await witness.done("state:get", {})
    await witness.disconnect()
    await session.leave()
    await server.kill()


async def test_what_a_stranger_may_send_is_small_enough_to_be_read_at_once() -> None:
    assert MAX_CONNECT_BYTES <= READ_AT_ONCE


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_what_follows_a_large_message_comes_after_it(
    noting: tuple[Arena, Readings], transport: str
) -> None:
    arena, _ = noting
    async with arena.unharmed(), arena.attacker(transport) as session:
        for round in range(5):
            items = [PRIORITY | {"id": f"n{n}", "title": f"{round} {'x' * 400}"} for n in range(400)]
            await session.send(f"421{dump(['priorities:put', {'items': items}])}")
            await session.send('422["state:get",{"sections":["priorities"]}]')
            await session.send(f"423{dump(['priorities:drop', {'ids': [item['id'] for item in items]}])}")
            assert '"added":400' in await session.next_of("431[")
            assert (await session.next_of("432[")).count(f'"title":"{round} x') == 400
            assert '"removed":400' in await session.next_of("433[")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_client_that_leaves_right_after_a_large_message_leaves_nothing(
    noting: tuple[Arena, Readings], transport: str
) -> None:
    arena, _ = noting
    async with arena.undisturbed():
        for _ in range(3):
            async with arena.attacker(transport) as session:
                await session.send("421" + put_of(2_000_000))

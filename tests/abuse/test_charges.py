"""Whatever a client sends is charged to its token before it is read, and so is a connect (decision 142)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from adjutant_client import Client
from sio_server.clients import tokens
from sio_server.clients.admission import ADMISSION_COST, COMES_BACK_MS
from sio_server.clients.connection import CONNECTS_IN_VAIN
from sio_server.clients.limits import BURST_S
from sio_server.registry.roles import Role
from tests.abuse.arena import TRANSPORTS, Arena, changed_server
from tests.abuse.raw import RawPolling, RawSocket, Session, ack_of
from tests.abuse.test_large_messages import NOTED, Readings
from tests.running import PythonClient, RunningServer, until, until_found

pytestmark = pytest.mark.asyncio(loop_scope="module")

OBJECTS = "[" + "{}," * 9_000 + "{}]"
PLACEHOLDER = '{"_placeholder":true,"num":0}'
Begin = Callable[..., Awaitable[RunningServer]]


@pytest_asyncio.fixture(loop_scope="module")
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """Starts a server that notes what it reads; its tokens are `viewer` and `other`."""
    begun: list[RunningServer] = []

    async def one(rate: int | None = None) -> RunningServer:
        keys = tmp_path / "tokens.json"
        made = {name: tokens.add(keys, name, Role.VIEWER, None) for name in ("viewer", "other")}
        flags = () if rate is None else (f"--token-rate={rate}",)
        server = changed_server(tmp_path, NOTED, f"--tokens={keys}", *flags)
        (tmp_path / "made.json").write_text(json.dumps(made))
        await server.start()
        begun.append(server)
        return server

    yield one
    for server in begun:
        await server.kill()


def token(folder: Path, name: str = "viewer") -> str:
    return str(json.loads((folder / "made.json").read_text())[name])


PACKETS = {
    "an ack that nobody waits for": "437" + OBJECTS,
    "an ack of 29,000 objects": "437[" + '{"a":1},' * 29_000 + "0]",
    "an ack of 1.9 MB": f'437["{"x" * 1_900_000}"]',
    "a second connect": f'40{{"resume":{OBJECTS}}}',
    "a connect to another namespace": f'40/other,{{"a":{OBJECTS}}}',
    "a binary event": f'451-["x",{PLACEHOLDER},"{"x" * 1_000_000}"]',
    "a binary ack": f'461-7[{PLACEHOLDER},"{"x" * 1_000_000}"]',
    "a disconnect": "41" + OBJECTS,
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("packet", PACKETS.values(), ids=PACKETS)
async def test_every_packet_is_charged_to_its_token(
    begin: Begin, tmp_path: Path, packet: str, transport: str
) -> None:
    server = await begin(rate=1)
    session: Session = await (await TRANSPORTS[transport].open(server)).join(token=token(tmp_path), rooms=[])
    await session.send(packet)
    if packet[1] in "56":
        await send_attachment(session)
    if packet.startswith("41"):
        assert refused_by_rate(await connected_again(session, tmp_path))
    else:
        await session.send('421["state:ping",{}]')
        assert ack_of(await session.next_of("431["))["error"]["code"] == "rate_limited"
    if packet.startswith("43"):
        assert Readings(tmp_path / "read").take() == [], "nobody waits for it"
    other = await PythonClient(token=token(tmp_path, "other")).connect(server.url)
    await other.done("state:get", {})
    await other.disconnect()
    await session.leave()


async def send_attachment(session: Session) -> None:
    """The binary data that was announced."""
    if isinstance(session, RawPolling):
        await session.send("bAQID")
    else:
        assert isinstance(session, RawSocket)
        await session.frame(0x2, b"\1\2\3")


async def connected_again(session: Session, folder: Path) -> str:
    """The answer to a connect."""
    await session.send(f'40{{"token":"{token(folder)}"}}')
    async with asyncio.timeout(60):
        while (packet := await session.next())[:2] not in ("40", "44"):
            pass
    return packet


def refused_by_rate(packet: str) -> bool:
    """Whether a connect was, and when it may come back."""
    if packet.startswith("40"):
        return False
    data: dict[str, Any] = json.loads(packet[2:])["data"]
    assert (data["code"], data["retry"]) == ("rate_limited", "after")
    assert data["after_ms"] >= COMES_BACK_MS
    return True


async def test_acks_beyond_the_rate_wait_and_nothing_behind_them_is_read(
    begin: Begin, tmp_path: Path
) -> None:
    server = await begin(rate=20)
    session = await (await RawSocket.open(server)).join(token=token(tmp_path), rooms=[])
    began = asyncio.get_running_loop().time()
    for _ in range(15):  # some 17 requests each, of 195 that are left
        await session.send("437" + OBJECTS)
    await session.send('421["state:ping",{}]')
    await session.next_of("431[")
    assert asyncio.get_running_loop().time() - began > 2
    await session.leave()


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("connect", ["40{}", "40/other,"])
@pytest.mark.parametrize("joined", [True, False])
async def test_who_goes_on_connecting_in_vain_is_ended(
    arena: Arena, connect: str, joined: bool, transport: str
) -> None:
    if connect == "40{}" and not joined:
        return  # that is how one joins
    async with arena.undisturbed(), arena.attacker(transport, joined=joined) as session:
        for _ in range(CONNECTS_IN_VAIN):
            await session.send(connect)
            await session.next_of("44")
        await session.send(connect)
        packets, _ = await session.last_words()
        assert not any(text.startswith("44") for text in packets)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_to_leave_and_come_again_is_charged_as_a_request_for_the_state(
    begin: Begin, tmp_path: Path, transport: str
) -> None:
    server = await begin(rate=1)
    session = await (await TRANSPORTS[transport].open(server)).join(token=token(tmp_path))
    for _ in range(50):
        await session.send("41")
        if refused_by_rate(await connected_again(session, tmp_path)):
            break
    else:
        pytest.fail("it was let in each time")
    other = await PythonClient(token=token(tmp_path, "other")).connect(server.url)
    await other.done("state:get", {})
    await other.disconnect()
    await session.leave()


async def test_libraries_come_back_after_a_refusal_for_the_rate(begin: Begin, tmp_path: Path) -> None:
    server = await begin(rate=20)
    key = token(tmp_path)
    stock = PythonClient(token=key)
    stock.sio.reconnection = True
    stock.sio.reconnection_delay_max = 1
    await stock.connect(server.url)
    greedy = await (await RawSocket.open(server)).join(token=key, rooms=[])

    async def use_up() -> None:
        for number in range(1_000):
            await greedy.send("437" + OBJECTS)  # most of a second's worth
            await asyncio.sleep(0 if number < 15 else 0.7)

    using_up = asyncio.create_task(use_up())
    await stock.wait_for("state:sync")
    await stock.sio.eio.ws.close()  # from outside: the library takes it for a lost line
    async with Client(server.url, client="test:board", token=key) as board:
        await stock.wait_for("connect_error")
        await until(lambda: "more than its share" in board.link.why, "the other is refused, too")
        using_up.cancel()
        await greedy.leave()
        await board.ask("state:get", {})
    await until(lambda: stock.sio.connected, "it is let in again")

    async def is_answered() -> bool:
        return bool((await stock.request("state:ping", {}))["ok"])

    await until_found(is_answered, "its requests are taken again")
    await stock.disconnect()


async def test_a_crowd_with_one_token_that_comes_at_once_is_let_in(begin: Begin, tmp_path: Path) -> None:
    server = await begin()

    async def come() -> RawSocket:
        return await (await RawSocket.open(server)).join(token=token(tmp_path))

    crowd = await asyncio.gather(*(come() for _ in range(300)))
    for session in crowd:
        await session.leave()
    default_rate = 1_000
    assert default_rate * BURST_S >= 1_000 * ADMISSION_COST + 1_000 * 5, "and each asks for some more"

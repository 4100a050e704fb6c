"""What clients are told when the server ends their connection: `server:bye`, close code, HTTP status."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import socketio

from docs.protocol import COME_BACK
from sio_server.clients import tokens
from sio_server.clients.transport import MAX_CONNECT_BYTES, MAX_MESSAGE_BYTES
from sio_server.registry.roles import Role
from sio_server.sockets.endings import Ending
from sio_server.sockets.strangers import WRONG_TOKENS
from tests.abuse.arena import TRANSPORTS, Arena, changed_server
from tests.abuse.raw import RawPolling, RawSocket
from tests.conftest import Serve
from tests.node.driver import node_process
from tests.running import WAIT_S, PythonClient, until

TOO_LARGE = "x" * MAX_MESSAGE_BYTES
TOO_LARGE_FOR_ONE: dict[str, tuple[bool, str]] = {
    "an ack": (True, f'431["{TOO_LARGE}"]'),
    "a second connect": (True, f'40{{"a":"{TOO_LARGE}"}}'),
    "a disconnect": (True, f"41{TOO_LARGE}"),
    "an announced attachment": (True, f'451-1["state:get",{{"_placeholder":true,"num":0}},"{TOO_LARGE}"]'),
    "an event of another namespace": (True, f'42/nope,1["state:get","{TOO_LARGE}"]'),
    "rubbish": (True, f"4rubbish{TOO_LARGE}"),
    "an event before the connect": (False, f'421["state:get","{"x" * MAX_CONNECT_BYTES}"]'),
}


def bye_of(packets: list[str]) -> dict[str, str]:
    """What `server:bye` says."""
    [text] = [packet for packet in packets if packet.startswith('42["server:bye",')]
    said: dict[str, str] = json.loads(text[2:])[1]
    return said


def returning(client: PythonClient) -> PythonClient:
    """The same, but it connects again by itself."""
    client.sio = socketio.AsyncClient(reconnection_delay=0.05, handle_sigint=False)
    client.sio.on("*", client._record)
    return client


def test_the_page_says_what_to_do_after_each_close_code() -> None:
    assert sorted(COME_BACK) == sorted({ending.code for ending in Ending})
    assert all(len(ending.reason.encode()) <= 123 for ending in Ending)  # more does not fit into the frame


async def test_a_revoked_token_ends_with_its_own_close_code(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    token = tokens.add(file, "eve", Role.EDITOR, None)
    server = await serve("--tokens", str(file))
    socket = await (await RawSocket.open(server)).join(token=token)
    polling = await (await RawPolling.open(server)).join(token=token)
    tokens.add(file, "ana", Role.EDITOR, None)
    waiting = asyncio.create_task(polling.last_words())
    tokens.remove(file, "eve")
    packets, code = await socket.last_words()
    assert (bye_of(packets)["code"], packets[-2:], code) == ("unauthorized", ["41", "1"], 1008)
    packets, _ = await waiting
    assert (bye_of(packets)["code"], packets[-2:]) == ("unauthorized", ["41", "1"])
    assert (await polling.get())[0] == 400
    for session in (socket, polling):
        await session.leave()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_clients_stay_away_with_a_revoked_token(serve: Serve, tmp_path: Path, transport: str) -> None:
    file = tmp_path / "tokens.json"
    root, token = (tokens.add(file, name, Role.ADMIN, None) for name in ("root", "eve"))
    server = await serve("--tokens", str(file))
    python = returning(PythonClient(token=token))
    await python.connect(server.url, [transport])
    witness = await PythonClient(token=root).connect(server.url)
    async with node_process() as node:
        page = await node.connect(server.url, auth={"token": token}, transports=[transport])
        tokens.remove(file, "eve")
        await page.wait_for(lambda line: line.get("disconnect") == "io server disconnect")
        await until(lambda: not python.sio.connected, "the end")
        assert (await python.wait_for("server:bye"))["retry"] == "no"
        for n in range(20):  # more than the pauses between two attempts, 0.05 to 0.2 s each
            await witness.done("priorities:put", items=[{"id": "a", "title": f"Title {n}"}])
            await python.sio.sleep(0.05)
        assert not [line for line in page.lines if "connect_error" in line]
        assert python.sio.eio.state == "disconnected"
        assert "refused" not in server.log()
    await witness.disconnect()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_clients_come_back_to_a_server_that_stopped(serve: Serve, transport: str) -> None:
    server = await serve()
    python = returning(PythonClient())
    await python.connect(server.url, [transport])
    async with node_process() as node:
        page = await node.connect(server.url, transports=[transport])
        before = page.mark()
        assert await server.stop() == 0
        await server.restart()
        await page.wait_for(lambda line: "connect" in line, after=before, timeout_s=WAIT_S)
        await until(lambda: len(python.received("state:sync")) == 2, "the second connect")
    await python.disconnect()


async def test_pythons_client_stays_away_after_it_broke_the_rules(serve: Serve) -> None:
    client = returning(PythonClient())
    await client.connect((await serve()).url)
    await client.sio.eio.send("rubbish")
    assert (await client.wait_for("server:bye"))["retry"] == "no"
    await until(lambda: client.sio.eio.state == "disconnected", "the end")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("joined", "packet"), TOO_LARGE_FOR_ONE.values(), ids=TOO_LARGE_FOR_ONE)
async def test_a_packet_that_is_too_large_and_no_event_ends_the_connection(
    serve: Serve, transport: str, joined: bool, packet: str
) -> None:
    async with (
        Arena.on(await serve()) as arena,
        arena.undisturbed(),
        arena.attacker(transport, joined=joined) as session,
    ):
        await session.send(packet)
        if isinstance(session, RawPolling):
            assert session.last_status == 413
        packets, code = await session.last_words()
        if isinstance(session, RawSocket):
            assert code == 1009
        if joined and isinstance(session, RawSocket):
            assert bye_of(packets)["code"] == "too_large"


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_attachment_that_is_too_large_is_refused_with_its_event(
    serve: Serve, transport: str
) -> None:
    async with Arena.on(await serve()) as arena, arena.undisturbed(), arena.attacker(transport) as session:
        await session.send('451-1["state:get",{"_placeholder":true,"num":0}]')
        assert '"bad_request"' in await session.next_of("431[")
        if isinstance(session, RawSocket):
            await session.frame(2, bytes(3 << 20))
        else:
            await session.send("b" + "AAAA" * (1 << 20))
        assert (await session.ask("state:get", {}, id=2))["ok"]


async def test_too_many_wrong_tokens_end_with_try_again_later(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    tokens.add(file, "root", Role.ADMIN, None)
    server = await serve("--tokens", str(file))
    guesser = await RawSocket.open(server)
    await guesser.write(RawSocket.frames([b'40{"token":"wrong"}'] * (WRONG_TOKENS + 1)))
    packets, code = await guesser.last_words()
    assert ('"after_ms":60000' in packets[-1], code) == (True, 1013)
    await guesser.leave()


async def test_a_stranger_that_makes_way_is_told_to_try_again_later(tmp_path: Path) -> None:
    server = changed_server(tmp_path, "", "--max-strangers=2")
    await server.start()
    try:
        strangers = [await RawSocket.open(server) for _ in range(3)]
        assert await strangers[0].last_words() == ([], 1013)
        for session in strangers:
            await session.leave()
    finally:
        await server.kill()

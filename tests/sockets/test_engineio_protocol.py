"""What the Engine.IO protocol, version 4, says of a server, request by request and frame by frame.

Where this server differs, decision 47 says why; the tests named `..._differs_...` hold those places.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sio_server.clients.transport import MAX_MESSAGE_BYTES, PING_INTERVAL_S, PING_TIMEOUT_S
from tests.abuse.arena import Arena, changed_server, until_answer
from tests.abuse.raw import (
    BINARY,
    POLLING_QUERY,
    SEPARATOR,
    TEXT,
    WEBSOCKET_QUERY,
    RawPolling,
    RawSocket,
    Refused,
    exchange,
    get_request,
    status_of,
)
from tests.running import WAIT_S, RunningServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPENING = {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
PINGS = """
from sio_server.clients import transport

transport.PING_INTERVAL_S = 1
"""
WAITS_FOR_PONGS_ALONE = """
from sio_server.clients import transport

transport.PING_INTERVAL_S = transport.PING_TIMEOUT_S = 1
transport.CONNECT_WITHIN_S = 600
"""
GET = '["state:get",{}]'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pinging(tmp_path_factory: pytest.TempPathFactory, both_paths: str) -> AsyncIterator[RunningServer]:
    """A server that pings every second."""
    server = changed_server(tmp_path_factory.mktemp("pinging"), PINGS)
    await server.start()
    yield server
    await server.kill()


def request(server: RunningServer, method: str, query: str, body: str = "") -> bytes:
    """Any HTTP request of the Engine.IO path, after which the server closes."""
    lines = [f"{method} /socket.io/?{query} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Connection: close"]
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body]).encode()


def body_of(answer: bytes) -> str:
    return answer.partition(b"\r\n\r\n")[2].decode()


# The handshake.


async def test_polling_opens_with_a_packet_that_says_how_to_go_on(arena: Arena) -> None:
    async with arena.undisturbed():
        answer = await exchange(arena.server, get_request(arena.server, POLLING_QUERY))
        opening = json.loads(body_of(answer).removeprefix("0"))
        assert (status_of(answer), body_of(answer)[0]) == (200, "0")
        await RawPolling(arena.server, opening["sid"]).leave()
    assert b"content-type: text/plain; charset=utf-8" in answer.lower()
    assert opening.keys() == OPENING
    assert isinstance(opening["sid"], str)
    assert opening["upgrades"] == ["websocket"]
    assert opening["pingInterval"] == PING_INTERVAL_S * 1000
    assert opening["pingTimeout"] == PING_TIMEOUT_S * 1000
    assert opening["maxPayload"] == MAX_MESSAGE_BYTES


async def test_a_websocket_opens_with_the_same_packet_and_no_upgrade(arena: Arena) -> None:
    socket = await RawSocket.upgraded(arena.server, WEBSOCKET_QUERY)
    packet = await socket.next()
    assert packet[0] == "0"
    opening = json.loads(packet[1:])
    assert opening.keys() == OPENING
    assert opening["upgrades"] == []
    await socket.leave()


async def test_no_two_sessions_have_one_name(arena: Arena) -> None:
    sessions = [await RawPolling.open(arena.server) for _ in range(20)]
    assert len({session.sid for session in sessions}) == 20
    for session in sessions:
        await session.leave()


@pytest.mark.parametrize(
    ("query", "method"),
    [
        ("transport=polling", "GET"),
        ("EIO=abc&transport=polling", "GET"),
        ("EIO=3&transport=polling", "GET"),
        ("EIO=4", "GET"),
        ("EIO=4&transport=abc", "GET"),
        (POLLING_QUERY, "POST"),
        (f"{POLLING_QUERY}&sid=unknown", "GET"),
        (f"{POLLING_QUERY}&sid=unknown", "POST"),
    ],
)
async def test_a_request_that_opens_nothing_and_belongs_to_nothing_gets_400(
    arena: Arena, query: str, method: str
) -> None:
    async with arena.undisturbed():
        answer = await exchange(arena.server, request(arena.server, method, query))
        assert status_of(answer) == 400
        assert json.loads(body_of(answer))["error"].endswith(".")


@pytest.mark.parametrize(
    "query", ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"]
)
async def test_an_upgrade_that_opens_nothing_is_refused(arena: Arena, query: str) -> None:
    async with arena.undisturbed():
        with pytest.raises(Refused, match="400"):
            await RawSocket.upgraded(arena.server, query)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_another_method_gets_400_and_does_no_harm(arena: Arena, method: str) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        for query in (POLLING_QUERY, f"{POLLING_QUERY}&sid={session.sid}"):
            assert status_of(await exchange(arena.server, request(arena.server, method, query))) == 400
        assert (await session.ask("brief:get", {}))["ok"]


# Messages.


async def test_a_post_is_answered_ok_and_a_poll_brings_what_came_of_it(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        answer = await exchange(
            arena.server, request(arena.server, "POST", f"{POLLING_QUERY}&sid={session.sid}", f"421{GET}")
        )
        assert (status_of(answer), body_of(answer)) == (200, "ok")
        status, body = await session.get()
        assert status == 200
        assert body.startswith('431[{"ok":true')


async def test_packets_of_one_request_are_parted_by_the_record_separator_both_ways(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        await session.post(SEPARATOR.join(f"42{id}{GET}" for id in range(3)).encode())
        _, body = await session.get()
        assert [packet[:3] for packet in body.split(SEPARATOR)] == ["430", "431", "432"]


async def test_binary_stands_in_base64_beside_texts_in_a_post(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        event = '451-7["brief:set",{"_placeholder":true,"num":0}]'
        assert await session.post(SEPARATOR.join([event, "bAQIDBA==", f"428{GET}"]).encode()) == 200
        assert (await session.next())[:4] == "437["
        assert (await session.next())[:4] == "438["


async def test_text_goes_in_text_frames_and_binary_in_binary_frames(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.frame(TEXT, b'451-7["brief:set",{"_placeholder":true,"num":0}]')
        await session.frame(BINARY, b"\1\2\3\4")
        await session.frame(TEXT, f"428{GET}".encode())
        assert (await session.next_of("437["))[:4] == "437["
        assert (await session.next_of("438["))[:4] == "438["


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_packet_of_no_type_ends_the_session(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send("abc")
        await session.last_words()
        if transport == "polling":
            assert session.last_status == 400
            assert (await session.get())[0] == 400


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_noop_from_the_client_is_passed_over(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send("6")
        assert (await session.ask("brief:get", {}))["ok"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_ping_from_the_client_differs_and_is_passed_over(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send("2")
        assert (await session.ask("brief:get", {}))["ok"]


async def test_a_second_poll_ends_the_session_and_the_first_poll_says_so(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        waiting = asyncio.create_task(session.get())
        await arena.picture()
        burst = f"{POLLING_QUERY}&sid={session.sid}&t=burst"
        assert status_of(await exchange(arena.server, get_request(arena.server, burst))) == 400
        assert await asyncio.wait_for(waiting, WAIT_S) == (200, "1")
        assert (await session.get())[0] == 400


async def test_a_poll_that_is_cancelled_ends_the_session(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        reader, writer = await asyncio.open_connection("127.0.0.1", arena.server.port)
        writer.write(get_request(arena.server, f"{POLLING_QUERY}&sid={session.sid}"))
        for _ in range(10):  # round trips on another connection: after them the server has the poll
            await arena.picture()
        writer.close()
        assert await reader.read() == b""
        while (answer := await session.get())[0] == 200:  # it is being ended
            assert answer[1] in ("1", "6")
        assert answer[0] == 400


# The heartbeat.


async def test_the_server_pings_and_a_pong_keeps_the_session_by_polling(pinging: RunningServer) -> None:
    session = await (await RawPolling.open(pinging)).join(rooms=[])
    for _ in range(3):
        assert await asyncio.wait_for(session.get(), WAIT_S) == (200, "2")
        assert await session.post(b"3") == 200
    await session.leave()


async def test_the_server_pings_and_a_pong_keeps_the_session_by_websocket(pinging: RunningServer) -> None:
    socket = await (await RawSocket.open(pinging)).join(rooms=[])
    for _ in range(3):
        assert await socket.next_ping() == "2"
        await socket.send("3")
    await socket.leave()


async def test_without_a_pong_the_session_ends(tmp_path: Path, both_paths: str) -> None:
    server = changed_server(tmp_path, WAITS_FOR_PONGS_ALONE)
    await server.start()

    async def sessions() -> int:
        return int((await server.get("/stats"))[1]["clients"]["sessions"])

    try:
        session, socket = await RawPolling.open(server), await RawSocket.open(server)
        socket.pongs = False
        assert await socket.last_words() == ([], 1011)
        await until_answer(sessions, 0, "both sessions are over")
        assert (await session.get())[0] == 400
        await session.forget()
        await socket.leave()
    finally:
        await server.kill()


# The end.


async def test_a_close_by_post_ends_the_poll_that_waits_with_a_noop(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        waiting = asyncio.create_task(session.get())
        await arena.picture()
        assert await session.post(b"1") == 200
        assert await asyncio.wait_for(waiting, WAIT_S) == (200, "6")
        assert (await session.get())[0] == 400


async def test_a_close_by_websocket_ends_the_connection(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.send("1")
        assert (await session.last_words())[0] == []


# The upgrade.


async def test_a_session_moves_from_polling_to_websocket(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        await socket.send("2probe")
        assert await socket.next() == "3probe"
        assert await session.get() == (200, "6")
        await socket.send("5")
        assert (await socket.ask("brief:get", {}))["ok"]
        await socket.leave()


async def test_after_the_move_http_requests_get_400_and_the_session_goes_on(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        socket = await moved(arena, session)
        assert (await session.get())[0] == 400
        assert await session.post(f"421{GET}".encode()) == 400
        assert (await socket.ask("brief:get", {}, id=2))["ok"]
        await socket.leave()


async def test_a_poll_that_follows_the_move_in_the_same_breath_gets_400(arena: Arena) -> None:
    """What came by the websocket came first, however many turns it takes to be read."""
    async with arena.undisturbed():
        for _ in range(10):
            polling = await (await RawPolling.open(arena.server)).join(rooms=[])
            socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={polling.sid}")
            await socket.write(RawSocket.frames([b"2probe", b"5"]))
            assert (await polling.get())[0] == 400
            assert (await socket.ask("brief:get", {}))["ok"]
            await socket.leave()
            await polling.forget()


async def test_after_the_move_another_websocket_is_closed_and_the_session_goes_on(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        socket = await moved(arena, session)
        another = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        assert await another.last_words() == ([], 1008)
        assert (await socket.ask("brief:get", {}))["ok"]
        for one in (socket, another):
            await one.leave()


async def test_a_websocket_for_no_session_is_refused(arena: Arena) -> None:
    async with arena.undisturbed():
        with pytest.raises(Refused, match="400"):
            await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid=unknown")


async def test_packets_that_follow_the_move_in_the_same_breath_are_taken(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        await socket.write(
            RawSocket.frames([b"2probe", b"5", *(f"42{id}{GET}".encode() for id in range(50))])
        )
        for id in range(50):
            await socket.next_of(f"43{id}[")
        await socket.leave()


async def moved(arena: Arena, session: RawPolling) -> RawSocket:
    """The websocket that a session has moved to."""
    socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
    await socket.send("2probe")
    assert await socket.next() == "3probe"
    await socket.send("5")
    assert (await socket.ask("brief:get", {}))["ok"]
    return socket

"""Long-polling, where stock servers lose packets, take foreign ones, or wait for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import WEBSOCKET_QUERY, RawPolling, RawSocket
from tests.running import WAIT_S

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no packet": b"abc",
    "a separator alone": b"\x1e",
    "a separator at the end": b"3\x1e",
    "an opening": b"0{}",
    "bad UTF-8": b'42["\xff\xfe"]',
    "a surrogate in UTF-8": b'42["\xed\xa0\x80"]',
    "binary that is not base64": b"b@@@",
    "1,025 packets": b"\x1e".join([b"3"] * 1_025),
    "more than 16 MiB": b"4" * ((16 << 20) + 1),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_post_that_is_no_payload_gets_400_and_ends_the_session(arena: Arena, body: bytes) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        assert await session.post(body) in (400, 413)
        assert (await session.get())[0] == 400


async def test_nothing_of_a_post_that_breaks_off_is_carried_out(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        body = b'421["system:set",{"message":"half"}]\x1e42'
        head = f"POST {session.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n"
        _, writer = await asyncio.open_connection("127.0.0.1", arena.server.port)
        writer.write(head.encode() + body)
        writer.close()
        await arena.alone()
        assert (await session.get())[0] == 400


@pytest.mark.parametrize("count", [16, 17, 1_024])
async def test_every_packet_of_a_post_is_carried_out(arena: Arena, count: int) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        events = "\x1e".join(f'42{id}["state:get",{{"sections":["system"]}}]' for id in range(count))
        posting = asyncio.create_task(session.post(events.encode()))
        for id in range(count):
            assert (await session.next()).startswith(f'43{id}[{{"ok":true')
        assert await posting == 200


async def test_a_chunked_post_is_refused_and_the_session_stays(arena: Arena) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'421["system:set",'
        yield b'{"message":"in parts"}]'

    async with arena.undisturbed(), arena.attacker("polling") as session:
        assert await session.post(chunks()) == 411
        assert (await session.ask("state:get", {}))["ok"]


async def test_two_polls_at_once_end_the_session_instead_of_stealing_from_each_other(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        answers = await asyncio.wait_for(asyncio.gather(session.get(), session.get()), WAIT_S)
        assert sorted(status for status, _ in answers) == [200, 400]
        assert (await session.get())[0] == 400


async def test_a_poll_that_waits_ends_with_the_session(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        waiting = asyncio.create_task(session.get())
        assert await session.post(b"1") == 200
        assert (await asyncio.wait_for(waiting, WAIT_S))[0] in (200, 400)


@pytest.mark.parametrize("probe", ["2", "probe", "2probe ", "4", '40{"client":"x"}', "b"])
async def test_an_upgrade_that_begins_wrongly_leaves_the_polling_session_as_it_was(
    arena: Arena, probe: str
) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        await socket.send(probe)
        assert (await socket.last_words())[0] == []
        await socket.leave()
        assert (await session.ask("state:get", {}))["ok"]


async def test_an_upgrade_that_is_given_up_half_way_leaves_the_polling_session_as_it_was(
    arena: Arena,
) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        await socket.send("2probe")
        assert await socket.next() == "3probe"
        await socket.leave()
        assert (await session.ask("state:get", {}))["ok"]


async def test_a_session_cannot_be_taken_over_by_a_second_websocket(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        query = f"{WEBSOCKET_QUERY}&sid={session.sid}"
        first = await RawSocket.upgraded(arena.server, query)
        await first.send("2probe")
        await first.next_of("3probe")
        await first.send("5")
        assert (await first.ask("state:get", {}))["ok"]
        second = await RawSocket.upgraded(arena.server, query)
        assert await second.last_words() == ([], 1008)
        await second.leave()
        assert await session.post(b"421[]") == 400
        assert (await session.get())[0] == 400
        assert (await first.ask("state:get", {}))["ok"]
        await first.leave()


async def test_a_session_that_is_let_in_by_polling_may_go_on_by_websocket(arena: Arena) -> None:
    async with arena.undisturbed():
        session = await (await RawPolling.open(arena.server)).join()
        socket = await RawSocket.upgraded(arena.server, f"{WEBSOCKET_QUERY}&sid={session.sid}")
        await socket.send("2probe")
        await socket.next_of("3probe")
        await socket.send("5")
        assert (await socket.ask("state:get", {}))["ok"]
        await socket.leave()
        await session.leave()

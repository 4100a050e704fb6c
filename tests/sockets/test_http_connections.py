"""Connections of strangers make way before the process has no files left (sockets/http_connections.py)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from sio_server.sockets.http_connections import HttpConnections, Kind, bounds, open_files, shortage
from sio_server.sockets.refusals import Refusals
from tests.abuse.arena import PATIENT, TRANSPORTS, changed_server
from tests.abuse.raw import POLLING_QUERY, WEBSOCKET_QUERY, RawPolling, RawSocket, upgrade_request
from tests.running import WAIT_S, PythonClient, RunningServer, until_found

FILES = 256
"""That the process may have open: all its connections, and some thirty of its own."""
LIMITED = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))
"""
UNHURRIED = f"""
from sio_server.sockets import engine
from sio_server.sockets.websocket import Protocol

engine.STEP_WITHIN_S = {WAIT_S}
make = Protocol.__init__

def made(self, *arguments, **named):
    make(self, *arguments, **named)
    self.close_timeout = {4 * WAIT_S}

Protocol.__init__ = made
"""
"""An upgrade may take long, and the library waits longer than any test for the answer to a close."""
HEAD = b"HTTP/1.1\r\nHost: localhost\r\n"
HALVES = {
    "nothing": b"",
    "half a head": b"GET / " + HEAD,
    "half a body, answered": f"POST /socket.io/?{POLLING_QUERY}&sid=none ".encode()
    + HEAD
    + b"Content-Length: 99\r\n\r\n4",
    "half a body of a page": b"POST / " + HEAD + b"Content-Length: 99\r\n\r\n4",
    "a whole request": b"GET /health " + HEAD + b"\r\n",
    "half a second request": b"GET /health " + HEAD + b"\r\nGET /health " + HEAD,
}


class Sent:
    """A connection that has made way, or not."""

    has_made_way = False

    def make_way(self) -> None:
        self.has_made_way = True


def test_the_oldest_of_the_address_with_most_makes_way_within_its_kind() -> None:
    noted: list[str] = []
    all = HttpConnections(dict.fromkeys(Kind, 3), Refusals(noted.append))
    person, known, *flood = (Sent() for _ in range(6))
    all.put(person, "192.0.2.1", Kind.UNFINISHED)
    all.put(known, "192.0.2.2", Kind.KNOWN)
    for sent in flood:
        all.put(sent, "192.0.2.2", Kind.UNFINISHED)
    assert [sent.has_made_way for sent in (person, known, *flood)] == [False, False, True, True, False, False]
    assert noted == ["connections"] * 2
    all.put(person, "192.0.2.1", Kind.STRANGER)
    for sent in (person, known, *flood, person):
        all.leave(sent)
    assert set(all.counts.values()) == {0}
    assert all._places == {}
    assert not any(all._of.values())


def test_signed_in_connections_make_way_within_the_session_that_has_most_the_idle_ones_first() -> None:
    noted: list[str] = []
    all = HttpConnections(dict.fromkeys(Kind, 4), Refusals(noted.append))
    polls, posts, *flood = (Sent() for _ in range(6))
    all.put(polls, "192.0.2.1", Kind.KNOWN, "honest")
    all.put(posts, "192.0.2.1", Kind.KNOWN, "honest", is_idle=True)
    for sent in flood:
        all.put(sent, "192.0.2.1", Kind.KNOWN, "greedy")
    assert [sent.has_made_way for sent in (polls, posts, *flood)] == [False, False, True, True, False, False]
    all.put(Sent(), "192.0.2.1", Kind.KNOWN, "third")  # two sessions have two each
    assert [sent.has_made_way for sent in (polls, posts, *flood[2:])] == [False, True, False, False]
    assert noted == ["connections"] * 3


def test_all_kinds_together_leave_files_to_the_rest() -> None:
    assert sum(bounds(100_000_000, 100_000_000).values()) <= open_files() / 2
    assert bounds(20, 10)[Kind.UNFINISHED] == min(20, open_files() // 8)


def test_files_are_enough_where_half_of_them_hold_all_clients() -> None:
    assert shortage(open_files() // 2) is None
    assert f"{open_files():,} files" in (shortage(open_files() // 2 + 1) or "")


async def test_the_server_says_at_its_start_that_it_may_open_too_few_files(tmp_path: Path) -> None:
    async with limited(tmp_path) as (server, _):
        [line] = [line for line in server.log().splitlines() if f"may open {FILES} files" in line]
        assert " warning " in line
        assert "ulimit -n" in line


@asynccontextmanager
async def limited(tmp_path: Path) -> AsyncIterator[tuple[RunningServer, str]]:
    """A server with few files, that waits long for everything, and an editor's token."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    token = tokens.add(data_dir / "tokens.json", "ana", Role.EDITOR, None)
    server = changed_server(tmp_path, PATIENT + UNHURRIED + LIMITED)
    await server.start()
    try:
        yield server, token
    finally:
        await server.kill()


async def number(server: RunningServer) -> dict[str, int]:
    """How many connections of each kind there are, this question's own among them."""
    async with aiohttp.ClientSession() as session, session.get(server.http_url + "/metrics") as response:
        found = re.findall(r'adjutant_http_connections\{kind="(\w+)"\} (\d+)', await response.text())
    assert {kind for kind, _ in found} == {*Kind}
    return {kind: int(count) for kind, count in found}


Held = list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


async def hold(port: int, begin: bytes, times: int) -> Held:
    """So many connections that have sent this, one after the other."""
    held = []
    for _ in range(times):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begin)
        held.append((reader, writer))
    return held


async def let_go(held: Held) -> None:
    for _, writer in held:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@pytest.mark.parametrize("port", ["main", "side-app"])
@pytest.mark.parametrize("begin", HALVES.values(), ids=HALVES)
async def test_whoever_has_a_token_comes_in_while_strangers_hold_more_than_there_are_files(
    tmp_path: Path, begin: bytes, port: str
) -> None:
    async with limited(tmp_path) as (server, token):
        held = await hold(server.port if port == "main" else server.http_port, begin, 3 * FILES)
        for transport in ("websocket", "polling"):
            client = await PythonClient(token=token).connect(server.url, [transport])
            await client.done("priorities:put", items=[{"id": transport, "title": "Came in"}])
            await client.disconnect()
        await server.get("/ready")
        most = FILES // 8
        ended = 0
        for reader, _ in held[: 3 * FILES - 2 * most]:  # a half body of a page is in two kinds
            with suppress(ConnectionResetError):
                while await reader.read(1 << 16):
                    pass
            ended += 1
        assert ended >= 3 * FILES - 2 * most
        assert "the oldest make way" in server.log()
        assert server.log().count("make way") == 1
        await let_go(held)
        await until_found(lambda: is_alone(server), "that all are gone")


async def is_alone(server: RunningServer) -> bool:
    return sum((await number(server)).values()) == 1


async def test_half_bodies_of_sessions_that_are_not_signed_in_make_way_too(tmp_path: Path) -> None:
    """Each is of a session of its own, so nothing ends it but time or number."""
    async with limited(tmp_path) as (server, token):
        held: Held = []
        strangers: list[RawPolling] = []
        for _ in range(3 * FILES // 8):
            stranger = await RawPolling.open(server)
            post = f"POST /socket.io/?{POLLING_QUERY}&sid={stranger.sid} ".encode() + HEAD
            held += await hold(server.port, post + b"Content-Length: 99\r\n\r\n4", 1)
            strangers.append(stranger)
        person: Any
        for kind in TRANSPORTS.values():
            person = await (await kind.open(server)).join(token=token)
            assert (await person.ask("state:get", {}))["ok"]
            await person.leave()
        for reader, _ in held[: 2 * FILES // 8]:
            with suppress(ConnectionResetError):
                assert b" 200 " not in await reader.read()
        await let_go(held)
        for stranger in strangers:
            await stranger.forget()
        await until_found(lambda: is_alone(server), "that all are gone")


async def test_upgrades_that_no_session_takes_make_way(tmp_path: Path) -> None:
    """Of each session one waits, and the others are turned away; none says a word or answers a close."""
    async with limited(tmp_path) as (server, token):
        held: Held = []
        for _ in range(FILES // 32):
            polling = await RawPolling.open(server)
            request = upgrade_request(server, f"{WEBSOCKET_QUERY}&sid={polling.sid}")
            held += await hold(server.port, request, FILES // 8)
            await polling.forget()
        for transport in ("websocket", "polling"):
            client = await PythonClient(token=token).connect(server.url, [transport])
            await client.state()
            await client.disconnect()
        assert sum((await number(server)).values()) <= FILES // 2
        await let_go(held)
        await until_found(lambda: is_alone(server), "that all are gone")


async def test_an_upgrade_counts_until_its_session_has_moved_and_one_too_many_is_cut_at_once(
    tmp_path: Path,
) -> None:
    async with limited(tmp_path) as (server, token):
        polling = await RawPolling.open(server)
        await polling.join(token=token)
        query = f"{WEBSOCKET_QUERY}&sid={polling.sid}"
        before = await number(server)
        waiting = await RawSocket.upgraded(server, query)
        assert sum((await number(server)).values()) == sum(before.values()) + 1
        refused = await RawSocket.upgraded(server, query)
        assert await refused.last_words() == ([], 1008)
        assert await refused.rest(WAIT_S) == b""
        await waiting.send("2probe")
        assert await waiting.next() == "3probe"
        await waiting.send("5")
        assert (await waiting.ask("brief:get", {}))["ok"]
        await polling.forget()
        await until_found(lambda: is_alone(server), "that the session's websocket counts no more")
        for socket in (waiting, refused):
            await socket.leave()


async def test_a_websocket_is_cut_soon_whose_session_ended_before_it_moved(tmp_path: Path) -> None:
    async with limited(tmp_path) as (server, _):
        polling = await RawPolling.open(server)
        socket = await RawSocket.upgraded(server, f"{WEBSOCKET_QUERY}&sid={polling.sid}")
        await socket.send("2probe")
        assert await socket.next() == "3probe"
        assert await polling.post(b"1") == 200
        await socket.send("5")
        assert (await socket.last_words())[0] == []
        assert await socket.rest(WAIT_S) == b""
        await polling.forget()
        await socket.leave()


async def test_websockets_that_are_not_signed_in_leave_files_to_the_rest(tmp_path: Path) -> None:
    async with limited(tmp_path) as (server, token):
        held = [await RawSocket.open(server) for _ in range(2 * FILES)]
        client = await PythonClient(token=token).connect(server.url)
        await client.state()
        await client.disconnect()
        for stranger in held:
            await stranger.leave()
        await until_found(lambda: is_alone(server), "that all are gone")


async def test_polling_clients_make_no_way_for_strangers(tmp_path: Path) -> None:
    async with limited(tmp_path) as (server, token):
        clients = [await PythonClient(token=token).connect(server.url, ["polling"]) for _ in range(10)]
        for begin in HALVES.values():
            held = await hold(server.port, begin, FILES)
            await clients[0].done("priorities:put", items=[{"id": "one", "title": str(begin)}])
            await let_go(held)
        for client in clients:
            items = (await client.state())["priorities"]
            assert [item["title"] for item in items] == [str(begin)]
            await client.disconnect()


async def test_half_posts_of_one_session_cut_no_other_session_of_their_address(tmp_path: Path) -> None:
    """Judged by connections that do not repeat what was cut."""
    async with limited(tmp_path) as (server, token):
        others = [await (await RawPolling.open(server)).join(token=token) for _ in range(5)]
        greedy = await (await RawPolling.open(server)).join(token=token)
        polls: Held = []
        for other in others:
            get = f"GET /socket.io/?{POLLING_QUERY}&sid={other.sid} ".encode()
            polls += await hold(server.port, get + HEAD + b"\r\n", 1)
        post = f"POST /socket.io/?{POLLING_QUERY}&sid={greedy.sid}&t=same ".encode() + HEAD
        held = await hold(server.port, post + b"Content-Length: 900\r\n\r\n4", FILES)
        assert (await number(server))["known"] <= FILES // 4
        client = await PythonClient(token=token).connect(server.url)
        await client.done("priorities:put", items=[{"id": "one", "title": "Heard by all"}])
        for reader, _ in polls:
            assert (await asyncio.wait_for(reader.readline(), WAIT_S)).startswith(b"HTTP/1.1 200 ")
        await client.disconnect()
        assert "the most of any session" in server.log()
        assert greedy.sid not in server.log()
        await let_go(held + polls)
        for session in (greedy, *others):
            await session.forget()

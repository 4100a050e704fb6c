"""A collector's request is carried out once, whatever happens to the connection."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from collectors.client import Connection, Refused, Unreachable
from tests.collectors.line import Line
from tests.conftest import Connect
from tests.running import WAIT_S, RunningServer

EVENT = {"id": "e1", "title": "Board call", "start": "2026-11-23T09:00:00Z"}


@pytest.fixture
async def line(server: RunningServer) -> AsyncIterator[Line]:
    line = Line(server.port)
    await line.open()
    yield line
    await line.close()


def collector(url: str, patience_s: float | None = WAIT_S) -> Connection:
    return Connection(url, client="test", source="ics:test", patience_s=patience_s)


async def test_a_request_whose_answer_was_lost_has_one_effect(line: Line, connect: Connect) -> None:
    dashboard = await connect()
    async with collector(line.url) as connection:
        await connection.request("system:set", {"status": "COLLECTING"})
        line.answers = False
        put = asyncio.ensure_future(connection.request("calendar:put", {"items": [EVENT]}))
        await dashboard.wait_for("state:patch", lambda patch: patch["changes"][0]["section"] == "calendar")
        line.answers = True
        line.drop()
        assert (await put)["added"] == 1
    puts = [patch for patch in dashboard.received("state:patch") if "calendar" in str(patch["changes"])]
    assert len(puts) == 1
    assert line.connections == 2


async def test_requests_go_on_over_a_restart_of_the_server(server: RunningServer) -> None:
    async with collector(server.url) as connection:
        assert (await connection.request("calendar:put", {"items": [EVENT]}))["added"] == 1
        await server.kill()
        second = asyncio.ensure_future(connection.request("calendar:put", {"items": [EVENT]}))
        await server.start()
        assert (await second)["unchanged"] == 1


async def test_a_refusal_is_an_exception_with_the_reason(server: RunningServer) -> None:
    async with collector(server.url) as connection:
        with pytest.raises(Refused) as refusal:
            await connection.request("calendar:put", {"items": "none"})
    assert refusal.value.code == "bad_request"
    assert "items" in str(refusal.value)


async def test_patience_ends_when_there_is_no_server(server: RunningServer) -> None:
    await server.kill()
    async with collector(server.url, patience_s=0.3) as connection:
        with pytest.raises(Unreachable, match=server.url):
            await connection.request("system:set", {"status": "IDLE"})


async def another_protocol() -> asyncio.Server:
    """What listens, and is no web server at all."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-other\r\n")
        writer.close()

    return await asyncio.start_server(greet, "127.0.0.1", 0)


async def test_why_there_is_no_connection_is_said_as_far_as_it_is_known(server: RunningServer) -> None:
    other = await another_protocol()
    port = other.sockets[0].getsockname()[1]
    whys = {
        server.http_url: "what answers there is no Socket.IO server",
        f"http://127.0.0.1:{port}": "what answers there is no Socket.IO server",
        server.url.replace("http:", "https:"): "it does not speak TLS",
        "http://nowhere.invalid:8000": "there is no such host",
        "http://127.0.0.1:1": "refused: nothing listens there",
    }
    async with other:
        for url, why in whys.items():
            async with collector(url, patience_s=0.0) as connection:
                with pytest.raises(Unreachable, match=f"{url}: no connection .{why}"):
                    await connection.request("system:set", {"status": "IDLE"})


async def test_a_password_in_the_address_is_never_shown(server: RunningServer) -> None:
    url = server.url.replace("//", "//ana:secret@")
    async with collector(url) as connection:
        assert (await connection.request("calendar:put", {"items": [EVENT]}))["added"] == 1
        await server.kill()
    async with collector(url, patience_s=0.0) as connection:
        with pytest.raises(Unreachable) as away:
            await connection.request("system:set", {"status": "IDLE"})
    assert str(away.value).startswith(server.url)


@pytest.mark.parametrize("turns", range(8))
async def test_it_can_be_cancelled_at_any_moment_of_connecting(server: RunningServer, turns: int) -> None:
    connected = asyncio.Event()

    async def on_connect(*_: object) -> dict[str, Any]:
        connected.set()
        return {}

    async with collector(server.url) as connection:
        connection.answer("connect", on_connect)
        reaching = asyncio.ensure_future(connection.reach())
        await connected.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        was_cancelled = reaching.cancel()
        await asyncio.wait([reaching])
        assert reaching.cancelled() == was_cancelled

"""Pages of other origins: who may come in, who may read the answers, what is said of those turned away."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.abuse.raw import POLLING_QUERY, RawSocket, Refused, exchange, get_request, status_of
from tests.forked import ForkedServer
from tests.running import RunningServer, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

GIVEN = "https://Board.Example:443"
ALLOWED = "https://board.example"
FOREIGN = "https://evil.example"
CORS = "Access-Control-Allow-Origin"
HANDSHAKE = f"/socket.io/?{POLLING_QUERY}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """A server with a token and one more origin, named as a person might."""
    folder = tmp_path_factory.mktemp("origins")
    tokens.add(folder / "tokens.json", "ana", Role.EDITOR, None)
    flags = (f"--tokens={folder / 'tokens.json'}", f"--cors-origin={GIVEN}", "--trusted-proxy=127.0.0.1")
    server = ForkedServer(folder / "data", *flags)
    await server.start()
    yield server
    await server.kill()


async def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, Any, str]:
    """Status, headers and body."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession() as http, http.request(method, url, headers=sent) as response:
        return response.status, response.headers, await response.text()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("x:443", "https://x", 200),
        ("x", "https://x", 200),
        ("X:80", "http://x", 200),
        ("x", ALLOWED, 200),
        ("x", GIVEN, 200),
        ("x:80", "https://x", 403),
        ("x", FOREIGN, 403),
        ("x", "null", 403),
    ],
)
@pytest.mark.parametrize("upgrades", [False, True], ids=["polling", "websocket"])
async def test_an_origin_is_let_in_in_whatever_form_it_comes(
    server: RunningServer, host: str, origin: str, status: int, upgrades: bool
) -> None:
    headers = [("Host", host), ("Origin", origin)]
    if not upgrades:
        assert status_of(await exchange(server, get_request(server, POLLING_QUERY, headers))) == status
    elif status == 200:
        await (await RawSocket.open(server, headers=headers)).leave()
    else:
        with pytest.raises(Refused, match="403"):
            await RawSocket.open(server, headers=headers)


async def test_a_page_that_is_let_in_may_read_every_answer(server: RunningServer) -> None:
    status, headers, body = await ask(server.url + HANDSHAKE, Origin=ALLOWED)
    assert (status, headers[CORS], headers["Access-Control-Allow-Credentials"]) == (200, ALLOWED, "true")
    assert "Origin" in headers["Vary"].title()
    sid = re.search(r'"sid":"([^"]+)"', body)
    assert sid is not None
    session = f"{server.url}{HANDSHAKE}&sid={sid[1]}"
    async with aiohttp.ClientSession(headers={"Origin": ALLOWED}) as http:
        async with http.post(session, data="40{}") as posted:
            assert (posted.status, posted.headers[CORS]) == (200, ALLOWED)
        async with http.get(session) as polled:
            assert (polled.status, polled.headers[CORS]) == (200, ALLOWED)
    for url in (f"{server.url}/health", f"{server.http_url}/health", f"{server.http_url}/stats"):
        status, headers, _ = await ask(url, Origin=ALLOWED)
        assert (status, headers[CORS], headers["Vary"].title()) == (200, ALLOWED, "Origin")


async def test_a_page_that_is_let_in_may_ask_before_it_sends(server: RunningServer) -> None:
    wanted = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "x-mine"}
    status, headers, _ = await ask(server.url + HANDSHAKE, "OPTIONS", Origin=ALLOWED, **wanted)
    assert (status, headers[CORS]) == (200, ALLOWED)
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert headers["Access-Control-Allow-Headers"] == "x-mine"
    status, headers, _ = await ask(server.url + HANDSHAKE, "OPTIONS", Origin=FOREIGN, **wanted)
    assert status == 403
    assert "Access-Control-Allow-Methods" not in headers


async def test_a_page_that_is_turned_away_can_read_why_and_nothing_else(server: RunningServer) -> None:
    status, headers, body = await ask(server.url + HANDSHAKE, Origin=FOREIGN)
    assert (status, headers[CORS]) == (403, FOREIGN)
    assert "--cors-origin" in body
    status, headers, body = await ask(server.url + "/socket.io/?EIO=3&transport=polling", Origin=ALLOWED)
    assert (status, headers[CORS]) == (400, ALLOWED)
    assert "Engine.IO 4" in body
    for url in (f"{server.url}/health", f"{server.http_url}/health", f"{server.http_url}/stats"):
        status, headers, _ = await ask(url, Origin=FOREIGN)
        assert (status, CORS in headers, headers["Vary"].title()) == (200, False, "Origin")


async def test_without_an_origin_the_answer_says_that_it_may_differ(server: RunningServer) -> None:
    for url in (server.url + HANDSHAKE, f"{server.url}/health", f"{server.http_url}/stats"):
        _, headers, _ = await ask(url)
        assert (headers["Vary"].title(), CORS in headers) == ("Origin", False)


async def test_what_a_client_says_of_a_proxy_does_not_make_an_origin_the_servers_own(
    server: RunningServer,
) -> None:
    claims = {
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Proto": "https",
        "Forwarded": "host=evil.example",
    }
    status, _, _ = await ask(server.url + HANDSHAKE, Origin=FOREIGN, **claims)
    assert status == 403


async def test_refusals_are_counted_and_the_first_of_an_address_is_logged_with_its_reason(
    server: RunningServer,
) -> None:
    async def refused() -> float:
        _, _, text = await ask(f"{server.http_url}/metrics")
        found = re.search(r'^adjutant_handshakes_refused_total\{reason="origin"\} (\S+)$', text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    before = await refused()
    for _ in range(3):
        await ask(server.url + HANDSHAKE, Origin="https://other.example\u00e9", X_Forwarded_For="203.0.113.9")
        await ask(server.url + HANDSHAKE, Origin="https://other.example", X_Forwarded_For="203.0.113.7")
    assert await refused() == before + 3
    await until(lambda: "203.0.113.7" in server.log(), "the line in the log")
    lines = [line for line in server.log().splitlines() if "203.0.113.7" in line]
    assert len(lines) == 1
    assert "https://other.example" in lines[0]
    assert "--cors-origin" in lines[0]


async def test_a_proxy_on_this_machine_is_believed_when_it_is_named_only(tmp_path: Path) -> None:
    server = ForkedServer(tmp_path / "data", "--trusted-proxy=192.0.2.1")
    await server.start()
    try:
        status, _, _ = await ask(server.url + HANDSHAKE, Origin=FOREIGN, X_Forwarded_For="203.0.113.7")
        assert status == 403
        await until(lambda: "refused 127.0.0.1" in server.log(), "the line in the log")
        assert "203.0.113.7" not in server.log()
    finally:
        await server.kill()

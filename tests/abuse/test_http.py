"""HTTP requests to the Socket.IO path that are no handshake a browser or a client library makes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sio_server.sockets.origins import DEVELOPMENT
from tests.abuse.arena import Arena
from tests.abuse.raw import (
    POLLING_QUERY,
    WEBSOCKET_QUERY,
    RawSocket,
    Refused,
    exchange,
    get_request,
    status_of,
    upgrade_request,
)
from tests.running import RunningServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

Request = Callable[[RunningServer], bytes]


def polling(query: str = POLLING_QUERY, *headers: tuple[str, str]) -> Request:
    return lambda server: get_request(server, query, headers)


def upgrade(query: str = WEBSOCKET_QUERY, *headers: tuple[str, str]) -> Request:
    return lambda server: upgrade_request(server, query, headers)


def raw(text: str) -> Request:
    """`HOST` stands for the server's own name and port."""
    return lambda server: text.replace("HOST", f"127.0.0.1:{server.port}").encode("latin-1")


def post(headers: str, body: str = "") -> Request:
    return raw(f"POST /socket.io/?{POLLING_QUERY}&sid=x HTTP/1.1\r\nHost: HOST\r\n{headers}\r\n\r\n{body}")


# What is sent, and the statuses that may answer; 0 is a connection closed without an answer.
REQUESTS: dict[str, tuple[Request, set[int]]] = {
    # Engine.IO's query
    "Engine.IO 3": (polling("EIO=3&transport=polling"), {400}),
    "no Engine.IO version": (polling("transport=polling"), {400}),
    "two Engine.IO versions": (polling("EIO=4&EIO=3&transport=polling"), {400}),
    "no transport": (polling("EIO=4"), {400}),
    "an unknown transport": (polling("EIO=4&transport=x"), {400}),
    "two transports": (polling("EIO=4&transport=polling&transport=websocket"), {400}),
    "websocket without an upgrade": (polling(WEBSOCKET_QUERY), {400}),
    "polling with an upgrade": (upgrade(POLLING_QUERY), {400}),
    "an unknown session": (polling(f"{POLLING_QUERY}&sid=nobody"), {400}),
    "an unknown session, upgraded": (upgrade(f"{WEBSOCKET_QUERY}&sid=nobody"), {400, 403}),
    "two sessions": (polling(f"{POLLING_QUERY}&sid=a&sid=b"), {400}),
    "a session with a line break": (polling(f"{POLLING_QUERY}&sid=a%0d%0ainjected"), {400}),
    "a session with a NUL": (polling(f"{POLLING_QUERY}&sid=%00"), {400}),
    "a session of 10 kB": (polling(f"{POLLING_QUERY}&sid={'a' * 10_000}"), {400}),
    "JSONP": (polling(f"{POLLING_QUERY}&j=0"), {400}),
    "a thousand query fields": (polling(POLLING_QUERY + "&a=1" * 1_000), {400}),
    "a token in the address": (polling(f"{POLLING_QUERY}&token=secret-word"), {400}),
    "a token in the address, upgraded": (upgrade(f"{WEBSOCKET_QUERY}&token=secret-word"), {400}),
    # Who asks, and whom
    "a foreign origin": (polling(POLLING_QUERY, ("Origin", "https://evil.example")), {403}),
    "a foreign origin, upgraded": (upgrade(WEBSOCKET_QUERY, ("Origin", "https://evil.example")), {403}),
    "the origin null": (polling(POLLING_QUERY, ("Origin", "null")), {403}),
    "the origin null, upgraded": (upgrade(WEBSOCKET_QUERY, ("Origin", "null")), {403}),
    "two origins": (
        polling(POLLING_QUERY, ("Origin", "http://localhost:3000"), ("Origin", "https://evil.example")),
        {400},
    ),
    "two origins, upgraded": (
        upgrade(WEBSOCKET_QUERY, ("Origin", "http://localhost:3000"), ("Origin", "https://evil.example")),
        {400},
    ),
    "an origin that is not UTF-8": (polling(POLLING_QUERY, ("Origin", "http://\xff\xfe")), {400}),
    "an origin that is not UTF-8, upgraded": (upgrade(WEBSOCKET_QUERY, ("Origin", "http://\xff\xfe")), {400}),
    "an origin that is no address": (polling(POLLING_QUERY, ("Origin", "http://[")), {403}),
    "an origin that is no address, upgraded": (upgrade(WEBSOCKET_QUERY, ("Origin", "http://[")), {403}),
    "an origin that begins like ours": (
        polling(POLLING_QUERY, ("Origin", "http://localhost:3000.evil")),
        {403},
    ),
    "our origin behind a name": (polling(POLLING_QUERY, ("Origin", "http://u@localhost:3000")), {403}),
    "another port's origin": (polling(POLLING_QUERY, ("Origin", "http://127.0.0.1:1")), {403}),
    "a forwarded host": (
        polling(POLLING_QUERY, ("Origin", "https://evil.example"), ("X-Forwarded-Host", "evil.example")),
        {403},
    ),
    "the host of another name": (polling(POLLING_QUERY, ("Host", "evil.example")), {400}),
    "the host of another name, upgraded": (upgrade(WEBSOCKET_QUERY, ("Host", "evil.example")), {400}),
    "a host that only begins like ours": (polling(POLLING_QUERY, ("Host", "127.0.0.1.evil.example")), {400}),
    "a host with a name before it": (polling(POLLING_QUERY, ("Host", "localhost@evil.example")), {400}),
    "another name as host and origin": (
        polling(POLLING_QUERY, ("Host", "evil.example"), ("Origin", "http://evil.example")),
        {400},
    ),
    "a host with a name before ours": (polling(POLLING_QUERY, ("Host", "evil@127.0.0.1")), {400}),
    "a host that is no address": (polling(POLLING_QUERY, ("Host", "[")), {400}),
    "a host that is not UTF-8": (polling(POLLING_QUERY, ("Host", "\xff")), {400}),
    "two hosts": (polling(POLLING_QUERY, ("Host", "localhost"), ("Host", "evil.example")), {400}),
    # The upgrade
    "no WebSocket key": (upgrade(WEBSOCKET_QUERY, ("Sec-WebSocket-Key", "")), {400}),
    "a WebSocket key that is too short": (upgrade(WEBSOCKET_QUERY, ("Sec-WebSocket-Key", "YWJj")), {400}),
    "WebSocket version 12": (upgrade(WEBSOCKET_QUERY, ("Sec-WebSocket-Version", "12")), {400, 426}),
    "an upgrade by HTTP 1.0": (
        raw(f"GET /socket.io/?{WEBSOCKET_QUERY} HTTP/1.0\r\nHost: HOST\r\nUpgrade: websocket\r\n\r\n"),
        {400, 426},
    ),
    "an upgrade by HTTP 1.0 that is complete": (
        lambda server: upgrade_request(server).replace(b"HTTP/1.1", b"HTTP/1.0"),
        {400, 426},
    ),
    "an upgrade to something else": (
        upgrade(WEBSOCKET_QUERY, ("Upgrade", "h2c"), ("Connection", "Upgrade, close")),
        {400},
    ),
    # HTTP itself
    "no host": (raw(f"GET /socket.io/?{POLLING_QUERY} HTTP/1.1\r\n\r\n"), {400}),
    "no HTTP": (raw("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"), {400}),
    # 0: what was not read yet resets the connection, sometimes before its answer is read
    "a header of 100 kB": (polling(POLLING_QUERY, ("X-Big", "a" * 100_000)), {400, 431, 0}),
    "200 headers": (polling(POLLING_QUERY, *[(f"X-{n}", "a") for n in range(200)]), {400, 431}),
    "a header that is folded over lines": (polling(POLLING_QUERY, ("X", "a\r\n\tb\0")), {400}),
    "both a length and chunks": (
        post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
        {400, 411},
    ),
    "two lengths": (post("Content-Length: 5\r\nContent-Length: 6", "hello!"), {400}),
    "a negative length": (post("Content-Length: -1"), {400}),
    "a length in words": (post("Content-Length: many"), {400}),
    "a length of 30 digits": (post(f"Content-Length: {'9' * 30}"), {400, 413}),
    "an unknown transfer encoding": (post("Transfer-Encoding: xchunked", "x"), {400, 411, 501}),
    "a chunked POST": (post("Transfer-Encoding: chunked\r\nConnection: close", "1\r\n3\r\n0\r\n\r\n"), {411}),
    "a POST without a length": (post("Connection: close"), {411}),
    "an unknown method": (
        raw(f"BREW /socket.io/?{POLLING_QUERY} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"),
        {400},
    ),
    "another path": (raw("GET /socket.io/../etc HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"), {404}),
    "a path below": (raw("GET /socket.io/x HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"), {404}),
    "another path, upgraded": (
        lambda server: upgrade_request(server).replace(b"/socket.io/", b"/other/"),
        {404},
    ),
}


@pytest.mark.parametrize(("request_of", "statuses"), REQUESTS.values(), ids=REQUESTS)
async def test_a_request_that_is_no_handshake_is_refused_and_makes_no_session(
    arena: Arena, request_of: Request, statuses: set[int]
) -> None:
    async with arena.undisturbed():
        answer = await exchange(arena.server, request_of(arena.server))
        assert status_of(answer) in statuses, answer[:300]
        assert b"Traceback" not in answer
        assert b"injected" not in answer.split(b"\r\n\r\n")[0]
    assert "secret-word" not in arena.server.log()


async def test_our_own_origin_is_let_in(arena: Arena) -> None:
    async with arena.undisturbed():
        session = await RawSocket.open(arena.server, headers=[("Origin", arena.server.url)])
        assert (await (await session.join()).ask("state:get", {}))["ok"]
        await session.leave()


@pytest.mark.parametrize("origin", DEVELOPMENT)
async def test_a_page_of_a_development_port_is_none_of_ours_without_tokens(arena: Arena, origin: str) -> None:
    """Whatever else runs there would be an administrator."""
    async with arena.undisturbed():
        with pytest.raises(Refused, match="403"):
            await RawSocket.open(arena.server, headers=[("Origin", origin)])
        request = get_request(arena.server, POLLING_QUERY, [("Origin", origin)])
        assert status_of(await exchange(arena.server, request)) == 403

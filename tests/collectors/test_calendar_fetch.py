"""Web calendars as people subscribe to them: asked again politely, by proxies, and from nowhere private."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from email.utils import formatdate

import pytest
from aiohttp import web

from collectors.ics import fetch as fetching
from collectors.ics.fetch import Known, Unavailable, fetch

LARGE = b"X" * (12 << 20)


class Site:
    """A web server that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.etag, self.modified = '"1"', ""
        self.status, self.headers = 0, dict[str, str]()
        self.body = b"BEGIN:VCALENDAR"
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if request.path == "/to":
            raise web.HTTPMovedPermanently(request.query["to"])
        if self.status:
            return web.Response(status=self.status, headers=self.headers)
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304)
        if self.modified and request.headers.get("If-Modified-Since") == self.modified:
            return web.Response(status=304)
        response = web.Response(body=self.body)
        response.headers.update({"ETag": self.etag} if self.etag else {})
        response.headers.update({"Last-Modified": self.modified} if self.modified else {})
        response.enable_compression()
        return response


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()


async def get(url: str, known: Known | None = None) -> bytes:
    return (await fetch(url, known or Known(), allow_private=True)).data


@pytest.mark.parametrize(("etag", "modified"), [('"1"', ""), ("", formatdate(0, usegmt=True))])
async def test_what_has_not_changed_is_not_sent_again(site: Site, etag: str, modified: str) -> None:
    site.etag, site.modified = etag, modified
    known = Known()
    assert await get(site.url, known) == await get(site.url, known) == b"BEGIN:VCALENDAR"
    site.etag, site.modified, site.body = etag and '"2"', modified and formatdate(9, usegmt=True), b"new"
    assert await get(site.url, known) == b"new"
    assert len(site.asked) == 3


async def test_a_large_calendar_comes_whole(site: Site) -> None:
    site.body = LARGE
    assert await get(site.url) == LARGE


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after", ["120", "a date", "soon", ""])
async def test_a_server_that_wants_to_be_left_alone_is(site: Site, status: int, after: str) -> None:
    after = after.replace("a date", formatdate(time.time() + 120, usegmt=True))
    site.status, site.headers = status, {"Retry-After": after} if after else {}
    known = Known()
    with pytest.raises(Unavailable, match="is left alone until"):
        await get(site.url, known)
    site.status = 0
    with pytest.raises(Unavailable, match="asks to be left alone until"):
        await get(site.url, known)
    assert len(site.asked) == 1
    known.not_before_s = 0
    assert await get(site.url, known) == site.body


@pytest.mark.parametrize(
    ("status", "why"),
    [(401, "a name and a password"), (403, "secret address"), (404, "anew"), (410, "not published there")],
)
async def test_what_is_to_be_done_is_said(site: Site, status: int, why: str) -> None:
    site.status = status
    with pytest.raises(Unavailable, match=why):
        await get(site.url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ],
)
async def test_nothing_private_is_asked_unless_it_is_allowed(site: Site, host: str) -> None:
    port = site.url.rpartition(":")[2]
    with pytest.raises(Unavailable, match="--allow-private"):
        await fetch(f"http://{host}:{port}/a.ics", Known(), allow_private=False)
    assert not site.asked


async def test_a_redirect_takes_no_password_to_another_host(site: Site) -> None:
    login = site.url.replace("://", "://ana:s%C3%A9cret@")
    await get(f"{login}/to?to=/here")
    assert base64.b64decode(site.asked[-1].headers["Authorization"].split()[1]).decode() == "ana:sécret"
    there = site.url.replace("127.0.0.1", "localhost")
    found = await fetch(f"{login}/to?to={there}/there", Known(), allow_private=True)
    assert "Authorization" not in site.asked[-1].headers
    assert found.remark == "it has moved for good: take its new address"


@pytest.mark.parametrize(
    ("location", "why"),
    [("ftp://x.example/a", "not a web address"), ("file:///etc/passwd", "not a web address")],
)
async def test_a_redirect_leads_nowhere_else(site: Site, location: str, why: str) -> None:
    with pytest.raises(Unavailable, match=why):
        await get(f"{site.url}/to?to={location}")
    with pytest.raises(Unavailable, match="from https to http"):
        fetching._next("https://a.example/x", "http://a.example/x")


async def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nproxy")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    monkeypatch.setenv("no_proxy", "direct.invalid")
    async with server:
        found = await fetch("http://calendar.invalid/a.ics", Known(), allow_private=False)
        assert (found.data, asked) == (b"proxy", [b"GET http://calendar.invalid/a.ics HTTP/1.1"])
        with pytest.raises(Unavailable, match="no connection"):
            await fetch("http://direct.invalid/a.ics", Known(), allow_private=False)
        monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1")
        with pytest.raises(Unavailable, match="socks5"):
            await fetch("http://calendar.invalid/a.ics", Known(), allow_private=False)


async def test_a_server_that_hangs_or_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    hung_up = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.01)
        writer.close()
        with suppress(ConnectionError):  # it was in the middle of a drop
            await writer.wait_closed()
        hung_up.set()

    monkeypatch.setattr(fetching, "FETCH_S", 0.3)
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    with pytest.raises(Unavailable, match="takes more than"):
        await get(url)
    await hung_up.wait()
    server.close()
    await server.wait_closed()

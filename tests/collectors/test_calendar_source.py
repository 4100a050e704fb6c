"""Where calendars come from: files and web addresses, and what can be wrong with them."""

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from collectors.ics.fetch import BYTES_MAX, Unavailable
from collectors.ics.source import CalendarSource


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A web server with a calendar and with some ways to fail."""

    async def answer(request: web.Request) -> web.Response:
        match request.path:
            case "/calendar.ics":
                return web.Response(body=b"bytes")
            case "/latin-2":
                return web.Response(body=b"\xa3\xf3d\xbc", content_type="text/calendar", charset="iso-8859-2")
            case "/login":
                return web.Response(text=request.headers.get("Authorization", ""))
            case "/moved":
                raise web.HTTPFound("/calendar.ics")
            case "/file":
                raise web.HTTPFound("file:///etc/passwd")
            case "/round":
                raise web.HTTPFound("/round")
            case "/large":
                zeros = web.Response(body=b"\0" * (BYTES_MAX + 1))
                zeros.enable_compression()
                return zeros
            case _:
                raise web.HTTPNotFound

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("path", ["/calendar.ics", "/moved"])
async def test_a_web_calendar_is_fetched_and_redirects_are_followed(site: str, path: str) -> None:
    fetched = await CalendarSource(site + path).read(allow_private=True)
    assert (fetched.name, fetched.data) == ("http://127.0.0.1/…", b"bytes")


async def test_the_charset_that_the_server_says_comes_with_the_octets(site: str) -> None:
    fetched = await CalendarSource(f"{site}/latin-2").read(allow_private=True)
    assert (fetched.data, fetched.charset) == (b"\xa3\xf3d\xbc", "iso-8859-2")


@pytest.mark.parametrize(
    ("given", "login"),
    [
        ("ana:sécret:1@", "ana:sécret:1"),
        ("ana:%C5%82%40@", "ana:ł@"),
        ("żółw@", "żółw:"),
        ("", ""),
    ],
)
async def test_a_name_and_a_password_of_any_letters_log_in(site: str, given: str, login: str) -> None:
    said = (
        await CalendarSource(site.replace("://", f"://{given}") + "/login").read(allow_private=True)
    ).data.decode()
    assert base64.b64decode(said.removeprefix("Basic ")).decode() == login


async def test_a_webcal_address_is_fetched_where_there_is_no_tls(site: str) -> None:
    source = CalendarSource(site.replace("http:", "webcal:") + "/calendar.ics")
    fetched = await source.read(allow_private=True)
    assert (fetched.data, fetched.remark[:22]) == (b"bytes", "it was fetched by http")
    with pytest.raises(Unavailable):
        await CalendarSource(site.replace("http:", "webcals:") + "/calendar.ics").read(allow_private=True)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/none", "the server says 404"),
        ("/large", "larger than 64 MiB"),
        ("/file", "something that is not a web address"),
        ("/round", "redirects more than 5 times"),
    ],
)
async def test_what_cannot_be_fetched_says_why(site: str, path: str, why: str) -> None:
    with pytest.raises(Unavailable, match=why):
        await CalendarSource(site + path).read(allow_private=True)


async def test_a_server_that_is_not_there_is_a_fault_without_the_secret_address() -> None:
    with pytest.raises(Unavailable) as fault:
        await CalendarSource("http://user:secret@127.0.0.1:9/private-secret/a.ics").read(allow_private=True)
    assert "secret" not in str(fault.value)
    assert "no connection" in str(fault.value)


async def test_an_address_is_shown_without_what_is_secret_in_it() -> None:
    source = CalendarSource("webcal://user:pass@calendar.example.org/private-abc/basic.ics?key=1")
    assert source.shown == "https://calendar.example.org/…"


async def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * (BYTES_MAX + 1))
    expected = {
        ".": "it is a folder",
        "pipe": "it is not a regular file",
        "large": "it is larger than 64 MiB",
        "none": "it does not exist, or no longer does",
        "nul\0": "it cannot be read .*embedded null.*",
    }
    for name, why in expected.items():
        with pytest.raises(Unavailable, match=f"^{why}$"):
            await CalendarSource(f"{tmp_path}/{name}").read(allow_private=True)

"""How the main port serves the dashboard."""

from __future__ import annotations

import asyncio
import gzip
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser
from yarl import URL

from bench.dashboard import LATER, STATE, weigh
from sio_server.sockets.pages import INSTALLED, Pages
from tests.conftest import Connect
from tests.running import ROOT, RunningServer

DASHBOARD = ROOT / "dashboard"


@pytest.fixture
def server(one_server: RunningServer) -> RunningServer:
    return one_server


async def get(
    server: RunningServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, Mapping[str, str], bytes]:
    url = URL(server.url + path, encoded=True)
    async with (
        aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Accept-Encoding"]) as session,
        session.request(method, url, headers=headers) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def test_the_dashboard_is_at_the_root_with_a_strict_policy(server: RunningServer) -> None:
    status, headers, body = await get(server, "/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body == (Pages(DASHBOARD).built / "index.html").read_bytes()
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


@pytest.mark.parametrize(
    ("path", "type"),
    [
        ("/js/client.js", "text/javascript"),
        ("/css/base.css", "text/css"),
        ("/js/vendor/preact.js", "text/javascript"),
        ("/favicon.svg", "image/svg+xml"),
    ],
)
async def test_each_file_has_its_type(server: RunningServer, path: str, type: str) -> None:
    status, headers, body = await get(server, path)
    assert status == 200
    assert headers["content-type"].startswith(type)
    assert body == (DASHBOARD / INSTALLED.get(path, path[1:])).read_bytes()


async def test_a_browser_that_takes_gzip_gets_it_and_one_that_does_not_does_not(
    server: RunningServer,
) -> None:
    _, plain_headers, plain = await get(server, "/js/client.js", **{"Accept-Encoding": "gzip;q=0, br"})
    assert "content-encoding" not in plain_headers
    _, headers, packed = await get(server, "/js/client.js", **{"Accept-Encoding": "br, gzip"})
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain)


async def test_what_a_browser_has_already_is_not_sent_again(server: RunningServer) -> None:
    _, headers, _ = await get(server, "/")
    status, _, body = await get(server, "/", **{"If-None-Match": headers["etag"]})
    assert (status, body) == (304, b"")
    status, _, body = await get(server, "/", **{"If-None-Match": 'W/"other"'})
    assert status == 200


async def test_head_tells_the_size_and_sends_nothing(server: RunningServer) -> None:
    status, headers, body = await get(server, "/", "HEAD", **{"Accept-Encoding": "identity"})
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) == (Pages(DASHBOARD).built / "index.html").stat().st_size


async def test_a_page_cannot_be_written(server: RunningServer) -> None:
    assert (await get(server, "/", "POST"))[0] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/../serve.py",
        "/%2e%2e/serve.py",
        "/js/../../serve.py",
        "/js/%2e%2e%2f%2e%2e%2fserve.py",
        "/js/..%5c..%5cserve.py",
        "//etc/passwd",
        "/js/",
        "/js",
        "/package.json",
        "/.npmrc",
        "/node_modules/socket.io-client/package.json",
        "/index.html%00.css",
    ],
)
async def test_no_path_leads_to_any_other_file(server: RunningServer, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert b"404" in answer.split(b"\r\n", 1)[0]


async def test_the_first_load_is_light(server: RunningServer, browser: Browser, connect: Connect) -> None:
    await (await connect()).done("priorities:put", items=[{"id": "p", "title": "Sign the lease"}])
    weights = await weigh(browser, server.url)
    assert {"the page", "scripts", "styles", "font"} <= weights.keys()
    loaded = weights.total() - weights[STATE]
    assert weights[LATER] > 1_000
    assert loaded - weights[LATER] < 141_000, weights
    assert loaded < 150_000, weights  # with what comes when there is time


async def test_what_is_built_is_kept_by_browsers_and_of_another_page_no_more(tmp_path: Path) -> None:
    """It is sent only as long as it is made of just the modules that are there."""
    copy = shutil.copytree(DASHBOARD, tmp_path / "dashboard", symlinks=True)
    pages = Pages(copy)
    assert f"/{pages.prefix}main.js" in pages
    named = re.findall(r'(?:href|src)="([^"#]+)"', (pages.built / "index.html").read_text())
    assert all("/" + name in pages for name in named)
    assert len(named) < 15
    (copy / "js" / "main.js").write_text("// another one")
    assert f"/{Pages(copy).prefix}main.js" not in Pages(copy)


async def test_only_what_has_another_name_when_it_changes_is_kept_without_asking(
    server: RunningServer,
) -> None:
    prefix = Pages(DASHBOARD).prefix
    kept = {
        path: (await get(server, path))[1]["cache-control"]
        for path in (f"/{prefix}main.js", "/", "/worker.js")
    }
    assert "immutable" in kept.pop(f"/{prefix}main.js")
    assert set(kept.values()) == {"no-cache"}


def test_without_the_installed_client_the_pages_are_there_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>here</title>")
    pages = Pages(tmp_path)
    assert "/" in pages
    assert "/js/vendor/socket.io.js" not in pages


def test_every_module_is_asked_for_at_once_by_the_first_page() -> None:
    page = (DASHBOARD / "index.html").read_text()
    preloaded = set(re.findall(r'rel="modulepreload" href="([^"]+)"', page))
    modules = {str(file.relative_to(DASHBOARD)) for file in (DASHBOARD / "js").rglob("*.js")}
    # Another language is fetched when somebody speaks it.
    preloaded |= set(re.findall(r'name="later" content="([^"]+)"', page)[0].split())
    assert preloaded | {"js/main.js"} == modules | {path[1:] for path in INSTALLED if path.startswith("/js/")}


def test_text_is_only_ever_set_as_text() -> None:
    """No way from a string to markup or to code, in any module."""
    ways = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTML"
        r"|DOMParser|srcdoc|\beval\b|new Function|setAttribute\(\"on|\.on[a-z]+ *="
    )
    wrong = [
        f"{file.name}:{number} {line.strip()}"
        for file in (DASHBOARD / "js").rglob("*.js")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if ways.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_page_itself_holds_no_script_and_no_style() -> None:
    page = (DASHBOARD / "index.html").read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]* src=)", page)

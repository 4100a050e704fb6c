"""What lies between the page and the server: a prefix, a refusal, a path that is dead without a word."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.conftest import Connect
from tests.dashboard.conftest import Look, priority
from tests.dashboard.node_client import dashboard_client
from tests.dashboard.path import Path
from tests.running import PythonClient, RunningServer


@pytest.fixture
async def path(server: RunningServer) -> AsyncIterator[Path]:
    """To the server, and nothing in between."""
    async with Path(server.port).open() as opened:
        yield opened


async def test_the_page_works_below_a_path_prefix(
    look: Look, server: RunningServer, ana: PythonClient
) -> None:
    async with Path(server.port, "/desk/of/ana").open() as below:
        sight = await look(url=below.url)
        await sight.type("add priority Below")
        await sight.see("#priorities .row", "Below")
        assert [item["title"] for item in (await ana.state())["priorities"]] == ["Below"]
        asked = await sight.page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
        assert asked
        assert [url for url in asked if not url.startswith(below.url)] == []


async def test_the_client_module_takes_an_address_with_a_path(server: RunningServer) -> None:
    async with Path(server.port, "/desk").open() as below, dashboard_client() as client:
        for url in (below.url, f"{below.url}/"):
            mark = len(client.told)
            await client.connect(url)
            await client.stage("connected", mark)


@pytest.mark.parametrize("sign", ["visibilitychange", "online", "focus"])
async def test_after_sleep_or_another_network_the_page_takes_a_new_path(
    look: Look, path: Path, ana: PythonClient, sign: str
) -> None:
    sight = await look(url=path.url)
    path.die()
    await ana.done("priorities:put", items=[priority(1)])
    target = "document" if sign == "visibilitychange" else "window"
    await sight.page.evaluate(f"{target}.dispatchEvent(new Event('{sign}'))")
    await sight.see('#priorities [data-code="P1"]')
    await sight.stage("connected")


async def test_a_line_that_waits_on_a_dead_path_is_sent_again_on_a_new_one_and_done_once(
    look: Look, path: Path, connect: Connect
) -> None:
    sight = await look(url=path.url)
    path.die()
    await sight.type("add priority Once")
    await sight.see("#priorities .row", "Once")
    await expect(sight.page.locator(".queue .waits-line")).to_have_count(0)
    ana = await connect(client="ana")
    assert [item["title"] for item in (await ana.state())["priorities"]] == ["Once"]


async def test_a_client_under_node_leaves_a_dead_path_too(path: Path, connect: Connect) -> None:
    async with dashboard_client() as client:
        await client.connect(path.url)
        await client.stage("connected")
        path.die()
        ack = await client.change("priorities:put", {"items": [priority(1)]})
        assert ack["ok"]
        assert len((await (await connect()).state())["priorities"]) == 1


async def test_an_idle_client_that_hears_where_the_server_stands_asks_for_what_it_missed(
    server: RunningServer, connect: Connect
) -> None:
    async with dashboard_client() as client:
        await client.connect(server.url)
        await client.stage("connected")
        writer = await connect()
        await client.tell(do="lose")
        await client.held()  # the command was taken
        await writer.done("priorities:put", items=[priority(1)])
        ack = await writer.request("state:get", {})
        head = {"epoch": ack["data"]["epoch"], "seq": 1}
        await client.wait_for("patch")
        assert (await client.held())["sections"]["priorities"] == {}
        await client.tell(do="head", head=head)
        await client.wait_for("sync", lambda sync: sync["mode"] == "delta")
        assert len((await client.held())["sections"]["priorities"]) == 1
        syncs = len(client.details("sync"))
        await client.tell(do="head", head=head)
        await client.held()
        assert len(client.details("sync")) == syncs


async def test_why_the_server_turns_the_page_away_is_said_in_its_words(
    look: Look, server: RunningServer
) -> None:
    async with Path(server.port, host="board.localhost").open() as path:
        sight = await look(url=path.url, stage="offline")
        await sight.see("#banner", "This origin is not allowed")
        sight.forgive()


@pytest.mark.parametrize("status", ["502 Bad Gateway", "404 Not Found"])
async def test_that_something_else_answers_in_place_of_the_server_is_said_in_words(
    look: Look, server: RunningServer, status: str
) -> None:
    answer = f"HTTP/1.1 {status}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnope"
    async with Path(server.port, answer=answer).open() as path:
        sight = await look(url=path.url, stage="offline")
        await sight.see("#banner", f"not Adjutant (HTTP {status[:3]})")
        sight.forgive()

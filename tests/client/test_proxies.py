"""Through reverse proxies: below a path, without websockets, with answers cut off; and never elsewhere."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from typing import Any

import pytest

from adjutant_client import Client, Stage, Unreachable
from collectors.running import run_once
from tests.collectors.jobs import job, priority, terms
from tests.conftest import Serve
from tests.proxy import ReverseProxy
from tests.replica import as_held
from tests.running import PythonClient, RunningServer, until
from tests.terminal.conftest import run_line

Json = Any
TOKEN = "t" * 32
NO_WEBSOCKETS = ["refuse", "swallow"]


async def in_step(client: Client, person: PythonClient) -> None:
    state: Json = await person.state()
    await until(lambda: client.replica.sections == as_held(state), "the same state")


@pytest.mark.parametrize("websockets", ["pass", *NO_WEBSOCKETS])
async def test_the_board_is_followed_and_changed_below_a_path(
    server: RunningServer, person: PythonClient, websockets: str
) -> None:
    async with (
        ReverseProxy(server, "/team/board/", websockets=websockets) as proxy,
        Client(proxy.url, client="bo", follow=True) as client,
    ):
        await person.done("priorities:put", items=[{"id": "a", "title": "A"}])
        await client.request("priorities:put", {"items": [{"id": "b", "title": "B"}]})
        await in_step(client, person)
        await server.restart()
        again = await PythonClient(client="ana").connect(server.url)
        await again.done("priorities:put", items=[{"id": "c", "title": "C"}])
        await in_step(client, again)
        await again.disconnect()
    assert {path for path, _ in proxy.asked} == {"/team/board/socket.io/"}


@pytest.mark.parametrize("path", ["", "/", "/board", "/board/"])
async def test_a_path_counts_with_and_without_a_slash_at_its_end(server: RunningServer, path: str) -> None:
    async with ReverseProxy(server, path.rstrip("/") + "/") as proxy:
        url = proxy.url.rstrip("/") + ("/" if path.endswith("/") else "")
        async with Client(url, client="bo") as client:
            assert (await client.ask("state:get", {})).seq == 0


@pytest.mark.parametrize("websockets", ["pass", "refuse"])
async def test_the_terminal_and_the_collectors_work_below_a_path(
    server: RunningServer, person: PythonClient, websockets: str
) -> None:
    async with ReverseProxy(server, "/board/", websockets=websockets) as proxy:
        assert (await run_line("--url", proxy.url, "add priority Sign"))[0] == 0
        assert (await run_line("add priority Hire", ADJUTANT_URL=proxy.url))[0] == 0
        assert (await run_line("--server", proxy.url, "add priority Pay"))[0] == 0
        report = await run_once(job(priority("a")), terms(server, url=proxy.url))
    assert report.exit_status == 0
    titles = {item["title"] for item in (await person.state())["priorities"]}
    assert titles == {"Sign", "Hire", "Pay", "Title of a"}


async def test_more_packets_than_the_library_likes_may_come_in_one_poll(
    server: RunningServer, person: PythonClient
) -> None:
    async with (
        ReverseProxy(server, websockets="refuse") as proxy,
        Client(proxy.url, client="bo", follow=True) as client,
    ):
        lost = (await client.connected()).lost
        proxy.stop_polls()
        for n in range(50):
            await person.done("priorities:put", items=[{"id": str(n), "title": "T"}])
        proxy.free()
        await in_step(client, person)
        assert not lost.is_set()


async def test_a_poll_that_breaks_off_is_a_loss_and_the_next_connection_brings_what_was_in_it(
    server: RunningServer, person: PythonClient
) -> None:
    async with (
        ReverseProxy(server, websockets="refuse") as proxy,
        Client(proxy.url, client="bo", follow=True) as client,
    ):
        lost = (await client.connected()).lost
        proxy.cut_next_poll()
        await person.done("priorities:put", items=[{"id": "a", "title": "A"}])
        await until(lost.is_set, "the loss")
        await in_step(client, person)
        await until(lambda: client.link.stage is Stage.CONNECTED, "a new connection")


# aiohttp finds what the library posts too large for one piece of text.
@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_what_goes_by_polling_may_be_large(server: RunningServer) -> None:
    async with (
        ReverseProxy(server, websockets="refuse") as proxy,
        Client(proxy.url, client="bo", follow=True) as client,
    ):
        for batch in range(3):
            items = [{"id": f"{batch}-{n}", "title": "x" * 10_000} for n in range(150)]
            await client.request("priorities:put", {"items": items})
        await until(lambda: len(client.replica.items("priorities")) == 450, "the patches")
        async with Client(proxy.url, client="cy", follow=True) as another:
            await another.connected()
            assert another.replica.sections == client.replica.sections


async def test_the_token_goes_to_the_given_place_alone(serve: Serve) -> None:
    """Neither to the root of a host when a path was given, nor to where that place redirects."""
    server = await serve()
    async with AsyncExitStack() as stack:
        elsewhere = await stack.enter_async_context(ReverseProxy(server))
        for redirect in (elsewhere.url.rstrip("/"), f"{elsewhere.url}login?next="):
            proxy = await stack.enter_async_context(ReverseProxy(server, "/board/", redirect=redirect))
            async with Client(proxy.url, client="bo", token=TOKEN, within_s=0.0) as client:
                with pytest.raises(Unreachable, match=r"redirects to .* not the address"):
                    await client.ask("state:get", {})
            assert not [body for _, body in proxy.asked if TOKEN in body]
        moved = await stack.enter_async_context(ReverseProxy(server, "/elsewhere/"))
        wrong = re.sub("/elsewhere/", "/board/", moved.url)
        async with Client(wrong, client="bo", token=TOKEN, within_s=0.0) as client:
            with pytest.raises(Unreachable, match="not an Adjutant server, or not at this path"):
                await client.ask("state:get", {})
    assert elsewhere.asked == []
    assert {path for path, _ in moved.asked} == {"/board/socket.io/"}
    assert not [body for _, body in moved.asked if TOKEN in body]


async def test_a_proxy_whose_server_is_away_is_told_from_a_wrong_address(server: RunningServer) -> None:
    async with ReverseProxy(server) as proxy:
        await server.kill()
        async with Client(proxy.url, client="bo", within_s=0.0) as client:
            with pytest.raises(Unreachable, match="cannot reach the server"):
                await client.ask("state:get", {})
        async with Client(proxy.url, client="bo") as client:
            asked = asyncio.ensure_future(client.ask("state:get", {}))
            await until(lambda: client.link.stage is Stage.OFFLINE, "the loss")
            await server.start()
            assert (await asked).seq == 0

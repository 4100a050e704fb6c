"""The examples of docs/operations.md, started and gone through: TLS, a path, polling, websocket, restarts."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from adjutant_client import Client
from collectors.batches import Batch, Payload, replacing
from collectors.delivery import Delivery
from tests.dashboard.browsing import Sight, driving
from tests.node.driver import node_process
from tests.proxies.conftest import ALLOWED
from tests.proxies.example import PATH, Proxy
from tests.replica import as_held
from tests.running import ROOT, WAIT_S, PythonClient, RunningServer, until
from tests.terminal.conftest import run_line
from tests.terminal.screen import clean_environment

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = Any
FOREIGN = "https://evil.example"
CORS = "Access-Control-Allow-Origin"
HANDSHAKE = "socket.io/?EIO=4&transport=polling"
LARGE = [
    {"id": f"large-{number}", "title": "x" * 10_000} for number in range(150)
]  # nginx by itself takes less


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Asks the proxy."""
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_page_and_its_files_come_from_below_the_path(
    proxy: Proxy, http: aiohttp.ClientSession
) -> None:
    async with http.get(proxy.url.rstrip("/")) as answer:
        assert str(answer.url) == proxy.url
        page = await answer.text()
    files = re.findall(r'(?:href|src)="([^"#]+)"', page)
    assert len(files) > 2
    for file in files:
        async with http.get(proxy.url + file) as answer:
            assert answer.status == 200


async def test_health_and_readiness_are_told(proxy: Proxy, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{proxy.url}health") as health, http.get(f"{proxy.url}ready") as ready:
        assert (health.status, (await health.json())["status"]) == (200, "ok")
        assert (ready.status, (await ready.json())["ready"]) == (200, True)


async def test_pages_of_the_own_and_of_allowed_origins_may_come_in_and_no_others(
    proxy: Proxy, http: aiohttp.ClientSession
) -> None:
    for path in ("health", HANDSHAKE):
        async with http.get(proxy.url + path) as answer:
            assert (answer.headers["Vary"].title(), CORS in answer.headers) == ("Origin", False)
        for origin in (proxy.origin, ALLOWED):
            async with http.get(proxy.url + path, headers={"Origin": origin}) as answer:
                assert (answer.status, answer.headers[CORS]) == (200, origin)
    async with http.get(proxy.url + HANDSHAKE, headers={"Origin": FOREIGN}) as answer:
        assert (answer.status, answer.headers[CORS]) == (403, FOREIGN)
        assert "--cors-origin" in await answer.text()


async def test_an_address_that_a_client_makes_up_is_not_believed(
    proxy: Proxy, http: aiohttp.ClientSession, server: RunningServer
) -> None:
    claims = {"Origin": FOREIGN, "X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
    async with http.get(proxy.url + HANDSHAKE, headers=claims) as answer:
        assert answer.status == 403
    await until(lambda: "refused 127.0.0.1" in server.log(), "the line in the log")
    assert "203.0.113.7" not in server.log()


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]], ids="-".join)
async def test_socket_io_client_follows_and_changes_the_board(
    proxy: Proxy, token: str, person: PythonClient, trusted: dict[str, str], transports: list[str]
) -> None:
    async with node_process(**trusted) as node:
        client = await node.connect(
            proxy.origin, path=f"{PATH}/socket.io/", auth={"token": token}, transports=transports
        )
        if len(transports) > 1:
            await client.wait_for(lambda line: line.get("upgrade") == "websocket", timeout_s=WAIT_S)
        ack = await client.request("priorities:put", {"items": LARGE}, timeout_s=WAIT_S)
        assert ack["ok"]
        await client.wait_for_event("state:patch", lambda patch: patch["seq"] == ack["seq"])
        await person.done("priorities:drop", ids=[item["id"] for item in LARGE])
        await client.wait_for_event("state:patch", lambda patch: patch["seq"] > ack["seq"])


async def test_the_page_follows_and_changes_the_board(
    proxy: Proxy, token: str, person: PythonClient, chromium_address: str
) -> None:
    async with driving(chromium_address) as browser:
        context = await browser.new_context(ignore_https_errors=True)
        sight = await Sight(await context.new_page()).open(f"{proxy.url}#token={token}")
        await sight.type(f"add priority From {proxy.name}")
        await sight.see("#priorities", f"From {proxy.name}")
        await person.done("priorities:put", items=[{"id": "b", "title": f"To {proxy.name}"}])
        await sight.see("#priorities", f"To {proxy.name}")
        # A service worker alone wants a certificate that Chromium itself trusts.
        assert [wrong for wrong in sight.wrong if "SSL certificate error" not in wrong] == []


async def run_trusting(trusted: dict[str, str], token: str, module: str, *arguments: str) -> None:
    """Runs a program of its own, not a forked one: libraries read SSL_CERT_FILE when they are imported."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
        env=clean_environment() | trusted | {"ADJUTANT_TOKEN": token},
    )
    said = await asyncio.wait_for(program.communicate(), WAIT_S)
    assert program.returncode == 0, said


async def test_the_terminal_and_a_collector_work_with_the_whole_address(
    proxy: Proxy, token: str, person: PythonClient, trusted: dict[str, str]
) -> None:
    title = f"Typed by {proxy.name}"
    await run_trusting(trusted, token, "terminal", "--url", proxy.url, f"add priority {title}")
    flags = ("examples/sample.ics", "--no-spool", "--url", proxy.url)
    await run_trusting(trusted, token, "collectors.ics", *flags)
    state = await person.state()
    assert title in [item["title"] for item in state["priorities"]]
    assert "Budget review" in [item["title"] for item in state["calendar"]]


@pytest.mark.parametrize("proxy", ["nginx"], indirect=True)
async def test_a_certificate_that_is_not_trusted_is_named_as_the_reason(proxy: Proxy, token: str) -> None:
    status, _, complaints = await run_line("--url", proxy.url, "--wait", "0", "help", ADJUTANT_TOKEN=token)
    assert (status, "SSL_CERT_FILE" in complaints) == (3, True)


async def test_a_follower_is_in_step_after_the_proxy_was_started_anew_in_a_stream(
    proxy: Proxy, token: str, person: PythonClient
) -> None:
    async with Client(proxy.url, client="bo", token=token, follow=True) as client:
        wire = await client.connected()
        for number in range(60):
            if number == 30:
                proxy.kill()
                await wire.lost.wait()
            await person.done("system:set", progress=number)
        await proxy.restart()
        await client.request("system:set", {"message": "Mine"})
        state = await person.state()
        await until(lambda: client.replica.sections == as_held(state), "the same state")


@dataclass(frozen=True)
class Cut(Batch):
    """A batch after whose first part this happens."""

    then: Callable[[], None] = lambda: None

    def messages(self, run: int | None) -> Iterator[Payload]:
        for number, message in enumerate(super().messages(run), 1):
            if number == 2:
                self.then()
            yield message


async def test_a_put_in_parts_in_whose_middle_the_proxy_is_started_anew_counts_once_and_whole(
    proxy: Proxy, token: str, person: PythonClient
) -> None:
    items = [{"id": f"item-{number}", "title": f"Title {number}"} for number in range(2_500)]
    whole = replacing("priorities", items, complete=True, allow_empty=False)
    assert len(whole.payloads) == 3
    cuts: list[asyncio.Task[None]] = []

    def cut() -> None:
        if not cuts:
            proxy.kill()
            cuts.append(asyncio.create_task(proxy.restart()))

    batch = Cut(whole.event, whole.payloads, whole=True, replaces=True, then=cut)
    source = f"test:{proxy.name}"
    delivery = Delivery(Client(proxy.url, client="cy", source=source, token=token, within_s=WAIT_S), None)
    async with delivery.client:
        await delivery.hello({"ttl_s": 600})
        done = await delivery.send(batch)
        again = await delivery.send(batch)
    assert done is not None
    assert (done["added"], again) == (2_500, done)
    assert cuts[0].done()
    held = [item for item in (await person.state())["priorities"] if item["source"] == source]
    assert len(held) == 2_500
    await person.done("source:forget", source=source)

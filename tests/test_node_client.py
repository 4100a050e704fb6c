"""The real socket.io-client under Node: by polling, by websocket, and through the upgrade."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conftest import Connect
from tests.node.driver import NodeClient, NodeProcess, node_process
from tests.replica import Replica, as_held, canonical
from tests.running import RunningServer

pytestmark = pytest.mark.usefixtures("both_paths")

KEPT = 1_000

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}


@pytest.fixture
async def node() -> AsyncIterator[NodeProcess]:
    async with node_process() as process:
        yield process


def replica_of(client: NodeClient) -> Replica:
    replica = Replica()
    for line in client.lines:
        if "event" in line:
            replica.take(line["event"], line["args"][0])
    return replica


def priority(number: int) -> dict[str, Any]:
    return {"id": f"p{number}", "title": f"Priority {number}"}


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_each_transport_brings_the_sync_first_and_then_every_patch(
    transports: list[str], node: NodeProcess, server: RunningServer, connect: Connect
) -> None:
    writer = await connect()
    await writer.done("priorities:put", items=[priority(0)])
    dashboard = await node.connect(server.url, transports=transports)
    for number in range(1, 20):
        ack = await writer.request("priorities:put", items=[priority(number)])
    await dashboard.wait_for_event("state:patch", lambda patch: patch["seq"] == ack["seq"])
    events = [line["event"] for line in dashboard.lines if "event" in line]
    assert events[0] == "state:sync"
    assert events.count("state:sync") == 1
    replica = replica_of(dashboard)
    assert canonical(replica.held) == canonical(as_held(await writer.state()))


async def test_an_upgrade_in_a_stream_of_patches_loses_and_doubles_nothing(
    node: NodeProcess, server: RunningServer, connect: Connect
) -> None:
    writer = await connect()
    dashboards = []
    for number in range(60):
        ack = await writer.request("priorities:put", items=[priority(number)])
        if number % 10 == 0:
            dashboards.append(await node.connect(server.url, transports=TRANSPORTS["upgrade"], wait=False))
    for dashboard in dashboards:
        await dashboard.wait_for(lambda line: line.get("upgrade") == "websocket")
    ack = await writer.request("priorities:put", items=[priority(99)])
    state = canonical(as_held(await writer.state()))
    for dashboard in dashboards:
        await dashboard.wait_for_event("state:patch", lambda patch: patch["seq"] == ack["seq"])
        seqs = [patch["seq"] for patch in dashboard.events("state:patch")]
        assert seqs == list(range(seqs[0], ack["seq"] + 1))
        assert canonical(replica_of(dashboard).held) == state


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_a_client_that_resumes_after_a_kill_gets_just_what_it_missed(
    transports: list[str], node: NodeProcess, server: RunningServer, connect: Connect
) -> None:
    options: dict[str, Any] = {"reconnectionDelay": 50, "reconnectionDelayMax": 200}
    dashboard = await node.connect(server.url, transports=transports, resume=True, **options)
    writer = await connect()
    await writer.done("priorities:put", items=[priority(1)])
    await dashboard.wait_for_event("state:patch")
    mark = dashboard.mark()
    await server.kill()
    await dashboard.wait_for(lambda line: "disconnect" in line, after=mark)
    await server.start()
    sync = await dashboard.wait_for_event("state:sync", after=mark)
    assert (sync["mode"], sync["seq"]) == ("current", 1)
    mark = dashboard.mark()
    await dashboard.drop()
    writer = await connect()
    await writer.done("priorities:complete", code="P1")
    sync = await dashboard.wait_for_event("state:sync", after=mark)
    missed = [patch["seq"] for patch in sync.get("patches", [])]
    assert (sync["mode"], missed) in (("delta", [2]), ("current", []))
    await dashboard.wait_for(lambda line: replica_of(dashboard).mine["state"] == 2)
    assert canonical(replica_of(dashboard).held) == canonical(as_held(await writer.state()))


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_every_request_is_acked_on_every_transport(
    transports: list[str], node: NodeProcess, server: RunningServer
) -> None:
    client = await node.connect(server.url, transports=transports)
    put = await client.request("priorities:put", {"items": [priority(1)], "op": "a"})
    assert put["data"]["codes"] == {"p1": "P1"}
    again = await client.request("priorities:put", {"items": [priority(1)], "op": "a"})
    assert again == put | {"replay": True}
    assert (await client.request("priorities:complete", {"code": "p1"}))["data"]["status"] == "done"
    assert (await client.request("no:such", {}))["error"]["code"] == "unknown_event"
    assert (await client.request("state:get"))["ok"]  # left out, the payload is {}
    assert (await client.request("state:get", {}, {}))["error"]["code"] == "bad_request"
    binary = await client.request("brief:set", {"brief": {"$binary": "AAEC"}})
    assert binary["error"]["code"] == "bad_request"
    assert (await client.request("brief:get", {}))["data"] is None


async def test_a_refused_connect_tells_the_javascript_client_why(
    node: NodeProcess, server: RunningServer
) -> None:
    client = await node.connect(server.url, auth={"rooms": ["nowhere"]}, transports=["websocket"])
    error = next(line["connect_error"] for line in client.lines if "connect_error" in line)
    assert error["data"]["code"] == "bad_request"
    assert "Unknown room" in error["message"]


async def test_a_burst_of_patches_does_not_drop_polling_clients(
    node: NodeProcess, server: RunningServer, connect: Connect
) -> None:
    by_node = await node.connect(server.url, transports=["polling"])
    by_python = await connect(transports=["polling"])
    writer = await connect()
    acks = await asyncio.gather(*(writer.request("system:set", progress=number) for number in range(1, 41)))
    last = max(ack["seq"] for ack in acks)
    await by_node.wait_for_event("state:patch", lambda patch: patch["seq"] == last)
    await by_python.wait_for("state:patch", lambda patch: patch["seq"] == last)
    assert [patch["seq"] for patch in by_python.received("state:patch")] == list(range(1, last + 1))


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_all_that_a_client_kept_while_offline_is_acked_when_it_comes(
    transports: list[str], node: NodeProcess, server: RunningServer
) -> None:
    client = await node.connect(server.url, transports=transports, autoConnect=False, wait=False)
    kept = asyncio.create_task(client.burst("system:set", KEPT, timeout_s=240))
    await client.reconnect()
    assert (await kept)["ok"] == KEPT
    _, stats = await server.get("/stats")
    assert stats["seq"] == KEPT

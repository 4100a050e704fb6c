"""dashboard/js/client.js under Node, against the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.abuse.arena import changed_server
from tests.client.told import Told, snapshot
from tests.conftest import Connect, Serve
from tests.dashboard.node_client import DashboardClient, dashboard_client
from tests.replica import as_held, canonical
from tests.running import PythonClient, RunningServer


@pytest.fixture
async def client() -> AsyncIterator[DashboardClient]:
    async with dashboard_client() as made:
        yield made


def priority(number: int) -> dict[str, Any]:
    return {"id": f"p{number}", "title": f"Priority {number}"}


async def assert_in_step(client: DashboardClient, writer: PythonClient) -> None:
    ack = await writer.request("state:get", {})
    seq, state = ack["data"]["seq"], canonical(as_held(ack["data"]["state"]))
    await client.wait_for_position(seq)
    assert canonical((await client.held())["sections"]) == state


async def test_it_holds_a_replica_that_follows_every_change(
    client: DashboardClient, server: RunningServer, connect: Connect
) -> None:
    writer = await connect()
    await writer.done("priorities:put", items=[priority(0)])
    await client.connect(server.url)
    sync = await client.wait_for("sync")
    assert sync == {"mode": "snapshot", "why": "first"}
    await writer.done("priorities:put", items=[priority(1)])
    await writer.done("priorities:complete", code="P1")
    await writer.done("priorities:drop", codes=["P2"])
    await client.wait_for("patch", lambda patch: patch["seq"] == 4)
    assert [patch["seq"] for patch in client.details("patch")] == [2, 3, 4]
    await assert_in_step(client, writer)
    assert (await client.held())["link"]["stage"] == "connected"


async def test_a_gap_is_repaired_without_a_snapshot(
    client: DashboardClient, server: RunningServer, connect: Connect
) -> None:
    await client.connect(server.url)
    await client.stage("connected")
    writer = await connect()
    await client.tell(do="lose")
    await client.held()  # the command was taken
    await writer.done("priorities:put", items=[priority(1)])
    await writer.done("priorities:put", items=[priority(2)])
    await client.wait_for("sync", lambda sync: sync["mode"] == "delta")
    await assert_in_step(client, writer)
    assert len((await client.held())["sections"]["priorities"]) == 2


async def test_after_a_kill_it_comes_back_by_itself_and_resumes(
    client: DashboardClient, server: RunningServer, connect: Connect
) -> None:
    writer = await connect()
    await writer.done("priorities:put", items=[priority(1)])
    await client.connect(server.url)
    await client.stage("connected")
    mark = len(client.told)
    await server.kill()
    offline = await client.stage("offline", mark)
    assert offline["why"] == "the connection dropped"
    held = await client.held()
    assert len(held["sections"]["priorities"]) == 1  # the last known state stays
    await server.start()
    await client.stage("connected", mark)
    assert client.details("sync", mark) == [{"mode": "current"}]
    writer = await connect(client="again")
    await writer.done("priorities:complete", code="P1")
    await assert_in_step(client, writer)


async def test_a_change_asked_for_while_the_server_is_away_is_done_once_when_it_is_back(
    client: DashboardClient, server: RunningServer, connect: Connect
) -> None:
    await client.connect(server.url)
    await client.stage("connected")
    await server.kill()
    await client.stage("offline")
    asked = asyncio.create_task(client.change("priorities:put", {"items": [priority(1)]}))
    await server.start()
    ack = await asked
    assert ack["ok"], ack
    again = await client.change("priorities:put", {"items": [priority(2)]}, op="mine")
    replay = await client.change("priorities:put", {"items": [priority(2)]}, op="mine")
    assert replay == again | {"replay": True}
    await assert_in_step(client, await connect())


async def test_without_a_server_a_request_ends_in_words_and_nothing_is_done(client: DashboardClient) -> None:
    await client.connect("http://127.0.0.1:9")
    ack = await client.request("state:get", {}, withinMs=100)
    assert ack["ok"] is False
    assert (ack["error"]["code"], ack["error"]["sent"]) == ("unreachable", False)
    assert ack["error"]["message"] == "The server is away: nothing was done."


async def test_refusals_are_handed_on_as_the_server_said_them(
    client: DashboardClient, server: RunningServer
) -> None:
    await client.connect(server.url)
    ack = await client.request("no:such", {})
    assert ack["error"]["code"] == "unknown_event"
    ack = await client.request("priorities:complete", {"code": "P9"})
    assert ack["error"]["code"] == "not_found"


async def test_what_was_seen_in_one_store_is_not_asked_of_another(
    client: DashboardClient, serve: Serve, connect: Connect
) -> None:
    server = await serve(name="other")
    await client.connect(server.url)
    await client.stage("connected")
    await client.change("priorities:put", {"items": [priority(1)]})
    await server.kill()
    await client.stage("offline")
    asked = asyncio.create_task(client.change("priorities:complete", {"code": "P1", "seen": 1}))
    server.data_dir = server.data_dir.parent / "set back"
    await server.start()
    ack = await asked
    assert ack["error"]["code"] == "stale_target"
    assert (await client.held())["sections"]["priorities"] == {}


async def test_a_wrong_token_is_refused_in_words_and_a_right_one_lets_in(
    client: DashboardClient, serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    token = tokens.add(file, "ana", Role.EDITOR, None)
    server = await serve("--tokens", str(file))
    await client.connect(server.url, token="wrong")
    refused = await client.stage("refused")
    assert refused["code"] == "unauthorized"
    assert (await client.request("state:get", {}))["error"]["code"] == "unauthorized"
    await client.tell(do="auth", auth={"token": token})
    await client.tell(do="again")
    await client.stage("connected")
    mark = len(client.told)
    tokens.remove(file, "ana")
    revoked = await client.stage("refused", mark)
    assert (revoked["code"], revoked["why"]) == ("unauthorized", "Your token has expired or was revoked.")


async def test_a_cut_connection_comes_back_and_asks_again(
    client: DashboardClient, server: RunningServer, connect: Connect
) -> None:
    await client.connect(server.url)
    await client.stage("connected")
    writer = await connect()
    for number in range(5):
        mark = len(client.told)
        await client.tell(do="drop")
        ack = await client.change("priorities:put", {"items": [priority(number)]})
        assert ack["ok"]
        await client.wait_for("link", after=mark)
    await assert_in_step(client, writer)


PATIENT = """
from sio_server.clients import transport

transport.PING_TIMEOUT_S = 600
"""


async def test_an_upgrade_that_is_cut_half_way_does_not_leave_it_deaf(
    client: DashboardClient, tmp_path: Path
) -> None:
    server = changed_server(tmp_path, PATIENT)  # the library itself would notice after ten minutes
    await server.start()
    try:
        await client.connect(server.url, {"transports": ["polling", "websocket"], "cutUpgrade": True})
        await client.wait_for("cut")
        writer = await PythonClient().connect(server.url)
        await writer.done("priorities:put", items=[priority(1)])
        await assert_in_step(client, writer)
        await writer.disconnect()
    finally:
        await server.kill()


async def test_a_board_that_may_be_old_says_since_when(client: DashboardClient) -> None:
    server = Told(snapshot(5, "a") | {"behind_s": 7})
    async with server:
        await client.connect(server.url)
        old = await client.wait_for("age", lambda link: link.get("asOf"))
        assert old["stage"] == "connected"
        assert old["asOf"] < old["since"]
        await server.say("state:head", {"epoch": "e", "seq": 5, "behind_s": 60})
        await server.say("state:head", {"epoch": "e", "seq": 5})
        current = await client.wait_for("age", lambda link: link.get("asOf", 0) is None)
        assert current["stage"] == "connected"
    assert sum(1 for link in client.details("age") if link.get("asOf")) == 1  # the first time counts
    # What others do on a new connection is done once.
    assert [link["stage"] for link in client.details("link")].count("connected") == 1


async def test_what_was_old_already_is_not_newer_when_the_connection_goes(client: DashboardClient) -> None:
    async with Told(snapshot(5, "a") | {"behind_s": 7}) as server:
        await client.connect(server.url)
        old = await client.wait_for("age", lambda link: link.get("asOf"))
    away = await client.wait_for("link", lambda link: link["stage"] == "offline")
    assert away["asOf"] == old["asOf"]

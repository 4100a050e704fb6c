"""Health, readiness, stats and metrics (side_app/server, side_app/health, side_app/documents, disk.py,
memory.py): what they say is tried and counted, never assumed."""

from __future__ import annotations

import re

import aiohttp

from tests.conftest import Connect
from tests.running import RunningServer

EVENT = {"id": "e1", "title": "Call", "start": "2026-11-23T09:00:00Z"}


async def metrics(server: RunningServer) -> dict[str, float]:
    async with aiohttp.ClientSession() as session, session.get(f"{server.http_url}/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        text = await response.text()
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


async def test_health_and_readiness_answer_on_their_own_listener(server: RunningServer) -> None:
    assert (await server.get("/health"))[0] == 200
    status, ready = await server.get("/ready")
    assert (status, ready["ready"], ready["reasons"]) == (200, True, [])
    assert ready["store_ms"] > 0
    assert ready["free_bytes"] > 0
    assert (await server.get("/nothing"))[0] == 404
    assert (await server.get("/nothing", http=False))[0] == 404


async def test_the_address_that_the_first_line_names_lists_what_is_there(server: RunningServer) -> None:
    status, found = await server.get("/")
    assert status == 200
    assert {"/health", "/ready", "/stats", "/metrics"} <= found["paths"].keys()
    async with aiohttp.ClientSession(server.http_url) as session:
        for path in found["paths"]:
            async with session.get(path) as response:
                assert response.status == 200, path
        async with session.get("/", headers={"Host": "evil.example"}) as response:
            assert response.status == 400


async def test_metrics_count_requests_commits_patches_and_clients(
    server: RunningServer, connect: Connect
) -> None:
    dashboard = await connect()
    await connect(rooms=["calendar"])
    collector = await connect(source="ics:work")
    await collector.done("calendar:put", items=[EVENT])
    await collector.refused("calendar:put", items="none")
    await collector.refused("nonsense", {})
    await dashboard.wait_for("state:patch")
    found = await metrics(server)
    assert found['adjutant_requests_total{code="ok",event="calendar:put"}'] == 1
    assert found['adjutant_requests_total{code="bad_request",event="calendar:put"}'] == 1
    assert found['adjutant_requests_total{code="unknown_event",event="unknown"}'] == 1
    assert found['adjutant_request_seconds_count{event="calendar:put"}'] == 2
    assert found["adjutant_commits_total"] == 1
    assert found["adjutant_batch_commits_count"] == 1
    assert found['adjutant_patches_sent_total{room="state"}'] == 1
    assert found['adjutant_patch_bytes_sent_total{room="calendar"}'] > 100
    assert (found['adjutant_clients{room="state"}'], found['adjutant_clients{room="calendar"}']) == (1, 1)
    assert (found["adjutant_log_head"], found["adjutant_log_floor"]) == (1, 0)
    assert found["adjutant_store_bytes"] > 0
    statuses = ("online", "stale", "offline", "error")
    assert [found[f'adjutant_source_status{{status="{status}"}}'] for status in statuses] == [1, 0, 0, 0]
    assert 0 <= found["adjutant_source_silent_seconds"] < 600
    assert found["adjutant_loop_lag_seconds"] >= 0
    assert not any("nonsense" in name for name in found)


async def test_stats_say_the_same_over_http_and_over_the_socket(
    server: RunningServer, connect: Connect
) -> None:
    client = await connect()
    await client.done("priorities:put", items=[{"id": "p", "title": "One"}])
    by_http = (await server.get("/stats"))[1]
    by_socket = await client.done("stats:get", {})
    assert by_http.keys() == by_socket.keys()
    assert by_http["items"] == by_socket["items"] == dict.fromkeys(by_http["items"], 0) | {"priorities": 1}
    assert (by_http["seq"], by_http["clients"]["total"]) == (1, 1)
    assert re.fullmatch(r"[0-9a-f]+", by_http["epoch"])

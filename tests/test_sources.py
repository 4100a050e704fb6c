"""Sources on a real server: killed, silent, racing, asked; what a real dashboard sees of it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Connect, Serve
from tests.forked import ForkedProcess
from tests.running import WAIT_S, PythonClient, RunningServer, until

pytestmark = pytest.mark.usefixtures("both_paths")

Json = Any
Collector = Callable[..., Awaitable[ForkedProcess]]

HELLO = {"ttl_s": 600, "modes": ["quick", "full"]}


@pytest.fixture
async def collector(server: RunningServer) -> AsyncIterator[Collector]:
    """Starts collectors that say these things; returns when all is acked."""
    running: list[ForkedProcess] = []

    async def start(source: str, *messages: tuple[str, Json]) -> ForkedProcess:
        command = ("-m", "tests.source_process", server.url, source, json.dumps(messages))
        process = await ForkedProcess(*command).start(os.environ)
        running.append(process)
        assert process.stdout is not None
        for message in messages:
            line = await asyncio.wait_for(process.stdout.readline(), WAIT_S)
            assert json.loads(line)["ok"], (message, line)
        return process

    yield start
    for process in running:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process.close()


def item(id: str) -> Json:
    return {"id": id, "title": f"Event {id}", "start": "2026-11-23T09:00:00Z"}


def part(number: int, *ids: str, **fields: Json) -> tuple[str, Json]:
    named = {"batch": "b", "number": number, "last": False}
    return "calendar:put", {"items": [item(id) for id in ids], "part": named, "mode": "replace"} | fields


def last(number: int, *ids: str, **fields: Json) -> tuple[str, Json]:
    event, payload = part(number, *ids, **fields)
    return event, payload | {"part": {"batch": "b", "number": number, "last": True}}


async def changed(client: PythonClient, section: str, id: str, **fields: Json) -> Json:
    """The first patch in which that item got these values."""

    def is_it(change: Json) -> bool:
        now = change.get("put") or change.get("set") or {}
        named = (change["section"], change["id"]) == (section, id)
        return named and all(now.get(name) == value for name, value in fields.items())

    return await client.wait_for("state:patch", lambda patch: any(map(is_it, patch["changes"])))


async def source(client: PythonClient, id: str = "ics:work") -> Json:
    return next(line for line in (await client.state())["sources"] if line["id"] == id)


async def titles(client: PythonClient) -> list[str]:
    return [event["id"] for event in (await client.state())["calendar"]]


async def test_a_collector_that_is_killed_is_offline_at_once(connect: Connect, collector: Collector) -> None:
    wall = await connect()
    process = await collector("ics:work", ("source:hello", HELLO), ("calendar:put", {"items": [item("a")]}))
    process.kill()
    patch = await changed(wall, "sources", "ics:work", status="offline")
    assert patch["cause"] == {"actor": "server", "command": "server:left"}
    assert await titles(wall) == ["ics:work/a"]


async def test_a_silent_source_is_stale_within_its_ttl_and_back_on_its_next_push(connect: Connect) -> None:
    wall, work = await connect(), await connect(source="ics:work")
    await work.done("source:hello", ttl_s=1)
    await work.done("calendar:put", items=[item("a")])
    pushed_at = (await source(wall))["last_push_at"]
    patch = await changed(wall, "sources", "ics:work", status="stale")
    assert patch["cause"]["command"] == "sources:tick"
    late_s = datetime.fromisoformat(patch["at"]) - datetime.fromisoformat(pushed_at)
    assert late_s.total_seconds() >= 1
    seq = (await work.request("calendar:put", items=[item("a")]))["seq"]
    await wall.in_step(seq)
    assert (await source(wall))["status"] == "online"


async def test_a_collector_killed_in_the_middle_of_a_batch_changes_nothing(
    connect: Connect, collector: Collector
) -> None:
    wall = await connect()
    process = await collector(
        "ics:work",
        ("source:hello", HELLO),
        last(1, "a", "b", run=1),
        ("source:progress", {"run": 1, "percent": 50}),
        part(1, "c", run=1),
        part(2, "d", run=1),
    )
    process.kill()
    await changed(wall, "sources", "ics:work", status="offline", run_status="failed")
    assert await titles(wall) == ["ics:work/a", "ics:work/b"]
    again = await connect(source="ics:work")
    assert (await again.refused(*last(3, "e")))["code"] == "invalid_state"
    assert (await wall.state())["system"]["status"] == "ERROR"


async def test_a_server_killed_in_the_middle_of_a_batch_and_a_collection_keeps_half_of_neither(
    serve: Serve, connect: Connect, server: RunningServer
) -> None:
    work, person = await connect(source="ics:work"), await connect()
    await work.done("source:hello", HELLO)
    await work.done(*last(1, "a", "b"))
    await person.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
    await person.done("calendar:edit", id="ics:work/a", set={"title": "Mine"})
    work.answers["source:collect"] = {"ok": True}
    run = (await person.done("collection:start", mode="full"))["run"]
    await work.wait_for("source:collect")
    await work.done("source:progress", run=run, percent=50)
    await work.done(*part(1, "c", run=run))
    await server.restart()
    after, again = await connect(), await connect(source="ics:work")
    assert await titles(after) == ["ics:work/a", "ics:work/b"]
    ended = await after.done("collection:status", {})
    assert (ended["status"], ended["sources"][0]["status"]) == ("failed", "failed")
    assert (await after.state())["system"]["status"] == "ERROR"
    assert (await again.refused(*last(2, "d", run=run)))["code"] == "invalid_state"
    welcome = await again.done("source:hello", HELLO)
    assert welcome["run"] == run + 1
    done = await again.done(*last(1, "a", "c", run=welcome["run"]))
    assert (done["added"], done["unchanged"], done["removed"]) == (1, 1, 1)
    assert [event["title"] for event in (await after.state())["calendar"]] == ["Mine", "Event c"]


async def test_of_two_runs_that_race_the_newer_one_counts(connect: Connect) -> None:
    old, new, wall = [await connect(source=name) for name in ("ics:work", "ics:work", None)]
    first = (await old.done("source:hello", ttl_s=60))["run"]
    await old.done(*part(1, "a", "b", run=first))
    second = (await new.done("source:hello", ttl_s=60))["run"]
    await new.done(*part(1, "c", run=second))
    assert (await old.refused(*last(2, run=first)))["code"] == "source_fenced"
    assert (await new.done(*last(2, "d", run=second)))["added"] == 2
    assert (await old.refused("calendar:put", items=[], run=first))["code"] == "source_fenced"
    assert await titles(wall) == ["ics:work/c", "ics:work/d"]
    await old.disconnect()
    assert (await new.done("source:finish", run=second, ok=True)) == {}
    assert (await source(wall))["status"] == "online"


async def three(connect: Connect) -> list[PythonClient]:
    """Three sources that can be asked, and take what they are asked for."""
    clients = [await connect(source=name) for name in ("good", "mute", "poor")]
    for client in clients:
        client.answers["source:collect"] = {"ok": True}
        await client.done("source:hello", HELLO)
    return clients


async def test_a_collection_of_three_is_no_success_when_one_fails_and_one_is_gone(connect: Connect) -> None:
    good, mute, poor = await three(connect)
    person = await connect()
    started = await person.done("collection:start", mode="quick")
    assert started["sources"] == ["good", "mute", "poor"]
    for client in (good, mute, poor):
        asked = await client.wait_for("source:collect")
        assert (asked["run"], asked["mode"]) == (started["run"], "quick")
    busy = await person.refused("collection:start", mode="full")
    assert (busy["code"], busy["details"]["run"]) == ("busy", started["run"])
    assert (await person.refused("command:run", text="refresh"))["code"] == "busy"
    await poor.done("source:finish", run=started["run"], ok=False, error="401 Unauthorized")
    await mute.disconnect()
    await changed(person, "sources", "mute", status="offline")
    running = await person.done("collection:status", {})
    assert [share["status"] for share in running["sources"]] == ["asked", "failed", "failed"]
    assert running["status"] == "running"
    await good.done("calendar:put", items=[item("a")], run=started["run"])
    await good.done("source:finish", run=started["run"], ok=True, counts={"events": 1})
    ended = await person.done("collection:status", {})
    assert (ended["status"], ended["percent"]) == ("failed", 100)
    assert ended["message"] == "2 of 3 sources failed: mute, poor"
    system = (await person.state())["system"]
    assert (system["status"], system["last_sync"]) == ("ERROR", None)
    assert "poor: 401 Unauthorized" in system["message"]


async def test_a_source_that_refuses_is_told_as_it_refused(connect: Connect) -> None:
    good, mute, poor = await three(connect)
    poor.answers["source:collect"] = {"ok": False, "error": {"message": "No network."}}
    mute.answers["source:collect"] = None
    person = await connect()
    run = (await person.done("collection:start", mode="full"))["run"]
    for name, why in (("poor", "It refused: No network."), ("mute", "It refused: null")):
        patch = await changed(person, "sources", name, run_status="failed", message=why)
        assert patch["cause"]["command"] == "server:unheard"
    await good.done("source:finish", run=run, ok=True)
    assert (await person.done("collection:status", {}))["status"] == "failed"


async def test_a_cancelled_collection_takes_no_more(connect: Connect) -> None:
    good, mute, poor = await three(connect)
    person = await connect()
    run = (await person.done("command:run", text="full"))["steps"][0]["data"]["run"]
    await good.done("source:finish", run=run, ok=True)
    await poor.done(*part(1, "a", run=run))
    await person.done("collection:cancel", run=run)
    assert (await poor.refused(*last(2, "b", run=run)))["code"] == "source_fenced"
    assert (await mute.refused("source:finish", run=run, ok=True))["code"] == "source_fenced"
    ended = await person.done("collection:status", {})
    assert ended["status"] == "cancelled"
    assert [share["status"] for share in ended["sources"]] == ["done", "cancelled", "cancelled"]
    assert await titles(person) == []
    system = (await person.state())["system"]
    assert (system["status"], system["last_sync"]) == ("IDLE", None)


async def test_a_source_that_does_not_come_back_after_a_restart_is_offline(
    connect: Connect, server: RunningServer
) -> None:
    for name in ("ics:home", "ics:work"):
        await (await connect(source=name)).done("source:hello", HELLO)
    await server.restart()
    home, wall = await connect(source="ics:home"), await connect()
    await until(lambda: "sources" in str(wall.received("state:patch")), "the server to miss it", 30)
    assert (await source(wall))["status"] == "offline"
    assert (await source(home, "ics:home"))["status"] == "online"

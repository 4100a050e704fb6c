"""The room for items in bytes (hub/room, state/sizes), on real servers with SQLite and PostgreSQL: a source
that takes too much is refused, and nobody else; the figures hold, and name no private source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Serve
from tests.running import PythonClient, RunningServer

pytestmark = pytest.mark.usefixtures("both_logs")

Json = Any
Sit = Callable[..., Coroutine[Any, Any, PythonClient]]

MIB = 1 << 20
TEXT = "x" * 16_000
QUARTER = 17  # items with such a text: a little more than a quarter of a MiB


def items(count: int, prefix: str, text: str = TEXT) -> list[Json]:
    return [
        {"id": f"{prefix}{number}", "title": "Event", "start": "2026-11-23T09:00:00Z", "description": text}
        for number in range(count)
    ]


@pytest.fixture
async def sit() -> AsyncIterator[Sit]:
    """Connects a client to a server."""
    async with AsyncExitStack() as stack:

        async def join(server: RunningServer, **auth: Json) -> PythonClient:
            client = PythonClient(**auth)
            stack.push_async_callback(client.disconnect)
            return await client.connect(server.url)

        yield join


async def shares(server: RunningServer) -> Json:
    return (await server.get("/stats"))[1]["by_source"]


async def test_a_source_beyond_its_bytes_is_refused_and_nobody_else(serve: Serve, sit: Sit) -> None:
    server = await serve("--source-item-mib=1")
    work, home = await sit(server, source="ics:work"), await sit(server, source="ics:home")
    person = await sit(server, rooms=["state"])
    await asyncio.gather(
        *(work.request("calendar:put", items=items(QUARTER, f"{number}-")) for number in range(8))
    )
    held = await shares(server)
    assert held["ics:work"]["items"] == 3 * QUARTER, "three quarters fit, also when all come at once"
    assert 3 * QUARTER * len(TEXT) < held["ics:work"]["bytes"] <= MIB
    error = await work.refused("calendar:put", items=items(QUARTER, "more"))
    assert error["code"] == "too_large"
    used = f"{held['ics:work']['bytes'] / MIB:.2f}"
    assert f"ics:work has {used} MiB of items, and may have 1 MiB (--source-item-mib)" in error["message"]
    assert "Remove some" in error["message"]
    assert await shares(server) == held
    # Others have their own room, and people's decisions on its items are taken.
    await home.done("calendar:put", items=items(3 * QUARTER, "h"))
    for number in range(QUARTER):
        await person.done("calendar:edit", id=f"ics:work/0-{number}", set={"description": "é" * 16_000})
    now = await shares(server)
    assert now["ics:work"]["bytes"] > MIB
    # What does not grow is taken, and so is what makes room.
    await work.done("calendar:put", items=items(QUARTER, "0-", "y" * 100))
    assert (await work.refused("calendar:put", items=items(1, "one")))["code"] == "too_large"
    await work.done("calendar:put", items=items(QUARTER, "z"), mode="replace")
    await work.done("calendar:put", items=items(QUARTER, "more"))
    assert (await shares(server))["ics:work"]["items"] == 2 * QUARTER


async def test_what_people_dropped_comes_back_by_undo_into_a_full_source(serve: Serve, sit: Sit) -> None:
    """By number and by bytes."""
    server = await serve("--source-item-mib=1", f"--source-item-limit={3 * QUARTER}")
    work, person = await sit(server, source="ics:work"), await sit(server)
    await work.done("calendar:put", items=items(3 * QUARTER, "a"))
    before = await shares(server)
    await person.done("command:run", text="drop C1")
    assert (await shares(server))["ics:work"]["items"] == 3 * QUARTER - 1
    await work.done("calendar:put", items=items(1, "b"))
    error = await work.refused("calendar:put", items=items(1, "c"))
    assert f"has {3 * QUARTER} items, and may have {3 * QUARTER} (--source-item-limit)" in error["message"]
    await person.done("command:run", text="undo")
    after = await shares(server)
    assert after["ics:work"]["items"] == before["ics:work"]["items"] + 1
    await person.done("source:forget", source="ics:work")
    assert await shares(server) == {}


async def test_a_batch_in_parts_is_refused_whole(serve: Serve, sit: Sit) -> None:
    server = await serve("--source-item-mib=2")
    work = await sit(server, source="ics:work")
    batches = [items(2 * QUARTER, f"{number}-") for number in range(5)]

    async def put(parts: list[list[Json]], batch: str) -> Json:
        acks = [
            await work.request(
                "calendar:put",
                items=part,
                part={"batch": batch, "number": number, "last": number == len(parts)},
            )
            for number, part in enumerate(parts, 1)
        ]
        return acks[-1]

    assert (await put(batches, "all"))["error"]["code"] == "too_large"
    assert await shares(server) == {}
    assert (await put(batches[:3], "some"))["ok"]
    assert (await shares(server))["ics:work"]["items"] == 6 * QUARTER
    # Of many small ones the rule runs before its turn: what is refused then is refused whole as well.
    many = [items(300, f"s{number}-", "x" * 1_000) for number in range(5)]
    assert (await put(many, "many"))["error"]["code"] == "too_large"
    assert (await shares(server))["ics:work"]["items"] == 6 * QUARTER


async def test_the_board_has_a_most_of_bytes(serve: Serve, sit: Sit) -> None:
    server = await serve("--item-mib=1")
    for name in "abc":
        await (await sit(server, source=name)).done("calendar:put", items=items(QUARTER, name))
    last = await sit(server, source="d")
    error = await last.refused("calendar:put", items=items(QUARTER, "d"))
    assert (error["code"], "may have 1 MiB (--item-mib)" in error["message"]) == ("too_large", True)
    await last.done("calendar:put", items=items(1, "d"))
    person = await sit(server)
    await person.done("calendar:put", items=items(QUARTER, "own"))


async def test_after_a_restart_it_is_all_the_same(serve: Serve, sit: Sit) -> None:
    server = await serve("--source-item-mib=1")
    work = await sit(server, source="ics:work")
    for prefix in "äöü":
        await work.done("calendar:put", items=items(QUARTER, prefix, prefix * 8_000))
    before = await shares(server)
    await server.stop()
    server = await serve("--source-item-mib=1")
    assert await shares(server) == before
    work = await sit(server, source="ics:work")
    assert (await work.refused("calendar:put", items=items(QUARTER, "b")))["code"] == "too_large"


async def test_metrics_tell_what_each_source_has_and_name_none_that_is_private(
    serve: Serve, sit: Sit, tmp_path: Path
) -> None:
    keys = tmp_path / "tokens.json"
    given = {
        name: tokens.add(keys, name, role, source)
        for name, role, source in (
            ("ana", Role.EDITOR, None),
            ("root", Role.ADMIN, None),
            ("w", Role.COLLECTOR, "ics:work"),
            ("h", Role.COLLECTOR, "ics:home"),
        )
    }
    server = await serve(f"--tokens={keys}", "--private=ics:home=ana")
    for name in "wh":
        await (await sit(server, token=given[name])).done("calendar:put", items=items(3, "e"))
    told = {}
    async with aiohttp.ClientSession() as session:
        for path in ("/stats", "/metrics"):
            headers = {"Authorization": f"Bearer {given['root']}"}
            async with session.get(server.http_url + path, headers=headers) as response:
                told[path] = await response.text()
    lines = dict(line.rsplit(" ", 1) for line in told["/metrics"].splitlines() if line[0] != "#")
    ana = await sit(server, token=given["ana"])
    found = (await ana.done("stats:get", {}))["by_source"]
    assert found.keys() == {"ics:work"}
    assert found["ics:work"]["items"] == 3 == float(lines['adjutant_source_items{source="ics:work"}'])
    size_bytes = float(lines['adjutant_source_item_bytes{source="ics:work"}'])
    assert found["ics:work"]["bytes"] == size_bytes > 3 * len(TEXT)
    assert float(lines["adjutant_item_bytes"]) > size_bytes
    assert "ics:home" not in told["/metrics"]
    assert "ics:home" not in orjson.loads(told["/stats"])["by_source"]

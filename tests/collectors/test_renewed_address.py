"""A calendar whose secret address was renewed takes its own place on the board, and no other one does."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from tests.collectors import programs
from tests.collectors.calendars import calendar, event
from tests.running import PythonClient, RunningServer

Json = Any
TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%d}T100000Z"
CALENDARS = {
    "one": calendar(event("a", TOMORROW), event("b", TOMORROW)),
    "renewed": calendar(event("b", TOMORROW), event("c", TOMORROW)),
    "another": calendar(event("x", TOMORROW)),
}


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """A site whose calendars differ in their token alone."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=CALENDARS[request.query["token"]])

    app = web.Application()
    app.router.add_get("/calendar.ics", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/calendar.ics?token="
    await runner.cleanup()


async def run(server: RunningServer, *arguments: object) -> tuple[int, str]:
    return await programs.run("ics", server, "--allow-private", *arguments)


async def shown(board: PythonClient) -> list[tuple[str, str]]:
    items = (await board.state())["calendar"]
    return sorted((item["title"].removeprefix("Title of "), item["code"]) for item in items)


async def test_a_renewed_address_takes_the_place_of_the_old_one(
    server: RunningServer, board: PythonClient, address: str
) -> None:
    assert (await run(server, f"{address}one"))[0] == 0
    assert await shown(board) == [("a", "C1"), ("b", "C2")]
    assert (await run(server, f"{address}renewed"))[0] == 0
    assert await shown(board) == [("b", "C2"), ("c", "C3")]
    [source] = (await board.state())["sources"]
    assert "renewed" not in str(source)


async def test_another_calendar_at_the_same_address_is_refused_until_it_has_a_name(
    server: RunningServer, board: PythonClient, address: str
) -> None:
    await run(server, f"{address}one")
    status, printed = await run(server, f"{address}another")
    assert status == 1
    assert "give it a name of its own" in printed
    assert await shown(board) == [("a", "C1"), ("b", "C2")]
    assert (await run(server, f"{address}another", "--source", "another"))[0] == 0
    assert [title for title, _ in await shown(board)] == ["a", "b", "x"]


async def test_a_source_that_was_called_after_the_whole_address_is_carried_over(
    server: RunningServer, board: PythonClient, address: str
) -> None:
    mark = hashlib.sha256(f"{address}one".encode()).hexdigest()[:6]
    await run(server, f"{address}one", "--source", f"127.0.0.1-{mark}")
    await board.done("calendar:edit", code="C2", set={"title": "Mine"})
    assert (await run(server, f"{address}one"))[0] == 0
    assert await shown(board) == [("Mine", "C2"), ("a", "C1")]
    [source] = (await board.state())["sources"]
    assert mark not in source["id"]

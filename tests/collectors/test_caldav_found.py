"""The calendars are found where the server of an address says that they are (`/.well-known/caldav`): real
Radicale and Xandikos, behind something that has them elsewhere than at its root."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.collectors.calendar_server import Radicale
from tests.collectors.test_caldav import dav, there
from tests.collectors.test_caldav_lost import Between, between, run_between
from tests.collectors.walk import put
from tests.running import PythonClient, RunningServer

__all__ = ["between", "dav"]
ASKED = "/.well-known/caldav"


def elsewhere(between: Between, location: str) -> list[str | None]:
    """Nothing is at the root, and the well-known address leads there; the passwords that it was sent."""
    said = list[str | None]()

    def answer(request: web.Request, body: bytes) -> web.Response | None:
        if request.path == ASKED:
            said.append(request.headers.get("Authorization"))
            return web.Response(status=301, headers={"Location": location})
        return web.Response(status=404, text="nothing here") if request.path == "/" else None

    between.answer = answer
    return said


async def test_they_are_where_the_server_says(
    server: RunningServer, board: PythonClient, dav: Radicale, between: Between, secret: Path
) -> None:
    await put(dav, "work/1.ics", "e1")
    said = elsewhere(between, urlsplit(dav.home).path.replace("calendars/", ""))
    status, printed = await run_between(server, between, secret)
    assert status == 0, printed
    assert await there(board) == ["e1"]
    assert said == [None]  # it is asked without the password


@pytest.mark.parametrize(
    "location", ["http://localhost:1/ana/", "http://ana@127.0.0.1:1/", "ftp://127.0.0.1/"]
)
async def test_the_password_goes_to_no_other_host(
    server: RunningServer, board: PythonClient, dav: Radicale, between: Between, secret: Path, location: str
) -> None:
    said = elsewhere(between, location)
    status, printed = await run_between(server, between, secret)
    assert (status, "no calendars at this address" in printed) == (1, True), printed
    assert said == [None]

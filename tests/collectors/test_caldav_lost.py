"""Servers of calendars that lose their sync-tokens, refuse them, or have an event twice: real Radicale and
Xandikos, with something in between that answers as other servers do."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.collectors import programs
from tests.collectors.calendar_server import USER, Radicale
from tests.collectors.test_caldav import dav, run, there
from tests.collectors.walk import put
from tests.running import PythonClient, RunningServer

__all__ = ["dav"]
_RESPONSES = re.compile(rb"<(\w+:)?response>.*</(\w+:)?response>", re.DOTALL)
Answer = Callable[[web.Request, bytes], web.Response | None]


class Between:
    """Hands on what is asked, unless `answer` has an answer; with `double` each part of an answer is there
    twice."""

    def __init__(self, upstream: Radicale) -> None:
        self.upstream, self.url = upstream, ""
        self.answer: Answer = _no_answer
        self.double, self.doubled = False, 0

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        if (said := self.answer(request, body)) is not None:
            return said
        where = self.upstream.url.rstrip("/") + request.raw_path
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, where, data=body, headers=headers, allow_redirects=False) as got,
        ):
            data = await got.read()
            kept = {"content-type", "etag", "dav", "location", "www-authenticate"}
            headers = {name: value for name, value in got.headers.items() if name.lower() in kept}
            return web.Response(status=got.status, headers=headers, body=self._doubled(data))

    def _doubled(self, data: bytes) -> bytes:
        """Each part of an answer twice."""
        found = _RESPONSES.search(data) if self.double else None
        if found is None:
            return data
        self.doubled += 1
        return data[: found.end()] + found[0] + data[found.end() :]


def _no_answer(request: web.Request, body: bytes) -> web.Response | None:
    return None


@pytest.fixture
async def between(dav: Radicale) -> AsyncIterator[Between]:
    await dav.ask("MKCALENDAR", "work/")
    one = Between(dav)
    await one.start()
    yield one
    await one.stop()


async def run_between(server: RunningServer, between: Between, secret: Path) -> tuple[int, str]:
    return await programs.run("caldav", server, between.url, USER, "--password-file", secret)


def is_by_token(request: web.Request, body: bytes) -> bool:
    return request.method == "REPORT" and b"sync-collection" in body and b"sync-token>" in body


def refusing(status: int, text: str, *, also_first: bool = False) -> Answer:
    """Answers so to reports by a token, or to all."""

    def answer(request: web.Request, body: bytes) -> web.Response | None:
        asks = request.method == "REPORT" and b"sync-collection" in body
        if asks and (also_first or is_by_token(request, body)):
            return web.Response(status=status, text=text, content_type="application/xml")
        return None

    return answer


EXPIRED = '<error xmlns="DAV:"><valid-sync-token/></error>'
LIMIT = '<error xmlns="DAV:"><number-of-matches-within-limits/></error>'
REFUSALS = {
    "403": refusing(403, EXPIRED),
    "403, without a word": refusing(403, ""),
    "409": refusing(409, EXPIRED),
    "412": refusing(412, EXPIRED),
    "410": refusing(410, ""),
    "400": refusing(400, "<html>no"),
    "500": refusing(500, "<html>no"),
    "501": refusing(501, "", also_first=True),
    "507": refusing(507, LIMIT),
    "507, always": refusing(507, LIMIT, also_first=True),
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_token_that_is_refused_costs_a_comparison_and_nothing_else(
    server: RunningServer, board: PythonClient, dav: Radicale, between: Between, secret: Path, refusal: str
) -> None:
    for number in range(4):
        await put(dav, f"work/{number}.ics", f"e{number}")
    assert (await run_between(server, between, secret))[0] == 0
    codes = {item["title"]: item["code"] for item in (await board.state())["calendar"]}
    await board.done("calendar:edit", code=codes["Title of e1"], set={"title": "Mine"})
    await board.done("calendar:drop", codes=[codes["Title of e2"]])
    between.answer = REFUSALS[refusal]
    await dav.ask("DELETE", "work/0.ics")
    await put(dav, "work/1.ics", "e1", "SEQUENCE:1", "LOCATION:Room 1")
    await put(dav, "work/5.ics", "e5")
    for _ in range(2):
        status, printed = await run_between(server, between, secret)
        assert status == 0, printed
        assert await there(board) == ["Mine", "e3", "e5"]
    between.answer = _no_answer
    await dav.ask("DELETE", "work/3.ics")
    assert (await run_between(server, between, secret))[0] == 0
    found = {item["title"]: item for item in (await board.state())["calendar"]}
    assert sorted(found) == ["Mine", "Title of e5"]
    assert (found["Mine"]["code"], found["Mine"]["location"]) == (codes["Title of e1"], "Room 1")


async def test_a_server_that_has_lost_its_tokens_is_compared_with(
    server: RunningServer, board: PythonClient, secret: Path, tmp_path: Path
) -> None:
    radicale = Radicale(tmp_path / "dav")
    await radicale.start()
    await radicale.ask("MKCALENDAR", "work/")
    for number in range(3):
        await put(radicale, f"work/{number}.ics", f"e{number}")
    assert (await run(server, radicale, secret))[0] == 0
    await radicale.stop()
    stores = [path for path in (radicale.folder / "storage").rglob(".Radicale.cache") if path.is_dir()]
    assert stores
    for store in stores:
        shutil.rmtree(store)
    await radicale.start()
    await radicale.ask("DELETE", "work/0.ics")
    await put(radicale, "work/3.ics", "e3")
    status, printed = await run(server, radicale, secret)
    assert status == 0, printed
    assert await there(board) == ["e1", "e2", "e3"]
    await radicale.stop()


async def test_an_event_that_is_there_twice_is_on_the_board_once(
    server: RunningServer, board: PythonClient, dav: Radicale, between: Between, secret: Path
) -> None:
    await dav.ask("MKCALENDAR", "home/")
    await put(dav, "work/1.ics", "both")
    await put(dav, "home/other.ics", "both", "SEQUENCE:2", "LOCATION:Room 2")
    await put(dav, "work/2.ics", "alone")
    between.double = True
    status, printed = await run_between(server, between, secret)
    assert status == 0, printed
    assert between.doubled > 2
    assert await there(board) == ["alone", "both"]
    codes = {
        item["title"]: (item["code"], item.get("location")) for item in (await board.state())["calendar"]
    }
    assert codes["Title of both"][1] == "Room 2"  # the newer one
    await dav.ask("DELETE", "home/other.ics")
    assert (await run_between(server, between, secret))[0] == 0
    assert await there(board) == ["alone", "both"]
    after = {
        item["title"]: (item["code"], item.get("location")) for item in (await board.state())["calendar"]
    }
    assert after["Title of both"] == (codes["Title of both"][0], None)

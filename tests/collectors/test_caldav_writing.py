"""What is decided on the board is written to a calendar account: against real Radicale and Xandikos."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.collectors import programs
from tests.collectors.calendar_server import PASSWORD, USER, Radicale, Xandikos
from tests.collectors.calendars import calendar, event
from tests.conftest import Connect
from tests.running import PythonClient, RunningServer

TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%d}T100000Z"
ATTENDEE = "ATTENDEE;CN=Ana;PARTSTAT=NEEDS-ACTION:mailto:ana@example.org"


@pytest.fixture(params=[Radicale, Xandikos])
async def dav(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Radicale]:
    server: Radicale = request.param(tmp_path / "dav")
    await server.start()
    await server.ask("MKCALENDAR", "work/")
    yield server
    await server.stop()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.touch(0o600)
    path.write_text(PASSWORD)
    return path


@pytest.fixture
async def board(connect: Connect) -> PythonClient:
    return await connect(client="wall")


async def run(server: RunningServer, dav: Radicale, secret: Path, *more: object) -> tuple[int, str]:
    where = (dav.url, USER, "--password-file", secret, "--me", "ana@example.org")
    return await programs.run("caldav", server, *where, *more)


async def put(dav: Radicale, *lines: str) -> None:
    to_do = ("BEGIN:VTODO", "UID:bread", "DTSTAMP:20260101T000000Z", *lines, "END:VTODO")
    await dav.ask("PUT", "work/bread.ics", calendar("\n".join(to_do)))


async def upstream(dav: Radicale, name: str) -> str:
    said = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {said}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{dav.home}work/{name}.ics", headers=headers) as response,
    ):
        assert response.status == 200
        return (await response.text()).replace("\r\n ", "").replace("\r\n", "\n")


async def to_do(board: PythonClient) -> Any:
    [item] = (await board.state())["priorities"]
    return item


async def test_to_dos_are_done_renamed_and_moved_in_the_account(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    await put(
        dav, "SUMMARY:Buy bread", "X-MINE:kept", "DTSTART;VALUE=DATE:20260101", "DUE;VALUE=DATE:21990101"
    )
    assert (await run(server, dav, secret))[0] == 0
    code = (await to_do(board))["code"]
    await board.done("priorities:edit", code=code, set={"title": "Buy rye bread", "due_date": "2199-02-03"})
    await board.done("priorities:complete", code=code)
    before = await upstream(dav, "bread")
    assert (await run(server, dav, secret))[0] == 0
    assert await upstream(dav, "bread") == before  # without --write nothing is changed
    status, printed = await run(server, dav, secret, "--write")
    assert status == 0, printed
    after = await upstream(dav, "bread")
    for line in ("SUMMARY:Buy rye bread", "DUE;VALUE=DATE:21990203", "STATUS:COMPLETED", "X-MINE:kept"):
        assert f"\n{line}\n" in after
    await board.done("priorities:reopen", code=code)
    assert (await run(server, dav, secret, "--write"))[0] == 0
    again = await upstream(dav, "bread")
    assert "STATUS:NEEDS-ACTION" in again
    assert "COMPLETED:" not in again
    assert (await to_do(board))["title"] == "Buy rye bread"
    assert (await run(server, dav, secret, "--write"))[0] == 0
    assert await upstream(dav, "bread") == again  # nothing is written twice


async def test_if_both_have_changed_the_account_counts_and_it_is_said(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    await put(dav, "SUMMARY:Buy bread")
    await run(server, dav, secret)
    code = (await to_do(board))["code"]
    await board.done("priorities:edit", code=code, set={"title": "Mine"})
    await put(dav, "SUMMARY:Theirs", "SEQUENCE:2")
    _, printed = await run(server, dav, secret, "--write")
    assert "changed here and in the account: what is there counts" in printed
    for _ in range(2):
        assert "SUMMARY:Theirs" in await upstream(dav, "bread")
        await run(server, dav, secret, "--write")
    await board.done("priorities:edit", code=code, set={"title": "Mine after all"})
    assert (await run(server, dav, secret, "--write"))[0] == 0
    assert "SUMMARY:Mine after all" in await upstream(dav, "bread")


async def test_an_invitation_is_answered_in_the_account(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    organizer = "ORGANIZER:mailto:bo@example.org"
    other = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@example.org"
    await dav.ask("PUT", "work/meeting.ics", calendar(event("meeting", TOMORROW, organizer, ATTENDEE, other)))
    await dav.ask("PUT", "work/alone.ics", calendar(event("alone", TOMORROW)))
    assert (await run(server, dav, secret, "--write"))[0] == 0
    items = {item["title"]: item for item in (await board.state())["calendar"]}
    await board.done("calendar:edit", code=items["Title of meeting"]["code"], set={"answer": "declined"})
    status, printed = await run(server, dav, secret, "--write")
    assert status == 0, printed
    after = await upstream(dav, "meeting")
    [mine] = [line for line in after.split("\n") if "ana@example.org" in line]
    assert "PARTSTAT=DECLINED" in mine
    assert "PARTSTAT=ACCEPTED" in next(
        line for line in after.split("\n") if line.startswith("ATTENDEE") and "bo@" in line
    )
    assert "SEQUENCE" not in after

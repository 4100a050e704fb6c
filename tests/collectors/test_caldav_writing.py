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
from tests.collectors.calendar_server import USER, Radicale, Xandikos
from tests.collectors.calendars import calendar, event
from tests.collectors.programs import PASSWORD
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
    said = "“Mine” was changed in the calendar meanwhile: the calendar's version stays (title)"
    for _ in range(2):  # for as long as the two differ
        assert (await run(server, dav, secret, "--write"))[0] == 1
        [source] = (await board.state())["sources"]
        assert (source["status"], source["message"]) == ("online", said)
        assert "SUMMARY:Theirs" in await upstream(dav, "bread")
    await board.done("priorities:edit", code=code, set={"title": "Mine after all"})
    assert (await run(server, dav, secret, "--write"))[0] == 0
    assert "SUMMARY:Mine after all" in await upstream(dav, "bread")
    await board.done("priorities:edit", code=code, set={"title": "Mine"})
    assert (await run(server, dav, secret, "--write"))[0] == 0  # what was lost once is another decision now
    assert "SUMMARY:Mine" in await upstream(dav, "bread")


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


ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE"""


def series(uid: str, *times: str) -> bytes:
    lines = ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{uid}", *times)
    return calendar(ZONE, "\n".join((*lines, "RRULE:FREQ=DAILY;COUNT=5", ATTENDEE, "END:VEVENT")))


def day(ahead: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=ahead):%Y%m%d}"


async def occurrences(board: PythonClient, uid: str) -> list[Any]:
    items = [item for item in (await board.state())["calendar"] if item["title"] == uid]
    return sorted(items, key=lambda item: item["start"])


FORMS = {
    "zone": (
        "DTSTART;TZID=Europe/Berlin:{0}T100000 DTEND;TZID=Europe/Berlin:{0}T113000",
        "RECURRENCE-ID;TZID=Europe/Berlin:{0}T100000 DTEND;TZID=Europe/Berlin:{0}T113000",
    ),
    "utc": ("DTSTART:{0}T100000Z DURATION:PT1H", "RECURRENCE-ID:{0}T100000Z DURATION:PT1H"),
    "floating": ("DTSTART:{0}T100000", "RECURRENCE-ID:{0}T100000 DTSTART:{0}T100000"),
    "day": (
        "DTSTART;VALUE=DATE:{0} DTEND;VALUE=DATE:{1}",
        "RECURRENCE-ID;VALUE=DATE:{0} DTEND;VALUE=DATE:{1}",
    ),
}


async def test_one_occurrence_is_answered_alone(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    for uid, (times, _) in FORMS.items():
        await dav.ask("PUT", f"work/{uid}.ics", series(uid, *times.format(day(1), day(2)).split()))
    assert (await run(server, dav, secret, "--write"))[0] == 0
    expected = ["needs_action"] * 5
    for number, answer, components in ((2, "declined", 2), (2, "accepted", 2), (0, "tentative", 3)):
        for uid in FORMS:
            code = (await occurrences(board, uid))[number]["code"]
            await board.done("calendar:edit", code=code, set={"answer": answer})
        status, printed = await run(server, dav, secret, "--write")
        assert status == 0, printed
        expected[number] = answer
        for uid, (_, stated) in FORMS.items():
            after = await upstream(dav, uid)
            assert [one["answer"] for one in await occurrences(board, uid)] == expected
            assert after.count("BEGIN:VEVENT") == components
            for line in (*stated.format(day(3), day(4)).split(), "RRULE:FREQ=DAILY;COUNT=5"):
                assert f"\n{line}\n" in after
    written = [await upstream(dav, uid) for uid in FORMS]
    assert (await run(server, dav, secret, "--write"))[0] == 0
    assert [await upstream(dav, uid) for uid in FORMS] == written  # nothing is written twice


async def test_an_occurrence_that_cannot_be_changed_alone_is_not_written(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    later = ("BEGIN:VEVENT", "UID:daily", "DTSTAMP:20260101T000000Z", "SUMMARY:Later", ATTENDEE)
    since = (f"RECURRENCE-ID;RANGE=THISANDFUTURE:{day(2)}T100000Z", f"DTSTART:{day(2)}T110000Z", "END:VEVENT")
    data = series("daily", f"DTSTART:{day(1)}T100000Z").replace(
        b"END:VCALENDAR", "\r\n".join((*later, *since, "END:VCALENDAR")).encode()
    )
    await dav.ask("PUT", "work/daily.ics", data)
    assert (await run(server, dav, secret))[0] == 0
    before = await upstream(dav, "daily")
    items = sorted((await board.state())["calendar"], key=lambda item: item["start"])
    await board.done("calendar:edit", code=items[1]["code"], set={"answer": "declined"})
    status, printed = await run(server, dav, secret, "--write")
    said = "“Later” is not written to the calendar: it cannot be changed without the other occurrences"
    assert (status, said in printed) == (1, True), printed
    assert await upstream(dav, "daily") == before

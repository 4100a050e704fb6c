"""What has not changed is neither read again nor sent: calendars by address or file, and a mailbox's
invitations."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NoReturn

import pytest

from collectors.ics.__main__ import PROGRAM as ICS
from collectors.imap.__main__ import PROGRAM as IMAP
from collectors.report import Report
from collectors.running import Job, Terms, run_once
from tests.collectors.calendars import calendar, event
from tests.collectors.mail_server import NEEDS_DOVECOT, MailServer
from tests.collectors.programs import PASSWORD
from tests.collectors.test_imap import TOMORROW, arguments, mail
from tests.running import PythonClient, RunningServer


async def titles(board: PythonClient) -> list[str]:
    return sorted(one["title"].removeprefix("Title of ") for one in (await board.state())["calendar"])


def counts(report: Report) -> dict[str, int]:
    assert report.exit_status == 0, [*report.lines()]
    return {name: number for name, number in report.board["calendar"].items() if number}


async def no_reading(*_: Any) -> NoReturn:
    raise AssertionError("it was read again")


async def test_a_calendar_that_is_as_before_is_not_read_again(
    server: RunningServer, board: PythonClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "work.ics"
    file.write_bytes(calendar(event("one", TOMORROW), event("two", TOMORROW, "DTEND:19990101T000000Z")))
    job = ICS.job_of([str(file)])

    async def run() -> Report:
        return await run_once(job, Terms(server.url))

    first = await run()
    assert counts(first) == {"added": 2}
    with monkeypatch.context() as patch:
        patch.setattr("collectors.ics.__main__.read_confined", no_reading)
        for _ in range(2):
            again = await run()
            assert counts(again) == {"unchanged": 2}
            assert (again.findings, again.counts) == (first.findings, first.counts)
    await board.done("source:forget", source=job.source)
    assert counts(await run()) == {"added": 2}  # a board that lost them is told all of it
    file.write_bytes(calendar(event("two", TOMORROW)))
    assert counts(await run())["removed"] == 1
    assert await titles(board) == ["two"]
    monkeypatch.setattr("collectors.ics.__main__.time.time", lambda: float("inf"))
    monkeypatch.setattr("collectors.ics.__main__.read_confined", no_reading)
    assert "it was read again" in (await run()).failed  # time has passed that it depends on


@NEEDS_DOVECOT
async def test_invitations_that_are_as_before_are_not_read_again(
    server: RunningServer,
    board: PythonClient,
    mails: MailServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box, secret = mails.box(), tmp_path / "password"
    secret.touch(0o600)
    secret.write_text(PASSWORD)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    job: Job = IMAP.job_of([*map(str, arguments(mails, secret))])

    async def run() -> Report:
        return await run_once(job, Terms(server.url))

    def invite(uid: str, number: int, text: str = "") -> bytes:
        ics = text or calendar(event(uid, TOMORROW), properties="METHOD:REQUEST").decode()
        return mail(number, ics, "Content-Type: text/calendar; method=REQUEST; charset=utf-8")

    for number in range(3):
        await asyncio.to_thread(box.append, "INBOX", invite(f"e{number}", number))
    await asyncio.to_thread(box.append, "INBOX", invite("", 7, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND"))
    assert counts(await run()) == {"added": 3}
    with monkeypatch.context() as patch:
        patch.setattr("collectors.ics.keeping.read_parts", no_reading)
        assert counts(await run()) == {"unchanged": 3}
    await asyncio.to_thread(box.append, "INBOX", invite("e9", 9))
    assert counts(await run()) == {"added": 1, "unchanged": 3}
    box.select_folder("INBOX")
    box.delete_messages(box.search(["SUBJECT", "Mail 1"]))
    box.expunge()
    assert counts(await run()) == {"unchanged": 3, "removed": 1}  # although one cannot be read
    assert await titles(board) == ["e0", "e2", "e9"]
    await board.done("source:forget", source=job.source)
    assert counts(await run())["added"] == 3

"""A mailbox by IMAP, against a real Dovecot and a real board: what is there is on the board, and nothing
else."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from tests.collectors import programs
from tests.collectors.calendars import calendar, event
from tests.collectors.mail_samples import message
from tests.collectors.mail_server import NEEDS_DOVECOT, USER, MailServer, token
from tests.collectors.person import Person
from tests.collectors.programs import PASSWORD
from tests.collectors.trouble import Trouble, well
from tests.conftest import Connect
from tests.examples import seeds
from tests.running import WAIT_S, PythonClient, RunningServer, until

pytestmark = NEEDS_DOVECOT

NOW = datetime.now(UTC).replace(microsecond=0)
TOMORROW = f"{NOW + timedelta(days=1):%Y%m%d}T100000Z"


def mail(number: int, body: str = "Hello", *headers: str) -> bytes:
    date = f"Date: {format_datetime(NOW - timedelta(hours=1))}"
    head = ("From: Bo Berg <bo@example.org>", f"To: Ana <{USER}>", f"Subject: Mail {number}", date)
    return message(*head, *headers, body=body, id=f"{number}@x").replace(b"\n", b"\r\n")


def arguments(mails: MailServer, secret: Path, *more: object) -> tuple[object, ...]:
    where = ("--host", "127.0.0.1", "--port", mails.port, "--security", "none", "--me", USER)
    return (USER, *where, "--password-file", secret, *more)


async def run(server: RunningServer, mails: MailServer, secret: Path, *more: object) -> tuple[int, str]:
    return await programs.run("imap", server, *arguments(mails, secret, *more))


async def there(board: PythonClient) -> list[str]:
    """The records of the mailbox, by their subjects."""
    found: list[str] = []
    while True:
        answer = await board.done("search:query", query="source:imap", limit=50, offset=len(found))
        found += [hit["title"] for hit in answer["hits"]]
        if not answer["hits"]:
            return sorted(found)


async def test_what_is_in_the_mailbox_is_on_the_board(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    box = mails.box()
    first = mail(1, "TODO: fix the build\n\nCould you send the numbers by 2199-01-02?")
    box.append("INBOX", first)
    box.append("INBOX", mail(2), flags=[b"\\Deleted"])
    box.append("Trash", mail(3))
    box.append("Junk", mail(4))
    box.create_folder("Projekte/Größe")
    box.append("Projekte/Größe", mail(5))
    box.append("Projekte/Größe", first)
    status, printed = await run(server, mails, secret)
    assert status == 0, printed
    assert await there(board) == ["Mail 1", "Mail 5"]
    [todo] = (await board.state())["priorities"]
    [proposal] = (await board.state())["proposals"]
    assert todo["title"] == "fix the build"
    assert proposal["line"] == "add owe Bo Berg: send the numbers by 2199-01-02"
    box.select_folder("INBOX")
    box.delete_messages(box.search("ALL"))
    box.expunge()
    assert (await run(server, mails, secret))[0] == 0
    assert await there(board) == ["Mail 1", "Mail 5"]  # there is another copy
    box.rename_folder("Projekte/Größe", "Anders")
    assert (await run(server, mails, secret))[0] == 0
    assert await there(board) == ["Mail 1", "Mail 5"]
    box.delete_folder("Anders")
    assert (await run(server, mails, secret))[0] == 0
    assert await there(board) == []
    assert (await board.state())["priorities"] == (await board.state())["proposals"] == []


async def test_invitations_are_on_the_calendar_until_they_are_cancelled(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    box = mails.box()

    def invitation(number: int, method: str, *more: str) -> bytes:
        ics = calendar(event("meeting", TOMORROW, *more), properties=f"METHOD:{method}").decode()
        return mail(number, ics, f"Content-Type: text/calendar; method={method}; charset=utf-8")

    box.append("INBOX", invitation(1, "REQUEST"))
    status, printed = await run(server, mails, secret)
    assert status == 0, printed
    [one] = (await board.state())["calendar"]
    assert one["title"] == "Title of meeting"
    box.append("INBOX", invitation(2, "CANCEL", "SEQUENCE:1", "STATUS:CANCELLED"))
    await run(server, mails, secret)
    [one] = (await board.state())["calendar"]
    assert one["status"] == "cancelled"
    box.select_folder("INBOX")
    box.delete_messages(box.search("ALL"))
    box.expunge()
    await run(server, mails, secret)
    assert (await board.state())["calendar"] == []


async def test_a_new_mail_is_on_the_board_at_once(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    box = mails.box()
    collector = await programs.start("imap", server, *arguments(mails, secret, "--watch", "--every", 60))
    await ended_run(board)
    for number in range(1, 4):
        box.append("INBOX", mail(number, f"TODO: thing {number}"))
        await priorities(board, number)
    box.select_folder("INBOX")
    box.delete_messages(box.search("ALL")[:1])
    box.expunge()
    await priorities(board, 2)
    collector.terminate()
    await collector.communicate()


async def test_a_mailbox_that_is_lost_is_told_and_so_is_its_return(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    box = mails.box()
    box.append("INBOX", mail(1, "TODO: thing 1"))
    collector = await programs.start("imap", server, *arguments(mails, secret, "--watch", "--every", 60))
    await priorities(board, 1)
    await ended_run(board)
    await mails.stop()
    why = "127.0.0.1 cannot be reached: refused: nothing is listening there"
    await sooner_or_later(board, lambda state: state["sources"][0]["message"] == why)
    state = await board.state()
    assert state["sources"][0]["status"] == "error"
    assert state["sources"][0]["last_push_at"]  # since when
    assert len(state["priorities"]) == 1
    await mails.start()
    await sooner_or_later(board, lambda state: state["sources"][0]["status"] == "online")
    mails.box().append("INBOX", mail(2, "TODO: thing 2"))
    await priorities(board, 2)
    collector.terminate()
    await collector.communicate()


async def test_a_collector_that_stays_tries_a_wrong_password_once(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    """Neither does its listening to new mail, nor another start of it."""
    secret.write_text("wrong")
    for number in range(3):
        watching = ("--watch", "--every", 1)
        collector = await programs.start("imap", server, *arguments(mails, secret, *watching))
        runs = 5 * (number + 1)
        await sooner_or_later(board, has_begun(runs))
        collector.terminate()
        await collector.communicate()
    log = (mails.folder / "dovecot.log").read_text()
    assert log.count("auth failed") == 1, log


async def test_a_server_without_idle_and_condstore_is_asked(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    """New mails, deleted ones and those of other folders are found by comparing."""
    without = "imap_capability = IMAP4rev1 SASL-IR LITERAL+ UIDPLUS NAMESPACE\n"
    mails.configuration = (mails.folder / "dovecot.conf").read_text() + without
    await mails.stop()
    await mails.start()
    box = mails.box()
    assert not box.has_capability("IDLE")
    assert not box.has_capability("CONDSTORE")
    box.append("INBOX", mail(1, "TODO: thing 1"))
    collector = await programs.start("imap", server, *arguments(mails, secret, "--watch", "--every", 0.1))
    await priorities(board, 1)
    box.append("INBOX", mail(2, "TODO: thing 2"))
    box.create_folder("Other")
    box.append("Other", mail(3, "TODO: thing 3"))
    await priorities(board, 3)
    box.select_folder("INBOX")
    box.delete_messages(box.search("ALL"))
    box.expunge()
    await priorities(board, 1)
    collector.terminate()
    await collector.communicate()


def has_begun(run: int) -> Callable[[Any], bool]:
    """That a source has come to this run."""
    return lambda state: any(source["run"] >= run for source in state["sources"])


async def ended_run(board: PythonClient) -> None:
    """Returns when a run of the mailbox has ended well."""
    await sooner_or_later(board, lambda state: any(source["last_hash"] for source in state["sources"]))


async def priorities(board: PythonClient, number: int) -> None:
    """Returns when there are so many."""
    await sooner_or_later(board, lambda state: len(state["priorities"]) == number)


async def sooner_or_later(board: PythonClient, is_so: Callable[[Any], bool]) -> None:
    """Returns when the state is so."""
    async with asyncio.timeout(WAIT_S):
        while True:
            if is_so(await board.state()):
                return
            await asyncio.sleep(0.02)


async def test_a_wrong_password_is_tried_once_and_a_new_one_counts(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    secret.write_text("wrong")
    for _ in range(5):
        status, printed = await run(server, mails, secret)
        assert status == 1
        assert "does not take the name or the password" in printed
    log = (mails.folder / "dovecot.log").read_text()
    assert log.count("auth failed") == 1, log
    [source] = (await board.state())["sources"]
    assert "tried again at" in source["message"]
    mails.box().append("INBOX", mail(1))
    secret.write_text("another wrong one")
    for _ in range(2):
        assert (await run(server, mails, secret))[0] == 1
    await until(lambda: (mails.folder / "dovecot.log").read_text().count("auth failed") == 2, "the log")
    secret.write_text(PASSWORD)
    assert (await run(server, mails, secret))[0] == 0
    assert await there(board) == ["Mail 1"]


async def test_an_access_token_lets_in(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    mails.box().append("INBOX", mail(1))
    secret.write_text(token())
    assert (await run(server, mails, secret, "--oauth2"))[0] == 0
    assert await there(board) == ["Mail 1"]
    secret.write_text(token(exp=1))
    _, printed = await run(server, mails, secret, "--oauth2")
    assert "it may have expired" in printed


@pytest.mark.parametrize("seed", seeds(1))
async def test_random_changes_and_kills_leave_the_board_as_the_mailbox_is(
    server: RunningServer,
    board: PythonClient,
    connect: Connect,
    mails: MailServer,
    secret: Path,
    seed: int,
) -> None:
    chance, numbers = random.Random(seed), iter(range(1_000))
    person = Person(board, "priorities", chance)
    trouble = Trouble(server, mails, person, connect, chance)
    box = mails.box()
    folders = ["INBOX", "one", "two"]
    for name in folders[1:]:
        box.create_folder(name)
    for _ in range(8):
        _change(box, folders, chance, numbers)
        await trouble.run("imap", arguments(mails, secret), longest_s=1.5)
        box = mails.box()
        await person.decide()
    await well("imap", server, arguments(mails, secret))
    assert await there(person.board) == sorted(_subjects(box, folders))
    await person.check(f"do {name}" for name in _subjects(box, folders))


def _change(box: IMAPClient, folders: list[str], chance: random.Random, numbers: Any) -> None:
    for _ in range(30):
        number = next(numbers)
        box.append(chance.choice(folders), mail(number, f"TODO: do Mail {number}"))
    for name in folders:
        box.select_folder(name)
        uids = box.search("ALL")
        for uid in chance.sample(uids, min(len(uids), 4)):
            match chance.randrange(3):
                case 0:
                    box.delete_messages([uid])
                case 1:
                    box.move([uid], chance.choice([one for one in folders if one != name]))
                case _:
                    box.copy([uid], chance.choice(folders))
        box.expunge()
    if chance.random() < 0.3:  # made anew, it has another UIDVALIDITY
        box.unselect_folder()
        name = chance.choice(folders[1:])
        box.delete_folder(name)
        box.create_folder(name)


def _subjects(box: IMAPClient, folders: list[str]) -> set[str]:
    found = set()
    for name in folders:
        box.select_folder(name, readonly=True)
        for one in box.fetch(box.search("UNDELETED"), ["ENVELOPE"]).values():
            found.add(one[b"ENVELOPE"].subject.decode())
    return found


async def test_the_password_is_nowhere(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path, tmp_path: Path
) -> None:
    mails.box().append("INBOX", mail(1))
    collector = await programs.start("imap", server, *arguments(mails, secret, "--watch", "--json"))
    await ended_run(board)
    seen = Path(f"/proc/{collector.pid}/cmdline").read_bytes()
    collector.terminate()
    out, err = await collector.communicate()
    mails_log = (mails.folder / "dovecot.log").read_bytes()
    await mails.stop()
    _, printed = await run(server, mails, secret)
    seen += (
        out + err + printed.encode() + mails_log + str(await board.state()).encode() + server.log().encode()
    )
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path != secret]
    assert any(path.name.endswith(".known") for path in files)
    seen += b"".join(path.read_bytes() for path in files)
    assert PASSWORD.encode() not in seen
    assert PASSWORD[:10].encode() not in seen


async def test_what_is_wrong_is_said(server: RunningServer, tmp_path: Path, secret: Path) -> None:
    nothing = (USER, "--host", "127.0.0.1", "--port", "1", "--password-file", secret)
    _, printed = await programs.run("imap", server, *nothing)
    assert "127.0.0.1 cannot be reached: refused: nothing is listening there" in printed
    secret.chmod(0o644)
    assert "chmod 600" in (await programs.run("imap", server, *nothing))[1]
    away = (USER, "--security", "none", "--password-file", secret)
    secret.chmod(0o600)
    assert "could be read on the way" in (await programs.run("imap", server, *away))[1]
    assert "--host" in (await programs.run("imap", server, "ana"))[1]

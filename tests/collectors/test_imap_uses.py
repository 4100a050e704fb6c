"""Folders are chosen by what they are for, as the server tells it, however they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.collectors.mail_server import NEEDS_DOVECOT, MailServer
from tests.collectors.test_imap import mail, run, there
from tests.running import PythonClient, RunningServer

pytestmark = NEEDS_DOVECOT


@pytest.fixture
async def filled(mails: MailServer) -> MailServer:
    """A mail in each folder; of these the server tells what they are for."""
    box = mails.box()
    for name in ("Gesendet", "Ablage", "Entwürfe", "Other"):
        box.create_folder(name)
    for number, name in enumerate(("INBOX", "Gesendet", "Ablage", "Entwürfe", "Other", "Trash", "Junk")):
        box.append(name, mail(number))
    return mails


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), [0, 1, 2, 4]),
        (("--folder", "\\Sent"), [1]),
        (("--folder", "\\sent", "--folder", "\\Archive", "--folder", "Oth*"), [1, 2, 4]),
        (("--exclude", "\\Sent"), [0, 2, 4]),
        (("--folder", "\\Drafts"), [3]),
        (("--folder", "\\Trash", "--folder", "\\Junk"), [5, 6]),
        (("--folder", "Trash"), [5]),
        (("--folder", "*", "--exclude", "\\Junk", "--exclude", "\\Trash"), [0, 1, 2, 3, 4]),
    ],
)
async def test_folders_are_chosen_by_name_or_use(
    server: RunningServer,
    board: PythonClient,
    filled: MailServer,
    secret: Path,
    words: tuple[str, ...],
    wanted: list[int],
) -> None:
    status, printed = await run(server, filled, secret, *words)
    assert status == 0, printed
    assert await there(board) == [f"Mail {number}" for number in wanted]


async def test_a_folder_that_is_renamed_and_made_anew_is_still_found_by_its_use(
    server: RunningServer, board: PythonClient, filled: MailServer, secret: Path
) -> None:
    words = ("--folder", "\\Sent")
    assert (await run(server, filled, secret, *words))[0] == 0
    box = filled.box()
    box.rename_folder("Gesendet", "Gesendet 2025")
    box.create_folder("Gesendet")  # with another UIDVALIDITY
    box.append("Gesendet", mail(10))
    status, printed = await run(server, filled, secret, *words)
    assert status == 0, printed
    assert await there(board) == ["Mail 10"]


async def test_a_use_that_the_server_does_not_tell_takes_nothing_away(
    server: RunningServer, board: PythonClient, filled: MailServer, secret: Path
) -> None:
    assert (await run(server, filled, secret, "--folder", "\\Sent"))[0] == 0
    configuration = filled.folder / "dovecot.conf"
    await filled.stop()
    text = configuration.read_text()
    filled.configuration = text.replace("special_use = \\Sent", "")
    await filled.start()
    why = "\\Sent: the server says of no folder that it is this: give the folder's name in its place"
    status, printed = await run(server, filled, secret, "--folder", "\\Sent")
    assert (status, why in printed) == (1, True), printed
    assert await there(board) == ["Mail 1"]
    assert why in (await board.state())["sources"][0]["message"]
    filled.box().delete_folder("Gesendet")
    await run(server, filled, secret, "--folder", "\\Sent")
    assert await there(board) == []


async def test_a_use_that_there_is_not_is_refused(
    server: RunningServer, mails: MailServer, secret: Path
) -> None:
    status, printed = await run(server, mails, secret, "--folder", "\\Send")
    assert (status, "\\Send is none of \\All, \\Archive" in printed) == (2, True), printed

"""A mailbox whose folders get other names or UIDs, while it is read and while it is not: what is on the board
stays there, with what people decided, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.collectors import programs
from tests.collectors.mail_server import NEEDS_DOVECOT, USER, MailServer
from tests.collectors.test_imap import arguments, mail, priorities, run, sooner_or_later, there
from tests.running import PythonClient, RunningServer

pytestmark = NEEDS_DOVECOT

FOLDERS = ("INBOX", "Work", "Work/Deep")


def fill(mails: MailServer) -> None:
    """A mail with something to do in each folder."""
    box = mails.box()
    for number, name in enumerate(FOLDERS):
        if number:
            box.create_folder(name)
        box.append(name, mail(number, f"TODO: thing {number}\n\nCould you send {number} by 2199-01-02?"))
    box.logout()


def forget_uids(mails: MailServer) -> None:
    """All folders have another UIDVALIDITY then, and their mails other UIDs."""
    box = mails.box()
    before = [box.folder_status(name, ["UIDVALIDITY"])[b"UIDVALIDITY"] for name in FOLDERS]
    box.logout()
    root = mails.folder / "mail" / USER
    for path in root.rglob("dovecot*"):
        if path.is_file() and "uidvalidity" not in path.name:  # that one counts, and is never set back
            path.unlink(missing_ok=True)
    box = mails.box()
    after = [box.folder_status(name, ["UIDVALIDITY"])[b"UIDVALIDITY"] for name in FOLDERS]
    assert all(old < new for old, new in zip(before, after, strict=True))
    box.logout()


def rename(mails: MailServer) -> None:
    """With what is in it."""
    box = mails.box()
    box.rename_folder("Work", "Arbeit/Größe")
    box.logout()


def move(mails: MailServer) -> None:
    """Every mail, into another folder."""
    box = mails.box()
    found = {name: (box.select_folder(name), box.search("ALL"))[1] for name in FOLDERS}
    for name, other in zip(FOLDERS, (*FOLDERS[1:], FOLDERS[0]), strict=True):
        box.select_folder(name)
        box.move(found[name], other)
    box.logout()


@pytest.mark.parametrize("change", [forget_uids, rename, move])
@pytest.mark.parametrize("runs", [False, True], ids=["stopped", "running"])
async def test_other_names_and_uids_change_nothing_on_the_board(
    server: RunningServer,
    board: PythonClient,
    mails: MailServer,
    secret: Path,
    change: Callable[[MailServer], None],
    runs: bool,
) -> None:
    fill(mails)
    assert (await run(server, mails, secret))[0] == 0
    codes = {item["title"]: item["code"] for item in (await board.state())["priorities"]}
    await board.done("priorities:edit", code=codes["thing 0"], set={"title": "Mine"})
    await board.done("priorities:complete", code=codes["thing 1"])
    await board.done("priorities:drop", codes=[codes["thing 2"]])
    [proposal, *_] = (await board.state())["proposals"]
    await board.done("proposals:drop", codes=[proposal["code"]])
    before = await board.state()
    records = await there(board)
    assert len(before["priorities"]) == len(before["proposals"]) == 2
    assert records == ["Mail 0", "Mail 1", "Mail 2"]
    collector = None
    if runs:
        collector = await programs.start("imap", server, *arguments(mails, secret, "--watch", "--every", 60))
        await sooner_or_later(board, lambda state: state["sources"][0]["run_status"] == "done")
    change(mails)
    mails.box().append("INBOX", mail(9, "TODO: thing 9"))
    if collector is not None:
        await priorities(board, 3)
        collector.terminate()
        await collector.communicate()
    status, printed = await run(server, mails, secret)
    assert status == 0, printed
    after = await board.state()
    assert await there(board) == [*records, "Mail 9"]
    for section in ("priorities", "proposals"):
        mine = [item for item in after[section] if item.get("title") != "thing 9"]
        assert mine == before[section]
    assert len(after["priorities"]) == 3

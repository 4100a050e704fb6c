"""A mailbox of thousands of folders: each costs a fixed number of commands, and nothing is lost."""

from __future__ import annotations

import imaplib
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from tests.collectors.mail_server import NEEDS_DOVECOT, USER, MailServer
from tests.collectors.test_imap import mail
from tests.collectors.test_imap_stops import Board

pytestmark = NEEDS_DOVECOT

FOLDERS, WITH_MAIL = 2_000, 100  # one in twenty has a mail
OF_A_CONNECTION = 20  # commands, and some for the inbox


class Asked(Counter[str]):
    """The commands since it was last cleared, and the connections."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        command, connect = imaplib.IMAP4._command, IMAPClient.__init__  # type: ignore[attr-defined]

        def commanded(imap: Any, name: str, *arguments: Any) -> Any:
            self[str(arguments[0]).upper() if name == "UID" else name] += 1
            return command(imap, name, *arguments)

        def connected(client: Any, *arguments: Any, **more: Any) -> None:
            self["connections"] += 1
            connect(client, *arguments, **more)

        patch.setattr(imaplib.IMAP4, "_command", commanded)
        patch.setattr(IMAPClient, "__init__", connected)


def fill(mails: MailServer) -> Path:
    """The folder of the mailbox, with 2,000 folders in it, made on disk."""
    root = mails.folder / "mail" / USER
    for number in range(FOLDERS):
        for name in ("cur", "new", "tmp"):
            (root / f".f{number}" / name).mkdir(parents=True)
        if number < WITH_MAIL:
            (root / f".f{number}" / "cur" / f"{number}.mail:2,S").write_bytes(mail(number))
    if os.getuid() == 0:
        for path in (root, *root.rglob("*")):
            shutil.chown(path, "dovecot", "dovecot")
    return root


async def test_thousands_of_folders_cost_a_command_each(
    mails: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, there = fill(mails), sorted(f"Mail {number}" for number in range(WITH_MAIL))
    board, asked = Board(mails, tmp_path / "known", random.Random(1)), Asked(monkeypatch)

    def run() -> list[str]:
        """What is on the board then."""
        asked.clear()
        board.run()
        assert asked.pop("connections") == 1
        assert asked["STATUS"] <= FOLDERS + 1
        return sorted(board.records.values())

    assert run() == there
    assert asked.total() <= FOLDERS + 4 * WITH_MAIL + OF_A_CONNECTION, asked
    for number in range(0, WITH_MAIL, 2):
        (root / f".f{number}").rename(root / f".renamed{number}")
    for number in range(0, WITH_MAIL, 4):
        shutil.rmtree(root / f".renamed{number}")
    box = mails.box()
    for number in range(1, 10, 2):
        box.rename_folder(f"f{number}", f"under/{number}")
    renamed = WITH_MAIL // 4 + 5
    assert run() == sorted(f"Mail {number}" for number in range(WITH_MAIL) if number % 4)
    # A renamed folder is looked into, and no mail is fetched again: that would be a fifth command.
    assert asked.total() <= FOLDERS + 3 * renamed + OF_A_CONNECTION, asked
    assert asked["FETCH"] == renamed

"""Reading a mailbox may end at any moment, while the mailbox goes on changing: the next run that comes to its
end leaves on the board what is in the mailbox, and nothing else."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import cast

import pytest
from imapclient import IMAPClient

from collectors.imap.account import Account, MailboxError, Security
from collectors.imap.sync import Mailbox, Wanted
from collectors.imap.waiting import next_mail
from collectors.types import Ask, Checkpoint, Found, Gone
from models.people import GivenPerson
from models.records import GivenRecord
from tests.collectors.accounts_of_a_test import eventually
from tests.collectors.mail_server import NEEDS_DOVECOT, USER, MailServer
from tests.collectors.programs import PASSWORD
from tests.collectors.test_imap import mail
from tests.running import until

pytestmark = NEEDS_DOVECOT


class Board:
    """What the board has of a mailbox. What was not acknowledged yet when a run ends may be there or not."""

    def __init__(self, mails: MailServer, path: Path, chance: random.Random) -> None:
        account = Account("127.0.0.1", USER, lambda: PASSWORD, mails.port, Security.NONE)
        self._box = Mailbox(account, path, Wanted(invitations=False))
        self._chance = chance
        self.records: dict[str, str] = {}
        self.people: set[str] = set()

    def run(self, steps: int | None = None) -> None:
        """A run that ends after so many steps; None: at its own end."""
        waiting = list[GivenRecord | GivenPerson | Gone]()
        ask = Ask(records=len(self.records))
        for number, one in enumerate(found := self._box.collect(ask)):
            if number == steps:
                self._take(self._chance.sample(waiting, self._chance.randint(0, len(waiting))))
                cast("Generator[Found]", found).close()
                return
            match one:
                case Checkpoint():
                    self._take(waiting)
                    waiting.clear()
                    one.keep(len(self.records))
                case GivenRecord() | GivenPerson() | Gone():
                    waiting.append(one)
                case _:
                    pass
        self._take(waiting)

    def run_until_gone(self) -> None:
        """A run that is killed when the board has taken something away, and has not said so yet."""
        for one in (found := self._box.collect(Ask(records=len(self.records)))):
            if isinstance(one, Gone):
                self._take([one])
                cast("Generator[Found]", found).close()
                return

    def lose(self) -> None:
        """It is made anew, and empty."""
        self.records, self.people = {}, set()

    def _take(self, found: list[GivenRecord | GivenPerson | Gone]) -> None:
        for one in found:
            match one:
                case GivenRecord():
                    self.records[one.id] = one.title or ""
                case GivenPerson():
                    self.people.update(one.addresses)
                case Gone(section="records"):
                    for id in one.ids:
                        self.records.pop(id, None)


def subjects(box: IMAPClient) -> list[str]:
    """Of all mails there are, each once."""
    found = set()
    for _, _, name in box.list_folders():
        if name not in ("Trash", "Junk"):
            box.select_folder(name, readonly=True)
            for one in box.fetch(box.search("UNDELETED"), ["ENVELOPE"]).values():
                found.add(one[b"ENVELOPE"].subject.decode())
    return sorted(found)


def change(box: IMAPClient, chance: random.Random, numbers: Iterator[int]) -> None:
    """Mails come, go and are moved; folders are deleted, made anew and renamed."""
    folders = [name for _, _, name in box.list_folders() if name not in ("Trash", "Junk")]
    for _ in range(chance.randrange(8)):
        number = next(numbers)
        box.append(
            chance.choice(folders), mail(number).replace(b"bo@example.org", b"p%d@example.org" % number)
        )
    for name in folders:
        box.select_folder(name)
        uids = box.search("ALL")
        for uid in chance.sample(uids, min(len(uids), chance.randrange(4))):
            match chance.randrange(4):
                case 0:
                    box.delete_messages([uid])
                case 1:
                    box.move([uid], chance.choice([one for one in folders if one != name]))
                case 2:
                    box.copy([uid], chance.choice(folders))
                case _:
                    box.add_flags([uid], [b"\\Seen"])
        box.expunge()
        box.unselect_folder()
    name = chance.choice([name for name in folders if name != "INBOX"])
    match chance.randrange(5):
        case 0:
            box.delete_folder(name)
            box.create_folder(name)
        case 1:
            box.delete_folder(name)
            box.create_folder(f"folder {next(numbers)}")
        case 2:
            box.rename_folder(name, f"folder {next(numbers)}")
        case _:
            pass


@pytest.mark.parametrize("seed", range(3))
async def test_a_run_may_end_anywhere(mails: MailServer, tmp_path: Path, seed: int) -> None:
    chance, numbers = random.Random(seed), count()
    board, box = Board(mails, tmp_path / "known", chance), mails.box()
    for name in ("one", "two"):
        box.create_folder(name)
    for _ in range(12):
        for _ in range(chance.randint(1, 3)):
            change(box, chance, numbers)
            board.run(steps=chance.randrange(25))
        change(box, chance, numbers)
        if chance.random() < 0.1:
            board.lose()
        board.run()
        assert sorted(board.records.values()) == subjects(box)
        senders = {f"p{title.split()[1]}@example.org" for title in board.records.values()}
        assert senders <= board.people


async def test_a_mail_that_comes_back_after_a_run_that_was_killed_as_it_took_it_away_is_on_the_board(
    mails: MailServer, tmp_path: Path
) -> None:
    board, box = Board(mails, tmp_path / "known", random.Random(1)), mails.box()
    for number in (1, 2):
        box.append("INBOX", mail(number))
    board.run()
    box.select_folder("INBOX")
    box.move(box.search(["SUBJECT", "Mail 1"]), "Trash")
    board.run_until_gone()
    assert [*board.records.values()] == ["Mail 2"]
    box.select_folder("Trash")
    box.move(box.search("ALL"), "INBOX")
    board.run()
    assert sorted(board.records.values()) == ["Mail 1", "Mail 2"]


async def test_mails_of_one_message_id_that_differ_are_all_kept(mails: MailServer, tmp_path: Path) -> None:
    board, box = Board(mails, tmp_path / "known", random.Random(1)), mails.box()
    box.append("INBOX", mail(1, "The first"))
    box.append("INBOX", mail(1, "The second, which is longer"))
    box.append("INBOX", mail(1, "The first", "X-List: the same by way of a list"))
    for _ in range(2):
        board.run()
        assert len(board.records) == 2
    box.append("INBOX", mail(1, "The third, which is the longest of all"))
    board.run(steps=5)
    board.run()
    assert len(board.records) == 3
    box.select_folder("INBOX")
    box.delete_messages(box.search("ALL")[:1])
    box.expunge()
    board.run()
    assert len(board.records) == 3  # the list's copy says the same
    box.delete_messages(box.search("ALL"))
    box.expunge()
    board.run()
    assert not board.records


async def test_a_folder_that_may_not_be_read_costs_that_folder(mails: MailServer, tmp_path: Path) -> None:
    board, box = Board(mails, tmp_path / "known", random.Random(1)), mails.box()
    for number, name in enumerate(("closed", "open")):
        box.create_folder(name)
        box.append(name, mail(number))
    board.run()
    box.append("open", mail(2))
    folder = mails.folder / "mail" / USER / ".closed"
    uidlist = folder / "dovecot-uidlist"
    assert uidlist.exists()
    for path in folder.rglob("dovecot*"):
        path.unlink()
    (folder / "cur").rename(folder / "gone")
    (folder / "cur").touch()
    board.run()
    assert sorted(board.records.values()) == ["Mail 0", "Mail 1", "Mail 2"]


async def test_who_listens_logs_in_only_when_a_run_was_let_in(mails: MailServer, tmp_path: Path) -> None:
    """Runs take note of a password that is refused; with another one it listens as soon as one was let in."""
    said = ["wrong"]
    account = Account("127.0.0.1", USER, lambda: said[-1], mails.port, Security.NONE)

    def run() -> None:
        list(Mailbox(account, tmp_path / "known", Wanted()).collect(Ask()))

    async with next_mail(account) as changed:
        for _ in range(2):  # it asks for runs, and does not try by itself
            with pytest.raises(MailboxError):
                await asyncio.to_thread(
                    lambda: list(Mailbox(account, tmp_path / "k", Wanted()).collect(Ask()))
                )
            await until(changed.is_set, "it asks for a run")
            changed.clear()
        log = mails.folder / "dovecot.log"
        await until(lambda: "auth failed" in log.read_text(), "the log")
        assert log.read_text().count("auth failed") == 1
        said.append(PASSWORD)
        await asyncio.to_thread(run)
        box = mails.box()

        async def hears() -> bool:
            changed.clear()
            box.append("INBOX", mail(1))
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), 2)
            return changed.is_set()

        await eventually(hears)
        assert log.read_text().count("auth failed") == 1
    await until(lambda: all(one.name != "idle" for one in threading.enumerate()), "its end")

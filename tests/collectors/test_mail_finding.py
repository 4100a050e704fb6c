"""Where mail is found: by how files begin and not by their names; and what of it was thrown away."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from collectors.mail.__main__ import _job
from collectors.mail.deleted import DELETED, SPAM, why_gone
from collectors.mail.headers import split
from collectors.mail.reading import read_mail
from collectors.types import Ask, Kind
from tests.collectors.mail_samples import BORDER, accounts, mbox, message, read, said


def put(path: Path, *ids: str, as_one: bool = False) -> Path:
    """A mailbox of messages with these ids, or a file of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    messages = [message(id=id) for id in ids]
    path.write_bytes(messages[0] if as_one else mbox(*messages))
    return path


def ids(*given: Path, deleted: bool = False) -> list[str]:
    return sorted(record.id for record in read(*given, deleted=deleted)[0])


@pytest.mark.parametrize(
    "name",
    [
        *("J.Smith", "Acme Inc. 2024.1", "Inbox", "archive.2019", "list.MBOX", "old.mbx", "mail.txt"),
        *("Inbox.sbd/Projects.v2", "Apple Mail.mbox/mbox", "a.b/c.d/e.f", "[Gmail].All Mail", "Entw&APw-rfe"),
    ],
)
def test_a_mailbox_may_have_any_name(tmp_path: Path, name: str) -> None:
    put(tmp_path / "mail" / name, "a@x", "b@x")
    assert ids(tmp_path / "mail") == ["a@x", "b@x"]
    assert ids(tmp_path / "mail" / name) == ["a@x", "b@x"]


@pytest.mark.parametrize("name", ["note.eml", "note.EML", "12", "a letter from J. Smith", "1.a:2,S", "x.y.z"])
def test_a_file_of_one_message_is_mail(tmp_path: Path, name: str) -> None:
    put(tmp_path / "Saved" / name, "a@x", as_one=True)
    assert ids(tmp_path / "Saved") == ids(tmp_path / "Saved" / name) == ["a@x"]
    assert [(one.meta or {})["folder"] for one in read(tmp_path / "Saved")[0]] == ["Saved"]


def test_names_of_folders_are_readable(tmp_path: Path) -> None:
    put(tmp_path / "mail" / "Entw&APw-rfe" / "&U,BTFw-", "a@x")
    assert (read(tmp_path / "mail")[0][0].meta or {})["folder"] == "mail/Entwürfe/台北"


def test_the_messages_of_apple_mail_are_read_to_their_length(tmp_path: Path) -> None:
    folder = tmp_path / "Inbox.mbox" / "Data" / "Messages"
    folder.mkdir(parents=True)
    for name, flags in (("1.emlx", 8590195713), ("2.partial.emlx", 8590195715)):
        data = message(id=f"{name[0]}@x")
        known = f"<plist><dict><key>flags</key>\n\t<integer>{flags}</integer></dict></plist>"
        (folder / name).write_bytes(b"%-10d\n" % len(data) + data + known.encode())
    records, findings = read(tmp_path / "Inbox.mbox")
    assert [(record.id, record.text) for record in records] == [("1@x", "Hello Bo")]
    assert findings == []
    assert ids(tmp_path, deleted=True) == ["1@x", "2@x"]


@pytest.mark.parametrize("parts", [("cur",), ("cur", "tmp"), ("new", "tmp"), ("cur", "new", "tmp")])
def test_a_maildir_may_lack_its_empty_folders(tmp_path: Path, parts: tuple[str, ...]) -> None:
    for part in parts:
        (tmp_path / "Mail" / part).mkdir(parents=True)
    put(tmp_path / "Mail" / parts[0] / "1700000000.M1P2.host,S=3:2,S", "a@x", as_one=True)
    records, _ = read(tmp_path / "Mail")
    assert [(one.id, (one.meta or {})["flags"]) for one in records] == [("a@x", ["seen"])]
    assert ids(tmp_path / "Mail" / parts[0]) == ["a@x"]


def test_a_hidden_folder_is_read_where_it_is_a_maildir(tmp_path: Path) -> None:
    put(tmp_path / ".Sent" / "cur" / "1", "a@x", as_one=True)
    put(tmp_path / ".config" / "1", "b@x", as_one=True)
    assert ids(tmp_path) == ["a@x"]


def test_every_file_that_lies_there_is_accounted_for(tmp_path: Path) -> None:
    top = tmp_path / "mail"
    put(top / "Inbox", "a@x")
    put(top / "Saved" / "one.eml", "b@x", as_one=True)
    put(top / "Saved" / "two.eml", "c@x", as_one=True)
    put(top / "Maildir" / "cur" / "1:2,S", "d@x", as_one=True)
    put(top / "Maildir" / "tmp" / "2", "e@x", as_one=True)
    for name in (
        ".hidden",
        "Inbox.msf",
        "photo.jpg",
        "old.mbox.gz",
        "Archive.pst",
        "empty",
        "Maildir/cur/.x",
    ):
        (top / name).write_bytes(b"x" if name != "empty" else b"")
    (top / "link").symlink_to(top / "Inbox")
    (top / "broken.mbox").write_bytes(b"no mail")
    left = {"not mail": 3, "left out": 3, "hidden": 2, "still on their way (tmp)": 1, "skipped": 1}
    found = list(read_mail([top, top / "Inbox"], Ask()))
    (files,) = (one for one in accounts(found) if one.unit == "file")
    assert (files.seen, files.taken, files.left) == (15, 4, left | {"given twice": 1})
    _, findings = read(top)
    assert said(findings, Kind.NOTE) == [
        "mail, Inbox.msf: it is not mail, so it is skipped (also empty, photo.jpg)"
    ]
    assert sorted(said(findings, Kind.LEFT_OUT)) == [
        "mail/Archive.pst: it is in an Outlook format: export it as mbox or .eml",
        "mail/link: it is a link, and links are not followed",
        "mail/old.mbox.gz: it is compressed: unpack it first",
    ]
    assert [where for where in said(findings, Kind.SKIPPED) if "broken.mbox" not in where] == []


def test_what_lies_before_the_first_message_costs_no_message(tmp_path: Path) -> None:
    whole = mbox(message(id="a@x"), message(id="b@x"))
    path = tmp_path / "inbox.mbox"
    path.write_bytes(b"\0\xff damage\nmore of it\n" + whole)
    records, findings = read(path)
    assert [record.id for record in records] == ["a@x", "b@x"]
    assert said(findings, Kind.SKIPPED) == ["inbox.mbox, line 1: 2 lines before the first message"]
    path.write_bytes(whole.removeprefix(BORDER))  # its first line is lost
    records, findings = read(path)
    assert ([record.id for record in records], findings) == (["a@x", "b@x"], [])


@pytest.mark.parametrize(
    "sentence",
    [
        "From Mon 30 Nov 2026 10:30 the new rules apply.",
        "From the President of the board: all good.",
        "From Fri, 20 Nov 2026 10:00",
        "From ana Fri Nov 20 10:00:00 2026",
        "From the board, Fri Nov 20 10:00:00 2026",
        "From: nobody",
        "From 10:00 to 11:00 on Mon 2026",
    ],
)
def test_a_sentence_that_begins_with_from_is_not_a_border(tmp_path: Path, sentence: str) -> None:
    body = f"Dear all,\n\n{sentence}\nwe meet in room 5.\n\nBye"
    path = tmp_path / "inbox.mbox"
    path.write_bytes(BORDER + message(id="a@x", body=body) + b"\n" + BORDER + message(id="b@x"))
    records, findings = read(path)
    assert [record.text for record in records] == [body, "Hello Bo"]
    assert findings == []


def test_a_message_without_any_date_has_the_one_of_its_file(tmp_path: Path) -> None:
    path = put(tmp_path / "note.eml", "a@x", as_one=True)
    path.write_bytes(message("Date: ", id="a@x"))
    records, findings = read(path)
    assert len(records) == 1
    assert said(findings, Kind.NOTE)[0].endswith("it has no date, and that of the file is used")
    box = tmp_path / "box"
    box.write_bytes(b"From somebody\n" + message("Date: ", id="b@x"))
    assert len(read(box)[0]) == 1


GONE = [
    ("X-Mozilla-Status: 0009", DELETED),
    ("X-Mozilla-Status: 0001", ""),
    ("X-Mozilla-Status2: 00200000", DELETED),
    ("X-Mozilla-Status: odd", ""),
    ("X-Gmail-Labels: Trash,Sent", DELETED),
    ('X-Gmail-Labels: "Inbox","Spam"', SPAM),
    ("X-Gmail-Labels: =?UTF-8?Q?Gel=C3=B6scht,Wichtig?=", DELETED),
    ("X-Gmail-Labels: Papierkorb", DELETED),
    ("X-Gmail-Labels: Inbox,Trash can of ideas", ""),
    ("X-Status: FD", DELETED),
    ("X-Status: A", ""),
    ("X-Evolution: 0000002a-0012", DELETED),
    ("X-Evolution: 0000002a-0090", SPAM),
    ("X-Evolution: 0000002a-0010", ""),
    ("X-Keywords: $Junk later", SPAM),
    ("X-Mozilla-Keys: nonjunk", ""),
]


@pytest.mark.parametrize(("header", "why"), GONE)
def test_what_a_program_marked_as_gone_is_gone(header: str, why: str) -> None:
    assert why_gone(split(message(header))[0], "", "Mail/Inbox") == why


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        *((name, DELETED) for name in ("Trash", "mail/.Trash", "mail/Trash.sbd/old", "Deleted Items.mbox")),
        *(
            (name, DELETED)
            for name in ("[Gmail]/Bin", "INBOX.Trash", "mail/Gelo\u0308schte Elemente", "ゴミ箱")
        ),
        *((name, SPAM) for name in ("Junk E-mail", "mail/.Junk", "[Gmail].Spam", "Courrier indésirable")),
        *(
            (name, "")
            for name in ("Inbox", "J.Trash", "Spam and Trash", "All mail Including Spam and Trash.mbox")
        ),
    ],
)
def test_what_lies_in_a_folder_called_so_is_gone(folder: str, why: str) -> None:
    assert why_gone(split(message())[0], "", folder) == why


def test_what_was_thrown_away_is_counted_and_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    top = tmp_path / "mail"
    put(top / "Inbox", "a@x")
    put(top / "Trash", "b@x")
    put(top / "Junk.mbox", "c@x")
    put(top / "Maildir" / "cur" / "1:2,ST", "d@x", as_one=True)
    put(top / "MH" / ",12", "e@x", as_one=True)
    (messages,) = (one for one in accounts(list(read_mail([top], Ask()))) if one.unit == "message")
    left = {"deleted (--deleted takes them)": 3, "spam (--deleted takes them)": 1}
    assert (messages.seen, messages.taken, messages.left) == (5, 1, left)
    assert ids(top) == ["a@x"]
    flags = {one.id: (one.meta or {}).get("flags") for one in read(top, deleted=True)[0]}
    assert flags == {
        "a@x": None,
        "b@x": ["deleted"],
        "c@x": ["spam"],
        "d@x": ["seen", "deleted"],
        "e@x": ["deleted"],
    }


def test_a_copy_in_the_bin_does_not_hide_the_message_itself(tmp_path: Path) -> None:
    put(tmp_path / "mail" / "A.Trash" / "Trash", "a@x")
    put(tmp_path / "mail" / "Inbox", "a@x")
    assert ids(tmp_path / "mail") == ["a@x"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("J.Smith", "mail:j.smith"),
        ("Acme Inc. 2024.1", "mail:acme-inc.-2024.1"),
        ("Inbox.mbox", "mail:inbox"),
        ("Inbox.sbd", "mail:inbox"),
        ("note.eml", "mail:note"),
    ],
)
def test_a_source_is_called_after_the_whole_name_of_a_mailbox(tmp_path: Path, path: str, source: str) -> None:
    assert _job(Namespace(paths=[tmp_path / path], deleted=False)).source == source

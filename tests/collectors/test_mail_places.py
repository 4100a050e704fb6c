"""mbox files and Maildirs: every message in them, once, and what cannot be read by its name."""

import io
import os
import random
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.folders import Unreadable
from collectors.mail.mbox import LETTER_MAX_BYTES, letters
from collectors.mail.reading import read_mail
from collectors.types import Ask, Kind, Mode, Progress
from models.records import GivenRecord
from tests.collectors.mail_samples import BORDER, mbox, message, read, said

WORDS = Path(__file__).parents[3] / "shared" / "data" / "documents" / "email-intent" / "Ask0729-fixed.txt"
AS_ROOT = os.geteuid() == 0


def ids(records: list[GivenRecord]) -> list[str]:
    return [record.id for record in records]


def three() -> bytes:
    return mbox(*(message(id=id, body=f"Words of {id}") for id in ("a@x", "b@x", "c@x")))


def maildir(folder: Path, **files: bytes) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for name, data in files.items():
        (folder / "cur" / name).write_bytes(data)
    return folder


def test_an_mbox_gives_each_of_its_messages(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(three())
    records, findings = read(path)
    assert ids(records) == ["a@x", "b@x", "c@x"]
    assert [record.text for record in records] == ["Words of a@x", "Words of b@x", "Words of c@x"]
    assert {(record.meta or {})["folder"] for record in records} == {"inbox.mbox"}
    assert findings == []


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\n\n" + data,
        lambda data: data.replace(b"\n\nFrom ", b"\nFrom "),
        lambda data: data.replace(BORDER, b"From - Mon Mar 09 10:00:00 2026\n"),
        lambda data: data.replace(BORDER, b"From ana Mon, 09 Mar 2026 10:00:00 +0100\n"),
        lambda data: data.replace(BORDER, b"From somebody\n"),
        lambda data: data.rstrip(b"\n"),
    ],
    ids=["CRLF", "BOM", "blank lines", "no blank lines", "Thunderbird", "RFC 2822", "no dates", "no end"],
)
def test_an_mbox_is_read_as_other_programs_write_it(
    tmp_path: Path, rewrite: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(rewrite(three()))
    records, findings = read(path)
    assert [(record.id, record.text) for record in records] == [
        (id, f"Words of {id}") for id in ("a@x", "b@x", "c@x")
    ]
    assert findings == []


def test_lines_that_begin_with_from_belong_to_the_text(tmp_path: Path) -> None:
    body = "Hello\n\nFrom the minutes:\nAction: none\n\n>From Mon 10:00\n\nFrom 10:00 to 11:00 on Mon 2026"
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(message(id="a@x", body=body), message(id="b@x")))
    assert [record.text for record in read(path)[0]] == [body.replace("\n>From", "\nFrom"), "Hello Bo"]
    path.write_bytes(BORDER + message(id="a@x", body=body) + b"\n" + BORDER + message(id="b@x"))
    assert ids(read(path)[0]) == ["a@x", "b@x"]


def test_an_mbox_that_is_cut_anywhere_gives_all_messages_before_the_cut(tmp_path: Path) -> None:
    whole = three()
    path = tmp_path / "inbox.mbox"
    for length in range(1, len(whole), 7):
        path.write_bytes(whole[:length])
        records, findings = read(path)
        begun = whole[:length].count(BORDER)
        assert len(records) >= begun - 1
        assert len(records) + len(findings) >= min(begun, 1)
    path.write_bytes(whole[:200] + whole)
    records, _ = read(path)
    assert ids(records) == ["a@x", "b@x", "c@x"]


@pytest.mark.parametrize("data", [b"Hello\n", b"\0" * 5_000, b"From nowhere\nhello\n", b"PK\3\4zip"])
def test_a_file_that_is_no_mbox_is_refused_by_name_and_the_rest_goes_in(tmp_path: Path, data: bytes) -> None:
    bad, good = tmp_path / "bad.mbox", tmp_path / "good.mbox"
    bad.write_bytes(data)
    good.write_bytes(three())
    records, findings = read(bad, good)
    assert len(records) == 3
    assert said(findings, Kind.SKIPPED) == [
        "bad.mbox: it is not an mbox: no line `From ... <date>` begins a message in it"
    ]


def test_an_empty_mbox_is_an_mbox_without_messages(tmp_path: Path) -> None:
    (tmp_path / "inbox.mbox").write_bytes(b"")
    assert read(tmp_path / "inbox.mbox") == ([], [])


def test_broken_messages_in_the_middle_are_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    junk = [b"\0\xff\xfe" * 50 + b"\n", b"no headers at all\n", b"\n"]
    path.write_bytes(mbox(message(id="a@x"), *junk, message(id="b@x")))
    records, findings = read(path)
    assert ids(records) == ["a@x", "b@x"]
    assert said(findings, Kind.SKIPPED) == [
        "inbox.mbox, line 10: it is not a message: it has none of the headers of one (also line 13, line 16)"
    ]


def test_random_bytes_between_messages_never_raise(tmp_path: Path) -> None:
    chance = random.Random(5)
    whole = three()
    path = tmp_path / "inbox.mbox"
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 40)):
            data[chance.randrange(5, len(data))] = chance.randrange(256)
        path.write_bytes(bytes(data))
        records, findings = read(path)
        assert records or findings


def test_a_message_larger_than_the_limit_gives_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    with path.open("wb") as file:
        file.write(BORDER + message(id="huge@x", body="The words\n"))
        for _ in range(LETTER_MAX_BYTES // 2**20 + 2):
            file.write(b"x" * 2**20)  # a line of many megabytes
        file.write(b"\n\n" + mbox(message(id="after@x")))
    records, findings = read(path)
    assert ids(records) == ["huge@x", "after@x"]
    assert records[0].text.startswith("The words\n")
    assert "it is larger than 10 MiB, and only its beginning is read" in "\n".join(said(findings, Kind.NOTE))


def test_the_memory_that_an_mbox_takes_does_not_grow_with_its_size() -> None:
    class Endless(io.RawIOBase):
        """60 MB of mail, made while it is read."""

        def __init__(self) -> None:
            self.left, self.rest = 3_000, b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            if not self.rest and self.left:
                self.left -= 1
                self.rest = mbox(message(id=f"{self.left}@x", body=("some words " * 90 + "\n") * 20))
            some, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
            buffer[: len(some)] = some
            return len(some)

    tracemalloc.start()
    try:
        assert sum(1 for _ in letters(io.BufferedReader(Endless()))) == 3_000
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_a_message_that_is_here_twice_is_taken_once_and_that_is_said(tmp_path: Path) -> None:
    path, copy = tmp_path / "inbox.mbox", tmp_path / "Archive"
    path.write_bytes(mbox(message(id="a@x"), message(id="b@x")))
    copy.write_bytes(mbox(message("X-Mozilla-Status: 0001", "Received: by another server", id="a@x")))
    records, findings = read(path, copy)
    assert ids(records) == ["a@x", "b@x"]
    assert said(findings, Kind.NOTE) == ["Archive, line 1: it is here twice, and the first copy was used"]


def test_two_messages_with_one_message_id_are_two_when_they_say_different_things(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    bodies = ("first", "second", "first", "second", "third")
    path.write_bytes(mbox(*(message(id="a@x", body=body) for body in bodies)))
    records, findings = read(path)
    assert [record.text for record in records] == ["first", "second", "third"]
    assert records[0].id == "a@x"
    assert len({record.id for record in records}) == 3
    assert all(record.id.startswith("a@x") for record in records)
    assert ids(read(path)[0]) == ids(records)
    assert len(said(findings, Kind.NOTE)) == 2


def test_of_two_messages_with_one_message_id_a_quick_run_does_not_take_the_new_one_for_the_old(
    tmp_path: Path,
) -> None:
    path = tmp_path / "inbox.mbox"
    old = message("Date: Mon, 02 Mar 2026 10:00:00 +0000", id="a@x", body="old")
    new = message("Date: Tue, 10 Mar 2026 10:00:00 +0000", id="a@x", body="new")
    path.write_bytes(mbox(old, new))
    (quick,) = read(path, ask=Ask(Mode.QUICK, datetime(2026, 3, 9, tzinfo=UTC)))[0]
    assert quick == read(path)[0][1]


def test_what_is_odd_a_hundred_times_is_one_line_of_the_report(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(*(message("Date: soon", id=f"{n}@x") for n in range(100))))
    records, findings = read(path)
    assert {record.at for record in records} == {"2026-03-09T10:00:00Z"}
    assert said(findings, Kind.NOTE) == [
        "inbox.mbox, line 1: its date cannot be read, and that of the line before it is used "
        "(also line 10, line 19 and 97 others)"
    ]


def test_a_quick_run_yields_what_is_not_older_than_a_day_before_the_last_run(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    dates = (
        "Mon, 02 Mar 2026 10:00:00 +0000",
        "Sun, 08 Mar 2026 10:00:00 +0000",
        "Tue, 10 Mar 2026 10:00:00 +0000",
    )
    path.write_bytes(mbox(*(message(f"Date: {date}", id=date[5:7] + "@x") for date in dates)))
    last = datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert ids(read(path, ask=Ask(Mode.QUICK, last))[0]) == ["08@x", "10@x"]
    assert ids(read(path, ask=Ask(Mode.FULL, last))[0]) == ["02@x", "08@x", "10@x"]
    assert ids(read(path, ask=Ask(Mode.QUICK, last + timedelta(days=30)))[0]) == []
    assert len(read(path, ask=Ask(Mode.QUICK))[0]) == 3


def test_progress_goes_to_the_end_in_few_steps(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(*(message(id=f"{n}@x") for n in range(1_000))))
    steps = [one for one in read_mail([path], Ask()) if isinstance(one, Progress)]
    assert len(steps) <= 102
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done > 80


def test_a_maildir_gives_what_is_in_cur_and_new_of_it_and_of_its_folders(tmp_path: Path) -> None:
    top = maildir(tmp_path / "Mail", **{"1.a:2,FS": message(id="a@x"), "2.b:2,": message(id="b@x")})
    (top / "new" / "3.c").write_bytes(message(id="c@x"))
    (top / "tmp" / "4.d").write_bytes(message(id="d@x"))
    maildir(top / ".Sent", **{"5.e:2,RS": message(id="e@x").replace(b"\n", b"\r\n")})
    maildir(top / ".Sent.2025", **{"6.f": message(id="f@x")})
    (top / "dovecot-uidlist").write_bytes(b"3 V1\n")
    records, findings = read(top)
    assert said(findings, Kind.NOTE) == ["Mail, dovecot-uidlist: it is not mail, so it is skipped"]
    folders = {record.id: (record.meta or {})["folder"] for record in records}
    assert folders == dict.fromkeys(("a@x", "b@x", "c@x"), "Mail") | {
        "e@x": "Mail/.Sent",
        "f@x": "Mail/.Sent.2025",
    }
    flags = {record.id: (record.meta or {}).get("flags") for record in records}
    assert flags["a@x"] == ["flagged", "seen"]
    assert flags["e@x"] == ["answered", "seen"]
    assert flags["b@x"] is flags["c@x"] is None


def test_a_maildir_message_without_a_date_gets_the_one_of_its_file(tmp_path: Path) -> None:
    top = maildir(tmp_path / "Mail", one=message("Date: "))
    os.utime(top / "cur" / "one", (1_700_000_000, 1_700_000_000))
    records, findings = read(top)
    assert records[0].at == "2023-11-14T22:13:20Z"
    assert said(findings, Kind.NOTE) == ["Mail, Mail/cur/one: it has no date, and that of the file is used"]


def test_a_folder_gives_the_mboxes_and_maildirs_below_it(tmp_path: Path) -> None:
    top = tmp_path / "mail"
    maildir(top / "work", one=message(id="a@x"))
    (top / "old" / "2019").mkdir(parents=True)
    (top / "old" / "2019" / "Inbox").write_bytes(mbox(message(id="b@x")))
    (top / "old" / "list.MBOX").write_bytes(mbox(message(id="c@x")))
    (top / "old" / "Inbox.msf").write_bytes(b"an index")
    (top / "old" / "README").write_bytes(b"From here on it is no mbox")
    (top / ".hidden").write_bytes(mbox(message(id="d@x")))
    records, findings = read(top)
    assert sorted((record.id, (record.meta or {})["folder"]) for record in records) == [
        ("a@x", "mail/work"),
        ("b@x", "mail/old/2019/Inbox"),
        ("c@x", "mail/old/list.MBOX"),
    ]
    assert [finding.where for finding in findings] == ["mail, old/Inbox.msf", "mail/old/README"]


def test_links_are_not_followed_and_circles_end(tmp_path: Path) -> None:
    outside = tmp_path / "outside.mbox"
    outside.write_bytes(mbox(message(id="secret@x")))
    top = maildir(tmp_path / "Mail", one=message(id="a@x"))
    (top / "cur" / "two").symlink_to(outside)
    (top / ".Loop").symlink_to(top)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.mbox").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    (folder / "self").symlink_to(folder / "self")
    (top / ".Self").symlink_to(top / ".Self")
    (folder / "ok.mbox").write_bytes(mbox(message(id="b@x")))
    records, findings = read(top, folder)
    assert ids(records) == ["a@x", "b@x"]
    assert sorted(finding.where for finding in findings) == [
        "Mail/.Loop",
        "Mail/cur/two",
        "folder/link.mbox",
        "folder/self",
        "folder/up",
    ]
    assert {finding.kind for finding in findings} == {Kind.LEFT_OUT}


def test_what_is_no_regular_file_never_hangs_the_run(tmp_path: Path) -> None:
    top = maildir(tmp_path / "Mail", one=message(id="a@x"))
    os.mkfifo(top / "cur" / "pipe")
    os.mkfifo(tmp_path / "pipe.mbox")
    records, findings = read(top, tmp_path / "pipe.mbox")
    assert ids(records) == ["a@x"]
    assert len(findings) == 2
    assert all("it is not a regular file" in finding.why for finding in findings)


@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_what_may_not_be_read_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    top = maildir(tmp_path / "Mail", one=message(id="a@x"), two=message(id="b@x"))
    (top / "cur" / "two").chmod(0)
    records, findings = read(top)
    assert ids(records) == ["a@x"]
    assert said(findings, Kind.SKIPPED) == ["Mail/cur/two: it cannot be read (permission denied)"]


def test_a_path_without_mail_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    _, findings = read(tmp_path / "none", tmp_path / "empty")
    assert [(finding.kind, finding.why[:17]) for finding in findings] == [
        (Kind.SKIPPED, "it does not exist"),
        (Kind.SKIPPED, "there is no mail "),
    ]


def test_a_folder_given_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(three())
    assert len(read(path, tmp_path, path)[0]) == 3
    assert read(path, tmp_path, path)[1] == []


def test_letters_says_that_a_file_is_no_mbox() -> None:
    with pytest.raises(Unreadable, match="it is not an mbox"):
        list(letters(io.BytesIO(b"Some words\n\nFrom the minutes:\nof Monday\n")))


@pytest.mark.skipif(not WORDS.is_file(), reason="the folder of real sentences from mail is not here")
def test_the_real_sentences_of_a_thousand_mails_come_back_word_for_word(tmp_path: Path) -> None:
    sentences = [line.strip() for line in WORDS.read_text(encoding="utf-8", errors="replace").splitlines()]
    sentences = [" ".join(line.split()) for line in sentences if line][:1_000]
    path = tmp_path / "inbox.mbox"
    path.write_bytes(
        mbox(
            *(
                message("Content-Type: text/plain; charset=utf-8", id=f"{n}@x", body=text)
                for n, text in enumerate(sentences)
            )
        )
    )
    records, findings = read(path)
    assert [" ".join(record.text.split()) for record in records] == sentences
    assert findings == []

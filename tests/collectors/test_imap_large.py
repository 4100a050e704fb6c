"""Large mails: only their texts are fetched, and their records are those of the whole mails."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError

from collectors.imap import letters
from collectors.imap.account import Account, Security
from collectors.imap.sync import Mailbox, Wanted
from collectors.types import Ask, Checkpoint, Finding, Found
from models.calendar import GivenEvent
from models.records import GivenRecord
from tests.collectors import programs
from tests.collectors.calendars import calendar, event
from tests.collectors.mail_server import NEEDS_DOVECOT, USER, MailServer
from tests.collectors.programs import PASSWORD
from tests.collectors.test_imap import TOMORROW, arguments, mail
from tests.running import PythonClient, RunningServer

pytestmark = NEEDS_DOVECOT

LARGE, FILE_BYTES = 12, 9 << 20
PEAK_MAX_BYTES = 110 << 20  # 90 MB, of which the program itself is most; with whole mails, 133 MB
PEAK = (
    "import resource, subprocess, sys\n"
    "status = subprocess.run(sys.argv[1:]).returncode\n"
    "print('peak KB', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    "sys.exit(status)"
)
"""Runs a command, and says how much memory it held at most."""


def box(*parts: str, kind: str = "mixed", border: str = "b1") -> str:
    """`Content-Type` and the parts, as they lie in a mail or in another box."""
    inner = "".join(f"\n--{border}\n{part}" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={border}\n{inner}\n--{border}--\n"


def part(kind: str, body: str, *headers: str) -> str:
    return "\n".join((f"Content-Type: {kind}", *headers, "", body))


def file(name: str, size: int, *headers: str) -> str:
    encoded = base64.encodebytes(os.urandom(size)).decode()
    disposition = f"Content-Disposition: attachment; {name}"
    return part("application/pdf", encoded, disposition, "Content-Transfer-Encoding: base64", *headers)


ICS = calendar(event("meeting", TOMORROW), properties="METHOD:REQUEST").decode().replace("\r\n", "\n")
ENCODED = "Content-Transfer-Encoding: base64"
FORWARDED = "From: Cem <cem@example.org>\nSubject: Before\nDate: Mon, 02 Nov 2026 10:00:00 +0100\n"
BODIES = {
    "nothing but text": "\nTODO: one",
    "text and file": box("\nTODO: two", file("filename=two.pdf", 900)),
    "two texts around a file": box("\nBefore", file("filename*=utf-8''%C3%A4.pdf", 901), "\nAfter"),
    "forms of one text": box(
        box(
            part("text/plain", "The words"),
            part("text/html", "<p>The words</p>"),
            kind="alternative",
            border="b2",
        ),
        file("filename=three.pdf", 902),
    ),
    "an invitation": box("\nCome", part("text/calendar; method=REQUEST", ICS), file("filename=a.pdf", 903)),
    "an invitation as a file": box(
        "\nCome",
        part("application/ics; name=invite.ics", base64.encodebytes(ICS.encode()).decode(), ENCODED),
    ),
    "a mail within": box("\nSee below", part("message/rfc822", FORWARDED + "\nThe one before")),
    "a mail within, with parts": box(
        "\nSee below",
        part("message/rfc822", FORWARDED + box("\nInner", file("filename=in.pdf", 904), border="b3")),
    ),
    "a mail within a mail within": box(
        part("message/rfc822", FORWARDED + part("message/rfc822", FORWARDED + "\nThe innermost")),
    ),
    "a mail within, encoded": box(
        "\nSee below",
        part("message/rfc822", base64.encodebytes((FORWARDED + "\nHidden").encode()).decode(), ENCODED),
    ),
    "only a mail": part("message/rfc822", FORWARDED + box("\nInner", "\nMore", border="b3")),
    "a digest": box(f"\n{FORWARDED}\nFirst", f"\n{FORWARDED}\nSecond", kind="digest"),
    "quoted and latin": box(
        part("text/plain; charset=iso-8859-1", "Gr=FC=DFe", "Content-Transfer-Encoding: quoted-printable")
    ),
    "nothing but a file": file("filename=alone.pdf", 905),
    "a box without a border": "Content-Type: multipart/mixed\n\n" + "No border " * 900,
    "an empty part": box("", part("text/plain", ""), "\nText"),
    "a text as a file": box(
        "\nText", part("text/csv", "a;b", "Content-Disposition: attachment; filename=a.csv")
    ),
    "no type that is one": box(part("text/html charset=x", "<p>Odd</p>"), part("", "Odder")),
}


def sample(number: int, text: str) -> bytes:
    """A mail; `text` begins with headers of its own, or with an empty line."""
    head = mail(number, "").rstrip(b"\r\n") + b"\r\nMIME-Version: 1.0\r\n"
    return head + text.replace("\n", "\r\n").encode()


def found(mails: MailServer, path: Path) -> tuple[dict[str, GivenRecord], list[Found]]:
    """The records of a first run, by their subjects, and all else."""
    account = Account("127.0.0.1", USER, lambda: PASSWORD, mails.port, Security.NONE)
    all = list[Found]()
    for one in Mailbox(account, path, Wanted()).collect(Ask(records=0)):
        all.append(one)
        if isinstance(one, Checkpoint):
            one.keep(None)
    records = {one.title or "": one for one in all if isinstance(one, GivenRecord)}
    return records, [one for one in all if not isinstance(one, GivenRecord)]


def without_sizes(record: GivenRecord) -> dict[str, Any]:
    fields = record.model_dump()
    for one in fields["meta"].get("attachments", ()):
        del one["bytes"]
    return fields


def sizes(record: GivenRecord) -> list[int]:
    return [one["bytes"] for one in (record.meta or {}).get("attachments", ())]


async def test_by_their_parts_mails_have_the_same_records(
    mails: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = mails.box()
    for number, text in enumerate(BODIES.values()):
        inbox.append("INBOX", sample(number, text))
    names = {f"Mail {number}": name for number, name in enumerate(BODIES)}
    whole, also = await asyncio.to_thread(found, mails, tmp_path / "whole")
    assert len(whole) == len(BODIES)
    monkeypatch.setattr(letters, "LARGE_BYTES", 0)
    fetched = list[bytes | str]()
    fetch = IMAPClient.fetch

    def noted(self: IMAPClient, messages: Any, data: Any, *more: Any) -> Any:
        fetched.extend(data)
        return fetch(self, messages, data, *more)

    monkeypatch.setattr(IMAPClient, "fetch", noted)
    by_parts, likewise = await asyncio.to_thread(found, mails, tmp_path / "parts")
    for title, record in whole.items():
        assert without_sizes(by_parts[title]) == without_sizes(record), names[title]
        for size, known in zip(sizes(by_parts[title]), sizes(record), strict=True):
            assert abs(size - known) <= 4, names[title]
    assert by_parts.keys() == whole.keys()
    events = [[one for one in some if isinstance(one, GivenEvent)] for some in (also, likewise)]
    assert events[0] == events[1] != []
    assert sum("BODY.PEEK[]" in str(name) for name in fetched) <= 1  # the box without a border


async def test_many_large_mails_are_read_within_the_memory_that_is_promised(
    server: RunningServer, board: PythonClient, mails: MailServer, secret: Path
) -> None:
    text = box("\nTODO: read this", file("filename=film.pdf", FILE_BYTES), "\nAfter the file")
    new = mails.folder / "mail" / USER / "new"
    mails.box().append("INBOX", mail(99))  # the folders are there then
    for number in range(LARGE):
        path = new / f"{number}.large"
        path.write_bytes(sample(number, text))
        if os.getuid() == 0:
            shutil.chown(path, "dovecot", "dovecot")
    before = (sys.executable, "-c", PEAK)
    status, printed = await programs.run("imap", server, *arguments(mails, secret), before=before)
    assert status == 0, printed
    assert len((await board.state())["priorities"]) == LARGE
    answer = await board.done("search:query", query="source:imap after file", limit=50)
    assert len(answer["hits"]) == LARGE
    assert int(printed.rpartition("peak KB ")[2]) << 10 <= PEAK_MAX_BYTES


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda said: (b"text", b"plain", None, None, None, b"7bit", 3, 1),
        lambda said: ([], b"mixed"),
        lambda said: None,
        lambda said: said[:1],
    ],
    ids=["another", "empty", "nothing", "cut"],
)
async def test_what_a_server_says_wrongly_costs_at_most_the_end_of_the_mail(
    mails: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nonsense: Callable[[Any], Any]
) -> None:
    inbox = mails.box()
    inbox.append("INBOX", sample(1, box("\nThe words", file("filename=one.pdf", 300 << 10))))
    inbox.append("INBOX", sample(2, box("\nThe words", file("filename=two.pdf", 3 << 20), "\nAfter")))
    fetch = IMAPClient.fetch

    def wrong(self: IMAPClient, messages: Any, data: Any, *more: Any) -> Any:
        answer = fetch(self, messages, data, *more)
        for said in answer.values():
            if b"BODYSTRUCTURE" in said:
                kind = type(said[b"BODYSTRUCTURE"])
                made = nonsense(said[b"BODYSTRUCTURE"])
                said[b"BODYSTRUCTURE"] = None if made is None else kind(made)
        return answer

    monkeypatch.setattr(IMAPClient, "fetch", wrong)
    records, others = await asyncio.to_thread(found, mails, tmp_path / "known")
    assert {title: record.text for title, record in records.items()} == {
        "Mail 1": "The words",
        "Mail 2": "The words",
    }
    [note] = [one for one in others if isinstance(one, Finding)]
    assert note.where == "INBOX, message 2"
    assert note.why == "the server does not say which parts it has: only its first 2 MiB are read"


async def test_an_answer_that_breaks_the_connection_is_asked_for_twice(
    mails: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails.box().append("INBOX", sample(1, box("\nThe words", file("filename=one.pdf", 300 << 10))))
    fetch = IMAPClient.fetch

    def breaks(self: IMAPClient, messages: Any, data: Any, *more: Any) -> Any:
        if "BODYSTRUCTURE" in data:
            raise IMAPClientAbortError("out of step")
        return fetch(self, messages, data, *more)

    monkeypatch.setattr(IMAPClient, "fetch", breaks)
    for _ in range(2):
        with pytest.raises(Exception, match="out of step"):
            found(mails, tmp_path / "known")
    records, _ = await asyncio.to_thread(found, mails, tmp_path / "known")
    assert records["Mail 1"].text == "The words"

"""Mail that the tests write themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from collectors.accounts import Account
from collectors.mail.mbox import Letter
from collectors.mail.message import Message
from collectors.mail.reading import read_mail
from collectors.types import Ask, Finding, Found, Kind
from models.records import GivenRecord

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
BORDER = b"From ana@example.org Mon Mar  9 10:00:00 2026\n"


def message(*headers: str, body: str | bytes = "Hello Bo", id: str = "one@example.org") -> bytes:
    """A message from Ana to Bo; a header that is given replaces the usual one."""
    usual = {
        "From": "Ana <ana@example.org>",
        "To": "Bo <bo@example.org>",
        "Subject": f"About {id}",
        "Date": "Mon, 09 Mar 2026 10:00:00 +0100",
        "Message-ID": f"<{id}>",
    }
    given = dict(header.split(": ", 1) for header in headers)
    lines = [f"{name}: {value}" for name, value in (usual | given).items() if value]
    head = "\n".join(lines).encode("utf-8", "surrogateescape")
    return head + b"\n\n" + (body.encode() if isinstance(body, str) else body) + b"\n"


def mbox(*messages: bytes) -> bytes:
    """The messages in one file, as programs write it."""
    return b"".join(BORDER + one.replace(b"\nFrom ", b"\n>From ") + b"\n" for one in messages)


def read(
    *given: Path, ask: Ask | None = None, deleted: bool = False
) -> tuple[list[GivenRecord], list[Finding]]:
    """The records and the findings of a run; all that was seen is accounted for."""
    found = list(read_mail(given, ask or Ask(), deleted=deleted))
    for account in accounts(found):
        assert account.open == 0, account
    return (
        [one for one in found if isinstance(one, GivenRecord)],
        [one for one in found if isinstance(one, Finding)],
    )


def accounts(found: list[Found]) -> list[Account]:
    return [one for one in found if isinstance(one, Account)]


def taken(data: bytes, came_at: datetime | None = None) -> tuple[GivenRecord, list[str]]:
    """The record of one message, and the remarks about it."""
    found = Message(Letter(data, "line 1", len(data), came_at, "the file"), NOW).taken("inbox")
    assert found.parts.open == 0
    return found.record, found.remarks


def said(findings: list[Finding], kind: Kind) -> list[str]:
    return [f"{finding.where}: {finding.why}" for finding in findings if finding.kind is kind]

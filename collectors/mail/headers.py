"""The headers of a message or part, as plain text within bounds.

Of the standard library's email package only the `compat32` policy is used: the `default` one parses each
header by a grammar that recurses (an address within 3,000 brackets ends it) and costs a second for a
message to 5,000 people, where this costs 3 ms.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from collectors import charsets
from collectors.mail import addresses
from collectors.mail.encoded import readable
from collectors.texts import one_line
from models.base import YEARS

HEAD_MAX_BYTES = 2**20  # real mails have some 10 KiB of headers
PEOPLE_MAX, PERSON_MAX = 100, 320  # of each field; characters of one
REFERENCES_MAX, MESSAGE_ID_MAX = 50, 500  # the newest of a thread; characters of one
_OFFSET = re.compile(r"(?:GMT|UTC|Z)([+-]\d\d):?(\d\d)\b")
_DATE_MAX = 200  # characters
# Characters of each that are looked at. What is not here is not looked at.
_LIMITS = {
    "from": 4_000,
    "to": 40_000,
    "cc": 40_000,
    "subject": 8_000,
    "date": 1_000,
    "message-id": 2_000,
    "in-reply-to": 2_000,
    "references": 40_000,
    "received": 4_000,
    "content-type": 2_000,
    "content-disposition": 2_000,
    "content-transfer-encoding": 100,
    # Where programs say that they wrote it, to many.
    "precedence": 100,
    "auto-submitted": 100,
    "list-unsubscribe": 2_000,
    "list-post": 2_000,
    # Where programs write that a message is deleted, or spam.
    "x-mozilla-status": 100,
    "x-mozilla-status2": 100,
    "x-mozilla-keys": 2_000,
    "x-gmail-labels": 4_000,
    "x-status": 100,
    "x-keywords": 2_000,
    "x-evolution": 100,
}
# From the first line on that is no header, all is the body.
_HEAD = re.compile(rb"(?:>?From .*\n)?(?:[!-9;-~]+[ \t]*:.*\n|[ \t].*\n)*")
_BRACKETED = re.compile(r"<([^<>]+)>")

Headers = Message
"""A message without its body; each header is at most once in it, and not longer than its limit."""


def split(data: bytes) -> tuple[Headers, bytes]:
    """The headers and the body of a message with `\\n` at the ends of its lines."""
    head, _, body = (b"\n" + data if data.startswith(b"\n") else data).partition(b"\n\n")
    lines = _HEAD.match(head + b"\n")
    end = lines.end() if lines else 0
    parsed = BytesHeaderParser().parsebytes(head[: min(end, HEAD_MAX_BYTES)])
    headers = Headers()
    for name, value in parsed.raw_items():
        limit = _LIMITS.get(name.lower())
        if limit is not None and name not in headers:
            headers[name] = _plain(str(value)[:limit])
    early = head[end:]
    return headers, early + b"\n\n" + body if early else body


def words(headers: Headers, name: str) -> str:
    """The header on one line, with what was encoded in readable form; "" without it."""
    return one_line(readable(headers.get(name, "")))


def people(headers: Headers, name: str) -> list[str]:
    """Each as `Name <address>`, or the one that is known."""
    return [person[:PERSON_MAX] for person in addresses.people(headers.get(name, ""))]


def is_bulk(headers: Headers) -> bool:
    """Whether a program wrote it, to many: no person waits for an answer. A list that people write to is
    none."""
    if words(headers, "auto-submitted").lower() not in ("", "no"):
        return True
    if words(headers, "list-post"):
        return False
    precedence = words(headers, "precedence").lower()
    return precedence in ("bulk", "junk") or bool(headers.get("list-unsubscribe"))


def message_ids(headers: Headers, name: str) -> list[str]:
    """The ids in the header, without their brackets."""
    text = one_line(headers.get(name, ""))
    found = _BRACKETED.findall(text) or text.split()
    return [one_line(id)[:MESSAGE_ID_MAX] for id in found if one_line(id)]


def sent_at(headers: Headers) -> datetime | None:
    """When it was sent, according to its sender."""
    return moment(headers.get("date", ""))


def received_at(headers: Headers) -> datetime | None:
    """When it arrived, according to the last server."""
    return moment(headers.get("received", "").rpartition(";")[2])


def moment(text: str) -> datetime | None:
    """The moment by the clock of its writer, whose `tomorrow` it is; without a zone by UTC. None where there
    is none, or none that the board takes."""
    try:
        found = _moment(text.strip()[:_DATE_MAX])
        found = found.replace(tzinfo=found.tzinfo or UTC)
        year = found.astimezone(UTC).year
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return found if year in YEARS else None


def _plain(value: str) -> str:
    """Its bytes as text, with folded lines joined."""
    text = value if value.isascii() else charsets.decoded(value.encode("utf-8", "surrogateescape"), None)[0]
    return re.sub(r"[\r\n]+[ \t]*", " ", text)


def _moment(text: str) -> datetime:
    """As RFC 5322 has it, or ISO 8601; JavaMail writes `GMT+01:00`. Errors: ValueError, and the like."""
    if text[:4].isdigit() and text[4:5] == "-":
        return datetime.fromisoformat(text)
    return parsedate_to_datetime(_OFFSET.sub(r"\1\2", text))

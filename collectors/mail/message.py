"""One message into one record, and what a person should know about it: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.accounts import Account
from collectors.identity import stable_id
from collectors.mail.content import content
from collectors.mail.headers import (
    PEOPLE_MAX,
    REFERENCES_MAX,
    Headers,
    message_ids,
    people,
    received_at,
    sent_at,
    split,
    words,
)
from collectors.mail.mbox import Letter
from collectors.mail.parts import Part
from collectors.remarks import Unusable
from collectors.texts import fitted
from models.base import YEARS, format_instant, own_id
from models.records import MAX_TEXT, GivenRecord

TITLE_MAX, ID_MAX = 1_000, 255  # the server's bounds (models.base.Line, OwnId)
NO_TEXT = "(no text)"
AHEAD_MAX = timedelta(days=1)  # a clock or zone that is wrong, not a date in the future
_FLAGS = {"D": "draft", "F": "flagged", "P": "passed on", "R": "answered", "S": "seen", "T": "deleted"}
_OF_MESSAGES = ("from", "to", "cc", "subject", "date", "message-id", "received")


class Message:
    """A letter with its headers read; `at` is when it was sent, `remarks` are about that.

    Errors: Unusable, when it is none.
    """

    def __init__(self, letter: Letter, now: datetime | None = None) -> None:
        self._cut_at, self._flags, self._root = letter.cut_at, letter.flags, letter.root
        self.headers, self._body = split(letter.data)
        if not any(self.headers.get(name) for name in _OF_MESSAGES):
            raise Unusable("it is not a message: it has none of the headers of one")
        self.at, self.remarks = _dated(letter, self.headers, now or datetime.now(UTC))

    @property
    def id(self) -> str:
        """Its Message-ID, in a form that the server takes; "" without one."""
        return _id(next(iter(message_ids(self.headers, "message-id")), ""))

    @property
    def root(self) -> Part:
        """All of it as one part, which may be taken apart."""
        return self._root or Part(self.headers, self._body)

    def let_go(self) -> None:
        """Its text is not needed any more."""
        self._body, self._root = b"", None

    def taken(self, folder: str, gone: str = "") -> Taken:
        """The record of it; `gone` says that it was thrown away, and how. Errors: ValidationError."""
        found = content(self.root)
        remarks = self.remarks + found.remarks
        if self._cut_at:
            remarks.append(f"it is larger than {self._cut_at >> 20} MiB, and only its beginning is read")
        subject = words(self.headers, "subject")
        text = found.text or subject or NO_TEXT
        remarks += [
            f"its {name} is longer than {limit:,} characters and was cut"
            for name, value, limit in (("text", text, MAX_TEXT), ("subject", subject, TITLE_MAX))
            if len(value) > limit
        ]
        meta = _meta(self.headers, folder, _flags(self._flags, gone), remarks)
        if found.files:
            meta["attachments"] = found.files
        sender, date = (words(self.headers, name) for name in ("from", "date"))
        id = self.id or stable_id(sender, date, subject, text)
        record = GivenRecord(
            id=id,
            text=fitted(text, MAX_TEXT),
            at=format_instant(self.at),
            kind="mail",
            title=fitted(subject, TITLE_MAX) or None,
            meta=meta | {"thread": meta.pop("thread", "") or id},
        )
        attached = "\n".join(f"{file['name']} {file['bytes']}" for file in found.files)
        says = stable_id(sender, date, subject, text, attached)
        return Taken(record, remarks, found.parts, says)


@dataclass(frozen=True)
class Taken:
    """The record of a message, the remarks about it, and the account of its parts; `says` is the same for two
    messages that say the same."""

    record: GivenRecord
    remarks: list[str]
    parts: Account
    says: str

    @property
    def another(self) -> GivenRecord:
        """The record of one that has the Message-ID of another, and says something else."""
        id = f"{self.record.id}#{self.says}"
        return self.record.model_copy(update={"id": id if len(id) <= ID_MAX else stable_id("message-id", id)})


def _dated(letter: Letter, headers: Headers, now: datetime) -> tuple[datetime, list[str]]:
    """When it was sent. What stands in for a date that cannot be read is said."""
    at = sent_at(headers)
    if at is not None:
        ahead = at > now + AHEAD_MAX
        return at, ["its date is in the future"] if ahead else []
    lack = "its date cannot be read" if headers.get("date") else "it has no date"
    for other, whose in ((received_at(headers), "its Received header"), (letter.came_at, letter.came_by)):
        if other is not None and other.astimezone(UTC).year in YEARS:
            return other, [f"{lack}, and that of {whose} is used"]
    raise Unusable(f"{lack}, and nothing else says when it came")


def _flags(flags: str, gone: str) -> list[str]:
    said = [word for letter, word in _FLAGS.items() if letter in flags]
    return said if not gone or gone in said else [*said, gone]


def _meta(headers: Headers, folder: str, flags: list[str], remarks: list[str]) -> dict[str, Any]:
    meta: dict[str, Any] = {"folder": folder}
    for name in ("from", "to", "cc"):
        found = people(headers, name)
        if len(found) > PEOPLE_MAX:
            remarks.append(f"it names more than {PEOPLE_MAX} people, and the first of them are kept")
        if found:
            meta[name] = found[0] if name == "from" else found[:PEOPLE_MAX]
    own, parent = message_ids(headers, "message-id")[:1], message_ids(headers, "in-reply-to")[:1]
    references = message_ids(headers, "references")
    for name, ids in (("message_id", own), ("in_reply_to", parent)):
        if ids:
            meta[name] = ids[0]
    if references:
        meta["references"] = references[-REFERENCES_MAX:]
    if flags:
        meta["flags"] = flags
    return meta | {"thread": next(iter((*references, *parent, *own)), "")}


def _id(message_id: str) -> str:
    """The Message-ID where the server takes it as an id, else a hash of it; "" without one."""
    if not message_id:
        return ""
    try:
        return own_id(message_id) if len(message_id) <= ID_MAX else stable_id("message-id", message_id)
    except ValueError:
        return stable_id("message-id", message_id)

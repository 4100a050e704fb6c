"""One message into one record, and what a person should know about it: pure, and nothing raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from collectors.identity import stable_id
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
from collectors.mail.mbox import LETTER_MAX_BYTES, Letter
from collectors.mail.parts import content
from collectors.texts import fitted
from models.base import format_instant, own_id
from models.records import MAX_TEXT, GivenRecord

TITLE_MAX, ID_MAX = 1_000, 255
NO_TEXT = "(no text)"
AHEAD_MAX = timedelta(days=1)
_FLAGS = {"D": "draft", "F": "flagged", "P": "passed on", "R": "answered", "S": "seen", "T": "trashed"}


class Unusable(Exception):
    """There is no message; the text says why, as a clause."""


def record(
    letter: Letter, folder: str, since: datetime | None = None, now: datetime | None = None
) -> tuple[GivenRecord, list[str]] | None:
    """The record and the remarks about it; None when the message is older than `since`.

    Errors: Unusable.
    """
    headers, body = split(letter.data)
    if not any(headers.get(name) for name in ("from", "to", "subject", "date", "message-id", "received")):
        raise Unusable("it is no message: it has none of the headers of one")
    at, remarks = _dated(letter, headers, now or datetime.now(UTC))
    if since is not None and at < since:
        return None
    found = content(headers, body)
    remarks += found.remarks
    if letter.cut:
        remarks.append(f"it is larger than {LETTER_MAX_BYTES >> 20} MiB, and only its beginning is taken")
    subject = words(headers, "subject")
    text = found.text or subject or NO_TEXT
    remarks += [
        f"its {name} is longer than {limit:,} characters and was cut"
        for name, value, limit in (("text", text, MAX_TEXT), ("subject", subject, TITLE_MAX))
        if len(value) > limit
    ]
    meta = _meta(headers, folder, letter.flags, remarks)
    if found.files:
        meta["attachments"] = found.files
    message_id = meta.get("message_id", "")
    id = _id(message_id) or stable_id(words(headers, "from"), words(headers, "date"), subject, text)
    try:
        given = GivenRecord(
            id=id,
            text=fitted(text, MAX_TEXT),
            at=format_instant(at),
            kind="mail",
            title=fitted(subject, TITLE_MAX) or None,
            meta=meta | {"thread": meta.pop("thread", "") or id},
        )
    except ValidationError as error:
        raise Unusable(f"it does not fit a record: {error.errors()[0]['msg']}") from error
    return given, remarks


def _dated(letter: Letter, headers: Headers, now: datetime) -> tuple[datetime, list[str]]:
    """When it was sent. What stands in for a date that cannot be read is said."""
    at = sent_at(headers)
    if at is not None:
        ahead = at > now + AHEAD_MAX
        return at, ["its date is in the future"] if ahead else []
    lack = "its date cannot be read" if headers.get("date") else "it has no date"
    for other, whose in ((received_at(headers), "its Received header"), (letter.came_at, letter.came_by)):
        if other is not None:
            return other, [f"{lack}, and it got the one of {whose}"]
    raise Unusable(f"{lack}, and nothing else says when it came")


def _meta(headers: Headers, folder: str, flags: str, remarks: list[str]) -> dict[str, Any]:
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
    if set(flags) & set(_FLAGS):
        meta["flags"] = [word for letter, word in _FLAGS.items() if letter in flags]
    return meta | {"thread": next(iter((*references, *parent, *own)), "")}


def _id(message_id: str) -> str:
    """The Message-ID where the server takes it as an id, else a hash of it; "" without one."""
    if not message_id:
        return ""
    try:
        return own_id(message_id) if len(message_id) <= ID_MAX else stable_id("message-id", message_id)
    except ValueError:
        return stable_id("message-id", message_id)

"""Archived lines into records: pure, and within the server's limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import tzinfo

from collectors.archive.fields import (
    ID,
    PAGE,
    SHORT,
    TEXT,
    TIME,
    TITLE,
    URL,
    Line,
    id_of,
    label_of,
    people_of,
    text_of,
    time_of,
)
from collectors.identity import stable_id
from collectors.mail.html import html_text
from collectors.remarks import Unusable
from collectors.sanitize import NothingSaid, fitted_id, meta, web_address
from collectors.slack.marks import Names
from collectors.slack.text import is_stand_in, words
from collectors.texts import fitted, lines, together
from models.records import MAX_TEXT, GivenRecord

TITLE_MAX = 1_000  # the server's bound (models.base.Line)
_KIND_MAX = 32  # the server's bound (models.records)


def record(
    line: Line, folder: str, day: str, zone: tzinfo, number: Callable[[str], str]
) -> tuple[GivenRecord, list[tuple[str, str]]]:
    """The record, and what is not quite as the line says it: the remark, and how to count such remarks.

    `number` tells apart what has no id and says the same. Errors: Unusable, NothingSaid.
    """
    title = label_of(line, TITLE)
    plain = text_of(line, TEXT)
    text = _said(line, plain) or title
    if not text and any(name in line for name in TEXT):
        raise NothingSaid
    if not text:
        raise Unusable(f"it has no text: it has none of {', '.join(TEXT)}, {', '.join(TITLE[:2])}")
    at, unread = time_of(line, TIME, zone)
    remarks = []
    if unread:
        remarks.append(
            (f"its {unread} cannot be read, so the day of its folder is used", "have an unreadable time")
        )
    if len(text) > MAX_TEXT:
        remarks.append((f"its text was cut to {MAX_TEXT:,} characters", "were cut"))
    id = own_record(line, folder) or number(stable_id(folder, day, plain or text))
    found: dict[str, object] = {
        "title": fitted(title, TITLE_MAX) if title != text else "",
        "url": web_address(line, URL),
    }
    return GivenRecord(
        id=id,
        text=fitted(text, MAX_TEXT),
        at=at or day,
        kind=kind_of(folder),
        meta=_meta(line, folder, day, {text, plain}),
        **{name: value for name, value in found.items() if value},  # type: ignore[arg-type]
    ), remarks


def own_record(line: Line, folder: str) -> str:
    """The id of the record of a line that has one itself; "" for others."""
    own = id_of(line)
    return fitted_id(f"{folder}:{own}") if own else ""


def _said(line: Line, plain: str) -> str:
    """Its text, and what its blocks and its page say more."""
    rich = words({name: line.get(name) for name in ("blocks", "attachments")}, Names())
    own = "" if rich and is_stand_in(plain) else plain
    page = next((html_text(value) for name in PAGE if isinstance(value := line.get(name), str)), "")
    return lines(together(together(own, rich), page)) or text_of(line, SHORT)


def kind_of(folder: str) -> str:
    """The folder's name as a kind: `slack`, `e-mail`."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", folder.lower()).lstrip("0123456789_-")[:_KIND_MAX].rstrip("-")
    return plain or "archive"


def _meta(line: Line, folder: str, day: str, texts: set[str]) -> dict[str, object]:
    """Where it was, whom it names, and the fields that went nowhere else."""
    said = {name for name in TEXT if isinstance(value := line.get(name), str) and lines(value) in texts}
    elsewhere = said | {*ID[:1], *URL, *PAGE, "blocks"}
    rest = {name: value for name, value in line.items() if name not in elsewhere}
    ours = {"archive_source": folder, "archive_day": day, "people": people_of(line)}
    return meta({**ours, **{name: value for name, value in rest.items() if name not in ours}})

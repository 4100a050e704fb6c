"""Archived lines into records: pure, and within the server's limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import tzinfo

from collectors.archive.fields import (
    ID,
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
from collectors.remarks import Unusable
from collectors.sanitize import NothingSaid, fitted_id, meta, web_address
from collectors.texts import fitted, lines
from models.records import MAX_TEXT, GivenRecord

TITLE_MAX = 1_000
_KIND_MAX = 32


def record(
    line: Line, folder: str, day: str, zone: tzinfo, number: Callable[[str], str]
) -> tuple[GivenRecord, list[tuple[str, str]]]:
    """The record, and what is not quite as the line says it: the remark, and how to count such remarks.

    `number` tells apart what has no id and says the same. Errors: Unusable, NothingSaid.
    """
    title = label_of(line, TITLE)
    text = text_of(line, TEXT) or title
    if not text and any(name in line for name in TEXT):
        raise NothingSaid
    if not text:
        raise Unusable(f"it says nothing: it has none of {', '.join(TEXT)}, {', '.join(TITLE[:2])}")
    at, unread = time_of(line, TIME, zone)
    remarks = []
    if unread:
        remarks.append(
            (f"its {unread} cannot be read, so the folder's day stands", "have an unreadable time")
        )
    if len(text) > MAX_TEXT:
        remarks.append((f"its text was cut to {MAX_TEXT:,} characters", "were cut"))
    own = id_of(line)
    id = fitted_id(f"{folder}:{own}") if own else number(stable_id(folder, day, text))
    found: dict[str, object] = {
        "title": fitted(title, TITLE_MAX) if title != text else "",
        "url": web_address(line, URL),
    }
    return GivenRecord(
        id=id,
        text=fitted(text, MAX_TEXT),
        at=at or day,
        kind=kind_of(folder),
        meta=_meta(line, folder, day, text),
        **{name: value for name, value in found.items() if value},  # type: ignore[arg-type]
    ), remarks


def kind_of(folder: str) -> str:
    """The folder's name as a kind: `slack`, `e-mail`."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", folder.lower()).lstrip("0123456789_-")[:_KIND_MAX].rstrip("-")
    return plain or "archive"


def _meta(line: Line, folder: str, day: str, text: str) -> dict[str, object]:
    """Where it was, whom it names, and the fields that went nowhere else."""
    said = {name for name in TEXT if isinstance(value := line.get(name), str) and lines(value) == text}
    rest = {name: value for name, value in line.items() if name not in said and name not in (*ID[:1], *URL)}
    ours = {"archive_source": folder, "archive_day": day, "people": people_of(line)}
    return meta({**ours, **{name: value for name, value in rest.items() if name not in ours}})

"""Finds the fields of an archived line: the old system used several names for the same thing.

Each list is in order; the first field that holds something usable counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, tzinfo
from email.utils import parsedate_to_datetime

from collectors.mail.deleted import DELETED, why_gone_from
from collectors.texts import lines, one_line
from collectors.zone_names import known
from models.base import YEARS, format_instant

Line = dict[str, object]

TEXT = ("text", "content", "body", "message", "description", "summary")
PAGE = ("html", "html_body", "body_html", "bodyHtml", "htmlBody", "content_html", "text_html")
SHORT = ("snippet", "preview", "bodyPreview")
TIME = ("ts", "timestamp", "date", "created_at", "start", "time")
ID = ("id", "uid", "event_id", "message_id")
TITLE = ("title", "subject", "summary", "channel")
URL = ("url", "link", "permalink", "html_url", "htmlLink")
PEOPLE = (
    *("from", "to", "cc", "sender", "author", "user", "user_name", "username"),
    *("attendees", "participants", "organizer", "people"),
)
START, END = ("start", "start_time", "starts_at"), ("end", "end_time", "ends_at")
LOCATION, DESCRIPTION = ("location", "place"), ("description", "body", "text", "notes")

GONE = ("deleted", "is_deleted", "isDeleted", "trashed", "cancelled", "is_cancelled", "isCancelled")
LABELS, FOLDER = ("labels", "labelIds", "label_ids"), ("folder", "mailbox")

SLACK_TS = re.compile(r"\d{9,10}\.\d{6}", re.ASCII)
_NUMBER = re.compile(r"\d{9,13}(\.\d{1,9})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Seconds since 1970 have 9 digits until 2001 and 10 until 2286; milliseconds have three more.
_SECONDS, _MILLISECONDS = (10**8, 10**10), (10**11, 10**13)
_PEOPLE_MAX = 500  # the server's bound (models.calendar)
_INNER = ("name", "title", "text", "content")


def text_of(line: Line, names: Iterable[str]) -> str:
    """The first field with words in it; of an object its own text, of a list all of its texts."""
    return next((found for name in names if (found := lines(_words(line.get(name))))), "")


def why_gone(line: Line) -> str:
    """Why what the line is about no longer exists; "" if it does."""
    if any(line.get(name) is True for name in GONE) or line.get("subtype") == "tombstone":
        return DELETED
    values = (line.get(name) for name in LABELS)
    labels = {str(label).casefold() for value in values if isinstance(value, list) for label in value}
    return why_gone_from(labels, label_of(line, FOLDER))


def label_of(line: Line, names: Iterable[str]) -> str:
    """The same, on one line."""
    return one_line(text_of(line, names))


def id_of(line: Line) -> str:
    """The line's own id, with its channel where it is a Slack message's time; "" when it has none."""
    for name in ID:
        value = line.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    ts = line.get("ts")
    if isinstance(ts, str) and SLACK_TS.fullmatch(ts):
        return "-".join(part for part in (label_of(line, ("channel_id", "channel")), ts) if part)
    return ""


def time_of(line: Line, names: Iterable[str], zone: tzinfo) -> tuple[str, str]:
    """The first time that can be read, as the wire writes it, and the name of one that cannot; or ""."""
    unread = ""
    for name in names:
        value = line.get(name)
        if value in (None, ""):
            continue
        if found := instant(value, zone):
            return found, ""
        unread = unread or name
    return "", unread


def instant(value: object, zone: tzinfo) -> str:
    """A time as the wire writes it, or "": ISO 8601, a mail's date, seconds or milliseconds since 1970, or
    `{dateTime, timeZone}` or `{date}`. What names no zone is by the clock of `zone`; a date stays one."""
    match value:
        case {"dateTime": inner, "timeZone": str(name)}:
            return instant(inner, known(name) or zone)
        case {"dateTime": inner} | {"date": inner}:
            return instant(inner, zone)
        case bool():
            return ""
        case int() | float():
            return _since_1970(value)
        case str() if _NUMBER.fullmatch(value.strip()):
            return _since_1970(float(value))
        case str():
            return _written(value.strip(), zone)
    return ""


def people_of(line: Line) -> list[str]:
    """The people in the line, each once, as `Name <address>` or the part that is known."""
    named = (person for name in PEOPLE for person in people(line.get(name)))
    return list(dict.fromkeys(named))[:_PEOPLE_MAX]


def people(value: object) -> Iterator[str]:
    """The people in one field: a text, an object, or a list of these."""
    match value:
        case str():
            found = one_line(value)
        case dict():
            address = label_of(value, ("email", "address", "mail"))
            name = label_of(value, ("displayName", "display_name", "name", "real_name"))
            found = f"{name} <{address}>" if name and address and name != address else name or address
        case list():
            for one in value[: 2 * _PEOPLE_MAX]:
                if not isinstance(one, list):
                    yield from people(one)
            return
        case _:
            return
    if found:
        yield found


def _words(value: object, depth: int = 2) -> str:
    match value:
        case str():
            return value
        case dict() if depth:
            inner = (_words(value.get(name), depth - 1) for name in (*TEXT, *_INNER))
            return next((found for found in inner if found), "")
        case list() if depth:
            return "\n".join(found for one in value if (found := _words(one, depth - 1)))
    return ""


def _since_1970(number: float) -> str:
    if _MILLISECONDS[0] <= number < _MILLISECONDS[1]:
        number /= 1000
    if not _SECONDS[0] <= number < _SECONDS[1]:
        return ""
    moment = datetime.fromtimestamp(number, UTC)
    return format_instant(moment) if moment.year in YEARS else ""


def _written(text: str, zone: tzinfo) -> str:
    try:
        if _DAY.fullmatch(text):
            return text if date.fromisoformat(text).year in YEARS else ""
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return ""
    if moment.year not in YEARS:
        return ""
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    return format_instant(moment) if moment.year in YEARS else ""

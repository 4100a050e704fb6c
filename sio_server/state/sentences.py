"""A change as a sentence, in the reader's time zone, with its author's name."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any

from models.base import is_day
from models.links import without_secrets
from models.quoting import quoted
from sio_server.registry.fields import Kind
from sio_server.registry.ops import Json
from sio_server.registry.registry import Section

TITLE_MAX = 80  # characters, so that a sentence fits on a line or two
VALUE_MAX = 60  # characters, for the same reason
FIELDS_TOLD = 3  # the rest are counted
_NOBODY = "server"
"""Changes by time alone have no author."""
_DONE = {
    "added": "is new",
    "removed": "is gone",
    "done": "is done",
    "reopened": "is open again",
    "cancelled": "is cancelled",
}


def sentence(told: Json, section: Section[Any], zone: tzinfo) -> str:
    """`C4 “Board call” moved from Tue 1 Dec 08:00 to 09:30, by Ana Silva.`"""
    what = _what(told, section, zone)
    by = "" if told["by"] == _NOBODY else f", by {told.get('name') or told['by']}"
    return f"{told['code']} {quoted(_short(told['title'], TITLE_MAX))} {what}{by}."


def _what(told: Json, section: Section[Any], zone: tzinfo) -> str:
    changed, what = told.get("changed") or {}, told["what"]
    if what in _DONE:
        return _DONE[what]
    if what == "moved":
        old, new = (changed[section.begins][side] for side in ("old", "new"))
        return f"moved from {_when(old, zone)} to {_when(new, zone, after=old)}"
    people = [each.name for each in section.fields if each.kind is Kind.PERSON and each.name in changed]
    if what == "assigned":
        old, new = (changed[people[0]][side] for side in ("old", "new"))
        return f"is now {_short(new, VALUE_MAX)}'s" if new else f"is no longer {_short(old, VALUE_MAX)}'s"
    return f"changed: {_fields(changed, section, zone)}"


def _fields(changed: dict[str, Json], section: Section[Any], zone: tzinfo) -> str:
    """Old and new values of fields that people decide; of others only names: a link may hold a password."""
    decided = {section.headline, *(field.name for field in section.fields)}
    said = []
    for name, value in list(changed.items())[:FIELDS_TOLD]:
        word, told = name.replace("_", " "), (value["old"], value["new"])
        if name not in decided and any(isinstance(one, str) and not _is_time(one) for one in told):
            told = ({}, {})
        old, new = (_value(one, zone) for one in told)
        said.append(word if old is None or new is None else f"{word} {new} (was {old})")
    more = len(changed) - len(said)
    return ", ".join(said) + (f" and {more} more" if more else "")


def _value(value: Json, zone: tzinfo) -> str | None:
    """A value in words; None when it is too long for a sentence."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str) or len(value) > VALUE_MAX or "://" in value:
        return None
    return _when(value, zone) if _is_time(value) else quoted(value) if " " in value else value or "none"


def _is_time(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None or is_day(value)
    except ValueError:
        return False


def _when(value: str | None, zone: tzinfo, after: str | None = None) -> str:
    """A day, or a day and a time; only the time if it is on the same day as `after`."""
    if value is None:
        return "no time"
    if is_day(value):
        return _day(date.fromisoformat(value))
    moment = datetime.fromisoformat(value).astimezone(zone)
    if after is not None and not is_day(after):
        before = datetime.fromisoformat(after).astimezone(zone)
        if before.date() == moment.date():
            return f"{moment:%H:%M}"
    return f"{_day(moment.date())} {moment:%H:%M}"


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _short(text: object, most: int) -> str:
    line = " ".join(without_secrets(str(text)).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"

"""Facts as tests write them, and what was said of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from briefs.facts import Facts
from models.base import format_instant, is_day
from models.brief import BriefSection
from models.calendar import CalendarItem
from models.commitments import Commitment
from models.priorities import Priority
from models.sources import Source, SourceStatus

Json = Any

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""A Monday."""
PARIS, TOKYO, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


def event(code: str, start: str, title: str = "Walk", **more: Json) -> CalendarItem:
    """An event of that code and id; all day when `start` is a date."""
    fields: Json = {
        "id": f"e{code[1:]}",
        "code": code,
        "title": title,
        "start": start,
        "all_day": is_day(start),
    }
    return CalendarItem(**fields | more)


def priority(code: str, title: str = "Sign", due: str | None = None, **more: Json) -> Priority:
    """A priority of that code and id."""
    fields: Json = {"id": f"p{code[1:]}", "code": code, "title": title, "due_date": due}
    return Priority(**fields | more)


def owe(
    code: str, to: str | None, what: str = "the draft", due: str | None = None, **more: Json
) -> Commitment:
    """What I owe somebody."""
    fields: Json = {"id": f"m{code[1:]}", "code": code, "description": what, "assignee": to, "due_date": due}
    return Commitment(**{"direction": "owe"} | fields | more)


def owed(
    code: str, by: str | None, what: str = "the keys", due: str | None = None, **more: Json
) -> Commitment:
    """What somebody owes me."""
    return owe(code, by, what, due, direction="owed", **more)


def source(id: str, status: str, **more: Json) -> Source:
    """A source in that status."""
    return Source(id=id, status=SourceStatus(status), **more)


def facts(
    *items: CalendarItem | Priority | Commitment | Source,
    now: datetime = NOON,
    tz: tzinfo = UTC,
    **more: Json,
) -> Facts:
    """Facts of these items, which are given in the order that the state has them in."""

    def of(kind: type) -> Sequence[Any]:
        return [item for item in items if isinstance(item, kind)]

    return Facts(now, tz, of(CalendarItem), of(Priority), of(Commitment), of(Source), **more)


def at(text: str, tz: tzinfo = UTC) -> datetime:
    """A moment on the wall clock there."""
    return datetime.fromisoformat(text).replace(tzinfo=tz)


def instant(text: str, tz: tzinfo = UTC) -> str:
    """The same as the wire writes it."""
    return format_instant(at(text, tz))


def said(sections: Iterable[BriefSection]) -> dict[str, list[str]]:
    """The texts, by heading."""
    return {section.title: [item.text for item in section.items] for section in sections}


def evidence(sections: Iterable[BriefSection]) -> list[tuple[str, ...]]:
    """What each statement rests on."""
    return [item.evidence for section in sections for item in section.items]

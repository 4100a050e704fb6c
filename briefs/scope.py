"""Which changes put a brief out of date: those of what it speaks of, or would speak of now."""

from __future__ import annotations

from datetime import timedelta

from briefs.facts import Facts
from briefs.weekly import DAYS
from models.base import Item
from models.brief import Brief, BriefKind
from models.calendar import CalendarItem
from models.sources import Source


def concerns(brief: Brief, section: str, before: Item | None, after: Item | None, facts: Facts) -> bool:
    """Whether that change is one; `facts` tells the day."""
    if before == after:
        return False
    if isinstance(before, Source) or isinstance(after, Source):
        return _says(before) != _says(after)
    if section == "calendar":
        return any(
            isinstance(item, CalendarItem) and _falls_in(brief, item, facts) for item in (before, after)
        )
    return True


def is_over(brief: Brief, facts: Facts) -> bool:
    """Whether its day is not today any more."""
    return brief.kind != BriefKind.MEETING and brief.day is not None and brief.day != facts.today.isoformat()


def _says(item: Item | None) -> object:
    return item.status if isinstance(item, Source) else None


def _falls_in(brief: Brief, event: CalendarItem, facts: Facts) -> bool:
    if brief.kind == BriefKind.MEETING:
        return brief.about == event.id or _speaks_of(brief, event)
    days = DAYS if brief.kind == BriefKind.WEEKLY else 1
    first, last = facts.today, facts.today + timedelta(days=days - 1)
    begin = facts.begin(event).astimezone(facts.tz).date()
    return first <= begin <= last or _speaks_of(brief, event)


def _speaks_of(brief: Brief, event: CalendarItem) -> bool:
    ref = f"calendar/{event.id}"
    return any(ref in item.evidence for section in brief.sections or () for item in section.items)

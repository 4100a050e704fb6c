"""Which changes put a brief out of date: those of what it speaks of, or would speak of now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from briefs.facts import Facts
from briefs.people import one_of
from briefs.weekly import DAYS
from models.base import CodedItem, Item
from models.brief import Brief, BriefKind
from models.calendar import CalendarItem
from models.commitments import Commitment
from models.priorities import Priority
from models.sources import Source, SourceStatus
from sio_server.language.words import have_to_do

Change = tuple[str, Item | None, Item | None]
"""The section, and its item before and after."""


def concerned(brief: Brief, about: CalendarItem | None, changes: Iterable[Change], facts: Facts) -> bool:
    """Whether any of the changes is one; `about` is its meeting, `facts` tell the day."""
    changed = [change for change in changes if change[1] != change[2]]
    items = [item for _, *both in changed for item in both if item is not None]
    named = {f"{section}/{item.id}" for section, *both in changed for item in both if item is not None}
    if not spoken_of(brief).isdisjoint(name for name in named if not name.startswith("sources/")):
        return True
    if brief.kind == BriefKind.MEETING:
        return f"calendar/{brief.about}" in named or _has_to_do_with(about, items, facts)
    if any(isinstance(item, CodedItem) and not isinstance(item, CalendarItem) for item in items):
        return True
    if any(_says(before) != _says(after) for _, before, after in changed):
        return True
    events = [item for item in items if isinstance(item, CalendarItem)]
    days = DAYS if brief.kind == BriefKind.WEEKLY else 1
    return bool(replace(facts, calendar=events).meetings(facts.today, days))


def spoken_of(brief: Brief) -> set[str]:
    """All that its statements rest on."""
    return {ref for section in brief.sections or () for item in section.items for ref in item.evidence}


def is_over(brief: Brief, facts: Facts) -> bool:
    """Whether its day is not today any more."""
    return brief.kind != BriefKind.MEETING and brief.day is not None and brief.day != facts.today.isoformat()


def _has_to_do_with(about: CalendarItem | None, items: Iterable[Item], facts: Facts) -> bool:
    if about is None:
        return False
    comes = one_of(facts.attendees(about))
    return any(
        (isinstance(item, Priority) and have_to_do(item.title, about.title))
        or (isinstance(item, Commitment) and comes(item.person or item.assignee))
        for item in items
    )


def _says(item: Item | None) -> object:
    """What a brief says of a source; nothing of one that is well."""
    if not isinstance(item, Source) or item.status is SourceStatus.ONLINE:
        return None
    return item.status, item.message

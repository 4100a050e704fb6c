"""The day: what takes place, what is due, what matters most, and what is not to be relied on."""

from __future__ import annotations

from briefs import statements
from briefs.facts import Facts
from briefs.people import is_same
from briefs.words import have_to_do
from models.brief import BriefItem, BriefSection
from models.calendar import CalendarItem
from models.commitments import Commitment, Direction
from models.priorities import Priority
from models.sources import SourceStatus

TOP = 5
CHANGES_MAX = 20
MEETINGS_MAX = 50
PREPARE_MAX = 5
DUE_MAX = 50


def daily(facts: Facts) -> tuple[BriefSection, ...]:
    """The sections that have something to say."""
    return some(
        section("Today", [_prepared(event, facts) for event in facts.meetings(facts.today)[:MEETINGS_MAX]]),
        section("Overdue", overdue(facts)),
        section("Due today", due_within(facts, 0)),
        section(
            "Top priorities", [statements.priority(item, facts) for item in facts.open_priorities()[:TOP]]
        ),
        *standing(facts),
    )


def standing(facts: Facts) -> list[BriefSection]:
    """What every overview ends with: what changed, and whom not to rely on."""
    return [
        section(
            "Changed since the last brief",
            [statements.changed(one) for one in facts.changes[:CHANGES_MAX]],
        ),
        section(
            "Sources to look after",
            [
                statements.source(source)
                for source in facts.sources
                if source.status is not SourceStatus.ONLINE
            ],
        ),
    ]


def overdue(facts: Facts) -> list[BriefItem]:
    """Both ways, then priorities."""
    return [
        _told(item, facts)
        for item in _with_a_date(facts)
        if (due := facts.due(item)) is not None and due < facts.today
    ][:DUE_MAX]


def due_within(facts: Facts, days: int) -> list[BriefItem]:
    """What falls due from today on, so many days ahead."""
    return [
        _told(item, facts)
        for item in _with_a_date(facts)
        if (due := facts.due(item)) is not None and 0 <= (due - facts.today).days <= days
    ][:DUE_MAX]


def to_prepare(event: CalendarItem, facts: Facts) -> list[BriefItem]:
    """What is open with its attendees, and the priorities that have to do with it."""
    theirs = [
        statements.commitment(item, facts)
        for way in (Direction.OWE, Direction.OWED)
        for item in facts.pending(way)
        if item.assignee and any(is_same(item.assignee, person) for person in event.attendees)
    ]
    related = [
        statements.priority(item, facts)
        for item in facts.open_priorities()
        if have_to_do(item.title, event.title)
    ]
    return [*theirs, *related]


def section(title: str, items: list[BriefItem]) -> BriefSection:
    """Statements under a heading."""
    return BriefSection(title=title, items=tuple(items))


def some(*sections: BriefSection) -> tuple[BriefSection, ...]:
    """Those that are not empty."""
    return tuple(one for one in sections if one.items)


def _prepared(event: CalendarItem, facts: Facts) -> BriefItem:
    said = statements.meeting(event, facts)
    return statements.with_more(said, "to prepare", to_prepare(event, facts)[:PREPARE_MAX])


def _with_a_date(facts: Facts) -> list[Commitment | Priority]:
    items: list[Commitment | Priority] = [*facts.pending(Direction.OWE), *facts.pending(Direction.OWED)]
    items += facts.open_priorities()
    return [item for item in items if item.due_date is not None]


def _told(item: Commitment | Priority, facts: Facts) -> BriefItem:
    if isinstance(item, Priority):
        return statements.priority(item, facts)
    return statements.commitment(item, facts)

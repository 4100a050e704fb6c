"""The day: what takes place, what is due, what matters most, and what is not to be relied on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, islice

from briefs import statements
from briefs.decisions import concerns
from briefs.facts import Facts, takes_place
from briefs.people import one_of
from briefs.waiting import waiting
from models.brief import BriefItem, BriefSection
from models.calendar import CalendarItem
from models.commitments import Commitment, Direction
from models.priorities import Priority
from models.sources import SourceStatus

TOP = 5  # as many as a person does in a day; the rest are counted
CHANGES_MAX = 20  # this and the bounds below keep a full brief readable
CONFLICTS_MAX = 10
MEETINGS_MAX = 50
PREPARE_MAX = 5
DUE_MAX = 50
OTHERS_MAX = 20
SOURCES_MAX = 50


def daily(facts: Facts) -> tuple[BriefSection, ...]:
    """The sections that have something to say."""
    return some(
        section("Today", _prepared(facts.meetings(facts.today)[:MEETINGS_MAX], facts)),
        section("At the same time", conflicts(facts, days=1)),
        section("Overdue", overdue(facts)),
        section("Due today", due_within(facts, 0)),
        section("Proposals", waiting(facts)),
        section("Top priorities", [statements.priority(item, facts) for item in facts.open_priorities[:TOP]]),
        *standing(facts),
    )


def standing(facts: Facts) -> list[BriefSection]:
    """What every overview ends with: what else is open, what changed, and whom not to rely on."""
    return [
        *(
            section(nouns.capitalize(), [statements.other(item) for item in items[:OTHERS_MAX]])
            for nouns, items in facts.others.items()
        ),
        section(
            "Changed since the last brief",
            [statements.changed(one, facts) for one in facts.changes[:CHANGES_MAX]],
        ),
        section(
            "Sources to look after",
            [
                statements.source(source)
                for source in facts.sources
                if source.status is not SourceStatus.ONLINE
            ][:SOURCES_MAX],
        ),
    ]


def conflicts(facts: Facts, days: int) -> list[BriefItem]:
    """The events that cannot both be attended, from today so many days ahead."""
    shown = {event.id: event for event in facts.meetings(facts.today, days)}
    pairs = (conflict.events for conflict in facts.conflicts)
    both = [(shown[one], shown[other]) for one, other in pairs if one in shown and other in shown]
    told = [statements.conflict(one, other, facts) for one, other in both[:CONFLICTS_MAX]]
    more = len(both) - len(told) + facts.unlisted(shown)
    return [*told, statements.say(f"and {more:,} more", told[-1].evidence)] if more else told


def overdue(facts: Facts) -> list[BriefItem]:
    """Both ways, then priorities."""
    late = (item for item, due in _due(facts) if due < facts.today)
    return [_told(item, facts) for item in islice(late, DUE_MAX)]


def due_within(facts: Facts, days: int) -> list[BriefItem]:
    """What falls due from today on, so many days ahead."""
    soon = (item for item, due in _due(facts) if 0 <= (due - facts.today).days <= days)
    return [_told(item, facts) for item in islice(soon, DUE_MAX)]


def open_with_them(event: CalendarItem, facts: Facts) -> Iterator[BriefItem]:
    """The open commitments with its attendees, both ways."""
    company = facts.attendees(event)
    comes = one_of(company)
    for way in Direction if company else ():
        for item in facts.pending(way):
            if comes(item.person or item.assignee):
                yield statements.commitment(item, facts)


def matching(event: CalendarItem, facts: Facts) -> Iterator[BriefItem]:
    """The open priorities that have to do with it."""
    for item in facts.open_priorities:
        if concerns(item, event):
            yield statements.priority(item, facts)


def section(title: str, items: Iterable[BriefItem]) -> BriefSection:
    """Statements under a heading."""
    return BriefSection(title=title, items=tuple(items))


def some(*sections: BriefSection) -> tuple[BriefSection, ...]:
    """Those that are not empty."""
    return tuple(one for one in sections if one.items)


def _prepared(events: Iterable[CalendarItem], facts: Facts) -> Iterator[BriefItem]:
    """The meetings, and with those that are still to be attended what is to prepare: each thing once."""
    told = set[str]()
    for event in events:
        said = statements.meeting(event, facts, facts.today)
        if takes_place(event) and facts.end(event) > facts.now:
            found = chain(open_with_them(event, facts), matching(event, facts))
            more = [*islice((one for one in found if told.isdisjoint(one.evidence)), PREPARE_MAX)]
            told.update(ref for one in more for ref in one.evidence)
            said = statements.with_more(said, "to prepare", more)
        yield said


def _due(facts: Facts) -> Iterator[tuple[Commitment | Priority, date]]:
    items: list[Commitment | Priority] = [item for way in Direction for item in facts.pending(way)]
    for item in [*items, *facts.open_priorities]:
        due = facts.due(item)
        if due is not None:
            yield item, due


def _told(item: Commitment | Priority, facts: Facts) -> BriefItem:
    if isinstance(item, Priority):
        return statements.priority(item, facts)
    return statements.commitment(item, facts)

"""The week on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from briefs.daily import section, some
from briefs.facts import Facts
from briefs.short.length import Detail, Told, counted, fitting, joined, listed
from briefs.short.overview import Overview, refs_of
from briefs.statements import cut, day, say
from briefs.weekly import DAYS
from briefs.words import safe
from models.base import zone_name
from models.brief import BriefItem
from models.calendar import CalendarItem

TITLE_WORDS = 6
"""Of a meeting's title, among so many."""
AT_ONCE = 3
"""Conflicts and changes that are named; the brief of their day names them all."""


def week(facts: Facts, full: bool = False) -> Told:
    """The first line and the sections: at one time, cancelled or moved, to decide, a line for each day,
    promises. With `full` the first line is that of a full brief."""
    return fitting(Week(facts, full).told)


class Week:
    """Today and the six days after it."""

    def __init__(self, facts: Facts, full: bool = False) -> None:
        self._facts = facts
        self._overview = Overview(facts, DAYS, full)
        left = {event.id for event in self._overview.left}
        days = [facts.today + timedelta(days=ahead) for ahead in range(DAYS)]
        events = [(one, [event for event in facts.meetings(one) if event.id in left]) for one in days]
        self._busy = [(one, some) for one, some in events if some]

    def told(self, detail: Detail) -> Told:
        """In so much detail."""
        overview = self._overview
        detail = replace(detail, at_once=min(AT_ONCE, detail.at_once))
        return self._first_line(), some(
            *overview.out_of_order(detail),
            overview.proposals(),
            overview.to_decide(detail),
            section("Days", [self._line(one, events, detail) for one, events in self._busy]),
            overview.promises(overview.promised, detail),
            overview.to_do(detail),
            *overview.others(detail),
            overview.sources(),
        )

    def _first_line(self) -> str:
        facts, left = self._facts, self._overview.left
        when = f"Week from {day(facts.today, facts)}, {DAYS} days ({zone_name(facts.tz)})"
        days = f" on {counted(len(self._busy), 'day')}" if len(self._busy) > 1 else ""
        timed = sum(not event.all_day for event in left)
        extent = f"{counted(timed, 'meeting')}{days}" if left else "no meetings"
        return joined([f"{when}: {extent}", *self._overview.what_is_open()])

    def _line(self, on: date, events: Sequence[CalendarItem], detail: Detail) -> BriefItem:
        """`Mon 23 Nov, 4 meetings: 09:00 Board review, 11:00 1:1 Ana and 2 others`: the important ones first
        where not all are named."""
        at_most = detail.meetings // len(self._busy)
        pressing = sorted(events, key=lambda event: not event.important)[:at_most]
        named = [self._named(event, on, detail) for event in events if event in pressing]
        lead = day(on, self._facts)
        if len(named) < len(events):
            lead += f", {counted(sum(not event.all_day for event in events), 'meeting')}"
            named += [f"{len(events) - len(named)} more"] if named else []
        return say(f"{lead}: {listed(named, len(named))}" if named else lead, refs_of(events))

    def _named(self, event: CalendarItem, on: date, detail: Detail) -> str:
        begin = self._facts.begin(event).astimezone(self._facts.tz)
        hour = "all day" if event.all_day or begin.date() != on else f"{begin:%H:%M}"
        return f"{hour} {cut(safe(event.title), min(detail.title, TITLE_WORDS))}"

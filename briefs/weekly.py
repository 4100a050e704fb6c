"""The week ahead, day by day."""

from __future__ import annotations

from datetime import timedelta

from briefs import statements
from briefs.daily import conflicts, due_within, overdue, section, some, standing
from briefs.facts import Facts
from briefs.waiting import waiting
from models.brief import BriefSection

DAYS = 7
TOP = 10  # for a week, twice the daily brief's
MEETINGS_MAX = 30  # of each day


def weekly(facts: Facts) -> tuple[BriefSection, ...]:
    """The sections that have something to say: today and the six days after it."""
    days = [facts.today + timedelta(days=ahead) for ahead in range(DAYS)]
    return some(
        *(
            section(
                statements.day(one, facts),
                [statements.meeting(event, facts, one) for event in facts.meetings(one)[:MEETINGS_MAX]],
            )
            for one in days
        ),
        section("At the same time", conflicts(facts, DAYS)),
        section("Overdue", overdue(facts)),
        section("Due this week", due_within(facts, DAYS - 1)),
        section("Proposals", waiting(facts, DAYS)),
        section("Top priorities", [statements.priority(item, facts) for item in facts.open_priorities[:TOP]]),
        *standing(facts),
    )

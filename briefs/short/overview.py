"""What the short briefs of a day and of a week have in common."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from briefs.daily import section
from briefs.decisions import is_decided
from briefs.facts import Facts, Other, takes_place
from briefs.short import subjects
from briefs.short.length import Detail, counted, listed
from briefs.statements import day, item_ref, other, say
from briefs.waiting import waiting
from models.brief import BriefItem, BriefSection
from models.calendar import CalendarItem
from models.commitments import Commitment
from models.priorities import Priority
from models.sources import SourceStatus

REFS_OF_MORE = 50
"""Of the items behind "and 12 more"."""
TASKS_MAX = 3


class Overview:
    """Some days from today on. `left` are the meetings that are not over. A `full` brief has other sections
    below its first line."""

    def __init__(self, facts: Facts, days: int, full: bool) -> None:
        self._full = full
        self.facts = facts
        self._days = days
        self.meetings = [one for one in facts.meetings(facts.today, days) if takes_place(one)]
        self.left = [one for one in self.meetings if facts.end(one) > facts.now]
        self.promised = subjects.promises(facts)
        ranked = subjects.ranked(facts, facts.meetings(facts.today, days))
        decided = [item for item in ranked if is_decided(item)]
        self._decisions = subjects.first_of(decided)
        self._to_decide = len({item.title.casefold() for item in decided})
        self._tasks = subjects.first_of((item for item in ranked if not is_decided(item)), TASKS_MAX)
        self._conflicts = subjects.groups(facts, days=days)
        self._proposed = waiting(facts, days)

    def what_is_open(self) -> list[str]:
        """What there is to decide, and what is promised: sentences of the first line."""
        return [self._what_to_decide(), self._promised()]

    def out_of_order(self, detail: Detail) -> list[BriefSection]:
        """What is at one time, cancelled or moved."""
        conflicts = subjects.conflicts(self.facts, detail, self._conflicts, days=self._days)
        changed = subjects.changed(self.facts, detail, self._days)
        return [section("At the same time", conflicts), section("Cancelled or moved", changed)]

    def proposals(self) -> BriefSection:
        """How many wait, and which are due: what is asked by mail may be the most urgent of the day."""
        return section("Proposals", self._proposed)

    def to_decide(self, detail: Detail) -> BriefSection:
        """The first decisions."""
        return section("To decide", self._told(self._decisions, detail))

    def to_do(self, detail: Detail) -> BriefSection:
        """The first of what is only to be done."""
        return section("To do", self._told(self._tasks[: detail.besides], detail))

    def promises(self, untold: Sequence[Commitment], detail: Detail) -> BriefSection:
        """Those of them that are due; the others are counted."""
        due = [item for item in untold if self._ahead(item) < self._days]
        lines = [_begun(subjects.promise(item, self.facts, detail)) for item in due[: detail.besides]]
        more = due[detail.besides :]
        if more:
            refs = [item_ref("commitments", item.id) for item in more[:REFS_OF_MORE]]
            number = f"and {len(more)} more" if lines else counted(len(more), "promise")
            lines.append(say(f"{number} {self._when_due(more)}", refs))
        later = [item for item in untold if self._ahead(item) >= self._days]
        if later:  # the first line counts them as well
            due_next, first = self.facts.due(later[0]), "" if len(later) == 1 else "the next "
            next_day = f", {first}due {day(due_next, self.facts)}" if due_next is not None else ""
            refs = [item_ref("commitments", item.id) for item in later[:REFS_OF_MORE]]
            lines.append(say(f"{counted(len(later), 'promise')} for later{next_day}", refs))
        return section("Promises", lines)

    def others(self, detail: Detail) -> list[BriefSection]:
        """The first open items of each section of one's own."""
        named = self.facts.others.items()
        return [section(nouns.capitalize(), _first(items, detail.besides)) for nouns, items in named]

    def sources(self) -> BriefSection:
        """Those that are not to be relied on."""
        off = [one for one in self.facts.sources if one.status is not SourceStatus.ONLINE]
        names = listed([one.id for one in off], 3)
        return section(
            "Not up to date", [say(names, [item_ref("sources", one.id) for one in off])] if off else []
        )

    def _told(self, items: Sequence[Priority], detail: Detail) -> list[BriefItem]:
        return [subjects.decision(item, self.facts, detail) for item in items]

    def _what_to_decide(self) -> str:
        if not self._decisions:
            return "Nothing to decide"
        if self._to_decide == 1:
            return "One thing to decide"
        first = len(self._decisions)
        more = f", the first {first} below" if first < self._to_decide and not self._full else ""
        return f"{self._to_decide} things to decide{more}"

    def _promised(self) -> str:
        items = self.promised
        if not items:
            return "No promise is open"
        ahead = [self._ahead(item) for item in items]
        soon = sum(0 <= days < self._days for days in ahead)
        late = sum(days < 0 for days in ahead)
        more = [f"{soon} due {self._span()}"] if soon else []
        more += [f"{late} overdue"] if late else []
        verb = "is" if len(items) == 1 else "are"
        return f"{counted(len(items), 'promise')} {verb} open" + (f", {' and '.join(more)}" if more else "")

    def _ahead(self, item: Commitment) -> float:
        due = self.facts.due(item)
        return float("inf") if due is None else (due - self.facts.today).days

    def _span(self) -> str:
        return "today" if self._days == 1 else "this week"

    def _when_due(self, items: Sequence[Commitment]) -> str:
        late = sum(self._ahead(item) < 0 for item in items)
        soon = f"due {self._span()}"
        return soon if not late else "overdue" if late == len(items) else f"{soon} or overdue"


def refs_of(events: Sequence[CalendarItem]) -> list[str]:
    """The evidence of events that are counted."""
    return [item_ref("calendar", event.id) for event in islice(events, REFS_OF_MORE)]


def _first(items: Sequence[Other], at_most: int) -> list[BriefItem]:
    lines = [other(item) for item in items[:at_most]]
    more = items[at_most:]
    if more:
        refs = [item_ref(item.section, item.id) for item in more[:REFS_OF_MORE]]
        lines.append(say(f"and {len(more)} more", refs))
    return lines


def _begun(item: BriefItem) -> BriefItem:
    return item.model_copy(update={"text": item.text[:1].upper() + item.text[1:]})

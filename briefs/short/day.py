"""The day on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from briefs.daily import section, some
from briefs.facts import Facts, Other
from briefs.short import subjects
from briefs.short.length import Detail, Told, counted, fitting, joined, listed
from briefs.statements import cut, item_ref, other, say
from briefs.words import safe
from models.base import zone_name
from models.brief import BriefItem
from models.calendar import CalendarItem
from models.commitments import Commitment
from models.priorities import Priority
from models.sources import SourceStatus

EVIDENCE_OF_MORE = 50  # of the items behind "and 12 more"


def day(facts: Facts) -> Told:
    """The first line and the sections: at one time, cancelled or moved, to decide, meetings, promises."""
    return fitting(Day(facts).told)


class Day:
    """One day; each promise is told once, with the first meeting that it belongs to."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._meetings = [one for one in facts.meetings(facts.today) if subjects.takes_place(one)]
        self._left = [one for one in self._meetings if facts.end(one) > facts.now]
        self._decisions = subjects.decisions(facts)
        self._conflicts = subjects.groups(facts)
        self._promised = subjects.promises(facts)
        self._untold: dict[str, Commitment] = {}
        self._with: dict[str, tuple[Sequence[str], list[Commitment]]] = {}
        self._first_line = self._line_of_the_day()

    def told(self, detail: Detail) -> Told:
        """In so much detail."""
        facts, self._detail = self._facts, detail
        self._untold = {item.id: item for item in self._promised}
        lines = self._lines()
        return self._first_line, some(
            section("At the same time", subjects.conflicts(facts, detail, self._conflicts)),
            section("Cancelled or moved", subjects.changed(facts, detail)),
            section("To decide", [subjects.decision(item, facts, detail) for item in self._decisions]),
            section("Meetings", lines),
            section("Promises", self._promises()),
            *(section(nouns.capitalize(), self._others(items)) for nouns, items in facts.others.items()),
            section("Not up to date", self._sources()),
        )

    def _line_of_the_day(self) -> str:
        facts = self._facts
        weekday = f"{facts.now.astimezone(facts.tz):%A}"
        when = f"{weekday} {facts.today.day} {facts.today:%B %Y} ({zone_name(facts.tz)})"
        return joined([f"{when}: {self._extent()}", self._to_decide(self._decisions), self._open()])

    def _extent(self) -> str:
        timed = [one for one in self._left if not one.all_day]
        if not timed:
            return "no more meetings" if self._meetings else "no meetings"
        begin = min(self._facts.begin(one) for one in timed).astimezone(self._facts.tz)
        end = max(self._facts.end(one) for one in timed).astimezone(self._facts.tz)
        until = f"{end:%H:%M}" if end.date() == self._facts.today else "after midnight"
        since = f"{begin:%H:%M}" if begin.date() == self._facts.today else "before midnight"
        more = "" if len(self._left) == len(self._meetings) else " left"
        return f"{counted(len(timed), 'meeting')}{more}, from {since} to {until}"

    def _to_decide(self, items: list[Priority]) -> str:
        if not items:
            return "Nothing to decide"
        return f"{len(items)} things to decide" if len(items) > 1 else "One thing to decide"

    def _open(self) -> str:
        items, facts = self._promised, self._facts
        if not items:
            return "No promise is open"
        soon = [item for item in items if (due := facts.due(item)) is not None and due <= facts.today]
        today = [item for item in soon if facts.due(item) == facts.today]
        more = [f"{len(today)} due today"] if today else []
        more += [f"{len(soon) - len(today)} overdue"] if len(soon) > len(today) else []
        verb = "is" if len(items) == 1 else "are"
        return f"{counted(len(items), 'promise')} {verb} open" + (f", {' and '.join(more)}" if more else "")

    def _lines(self) -> list[BriefItem]:
        shown = self._left[: self._detail.meetings]
        lines = [self._line(event) for event in shown]
        more = self._left[self._detail.meetings :]
        if more and shown:
            refs = [item_ref("calendar", event.id) for event in more[:EVIDENCE_OF_MORE]]
            lines.append(say(f"and {len(more)} more", refs))
        return lines

    def _line(self, event: CalendarItem) -> BriefItem:
        facts, detail = self._facts, self._detail
        company, promised = self._company(event)
        begin = facts.begin(event).astimezone(facts.tz)
        when = "All day:" if event.all_day else f"{begin:%H:%M}"
        text = f"{when} {cut(safe(event.title), detail.title)}"
        if company and detail.names and not _names(company, event):
            text += f", with {subjects.named(company, detail.names)}"
        if detail.places and (place := subjects.place_of(event)):
            text += f", {place}"
        mine = [item for item in promised if item.id in self._untold][: detail.with_meeting]
        refs = [item_ref("calendar", event.id)]
        for item in mine:
            del self._untold[item.id]
        said = [subjects.promise(item, facts, detail) for item in mine]
        refs += [ref for one in said for ref in one.evidence]
        return say(joined([text, _sentence(said)]) if said else text, refs)

    def _company(self, event: CalendarItem) -> tuple[Sequence[str], list[Commitment]]:
        """Who else comes, and what is open with them."""
        if event.id not in self._with:
            company = self._facts.attendees(event)
            self._with[event.id] = company, subjects.open_with(company, self._promised)
        return self._with[event.id]

    def _promises(self) -> list[BriefItem]:
        """Those that are due, and were not told with a meeting."""
        facts = self._facts
        due = [
            item
            for item in self._untold.values()
            if (when := facts.due(item)) is not None and when <= facts.today
        ]
        shown, more = due[: self._detail.besides], due[self._detail.besides :]
        lines = [_begun(subjects.promise(item, facts, self._detail)) for item in shown]
        if more:
            lines.append(say(f"and {len(more)} more {_late(more, facts)}", _refs(more)))
        return lines

    def _others(self, items: Sequence[Other]) -> list[BriefItem]:
        """The first open items of a section of one's own."""
        shown, more = items[: self._detail.besides], items[self._detail.besides :]
        lines = [other(item) for item in shown]
        if more:
            refs = [item_ref(item.section, item.id) for item in more[:EVIDENCE_OF_MORE]]
            lines.append(say(f"and {len(more)} more", refs))
        return lines

    def _sources(self) -> list[BriefItem]:
        off = [one for one in self._facts.sources if one.status is not SourceStatus.ONLINE]
        if not off:
            return []
        names = listed([one.id for one in off], 3)
        return [say(names, [item_ref("sources", one.id) for one in off])]


def _names(company: Sequence[str], event: CalendarItem) -> bool:
    """Whether the title says who comes: `1:1 Ana`."""
    title = event.title.casefold().split()
    return len(company) == 1 and any(word in title for word in company[0].casefold().split())


def _sentence(promises: list[BriefItem]) -> str:
    text = "; ".join(one.text for one in promises)
    return text[:1].upper() + text[1:]


def _begun(item: BriefItem) -> BriefItem:
    return item.model_copy(update={"text": item.text[:1].upper() + item.text[1:]})


def _late(items: list[Commitment], facts: Facts) -> str:
    overdue = sum((facts.due(item) or facts.today) < facts.today for item in items)
    return "due today" if not overdue else "overdue" if overdue == len(items) else "due or overdue"


def _refs(items: list[Commitment]) -> list[str]:
    return [item_ref("commitments", item.id) for item in items[:EVIDENCE_OF_MORE]]

"""The day on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from briefs.daily import section, some
from briefs.facts import Facts
from briefs.short import subjects
from briefs.short.length import Detail, Told, counted, fitting, joined
from briefs.short.overview import Overview, refs_of
from briefs.statements import cut, item_ref, say
from briefs.words import safe
from models.base import zone_name
from models.brief import BriefItem
from models.calendar import CalendarItem
from models.commitments import Commitment


def day(facts: Facts, full: bool = False) -> Told:
    """The first line and the sections: at one time, cancelled or moved, to decide, meetings, promises.
    With `full` the first line is that of a full brief."""
    return fitting(Day(facts, full).told)


class Day:
    """One day; each promise is told once, with the first meeting that it belongs to."""

    def __init__(self, facts: Facts, full: bool = False) -> None:
        self._facts = facts
        self._overview = Overview(facts, 1, full)
        self._untold: dict[str, Commitment] = {}
        self._with: dict[str, tuple[Sequence[str], list[Commitment]]] = {}
        self._first_line = self._line_of_the_day()

    def told(self, detail: Detail) -> Told:
        """In so much detail."""
        overview, self._detail = self._overview, detail
        self._untold = {item.id: item for item in overview.promised}
        meetings = self._lines()
        return self._first_line, some(
            *overview.out_of_order(detail),
            overview.proposals(),
            overview.to_decide(detail),
            section("Meetings", meetings),
            overview.promises([*self._untold.values()], detail),
            overview.to_do(detail),
            *overview.others(detail),
            overview.sources(),
        )

    def _line_of_the_day(self) -> str:
        facts = self._facts
        weekday = f"{facts.now.astimezone(facts.tz):%A}"
        when = f"{weekday} {facts.today.day} {facts.today:%B %Y} ({zone_name(facts.tz)})"
        return joined([f"{when}: {self._extent()}", *self._overview.what_is_open()])

    def _extent(self) -> str:
        overview = self._overview
        timed = [one for one in overview.left if not one.all_day]
        if not timed:
            return "no more meetings" if overview.meetings else "no meetings"
        begin = min(self._facts.begin(one) for one in timed).astimezone(self._facts.tz)
        end = max(self._facts.end(one) for one in timed).astimezone(self._facts.tz)
        until = f"{end:%H:%M}" if end.date() == self._facts.today else "after midnight"
        since = f"{begin:%H:%M}" if begin.date() == self._facts.today else "before midnight"
        more = "" if len(overview.left) == len(overview.meetings) else " left"
        return f"{counted(len(timed), 'meeting')}{more}, from {since} to {until}"

    def _lines(self) -> list[BriefItem]:
        left, at_most = self._overview.left, self._detail.meetings
        lines = [self._line(event) for event in left[:at_most]]
        more = left[at_most:]
        if more and lines:
            lines.append(say(f"and {len(more)} more", refs_of(more)))
        return lines

    def _line(self, event: CalendarItem) -> BriefItem:
        facts, detail = self._facts, self._detail
        company, promised = self._company(event)
        begin = facts.begin(event).astimezone(facts.tz)
        when = "All day:" if event.all_day else f"{begin:%H:%M}"
        text = f"{when} {cut(safe(event.title), detail.title)}"
        coming = facts.coming(event) if company and detail.names else ()
        if coming and not _names(coming, event):
            text += f", with {subjects.named(coming, detail.names)}"
        if company and not coming and detail.names:
            text += f" ({subjects.answers_to(event, facts, detail.names)})"
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
            self._with[event.id] = company, subjects.open_with(company, self._overview.promised)
        return self._with[event.id]


def _names(company: Sequence[str], event: CalendarItem) -> bool:
    """Whether the title says who comes: `1:1 Ana`."""
    title = event.title.casefold().split()
    return len(company) == 1 and any(word in title for word in company[0].casefold().split())


def _sentence(promises: list[BriefItem]) -> str:
    text = "; ".join(one.text for one in promises)
    return text[:1].upper() + text[1:]

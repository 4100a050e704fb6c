"""One meeting on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from briefs.daily import section, some
from briefs.decisions import is_decided
from briefs.facts import Facts, Said
from briefs.people import is_same, names_in, shown
from briefs.short import subjects
from briefs.short.length import Detail, Told, counted, fitting, joined
from briefs.statements import cut, day, item_ref, quote, say
from briefs.waiting import with_people
from briefs.words import safe
from models.base import zone_name
from models.brief import BriefItem
from models.calendar import CalendarItem
from models.hours import elsewhere
from models.priorities import Priority
from sio_server.language.passages import passages
from sio_server.language.sentences import ALIKE, likeness, sentences, words_of

QUOTES_OF_PEOPLE = 2  # of attendees, beside those about the subject
NEWS_DAYS = 365
"""What somebody said of other things longer ago is no news of them."""
DESCRIPTION_PARTS = 4  # passages of an invitation that are read: then come the dial-in lines


def meeting(event: CalendarItem, facts: Facts) -> Told:
    """The first line and the sections: at one time, to decide, open, what was said, what it is for."""
    return fitting(_Meeting(event, facts).told)


class _Meeting:
    """One meeting. What the first line says in full is not said again below."""

    def __init__(self, event: CalendarItem, facts: Facts) -> None:
        self._event = event
        self._facts = facts
        self._company = facts.attendees(event)
        self._open = subjects.open_with(self._company, subjects.promises(facts))
        self._decisions = subjects.decisions(facts, event)
        self._conflicts = subjects.groups(facts, event)
        self._about = self._not_told_as_tasks(facts.about)
        self._last_time = self._earlier()

    def told(self, detail: Detail) -> Told:
        """In so much detail."""
        facts, self._detail = self._facts, detail
        return self._first_line(), some(
            section("At the same time", subjects.conflicts(facts, detail, self._conflicts, self._event)),
            section("Also to decide", self._besides(self._decisions[1:], decided=True)),
            section("To do", self._besides(self._decisions[1:], decided=False)),
            section("Open with them", self._promises()),
            section("Proposals", with_people(self._company, facts, detail)),
            section("Said", [quote(said, facts) for said in self._quotes()]),
            section("For the meeting", self._description()),
            section("Last time", self._last_time),
        )

    def _first_line(self) -> str:
        facts, event = self._facts, self._event
        change = subjects.change_of(event, facts)
        coming = facts.coming(event)
        who = f", with {subjects.named(coming, max(2, self._detail.names))}" if coming else ""
        answers = subjects.answers_to(event, facts, max(2, self._detail.names))
        place = subjects.place_of(event) if self._detail.places else ""
        where = f", {place}" if place else ""
        what = f"{cut(safe(event.title), max(8, min(10, self._detail.title)))}, {self._when()}{where}{who}"
        return joined([what, change, answers, self._decide(), self._what_is_open()])

    def _when(self) -> str:
        facts, event = self._facts, self._event
        begin, last = facts.begin(event).astimezone(facts.tz), facts.last_day(event)
        first = day(begin.date(), facts)
        if event.all_day:
            days = f"{first} to {day(last, facts)}" if last > begin.date() else f"{first}, all day"
            return f"{days} ({zone_name(facts.tz)})"
        end = "" if event.end is None else f"{facts.moment(event.end).astimezone(facts.tz):%H:%M}"
        until = f"-{end}" if end and last == begin.date() else f" to {day(last, facts)} {end}" if end else ""
        zones = "; ".join(filter(None, (zone_name(facts.tz), elsewhere(begin, facts.zones))))
        return f"{first} {begin:%H:%M}{until} ({zones})"

    def _decide(self) -> str:
        if not self._decisions:
            return ""
        first = self._decisions[0]
        said = subjects.decision(first, self._facts, self._detail).text
        return f"To decide: {said}" if is_decided(first) else f"To do: {said}"

    def _besides(self, items: Sequence[Priority], decided: bool) -> list[BriefItem]:
        told = [item for item in items if is_decided(item) is decided]
        return [subjects.decision(item, self._facts, self._detail) for item in told]

    def _what_is_open(self) -> str:
        if not self._company:
            return ""
        if not self._open:
            return (
                "Nothing is open with them"
                if len(self._company) > 1
                else f"Nothing is open with {shown(self._company[0])}"
            )
        if len(self._open) == 1:
            return f"Open: {subjects.promise(self._open[0], self._facts, self._detail).text}"
        names = self._others()
        number = counted(len(self._open), "promise")
        return f"Open: {number} with {subjects.named(names, 3)}{subjects.late(self._open, self._facts)}"

    def _others(self) -> list[str]:
        """With whom something is open, by the names of the attendees: a promise may name several people. A
        name that two of them have stays as it is."""
        named = dict.fromkeys(subjects.who(item) for item in self._open)
        return [*dict.fromkeys(name for who in named for name in self._meant(who))]

    def _meant(self, who: str) -> list[str]:
        if who in self._company:
            return [who]
        same = [one for one in self._company if is_same(one, who)]
        called_so = sum(names_in(who) <= names_in(one) for one in same)
        return [who] if called_so > 1 else same

    def _promises(self) -> list[BriefItem]:
        if len(self._open) < 2:
            return []
        most = max(2, self._detail.besides + self._detail.with_meeting)
        shown, more = self._open[:most], self._open[most:]
        lines = [subjects.promise(item, self._facts, self._detail) for item in shown]
        lines = [one.model_copy(update={"text": one.text[:1].upper() + one.text[1:]}) for one in lines]
        refs = [item_ref("commitments", item.id) for item in more]
        return [*lines, say(f"and {len(more)} more", refs)] if more else lines

    def _not_told_as_tasks(self, about: Sequence[Said]) -> list[Said]:
        """What minutes have as a task is told as one."""
        told = [item.title for item in self._decisions] + [item.description for item in self._open]
        told_words = [words_of(one) for one in told]
        said_words = ((said, words_of(said.text)) for said in about)
        return [said for said, words in said_words if not any(_is_in(words, one) for one in told_words)]

    def _quotes(self) -> list[Said]:
        """About the subject; what its people last said besides, if that is not enough."""
        found = self._about[: self._detail.quotes]
        for person in self._company:
            theirs = (
                said
                for said in self._facts.by.get(person, ())
                if said.author and is_same(said.author, person) and self._is_news(said)
            )
            said = next((one for one in theirs if not _is_told(one, found)), None)
            if said is not None and len(found) < min(QUOTES_OF_PEOPLE, self._detail.quotes):
                found.append(said)
        return sorted(found, key=lambda said: said.at or "", reverse=True)

    def _is_news(self, said: Said) -> bool:
        return said.at is None or (self._facts.today - self._facts.day_of(said.at)).days < NEWS_DAYS

    def _description(self) -> list[BriefItem]:
        """Its first sentence, where it has one: much of a description is about how to join."""
        text = self._event.description or ""
        said = (one for part in passages(text, DESCRIPTION_PARTS) for one in sentences(part.text))
        first = next(said, None)
        return [] if first is None else [say(safe(first), [item_ref("calendar", self._event.id)])]

    def _earlier(self) -> list[BriefItem]:
        """The last one that was held: others of the series may be still to come, or cancelled."""
        facts, event = self._facts, self._event
        before = [
            one
            for one in facts.calendar
            if one.title == event.title and one.source == event.source and facts.is_held_before(one, event)
        ]
        if not before:
            return []
        last = before[-1]
        return [
            say(day(facts.begin(last).astimezone(facts.tz).date(), facts), [item_ref("calendar", last.id)])
        ]


def _is_in(said: frozenset[str], told: frozenset[str]) -> bool:
    """Whether hardly a word of it is not told elsewhere."""
    return len(said & told) >= ALIKE * len(said)


def _is_told(said: Said, found: list[Said]) -> bool:
    return any(likeness(words_of(said.text), words_of(one.text)) >= ALIKE for one in found)

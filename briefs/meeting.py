"""One meeting: who comes, what is open with them, what was said lately, and what went before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from briefs import statements
from briefs.daily import matching, open_with_them, section, some
from briefs.facts import Facts
from briefs.people import is_same, quotable, shown, telling_name
from briefs.words import safe
from models.brief import BriefItem, BriefSection
from models.calendar import Answer, CalendarItem

ATTENDEES_MAX = 50  # of an all-hands, the first
PEOPLE_MAX = 8  # attendees whose last words are searched for: a query each
OPEN_MAX = 50  # lines; a meeting with more is one of everybody
SAID_MAX = 5  # quotes
EARLIER_MAX = 3  # earlier meetings of the series

_ANSWERS = {
    Answer.ACCEPTED: "accepted",
    Answer.TENTATIVE: "may come",
    Answer.DECLINED: "declined",
    Answer.NEEDS_ACTION: "no answer",
}


def by_whom(attendees: Sequence[str]) -> list[str]:
    """Those of them whose words are looked for."""
    return [person for person in dict.fromkeys(attendees) if telling_name(person)][:PEOPLE_MAX]


def question_of(person: str) -> str:
    """The question to the records about what somebody said."""
    full = quotable(person)
    names = dict.fromkeys([telling_name(person), *([full] if " " in full else [])])
    return " ".join(f'from:"{name}"' for name in names)


def meeting(event: CalendarItem, facts: Facts) -> tuple[BriefSection, ...]:
    """The sections that have something to say."""
    return some(
        section("Meeting", [statements.meeting(event, facts), *_description(event)]),
        section("Attendees", _attendees(event, facts)),
        section("Open with them", islice(open_with_them(event, facts), OPEN_MAX)),
        section("Said about it", [statements.quote(said, facts) for said in facts.about[:SAID_MAX]]),
        section(
            "Said by them",
            [said for person in by_whom(facts.attendees(event)) for said in _last_words(person, facts)],
        ),
        section("Earlier meetings", _earlier(event, facts)),
        section("Priorities that match", islice(matching(event, facts), OPEN_MAX)),
    )


def _description(event: CalendarItem) -> list[BriefItem]:
    if not event.description:
        return []
    return [statements.say(safe(event.description), [statements.item_ref("calendar", event.id)])]


def _attendees(event: CalendarItem, facts: Facts) -> list[BriefItem]:
    ref = [statements.item_ref("calendar", event.id)]
    answers = facts.answers(event)
    said = ((person, answers.get(person)) for person in facts.attendees(event)[:ATTENDEES_MAX])
    return [
        statements.say(shown(person) + (f": {_ANSWERS[answer]}" if answer else ""), ref)
        for person, answer in said
    ]


def _last_words(person: str, facts: Facts) -> list[BriefItem]:
    """The newest that is really theirs: names are looked for by one of their words."""
    found = facts.by.get(person, ())
    told = {said.text for said in facts.about}
    theirs = (said for said in found if said.author and is_same(said.author, person))
    return [statements.quote(said, facts) for said in theirs if said.text not in told][:1]


def _earlier(event: CalendarItem, facts: Facts) -> list[BriefItem]:
    """The ones before it in its series: of the same source, and with the same title or rule."""
    series = _series(event.id)
    before = [
        other
        for other in facts.calendar
        if other.id != event.id
        and other.source == event.source
        and (other.title == event.title or (series and _series(other.id) == series))
        and facts.is_held_before(other, event)
    ]
    return [statements.meeting(other, facts) for other in before[-EARLIER_MAX:][::-1]]


def _series(item_id: str) -> str:
    """What the occurrences of one rule have in common (a collector names them `uid#when`)."""
    uid, mark, _ = item_id.rpartition("#")
    return uid if mark else ""

"""One meeting: who comes, what is open with them, what was said lately, and what went before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from briefs import statements
from briefs.daily import matching, open_with_them, section, some
from briefs.facts import Facts
from briefs.people import is_same, quotable, shown, telling_name
from briefs.words import telling
from models.brief import BriefItem, BriefSection
from models.calendar import CalendarItem
from models.links import without_addresses

ATTENDEES_MAX = 50
ASKED_MAX = 8
OPEN_MAX = 50
SAID_MAX = 5
EARLIER_MAX = 3
WORDS_MAX = 6


def about(event: CalendarItem) -> str:
    """The question to the records about its subject; empty when its title says nothing."""
    return " OR ".join(f'"{word}"' for word in telling(event.title)[:WORDS_MAX])


def by_whom(attendees: Sequence[str]) -> list[str]:
    """Those of them whose words are looked for."""
    return [person for person in dict.fromkeys(attendees) if telling_name(person)][:ASKED_MAX]


def words_of(person: str) -> str:
    """The question to the records about what somebody said."""
    full = quotable(person)
    names = dict.fromkeys([telling_name(person), *([full] if " " in full else [])])
    return " ".join(f'from:"{name}"' for name in names)


def meeting(event: CalendarItem, facts: Facts) -> tuple[BriefSection, ...]:
    """The sections that have something to say. `facts.said` has what was found, by `about(event)` and by
    `words_of` each of `by_whom` of its attendees."""
    return some(
        section("Meeting", [statements.meeting(event, facts), *_description(event)]),
        section("Attendees", _attendees(event, facts)),
        section("Open with them", islice(open_with_them(event, facts), OPEN_MAX)),
        section("Said about it", _quotes(facts, about(event), SAID_MAX)),
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
    return [statements.say(without_addresses(event.description), [statements.item_ref("calendar", event.id)])]


def _attendees(event: CalendarItem, facts: Facts) -> list[BriefItem]:
    ref = [statements.item_ref("calendar", event.id)]
    return [statements.say(shown(person), ref) for person in facts.attendees(event)[:ATTENDEES_MAX]]


def _quotes(facts: Facts, question: str, at_most: int) -> list[BriefItem]:
    return [statements.quote(said, facts) for said in facts.said.get(question, ())[:at_most]]


def _last_words(person: str, facts: Facts) -> list[BriefItem]:
    """The newest that is really theirs: names are looked for by one of their words."""
    found = facts.said.get(words_of(person), ())
    theirs = [said for said in found if said.author and is_same(said.author, person)]
    return [statements.quote(max(theirs, key=lambda said: said.at or ""), facts)] if theirs else []


def _earlier(event: CalendarItem, facts: Facts) -> list[BriefItem]:
    """The ones before it in its series: of the same source, and with the same title or rule."""
    begin, series = facts.begin(event), _series(event.id)
    before = [
        other
        for other in facts.calendar
        if other.id != event.id
        and other.source == event.source
        and (other.title == event.title or (series and _series(other.id) == series))
        and facts.begin(other) < begin
    ]
    return [statements.meeting(other, facts) for other in before[-EARLIER_MAX:][::-1]]


def _series(item_id: str) -> str:
    """What the occurrences of one rule have in common (a collector names them `uid#when`)."""
    uid, mark, _ = item_id.rpartition("#")
    return uid if mark else ""

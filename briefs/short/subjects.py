"""What a short brief tells of: what is to be decided, what is open with people, what is cancelled, moved or
at one time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from briefs.decisions import concerns, is_decided
from briefs.facts import Facts, takes_place
from briefs.people import one_of, shown
from briefs.short.length import Detail, counted, listed
from briefs.statements import cut, day, item_ref, moment, say
from briefs.words import safe, whole
from models.brief import BriefItem
from models.calendar import Answer, CalendarItem, EventStatus
from models.commitments import Commitment, Direction
from models.priorities import Priority, Urgency
from sio_server.language.sentences import words_of
from sio_server.language.words import stems

DECISIONS_MAX = 3  # more than three are not decided in one meeting
REFS_MAX = 100  # as much evidence as one statement may have (models.brief)
DECISION_WORDS = 8
"""Of a decision's title, however short the brief has to be: what is cut more cannot be decided."""
MANY = 4
"""Meetings that are told by their number, where they are all of the day."""
BESIDE_ONE = 4
"""Meetings that are named beside the one that a brief is about; who has more is told how many."""
SHARED_BY_MANY = 4
"""A word that so many titles have says little of what a priority has to do with."""
SAME_TASK = 0.8
"""The share of common words from which two titles are one task: in ten words, one may differ."""


_ON_LINE = re.compile(
    r"\b(?:zoom|teams|google meet|meet|webex|online|virtual|remote|jitsi|slack)\b", re.IGNORECASE
)


def decisions(facts: Facts, event: CalendarItem) -> list[Priority]:
    """What is to be decided or done at a meeting, at most three, the same once."""
    return first_of(ranked(facts, [event], lambda item: concerns(item, event)))


def ranked(
    facts: Facts, events: Iterable[CalendarItem], fits: Callable[[Priority], bool] = lambda _: True
) -> list[Priority]:
    """The open priorities that fit: those first that press, that are to be decided, or that share words with
    these events."""
    titles = Counter(stem for item in facts.open_priorities for stem in stems(item.title))
    near = {stem for one in events for stem in stems(one.title)}
    weighed = []
    for place, item in enumerate(facts.open_priorities):
        if not fits(item):
            continue
        shared = sum(1 / titles[stem] for stem in stems(item.title) & near if titles[stem] < SHARED_BY_MANY)
        due = facts.due(item)
        pressing = 2 * (due is not None and due <= facts.today) + 2 * (item.urgency is Urgency.HIGH)
        weighed.append((-(pressing + 2 * is_decided(item) + 2 * shared), place, item))
    return [item for _, _, item in sorted(weighed, key=lambda one: one[:2])]


def first_of(items: Iterable[Priority], at_most: int = DECISIONS_MAX) -> list[Priority]:
    """The first of them, the same once."""
    first: list[Priority] = []
    for item in items:
        if len(first) == at_most:
            break
        if not any(_is_same_task(item.title, one.title) for one in first):
            first.append(item)
    return first


def _is_same_task(one: str, other: str) -> bool:
    """Whether minutes say the same twice; a title that says less than the other may be another task."""
    first, second = words_of(one), words_of(other)
    return len(first & second) >= SAME_TASK * len(first | second)


def decision(item: Priority, facts: Facts, detail: Detail) -> BriefItem:
    """`Sign the budget (due Fri 27 Nov)`."""
    title = cut(whole(safe(item.title)), max(detail.title, DECISION_WORDS))
    return say(title + _due(item, facts), [item_ref("priorities", item.id)])


def promises(facts: Facts) -> list[Commitment]:
    """What is open, both ways, the first due first; the same words to the same person count once."""
    found: dict[tuple[str, str], Commitment] = {}
    for way in Direction:
        for item in facts.pending(way):
            found.setdefault((who(item), item.description.casefold()), item)
    return sorted(found.values(), key=lambda item: (item.due_date or "9999", item.description))


def open_with(people: Sequence[str], items: Iterable[Commitment]) -> list[Commitment]:
    """Those of them that are with one of these people."""
    comes = one_of(people)
    return [item for item in items if people and comes(item.person or item.assignee)]


def promise(item: Commitment, facts: Facts, detail: Detail) -> BriefItem:
    """`you owe Ana: the draft (due Fri 27 Nov)`."""
    said = f"you owe {who(item)}" if item.direction is Direction.OWE else f"{who(item)} owes you"
    text = f"{said}: {cut(safe(item.description), detail.promise)}{_due(item, facts)}"
    return say(text, [item_ref("commitments", item.id)])


def named(people: Iterable[str], at_most: int) -> str:
    """`Ana, Bo and 3 others`: by their names, without addresses where there is a name."""
    return listed([*dict.fromkeys(map(shown, people))], at_most)


def who(item: Commitment) -> str:
    """The other side of a promise."""
    return shown(item.person or item.assignee or "somebody")


def place_of(event: CalendarItem) -> str:
    """Where to go; nothing where it takes place at an address or a service."""
    place = event.location or ""
    return "" if safe(place) != place or _ON_LINE.search(place) else place


def changed(facts: Facts, detail: Detail, days: int = 1) -> list[BriefItem]:
    """What of these days was cancelled or moved, to or from them, each once."""
    items = []
    shown = {event.id for event in facts.meetings(facts.today, days)}
    for event in facts.altered:
        now, before = event.id in shown, _was_in(event, facts, days)
        if event.status is EventStatus.CANCELLED and now:
            items.append(_event(event, facts, detail, "cancelled"))
        elif event.moved_from is not None and (now or before) and takes_place(event):
            then = _time(event.moved_from.start, facts)
            items.append(_event(event, facts, detail, f"moved from {then} to {_time(event.start, facts)}"))
    more = items[detail.at_once :]
    refs = [ref for item in more for ref in item.evidence]
    return items[: detail.at_once] + ([say(f"and {len(more)} more", refs[:REFS_MAX])] if more else [])


def change_of(event: CalendarItem, facts: Facts) -> str:
    """What became of one event; nothing where it is as it was."""
    if event.status is EventStatus.CANCELLED:
        return "It is cancelled"
    if event.answer is Answer.DECLINED:
        return "You declined it"
    if event.moved_from is not None:
        return f"It was moved from {moment(event.moved_from.start, facts)}"
    return "It is tentative" if event.status is EventStatus.TENTATIVE else ""


_ANSWERS = ((Answer.DECLINED, "declined"), (Answer.TENTATIVE, "may come"))


def answers_to(event: CalendarItem, facts: Facts, at_most: int) -> str:
    """`Bob declined, Cy and Dee may come, no answer from Eve`; nothing where all others accepted, or no
    answer is known."""
    answers = facts.answers(event)
    by_answer = {answer: [name for name, one in answers.items() if one is answer] for answer in Answer}
    said = [f"{named(by_answer[answer], at_most)} {verb}" for answer, verb in _ANSWERS if by_answer[answer]]
    silent = by_answer[Answer.NEEDS_ACTION]
    return ", ".join([*said, *([f"no answer from {named(silent, at_most)}"] if silent else [])])


Pair = tuple[CalendarItem, CalendarItem]


Group = tuple[CalendarItem, list[Pair]]


def groups(facts: Facts, of: CalendarItem | None = None, days: int = 1) -> list[Group]:
    """The pairs of these days (or of one event) that are at one time, each once: with an event, the pairs
    that are told with it, beginning with the one that is in most."""
    known = facts.by_id
    shown = {event.id for event in facts.meetings(facts.today, days)}
    pairs = [
        (known[one], known[other])
        for one, other in (conflict.events for conflict in facts.conflicts)
        if one in known
        and other in known
        and ({one, other} <= shown if of is None else of.id in (one, other))
    ]
    found = []
    while pairs:
        times = Counter(event.id for pair in pairs for event in pair)
        first = of or max((event for pair in pairs for event in pair), key=lambda event: times[event.id])
        found.append((first, [pair for pair in pairs if first.id in (pair[0].id, pair[1].id)]))
        pairs = [pair for pair in pairs if first.id not in (pair[0].id, pair[1].id)]
    return found


def conflicts(
    facts: Facts,
    detail: Detail,
    grouped: list[Group],
    of: CalendarItem | None = None,
    days: int = 1,
) -> list[BriefItem]:
    """Each pair once: an event that is in several pairs is told with all of the others. Those beyond what the
    detail has are counted."""
    known = facts.by_id
    shown = {event.id for event in facts.meetings(facts.today, days)}
    items: list[BriefItem] = []
    for first, pairs in grouped[: detail.at_once]:
        others = [one if other.id == first.id else other for one, other in pairs]
        if of is not None:
            items.append(_beside(of, others, facts))
        elif days == 1 and first.all_day and len(others) >= MANY and len(others) == _timed(known, shown):
            items.append(_beside_all(first, others, detail))
        else:
            items.append(_at_one_time(first, others, facts, detail, facts.today if days == 1 else None))
    left = [pair for _, pairs in grouped[detail.at_once :] for pair in pairs]
    more = len(left) + (facts.unlisted(shown) if of is None else 0)
    if more:
        left = left or [pair for _, pairs in grouped[-1:] for pair in pairs[-1:]]
        refs = list(dict.fromkeys(item_ref("calendar", event.id) for pair in left for event in pair))
        items.append(say(f"and {counted(more, 'more conflict')}", refs[:REFS_MAX]))
    return items


def _timed(known: Mapping[str, CalendarItem], today: Iterable[str]) -> int:
    """How many meetings of today have a time, and take place."""
    return sum(not known[id].all_day and takes_place(known[id]) for id in today)


def _beside_all(first: CalendarItem, others: list[CalendarItem], detail: Detail) -> BriefItem:
    """A day away, on which all other meetings are as well."""
    refs = [item_ref("calendar", event.id) for event in (first, *others)]
    lead = f"All day {cut(safe(first.title), detail.title)}"
    return say(f"{lead} overlaps all {len(others)} meetings", refs[:REFS_MAX])


def _at_one_time(
    first: CalendarItem, others: list[CalendarItem], facts: Facts, detail: Detail, on: date | None
) -> BriefItem:
    """A day is told where it is not the day `on`, and once."""
    words = min(detail.title, 8 if len(others) < 3 else 3)
    begin = facts.begin(first).astimezone(facts.tz).date()
    named = [f"{_hour(event, facts, begin)} {cut(safe(event.title), words)}" for event in others]
    lead = f"{_hour(first, facts, on)} {cut(safe(first.title), detail.title)}"
    refs = [item_ref("calendar", event.id) for event in (first, *others)]
    return say(f"{lead} overlaps {listed(named, detail.at_once)}", refs[:REFS_MAX])


def _beside(of: CalendarItem, others: list[CalendarItem], facts: Facts) -> BriefItem:
    """The others of one meeting that the brief is about, the first by their time; the day is known."""
    named = []
    for event in sorted(others, key=facts.begin):
        hour = "all day" if event.all_day else f"{facts.begin(event).astimezone(facts.tz):%H:%M}"
        named.append(f"{hour} {cut(safe(event.title), 6)}")
    refs = [item_ref("calendar", event.id) for event in (of, *others)]
    return say(listed(named, BESIDE_ONE), refs[:REFS_MAX])


def _event(event: CalendarItem, facts: Facts, detail: Detail, what: str) -> BriefItem:
    hour = "" if what.startswith("moved") else f", {_time(event.start, facts)},"
    return say(f"{cut(safe(event.title), detail.title)}{hour} {what}", [item_ref("calendar", event.id)])


def _was_in(event: CalendarItem, facts: Facts, days: int) -> bool:
    if event.moved_from is None:
        return False
    return 0 <= (facts.day_of(event.moved_from.start) - facts.today).days < days


def _time(when: str, facts: Facts) -> str:
    """The hour today, or the day with it."""
    if facts.day_of(when) != facts.today:
        return moment(when, facts)
    return "today" if len(when) == len("2026-11-23") else f"{facts.moment(when).astimezone(facts.tz):%H:%M}"


def _hour(event: CalendarItem, facts: Facts, on: date | None) -> str:
    begin = facts.begin(event).astimezone(facts.tz)
    hour = "all day" if event.all_day else f"{begin:%H:%M}"
    known = begin.date() == on or (event.all_day and on is not None)
    return hour if known else f"{day(begin.date(), facts)} {hour}"


def _due(item: Priority | Commitment, facts: Facts) -> str:
    due = facts.due(item)
    if due is None:
        return ""
    if due < facts.today:
        return f" (overdue since {day(due, facts)})"
    return " (due today)" if due == facts.today else f" (due {day(due, facts)})"


def late(items: Iterable[Commitment], facts: Facts) -> str:
    """`, 2 overdue`; nothing where none is."""
    number = sum((due := facts.due(item)) is not None and due < facts.today for item in items)
    return f", {number} overdue" if number else ""

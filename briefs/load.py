"""What a day holds: the times that are free in it, and what there is to do by then."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time

from briefs.decisions import is_decided
from briefs.facts import Facts
from briefs.short import subjects
from briefs.statements import cut
from briefs.words import safe, whole
from models.calendar import CalendarItem
from models.commitments import Commitment, Direction
from models.priorities import Priority, PriorityStatus

LEAST_FREE_MIN = 15
"""What is shorter is a pause, not time to work."""
HEADLINE_WORDS = 16  # two lines on a phone

Span = tuple[datetime, datetime]

_IS_FOR = re.compile(
    r"^\W*(?:to decide|decisions?|decide|agenda|goal|aim|purpose|objective|topic|entscheidung|zu entscheiden"
    r"|tagesordnung|ziel|thema|à décider|ordre du jour|objectif|decidir|objetivo|議題|目的)\s*[:：-]\s*(.*)$",
    re.IGNORECASE,
)
_LINE_START = re.compile(r"^\s*(?:[-*•–]|\d+[.)])?\s*")


def working(day: date, hours: tuple[str, str] | None, facts: Facts) -> Span | None:
    """When the person works that day, by clock times of their zone."""
    if hours is None:
        return None
    start, end = (datetime.combine(day, time.fromisoformat(hour), facts.tz) for hour in hours)
    return start, end


def free(span: Span, taken: Iterable[Span]) -> Iterator[Span]:
    """What of the span is not taken, in order; instants, so that a change of the clocks counts as it is."""
    at, end = span
    for first, last in sorted(taken, key=lambda one: (one[0].timestamp(), one[1].timestamp())):
        if first.timestamp() > at.timestamp() and at.timestamp() < end.timestamp():
            yield at, min(first, end, key=datetime.timestamp)
        at = max(at, last, key=datetime.timestamp)
    if at.timestamp() < end.timestamp():
        yield at, end


def minutes(spans: Iterable[Span]) -> int:
    """The whole minutes of all of them."""
    return int(sum(end.timestamp() - start.timestamp() for start, end in spans) // 60)


def to_do(day: date, facts: Facts, is_mine: Callable[[str], bool]) -> list[Priority]:
    """What is to be done by that day: what is due, and what is hidden no longer than until then."""
    found = []
    for item in facts.priorities:
        due = facts.due(item)
        if due is None or due > day or (item.assignee is not None and not is_mine(item.assignee)):
            continue
        hidden = item.status is PriorityStatus.SNOOZED and item.snoozed_until is not None
        if item.status is PriorityStatus.OPEN or (hidden and facts.day_of(item.snoozed_until or "") <= day):
            found.append(item)
    return found


def promised(day: date, facts: Facts) -> list[Commitment]:
    """What one owes that is due on that day."""
    return [item for item in facts.pending(Direction.OWE) if facts.due(item) == day]


def back(day: date, facts: Facts) -> list[Priority]:
    """What was hidden until that day."""
    return [
        item
        for item in facts.priorities
        if item.status is PriorityStatus.SNOOZED
        and item.snoozed_until is not None
        and facts.day_of(item.snoozed_until) == day
    ]


def headline(event: CalendarItem, facts: Facts) -> str | None:
    """What is to be decided there, else what its description says that it is for."""
    decisions = subjects.decisions(facts, event)
    if decisions:
        lead = "To decide" if is_decided(decisions[0]) else "To do"
        return cut(f"{lead}: {whole(safe(decisions[0].title))}", HEADLINE_WORDS)
    lines = iter((event.description or "").splitlines())
    for line in lines:
        found = _IS_FOR.match(line)
        if found is None:
            continue
        said = found[1].strip() or next((rest for rest in lines if rest.strip()), "")
        told = safe(_LINE_START.sub("", said))
        return cut(told, HEADLINE_WORDS) if told else None
    return None

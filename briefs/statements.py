"""One item in words, with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from briefs.facts import Changed, Facts, Other, Said
from briefs.people import shown
from briefs.words import heard_in, one_line, safe
from models.base import CodedItem, is_day
from models.brief import BriefItem
from models.calendar import Answer, CalendarItem, EventStatus
from models.commitments import Commitment, Direction
from models.priorities import Priority
from models.quoting import quoted
from models.sources import Source

EVIDENCE_MAX = 100  # references of one line
CHARACTERS_A_WORD = 12  # for texts without spaces, so that a bound in words holds for them too
TITLE_WORDS = 8
"""Of a title that is mentioned beside something else."""


def item_ref(section: str, item_id: str) -> str:
    """How evidence names an item."""
    return f"{section}/{item_id}"


def record_ref(record_id: str) -> str:
    """How evidence names a record, by the id that a search gives: `<source>/<id>`."""
    return f"records/{record_id}"


def meeting(event: CalendarItem, facts: Facts, on: date | None = None) -> BriefItem:
    """`C3 09:00-09:45 Budget review · moved from Fri 20 Nov 16:00 · Room 5 · 3 people`. A day is told where
    it is not the day `on`."""
    parts = [
        f"{event.code} {_when(event, facts, on)} {safe(event.title)}",
        *_remarks(event, facts),
    ]
    parts += [safe(event.location)] if event.location else []
    company = len(facts.attendees(event))
    declined = sum(one is Answer.DECLINED for one in facts.answers(event).values())
    parts += [_people(company) + (f", {declined} declined" if declined else "")] if company else []
    return say(" · ".join(parts), [item_ref("calendar", event.id)])


def conflict(one: CalendarItem, other: CalendarItem, facts: Facts) -> BriefItem:
    """`C3 Budget review and C9 Lunch are both on Mon 23 Nov 12:30` if both begin then, or else
    `C3 Budget review and C9 Lunch overlap from Mon 23 Nov 12:40`."""
    first, begin = sorted(facts.begin(event).astimezone(facts.tz) for event in (one, other))
    both = " and ".join(f"{event.code} {safe(event.title)}" for event in (one, other))
    when = f"{day(begin.date(), facts)} {begin:%H:%M}"
    how = "are both on" if first == begin else "overlap from"
    return say(f"{both} {how} {when}", [item_ref("calendar", event.id) for event in (one, other)])


def priority(item: Priority, facts: Facts) -> BriefItem:
    """`P2 Sign the budget (high, due Fri 27 Nov)`."""
    details = [item.urgency.value, *_due(item, facts)]
    text = f"{item.code} {safe(item.title)} ({', '.join(details)})"
    return say(text, [item_ref("priorities", item.id)])


def commitment(item: Commitment, facts: Facts) -> BriefItem:
    """`M4 you owe Ana: the draft (due Fri 27 Nov)`."""
    other = item.person or item.assignee or "somebody"
    who = f"you owe {other}" if item.direction is Direction.OWE else f"{other} owes you"
    due = _due(item, facts)
    text = f"{item.code} {who}: {safe(item.description)}" + (f" ({due[0]})" if due else "")
    return say(text, [item_ref("commitments", item.id)])


def other(item: Other) -> BriefItem:
    """`G1 Open a second office`."""
    return say(f"{item.code} {safe(item.title)}", [item_ref(item.section, item.id)])


def changed(change: Changed, facts: Facts) -> BriefItem:
    """`P2 Sign the budget: done, by ana`; `C3 Lunch: moved from Mon 23 Nov 12:00 to Tue 24 Nov 12:00,"
    " by bo`."""
    what = change.what
    if change.begun is not None:
        old, new = (moment(one, facts) for one in change.begun)
        what = f"moved from {old} to {new}"
    by = "" if change.actor is None else f", by {change.actor}"
    text = f"{change.code} {safe(change.title)}: {what}{by}"
    return say(text, [item_ref(change.section, change.id)])


def moment(when: str, facts: Facts) -> str:
    """`Mon 23 Nov 12:00`; a date has no time."""
    begin = facts.moment(when).astimezone(facts.tz)
    return day(begin.date(), facts) + ("" if is_day(when) else f" {begin:%H:%M}")


def source(item: Source) -> BriefItem:
    """`ics:work is stale: Nothing came for more than 60 s. Last push 2026-11-23T09:00:00Z.`"""
    said = f": {item.message.rstrip('.')}." if item.message else "."
    last = f" Last push {item.last_push_at}." if item.last_push_at else " It never pushed."
    return say(f"{item.id} is {item.status.value}{said}{last}", [item_ref("sources", item.id)])


def quote(said: Said, facts: Facts) -> BriefItem:
    """`Mon 23 Nov, ana: “...”`; of what has no author, what it stands in."""
    who = shown(said.author) if said.author else cut(heard_in(said.title), TITLE_WORDS)
    when = [day(facts.day_of(said.at), facts)] if said.at else []
    head = ", ".join([*when, *([who] if who else [])])
    words = quoted(safe(said.text))
    return say(f"{head}: {words}" if head else words, [said.ref])


def with_more(statement: BriefItem, label: str, others: Iterable[BriefItem]) -> BriefItem:
    """The statement, and others that belong to it, with all that they rest on."""
    more = list(others)
    if not more:
        return statement
    text = f"{statement.text}; {label}: {'; '.join(other.text for other in more)}"
    return say(text, [*statement.evidence, *(ref for other in more for ref in other.evidence)])


def say(text: str, evidence: Iterable[str]) -> BriefItem:
    """A statement on one line. What stands in an item may be of any length: it is cut."""
    line = one_line(text)
    line = line if len(line) <= 2_000 else line[:1_999] + "…"
    return BriefItem(text=line, evidence=tuple(dict.fromkeys(evidence))[:EVIDENCE_MAX])


def day(when: date, facts: Facts) -> str:
    """`Mon 23 Nov`, with the year when it is another."""
    return f"{when:%a} {when.day} {when:%b}" + ("" if when.year == facts.today.year else f" {when.year}")


def cut(text: str, words: int) -> str:
    """The first words of a text; where no spaces are, as many signs as take that room."""
    said = text.split()
    short = " ".join(said[:words])
    if len(short) > words * CHARACTERS_A_WORD:
        short = short[: words * CHARACTERS_A_WORD - 1]
    return text if short == text else short.rstrip(" ,;:–—-(") + "…"


def titled(item: CodedItem) -> str:
    """What a person reads first."""
    return str(getattr(item, "title", None) or getattr(item, "description", ""))


def _remarks(event: CalendarItem, facts: Facts) -> list[str]:
    """What a person must know before going there."""
    if event.status is EventStatus.CANCELLED:
        return ["CANCELLED"]
    if event.answer is Answer.DECLINED:
        return ["declined"]
    tentative = event.status is EventStatus.TENTATIVE or event.answer is Answer.TENTATIVE
    remarks = ["tentative"] if tentative else []
    if event.moved_from is not None:
        remarks.append(f"moved from {moment(event.moved_from.start, facts)}")
    return remarks


def _when(event: CalendarItem, facts: Facts, on: date | None) -> str:
    begin, last = facts.begin(event).astimezone(facts.tz), facts.last_day(event)
    if event.all_day:
        days = f"{day(begin.date(), facts)} to {day(last, facts)}"
        days = days if last > begin.date() else "" if on == last else day(last, facts)
        return f"{days} all day".strip()
    first = f"{begin:%H:%M}" if begin.date() == on else f"{day(begin.date(), facts)} {begin:%H:%M}"
    if event.end is None:
        return first
    end = facts.moment(event.end).astimezone(facts.tz)
    return (
        f"{first}-{end:%H:%M}" if last == begin.date() else f"{first} to {day(end.date(), facts)} {end:%H:%M}"
    )


def _due(item: Priority | Commitment, facts: Facts) -> list[str]:
    due = facts.due(item)
    if due is None:
        return []
    return [f"overdue since {day(due, facts)}" if due < facts.today else f"due {day(due, facts)}"]


def _people(count: int) -> str:
    return f"{count} {'person' if count == 1 else 'people'}"

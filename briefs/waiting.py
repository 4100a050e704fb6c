"""The proposals that wait for a decision: how many, and which are due or are with somebody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from briefs.facts import Facts
from briefs.people import one_of, shown
from briefs.short.length import Detail, counted, listed
from briefs.statements import cut, day, item_ref, say
from briefs.words import safe
from models.brief import BriefItem
from models.proposals import Proposal

CODES_MAX = 5
REFS_MAX = 50
_DUE = re.compile(r" by (\d{4}-\d\d-\d\d\S*)$")
_ADDS = re.compile(r"add (?P<way>owe|owed|priority) (?:(?P<who>[^\s:\"][^:\"]*): )?(?P<what>.+)")


def open_proposals(facts: Facts) -> list[Proposal]:
    """Each once: what several texts say is decided as one."""
    return [item for item in facts.proposals if item.same_as is None]


def due(item: Proposal, facts: Facts) -> date | None:
    """The day by which it would have to be done, where its line names one."""
    found = _DUE.search(item.line)
    try:
        return None if found is None else facts.day_of(found[1])
    except ValueError:  # a line that a person wrote, with a day as they write it
        return None


def waiting(facts: Facts, days: int = 1, on: date | None = None) -> list[BriefItem]:
    """`4 proposals wait for you, 2 of them due today: A2, A3`; nothing if none waits. On another day than
    today it is only said if some are due then."""
    items, first = open_proposals(facts), on or facts.today
    last = first + timedelta(days=days - 1)
    dated = [(by, item) for item in items if (by := due(item, facts)) is not None and by <= last]
    late = [item for by, item in dated if by < facts.today]
    soon = [item for by, item in sorted(dated, key=lambda one: one[0]) if by >= first]
    late = late if first == facts.today else []
    if not items or (first != facts.today and not soon):
        return []
    when = "this week" if days > 1 else "today" if first == facts.today else day(first, facts)
    pressing = [f"{len(soon)} of them due {when}"] if soon else []
    pressing += [f"{len(late)} of them overdue"] if late else []
    named = [*late, *soon] or items
    verb = "waits" if len(items) == 1 else "wait"
    codes = listed([item.code for item in named], CODES_MAX)
    number = counted(len(items), "proposal")
    said = " and ".join(pressing)
    said = said.replace("1 of them ", "") if len(items) == 1 else said
    text = f"{number} {verb} for you, {said}: {codes}" if said else f"{number} {verb} for you: {codes}"
    return [say(text, [item_ref("proposals", item.id) for item in named[:REFS_MAX]])]


def with_people(people: Sequence[str], facts: Facts, detail: Detail) -> list[BriefItem]:
    """`A3 you owe Ana: send the headcount sheet (due today)`: those that are with one of these people."""
    comes = one_of(people)
    theirs = [item for item in open_proposals(facts) if people and comes(_who(item, facts))]
    most = max(1, detail.besides)
    lines = [_told(item, facts, detail) for item in theirs[:most]]
    more = theirs[most:]
    refs = [item_ref("proposals", item.id) for item in more[:REFS_MAX]]
    return [*lines, say(f"and {len(more)} more", refs)] if more else lines


def _who(item: Proposal, facts: Facts) -> str | None:
    """With whom it is: as its line names them, or the item that it is about, or what its source says."""
    found = _ADDS.fullmatch(item.line)
    if found is not None and found["who"]:
        return found["who"]
    about = item.about.id if item.about is not None and item.about.section == "commitments" else None
    known = next((one for one in facts.commitments if one.id == about), None)
    if known is not None:
        return known.person or known.assignee
    return (item.task.who if item.task is not None else "") or None


def _told(item: Proposal, facts: Facts, detail: Detail) -> BriefItem:
    found, by = _ADDS.fullmatch(_DUE.sub("", item.line)), due(item, facts)
    text = safe(item.line if found is None else found["what"].strip('"'))
    if found is not None and found["who"]:
        who = shown(found["who"])
        text = f"{f'you owe {who}' if found['way'] == 'owe' else f'{who} owes you'}: {text}"
    text = cut(text, detail.promise + 4)
    if found is not None and by is not None:
        late = "overdue since " if by < facts.today else "due "
        text += f" ({late}{'today' if by == facts.today else day(by, facts)})"
    return say(f"{item.code} {text}", [item_ref("proposals", item.id)])

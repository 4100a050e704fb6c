"""Which changes put which brief out of date."""

from __future__ import annotations

from typing import Any

import pytest

from briefs import scope
from briefs.daily import daily
from briefs.facts import Facts
from briefs.meeting import meeting
from briefs.scope import Change, concerned
from briefs.weekly import weekly
from models.base import Item
from models.brief import Brief
from tests.briefs.given import PARIS, at, event, facts, owe, priority, source

Json = Any

MEETING = event("C1", "2026-12-24T09:00:00Z", "Budget review", attendees=("Ana",))
TODAY = event("C2", "2026-11-23T09:00:00Z", "Walk")
MATTER = priority("P1", "Print the budget")
OWED = owe("M1", "Ana")
BOARD = facts(TODAY, MEETING, MATTER, OWED, source("a", "stale", message="late"))


def brief(kind: str, board: Facts = BOARD) -> Brief:
    about = MEETING.id if kind == "meeting" else None
    made = meeting(MEETING, board) if about else daily(board) if kind == "daily" else weekly(board)
    fields: Json = {"author": "Adjutant", "set_at": "2026-11-23T12:00:00Z", "day": "2026-11-23", "as_of": 7}
    return Brief(kind=kind, sections=made, about=about, **fields)


def moved(item: Item, **more: object) -> Item:
    return item.model_copy(update=more)


NEW: dict[str, Item] = {
    "today": event("C9", "2026-11-23T23:00:00Z"),
    "since yesterday": event("C9", "2026-11-22T09:00:00Z", end="2026-11-24T09:00:00Z"),
    "tomorrow": event("C9", "2026-11-24T00:00:00Z"),
    "in seven days": event("C9", "2026-11-30T00:00:00Z"),
    "over": event("C9", "2026-11-22T09:00:00Z"),
    "a matter of its own": priority("P9", "Bicycle"),
    "a matter of the budget": priority("P9", "Budget"),
    "a promise to Bob": owe("M9", "Bob"),
    "a promise to Ana": owe("M9", "Ana Lopez"),
    "a source that is well": source("b", "online"),
    "a source that is not": source("b", "error"),
}
CONCERNS = {
    "today": "daily weekly",
    "since yesterday": "daily weekly",
    "tomorrow": "weekly",
    "in seven days": "",
    "over": "",
    "a matter of its own": "daily weekly",
    "a matter of the budget": "daily weekly meeting",
    "a promise to Bob": "daily weekly",
    "a promise to Ana": "daily weekly meeting",
    "a source that is well": "",
    "a source that is not": "daily weekly",
}
SECTIONS = {
    "CalendarItem": "calendar",
    "Priority": "priorities",
    "Commitment": "commitments",
    "Source": "sources",
}


def change(before: Item | None, after: Item | None) -> Change:
    item = before or after
    assert item is not None
    return SECTIONS[type(item).__name__], before, after


@pytest.mark.parametrize("kind", ["daily", "weekly", "meeting"])
@pytest.mark.parametrize("name", NEW)
def test_what_comes_or_goes_concerns_the_briefs_that_would_tell_it(name: str, kind: str) -> None:
    for one in (change(None, NEW[name]), change(NEW[name], None)):
        assert concerned(brief(kind), MEETING, [one], BOARD) is (kind in CONCERNS[name].split())


EDITS: dict[str, tuple[Item, Item, str]] = {
    "today's title": (TODAY, moved(TODAY, title="Run"), "daily weekly"),
    "today's day": (TODAY, moved(TODAY, start="2027-01-01T09:00:00Z"), "daily weekly"),
    "the meeting's own": (MEETING, moved(MEETING, location="Room 5"), "meeting"),
    "the meeting's day": (MEETING, moved(MEETING, start="2026-11-23T09:00:00Z"), "daily weekly meeting"),
    "a matter that is told": (MATTER, moved(MATTER, status="done"), "daily weekly meeting"),
    "a promise that is told": (OWED, moved(OWED, status="overdue"), "daily weekly meeting"),
    "nothing": (MATTER, moved(MATTER), ""),
    "a source's last push": (
        source("a", "stale"),
        source("a", "stale", last_push_at="2026-11-23T09:00:00Z"),
        "",
    ),
    "a well source's message": (source("a", "online"), source("a", "online", message="page 2"), ""),
    "a source's recovery": (source("a", "stale"), source("a", "online"), "daily weekly"),
    "an ill source's message": (source("a", "error"), source("a", "error", message="x"), "daily weekly"),
}


@pytest.mark.parametrize("kind", ["daily", "weekly", "meeting"])
@pytest.mark.parametrize(("before", "after", "kinds"), EDITS.values(), ids=EDITS)
def test_an_edit_concerns_the_briefs_that_tell_of_the_item(
    before: Item, after: Item, kinds: str, kind: str
) -> None:
    assert concerned(brief(kind), MEETING, [change(before, after)], BOARD) is (kind in kinds.split())


def test_one_change_of_many_is_enough_and_none_is_none() -> None:
    many = [change(None, NEW["over"])] * 1_000
    assert not concerned(brief("daily"), None, many, BOARD)
    assert concerned(brief("daily"), None, [*many, change(None, NEW["today"])], BOARD)
    assert not concerned(brief("daily"), None, [], BOARD)


def test_a_meeting_that_is_gone_has_put_its_brief_out_of_date() -> None:
    assert concerned(brief("meeting"), None, [change(MEETING, None)], BOARD)


def test_a_day_is_over_at_midnight_where_the_board_is() -> None:
    one = brief("daily")
    for clock, over in (("2026-11-23T23:59", False), ("2026-11-24T00:00", True), ("2026-11-22T23:59", True)):
        assert scope.is_over(one, facts(now=at(clock, PARIS), tz=PARIS)) is over
    assert not scope.is_over(brief("meeting"), facts(now=at("2027-01-01T00:00")))

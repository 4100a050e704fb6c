"""The short briefs of a day and a week: only what is to be decided is called so, and a week fits a screen."""

from __future__ import annotations

import pytest

from briefs.short.day import day
from briefs.short.length import WORDS_MAX, words_in
from briefs.short.week import week
from models.base import format_instant
from models.calendar import EventStatus, Was
from models.conflicts import Conflict
from tests.briefs.given import NOON, PARIS, at, event, facts, owe, priority, said, source

TASKS = {
    "P1": "Read the security incident report",
    "P2": "Book flights to Lisbon",
    "P3": "Call the chair",
    "P4": "Update the succession plan",
}
DECISIONS = {
    "P5": "Approve the hiring plan",
    "P6": "Decide on the office in Lisbon",
    "P7": "Antwort an den Betriebsrat freigeben",
    "P8": "予算案を承認する",
    "P9": "Choisir le lieu du séminaire",
}


@pytest.mark.parametrize("tell", [day, week])
def test_only_what_is_to_be_decided_is_told_so_and_tasks_are_to_do(tell) -> None:  # type: ignore[no-untyped-def]
    tasks = [priority(code, title, "2026-11-20", urgency="high") for code, title in TASKS.items()]
    decisions = [priority(code, title) for code, title in DECISIONS.items()]
    line, sections = tell(facts(*tasks, *decisions))
    found = said(sections)
    assert [text in DECISIONS.values() for text in found["To decide"]] == [True] * 3
    assert len(found["To do"]) == 3
    assert all(text.split(" (")[0] in TASKS.values() for text in found["To do"])
    assert "5 things to decide, the first 3 below" in line
    assert "5 things to decide. " in tell(facts(*tasks, *decisions), full=True)[0]
    line, sections = tell(facts(*tasks))
    assert "Nothing to decide" in line
    assert [*said(sections)] == ["To do"]
    line, sections = tell(facts(*decisions[:1]))
    assert "One thing to decide" in line
    assert said(sections) == {"To decide": ["Approve the hiring plan"]}


def test_the_week_is_told_by_day_with_what_is_out_of_order_and_what_is_due_in_it() -> None:
    conflict = Conflict(
        id="1", title="", events=("e2", "e3"), start="2026-11-25T10:30:00Z", end="2026-11-25T11:00:00Z"
    )
    board = facts(
        event("C1", "2026-11-23T15:00:00Z", "Budget review"),
        event("C2", "2026-11-25T10:00:00Z", "Board", end="2026-11-25T11:00:00Z"),
        event("C3", "2026-11-25T10:30:00Z", "Press briefing", end="2026-11-25T11:30:00Z"),
        event("C4", "2026-11-26", "Offsite", end="2026-11-28"),
        event("C5", "2026-11-27T09:00:00Z", "Town hall", status=EventStatus.CANCELLED),
        event("C6", "2026-12-24T09:00:00Z", "Investor call", moved_from=Was(start="2026-11-24T09:00:00Z")),
        event("C7", "2026-11-30T09:00:00Z", "Too late"),
        priority("P1", "Approve the budget", "2026-11-25"),
        owe("M1", "Ana", "the slides", "2026-11-27"),
        owe("M2", "Bo", "the keys", "2026-11-20"),
        owe("M3", "Cy", "the plan", "2026-12-20"),
        source("ics:home", "offline"),
        conflicts=[conflict],
    )
    line, sections = week(board)
    assert line == (
        "Week from Mon 23 Nov, 7 days (UTC): 3 meetings on 4 days. One thing to decide."
        " 3 promises are open, 1 due this week and 1 overdue."
    )
    assert said(sections) == {
        "At the same time": ["Wed 25 Nov 10:00 Board overlaps 10:30 Press briefing"],
        "Cancelled or moved": [
            "Town hall, Fri 27 Nov 09:00, cancelled",
            "Investor call moved from Tue 24 Nov 09:00 to Thu 24 Dec 09:00",
        ],
        "To decide": ["Approve the budget (due Wed 25 Nov)"],
        "Days": [
            "Mon 23 Nov: 15:00 Budget review",
            "Wed 25 Nov: 10:00 Board and 10:30 Press briefing",
            "Thu 26 Nov: all day Offsite",
            "Fri 27 Nov: all day Offsite",
        ],
        "Promises": [
            "You owe Bo: the keys (overdue since Fri 20 Nov)",
            "You owe Ana: the slides (due Fri 27 Nov)",
            "1 promise for later, due Sun 20 Dec",
        ],
        "Not up to date": ["ics:home"],
    }


def test_a_full_week_fits_a_screen_and_counts_what_it_does_not_name() -> None:
    events = [
        event(
            f"C{number}",
            f"2026-11-{23 + number % 7}T{8 + number // 7:02}:00:00Z",
            f"Review number {number} of the plan for the whole of next year",
            important=number > 60,
        )
        for number in range(1, 70)
    ]
    board = facts(
        *events,
        *(priority(f"P{number}", f"Approve plan {number}") for number in range(1, 40)),
        *(owe(f"M{number}", "Ana", f"part {number}", "2026-11-24") for number in range(1, 40)),
        now=at("2026-11-23T06:00"),
    )
    told = week(board)
    assert words_in(told) <= WORDS_MAX
    days = said(told[1])["Days"]
    assert len(days) == 7
    for number, text in enumerate(days):
        assert f"Nov, {sum(one.start[8:10] == str(23 + number) for one in events)} meetings: " in text
        assert text.endswith(" more")
    named = " ".join(days)
    assert "Review number 63" in named  # what is important comes before what is early
    assert "Review number 7 " not in named


def test_the_week_of_a_change_of_the_clocks_tells_each_day_once() -> None:
    days = [event(f"C{day}", f"2026-03-{day}", f"Day {day}") for day in range(23, 32)]
    zone = PARIS
    line, sections = week(facts(*days, now=at("2026-03-25T23:30", zone), tz=zone))
    assert "(Europe/Paris)" in line
    assert said(sections)["Days"] == [
        f"{name} {day} Mar: all day Day {day}"
        for name, day in zip(("Wed", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue"), range(25, 32), strict=True)
    ]


def test_what_is_over_is_not_ahead() -> None:
    over = event("C1", format_instant(NOON.replace(hour=8)), "Breakfast")
    line, sections = week(facts(over))
    assert "no meetings" in line
    assert said(sections) == {}


def test_promises_that_are_not_named_are_counted() -> None:
    dues = ["2026-11-20", "2026-11-23", *(f"2026-12-0{at}" for at in range(1, 6)), None]
    board = facts(*(owe(f"M{at}", "Ana", f"part {at}", due) for at, due in enumerate(dues, 1)))
    line, sections = day(board)
    assert "8 promises are open, 1 due today and 1 overdue" in line
    assert said(sections)["Promises"] == [
        "You owe Ana: part 1 (overdue since Fri 20 Nov)",
        "You owe Ana: part 2 (due today)",
        "6 promises for later, the next due Tue 1 Dec",
    ]
    undated = facts(*(owe(f"M{at}", "Ana", f"part {at}") for at in range(1, 4)))
    assert said(day(undated)[1])["Promises"] == ["3 promises for later"]

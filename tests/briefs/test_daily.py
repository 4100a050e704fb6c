"""The day: what is said of it, word by word."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from briefs.daily import CHANGES_MAX, MEETINGS_MAX, PREPARE_MAX, SOURCES_MAX, TOP, daily
from briefs.facts import Changed
from models.calendar import EventStatus
from tests.briefs.given import (
    NEW_YORK,
    PARIS,
    TOKYO,
    at,
    event,
    evidence,
    facts,
    instant,
    owe,
    owed,
    priority,
    said,
    source,
)


def test_an_empty_board_has_nothing_to_say() -> None:
    assert daily(facts()) == ()


def test_all_that_a_day_can_have_is_told_in_this_order() -> None:
    sections = daily(
        facts(
            event(
                "C1", "2026-11-23T15:00:00Z", "Budget review", end="2026-11-23T15:45:00Z", location="Room 5"
            ),
            priority("P1", "Sign the budget", "2026-11-20", urgency="high"),
            owe("M1", "Ana", due="2026-11-23"),
            source("ics:work", "stale", message="It is late.", last_push_at="2026-11-22T09:00:00Z"),
            changes=[Changed("priorities", "p1", "P1", "Sign the budget", "ana", "approve P1")],
        )
    )
    assert said(sections) == {
        "Today": [
            "C1 15:00-15:45 Budget review · Room 5; to prepare: P1 Sign the budget"
            " (high, overdue since Fri 20 Nov)"
        ],
        "Overdue": ["P1 Sign the budget (high, overdue since Fri 20 Nov)"],
        "Due today": ["M1 you owe Ana: the draft (due Mon 23 Nov)"],
        "Top priorities": ["P1 Sign the budget (high, overdue since Fri 20 Nov)"],
        "Changed since the last brief": ["P1 Sign the budget: approve P1, by ana"],
        "Sources to look after": ["ics:work is stale: It is late. Last push 2026-11-22T09:00:00Z."],
    }
    assert evidence(sections) == [
        ("calendar/e1", "priorities/p1"),
        ("priorities/p1",),
        ("commitments/m1",),
        ("priorities/p1",),
        ("priorities/p1",),
        ("sources/ics:work",),
    ]


# What begins and ends when, where the board is, and how today says it (None: it is not today).
TODAY = {
    "it begins at midnight": ("2026-11-23T00:00", "2026-11-23T01:00", "00:00-01:00"),
    "it ends at midnight": ("2026-11-23T23:00", "2026-11-24T00:00", "23:00-00:00"),
    "it ended at the midnight before": ("2026-11-22T23:00", "2026-11-23T00:00", None),
    "it began yesterday, over midnight": (
        "2026-11-22T23:00",
        "2026-11-23T01:00",
        "Sun 22 Nov 23:00 to Mon 23 Nov 01:00",
    ),
    "it goes on until tomorrow": ("2026-11-23T23:00", "2026-11-24T01:00", "23:00 to Tue 24 Nov 01:00"),
    "it goes on for days": ("2026-11-20T09:00", "2026-11-27T17:00", "Fri 20 Nov 09:00 to Fri 27 Nov 17:00"),
    "it is a year long": (
        "2025-12-31T09:00",
        "2026-12-31T17:00",
        "Wed 31 Dec 2025 09:00 to Thu 31 Dec 17:00",
    ),
    "it has no end": ("2026-11-23T09:00", None, "09:00"),
    "it has no end, and is at midnight": ("2026-11-23T00:00", None, "00:00"),
    "it takes no time": ("2026-11-23T09:00", "2026-11-23T09:00", "09:00-09:00"),
    "it is tomorrow": ("2026-11-24T00:00", "2026-11-24T01:00", None),
    "it was the last moment of yesterday": ("2026-11-22T23:59", None, None),
}


@pytest.mark.parametrize("zone", [PARIS, TOKYO, NEW_YORK], ids=str)
@pytest.mark.parametrize(("start", "end", "when"), TODAY.values(), ids=TODAY)
def test_a_meeting_is_of_today_where_the_board_is(
    zone: ZoneInfo, start: str, end: str | None, when: str | None
) -> None:
    ends = None if end is None else instant(end, zone)
    one = event("C1", instant(start, zone), end=ends)
    found = said(daily(facts(one, now=at("2026-11-23T08:00", zone), tz=zone)))
    assert found.get("Today") == (None if when is None else [f"C1 {when} Walk"])


ALL_DAY = {
    "today alone": ("2026-11-23", None, "all day"),
    "today, with the day after it as its end": ("2026-11-23", "2026-11-24", "all day"),
    "today, with an end that is no later": ("2026-11-23", "2026-11-23", "all day"),
    "until tomorrow": ("2026-11-23", "2026-11-25", "Mon 23 Nov to Tue 24 Nov all day"),
    "the last of three days": ("2026-11-21", "2026-11-24", "Sat 21 Nov to Mon 23 Nov all day"),
    "over since midnight": ("2026-11-21", "2026-11-23", None),
    "yesterday": ("2026-11-22", None, None),
    "tomorrow": ("2026-11-24", None, None),
}


@pytest.mark.parametrize("zone", [PARIS, TOKYO, NEW_YORK], ids=str)
@pytest.mark.parametrize(("start", "end", "when"), ALL_DAY.values(), ids=ALL_DAY)
def test_days_are_days_where_the_board_is(
    zone: ZoneInfo, start: str, end: str | None, when: str | None
) -> None:
    for clock in ("00:00", "23:59"):
        found = said(daily(facts(event("C1", start, end=end), now=at(f"2026-11-23T{clock}", zone), tz=zone)))
        assert found.get("Today") == (None if when is None else [f"C1 {when} Walk"])


# Days of 23 and of 25 hours: nothing of one is also on the next.
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
@pytest.mark.parametrize("given_end", [False, True])
def test_what_lasts_all_day_ends_with_the_day_when_clocks_change(day: str, given_end: bool) -> None:
    after = f"{day[:-2]}{int(day[-2:]) + 1}"
    one = event("C1", day, end=after if given_end else None)
    for clock in ("00:30", "02:30", "23:30"):
        assert said(daily(facts(one, now=at(f"{day}T{clock}", PARIS), tz=PARIS)))["Today"] == [
            "C1 all day Walk"
        ]
    assert daily(facts(one, now=at(f"{after}T00:30", PARIS), tz=PARIS)) == ()


def test_hours_are_told_as_clocks_show_them_on_the_day_that_they_change() -> None:
    one = event("C1", "2026-03-29T00:30:00Z", end="2026-03-29T01:30:00Z")
    assert said(daily(facts(one, now=at("2026-03-29T12:00", PARIS), tz=PARIS)))["Today"] == [
        "C1 01:30-03:30 Walk"
    ]


def test_the_day_of_an_instant_is_where_the_board_is() -> None:
    item = priority("P1", due="2026-11-22T23:30:00Z")
    assert "Overdue" in said(daily(facts(item)))
    assert said(daily(facts(item, tz=PARIS)))["Due today"] == ["P1 Sign (medium, due Mon 23 Nov)"]
    late = at("2026-11-22T20:00", NEW_YORK)
    assert "Due today" in said(daily(facts(item, now=late, tz=NEW_YORK)))


def test_overdue_and_due_are_told_both_ways_and_then_the_priorities() -> None:
    found = said(
        daily(
            facts(
                owed("M1", "Bob", due="2026-11-01"),
                owe("M2", "Ana", due="2026-11-02"),
                owe("M3", None, due="2026-11-23", status="overdue"),
                owed("M4", None, due="2026-11-23"),
                owe("M5", "Ana", due="2026-11-24"),
                owe("M6", "Ana", due="2025-01-01", status="completed"),
                owe("M7", "Ana"),
                priority("P1", due="2025-12-31"),
                priority("P2", due="2026-11-23"),
                priority("P3", due="2026-11-01", status="done"),
                priority("P4", due="2026-11-01", status="snoozed"),
            )
        )
    )
    assert found["Overdue"] == [
        "M2 you owe Ana: the draft (overdue since Mon 2 Nov)",
        "M1 Bob owes you: the keys (overdue since Sun 1 Nov)",
        "P1 Sign (medium, overdue since Wed 31 Dec 2025)",
    ]
    assert found["Due today"] == [
        "M3 you owe somebody: the draft (due Mon 23 Nov)",
        "M4 somebody owes you: the keys (due Mon 23 Nov)",
        "P2 Sign (medium, due Mon 23 Nov)",
    ]
    assert len(found["Top priorities"]) == 2


def test_the_top_priorities_are_the_first_open_ones() -> None:
    items = [priority(f"P{number}", f"Task {number}") for number in range(1, 9)]
    done = [priority("P91", status="done"), priority("P92", status="snoozed")]
    assert said(daily(facts(*done, *items)))["Top priorities"] == [
        f"P{number} Task {number} (medium)" for number in range(1, TOP + 1)
    ]


def test_what_a_meeting_needs_is_what_is_open_with_its_people_and_about_its_subject() -> None:
    [statement] = daily(
        facts(
            event(
                "C1",
                "2026-11-23T15:00:00Z",
                "Budget review",
                attendees=("Ana Lopez <ana@example.org>", "Bob"),
            ),
            owed("M1", "ana", due="2026-12-01"),
            owe("M2", "Bob Lee"),
            owe("M3", "Carol"),
            owe("M4", "Ana", status="completed"),
            priority("P1", "Print the BUDGET"),
            priority("P2", "Review the plan"),
            priority("P3", "Budget of last year", status="done"),
        )
    )[0].items
    assert statement.text == (
        "C1 15:00 Budget review · 2 people; to prepare: M2 you owe Bob Lee: the draft;"
        " M1 ana owes you: the keys (due Tue 1 Dec); P1 Print the BUDGET (medium)"
    )
    assert statement.evidence == ("calendar/e1", "commitments/m2", "commitments/m1", "priorities/p1")


def test_only_meetings_still_to_be_attended_are_prepared_and_each_promise_is_told_once() -> None:
    meetings = [
        event("C1", "2026-11-23T09:00:00Z", "Over", attendees=("Ana",)),
        event("C2", "2026-11-23T14:00:00Z", "Off", attendees=("Ana",), status=EventStatus.CANCELLED),
        event("C3", "2026-11-23T15:00:00Z", "Talk", attendees=("Ana",)),
        event("C4", "2026-11-23T16:00:00Z", "Talk", attendees=("Ana", "Bo")),
    ]
    board = facts(*meetings, owe("M1", "Ana"), owe("M2", "Bo"))
    assert said(daily(board))["Today"] == [
        "C1 09:00 Over · 1 person",
        "C2 14:00 Off · CANCELLED · 1 person",
        "C3 15:00 Talk · 1 person; to prepare: M1 you owe Ana: the draft",
        "C4 16:00 Talk · 2 people; to prepare: M2 you owe Bo: the draft",
    ]


def test_only_sources_that_are_not_well_are_told() -> None:
    found = said(
        daily(
            facts(
                source("a", "online", last_push_at="2026-11-23T09:00:00Z"),
                source("b", "error", message="No network"),
                source("c", "offline", last_push_at="2026-11-23T09:00:00Z"),
            )
        )
    )
    assert found == {
        "Sources to look after": [
            "b is error: No network. It never pushed.",
            "c is offline. Last push 2026-11-23T09:00:00Z.",
        ]
    }


def test_each_list_is_bounded() -> None:
    meetings = [
        event(f"C{number}", "2026-11-23T15:00:00Z", "Budget", attendees=("Ana",)) for number in range(1, 100)
    ]
    late = [owe(f"M{number}", "Ana", due="2026-11-01") for number in range(1, 100)]
    sources = [source(f"s{number}", "stale") for number in range(1_000)]
    changes = [Changed("commitments", "m1", "M1", "x", "ana", "edit")] * 100
    sections = {one.title: one.items for one in daily(facts(*meetings, *late, *sources, changes=changes))}
    assert len(sections["Today"]) == MEETINGS_MAX
    assert len(sections["Overdue"]) == 50
    assert len(sections["Changed since the last brief"]) == CHANGES_MAX
    assert len(sections["Sources to look after"]) == SOURCES_MAX
    prepared = [len(one.evidence) - 1 for one in sections["Today"]]
    assert (prepared[0], max(prepared), sum(prepared)) == (PREPARE_MAX, PREPARE_MAX, len(late))

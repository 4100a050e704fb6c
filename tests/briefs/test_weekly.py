"""The week: day by day, and what is due in it."""

from __future__ import annotations

from briefs.weekly import DAYS, MEETINGS_MAX, TOP, weekly
from tests.briefs.given import PARIS, at, event, facts, owe, priority, said, source


def test_each_day_that_has_something_is_told_under_its_name() -> None:
    found = said(
        weekly(
            facts(
                event("C1", "2026-11-22T09:00:00Z", "Over"),
                event("C2", "2026-11-23T09:00:00Z", "Today"),
                event("C3", "2026-11-25", "A fair", end="2026-11-28"),
                event("C4", "2026-11-25T23:00:00Z", "Night", end="2026-11-26T01:00:00Z"),
                event("C5", "2026-11-29T23:59:00Z", "Last"),
                event("C6", "2026-11-30", "Too late"),
            )
        )
    )
    assert found == {
        "Mon 23 Nov": ["C2 09:00 Today"],
        "Wed 25 Nov": ["C3 Wed 25 Nov to Fri 27 Nov all day A fair", "C4 23:00 to Thu 26 Nov 01:00 Night"],
        "Thu 26 Nov": [
            "C3 Wed 25 Nov to Fri 27 Nov all day A fair",
            "C4 Wed 25 Nov 23:00 to Thu 26 Nov 01:00 Night",
        ],
        "Fri 27 Nov": ["C3 Wed 25 Nov to Fri 27 Nov all day A fair"],
        "Sun 29 Nov": ["C5 23:59 Last"],
    }


def test_the_week_in_which_clocks_change_has_seven_days() -> None:
    days = [event(f"C{day}", f"2026-03-{day}", f"Day {day}") for day in range(23, 32)]
    found = said(weekly(facts(*days, now=at("2026-03-25T23:30", PARIS), tz=PARIS)))
    assert found == {
        f"{name} {day} Mar": [f"C{day} all day Day {day}"]
        for name, day in zip(("Wed", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue"), range(25, 32), strict=True)
    }


def test_a_week_over_new_year_tells_the_year() -> None:
    found = said(weekly(facts(event("C1", "2027-01-01"), now=at("2026-12-30T12:00"))))
    assert list(found) == ["Fri 1 Jan 2027"]


def test_what_falls_due_in_the_week_is_told_and_what_was_due_before() -> None:
    found = said(
        weekly(
            facts(
                owe("M1", "Ana", due="2026-11-22"),
                owe("M2", "Ana", due="2026-11-23"),
                owe("M3", "Ana", due="2026-11-29"),
                owe("M4", "Ana", due="2026-11-30"),
                *(priority(f"P{number}", f"Task {number}") for number in range(1, 20)),
                source("a", "offline"),
            )
        )
    )
    assert found["Overdue"] == ["M1 you owe Ana: the draft (overdue since Sun 22 Nov)"]
    assert [text[:2] for text in found["Due this week"]] == ["M2", "M3"]
    assert len(found["Top priorities"]) == TOP
    assert list(found) == ["Overdue", "Due this week", "Top priorities", "Sources to look after"]


def test_a_day_is_bounded() -> None:
    always = [event(f"C{number}", "2026-11-01", end="2027-01-01") for number in range(1, 100)]
    found = said(weekly(facts(*always)))
    assert [len(items) for items in found.values()] == [MEETINGS_MAX] * DAYS

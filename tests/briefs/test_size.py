"""Large boards: briefs stay small, are made quickly, and come out the same."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from briefs.daily import daily
from briefs.facts import Facts
from briefs.meeting import meeting
from briefs.render import as_markdown, as_text
from briefs.scope import Change, concerned
from briefs.short.day import Day
from briefs.short.length import DETAILS, WORDS_MAX, Detail, Told, fitting, words_in
from briefs.weekly import weekly
from models.brief import Brief, BriefSection
from models.calendar import EventStatus
from sio_server.registry.encoding import encode
from tests.briefs.given import event, facts, owe, priority

PEOPLE = tuple(f"Person Number{number} <p{number}@example.org>" for number in range(500))
WORST_S = 10.0
"""Far above what any machine needs, far below what anything that is not linear takes."""


def large() -> Facts:
    meetings = [
        event(
            f"C{number}",
            "2026-11-23T09:00:00Z",
            f"Budget {number} " + "x" * 5_000,
            attendees=PEOPLE[number % 99 :],
        )
        for number in range(1, 1_001)
    ]
    matters = [priority(f"P{number}", "y" * 9_000 + " budget", "2026-11-01") for number in range(1, 501)]
    promises = [
        owe(f"M{number}", PEOPLE[number % 500], "z" * 9_000, "2026-11-23") for number in range(1, 2_001)
    ]
    return facts(*meetings, *matters, *promises)


def test_a_large_board_gives_a_small_brief_soon_and_twice_the_same() -> None:
    board = large()
    kinds = [lambda found: meeting(found.calendar[0], found), daily, weekly]
    for make in kinds:
        began = time.process_time()
        sections: tuple[BriefSection, ...] = make(board)
        assert time.process_time() - began < WORST_S
        size = encode([sections, as_text("Day", sections), as_markdown("Day", sections)])
        assert len(size) < 1 << 20
        assert encode(make(large())) == encode(sections)


@pytest.mark.parametrize("number", [0, 3, 12, 30, 80, 250])
def test_as_much_is_told_as_fits_though_few_amounts_are_tried(number: int) -> None:
    meetings = [
        event(
            f"C{at}",
            f"2026-11-23T{13 + at % 9:02}:{at % 6}0:00Z",
            f"Review of the budget of part {at}",
            status=EventStatus.CANCELLED if at % 3 == 1 else EventStatus.CONFIRMED,
        )
        for at in range(number)
    ]
    promises = [owe(f"M{at}", "Ana", f"the draft of part {at}", "2026-11-23") for at in range(number)]
    board = facts(*meetings, *promises, *(priority(f"P{at}", f"Sign {at}") for at in range(9)))
    day, tried = Day(board), list[Detail]()

    def tell(detail: Detail) -> Told:
        tried.append(detail)
        return day.told(detail)

    told = fitting(tell)
    assert len(tried) <= 15
    each = [day.told(detail) for detail in DETAILS]
    evenly = next((one for one in each if words_in(one) <= WORDS_MAX), each[-1])
    assert words_in(evenly) <= words_in(told) <= WORDS_MAX
    [detail, *_] = [one for one in tried if day.told(one) == told]
    for name in ("meetings", "title", "besides"):  # no room is left for more of them
        for amount in {getattr(one, name) for one in DETAILS if getattr(one, name) > getattr(detail, name)}:
            more = day.told(replace(detail, **{name: amount}))
            assert more == told or words_in(more) > WORDS_MAX


def test_a_large_change_is_looked_through_soon() -> None:
    board = large()
    brief = Brief(
        author="Adjutant", set_at="", kind="daily", day="2026-11-23", as_of=1, sections=daily(board)
    )
    changes: list[Change] = [
        ("calendar", None, event(f"C{number}", "2027-01-01", "Far away", id=f"far{number}"))
        for number in range(5_000)
    ]
    began = time.process_time()
    assert not concerned(brief, None, changes, board)
    assert time.process_time() - began < WORST_S

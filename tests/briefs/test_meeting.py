"""One meeting: its people, what is open with them, what was said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from briefs.facts import Said
from briefs.meeting import ATTENDEES_MAX, OPEN_MAX, PEOPLE_MAX, by_whom, meeting, question_of
from briefs.short.day import day as short_day
from briefs.short.meeting import meeting as short
from briefs.words import heard_in, whole
from models.calendar import Answer, Answered, CalendarItem, EventStatus
from models.conflicts import Conflict
from tests.briefs.given import event, evidence, facts, owe, owed, priority, said

ANA, BOB = "Ana Lopez <ana.lopez@example.org>", "bob@example.org"
REVIEW = event(
    "C1",
    "2026-11-24T09:00:00Z",
    "Budget review",
    end="2026-11-24T10:00:00Z",
    attendees=(ANA, BOB),
    description="Bring the\nnumbers.",
    source="ics:work",
)


def record(id: str, text: str, when: str | None = "2026-11-20T09:00:00Z", author: str | None = None) -> Said:
    return Said(f"records/slack/{id}", when, author, text)


def conflict(one: CalendarItem, other: CalendarItem) -> Conflict:
    id = f"{one.id} {other.id}"
    return Conflict(id=id, title="both", events=(one.id, other.id), start=one.start, end=one.start)


def test_last_words_of_people_are_of_the_last_year() -> None:
    by = {ANA: [record("r1", "The lift is out of order.", "2025-11-01T09:00:00Z", "Ana Lopez")]}
    assert "Said" not in said(short(REVIEW, facts(REVIEW, by=by))[1])
    by[ANA].insert(0, record("r2", "The lift works again.", "2026-11-01T09:00:00Z", "Ana Lopez"))
    told = said(short(REVIEW, facts(REVIEW, by=by))[1])
    assert told["Said"] == ["Sun 1 Nov, Ana Lopez: “The lift works again.”"]


def test_all_that_a_meeting_can_have_is_told_with_its_evidence() -> None:
    about = [record("r1", "the budget\n\nis late", author="Bob")]
    by: dict[str, Sequence[Said]] = {
        ANA: [
            record("r4", "of another Ana", "2026-11-21", "Ana Silva"),
            record("r3", "new", "2026-11-19T09:00:00Z", "Ana Lopez"),
            record("r2", "old", "2026-11-01", "ana.lopez"),
        ],
    }
    before = [
        event(f"C{number}", f"2026-11-{day:02}T09:00:00Z", "Budget review", source="ics:work")
        for number, day in ((2, 3), (3, 10), (4, 17), (5, 18))
    ]
    others = [
        event("C6", "2026-11-12T09:00:00Z", "Budget review", source="ics:home"),
        event("C7", "2026-11-25T09:00:00Z", "Budget review", source="ics:work"),
    ]
    matter = [priority("P1", "Print the budget"), priority("P2", "Other")]
    open_ = [owed("M1", "Bob"), owe("M2", "Ana Lopez", due="2026-11-24"), owe("M3", "Carol")]
    sections = meeting(REVIEW, facts(*before, *others, REVIEW, *matter, *open_, about=about, by=by))
    assert said(sections) == {
        "Meeting": ["C1 Tue 24 Nov 09:00-10:00 Budget review · 2 people", "Bring the numbers."],
        "Attendees": ["Ana Lopez", "bob@example.org"],
        "Open with them": ["M2 you owe Ana Lopez: the draft (due Tue 24 Nov)", "M1 Bob owes you: the keys"],
        "Said about it": ["Fri 20 Nov, Bob: “the budget is late”"],
        "Said by them": ["Thu 19 Nov, Ana Lopez: “new”"],
        "Earlier meetings": [
            "C5 Wed 18 Nov 09:00 Budget review",
            "C4 Tue 17 Nov 09:00 Budget review",
            "C3 Tue 10 Nov 09:00 Budget review",
        ],
        "Priorities that match": ["P1 Print the budget (medium)"],
    }
    assert evidence(sections) == [
        *[("calendar/e1",)] * 4,
        *[("commitments/m2",), ("commitments/m1",), ("records/slack/r1",), ("records/slack/r3",)],
        *[("calendar/e5",), ("calendar/e4",), ("calendar/e3",), ("priorities/p1",)],
    ]


def test_a_meeting_alone_is_its_own_line() -> None:
    one = event("C1", "2026-11-24")
    assert said(meeting(one, facts(one))) == {"Meeting": ["C1 Tue 24 Nov all day Walk"]}


def test_the_series_is_told_by_the_rule_also_when_its_title_was_changed() -> None:
    old = event("C1", "2026-11-16T09:00:00Z", "Old title", id="work/uid#2026-11-16")
    other = event("C2", "2026-11-17T09:00:00Z", "Other", id="work/diu#2026-11-17")
    now = event("C3", "2026-11-23T09:00:00Z", "New title", id="work/uid#2026-11-23")
    found = said(meeting(now, facts(old, other, now)))
    assert found["Earlier meetings"] == ["C1 Mon 16 Nov 09:00 Old title"]


def test_what_went_before_a_meeting_weeks_ahead_is_over_and_took_place() -> None:
    days = {"C1": "2026-11-09", "C2": "2026-11-16", "C3": "2026-11-30", "C4": "2026-12-07"}
    series = [event(code, f"{day}T09:00:00Z", "Board") for code, day in days.items()]
    series[1] = series[1].model_copy(update={"status": EventStatus.CANCELLED})
    assert said(meeting(series[-1], facts(*series)))["Earlier meetings"] == ["C1 Mon 9 Nov 09:00 Board"]
    assert said(short(series[-1], facts(*series))[1])["Last time"] == ["Mon 9 Nov"]
    assert "Last time" not in said(short(series[-1], facts(*series[2:]))[1])


def test_a_quote_is_one_line_cut_and_has_what_is_known_of_its_author() -> None:
    found = [
        record("r1", "x " * 1_500),
        record("r2", "no time", None, "Ana"),
        record("r3", "no more", None),
        record("r4", "a\x00b\x1b[31mc\x7f\u2028d", "1999-01-01"),
    ]
    texts = said(meeting(REVIEW, facts(REVIEW, about=found)))["Said about it"]
    assert len(texts[0]) == 2_000
    assert texts[1:] == ["Ana: “no time”", "“no more”", "Fri 1 Jan 1999: “a b [31mc d”"]


def test_the_questions_are_words_and_never_an_operator() -> None:
    assert question_of("Ana <ana.lopez@example.org>") == 'from:"lopez"'
    assert question_of("Ana Lopez <ana@example.org>") == 'from:"lopez" from:"Ana Lopez"'
    assert question_of('"from:x" OR y') == 'from:"from" from:"from:x OR y"'


def test_nobody_is_asked_for_who_has_no_name_or_twice() -> None:
    people = ("!!!", "Ana", "Ana", "<>", *(f"person{number}" for number in range(20)))
    asked = by_whom(people)
    assert asked == ["Ana", *(f"person{number}" for number in range(PEOPLE_MAX - 1))]


def test_each_list_is_bounded() -> None:
    many = event("C1", "2026-11-24", "Budget", attendees=tuple(f"Ana {number}" for number in range(500)))
    open_ = [owe(f"M{number}", "Ana") for number in range(1_000)]
    matter = [priority(f"P{number}", "Budget") for number in range(1_000)]
    sections = {one.title: one.items for one in meeting(many, facts(many, *open_, *matter))}
    assert len(sections["Attendees"]) == ATTENDEES_MAX
    assert len(sections["Open with them"]) == len(sections["Priorities that match"]) == OPEN_MAX


def test_the_first_line_names_the_people_who_come_each_once() -> None:
    open_ = [owed("M1", "Ana Lopez"), owed("M2", "dora, Ana Lopez"), owed("M3", "Ana Lopez, Bob")]
    line, _ = short(REVIEW, facts(REVIEW, *open_))
    assert f"with Ana Lopez and {BOB}. Open: 3 promises with Ana Lopez and {BOB}." in line
    line, _ = short(REVIEW, facts(REVIEW, owed("M1", ANA), owed("M2", ANA, "the car")))
    assert "Open: 2 promises with Ana Lopez." in line


def test_a_name_that_two_of_them_have_is_told_as_it_is() -> None:
    both = event("C1", "2026-11-24T09:00:00Z", attendees=("Ana Lopez", "Ana Silva", "Bob"))
    line, _ = short(both, facts(both, owed("M1", "Ana"), owed("M2", "Ana", "the car")))
    assert "Open: 2 promises with Ana." in line
    line, _ = short(both, facts(both, owed("M1", "Ana Silva, Ana Lopez"), owed("M2", "Bob")))
    assert "Open: 2 promises with Ana Lopez, Ana Silva and Bob." in line


def test_who_has_many_at_one_time_is_told_the_first_and_how_many() -> None:
    others = [event(f"C{number}", f"2026-11-24T09:{60 - number}:00Z") for number in range(2, 22)]
    pairs = [conflict(REVIEW, other) for other in others]
    _, sections = short(REVIEW, facts(REVIEW, *others, conflicts=pairs))
    [told] = said(sections)["At the same time"]
    assert told.startswith("09:39 Walk, 09:40 Walk, ")
    assert told.endswith(" and 16 others")


DECIDED = [
    ("Budget review", "Print the budget", True),
    ("Budget and hiring", "Sign the budget", True),
    ("Budget and hiring", "Copy the budget", False),
    ("Swap support", "would like snapshotting support", False),
    ("Registry outage", "Put out the outages", False),
    ("Visit Kessler in Lisbon", "Call Kessler", True),
    ("KMS encryption", "KMS: write a design", True),
    ("Board seat nominations", "Open the nominations for the seat", True),
    ("移転計画の件", "移転計画を承認する", True),
]


@pytest.mark.parametrize(("subject", "title", "is_told"), DECIDED)
def test_a_priority_belongs_to_a_meeting_by_more_than_one_common_word(
    subject: str, title: str, is_told: bool
) -> None:
    about = event("C1", "2026-11-24T09:00:00Z", subject)
    line, sections = short(about, facts(about, priority("P1", title)))
    assert (title in line) is is_told
    assert sections == ()


def test_what_is_to_be_decided_what_is_to_do_and_what_was_said_are_each_told_once() -> None:
    tasks = [
        priority("P1", "“Print the budget of the year"),
        priority("P2", "Approve the budget"),
        priority("P3", "Print the budget of the year"),
    ]
    quotes = [record("r1", "We print the budget of the year."), record("r2", "The budget is late by a week.")]
    line, sections = short(REVIEW, facts(REVIEW, *tasks, about=quotes))
    assert "To decide: Approve the budget." in line
    told = said(sections)
    assert told["To do"] == ["Print the budget of the year"]
    assert told["Said"] == ["Fri 20 Nov: “The budget is late by a week.”"]


HEARD_IN = {
    "Budget sync 20 Nov 2026": "Budget sync",
    "2026-11-20 Budget sync": "Budget sync",
    "SIG Node Meeting Notes (2020): July 21, 2020": "SIG Node Meeting Notes",
    "committee__meeting-notes-archive__2022-meeting-notes: December 19, 2022 [Private]": "committee",
    "events__2019__11-contributor-summit__panel": "events: contributor-summit: panel",
    "sig-node weekly: Aug 1 {#aug-1}": "sig-node weekly",
    "2019: August 8th - Mentoring": "Mentoring",
    "2021: November 10th": "",
    "Decision 12: new office": "Decision 12: new office",
    "Market 10 review": "Market 10 review",
    "20 questions for the board": "20 questions for the board",
    "May 10 planning": "planning",
    "Vorstand: 3. März 2026": "Vorstand",
    "Comité: 3 février 2026": "Comité",
    "定例会議 2026年11月20日": "定例会議",
}


@pytest.mark.parametrize(("title", "name"), HEARD_IN.items())
def test_what_a_quote_stands_in_has_no_dates_and_nothing_of_files(title: str, name: str) -> None:
    assert heard_in(title) == name


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("“Ship it", "Ship it"),
        ("see Bo)", "see Bo"),
        ("Pick a) or b)", "Pick a) or b)"),
        ("(a) it", "(a) it"),
    ],
)
def test_a_mark_without_its_other_end_is_left_out(title: str, told: str) -> None:
    assert whole(title) == told


def test_who_declined_is_not_said_to_come_and_every_answer_is_told() -> None:
    people = {"Ana": "accepted", "Bob": "declined", "Cy": "tentative", "Dee": "needs_action", "Eve": None}
    answers = tuple(Answered(attendee=who, answer=Answer(said)) for who, said in people.items() if said)
    review = event("C1", "2026-11-23T13:00:00Z", "Budget review", attendees=(*people,), answers=answers)
    line, _ = short(review, facts(review))
    assert "with Ana, Cy, Dee and Eve. Bob declined, Cy may come, no answer from Dee." in line
    told = said(meeting(review, facts(review)))
    assert told["Attendees"] == ["Ana: accepted", "Bob: declined", "Cy: may come", "Dee: no answer", "Eve"]
    assert told["Meeting"][0].endswith("5 people, 1 declined")
    assert said(short_day(facts(review))[1])["Meetings"] == ["13:00 Budget review, with Ana, Cy, Dee and Eve"]
    alone = event("C2", "2026-11-23T14:00:00Z", "Lift", attendees=("Bob",), answers=answers[1:2])
    assert short(alone, facts(alone))[0].startswith("Lift, Mon 23 Nov 14:00 (UTC). Bob declined.")
    assert said(short_day(facts(alone))[1])["Meetings"] == ["14:00 Lift (Bob declined)"]

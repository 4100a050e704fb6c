"""Over random facts: a brief is made, fits its model, and names only what exists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from briefs.daily import daily
from briefs.facts import Changed, Facts, Said
from briefs.meeting import by_whom, meeting
from briefs.render import as_markdown, as_text
from briefs.short.day import day
from briefs.short.length import WORDS_MAX, words_in
from briefs.short.meeting import meeting as short_meeting
from briefs.weekly import weekly
from models.brief import BriefItem, BriefSection, GivenBrief
from models.calendar import CalendarItem, GivenEvent
from models.commitments import Commitment, GivenCommitment
from models.priorities import GivenPriority, Priority
from models.sources import Source, SourceStatus
from tests.examples import examples

NAMES = st.sampled_from(["Ana", "Ana Lopez <ana@example.org>", "Bob", "<>", "!!", "山田", "x" * 300])
WORDS = st.sampled_from(
    ["Budget", "Budget review", "<b>x</b>", "\u202eyliad", "# a", "C1; to do", "y" * 9_000]
)
TITLES = st.one_of(
    WORDS, st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
).filter(str.strip)
DAYS = st.sampled_from(["1900-01-01", "2026-03-29", "2026-11-22", "2026-11-23", "2026-11-24", "2199-12-31"])
CLOCKS = st.sampled_from(["00:00:00", "01:30:00", "12:00:00", "23:59:59.999"])
INSTANTS = st.builds("{}T{}Z".format, DAYS, CLOCKS)
WHEN = st.one_of(DAYS, INSTANTS)
ZONES = st.sampled_from(["UTC", "Europe/Paris", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
SECONDS = st.sampled_from([-2_177_452_800, 1_795_435_200, 7_255_000_000]) | st.integers(0, 7_000_000_000)
NOW = SECONDS.map(lambda second: datetime.fromtimestamp(second, UTC))


@st.composite
def events(draw: st.DrawFn, number: int) -> CalendarItem:
    start = draw(WHEN)
    end = draw(st.none() | (DAYS if len(start) == 10 else INSTANTS))
    fields: dict[str, Any] = {
        "id": f"e{number}",
        "title": draw(TITLES),
        "start": start,
        "end": end if end is not None and end >= start else None,
        "attendees": draw(st.lists(NAMES, max_size=4)),
        "location": draw(st.none() | NAMES),
        "description": draw(st.none() | TITLES),
    }
    given = GivenEvent.model_validate(fields).model_dump(
        exclude={"all_day", "important", "formerly", "settled"}
    )
    return CalendarItem(**given, code=f"C{number}", all_day=len(start) == 10)


@st.composite
def boards(draw: st.DrawFn) -> Facts:
    number = st.integers(0, 4)
    calendar = [draw(events(index)) for index in range(1, draw(number) + 1)]
    priorities = []
    for index in range(1, draw(number) + 1):
        status = draw(st.sampled_from(["open", "open", "done"]))
        fields = {
            "id": f"p{index}",
            "title": draw(TITLES),
            "due_date": draw(st.none() | WHEN),
            "status": status,
        }
        priorities.append(
            Priority(
                **GivenPriority.model_validate(fields).model_dump(exclude={"formerly", "settled"}),
                code=f"P{index}",
            )
        )
    commitments = []
    for index in range(1, draw(number) + 1):
        fields = {
            "id": f"m{index}",
            "description": draw(TITLES),
            "assignee": draw(st.none() | NAMES),
            "due_date": draw(st.none() | WHEN),
            "direction": draw(st.sampled_from(["owe", "owed"])),
        }
        commitments.append(
            Commitment(
                **GivenCommitment.model_validate(fields).model_dump(exclude={"formerly", "settled"}),
                code=f"M{index}",
            )
        )
    sources = [
        Source(
            id=f"s{index}",
            status=draw(st.sampled_from(SourceStatus)),
            message=draw(st.none() | TITLES),
        )
        for index in range(draw(number))
    ]
    changes = [
        Changed("priorities", item.id, item.code, item.title, draw(NAMES), draw(TITLES))
        for item in priorities
        if draw(st.booleans())
    ]
    people = dict.fromkeys(person for event in calendar for person in by_whom(event.attendees))
    by = {person: draw(records(index)) for index, person in enumerate(people, 1)}
    zone = ZoneInfo(draw(ZONES))
    return Facts(draw(NOW), zone, calendar, priorities, commitments, sources, changes, draw(records(0)), by)


@st.composite
def records(draw: st.DrawFn, batch: int) -> list[Said]:
    """As old files hold them, with any character."""
    texts = st.one_of(TITLES, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
    return [
        Said(
            f"records/slack/{batch}-{index}",
            draw(st.none() | WHEN),
            draw(st.none() | NAMES | texts),
            draw(texts),
        )
        for index in range(draw(st.integers(0, 3)))
    ]


def known_in(facts: Facts) -> set[str]:
    known = {f"calendar/{item.id}" for item in facts.calendar} | {
        f"sources/{item.id}" for item in facts.sources
    }
    known |= {f"priorities/{item.id}" for item in facts.priorities}
    known |= {f"commitments/{item.id}" for item in facts.commitments}
    known |= {said.ref for found in (facts.about, *facts.by.values()) for said in found}
    return known


def check(sections: tuple[BriefSection, ...], facts: Facts) -> None:
    known = known_in(facts)
    ids = {item.code: item.id for item in (*facts.calendar, *facts.priorities, *facts.commitments)}
    for section in sections:
        assert section.items
        for item in section.items:
            check_statement(item, known, ids, section.title not in ("Meeting", "Attendees"))
    made = GivenBrief.model_validate(
        {
            "text": as_text("Day", sections),
            "markdown": as_markdown("Day", sections),
            "sections": [section.model_dump() for section in sections],
        }
    )
    assert made.sections == sections


def check_statement(item: BriefItem, known: set[str], ids: dict[str, str], has_code: bool) -> None:
    assert item.evidence
    assert set(item.evidence) <= known
    assert "\n" not in item.text
    section, _, id = item.evidence[0].partition("/")
    if has_code and section in ("calendar", "priorities", "commitments"):
        assert ids[item.text.split()[0]] == id


@examples(50)
@given(boards())
def test_every_statement_rests_on_what_exists(board: Facts) -> None:
    check(daily(board), board)
    check(weekly(board), board)
    for event in board.calendar:
        check(meeting(event, board), board)


@examples(50)
@given(boards())
def test_a_short_brief_rests_on_what_exists_is_short_and_names_its_zone(board: Facts) -> None:
    for told in (day(board), *(short_meeting(event, board) for event in board.calendar)):
        line, sections = told
        assert f"({board.tz})" in line
        assert "\n" not in line
        assert words_in(told) <= WORDS_MAX
        for item in (item for section in sections for item in section.items):
            check_statement(item, known_in(board), {}, False)


@examples(15)
@given(boards())
def test_equal_facts_give_equal_briefs(board: Facts) -> None:
    again = Facts(**{name: getattr(board, name) for name in board.__dataclass_fields__})
    assert again == board
    assert (daily(again), weekly(again)) == (daily(board), weekly(board))
    for event in board.calendar:
        assert meeting(event, again) == meeting(event, board)

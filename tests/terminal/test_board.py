"""The board as text: what stands where, in any window, whatever the server sends."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adjutant_client import Link, Replica, Stage
from handlers import REGISTRY
from sio_server.registry.describing import describe
from terminal.board import Window, board, shares
from terminal.styled import width_of, words
from tests.examples import examples

Json = Any
NOW = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)  # a Monday
BERLIN = ZoneInfo("Europe/Berlin")
CONNECTED = Link(Stage.CONNECTED, NOW)
DESCRIBED = [describe(section).model_dump(mode="json") for section in REGISTRY.sections.values()]


def holding(**state: Json) -> Replica:
    replica = Replica()
    empty = {"system": {"id": "system", "status": "IDLE"}, "calendar": [], "priorities": []}
    whole: Json = (
        empty | {"commitments": {"owe": [], "owed": []}, "active_brief": None, "sources": []} | state
    )
    replica.sync({"mode": "snapshot", "epoch": "e", "seq": 1, "state": whole, "sections": DESCRIBED})
    return replica


def drawn(replica: Replica, width: int = 80, height: int = 40, link: Link = CONNECTED) -> list[str]:
    return [words(line).rstrip() for line in board(replica, link, Window(width, height, BERLIN), NOW)]


def line_with(text: str, lines: list[str]) -> str:
    return next(" ".join(line.split()) for line in lines if text in line)


def event(code: str, start: str, end: str | None = None, **more: Json) -> Json:
    return {"id": code, "code": code, "title": f"Title {code}", "start": start, "end": end, **more}


def priority(code: str, **more: Json) -> Json:
    return {"id": code, "code": code, "title": f"Title {code}", "status": "open", "urgency": "medium", **more}


def test_no_row_of_an_event_has_a_join_link_or_a_passcode() -> None:
    secrets = {
        "title": "Call https://zoom.us/j/1?pwd=s3cretE",
        "location": "https://zoom.us/j/99?pwd=s3cretA Passcode: s3cretB",
        "description": "Kenncode: s3cretC\nJoin: https://meet.google.com/s3c-retd",
        "join_url": "https://zoom.us/j/9?pwd=s3cretA",
    }
    events = [
        event(f"C{n}", f"2026-11-23T{8 + n:02}:00:00Z", "2026-11-23T23:00:00Z") | secrets for n in (1, 2)
    ]
    said = "\n".join(drawn(holding(calendar=events), width=240))
    assert "Call Zoom" in said
    assert "s3c" not in said


def test_ones_own_brief_is_shown_unless_the_active_one_is_newer() -> None:
    def made(title: str, hour: int) -> Json:
        return {"id": "active", "title": title, "author": "ana", "set_at": f"2026-11-23T0{hour}:00:00Z"}

    for own, active, shown in ((8, 7, "Mine"), (7, 8, "Ours"), (7, 7, "Mine")):
        lines = board(
            holding(active_brief=made("Ours", active)),
            CONNECTED,
            Window(80, 40, BERLIN),
            NOW,
            made("Mine", own),
        )
        said = "\n".join(map(words, lines))
        assert ("Mine" in said, "Ours" in said) == (shown == "Mine", shown == "Ours")


def test_the_calendar_is_grouped_by_day_in_the_persons_zone() -> None:
    lines = drawn(
        holding(
            calendar=[
                event("C1", "2026-11-23T23:30:00Z"),
                event(
                    "C2", "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", important=True, location="Room 5"
                ),
                event("C3", "2026-11-23"),
                event("C4", "2026-11-25T08:00:00Z", "2026-11-25T08:30:00Z"),
                event("C5", "2026-11-23T07:00:00Z", "2026-11-23T08:00:00Z"),
                event("C6", "2026-11-20T07:00:00Z", "2026-11-23T12:00:00Z"),
                event("C7", "2026-11-21", "2026-11-23"),
                event("C8", "2026-11-22T08:00:00Z"),
                event("C9", "2027-01-02"),
            ]
        )
    )
    calendar = [" ".join(line.split()) for line in lines if "Title C" in line]
    assert calendar == [
        "Today C3 all day Title C3",
        "C6 until 13:00 Title C6",
        "C2 10:00-11:00 ! Title C2 Room 5",
        "Tomorrow C1 00:30 Title C1",
        "Wed 25 Nov C4 09:00-09:30 Title C4",
        "2 Jan 2027 C9 all day Title C9",
        "Earlier C5 08:00-09:00 Title C5",
    ]


def test_priorities_stand_as_the_server_ranks_them_with_the_settled_ones_last() -> None:
    lines = drawn(
        holding(
            priorities=[
                priority("P1", status="done"),
                priority("P2", status="snoozed", snoozed_until="2026-11-24"),
                priority("P3", due_date="2026-11-23"),
                priority("P4", urgency="high", due_date="2026-11-20"),
                priority("P5", rank=0, due_date="2026-11-24T16:00:00Z"),
            ]
        )
    )
    assert [" ".join(line.split()) for line in lines if "Title P" in line] == [
        "P5 Title P5 due tomorrow 17:00",
        "P4 ! Title P4 overdue since Fri 20 Nov",
        "P3 Title P3 due today",
        "P2 Title P2 snoozed until tomorrow",
        "P1 Title P1 done",
    ]


def test_commitments_say_who_and_whether_they_are_late() -> None:
    owe = {"id": "1", "code": "M1", "description": "Deck", "assignee": "Ana", "direction": "owe"}
    owed = {"id": "2", "code": "M2", "description": "Contract", "direction": "owed", "due_date": "2026-11-23"}
    lines = drawn(
        holding(commitments={"owe": [owe | {"status": "completed"}], "owed": [owed | {"status": "overdue"}]})
    )
    assert line_with("Deck", lines) == "M1 Deck kept"
    assert line_with("Contract", lines) == "M2 Contract overdue since today"
    owe_at, owed_at = (lines.index(heading) for heading in (" I owe", " Owed to me"))
    assert owe_at < owed_at


def test_sources_and_the_brief_have_an_age() -> None:
    ago = f"{NOW - timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"
    source = {"id": "ics:work", "status": "stale", "items": 12, "last_push_at": ago}
    lines = drawn(holding(sources=[source], active_brief={"id": "active", "title": "Daily", "set_at": ago}))
    assert line_with("ics:work", lines) == "ics:work stale 12 items 3 h ago"
    assert line_with("Daily", lines) == "Daily 3 h ago"


@pytest.mark.parametrize(
    ("brought", "said"),
    [
        ({"items": 12}, "12 items"),
        ({"items": 0, "records": 1_200}, "1,200 records"),
        ({"items": 1, "records": 1}, "1 item, 1 record"),
        ({"items": 0, "records": 0}, "0 items"),
    ],
)
def test_a_source_says_how_much_it_has_brought(brought: dict[str, int], said: str) -> None:
    lines = drawn(holding(sources=[{"id": "mail:inbox", "status": "online", **brought}]), width=90)
    assert line_with("mail:inbox", lines).startswith(f"mail:inbox online {said}")


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (Stage.CONNECTED, "connected"),
        (Stage.CATCHING_UP, "catching up"),
        (Stage.OFFLINE, "offline since 10:40"),
    ],
)
def test_the_head_says_how_things_stand(stage: Stage, said: str) -> None:
    system = {"id": "system", "status": "COLLECTING", "progress": 40, "message": "reading", "last_sync": None}
    head = drawn(holding(system=system), width=90, link=Link(stage, NOW))[0]
    assert head.startswith(" Adjutant  COLLECTING [####------] 40%  last sync never  reading")
    assert head.endswith(said)


def test_all_is_grey_while_the_server_is_away() -> None:
    replica = holding(priorities=[priority("P1", due_date="2020-01-01")])
    _, *lines = board(replica, Link(Stage.OFFLINE, NOW), Window(80, 20, BERLIN), NOW)
    assert {style for line in lines for style, _ in line} == {"class:dim"}


def test_before_the_first_sync_it_says_what_it_waits_for() -> None:
    lines = drawn(Replica(), link=Link(Stage.OFFLINE, NOW, "no connection"))
    assert lines[1] == " no board yet: no connection"


def test_a_wide_window_has_two_columns() -> None:
    replica = holding(calendar=[event("C1", "2026-11-23")], priorities=[priority("P1")])
    assert line_with("Title C1", drawn(replica, width=140)).endswith("P1 Title P1")


def test_what_does_not_fit_is_counted() -> None:
    replica = holding(priorities=[priority(f"P{n}", rank=n) for n in range(30)])
    lines = drawn(replica, height=12)
    shown = sum("Title P" in line for line in lines)
    assert len(lines) == 12
    assert line_with("Priorities", lines) == f"Priorities +{30 - shown} more"


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 100))
def test_nobody_gets_more_lines_than_it_wants_and_none_is_wasted(wants: list[int], room: int) -> None:
    given_out = shares(wants, room)
    assert all(got <= want for got, want in zip(given_out, wants, strict=True))
    assert sum(given_out) == min(room, sum(wants))


ANYTHING = st.one_of(st.text(max_size=60), st.none(), st.integers(), st.booleans(), st.lists(st.integers()))
MOMENTS = st.one_of(ANYTHING, st.dates().map(str), st.datetimes().map(lambda at: f"{at.isoformat()}Z"))
FIELDS = ("code", "title", "description", "location", "assignee", "status", "urgency", "message", "rank")
TIMES = ("start", "end", "due_date", "snoozed_until", "last_push_at", "set_at", "last_sync")
ITEMS = st.fixed_dictionaries(
    {"id": st.text(max_size=5), "direction": st.sampled_from(["owe", "owed"])},
    optional={**dict.fromkeys(FIELDS, ANYTHING), **dict.fromkeys(TIMES, MOMENTS), "progress": ANYTHING},
)
LISTS = st.lists(ITEMS, max_size=6)


@examples(30)
@given(
    system=ITEMS,
    state=st.fixed_dictionaries({"calendar": LISTS, "priorities": LISTS, "sources": LISTS}),
    owe=LISTS,
    brief=ITEMS,
    width=st.integers(0, 150),
    height=st.integers(0, 30),
)
def test_any_state_fits_any_window_and_is_harmless(
    system: Json, state: Json, owe: list[Json], brief: Json, width: int, height: int
) -> None:
    replica = holding(system=system, commitments={"owe": owe, "owed": []}, active_brief=brief, **state)
    lines = board(replica, CONNECTED, Window(width, height, BERLIN), NOW)
    assert len(lines) <= height
    assert all(width_of(line) <= width for line in lines)
    text = "".join(words(line) for line in lines)
    assert not [mark for mark in text if unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_a_proposal_is_shown_with_the_words_that_make_it_and_the_least_doubtful_first() -> None:
    quote = "- [ ] **Bo** will _send_ [the numbers](https://x.example/1)"
    said = {"file": "1-1.md", "line": 3, "quote": quote}
    proposals: list[Json] = [
        {"id": "b", "code": "A2", "line": "add owe Ana: x", "doubt": 40, "source": "mail", "why": "It asks"},
        {"id": "a", "code": "A1", "line": "add owed Bo: y", "doubt": 5, "source": "notes", "evidence": said},
    ]
    replica = holding()
    replica.sections["proposals"] = {item["id"]: item for item in proposals}
    lines = [" ".join(line.split()) for line in drawn(replica, width=100)]
    first = lines.index("Proposals") + 1
    assert lines[first : first + 4] == [
        "A1 add owed Bo: y notes",
        "“Bo will _send_ the numbers” 1-1.md",
        "A2 add owe Ana: x mail",
        "It asks",
    ]
    repeated = {"file": "records/slack:x/1", "quote": "I'll send them"}
    replica.sections["proposals"]["c"] = proposals[1] | {
        "id": "c",
        "code": "A3",
        "same_as": "a",
        "evidence": repeated,
    }
    lines = [" ".join(line.split()) for line in drawn(replica, width=100)]
    assert "“Bo will _send_ the numbers” 1-1.md also “I'll send them” records/slack:x/1" in lines
    assert not [line for line in lines if line.startswith("A3")]
    narrow = [" ".join(line.split()) for line in drawn(replica, width=40, height=9)]
    assert not [line for line in narrow if line.startswith("A1")] or "“Bo" in " ".join(narrow)
    assert not [line for line in drawn(holding()) if "Proposals" in line]

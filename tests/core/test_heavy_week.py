"""The day of a heavy week on one screen: every conflict, cancellation, move and promise is named once."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from briefs.short.length import WORDS_MAX, count
from tests.core.seats import Core

Json = Any

TITLES = [
    "1:1 Ana",
    "Exec staff",
    "Board pre-read with CFO: operating plan, capex envelope and hiring freeze exceptions",
    "Quartalsabstimmung Geschäftsführung und Betriebsrat zur Standortverlagerung Düsseldorf",
    "経営会議（月次）予算レビューと人事異動について",
    "Launch go/no-go",
    "Northwind contract call",
    "Candidate: VP Engineering (final round)",
    "Press briefing",
    "Investor call",
    "Legal: settlement options",
    "Customer escalation: ACME",
]
PEOPLE = ["Ana Lindqvist", "Bo Okafor", "Grace Tan", "Jürgen Weiß", "田中 健"]
SECRETS = {
    "location": "https://zoom.us/j/99988877766?pwd=s3cretA Passcode: s3cretB",
    "description": "Kenncode: s3cretC\nMeeting ID: 234 567 890\nJoin: https://meet.google.com/s3c-retd",
    "join_url": "https://zoom.us/j/99988877766?pwd=s3cretA",
}


def events() -> list[Json]:
    """Twelve meetings, five of which overlap, with secrets in their texts; one is all day."""
    found: list[Json] = []
    for number, title in enumerate(TITLES):
        begin, late = 7 + number, 30 if number in (3, 6, 9) else 0
        found.append(
            {"id": f"e{number}", "title": title, "attendees": [PEOPLE[number % 5], PEOPLE[(number + 1) % 5]]}
            | {
                "start": f"2026-11-23T{begin:02}:{late:02}:00Z",
                "end": f"2026-11-23T{begin + 1:02}:{late:02}:00Z",
            }
            | SECRETS
        )
    return [*found, {"id": "trip", "title": "Travel to Lisbon", "start": "2026-11-23", "end": "2026-11-25"}]


async def test_the_day_fits_one_screen_and_misses_nothing(core: Core) -> None:
    seat = await core.sit("state")
    core.clock.wall_jump_s = datetime.fromisoformat("2026-11-23T06:00:00Z").timestamp() - core.clock.now_s
    await seat.done("calendar:put", items=events())
    await seat.done("calendar:edit", code="C2", set={"status": "cancelled"})
    await seat.done(
        "calendar:edit", code="C12", set={"start": "2026-11-23T20:00:00Z", "end": "2026-11-23T21:00:00Z"}
    )
    owed = [
        {
            "id": f"m{number}",
            "description": f"part {number} of the plan",
            "direction": ("owe", "owed")[number % 2],
        }
        | {"assignee": PEOPLE[number % 5], "due_date": f"2026-11-{20 + number % 6}"}
        for number in range(30)
    ]
    await seat.done("commitments:put", items=owed)
    decide = [{"id": f"p{n}", "title": f"Approve plan {n}", "due_date": "2026-11-23"} for n in range(40)]
    await seat.done("priorities:put", items=decide)
    brief = await seat.done("brief:generate", kind="daily")
    assert len(brief["text"].split()) <= WORDS_MAX
    assert len(brief["text"].splitlines()) <= 50
    sections = {one["title"]: one["items"] for one in brief["sections"]}
    pairs = [conflict["events"] for conflict in (await seat.state())["conflicts"]]
    assert pairs
    for pair in pairs:
        lines = [item["evidence"] for item in sections["At the same time"]]
        refs = {f"calendar/{id}" for id in pair}
        assert sum(refs <= {*line} and line[0] in refs for line in lines) == 1, pair
    told = [item["text"] for item in sections["Cancelled or moved"]]
    assert len(told) == 2
    assert any("Exec staff" in text and "cancelled" in text for text in told)
    assert any("Customer escalation" in text and "moved from 18:00 to 20:00" in text for text in told)
    assert len(sections["To decide"]) == 3
    for meeting in sections["Meetings"]:
        assert "Exec staff" not in meeting["text"]
    promises = [
        ref for items in sections.values() for item in items for ref in item["evidence"] if "commit" in ref
    ]
    assert len(promises) == len({*promises})


async def test_no_brief_has_a_join_link_or_a_passcode(core: Core) -> None:
    seat = await core.sit("state")
    await seat.done("calendar:put", items=events())
    for number in range(1, 14):
        for full in (False, True):
            brief = await seat.done("brief:generate", kind="meeting", code=f"C{number}", full=full)
            assert "s3c" not in str(brief), brief["text"]
            assert "234 567" not in str(brief)
    for kind in ("daily", "weekly"):
        assert "s3c" not in str(await seat.done("brief:generate", kind=kind, full=True))


@pytest.mark.parametrize("number", [25, 60, 400])
async def test_a_day_full_of_conflicts_and_moves_counts_what_it_has_no_room_for(
    core: Core, number: int
) -> None:
    seat = await core.sit("state")
    core.clock.wall_jump_s = datetime.fromisoformat("2026-11-23T06:00:00Z").timestamp() - core.clock.now_s
    many = [
        {"id": f"e{n}", "title": f"{TITLES[n % len(TITLES)]} {n}"}
        | {"start": f"2026-11-23T{9 + n % 5:02}:{n % 60:02}:00Z", "end": f"2026-11-23T{11 + n % 5:02}:30:00Z"}
        for n in range(number)
    ]
    await seat.done("calendar:put", items=many)
    moved = [one | {"start": one["start"].replace(":00Z", ":30Z")} for one in many[: number // 2]]
    await seat.done("calendar:put", items=moved)
    brief = await seat.done("brief:generate", kind="daily")
    assert count(brief["text"]) <= WORDS_MAX
    sections = {one["title"]: [item["text"] for item in one["items"]] for one in brief["sections"]}
    assert re.fullmatch(r"and [\d,]+ more conflicts?", sections["At the same time"][-1])
    assert re.fullmatch(r"and \d+ more", sections["Cancelled or moved"][-1])


async def test_a_meeting_that_is_beside_very_many_counts_those_that_it_has_no_room_for(core: Core) -> None:
    seat = await core.sit("state")
    board = {"id": "board", "title": "Board", "start": "2026-11-24T08:00:00Z", "end": "2026-11-24T18:00:00Z"}
    short = [
        {"id": f"e{n}", "title": f"Customer escalation about contract {n}"}
        | {"start": f"2026-11-24T{8 + n // 10:02}:{n % 10 * 6:02}:00Z"}
        | {"end": f"2026-11-24T{8 + n // 10:02}:{n % 10 * 6 + 5:02}:00Z"}
        for n in range(90)
    ]
    await seat.done("calendar:put", items=[board, *short])
    brief = await seat.done("brief:generate", kind="meeting", code="C1")
    assert count(brief["text"]) <= WORDS_MAX
    [beside] = [item["text"] for one in brief["sections"] for item in one["items"]]
    assert re.search(r" and \d+ others", beside)

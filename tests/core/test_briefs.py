"""Briefs through the whole server but its transport: made of state and records, outdated by changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sio_server.registry.encoding import encode
from sio_server.registry.roles import Principal, Role
from sio_server.search.search import Search
from tests.core.seats import DAY_S, Core, Seat, collector

Json = Any

REVIEW = {
    "id": "review",
    "title": "Budget review",
    "start": "2026-11-23T15:00:00Z",
    "attendees": ["Ana Lopez <ana@example.org>", "Bob"],
}
SAID = [
    {
        "id": "r1",
        "text": "The budget\nis late by a week.",
        "at": "2026-11-20T09:00:00Z",
        "meta": {"author": "Bob"},
    },
    {"id": "r2", "text": "I am away on Monday.", "at": "2026-11-19", "meta": {"author": "Ana Lopez"}},
    {"id": "r3", "text": "The budget of 2030.", "at": "2026-12-24", "meta": {"author": "Bob"}},
]


def search_of(core: Core) -> Search:
    """The record store, which a core leaves closed."""
    records = core.services.records
    assert isinstance(records, Search)
    return records


@pytest.fixture
async def library(core: Core) -> AsyncIterator[Core]:
    """The core with its record store open."""
    await search_of(core).start()
    yield core
    await search_of(core).stop(5)


async def board(core: Core) -> Seat:
    """A person on a board of one of each."""
    seat = await core.sit("state")
    await seat.done("calendar:put", items=[REVIEW])
    await seat.done("priorities:put", items=[{"id": "print", "title": "Print the budget"}])
    owed = {"id": "keys", "description": "the keys", "direction": "owed", "assignee": "Bob"}
    await seat.done("commitments:put", items=[owed | {"due_date": "2026-11-23"}])
    return seat


async def made(seat: Seat, kind: str = "daily", **more: Json) -> Json:
    """All that the brief has to say."""
    return await seat.done("brief:generate", kind=kind, full=True, **more)


def said(brief: Json) -> dict[str, list[str]]:
    return {section["title"]: [item["text"] for item in section["items"]] for section in brief["sections"]}


# What is made.


async def test_a_brief_is_the_active_one_in_one_patch_and_the_ack(core: Core) -> None:
    seat = await board(core)
    seq = core.state.seq
    ack = await seat.ask("brief:generate", kind="daily", full=True)
    brief = ack["data"]
    assert ack["seq"] == seq + 1 == core.state.seq
    patch = seat.received("state:patch")[-1]
    assert (patch["seq"], [change["section"] for change in patch["changes"]]) == (seq + 1, ["brief"])
    assert patch["changes"][0]["put"] == brief == (await seat.state())["active_brief"]
    assert await seat.done("brief:get") == brief
    known = {name: brief[name] for name in ("author", "kind", "day", "as_of", "about", "outdated", "title")}
    assert known == {
        "author": "Adjutant",
        "kind": "daily",
        "day": "2026-11-23",
        "as_of": seq,
        "about": None,
        "outdated": False,
        "title": "Mon 23 Nov 2026",
    }
    assert said(brief) == {
        "Today": [
            "C1 15:00 Budget review · 2 people; to prepare: M1 Bob owes you: the keys (due Mon 23 Nov);"
            " P1 Print the budget (medium)"
        ],
        "Due today": ["M1 Bob owes you: the keys (due Mon 23 Nov)"],
        "Top priorities": ["P1 Print the budget (medium)"],
    }
    first = "Monday 23 November 2026 (UTC): 1 meeting, from 15:00 to 15:00. Nothing to decide."
    assert brief["headline"] == f"{first} 1 promise is open, 1 due today."
    assert brief["text"].splitlines()[:4] == [
        *(brief["headline"], "", "TODAY", "- " + said(brief)["Today"][0])
    ]


async def test_an_empty_board_gives_a_brief_that_says_so(core: Core) -> None:
    seat = await core.sit("state")
    for kind in ("daily", "weekly"):
        brief = await made(seat, kind)
        assert (brief["sections"], brief["kind"]) == ([], kind)
        assert brief["text"] == f"{brief['headline']}\n\nThere is nothing more to tell."
        assert "(UTC)" in brief["headline"]


async def test_a_meetings_brief_quotes_the_records_until_then(library: Core) -> None:
    seat = await board(library)
    feed = await library.sit(who=collector("slack:work"))
    await feed.done("records:put", records=SAID)
    brief = await made(seat, "meeting", code="c1")
    assert (brief["about"], brief["title"]) == ("review", "Meeting: Budget review")
    assert said(brief) == {
        "Meeting": ["C1 Mon 23 Nov 15:00 Budget review · 2 people"],
        "Attendees": ["Ana Lopez", "Bob"],
        "Open with them": ["M1 Bob owes you: the keys (due Mon 23 Nov)"],
        "Said about it": ["Fri 20 Nov, Bob: “The budget is late by a week.”"],
        "Said by them": ["Thu 19 Nov, Ana Lopez: “I am away on Monday.”"],
        "Priorities that match": ["P1 Print the budget (medium)"],
    }
    refs = [ref for section in brief["sections"] for item in section["items"] for ref in item["evidence"]]
    hits = (await seat.done("search:query", query="budget OR monday"))["hits"]
    assert {ref for ref in refs if ref.startswith("records/")} == {
        f"records/{hit['id']}" for hit in hits if not hit["id"].endswith("r3")
    }


async def test_without_the_record_store_a_meetings_brief_is_made_of_the_state(core: Core) -> None:
    seat = await board(core)
    assert (await seat.refused("search:query", query="budget"))["code"] == "storage_unavailable"
    assert list(said(await made(seat, "meeting", code="C1"))) == [
        *("Meeting", "Attendees", "Open with them", "Priorities that match")
    ]


async def test_odd_titles_and_people_find_nothing_and_break_nothing(library: Core) -> None:
    seat = await library.sit("state")
    titles = [
        '"',
        'NOT "',
        "budget* OR from:ana",
        "x" * 10_000,
        "\u202ebudget",
        "-budget source:x",
        "🎂 cake",
    ]
    people = ["!!", '"', "from:x", "<>", "ana OR bob", "@"]
    items = [REVIEW | {"id": f"e{n}", "title": title, "attendees": people} for n, title in enumerate(titles)]
    await seat.done("calendar:put", items=items)
    await seat.done("records:put", records=SAID)
    for number in range(len(titles)):
        assert (await made(seat, "meeting", code=f"C{number + 1}"))["about"]


async def test_equal_boards_give_equal_briefs(core: Core, tmp_path: Path) -> None:
    briefs = []
    folder = tmp_path / "other"
    folder.mkdir()
    async with Core(folder) as other:
        for one in (core, other):
            seat = await board(one)
            briefs.append([await made(seat, "weekly"), await made(seat, "meeting", code="C1")])
    assert encode(briefs[0]) == encode(briefs[1])


# What changed since the last one.


async def test_what_people_and_sources_changed_since_the_last_brief_is_told_newest_first(core: Core) -> None:
    seat = await board(core)
    assert "Changed since the last brief" not in said(await made(seat))
    work = await core.sit(who=collector("ics:work"))
    await work.done("calendar:put", items=[REVIEW | {"id": "w", "title": "Standup"}])
    await seat.done("command:run", text="update P1 Print the whole budget")
    brief = await made(seat)
    assert said(brief)["Changed since the last brief"] == [
        "P1 Print the whole budget: changed, by ada",
        "C2 Standup: added, by ics:work",
    ]
    assert "Changed since the last brief" not in said(await made(seat, "weekly"))


async def test_what_time_alone_changed_is_not_told_and_hides_nothing(core: Core) -> None:
    seat = await board(core)
    await made(seat)
    await seat.done("commitments:edit", code="M1", set={"note": "ask again"})
    core.clock.now_s += DAY_S
    await core.hub.tick()
    assert (await seat.item("commitments", "keys"))["status"] == "overdue"
    brief = await made(seat)
    assert said(brief)["Changed since the last brief"] == ["M1 the keys: changed"]
    core.clock.now_s += 1
    await seat.done("priorities:snooze", code="P1", until="2026-11-25")
    await made(seat)
    core.clock.now_s += DAY_S
    await core.hub.tick()
    assert (await seat.item("priorities", "print"))["status"] == "open"
    assert "Changed since the last brief" not in said(await made(seat))


async def test_nothing_is_told_of_changes_that_the_log_has_forgotten(tmp_path: Path) -> None:
    async with Core(tmp_path, keep_changes=3, keep_s=1) as core:
        seat = await board(core)
        await made(seat)
        for number in range(400):
            await seat.done("priorities:edit", code="P1", set={"note": f"note {number}"})
        core.clock.now_s += 60
        await core.tidy()
        brief = await made(seat)
        assert "Changed since the last brief" not in said(brief)
        assert "Top priorities" in said(brief)


async def test_a_brief_from_outside_begins_the_changes_anew(core: Core) -> None:
    seat = await board(core)
    await made(seat)
    await seat.done("brief:set", brief={"text": "Mine"})
    await seat.done("priorities:edit", code="P1", set={"note": "x"})
    assert "Changed since the last brief" not in said(await made(seat))


# What is refused.


BAD: list[tuple[Json, str]] = [
    ({"kind": "meeting"}, "bad_request"),
    ({"kind": "daily", "code": "C1"}, "bad_request"),
    ({"kind": "weekly", "code": "C9"}, "bad_request"),
    ({"kind": "monthly"}, "bad_request"),
    ({}, "bad_request"),
    ({"kind": "daily", "extra": 1}, "bad_request"),
    ({"kind": "meeting", "code": "x"}, "bad_request"),
    ({"kind": "meeting", "code": "P1"}, "bad_request"),
    ({"kind": "meeting", "code": "C9"}, "not_found"),
    ({"kind": "meeting", "code": "C1", "seen": 99}, "bad_request"),
]


@pytest.mark.parametrize(("payload", "code"), BAD, ids=str)
async def test_a_request_that_does_not_fit_is_refused_and_changes_nothing(
    core: Core, payload: Json, code: str
) -> None:
    seat = await board(core)
    seq = core.state.seq
    assert (await seat.refused("brief:generate", **payload))["code"] == code
    assert core.state.seq == seq


async def test_a_code_that_means_another_meeting_by_now_is_stale_with_both_texts(core: Core) -> None:
    seat = await board(core)
    seen = core.state.seq
    await seat.done("calendar:edit", code="C1", set={"title": "Board call"})
    error = await seat.refused("brief:generate", kind="meeting", code="C1", seen=seen)
    assert error["code"] == "stale_target"
    assert "Budget review" in str(error["details"])
    assert "Board call" in str(error["details"])
    await made(seat, "meeting", code="C1", seen=core.state.seq)
    await seat.done("calendar:drop", codes=["C1"])
    error = await seat.refused("brief:generate", kind="meeting", code="C1", seen=seen)
    assert error["code"] == "stale_target"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.COLLECTOR])
async def test_who_only_reads_or_feeds_makes_no_brief(core: Core, role: Role) -> None:
    seat = await core.sit(who=Principal("token:eve", "eve", role))
    assert (await seat.refused("brief:generate", kind="daily"))["code"] == "forbidden"
    assert core.state.seq == 0


async def test_an_op_sent_again_gets_the_first_brief_whatever_became_of_its_meeting(library: Core) -> None:
    seat = await board(library)
    payload = {"kind": "meeting", "code": "C1", "op": "o"}
    first = await seat.ask("brief:generate", **payload)
    await seat.done("calendar:drop", codes=["C1"])
    seq = library.state.seq
    assert await seat.ask("brief:generate", **payload) == first | {"replay": True}
    assert library.state.seq == seq
    assert (await seat.refused("brief:generate", kind="daily", op="o"))["code"] == "conflict"


async def test_a_large_board_is_told_within_the_deadline_and_the_patch_is_small(core: Core) -> None:
    seat = await core.sit("state")
    people = [f"Person {number} <p{number}@example.org>" for number in range(100)]
    events = [REVIEW | {"id": f"e{n}", "title": f"Budget {n}", "attendees": people} for n in range(1_000)]
    await seat.done("calendar:put", items=events)
    await seat.done("priorities:put", items=[{"id": f"p{n}", "title": f"Budget {n}"} for n in range(500)])
    for asked in ({"kind": "daily"}, {"kind": "weekly"}, {"kind": "meeting", "code": "C1"}):
        brief = await seat.done("brief:generate", **asked)
        assert len(brief["text"]) <= 100_000
        assert len(str(brief)) < 400_000

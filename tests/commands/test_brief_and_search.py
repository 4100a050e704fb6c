"""`brief` and `search` as people type them; the hits by their short names; with the record store open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from sio_server.registry.roles import Role
from sio_server.search.search import Search
from tests.commands.board import BOB, changes, held, person, place_of, ran, typed
from tests.core.seats import Core, Seat, collector

Json = Any

CALL = "The board is to call the bank again."
SAID = [
    {"id": "r1", "text": "The budget\n\tis late.\nAsk Ben.", "at": "2026-11-20T09:00:00Z", "kind": "mail"},
    {
        "id": "r2",
        "text": CALL,
        "at": "2026-11-19",
        "title": "Minutes",
        "meta": {"author": "Ana"},
    },
    {"id": "r3", "text": "A bicycle " * 500 + "budget", "at": "2020-01-01"},
]


@pytest.fixture(autouse=True)
async def library(core: Core) -> AsyncIterator[Search]:
    """The record store, open, with what was said in it."""
    records = core.services.records
    assert isinstance(records, Search)
    await records.start()
    feed = await core.sit(who=collector("slack:work"))
    await feed.done("records:put", records=SAID)
    yield records
    await records.stop(5)


async def shown(seat: Seat, line: str) -> Json:
    """What the one step of a line shows."""
    [step] = (await ran(seat, line))["steps"]
    return step["data"]


async def added(seat: Seat, line: str) -> Json:
    """The item that the line's last step adds, as everybody sees it."""
    [named] = (await ran(seat, line))["steps"][-1]["data"]["items"]
    return await seat.item(named["section"], named["id"])


# Briefs.

BRIEFS = [
    ("brief", "daily", None),
    ("brief daily", "daily", None),
    ("  BRIEF   Daily ", "daily", None),
    ("Brief WEEKLY", "weekly", None),
    ("brief C1", "meeting", "call"),
    ("brief c2", "meeting", "ics:work/teeth"),
]


@pytest.mark.parametrize(("line", "kind", "about"), BRIEFS)
async def test_a_typed_brief_is_shown_as_text_and_is_the_active_one(
    core: Core, ada: Seat, line: str, kind: str, about: str | None
) -> None:
    before, seq = await held(ada), core.state.seq
    ack = await typed(ada, line, op="o")
    [step] = ack["data"]["steps"]
    brief = await ada.done("brief:get")
    assert (brief["kind"], brief["about"], brief["author"]) == (kind, about, "Adjutant")
    assert step["data"]["text"] == brief["text"]
    assert step["data"].keys() <= {"text", "rests_on"}
    assert "undo" not in ack["data"]
    assert changes(before, await held(ada)) == f"brief {kind} by Adjutant"
    assert (ada.received("state:patch")[-1]["cause"]["command"], core.state.seq) == (line.strip(), seq + 1)
    assert await typed(ada, line, op="o") == ack | {"replay": True}


async def test_a_meetings_brief_quotes_what_was_said_in_a_line_as_in_a_request(ada: Seat) -> None:
    line = await shown(ada, "brief C1")
    assert "Thu 19 Nov, Ana: “The board is to call the bank again.”" in line["text"]
    assert (await ada.done("brief:generate", kind="meeting", code="C1"))["text"] == line["text"]


async def test_a_brief_in_a_line_is_of_the_steps_before_it(ada: Seat) -> None:
    data = await ran(ada, "approve P1 | add priority Milk | brief | reopen P1")
    text = data["steps"][2]["data"]["text"]
    assert "Budget review" not in text
    assert "Milk" in text
    assert data["undo"]


AMONG_OTHERS = [
    ("approve P1 | brief C1", "P1 done; brief meeting by Adjutant"),
    ("approve P1 | BRIEF | approve P2", "P1 done; P2 done; brief daily by Adjutant"),
    ("approve P1 | brief | brief c2", "P1 done; brief meeting by Adjutant"),
    ("brief weekly | snooze P3 2h | approve P2", "brief weekly by Adjutant"),
]


@pytest.mark.parametrize(("line", "outcome"), AMONG_OTHERS)
async def test_a_brief_is_a_step_among_others_in_one_commit(
    core: Core, ada: Seat, line: str, outcome: str
) -> None:
    before, seq = await held(ada), core.state.seq
    await typed(ada, line)
    assert changes(before, await held(ada)) == outcome
    assert core.state.seq == seq + 1


async def test_undoing_a_line_leaves_its_brief_and_outdates_it(ada: Seat) -> None:
    await ran(ada, "approve P1 | brief")
    assert not (await ada.done("brief:get"))["outdated"]
    await ran(ada, "undo")
    brief = await ada.done("brief:get")
    assert (brief["kind"], brief["outdated"]) == ("daily", True)


async def test_a_brief_alone_is_not_what_undo_takes_back(ada: Seat) -> None:
    await ran(ada, "approve P1")
    await ran(ada, "brief")
    await ran(ada, "undo")
    assert (await ada.item("priorities", "budget"))["status"] == "open"
    assert await ada.done("brief:get")


async def test_a_dry_brief_shows_the_text_and_sets_nothing(core: Core, ada: Seat) -> None:
    seq = core.state.seq
    [planned] = (await ada.done("command:run", text="brief C1", dry=True))["steps"]
    assert (planned["status"], core.state.seq, await ada.done("brief:get")) == ("planned", seq, None)
    assert planned["data"] == await shown(ada, "brief C1")


async def test_a_typed_brief_is_guarded_like_any_code(ada: Seat, core: Core) -> None:
    seen = core.state.seq
    await ada.done("calendar:edit", code="C1", set={"title": "Board lunch"})
    error = await ada.refused("command:run", text="brief C1", seen=seen)
    assert (error["code"], place_of(error)) == ("stale_target", (6, 8))
    assert (error["details"]["then"], error["details"]["now"]) != (None, None)


# Search.


async def test_a_typed_search_shows_its_hits_under_short_names_and_changes_nothing(
    core: Core, ada: Seat
) -> None:
    seq = core.state.seq
    found = await shown(ada, "search  budget late")
    asked = await ada.done("search:query", query="budget late")
    assert [hit["name"] for hit in found["hits"]] == ["S1"]
    assert [hit | {"name": "S1"} for hit in asked["hits"]] == found["hits"]
    assert (found["total"], core.state.seq) == (asked["total"], seq)
    assert "undo" not in await ran(ada, "search budget")


QUERIES = [
    '"is late"',
    "budget -bicycle",
    "from:ana",
    "source:slack:work after:2026-01-01",
    "C++",
    "🎂",
    "*",
    '"',
    "(x",
    "OR OR",
]


@pytest.mark.parametrize("query", QUERIES)
async def test_whatever_is_typed_is_searched_as_it_is(ada: Seat, query: str) -> None:
    found = await shown(ada, f"search {query}")
    asked = await ada.done("search:query", query=query)
    assert [hit["id"] for hit in found["hits"]] == [hit["id"] for hit in asked["hits"]]


async def test_who_only_reads_may_search_and_make_no_brief(core: Core) -> None:
    seat = await core.sit(who=person("eve", Role.VIEWER))
    assert (await shown(seat, "search budget"))["total"] == 2
    for line in ("brief", "brief C1", "search budget | brief", "search budget | add owe S1"):
        assert (await seat.refused("command:run", text=line))["code"] == "forbidden"


async def test_a_hit_is_added_by_its_name_with_the_record_as_evidence(ada: Seat) -> None:
    [hit] = (await shown(ada, "search ask ben"))["hits"]
    item = await added(ada, "ADD owe s1")
    assert " ".join(hit["snippet"].split()) == "The budget is late. Ask Ben."
    assert item["description"] == "Ask Ben."
    assert item["evidence"] == {
        "file": "records/slack:work/r1",
        "line": None,
        "quote": "Ask Ben.",
    }
    assert (await added(ada, "search minutes | add priority S2"))["title"] == CALL
    assert (await added(ada, "add owed S2"))["evidence"]["file"] == "records/slack:work/r2"


async def test_each_step_has_the_hits_of_the_searches_before_it(ada: Seat) -> None:
    line = "search late | add owe S1 | search minutes | add owe S2 | brief C1 | search S1 | approve P1"
    steps = (await ran(ada, line))["steps"]
    ids = [steps[number]["data"]["items"][0]["id"] for number in (1, 3)]
    files = [(await ada.item("commitments", id))["evidence"]["file"] for id in ids]
    assert files == ["records/slack:work/r1", "records/slack:work/r2"]
    assert steps[5]["data"]["hits"] == []


async def test_a_search_for_a_meetings_own_question_and_its_brief_do_not_meet(ada: Seat) -> None:
    for line in ('search "board" OR "call" | brief C1', 'brief C1 | search "board" OR "call"'):
        steps = (await ran(ada, line))["steps"]
        assert {name for step in steps for name in step["data"]} - {"rests_on"} == {
            *("hits", "total", "ranked", "text")
        }


async def test_hits_are_each_persons_own_and_stay_what_they_are(core: Core, ada: Seat) -> None:
    bob = await core.sit(who=BOB)
    await ran(ada, "search late")
    await ran(bob, "search minutes")
    assert (await added(bob, "add owe S1"))["evidence"]["file"].endswith("r2")
    assert (await added(ada, "add owe S1"))["evidence"]["file"].endswith("r1")
    other = await core.sit(who=person("ada"))
    assert (await added(other, "add owe S1"))["evidence"]["file"].endswith("r1")
    await ran(ada, "search minutes")
    assert (await added(ada, "add owe S1"))["evidence"]["file"].endswith("r1")
    error = await ada.refused("command:run", text="add owe S3")
    assert (error["code"], "not one of your hits" in error["message"]) == ("bad_request", True)
    eve = await core.sit(who=person("eve"))
    assert (await eve.refused("command:run", text="add owe S1"))["code"] == "bad_request"


@pytest.mark.parametrize("text", ["S1 and more", "S0", "S01", '"S1"', '"S 1"', "S", "Ş1", "S1!"])
async def test_what_only_looks_like_a_hits_name_is_text(ada: Seat, text: str) -> None:
    await ran(ada, "search late")
    item = await added(ada, f"add priority {text}")
    assert (item["title"], item["evidence"]) == (text.strip('"'), None)


async def test_a_dry_add_of_a_hit_tells_its_title_and_adds_nothing(core: Core, ada: Seat) -> None:
    seq = core.state.seq
    steps = (await ada.done("command:run", text="search minutes | add owe S1", dry=True))["steps"]
    assert [step["status"] for step in steps] == ["planned", "planned"]
    assert steps[1]["data"]["items"][0]["title"] == CALL
    assert core.state.seq == seq


async def test_an_added_hit_can_be_undone_and_its_op_replayed(ada: Seat) -> None:
    await ran(ada, "search late")
    before = await held(ada)
    first = await typed(ada, "add owe S1", op="o")
    await ran(ada, "search minutes")
    assert await typed(ada, "add owe S1", op="o") == first | {"replay": True}
    await ran(ada, "undo")
    assert changes(before, await held(ada)) == "nothing"


async def test_a_line_that_only_searches_keeps_no_op(ada: Seat) -> None:
    await typed(ada, "search late", op="o")
    assert (await ran(ada, "search minutes", op="o"))["steps"][0]["data"]["total"] == 1


async def test_a_record_of_the_old_system_with_any_character_can_be_added_and_quoted(
    core: Core, ada: Seat, library: Search, tmp_path: Path
) -> None:
    file = apsw.Connection(str(core.folder / "search.db"))
    text = "\x07Board\x1b[31m \x00\u2028zeppelin\x85 of the\tcall\r\n" + "x" * 2_000
    values = (text, "slack", "1601-01-01", '{"user_name": "Ana\\u0007 \\ud83d"}')
    file.execute("INSERT INTO messages (content, source, date, metadata) VALUES (?, ?, ?, ?)", values)
    file.close()
    assert (await shown(ada, "search zeppelin"))["total"] == 1
    item = await added(ada, "add owe S1")
    assert item["evidence"]["file"].startswith("records/slack/")
    await shown(ada, "brief C1")
    await shown(ada, "brief daily")


async def test_without_the_record_store_the_search_says_why_and_the_rest_goes_on(
    ada: Seat, library: Search
) -> None:
    await ran(ada, "search late")
    await library.stop(5)
    error = await ada.refused("command:run", text="search late | approve P1")
    assert error["code"] in ("storage_unavailable", "draining")
    data = await ada.done("command:run", text="approve P1 | brief C1 | add owe S1 | search late | approve P2")
    assert [step["status"] for step in data["steps"]] == ["done", "done", "done", "failed", "skipped"]
    assert data["steps"][3]["error"]["code"] in ("storage_unavailable", "draining")


async def test_lines_of_one_breath_keep_their_order_around_searches(core: Core, ada: Seat) -> None:
    lines = (
        "search late",
        "reopen P3",
        "brief C1",
        "snooze P3 2h",
        "search minutes",
        "approve P3",
        "brief",
        "reopen P3",
    )
    seq = core.state.seq
    acks = await ada.pipeline([("command:run", {"text": line}) for line in lines])
    assert [ack["seq"] - seq for ack in acks] == [0, 1, 2, 3, 3, 4, 5, 6]

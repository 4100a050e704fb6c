"""Which lines may be proposed, and what is said of the others, each of which costs its own proposal alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.seats import Core, Seat, collector

Json = Any

NOTES = collector("notes:work")
ABOUT = {"section": "priorities", "id": "p"}
EVIDENCE = {"file": "a.md", "line": 3, "quote": "Bo will send the numbers"}


def proposal(line: Json, **more: Json) -> Json:
    return {"id": "x", "line": line, "why": "It says so.", "evidence": EVIDENCE} | more


TAKEN = {
    "a priority": (proposal("add priority Sign"), "add priority Sign"),
    "white space around it": (proposal("  add priority Sign "), "add priority Sign"),
    "a bar in a quotation": (proposal('add owe Bo: "a | b"'), 'add owe Bo: "a | b"'),
    "an item that is done": (proposal("complete", about=ABOUT), "complete P1"),
    "by its source's own id": (proposal("done", about=ABOUT | {"id": "own"}), "done P2"),
    "a new text": (proposal("update Sign it", about=ABOUT), "update P1 Sign it"),
    "a snooze": (proposal("snooze 2199-01-01", about=ABOUT), "snooze P1 2199-01-01"),
    "another commitment": (
        proposal("complete", about={"section": "commitments", "id": "m"}),
        "complete M1",
    ),
}
REFUSED = {
    "nothing": (proposal(""), "line", "must not be blank"),
    "blanks": (proposal("  "), "line", "must not be blank"),
    "no text": (proposal(7), "line", "must be text"),
    "several lines": (proposal("add priority a\nforget"), "line", "line breaks"),
    "no command": (proposal("please add this"), "line", "there is no command “please”"),
    "what collects": (proposal("refresh"), "line", "`refresh` cannot be proposed"),
    "what collects all": (proposal("full"), "line", "`full` cannot be proposed"),
    "what searches": (proposal("search budget"), "line", "`search` cannot be proposed"),
    "what takes back": (proposal("undo"), "line", "`undo` cannot be proposed"),
    "what makes a brief": (proposal("brief"), "line", "`brief` cannot be proposed"),
    "what only tells": (proposal("status"), "line", "`status` cannot be proposed"),
    "what removes": (proposal("drop", about=ABOUT), "line", "`drop` cannot be proposed"),
    "two steps": (proposal("add priority a | add priority b"), "line", "A proposal is a single command"),
    "a second step that removes": (
        proposal("add priority a | drop P1"),
        "line",
        "A proposal is a single command",
    ),
    "a code": (proposal("complete P1"), "line", "P1 may later belong to another item"),
    "a code beside the item": (proposal("complete P2", about=ABOUT), "line", "about a single item"),
    "no item": (proposal("complete"), "line", "Something is missing"),
    "an item that there is not": (proposal("complete", about=ABOUT | {"id": "z"}), "about", "no such item"),
    "a section that there is not": (
        proposal("complete", about={"section": "cellar", "id": "p"}),
        "about",
        "no such item",
    ),
    "another proposal": (
        proposal("complete", about={"section": "proposals", "id": "y"}),
        "about",
        "no such item",
    ),
    "what an item cannot do": (
        proposal("snooze 2199-01-01", about={"section": "commitments", "id": "m"}),
        "line",
        "does not take M1",
    ),
    "a time that is over": (proposal("snooze 2001-01-01", about=ABOUT), "line", "This time is in the past"),
    "a kind that there is not": (
        proposal("add proposal add priority x"),
        "line",
        "must be priority, owe or owed",
    ),
    "an event": (proposal("add event Lunch"), "line", "must be priority, owe or owed"),
    "a date that there is not": (proposal("add owe Pay by 2026-02-30"), "line", "there is no such date"),
    "a hit of a search": (proposal("add priority S1"), "line", "S1 is not one of your hits"),
    "an open quotation": (proposal('add priority "Sign'), "line", "quotation mark is missing"),
    "turned text": (proposal("add priority a\u202eb"), "line", "changes the direction"),
    "too long a line": (proposal("add priority " + "x" * 2_000), "line", "at most 1000"),
    "no reason": (proposal("add priority a", why=""), "why", "must not be blank"),
    "no evidence": ({"id": "x", "line": "add priority a", "why": "so"}, "evidence", "is required"),
    "evidence without words": (
        proposal("add priority a", evidence={"file": "a"}),
        "evidence.quote",
        "is required",
    ),
    "too much doubt": (proposal("add priority a", doubt=101), "doubt", "less than or equal to 100"),
    "what the server says": (proposal("add priority a", since_s=1), "since_s", "is an unknown field"),
}


@pytest.fixture
async def notes(core: Core) -> Seat:
    """A source, on a board with three items, one of them its own."""
    person, notes = await core.sit(), await core.sit(who=NOTES)
    await person.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
    await notes.done("priorities:put", items=[{"id": "own", "title": "Pay"}])
    await person.done("commitments:put", items=[{"id": "m", "description": "draft", "direction": "owe"}])
    return notes


@pytest.mark.parametrize(("item", "line"), TAKEN.values(), ids=TAKEN.keys())
async def test_a_line_that_adds_or_changes_one_item_is_taken(notes: Seat, item: Json, line: str) -> None:
    done = await notes.done("proposals:put", items=[item])
    assert done["rejected"] == []
    [proposal] = (await notes.state())["proposals"]
    assert proposal["line"] == line


@pytest.mark.parametrize(("item", "path", "said"), REFUSED.values(), ids=REFUSED.keys())
async def test_any_other_costs_its_proposal_and_says_why(
    notes: Seat, item: Json, path: str, said: str
) -> None:
    before = (await notes.state())["priorities"]
    good = proposal("add priority Good") | {"id": "good"}
    done = await notes.done("proposals:put", items=[item, good])
    [rejected] = done["rejected"]
    assert (done["added"], rejected["path"]) == (1, path)
    assert said in rejected["message"], rejected["message"]
    state = await notes.state()
    assert [each["line"] for each in state["proposals"]] == ["add priority Good"]
    assert state["priorities"] == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("refresh", "cannot be proposed"),
        ('add priority a"|"b', "no command"),
        ("complete P9", "no such item"),
        ("complete A1", "can change the items of the board"),
        ("complete P1 P2", "about a single item"),
        ("hello", "there is no command"),
    ],
)
async def test_a_person_may_not_change_a_line_into_one_that_cannot_be_carried_out(
    core: Core, notes: Seat, line: str, said: str
) -> None:
    await notes.done("proposals:put", items=[proposal("add priority a")])
    person = await core.sit("state")
    seq = core.state.seq
    error = await person.refused("proposals:edit", code="A1", set={"line": line})
    assert said in error["message"], error
    assert core.state.seq == seq


async def test_only_a_source_proposes_and_only_people_decide(core: Core, notes: Seat) -> None:
    person = await core.sit()
    done = await person.done("proposals:put", items=[proposal("add priority a")])
    assert "which source" in done["rejected"][0]["message"]
    await notes.done("proposals:put", items=[proposal("add priority a")])
    for event, fields in (("approve", {}), ("edit", {"set": {"line": "add priority b"}})):
        assert (await notes.refused(f"proposals:{event}", code="A1", **fields))["code"] == "forbidden"
    other = await core.sit(who=collector("mail:work"))
    assert (await other.refused("proposals:drop", codes=["A1"]))["code"] == "forbidden"
    await notes.done("proposals:drop", codes=["A1"])  # what it takes back itself, it may propose again
    assert (await notes.done("proposals:put", items=[proposal("add priority a")]))["added"] == 1

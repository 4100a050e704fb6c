"""What changed since then (state/digest): item by item, also what is gone, and not what is as it was."""

from __future__ import annotations

from typing import Any

from tests.commands.board import ADA, BOB, ran
from tests.commands.conftest import built, core  # noqa: F401 - fixtures
from tests.core.seats import Core, Seat, collector

Json = Any


async def told(seat: Seat, since: int) -> dict[str, Json]:
    """The items by their codes."""
    answer = await seat.done("state:since", since=since)
    assert answer["complete"]
    return {item["code"]: item for item in answer["items"]}


async def test_each_change_is_told_in_a_word_with_old_and_new_and_by_whom(core: Core) -> None:  # noqa: F811
    ada, bob = await core.sit(who=ADA), await core.sit(who=BOB)
    since = core.state.seq
    await ran(ada, "approve P1 | reopen P3 | assign M2 Bo Chen | drop P2 | add owe Call Cy | due M1 friday")
    await bob.done("calendar:edit", code="C1", set={"start": "2026-11-23T16:00:00Z"})
    found = await told(bob, since)
    assert {code: (item["what"], item["title"], item["by"]) for code, item in found.items()} == {
        "P1": ("done", "Budget review", "ada"),
        "P3": ("reopened", "Pay the rent", "ada"),
        "M2": ("assigned", "Refund for the chair", "ada"),
        "P2": ("removed", "Call Ana", "ada"),
        "M4": ("added", "Call Cy", "ada"),
        "M1": ("changed", "Send Ana the draft", "ada"),
        "C1": ("moved", "Board call", "bob"),
    }
    assert found["C1"]["changed"]["start"] == {"old": "2026-11-23T15:00:00Z", "new": "2026-11-23T16:00:00Z"}
    assert found["M1"]["changed"]["due_date"] == {"old": None, "new": "2026-11-27"}


async def test_what_came_and_went_or_was_changed_back_is_not_told(core: Core) -> None:  # noqa: F811
    ada = await core.sit(who=ADA)
    since = core.state.seq
    await ran(ada, "add priority Milk")
    await ran(ada, "drop P8 | approve P1 | drop P2")
    await ran(ada, "undo")
    await ran(ada, "due P7 friday")
    await ran(ada, "release P7 due")
    found = await told(ada, since)
    assert {code: item["what"] for code, item in found.items()} == {"P8": "added"}
    assert await told(ada, core.state.seq) == {}


async def test_an_event_that_moved_three_times_and_back_did_not_move(core: Core) -> None:  # noqa: F811
    ics, ada = await core.sit(who=collector("ics:work")), await core.sit(who=ADA)
    since = core.state.seq
    for hour in (10, 11, 12):
        event = {"id": "teeth", "title": "Dentist", "start": f"2026-11-24T{hour}:00:00Z"}
        await ics.done("calendar:put", items=[event])
    moved = (await told(ada, since))["C2"]
    assert (moved["what"], moved["by"]) == ("moved", "ics:work")
    assert moved["changed"]["start"] == {"old": "2026-11-24T09:00:00Z", "new": "2026-11-24T12:00:00Z"}
    await ics.done(
        "calendar:put", items=[{"id": "teeth", "title": "Dentist", "start": "2026-11-24T09:00:00Z"}]
    )
    assert "start" not in (await told(ada, since)).get("C2", {}).get("changed", {})


async def test_a_position_ahead_of_the_server_is_refused(core: Core) -> None:  # noqa: F811
    ada = await core.sit(who=ADA)
    error = await ada.refused("state:since", since=core.state.seq + 1)
    assert (error["code"], error["details"][0]["path"]) == ("bad_request", "since")


async def test_only_what_was_committed_since_is_read(core: Core) -> None:  # noqa: F811
    ada = await core.sit(who=ADA)
    since = core.state.seq
    await ran(ada, "approve P1")
    commits, complete = await core.board.reader.commits_since(since)
    assert (len(commits), complete) == (1, True)

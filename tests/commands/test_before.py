"""`due P7 before C4`: the due date is the start of that event from then on (registry/starts)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commands.board import ADA, EVENT, TOMORROW_AT_9, core_on, ran, typed
from tests.core.seats import Core, Seat, collector

Json = Any

TEETH = EVENT | {"id": "teeth", "title": "Dentist", "start": TOMORROW_AT_9}
LATER = "2026-11-25T10:30:00Z"


async def put(core: Core, *events: Json) -> None:
    ics = await core.sit(who=collector("ics:work"))
    done = await ics.done("calendar:put", items=list(events), mode="replace", allow_empty=True)
    assert not done["rejected"]


async def due(seat: Seat, code: str = "P1") -> str | None:
    items = (await seat.state())["priorities"]
    found: list[str | None] = [item["due_date"] for item in items if item["code"] == code]
    return found[0]


async def test_the_due_date_follows_the_event_in_the_commit_that_moves_it(core: Core) -> None:
    ada = await core.sit(who=ADA)
    done = await ran(ada, "due P1 before C2")
    assert done["steps"][0]["data"]["set"] == {"due_date": TOMORROW_AT_9}
    seq = (await typed(ada, "status"))["seq"]
    await put(core, TEETH | {"start": LATER})
    assert await due(ada) == LATER
    since = (await ada.done("state:since", since=seq))["items"]
    (told,) = [one for one in since if one["code"] == "P1"]
    assert told["changed"] == {"due_date": {"old": TOMORROW_AT_9, "new": LATER}}
    assert told["seq"] == seq + 1


@pytest.mark.parametrize(
    ("line", "title"),
    [("priority Prepare it before C2 !!", "Prepare it"), ("owe Bo: the deck due before c2", "the deck")],
)
async def test_what_is_added_before_a_meeting_is_due_at_its_start_and_follows_it(
    core: Core, line: str, title: str
) -> None:
    ada = await core.sit(who=ADA)
    [step] = (await ran(ada, f"add {line}"))["steps"]
    [item], told = step["data"]["items"], step["data"]["set"]
    assert (item["title"], told["due_date"]) == (title, TOMORROW_AT_9)
    await put(core, TEETH | {"start": LATER})
    state = await ada.state()
    items = [*state["priorities"], *state["commitments"]["owe"]]
    assert [one["due_date"] for one in items if one["code"] == item["code"]] == [LATER]


@pytest.mark.parametrize("start", ["2026-11-25", "2026-11-24T09:00:00Z"])
async def test_an_event_may_become_one_of_a_whole_day(core: Core, start: str) -> None:
    ada = await core.sit(who=ADA)
    await ran(ada, "due P1 before C2 | due M1 before C2")
    await put(core, TEETH | {"start": start})
    assert await due(ada) == start


@pytest.mark.parametrize("start", ["2026-11-22", "2026-11-16T09:00:00Z", "2026-11-23T11:59:00Z"])
async def test_a_meeting_that_has_begun_is_no_date_to_come(core: Core, start: str) -> None:
    ada = await core.sit(who=ADA)
    await put(core, TEETH | {"start": start})
    error = await ada.refused("command:run", text="due P1 before C2")
    assert (error["code"], error["details"][0]["start"]) == ("bad_request", 7)
    assert "C2 has already begun. Give one that is still to come, a time, or `none`." in error["message"]
    assert await due(ada) is None


async def test_only_what_was_linked_moves_and_all_of_it(core: Core) -> None:
    ada = await core.sit(who=ADA)
    await ran(ada, "due P1 before C2 | due M1 before C2 | due P2 before C1 | due P7 2026-12-24")
    await put(core, TEETH | {"start": LATER})
    state = await ada.state()
    dates = {item["code"]: item["due_date"] for item in state["priorities"]}
    assert (dates["P1"], dates["P2"], dates["P7"]) == (LATER, EVENT["start"], "2026-12-24")
    assert [item["due_date"] for item in state["commitments"]["owe"] if item["code"] == "M1"] == [LATER]


@pytest.mark.parametrize(
    ("line", "left"), [("due P1 2026-12-24", "2026-12-24"), ("due P1 none", None), ("due P1 before C1", None)]
)
async def test_another_due_date_ends_it(core: Core, line: str, left: str | None) -> None:
    ada = await core.sit(who=ADA)
    await ran(ada, "due P1 before C2")
    await ran(ada, line)
    await put(core, TEETH | {"start": LATER})
    assert await due(ada) == (EVENT["start"] if "C1" in line else left)


async def test_of_an_event_that_is_gone_the_date_stays_and_follows_it_again_when_it_is_back(
    core: Core,
) -> None:
    ada = await core.sit(who=ADA)
    await ran(ada, "due P1 before C2")
    await put(core)
    assert await due(ada) == TOMORROW_AT_9
    await ran(ada, "urgency P1 high")
    assert await due(ada) == TOMORROW_AT_9
    await put(core, TEETH | {"start": LATER})
    assert await due(ada) == LATER


async def test_a_cancelled_event_is_followed_and_one_that_is_done_can_be_completed(core: Core) -> None:
    ada = await core.sit(who=ADA)
    await ran(ada, "due P1 before C2")
    await put(core, TEETH | {"status": "cancelled"})
    assert await due(ada) == TOMORROW_AT_9
    await ran(ada, "approve P1")
    await put(core, TEETH | {"start": LATER})
    assert await due(ada) == LATER


async def test_an_event_under_a_new_id_is_the_same_event(core: Core) -> None:
    ada = await core.sit(who=ADA)
    await ran(ada, "due P1 before C2")
    await put(core, TEETH | {"id": "tooth", "formerly": ["teeth"], "start": LATER})
    assert await due(ada) == LATER
    await put(core, TEETH | {"id": "tooth", "start": TOMORROW_AT_9})
    assert await due(ada) == TOMORROW_AT_9


async def test_undo_takes_it_back_and_leaves_the_rest_of_a_line(core: Core) -> None:
    ada = await core.sit(who=ADA)
    await ran(ada, "due P1 2026-12-24")
    await ran(ada, "due P1 before C2 | urgency P1 high")
    await ran(ada, "undo")
    assert await due(ada) == "2026-12-24"
    await put(core, TEETH | {"start": LATER})
    assert await due(ada) == "2026-12-24"
    await ran(ada, "undo")
    assert await due(ada) is None


async def test_a_line_from_before_the_move_is_not_taken_back_over_it(core: Core) -> None:
    ada = await core.sit(who=ADA)
    await ran(ada, "due P1 before C2")
    await put(core, TEETH | {"start": LATER})
    refused = await typed(ada, "undo")
    assert refused["error"]["code"] == "conflict"
    assert await due(ada) == LATER


async def test_a_dry_run_says_the_date_and_does_nothing(core: Core) -> None:
    ada = await core.sit(who=ADA)
    told = await ada.done("command:run", text="due P1 before C2", dry=True)
    assert told["steps"][0]["data"]["set"] == {"due_date": TOMORROW_AT_9}
    await put(core, TEETH | {"start": LATER})
    assert await due(ada) is None


async def test_the_source_gets_its_due_date_back_and_the_event_is_followed_no_more(core: Core) -> None:
    ada = await core.sit(who=ADA)
    mail = await core.sit(who=collector("mail:home"))
    stated = {"id": "flights", "title": "Book flights", "due_date": "2026-12-24"}
    await mail.done("priorities:put", items=[stated])
    await ran(ada, "due P7 before C2")
    await mail.done("priorities:put", items=[stated])
    assert await due(ada, "P7") == TOMORROW_AT_9
    await ran(ada, "release P7 due")
    (flights,) = [item for item in (await ada.state())["priorities"] if item["code"] == "P7"]
    assert (flights["due_date"], flights["due_before"], flights["held"]) == ("2026-12-24", None, [])
    await put(core, TEETH | {"start": LATER})
    assert await due(ada, "P7") == "2026-12-24"


async def test_a_program_links_an_item_by_the_events_id(core: Core) -> None:
    ada = await core.sit(who=ADA)
    item = await ada.done("priorities:edit", code="P1", set={"due_before": "ics:work/teeth"})
    assert item["due_date"] == TOMORROW_AT_9


async def test_the_link_outlives_a_restart(built: Path, tmp_path: Path) -> None:
    async with core_on(built, tmp_path / "again") as core:
        await ran(await core.sit(who=ADA), "due P1 before C2")
    async with Core(tmp_path / "again") as core:
        await put(core, TEETH | {"start": LATER})
        assert await due(await core.sit(who=ADA)) == LATER

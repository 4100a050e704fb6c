"""What people decided and a source has settled is the source's again, unless they have decided anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.seats import Core, collector

Json = Any

WORK = collector("ics:work")
GIVEN = {"id": "a", "title": "Theirs", "status": "open", "note": "n"}


async def put(seat: Any, **fields: Json) -> Json:
    done = await seat.done("priorities:put", items=[GIVEN | fields])
    assert not done["rejected"]
    return done


async def test_a_settled_field_is_the_sources_again(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work)
    await person.done("priorities:complete", code="P1")
    await person.done("priorities:edit", code="P1", set={"title": "Mine", "urgency": "high"})
    await put(work, title="Newest", status="done", settled={"title": "Mine", "status": "done"})
    item = await person.item("priorities", "ics:work/a")
    assert (item["title"], item["status"], item["urgency"]) == ("Newest", "done", "high")
    assert (item["held"], item["source_values"]) == (["urgency"], {"urgency": "medium"})
    await put(work, title="Newer still", status="open")
    item = await person.item("priorities", "ics:work/a")
    assert (item["title"], item["status"]) == ("Newer still", "open")
    await person.done("priorities:edit", code="P1", set={"title": "Mine after all"})
    await put(work, title="Newer still")
    assert (await person.item("priorities", "ics:work/a"))["title"] == "Mine after all"


@pytest.mark.parametrize(
    "settled",
    [
        {"title": "Mine"},  # what was decided before
        {"title": None},
        {"status": "open"},
        {"urgency": "low", "nothing": "x"},
    ],
)
async def test_what_was_decided_since_stays(core: Core, settled: Json) -> None:
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work)
    await person.done("priorities:edit", code="P1", set={"title": "Mine"})
    await person.done("priorities:complete", code="P1")
    await person.done("priorities:edit", code="P1", set={"title": "Later"})
    before = await person.item("priorities", "ics:work/a")
    assert (await put(work, settled=settled))["unchanged"] == 1
    assert await person.item("priorities", "ics:work/a") == before


async def test_a_field_that_the_source_does_not_state_stays_decided(core: Core) -> None:
    """A put touches what people decide only when it names it."""
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work)
    await person.done("priorities:complete", code="P1")
    await work.done("priorities:put", items=[{"id": "a", "title": "Theirs", "settled": {"status": "done"}}])
    item = await person.item("priorities", "ics:work/a")
    assert (item["status"], item["held"]) == ("done", ["status"])


async def test_a_settled_field_is_named_by_its_own_source_alone(core: Core) -> None:
    work, other, person = (
        await core.sit(who=WORK),
        await core.sit(who=collector("ics:home")),
        await core.sit(),
    )
    await put(work)
    await person.done("priorities:edit", code="P1", set={"title": "Mine"})
    await put(other, settled={"title": "Mine"})
    item = await person.item("priorities", "ics:work/a")
    assert (item["title"], item["held"]) == ("Mine", ["title"])
    await person.done(
        "priorities:put", items=[{"id": "ics:work/a", "title": "No", "settled": {"title": "Mine"}}]
    )
    assert (await person.item("priorities", "ics:work/a"))["title"] == "Mine"


async def test_settled_is_bounded_and_kept_nowhere(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work, settled={"title": "Mine"})
    assert "settled" not in await person.item("priorities", "ics:work/a")
    for settled in ({str(number): 1 for number in range(33)}, {"title": ["x"]}, "title"):
        done = await work.done("priorities:put", items=[GIVEN | {"settled": settled}])
        assert done["rejected"][0]["path"].startswith("settled")


async def again(core: Core) -> None:
    """Another process: the changes are read from the log."""
    await core.close()
    await core.open()


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize(
    ("line", "field", "theirs", "mine"),
    [
        ("complete P1", "status", "open", "done"),
        ("update P1 Mine", "title", "Theirs", "Mine"),
        ("due P1 2199-01-02", "due_date", None, "2199-01-02"),
    ],
)
async def test_an_undo_after_it_is_a_decision_of_its_own(
    core: Core, line: str, field: str, theirs: Json, mine: Json, restart: bool
) -> None:
    """Which the source may write and settle in its turn; a `redo` is another one."""
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work)
    await person.done("command:run", text=line)
    await put(work, **{field: mine}, settled={field: mine})
    for typed, was, now in (("undo", mine, theirs), ("redo", theirs, mine), ("undo", mine, theirs)):
        if restart:
            await again(core)
            work, person = await core.sit(who=WORK), await core.sit("state")
        await person.done("command:run", text=typed)
        item = await person.item("priorities", "ics:work/a")
        assert (item.get(field), item["held"], item["source_values"]) == (now, [field], {field: was})
        await put(work, **{field: now}, settled={field: now})
        item = await person.item("priorities", "ics:work/a")
        assert (item.get(field), item["held"]) == (now, [])


async def test_two_lines_are_undone_one_after_the_other(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work)
    await person.done("command:run", text="update P1 Mine")
    await person.done("command:run", text="complete P1")
    await put(work, title="Mine", status="done", settled={"title": "Mine", "status": "done"})
    await person.done("command:run", text="undo")
    item = await person.item("priorities", "ics:work/a")
    assert (item["title"], item["status"], item["held"]) == ("Mine", "open", ["status"])
    await person.done("command:run", text="undo")
    item = await person.item("priorities", "ics:work/a")
    assert (item["title"], item["status"], item["held"]) == ("Theirs", "open", ["status", "title"])
    assert item["source_values"] == {"title": "Mine", "status": "done"}


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize(
    "theirs",
    [{"status": "open"}, {"title": "Newer", "status": "done"}, {"urgency": "high", "status": "done"}],
)
async def test_what_the_source_has_changed_is_not_gone_over(core: Core, theirs: Json, restart: bool) -> None:
    """By the put that settles it, or by a later one."""
    for later in (False, True):
        work, person = await core.sit(who=WORK), await core.sit("state")
        await put(work, title="Theirs")
        await person.done("command:run", text=f"{'reopen' if later else 'complete'} P1")
        now = "open" if later else "done"
        if later:
            await put(work, status=now, settled={"status": now})
            await put(work, **{"status": "open"} | theirs | {"note": "newer"})
        else:
            await put(work, **theirs, settled={"status": now})
        if restart:
            await again(core)
            person = await core.sit("state")
        before = await person.item("priorities", "ics:work/a")
        assert (await person.refused("command:run", text="undo"))["code"] == "conflict"
        assert await person.item("priorities", "ics:work/a") == before


async def test_what_the_source_says_of_a_field_that_stays_decided_is_a_change(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work)
    await person.done("command:run", text="update P1 Mine")
    await person.done("command:run", text="complete P1")
    await put(work, title="Newer", status="done", settled={"status": "done"})
    assert (await person.refused("command:run", text="undo"))["code"] == "conflict"

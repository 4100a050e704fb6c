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

"""What a source could not read this time stays as it was; all else that it lacks goes."""

from __future__ import annotations

from typing import Any

from tests.core.seats import Core, Seat, collector

Json = Any

WORK, HOME = collector("ics:work"), collector("ics:home")


async def put(seat: Seat, *ids: str, **fields: Json) -> Json:
    items = [{"id": id, "title": id} for id in ids]
    return await seat.done("priorities:put", items=items, **{"mode": "replace", **fields})


async def ids(seat: Seat) -> list[str]:
    return sorted(item["id"] for item in (await seat.state())["priorities"])


async def test_a_spared_id_and_its_occurrences_stay_and_the_others_go(core: Core) -> None:
    work = await core.sit(who=WORK)
    await put(work, "a", "a#1", "a#1#2", "ab", "b", "b#1", "c")
    done = await put(work, "c", spare=["a", "unknown"])
    assert done["removed"] == 3
    assert await ids(work) == ["ics:work/a", "ics:work/a#1", "ics:work/a#1#2", "ics:work/c"]
    done = await put(work, "c", spare=["a#1"])
    assert await ids(work) == ["ics:work/a#1", "ics:work/a#1#2", "ics:work/c"]


async def test_nothing_but_what_is_spared_can_be_left(core: Core) -> None:
    work = await core.sit(who=WORK)
    await put(work, "a", "b")
    await put(work, spare=["a"], allow_empty=True)
    assert await ids(work) == ["ics:work/a"]


async def test_a_dismissal_of_what_is_spared_is_not_forgotten(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, "a#1", "b#1", "c")
    await person.done("priorities:drop", ids=["ics:work/a#1", "ics:work/b#1"])
    await put(work, "c", spare=["a"])
    assert (await person.item("sources", "ics:work"))["dismissed"] == ["priorities/ics:work/a#1"]
    assert (await put(work, "a#1", "b#1", "c"))["dismissed"] == 1


async def test_only_the_senders_own_are_spared(core: Core) -> None:
    work, home = await core.sit(who=WORK), await core.sit(who=HOME)
    await put(work, "a", "b")
    await put(home, "a")
    await put(home, "b", spare=["c"])
    assert await ids(work) == ["ics:home/b", "ics:work/a", "ics:work/b"]


async def test_a_run_that_went_well_may_say_what_is_to_be_known_of_it(core: Core) -> None:
    work = await core.sit(who=WORK)
    run = (await work.done("source:hello", ttl_s=60))["run"]
    await work.done("source:finish", run=run, ok=True, message="one event could not be read")
    line = await work.item("sources", "ics:work")
    assert (line["status"], line["run_status"], line["message"]) == (
        "online",
        "done",
        "one event could not be read",
    )
    await work.done("source:finish", run=run, ok=True)
    assert (await work.item("sources", "ics:work"))["message"] is None

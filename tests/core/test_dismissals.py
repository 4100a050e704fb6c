"""What a person drops of a source's items stays gone until the source has it no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.batch import DISMISSED_MAX
from sio_server.registry.roles import Principal, Role
from tests.core.seats import Core, Seat, collector

Json = Any

WORK, HOME = collector("ics:work"), collector("ics:home")
ADMIN_AT_WORK = Principal("source:ics:work", "ics:work", Role.ADMIN, "ics:work")


def items(*ids: str) -> list[Json]:
    return [{"id": id, "title": id} for id in ids]


async def put(seat: Seat, *ids: str, **fields: Json) -> Json:
    return await seat.done("priorities:put", items=items(*ids), **fields)


async def ids(seat: Seat) -> list[str]:
    return sorted(item["id"] for item in (await seat.state())["priorities"])


async def dismissed(seat: Seat, source: str = "ics:work") -> list[str]:
    found: list[str] = (await seat.item("sources", source))["dismissed"]
    return found


async def test_what_a_person_drops_is_left_out_of_later_puts_and_counted(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work, "a", "b")
    assert await person.done("priorities:drop", ids=["ics:work/a"]) == {"removed": 1}
    assert len(person.received("state:patch")) == 2
    assert await dismissed(person) == ["priorities/ics:work/a"]
    for mode in ("upsert", "replace"):
        done = await put(work, "a", "b", "c", mode=mode)
        assert (done["dismissed"], sorted(done["codes"])) == (1, ["b", "c"])
    assert await ids(person) == ["ics:work/b", "ics:work/c"]
    assert (await person.item("sources", "ics:work"))["items"] == 2
    assert "dismissed" not in await put(work, "b")


async def test_an_item_of_that_id_in_another_section_or_of_another_source_is_another(core: Core) -> None:
    work, home, person = await core.sit(who=WORK), await core.sit(who=HOME), await core.sit()
    await put(work, "a")
    await person.done("priorities:drop", codes=["P1"])
    await put(home, "a")
    await put(person, "a")
    await work.done("commitments:put", items=[{"id": "a", "description": "a", "direction": "owe"}])
    assert await ids(person) == ["a", "ics:home/a"]
    assert await person.item("commitments", "ics:work/a") is not None


async def test_it_is_forgotten_when_the_whole_of_the_source_has_it_no_more(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, "a", "b")
    await person.done("priorities:drop", ids=["ics:work/a"])
    await put(work, "b")
    await put(work, "b", mode="replace", complete=False)
    await work.done("priorities:put", items=[*items("b"), {"title": "no id"}], mode="replace")
    await work.done("priorities:put", items=[*items("b"), {"id": "a"}], mode="replace")
    await work.done("commitments:put", items=[], mode="replace", allow_empty=True)
    assert await dismissed(person) == ["priorities/ics:work/a"]
    await put(work, "b", mode="replace")
    assert await dismissed(person) == []
    assert (await put(work, "a", "b"))["added"] == 1


async def test_a_replace_of_nothing_but_what_was_dropped_wipes_no_more_than_it_says(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, "a", "b")
    await person.done("priorities:drop", ids=["ics:work/a"])
    done = await put(work, "a", mode="replace")
    assert (done["removed"], done["dismissed"]) == (1, 1)
    assert await ids(person) == []
    assert await dismissed(person) == ["priorities/ics:work/a"]


async def test_an_undo_of_the_drop_brings_it_back_and_a_redo_takes_it_away_again(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, "a")
    await person.done("priorities:complete", code="P1")
    dropped = await person.done("command:run", text="drop P1")
    assert (await put(work, "a"))["dismissed"] == 1
    undone = await person.done("command:undo", of=dropped["undo"])
    assert await dismissed(person) == []
    assert (await put(work, "a"))["unchanged"] == 1
    item = await person.item("priorities", "ics:work/a")
    assert (item["code"], item["status"], item["held"]) == ("P1", "done", ["status"])
    assert (await person.item("sources", "ics:work"))["items"] == 1
    await person.done("command:undo", of=undone["undo"])
    assert await dismissed(person) == ["priorities/ics:work/a"]
    assert (await put(work, "a", mode="replace"))["dismissed"] == 1
    assert (await person.item("sources", "ics:work"))["items"] == 0


async def test_a_line_that_drops_items_of_two_sections_and_sources_dismisses_each(core: Core) -> None:
    work, home, person = await core.sit(who=WORK), await core.sit(who=HOME), await core.sit()
    await put(work, "a", "b")
    await put(home, "a")
    await work.done("commitments:put", items=[{"id": "m", "description": "m", "direction": "owe"}])
    dropped = await person.done("command:run", text="drop P1 M1 P3 | drop P2")
    assert sorted(await dismissed(person)) == [
        "commitments/ics:work/m",
        "priorities/ics:work/a",
        "priorities/ics:work/b",
    ]
    assert await dismissed(person, "ics:home") == ["priorities/ics:home/a"]
    await person.done("command:undo", of=dropped["undo"])
    assert (await dismissed(person), await dismissed(person, "ics:home")) == ([], [])


async def test_what_the_source_itself_drops_may_come_again(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, "a")
    await work.done("priorities:drop", ids=["a"])
    assert await dismissed(person) == []
    assert (await put(work, "a"))["added"] == 1


async def test_an_admin_at_the_collectors_connection_drops_as_the_source_and_types_as_a_person(
    core: Core,
) -> None:
    admin = await core.sit(who=ADMIN_AT_WORK)
    await put(admin, "a", "b")
    await admin.done("priorities:drop", ids=["a"])
    assert await dismissed(admin) == []
    await admin.done("command:run", text="drop P2")
    assert await dismissed(admin) == ["priorities/ics:work/b"]


async def test_a_dismissal_is_kept_over_a_restart_and_over_a_hello(tmp_path: Path) -> None:
    core = Core(tmp_path)
    async with core:
        work, person = await core.sit(who=WORK), await core.sit()
        await put(work, "a")
        await person.done("priorities:drop", codes=["P1"])
    async with core:
        work = await core.sit(who=WORK)
        await work.done("source:hello", ttl_s=60)
        assert (await put(work, "a", mode="replace"))["dismissed"] == 1


async def test_a_dropped_item_is_not_dismissed_twice(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, "a")
    await person.done("priorities:drop", ids=["ics:work/a"])
    assert await person.done("priorities:drop", ids=["ics:work/a"]) == {"removed": 0}
    assert await dismissed(person) == ["priorities/ics:work/a"]


async def test_only_the_newest_are_kept_of_very_many(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    many = [f"{number:05}" for number in range(DISMISSED_MAX + 2)]
    await put(work, *many)
    await person.done("priorities:drop", ids=[f"ics:work/{id}" for id in many[:2]])
    await person.done("priorities:drop", ids=[f"ics:work/{id}" for id in many[2:]])
    kept = await dismissed(person)
    assert len(kept) == DISMISSED_MAX
    assert kept == [f"priorities/ics:work/{id}" for id in many[2:]]


# A source that is no more.


async def test_a_source_is_forgotten_with_its_items_and_what_was_dropped_of_them(core: Core) -> None:
    work, home, person = await core.sit(who=WORK), await core.sit(who=HOME), await core.sit("state")
    await put(work, "a", "b")
    await put(home, "a")
    await person.done("priorities:drop", ids=["ics:work/a"])
    assert (await work.refused("source:forget", source="ics:home"))["code"] == "forbidden"
    assert (await person.refused("source:forget", source="nobody"))["code"] == "not_found"
    assert await person.done("source:forget", source="ics:work") == {"removed": 1}
    assert await ids(person) == ["ics:home/a"]
    assert await person.item("sources", "ics:work") is None
    assert person.replica.held["sources"].keys() == {"ics:home"}
    assert (await put(work, "a"))["added"] == 1


async def test_a_failure_goes_with_the_source_that_is_forgotten(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await work.done("source:finish", run=1, ok=False, error="no")
    assert (await person.state())["system"]["status"] == "ERROR"
    await person.done("source:forget", source="ics:work")
    assert (await person.state())["system"]["status"] == "IDLE"


async def test_a_source_that_is_forgotten_in_the_middle_of_a_collection_has_failed_it(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await work.done("source:hello", ttl_s=60, modes=["full"])
    await person.done("collection:start", mode="full")
    await person.done("source:forget", source="ics:work")
    assert (await person.done("collection:status"))["status"] == "failed"

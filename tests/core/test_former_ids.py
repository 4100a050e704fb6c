"""An item whose source forms its id anew is still that item: its code, its place, what people decided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from models.batch import MAX_FORMER_IDS
from tests.core.seats import Core, Seat, collector

Json = Any

WORK, HOME = collector("ics:work"), collector("ics:home")


def item(id: str, *formerly: str, title: str = "Ship it", **fields: Json) -> Json:
    return {"id": id, "title": title, "formerly": list(formerly), **fields}


async def put(seat: Seat, *items: Json, **fields: Json) -> Json:
    return await seat.done("priorities:put", items=list(items), **{"mode": "replace", **fields})


async def ids(seat: Seat) -> list[str]:
    return sorted(item["id"] for item in (await seat.state())["priorities"])


async def dismissed(seat: Seat) -> list[str]:
    found: list[str] = (await seat.item("sources", "ics:work"))["dismissed"]
    return found


async def test_an_item_keeps_its_code_and_what_people_decided_under_a_new_id(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit("state")
    await put(work, item("a"), item("b"))
    await person.done("priorities:snooze", code="P2", until="2027-01-01T09:00:00Z")
    await person.done("priorities:edit", code="P2", set={"note": "ask Ana", "title": "Mine"})
    before = await person.item("priorities", "ics:work/b")
    seq = core.state.seq
    done = await put(work, item("a"), item("new", "unknown", "b", title="Theirs"))
    assert (done["changed"], done["unchanged"], done["added"], done["removed"]) == (1, 1, 0, 0)
    assert done["codes"] == {"a": "P1", "new": "P2"}
    assert core.state.seq == seq + 1
    moved = await person.item("priorities", "ics:work/new")
    said = before["source_values"] | {"title": "Theirs"}
    assert moved == before | {"id": "ics:work/new", "rev": before["rev"] + 1, "source_values": said}
    assert (moved["status"], moved["note"], moved["title"]) == ("snoozed", "ask Ana", "Mine")
    assert await ids(person) == ["ics:work/a", "ics:work/new"]
    person.read()
    assert person.replica.held["priorities"].keys() == {"ics:work/a", "ics:work/new"}
    assert (await person.item("sources", "ics:work"))["items"] == 2
    assert (await put(work, item("a"), item("new", "b", title="Theirs")))["unchanged"] == 2


async def test_who_looked_before_the_move_may_still_use_the_code(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, item("a"))
    seen = core.state.seq
    await put(work, item("new", "a"))
    await person.done("priorities:complete", code="P1", seen=seen)
    await person.done("command:run", text="reopen P1")
    await put(work, item("newer", "new", title="Other words"))
    refused = await person.refused("priorities:complete", code="P1", seen=seen)
    assert (refused["code"], refused["details"]["then"]) == ("stale_target", "Ship it")


async def test_a_move_holds_over_a_restart_and_its_code_rests_when_the_item_goes(tmp_path: Path) -> None:
    core = Core(tmp_path)
    async with core:
        work = await core.sit(who=WORK)
        await put(work, item("a"))
        await put(work, item("new", "a"))
    async with core:
        work, person = await core.sit(who=WORK), await core.sit()
        await person.done("priorities:complete", code="P1")
        assert (await put(work, item("b")))["codes"] == {"b": "P2"}
        assert (await put(work, item("b"), item("a")))["codes"]["a"] == "P3"


async def test_what_people_dropped_under_the_former_id_stays_gone(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, item("a"), item("b"))
    dropped = await person.done("command:run", text="drop P2")
    done = await put(work, item("a"), item("new", "b"))
    assert (done["dismissed"], await ids(person)) == (1, ["ics:work/a"])
    assert await dismissed(person) == ["priorities/ics:work/new"]
    assert (await put(work, item("a"), item("new")))["dismissed"] == 1
    await person.done("command:undo", of=dropped["undo"])
    done = await put(work, item("a"), item("new", "b"))
    assert (done["codes"], "dismissed" in done) == ({"a": "P1", "new": "P2"}, False)
    assert await dismissed(person) == []


async def test_an_id_that_the_batch_gives_to_another_item_is_no_former_one(core: Core) -> None:
    work = await core.sit(who=WORK)
    await put(work, item("a"), item("b"))
    done = await put(work, item("c", "a"), item("d", "b"), item("a"), {"id": "b"})
    assert done["codes"] == {"c": "P3", "d": "P4", "a": "P1"}
    swapped = await put(work, item("a", "b"), item("b", "a"), item("c"), item("d"))
    assert swapped["codes"] == {"a": "P1", "b": "P2", "c": "P3", "d": "P4"}


async def test_of_two_items_that_were_one_the_first_keeps_its_code(core: Core) -> None:
    work = await core.sit(who=WORK)
    await put(work, item("a"))
    done = await put(work, item("one", "a"), item("two", "a"))
    assert (done["codes"], done["changed"], done["added"]) == ({"one": "P1", "two": "P2"}, 1, 1)


async def test_an_item_that_is_there_already_takes_nothing_from_its_former_self(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, item("a"), item("new"))
    done = await put(work, item("new", "a"))
    assert (done["codes"], done["removed"], await ids(person)) == ({"new": "P2"}, 1, ["ics:work/new"])


async def test_the_former_item_stays_while_the_new_one_is_rejected(core: Core) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    await put(work, item("a"), item("b"))
    done = await put(work, item("b"), item("new", "a", title=" "))
    assert ([one["id"] for one in done["rejected"]], done["removed"]) == (["new"], 0)
    assert await ids(person) == ["ics:work/a", "ics:work/b"]


async def test_nobody_takes_over_what_another_owns(core: Core) -> None:
    work, home, person = await core.sit(who=WORK), await core.sit(who=HOME), await core.sit()
    await put(work, item("a"))
    await put(person, item("a"))
    assert (await put(home, item("b", "a")))["added"] == 1
    refused = await home.done("priorities:put", items=[item("b", "ics:work/a")])
    assert refused["rejected"][0]["path"] == "formerly.0"
    assert (await put(person, item("c", "a")))["codes"] == {"c": "P2"}
    assert await ids(person) == ["c", "ics:home/b", "ics:work/a"]


async def test_former_ids_are_ids_and_few(core: Core) -> None:
    work = await core.sit(who=WORK)
    many = item("a", *map(str, range(MAX_FORMER_IDS + 1)))
    odd = [many, {"id": "b", "title": "b", "formerly": "a"}, item("c", "")]
    done = await put(work, *odd, mode="upsert")
    assert [one["index"] for one in done["rejected"]] == [0, 1, 2]


# A source under a new name.


async def test_a_source_under_a_new_name_keeps_its_items_with_codes_and_decisions(core: Core) -> None:
    home, person = await core.sit(who=HOME), await core.sit("state")
    await put(home, item("a"), item("b", title="Draft"), item("c"))
    await person.done("priorities:edit", code="P2", set={"note": "ask Ana"})
    await person.done("priorities:drop", codes=["P3"])
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60, formerly=["unknown", "ics:home"])
    person.read()
    assert person.replica.held["priorities"].keys() == {"ics:work/a", "ics:work/b"}
    assert list(person.replica.held["sources"]) == ["ics:work"]
    assert (await person.item("sources", "ics:work"))["items"] == 2
    kept_out = await put(work, item("a"), item("b", title="Draft"), item("c"))
    assert (kept_out["unchanged"], kept_out["dismissed"], kept_out["removed"]) == (2, 1, 0)
    assert kept_out["codes"] == {"a": "P1", "b": "P2"}
    moved = await person.item("priorities", "ics:work/b")
    assert (moved["note"], moved["source"]) == ("ask Ana", "ics:work")


async def test_a_source_that_is_known_takes_nothing_over(core: Core) -> None:
    home, work = await core.sit(who=HOME), await core.sit(who=WORK)
    await put(home, item("a"))
    await put(work, item("b"))
    await work.done("source:hello", ttl_s=60, formerly=["ics:home"])
    assert await ids(work) == ["ics:home/a", "ics:work/b"]


async def test_a_token_for_one_source_takes_nothing_over_from_another(core: Core) -> None:
    home = await core.sit(who=HOME)
    await put(home, item("a"))
    work = await core.sit(who=replace(WORK, bound=True))
    await work.done("source:hello", ttl_s=60, formerly=["ics:home"])
    assert await ids(home) == ["ics:home/a"]

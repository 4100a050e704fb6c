"""An item's history: what changed, when, by whom, by which command (log/history, clients/queries)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sio_server.registry.roles import Role
from tests.commands.board import BOB, HOUR_S, core_on, person, ran
from tests.core.seats import Core, Seat, collector

Json = Any


async def past(seat: Seat, **named: Json) -> list[Json]:
    """The entries, newest first."""
    entries: list[Json] = (await seat.done("state:history", **named))["entries"]
    assert [entry["seq"] for entry in entries] == sorted((entry["seq"] for entry in entries), reverse=True)
    return entries


def told(entries: list[Json]) -> list[tuple[str, str, str]]:
    """Who, by which command, and how the change is written."""
    kinds = ("put", "set", "gone")
    return [
        (
            entry["cause"]["actor"],
            entry["cause"]["command"],
            next(kind for kind in kinds if kind in entry["change"]),
        )
        for entry in entries
    ]


async def test_every_change_is_told_with_who_and_by_which_command(core: Core, ada: Seat) -> None:
    bob = await core.sit(who=BOB)
    await ran(ada, "approve P1 | drop P2", op="o")
    core.clock.now_s += HOUR_S
    await ran(bob, "update P1 Budget of Q3")
    await ada.done("priorities:edit", code="P1", set={"note": "n"})
    await ran(ada, "drop P1")
    await ran(ada, "undo")
    entries = await past(ada, id="budget")
    assert told(entries) == [
        ("ada", "undo: drop P1", "put"),
        ("ada", "drop P1", "gone"),
        ("ada", "priorities:edit", "set"),
        ("bob", "update P1 Budget of Q3", "set"),
        ("ada", "approve P1 | drop P2", "set"),
        ("bob", "priorities:put", "put"),
    ]
    assert [entry["at"] for entry in entries[2:5]] == ["2026-11-23T13:00:00Z"] * 2 + ["2026-11-23T12:00:00Z"]
    assert entries[4]["cause"]["op"] == "o"
    assert entries[4]["change"]["set"] == {"rev": 2, "status": "done"}
    assert {(entry["change"]["section"], entry["change"]["id"]) for entry in entries} == {
        ("priorities", "budget")
    }


async def test_limit_gives_the_newest(core: Core, ada: Seat) -> None:
    for number in range(30):
        await ran(ada, f"update P1 number {number}")
    newest = await past(ada, code="P1", limit=3)
    assert [entry["change"]["set"]["title"] for entry in newest] == ["number 29", "number 28", "number 27"]
    assert len(await past(ada, code="P1")) == 20
    assert len(await past(ada, code="P1", limit=100)) == 31
    for limit in (0, -1, 101, "3", 1.5):
        assert (await ada.refused("state:history", code="P1", limit=limit))["code"] == "bad_request"


async def test_an_item_is_named_by_id_or_by_code(core: Core, ada: Seat) -> None:
    for code, id in (
        ("P1", "budget"),
        ("p7", "mail:home/flights"),
        ("M1", "draft"),
        ("C2", "ics:work/teeth"),
    ):
        assert await past(ada, code=code) == await past(ada, id=id)
    assert await past(ada, id="mail:home")
    for named in ({}, {"id": "budget", "code": "P1"}, {"code": "X1"}, {"code": "P07"}, {"id": ""}):
        assert (await ada.refused("state:history", **named))["code"] == "bad_request"
    for named in ({"id": "nobody"}, {"code": "P8"}, {"code": "M999"}):
        assert (await ada.refused("state:history", **named))["code"] == "not_found"


async def test_a_code_at_rest_names_who_had_it_last_and_one_given_on_who_has_it(
    core: Core, ada: Seat
) -> None:
    assert told(await past(ada, code="P5")) == [
        ("bob", "priorities:drop", "gone"),
        ("bob", "priorities:put", "put"),
    ]
    assert [entry["change"]["put"]["title"] for entry in await past(ada, code="P6")] == ["Buy a bike"]
    assert told(await past(ada, id="old-bike")) == told(await past(ada, code="P5"))


async def test_a_code_that_does_not_mean_what_was_seen_is_stale(core: Core, ada: Seat) -> None:
    seen = core.state.seq
    assert await past(ada, code="P1", seen=seen)
    await ran(ada, "update P1 Budget of Q3")
    error = await ada.refused("state:history", code="P1", seen=seen)
    assert error["code"] == "stale_target"
    assert error["details"]["now"] == "Budget of Q3"
    assert await past(ada, code="P1", seen=seen + 1)
    assert (await ada.refused("state:history", code="P1", seen=seen + 2))["retry"] == "resync"


async def test_an_id_that_two_sections_have_gives_both_pasts(core: Core, ada: Seat) -> None:
    await ada.done("priorities:put", items=[{"id": "draft", "title": "Draft"}])
    await ran(ada, "approve M1 | drop P8")
    entries = await past(ada, id="draft")
    assert sorted({entry["change"]["section"] for entry in entries}) == ["commitments", "priorities"]
    assert [entry["seq"] for entry in entries[:2]] == [core.state.seq] * 2


async def test_whoever_reads_the_board_may_read_its_past(core: Core) -> None:
    assert await past(await core.sit(who=person("eve", Role.VIEWER)), code="P1")
    seat = await core.sit(who=collector("ics:work"))
    assert (await seat.ask("state:history", code="P1"))["error"]["code"] == "forbidden"


async def test_a_history_after_ones_own_request_holds_it(core: Core, ada: Seat) -> None:
    acks = await ada.pipeline([("command:run", {"text": "approve P1"}), ("state:history", {"code": "P1"})])
    assert acks[1]["data"]["entries"][0]["seq"] == acks[0]["seq"]


async def test_what_is_pruned_is_forgotten_and_what_is_there_still_has_a_name(
    built: Path, tmp_path: Path
) -> None:
    folder = core_on(built, tmp_path / "data").folder
    async with Core(folder, keep_changes=1, keep_s=0) as core:
        seat = await core.sit()
        await ran(seat, "approve P2")
        await ran(seat, "approve P1")
        core.clock.now_s += 1
        await core.tidy()
        assert told(await past(seat, id="budget")) == [("ada", "approve P1", "set")]
        assert await past(seat, code="P2") == await past(seat, id="ana") == []
        for named in ({"id": "plan"}, {"id": "old-bike"}, {"code": "P5"}):
            assert (await seat.refused("state:history", **named))["code"] == "not_found"


async def test_a_history_is_the_same_after_a_restart(built: Path, tmp_path: Path) -> None:
    core = core_on(built, tmp_path / "data")
    async with core:
        seat = await core.sit()
        await ran(seat, "drop P1 | approve P2")
        await ran(seat, "undo")
        before = [await past(seat, code=code) for code in ("P1", "P2", "P5")]
    async with core:
        seat = await core.sit()
        assert [await past(seat, code=code) for code in ("P1", "P2", "P5")] == before

"""The codes that people type: kept, rested, and never taken for another item's."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from sio_server.log.base import LogError
from sio_server.state.codes import REST_MOST
from tests.core.seats import DAY_S, Core, Seat, event

Json = Any


async def codes_of(seat: Seat, *ids: str) -> Json:
    """The codes of these priorities, once put."""
    return (await seat.done("priorities:put", items=[{"id": id, "title": id} for id in ids]))["codes"]


async def test_codes_are_kept_for_life_and_rest_for_a_day(core: Core) -> None:
    seat = await core.sit()
    assert await codes_of(seat, "a", "b", "c") == {"a": "P1", "b": "P2", "c": "P3"}
    await seat.done("priorities:drop", codes=["P1", "p2"])
    assert await codes_of(seat, "c", "d") == {"c": "P3", "d": "P4"}
    core.clock.now_s += DAY_S - 1
    assert await codes_of(seat, "e") == {"e": "P5"}
    core.clock.now_s += 1
    assert await codes_of(seat, "f", "g", "h") == {"f": "P1", "g": "P2", "h": "P6"}


async def test_a_code_of_another_section_is_a_bad_request(core: Core) -> None:
    seat = await core.sit()
    await event(seat)
    requests: dict[str, Json] = {
        "priorities:complete": {"code": "C1"},
        "commitments:drop": {"codes": ["C1"]},
        "calendar:edit": {"code": "P1", "set": {"title": "x"}},
    }
    for request, payload in requests.items():
        error = await seat.refused(request, **payload)
        assert error["code"] == "bad_request"
        assert "begin with" in error["message"]
    for code in ("C0", "C01", "C", "C1x", "", "Ç1", "C1234567890", 1, None):
        assert (await seat.refused("calendar:drop", codes=[code]))["code"] == "bad_request"


async def test_a_name_is_an_id_or_a_code_and_not_both(core: Core) -> None:
    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": "a", "title": "a"}])
    for payload in ({}, {"id": "a", "code": "P1"}, {"seen": 1}):
        assert (await seat.refused("priorities:complete", **payload))["code"] == "bad_request"
    assert (await seat.refused("priorities:complete", id="b"))["code"] == "not_found"
    assert (await seat.refused("priorities:complete", code="P2"))["code"] == "not_found"


async def test_a_changed_text_makes_an_older_look_stale_and_both_texts_are_told(core: Core) -> None:
    seat = await core.sit()
    seen = (await seat.ask("priorities:put", items=[{"id": "a", "title": "old"}]))["seq"]
    await seat.done("priorities:edit", id="a", set={"note": "n", "rank": 1})
    await seat.done("priorities:snooze", code="P1", seen=seen, until="2026-12-01")
    await seat.done("priorities:edit", code="P1", seen=seen, set={"title": "new"})
    for request in ("complete", "reopen"):
        error = await seat.refused(f"priorities:{request}", code="p1", seen=seen)
        assert (error["code"], error["retry"]) == ("stale_target", "resync")
        assert error["details"] == {"code": "P1", "then": "old", "now": "new"}
    assert (await seat.refused("priorities:drop", codes=["P1"], seen=seen))["code"] == "stale_target"
    assert (await seat.item("priorities", "a"))["status"] == "snoozed"
    await seat.done("priorities:complete", code="P1", seen=core.state.seq)
    await seat.done("priorities:reopen", code="P1")
    before = core.state.seq
    await seat.done("priorities:drop", ids=["a"])
    error = await seat.refused("priorities:complete", code="P1", seen=before)
    assert (error["code"], error["details"]) == ("stale_target", {"code": "P1", "then": "new", "now": None})
    assert (await seat.refused("priorities:complete", code="P1"))["code"] == "not_found"
    assert (await seat.refused("priorities:complete", code="P1", seen=before + 1))["code"] == "not_found"


async def test_a_code_that_went_to_another_item_is_stale_for_who_saw_the_old_one(core: Core) -> None:
    seat = await core.sit()
    seen = (await seat.ask("priorities:put", items=[{"id": "a", "title": "old"}]))["seq"]
    await seat.done("priorities:drop", ids=["a"])
    core.clock.now_s += DAY_S
    await core.tidy()
    assert (await seat.done("priorities:put", items=[{"id": "b", "title": "new"}]))["codes"] == {"b": "P1"}
    error = await seat.refused("priorities:complete", code="P1", seen=seen)
    assert error["details"] == {"code": "P1", "then": "old", "now": "new"}


async def test_a_start_that_moved_makes_an_older_look_stale(core: Core) -> None:
    seat = await core.sit()
    await event(seat)
    await event(seat, start="2026-11-23T10:00:00Z")
    error = await seat.refused("calendar:drop", codes=["C1"], seen=1)
    assert error["details"]["then"] == "Walk · 2026-11-23T09:00:00Z"
    assert error["details"]["now"] == "Walk · 2026-11-23T10:00:00Z"


async def test_who_saw_the_future_has_to_sync_first(core: Core) -> None:
    seat = await core.sit()
    await event(seat)
    error = await seat.refused("calendar:drop", codes=["C1"], seen=99)
    assert (error["code"], error["retry"]) == ("bad_request", "resync")


async def test_a_code_that_is_freed_rests_also_for_what_follows_in_the_same_breath(core: Core) -> None:
    seat = await core.sit()
    assert await codes_of(seat, "a") == {"a": "P1"}
    asked: list[tuple[str, Json]] = [
        ("priorities:drop", {"codes": ["P1"]}),
        ("priorities:complete", {"code": "P1"}),
        ("priorities:put", {"items": [{"id": "b", "title": "b"}]}),
        ("priorities:put", {"items": [{"id": "a", "title": "a"}]}),
    ]
    acks = await seat.pipeline(asked)
    assert acks[1]["error"]["code"] == "not_found"
    assert (acks[2]["data"]["codes"], acks[3]["data"]["codes"]) == ({"b": "P2"}, {"a": "P3"})


async def test_codes_stay_short_however_many_items_come_and_go(core: Core) -> None:
    seat = await core.sit()
    codes: list[str] = []
    for turn in range(30):
        items = [{"id": f"{turn}-{number}", "title": "x"} for number in range(100)]
        codes += (await seat.done("priorities:put", items=items))["codes"].values()
        await seat.done("priorities:drop", ids=[item["id"] for item in items])
    assert max(int(code[1:]) for code in codes) <= REST_MOST + 100


async def test_a_code_that_went_on_early_is_guarded_like_any_that_changed_hands(core: Core) -> None:
    seat = await core.sit()
    first = (await seat.done("priorities:put", items=[{"id": "first", "title": "First"}]))["codes"]["first"]
    await seat.done("priorities:drop", ids=["first"])
    for batch in count():  # until somebody else has its code
        ids = [f"n{batch}.{number}" for number in range(50)]
        made = await seat.done("priorities:put", items=[{"id": id, "title": "x"} for id in ids])
        if first in made["codes"].values():
            break
        await seat.done("priorities:drop", ids=ids)
    refused = await seat.ask("command:run", text=f"approve {first}")
    assert refused["error"]["code"] == "stale_target"


async def test_a_code_lent_to_a_batch_that_failed_is_free_again(core: Core) -> None:
    seat = await core.sit()
    for _ in range(3):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(core.log, "append", lambda *given: (_ for _ in ()).throw(LogError("full")))
            refused = await seat.ask("priorities:put", items=[{"id": "a", "title": "x"}])
            assert refused["error"]["code"] == "storage_unavailable"
    assert (await seat.done("priorities:put", items=[{"id": "a", "title": "x"}]))["codes"] == {"a": "P1"}

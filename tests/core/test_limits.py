"""What one may take (clients/limits.py, quotas of sources): each refusal hurts the one who causes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from models.ack import ErrorCode
from models.records import GivenRecord
from sio_server.clients import limits
from sio_server.clients.limits import (
    BURST_S,
    HELD_AT_MOST_S,
    ITEMS_AT_ONCE,
    Limits,
    Meters,
    Places,
)
from sio_server.clock import SystemClock
from sio_server.metrics import Metrics
from sio_server.registry.errors import Refusal
from sio_server.registry.records import Repeated
from sio_server.registry.roles import Principal, Role
from sio_server.registry.settings import RuleSettings
from sio_server.search.file import FilePlace
from sio_server.search.index import Index
from sio_server.search.search import Search
from tests.core.seats import Core, collector

Json = Any

HERE, THERE = "192.0.2.1", "192.0.2.2"
DAY = "2026-11-23"


def holder(name: str, role: Role = Role.VIEWER) -> Principal:
    return Principal(f"token:{name}", name, role, token=name)


LIMITS = Limits(connections=10, per_token=4, per_address=6, token_rate=10, address_rate=15)


def is_refused(act: Callable[[], object], code: ErrorCode = ErrorCode.TOO_MANY_CONNECTIONS) -> bool:
    """Whether it is, with this code and a time to wait."""
    try:
        act()
    except Refusal as refusal:
        return (refusal.code, bool(refusal.after_ms)) == (code, True)
    return False


def test_one_token_and_one_address_have_their_share_of_the_connections() -> None:
    places = Places(LIMITS)

    def comes(who: Principal, peer: str = HERE) -> bool:
        if is_refused(lambda: places.check(who, peer)):
            return False
        places.take(who, peer)
        return True

    assert [comes(holder("wall")) for _ in range(5)] == [True] * 4 + [False]
    assert [comes(holder("ana")) for _ in range(3)] == [True, True, False]
    assert comes(holder("ana"), THERE)
    assert [comes(holder("bo"), THERE) for _ in range(4)] == [True] * 3 + [False]
    assert [comes(holder("chief", Role.ADMIN)) for _ in range(11)] == [True] * 10 + [False]
    for _ in range(11):
        places.give_back(holder("wall"), HERE) if _ == 0 else places.give_back(holder("chief"), HERE)
    assert comes(holder("bo"), THERE)


def test_where_nobody_has_a_token_there_is_one_limit() -> None:
    places = Places(LIMITS)
    nobody = Principal("local", "local", Role.ADMIN)
    for _ in range(10):
        places.check(nobody, HERE)
        places.take(nobody, HERE)
    assert is_refused(lambda: places.check(nobody, HERE))
    assert Meters(LIMITS, lambda: 0.0).of(nobody, HERE) is None
    assert Meters(replace(LIMITS, token_rate=0, address_rate=0), lambda: 0.0).of(holder("a"), HERE) is None


@dataclass
class Time:
    """Stands still until it is moved."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def asked(meters: Meters, who: Principal, cost: float = 1, payload: Json = None, peer: str = HERE) -> int:
    """How many such requests it may make now."""
    meter = meters.of(who, peer)
    assert meter is not None
    made = 0
    while not is_refused(lambda: meter.charge(cost, payload), ErrorCode.RATE_LIMITED):
        made += 1
    return made


def test_a_token_may_ask_so_much_at_once_and_so_much_a_second() -> None:
    time = Time()
    meters = Meters(replace(LIMITS, address_rate=0), time)
    ana, burst = holder("ana"), int(10 * BURST_S)
    assert asked(meters, ana) == burst
    assert asked(meters, ana, peer=THERE) == 0, "another connection has no more"
    assert asked(meters, holder("bo")) == burst, "others have what they had"
    time.now_s += 2
    assert asked(meters, ana) == 20
    time.now_s += 1_000
    assert asked(meters, ana, 5) == burst // 5
    time.now_s += 1_000
    assert asked(meters, ana, 1, {"items": [{}] * ITEMS_AT_ONCE}) == burst // 2
    time.now_s += 1_000
    # What costs more than there ever is can be asked all the same, and is paid off.
    assert asked(meters, ana, 1, {"items": [{}] * 100 * burst}) == 1
    time.now_s += 10
    assert asked(meters, ana) == 0


def test_an_address_has_its_own_share() -> None:
    meters = Meters(LIMITS, Time())
    found = [asked(meters, holder(name)) for name in ("a", "b", "c")]
    assert (sum(found), found[0]) == (15 * BURST_S, 10 * BURST_S)
    assert asked(meters, holder("c"), peer=THERE) > 0


def test_refusals_are_told_at_the_rate_too() -> None:
    time = Time()
    meters = Meters(replace(LIMITS, address_rate=0), time)
    ana, bo = meters.of(holder("ana"), HERE), meters.of(holder("bo"), HERE)
    assert ana is not None
    assert bo is not None
    held = [ana.hold_s() for _ in range(100)]
    assert held[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert held[-1] == HELD_AT_MOST_S
    assert bo.hold_s() == pytest.approx(0.1), "others' are not held back by them"
    time.now_s += 1_000
    assert ana.hold_s() == pytest.approx(0.1)
    assert ana.hold_s(5) == pytest.approx(0.6), "by what the request would have cost"


async def test_who_goes_on_asking_is_not_read(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HELD_AT_MOST_S", 3_600.0)
    meters = Meters(replace(LIMITS, address_rate=0), core.clock.monotonic)
    greedy = await core.sit(who=holder("greedy"))
    greedy.client.meter = meters.of(greedy.client.principal, HERE)
    await greedy.pipeline([("state:ping", {})] * 100)
    for _ in range(limits.Room.pending):
        assert greedy.client.may_ask_more
        greedy.send("state:ping", {})
    assert not greedy.client.may_ask_more


async def test_who_asks_too_much_is_told_when_to_come_back_and_others_go_on(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HELD_AT_MOST_S", 0.01)
    meters = Meters(replace(LIMITS, address_rate=0), core.clock.monotonic)
    greedy, other = await core.sit(who=holder("greedy")), await core.sit(who=holder("other"))
    for seat in (greedy, other):
        seat.client.meter = meters.of(seat.client.principal, HERE)
    acks = await greedy.pipeline([("state:ping", {})] * 150)
    assert [ack["ok"] for ack in acks] == [True] * 100 + [False] * 50
    error = acks[-1]["error"]
    assert (error["code"], error["retry"], error["after_ms"]) == ("rate_limited", "after", 101)
    assert (await other.ask("state:ping"))["ok"]
    core.clock.now_s += error["after_ms"] / 1000
    assert (await greedy.ask("state:ping"))["ok"]


# What sources may have.


def items(count: int, prefix: str) -> list[Json]:
    return [{"id": f"{prefix}{number}", "title": "x"} for number in range(count)]


@pytest.fixture
def small(core: Core) -> Core:
    """A board with little room."""
    worker: Any = core.hub._worker
    settings: RuleSettings = worker._settings
    worker._settings = replace(
        settings, items=lambda: core.state.size, item_limit=30, source_item_limit=10, source_limit=4
    )
    return core


async def test_a_collector_whose_ids_change_is_stopped_and_the_rest_goes_on(small: Core) -> None:
    work, home = await small.sit(who=collector("ics:work")), await small.sit(who=collector("ics:home"))
    await work.done("priorities:put", items=items(6, "a"))
    error = await work.refused("priorities:put", items=items(6, "b"))
    assert (error["code"], "ics:work" in error["message"]) == ("too_large", True)
    seq = small.state.seq
    await home.done("priorities:put", items=items(6, "b"))
    # What it has it may change, and a replace makes room.
    await work.done("priorities:put", items=[item | {"title": "y"} for item in items(6, "a")])
    await work.done("priorities:put", items=items(9, "c"), mode="replace")
    assert small.state.seq == seq + 3


async def test_the_board_has_a_most_of_items_and_of_sources(small: Core) -> None:
    for name in ("a", "b", "c"):
        seat = await small.sit(who=collector(f"ics:{name}"))
        await seat.done("priorities:put", items=items(8, name))
    last = await small.sit(who=collector("ics:d"))
    assert (await last.refused("priorities:put", items=items(8, "d")))["code"] == "too_large"
    await last.done("priorities:put", items=items(1, "d"))
    fifth = await small.sit(who=collector("ics:e"))
    for request, payload in (("source:hello", {"ttl_s": 60}), ("priorities:put", {"items": items(1, "e")})):
        error = await fifth.refused(request, **payload)
        assert (error["code"], "4 sources" in error["message"]) == ("too_large", True)
    person = await small.sit()
    await person.done("source:forget", source="ics:a")
    await fifth.done("priorities:put", items=items(1, "e"))


async def test_beyond_the_limit_of_records_only_new_ones_are_refused(core: Core, tmp_path: Path) -> None:
    """What is there may be sent again, and an op that was carried out is told so."""
    index = Index(FilePlace(tmp_path / "limited.db"), SystemClock())
    await index.start()
    search = Search(index, Metrics(), most=(5, 3))
    first = [{"id": f"r{number}", "text": f"Record {number}", "at": DAY} for number in range(3)]
    try:
        key = ("token:a", "op-1")
        done = await search.put("notes", first, GivenRecord, key)
        with pytest.raises(Refusal) as refused:
            await search.put("notes", [{"id": "r3", "text": "One more", "at": DAY}], GivenRecord, None)
        assert (refused.value.code, "records of notes, and may be 3" in refused.value.message) == (
            ErrorCode.TOO_LARGE,
            True,
        )
        assert search.records == 3
        repeated = await search.put("notes", first, GivenRecord, key)
        assert isinstance(repeated, Repeated)
        assert not isinstance(done, Repeated)
        again = await search.put(
            "notes", [first[0], {"id": "r1", "text": "Changed", "at": DAY}], GivenRecord, None
        )
        assert not isinstance(again, Repeated)
        assert (again["indexed"], again["unchanged"]) == (1, 1)
        await search.put("chat", first[:2], GivenRecord, None)  # another source has its own
        with pytest.raises(Refusal, match="5 records, and may be 5"):
            await search.put("chat", first, GivenRecord, None)
        await search.put("chat", [{"id": "r0", "gone": True}, {"id": "r1", "gone": True}], GivenRecord, None)
        await search.put("notes", [{"id": "r0", "gone": True}], GivenRecord, None)
        await search.put("notes", [{"id": "r3", "text": "One more", "at": DAY}], GivenRecord, None)
        assert search.records == 3
    finally:
        await search.stop(1.0)


async def test_when_too_many_changes_wait_one_is_refused_and_may_be_sent_again(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the whole server that is busy: nothing of the change is kept, reads are answered, and the same op
    is carried out once there is room."""
    person, other = await core.sit("state"), await core.sit("state")
    change = {"items": [{"id": "a", "title": "One"}], "op": "op-1"}
    monkeypatch.setattr(core.dispatch, "most_queued", 0)
    for seat in (person, other):
        ack = await seat.ask("priorities:put", **change)
        assert (ack["error"]["code"], ack["error"]["retry"]) == ("busy", "same_op")
        assert ack["error"]["after_ms"]
    assert (await person.done("state:get"))["state"]["priorities"] == []
    monkeypatch.undo()
    await person.done("priorities:put", **change)
    assert [item["title"] for item in (await other.done("state:get"))["state"]["priorities"]] == ["One"]

"""The one write path (hub/hub, hub/worker, hub/batch, hub/outcome) when something breaks, is slow or ends;
and the order that it keeps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from handlers import FAMILIES, sources
from models.ack import ErrorCode
from models.base import Item, Writes
from models.system import SystemItem
from sio_server.clients import dispatch as dispatch_module
from sio_server.delivery.sync import Recent
from sio_server.log.base import Entry, LogError
from sio_server.registry.errors import Refusal
from sio_server.registry.ops import Put
from sio_server.registry.registry import Context, Delta, Family, Registry, Section, View
from sio_server.registry.roles import EDITORS
from tests.core.seats import DAY_S, Core, Seat, collector
from tests.replica import as_held, canonical
from tests.running import WAIT_S, until

Json = Any

FRAGILE = Family("fragile")


@FRAGILE.rule("raise", Writes, roles=EDITORS)
def raise_(view: View, payload: Writes, ctx: Context) -> Delta:
    """Breaks at once."""
    raise RuntimeError("a broken rule")


@FRAGILE.rule("reply", Writes, roles=EDITORS)
def reply(view: View, payload: Writes, ctx: Context) -> Delta:
    """Breaks when its changes are in the draft."""
    return Delta([Put("system", SystemItem(message="never"))], lambda after: 1 // 0)


@FRAGILE.rule("unknown", Writes, roles=EDITORS)
def unknown(view: View, payload: Writes, ctx: Context) -> Delta:
    """The first of its changes fits, the second names a section that there is not."""
    return Delta([Put("system", SystemItem(message="never")), Put("kitchen", SystemItem())])


@FRAGILE.rule("refuse", Writes, roles=EDITORS)
def refuse(view: View, payload: Writes, ctx: Context) -> Delta:
    """Refuses."""
    raise Refusal(ErrorCode.INVALID_STATE, "Not now.")


@FRAGILE.query("ask", Writes)
def ask(asker: Any, payload: Writes) -> Json:
    """A query that breaks."""
    raise RuntimeError("a broken query")


FRAGILE_REGISTRY = Registry([*(module.FAMILY for module in FAMILIES), FRAGILE], sources.SOURCE_HOOKS)


@pytest.fixture
async def fragile(tmp_path: Path) -> AsyncIterator[Core]:
    """A core with rules that break."""
    async with Core(tmp_path, registry=FRAGILE_REGISTRY) as core:
        yield core


class Gate:
    """Holds the store's thread at its next append until it is opened."""

    def __init__(self, core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()
        append = core.log.append

        def gated(expected_head: int, entries: Sequence[Entry], now_s: float) -> None:
            if entries:  # without them it is the board's own clock
                self.reached.set()
                assert self._open.wait(WAIT_S)
            append(expected_head, entries, now_s)

        monkeypatch.setattr(core.log, "append", gated)

    def open(self) -> None:
        """Lets it go on, now and later."""
        self._open.set()

    async def wait(self) -> None:
        """Returns when an append has begun."""
        assert await asyncio.to_thread(self.reached.wait, WAIT_S)


@pytest.fixture
def gate(core: Core, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The core's appends wait for `gate.open()`."""
    gate = Gate(core, monkeypatch)
    yield gate
    gate.open()


def add(id: str, **more: Json) -> tuple[str, Json]:
    """A request that adds a priority."""
    return "priorities:put", {"items": [{"id": id, "title": f"text of {id}"}], **more}


@pytest.mark.parametrize("event", ["fragile:raise", "fragile:reply", "fragile:unknown"])
async def test_a_rule_that_breaks_costs_only_its_own_request(fragile: Core, event: str) -> None:
    seat = await fragile.sit("state")
    asked = [add("a", op="a"), (event, {"op": "b"}), add("c"), (event, {}), add("d"), ("state:get", {})]
    acks = await seat.pipeline(asked)
    assert [ack["ok"] for ack in acks] == [True, False, True, False, True, True]
    assert [acks[index]["seq"] for index in (0, 2, 4)] == [1, 2, 3]
    error = acks[1]["error"]
    assert (error["code"], error["retry"]) == ("internal", "no")
    assert error["error_id"]
    assert "Traceback" not in error["message"]
    assert [patch["seq"] for patch in seat.received("state:patch")] == [1, 2, 3]
    assert canonical(seat.replica.held) == canonical(as_held(acks[5]["data"]["state"]))
    assert acks[5]["data"]["state"]["system"]["message"] is None


async def test_the_error_id_of_a_broken_rule_is_in_the_log(
    fragile: Core, caplog: pytest.LogCaptureFixture
) -> None:
    error = await (await fragile.sit()).refused("fragile:raise")
    assert error["error_id"] in caplog.text
    assert "a broken rule" in caplog.text


async def test_a_query_that_breaks_is_acked_too(fragile: Core) -> None:
    assert (await (await fragile.sit()).refused("fragile:ask"))["code"] == "internal"


async def test_a_failed_request_leaves_its_op_free(fragile: Core) -> None:
    seat = await fragile.sit()
    first, second = await seat.pipeline([("fragile:refuse", {"op": "x"}), add("a", op="x")])
    assert first["error"]["code"] == "invalid_state"
    assert second["ok"]
    assert "replay" not in second


async def test_a_patch_that_cannot_be_sent_does_not_stop_the_server(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("cannot be sent")

    seat = await core.sit()
    with monkeypatch.context() as patched:
        patched.setattr(core.fanout, "publish", broken)
        assert (await seat.ask("priorities:put", **add("a")[1]))["seq"] == 1
    assert (await seat.ask("priorities:put", **add("b")[1]))["seq"] == 2


async def test_a_hub_that_breaks_down_refuses_everything_and_is_not_ready(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("memory cannot follow the disk")

    seat = await core.sit()
    monkeypatch.setattr(core.state, "fold", broken)
    seat.send("priorities:put", add("a")[1])
    await until(lambda: core.hub.crashed, "the hub breaks down")
    assert (await seat.refused("priorities:put", **add("b")[1]))["code"] == "draining"
    with pytest.raises(LogError, match="restart"):
        await core.hub.probe()


async def test_a_read_that_waits_for_the_disk_is_not_overtaken_by_the_clients_next_one(core: Core) -> None:
    feeder, seat = await core.sit(), await core.sit()
    await feeder.done("priorities:put", items=[{"id": "a", "title": "a"}])
    core.sync.recent = Recent(core.state.seq)
    join = {"rooms": ["priorities"], "resume": {"epoch": core.state.epoch, "seq": 0}}
    joined, left = await seat.pipeline(
        [("state:subscribe", join), ("state:unsubscribe", {"rooms": ["priorities"]})]
    )
    assert (joined["data"]["rooms"], left["data"]["rooms"]) == (["priorities"], [])
    assert joined["data"]["sync"]["mode"] == "delta"
    assert core.fanout.count("priorities") == 0


async def test_requests_of_one_client_commit_in_the_order_sent(core: Core) -> None:
    seat = await core.sit("state")
    asked = [("priorities:put", {"items": [{"id": "a", "title": f"text {n}"}]}) for n in range(300)]
    acks = await seat.pipeline(asked)
    assert [ack["seq"] for ack in acks] == list(range(1, 301))
    titles = [
        change.get("put", change.get("set"))["title"]
        for patch in seat.received("state:patch")
        for change in patch["changes"]
    ]
    assert titles == [f"text {n}" for n in range(300)]


async def test_the_ack_follows_the_patch_and_reads_see_the_writes_before_them(core: Core) -> None:
    seat = await core.sit("state")
    for round in range(20):
        write = seat.send(*add(f"i{round}"))
        read = seat.send("state:get", {})
        seen = seat.send("priorities:edit", {"id": f"i{round}", "set": {"note": "n"}})
        again = seat.send("state:get", {"sections": ["priorities"]})
        await seat.ack(again)  # the seat itself checks that each ack comes after the patch of its seq
        state = seat.acks[read]["data"]
        assert state["seq"] >= seat.acks[write]["seq"]
        assert f"i{round}" in [item["id"] for item in state["state"]["priorities"]]
        assert seat.acks[seen]["data"]["note"] == "n"
        noted = {item["id"]: item["note"] for item in seat.acks[again]["data"]["state"]["priorities"]}
        assert noted[f"i{round}"] == "n"


async def test_many_requests_share_one_append(core: Core, gate: Gate) -> None:
    seat = await core.sit()
    first = seat.send(*add("a"))
    await gate.wait()
    rest = [seat.send(*add(f"b{n}")) for n in range(50)]
    before = core.hub.queued
    gate.open()
    acks = await asyncio.gather(*(seat.ack(id) for id in (first, *rest)))
    assert [ack for ack in acks if not ack["ok"]] == []
    assert before == 50
    assert core.state.seq == 51


async def test_the_same_op_in_one_batch_is_done_once(core: Core) -> None:
    seat = await core.sit()
    first, again, other, third = await seat.pipeline(
        [add("a", op="x"), add("a", op="x"), add("b", op="x"), add("a", op="x")]
    )
    assert again == third == first | {"replay": True}
    assert other["error"]["code"] == "conflict"
    assert core.state.seq == 1


async def test_an_op_is_known_for_a_day_and_belongs_to_its_principal(core: Core) -> None:
    seat, feeder = await core.sit(), await core.sit(who=collector("ics:work"))
    first = await seat.ask("priorities:put", **add("a", op="x")[1])
    assert "replay" not in await feeder.ask("priorities:put", items=[], op="x")
    core.clock.now_s += DAY_S - 1
    await core.tidy()
    assert await seat.ask("priorities:put", **add("a", op="x")[1]) == first | {"replay": True}
    core.clock.now_s += 2
    await core.tidy()
    assert "replay" not in await seat.ask("priorities:put", **add("a", op="x")[1])


async def test_an_op_with_the_fields_in_another_order_is_the_same_request(core: Core) -> None:
    seat = await core.sit()
    first = await seat.ask("system:set", op="x", progress=3, message="m")
    assert await seat.ask("system:set", message="m", progress=3, op="x") == first | {"replay": True}


async def test_what_the_server_does_not_get_to_in_time_is_a_timeout_and_is_not_done(
    core: Core, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch_module, "DEADLINE_S", 0.05)
    seat, stuck = await core.sit("state"), await core.sit()
    begun = stuck.send(*add("a"))
    await gate.wait()
    waiting = [seat.send(*add("b", op="b")), seat.send("state:subscribe", {"rooms": ["calendar"]})]
    for id in waiting:
        error = (await seat.ack(id))["error"]
        assert (error["code"], error["retry"]) == ("timeout", "same_op")
    assert (await stuck.ack(begun))["error"]["code"] == "timeout"
    monkeypatch.setattr(dispatch_module, "DEADLINE_S", 10.0)
    gate.open()
    again = await seat.ask("priorities:put", **add("b", op="b")[1])
    assert (again["seq"], "replay" in again) == (2, False)
    assert seat.client.rooms == {"state"}
    assert (seat.client.pending, seat.client.turns.is_in_hub) == (0, False)
    assert (stuck.client.pending, stuck.client.turns.is_in_hub) == (0, False)
    assert len(seat.acks) == 3


async def test_a_begun_request_that_timed_out_is_answered_as_a_replay(
    core: Core, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch_module, "DEADLINE_S", 0.05)
    seat = await core.sit()
    assert (await seat.ask("priorities:put", **add("a", op="a")[1]))["error"]["code"] == "timeout"
    monkeypatch.setattr(dispatch_module, "DEADLINE_S", 10.0)
    gate.open()
    again = await seat.ask("priorities:put", **add("a", op="a")[1])
    assert (again["seq"], again["replay"]) == (1, True)


async def test_a_store_that_cannot_be_written_keeps_nothing_and_comes_back(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = await core.sit("state")
    await seat.pipeline([add("a")])
    before = await seat.state()
    pages = core.sqlite._writer.pragma("page_count")
    core.sqlite._writer.pragma("max_page_count", pages)
    long = {"items": [{"id": "b", "title": "b", "description": "long " * 3_000}], "op": "b"}
    acks = await seat.pipeline([add("c", op="c"), ("priorities:put", long), ("priorities:put", long)])
    assert {ack["error"]["code"] for ack in acks} == {"storage_unavailable"}
    assert {ack["error"]["retry"] for ack in acks} == {"same_op"}
    assert await seat.state() == before
    assert len(seat.received("state:patch")) == 1
    core.sqlite._writer.pragma("max_page_count", 2**30)
    acks = await seat.pipeline([add("c", op="c"), ("priorities:put", long), ("priorities:put", long)])
    assert [ack["seq"] for ack in acks] == [2, 3, 3]
    assert [ack.get("replay", False) for ack in acks] == [False, False, True]
    assert canonical(seat.replica.held) == canonical(as_held(await seat.state()))


async def test_a_store_that_cannot_be_written_is_logged_once_and_so_is_its_return(
    core: Core, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise LogError("the disk is full")

    caplog.set_level("INFO", "adjutant.hub")
    seat = await core.sit("state")
    for id in ("a", "b"):
        with monkeypatch.context() as patch:
            patch.setattr(core.log, "append", full)
            for _ in range(3):
                [ack] = await seat.pipeline([add(id)])
                assert ack["error"]["code"] == "storage_unavailable"
        for more in (id, f"{id} again"):
            await seat.pipeline([add(more)])
    assert caplog.messages == ["the disk is full", "changes can be written to disk again"] * 2


async def test_a_store_that_cannot_be_read_is_said_so(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LogError("the disk is gone")

    monkeypatch.setattr(core.log, "find_op", broken)
    error = await (await core.sit()).refused("priorities:put", **add("a", op="x")[1])
    assert error["code"] == "storage_unavailable"


async def test_a_stop_finishes_what_was_begun_and_refuses_the_rest(core: Core) -> None:
    seat = await core.sit()
    begun = [seat.send(*add(f"a{n}")) for n in range(20)]
    await core.hub.stop(5)
    late = seat.send(*add("late"))
    acks = [await seat.ack(id) for id in begun]
    assert all(ack["ok"] for ack in acks)
    assert (await seat.ack(late))["error"]["code"] == "draining"


async def test_a_stop_answers_also_what_is_stuck(core: Core, gate: Gate) -> None:
    seat = await core.sit()
    stuck = seat.send(*add("a"))
    await gate.wait()
    queued = seat.send(*add("b"))
    stopping = asyncio.ensure_future(core.hub.stop(0.05))
    acks = [await seat.ack(id) for id in (stuck, queued)]
    assert {ack["error"]["code"] for ack in acks} == {"draining"}
    gate.open()
    await stopping


async def test_time_alone_changes_what_a_section_says_and_one_broken_tick_stops_nobody(
    tmp_path: Path,
) -> None:
    def broken(view: View, ctx: Context) -> Any:
        raise RuntimeError("a broken tick")

    section = Section(
        "kitchen", Item, noun="pot", headline="id", shape=Writes, place=lambda items: {}, tick=broken
    )
    families = [Family("kitchen", section), *(module.FAMILY for module in FAMILIES)]
    async with Core(tmp_path, registry=Registry(families, sources.SOURCE_HOOKS)) as core:
        seat = await core.sit("priorities")
        await seat.pipeline([add("a"), ("priorities:snooze", {"id": "a", "until": "2026-11-23T13:00:00Z"})])
        core.clock.now_s += 3600
        await core.hub.tick()
        assert (await seat.item("priorities", "a"))["status"] == "open"
        patch = seat.received("priorities:patch")[-1]
        assert patch["cause"] == {"actor": "server", "command": "priorities:tick"}


async def test_the_seats_of_this_test_see_a_second_ack(core: Core) -> None:
    """The check that every request is acked exactly once is itself able to fail."""
    seat: Seat = await core.sit()
    ack = await seat.ask("state:get")
    with pytest.raises(AssertionError, match="second ack"):
        seat._note(0, ack)

"""Large puts whose client leaves, whose time is over, or whose server stops: all is told, nothing stays."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from sio_server.clients.dispatch import Call
from sio_server.hub.batch import Job
from sio_server.registry.registry import Context, Delta, View
from tests.core.collecting import serving, taken
from tests.core.seats import Core, Seat
from tests.core.speculating import MANY, WORK, SpeculationThread, items, put
from tests.running import WAIT_S, until

Json = Any


async def test_who_leaves_meanwhile_is_offline_after_it(core: Core, speculation: SpeculationThread) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    work.send("priorities:put", {"items": items()})
    work.leave()
    await person.done("priorities:put", items=[{"id": "mine", "title": "Mine"}])
    speculation.open()
    await until(lambda: core.state.seq == 3)
    source = await person.item("sources", "ics:work")
    assert (source["items"], source["status"]) == (MANY, "offline")


async def assert_offline_at_last(core: Core, person: Seat, seq: int) -> None:
    """The last of so many commits says that the source left."""
    await until(lambda: core.state.seq == seq)
    assert core.commits[-1].cause["command"] == "server:left"
    assert (await person.item("sources", "ics:work"))["status"] == "offline"


async def test_who_leaves_behind_two_is_offline_after_both(
    core: Core, speculation: SpeculationThread
) -> None:
    work, person = await core.sit(who=WORK), await core.sit()
    work.send("priorities:put", {"items": items()})
    work.send("priorities:put", {"items": items(MANY, "!")})
    work.leave()
    speculation.open()
    await assert_offline_at_last(core, person, 3)


async def test_the_last_connection_to_leave_waits_for_the_puts_of_the_others(
    core: Core, speculation: SpeculationThread
) -> None:
    first, last, person = await core.sit(who=WORK), await core.sit(who=WORK), await core.sit()
    await put(last, items(1))
    first.send("priorities:put", {"items": items()})
    first.leave()
    last.leave()
    await person.done("priorities:put", items=[{"id": "mine", "title": "Mine"}])
    speculation.open()
    await assert_offline_at_last(core, person, 4)


async def test_a_connection_that_left_is_asked_nothing_though_its_put_goes_on(
    core: Core, speculation: SpeculationThread
) -> None:
    (work,), person = await serving(core, "ics:work"), await core.sit()
    newest = await core.sit(who=WORK)
    newest.send("priorities:put", {"items": items()})
    newest.leave()
    await person.done("collection:start", mode="full")
    await taken(work)
    newest.read()
    assert newest.asked == []


async def test_its_payload_is_gone_with_its_ack(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    work, payloads = await core.sit(who=WORK), list[Any]()
    submit = core.hub.submit

    def noting(job: Job) -> None:
        payloads.extend([] if job.payload is None else [weakref.ref(job.payload)])
        submit(job)

    monkeypatch.setattr(core.hub, "submit", noting)
    gc.disable()
    try:
        await put(work, items())
        await until(lambda: payloads[0]() is None)
    finally:
        gc.enable()
    assert len(payloads) == 1


async def test_what_a_repeat_gave_early_is_freed_beside_the_loop(
    core: Core, freed: list[tuple[str, int]]
) -> None:
    work = await core.sit(who=WORK)
    await put(work, items(), op="o")
    await put(work, items(MANY, "!"))
    await core.hub.on_store_thread(int)  # what those left behind is freed
    freed.clear()
    assert (await work.ask("priorities:put", items=items(), mode="replace", op="o"))["replay"]
    assert freed == [("store", MANY + 1)]


async def test_one_whose_time_is_over_is_not_run(
    core: Core, speculation: SpeculationThread, runs: list[str], calls: list[Call]
) -> None:
    work = await core.sit(who=WORK)
    late = work.send("priorities:put", {"items": items()})
    await speculation.asked()
    calls[0]._expire()
    assert (await work.ack(late))["error"]["code"] == "timeout"
    speculation.open()
    await speculation.idle()
    assert (await work.ask("state:get"))["seq"] == 0
    assert (runs, work.client.turns.is_in_hub, work.client.pending) == ([], False, 0)


async def test_what_was_given_too_late_is_freed_beside_the_loop(
    core: Core, monkeypatch: pytest.MonkeyPatch, calls: list[Call], freed: list[tuple[str, int]]
) -> None:
    work, run = await core.sit(who=WORK), Job.speculate

    def slow(job: Job, *arguments: Any) -> None:
        run(job, *arguments)
        asyncio.run_coroutine_threadsafe(expire(), loop).result(20)

    async def expire() -> None:
        calls[0]._expire()

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(Job, "speculate", slow)
    late = work.send("priorities:put", {"items": items()})
    assert (await work.ack(late))["error"]["code"] == "timeout"
    assert (await work.ask("state:get"))["seq"] == 0
    assert freed == [("store", MANY + 1)]
    assert (work.client.turns.is_in_hub, work.client.pending) == (False, 0)


async def test_a_stop_does_not_wait_for_one_that_is_stuck(
    core: Core, speculation: SpeculationThread, runs: list[str]
) -> None:
    seats = [await core.sit(who=WORK), await core.sit(who=WORK)]
    sent = [seat.send("priorities:put", {"items": items()}) for seat in seats]
    await speculation.asked()
    await asyncio.wait_for(core.hub.stop(0.05), WAIT_S)
    for seat, id in zip(seats, sent, strict=True):
        assert (await seat.ack(id))["error"]["code"] == "draining"
    speculation.open()
    pool = core.hub._speculation_thread
    assert isinstance(pool, ThreadPoolExecutor)
    await until(lambda: not any(thread.is_alive() for thread in pool._threads))
    assert runs == []


async def test_a_stop_frees_beside_the_loop_what_a_stuck_one_gives(
    core: Core, monkeypatch: pytest.MonkeyPatch, freed: list[tuple[str, int]]
) -> None:
    requests, stuck = core.hub.registry.requests, threading.Event()
    request, begun = requests["priorities:put"], threading.Event()

    def slow(view: View, payload: Any, ctx: Context) -> Delta:
        begun.set()
        assert stuck.wait(20)
        assert request.rule is not None
        return request.rule(view, payload, ctx)

    monkeypatch.setitem(requests, "priorities:put", replace(request, rule=slow))
    work = await core.sit(who=WORK)
    large = work.send("priorities:put", {"items": items()})
    await until(begun.is_set)
    await asyncio.wait_for(core.hub.stop(0.05), WAIT_S)
    assert (await work.ack(large))["error"]["code"] == "draining"
    stuck.set()
    await until(lambda: freed == [("speculation", MANY + 1)])


async def test_a_stop_finishes_several(core: Core, speculation: SpeculationThread) -> None:
    seats = [await core.sit(who=WORK) for _ in range(3)]
    sent = [seat.send("priorities:put", {"items": items()}) for seat in seats]
    await speculation.asked()
    stopping = asyncio.ensure_future(core.hub.stop(20))
    speculation.open()
    assert all([(await seat.ack(id))["ok"] for seat, id in zip(seats, sent, strict=True)])
    await stopping


async def test_a_stop_finishes_it(core: Core, speculation: SpeculationThread) -> None:
    work = await core.sit(who=WORK)
    large = work.send("priorities:put", {"items": items()})
    await asyncio.sleep(0)
    stopping = asyncio.ensure_future(core.hub.stop(5))
    speculation.open()
    assert (await work.ack(large))["ok"]
    await stopping


async def test_one_that_comes_as_the_hub_stops_is_refused(core: Core) -> None:
    work = await core.sit(who=WORK)
    await core.hub.stop(5)
    assert (await work.refused("priorities:put", items=items()))["code"] == "draining"

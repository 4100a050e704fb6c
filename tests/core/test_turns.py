"""The ways of requests (clients/turns): every kind at every stage, and the order that they keep."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sio_server.clients.dispatch import Dispatch
from sio_server.clients.turns import ANSWER, QUERY, WAIT, WAYS, Kind, Stage, Turns, Way
from sio_server.registry.registry import Asker
from tests.core.seats import Core, Seat
from tests.core.speculating import SpeculationThread, items

Json = Any

NOTE = ("priorities:put", {"items": [{"id": "a", "title": "A"}]})


@pytest.fixture
def taken(core: Core, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ways that requests went, in order."""
    taken: list[str] = []
    for way, send in list(core.dispatch._send.items()):

        def noting(*call: Any, way: Way = way, send: Any = send) -> None:
            taken.append(way.name)
            send(*call)

        monkeypatch.setitem(core.dispatch._send, way, noting)
    return taken


class Slow:
    """Lets `state:get` take until it is opened."""

    def __init__(self, core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        requests = core.state.registry.requests
        answer = requests["state:get"].query
        assert answer is not None

        async def slow(asker: Asker, payload: Any) -> Json:
            await self.open.wait()
            return answer(asker, payload)

        monkeypatch.setitem(requests, "state:get", replace(requests["state:get"], query=slow))


@pytest.fixture
def slow(core: Core, monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(core, monkeypatch)


def test_every_kind_has_a_way_at_every_stage_and_every_way_is_gone() -> None:
    assert [*WAYS] == [*Kind]
    assert [len(ways) for ways in WAYS.values()] == [len(Stage)] * len(Kind)
    assert {way for ways in WAYS.values() for way in ways} == {*Way}


def test_the_dispatcher_knows_every_way_that_leads_on(core: Core) -> None:
    assert isinstance(core.dispatch, Dispatch)
    assert {*core.dispatch._send} == {*Way} - {Way.WAIT}


async def test_a_request_of_an_idle_client_goes_at_once(core: Core, taken: list[str]) -> None:
    seat = await core.sit()
    await seat.done(*NOTE[:1], **NOTE[1])
    await seat.done("state:get")
    await seat.done("stats:get")
    assert taken == ["SUBMIT", "ANSWER", "ANSWER"]


async def test_queries_come_after_the_writes_and_the_queries_before_them(
    core: Core, taken: list[str], slow: Slow
) -> None:
    seat = await core.sit()
    asked: list[tuple[str, Json]] = [
        NOTE,
        ("state:get", {}),
        ("state:history", {"id": "a"}),
        ("priorities:drop", {"ids": ["a"]}),
    ]
    ids = [seat.send(*request) for request in asked]
    assert (await seat.ack(ids[3]))["seq"] == 2
    assert taken == ["SUBMIT", "ANSWER_IN_TURN", "ANSWER_IN_TURN", "SUBMIT", "ANSWER", "ANSWER_AFTER"]
    assert not {ids[1], ids[2]} & seat.acks.keys()
    slow.open.set()
    assert (await seat.ack(ids[2]))["ok"]
    assert [*seat.acks] == [ids[0], ids[3], ids[1], ids[2]]
    assert taken[-1] == "ANSWER"


async def test_all_but_what_is_aside_waits_for_a_large_write_that_speculates(
    core: Core, speculation: SpeculationThread, taken: list[str]
) -> None:
    seat = await core.sit()
    asked: list[tuple[str, Json]] = [
        ("priorities:put", {"items": items()}),
        ("state:get", {}),
        ("priorities:put", {"items": items(1, "!")}),
        ("search:query", {"query": "text"}),
    ]
    ids = [seat.send(*request) for request in asked]
    await speculation.asked()
    assert taken == ["SPECULATE", "ANSWER_ASIDE"]
    ways = [seat.client.turns.way_of(QUERY)]
    speculation.open()
    assert len((await state_of(seat, ids[1]))["priorities"]) == len(items())
    assert (await seat.ack(ids[2]))["ok"]
    assert taken == ["SPECULATE", "ANSWER_ASIDE", "ANSWER_IN_TURN", "SUBMIT", "ANSWER"]
    assert [*ways, seat.client.turns.way_of(QUERY)] == [WAIT, ANSWER]


async def state_of(seat: Seat, id: int) -> Json:
    return (await seat.ack(id))["data"]["state"]


def test_what_waits_for_a_reading_goes_on_in_order_until_one_reads_itself() -> None:
    turns, went = Turns(), list[str]()

    def first() -> None:
        went.append("first")
        turns.begin_reading()

    def second() -> None:
        if not turns.after_reading(second):
            went.append("second")

    second()
    turns.begin_reading()
    assert turns.after_reading(first)
    second()
    turns.end_reading()
    assert went == ["second", "first"]
    turns.end_reading()
    assert went == ["second", "first", "second"]
    assert not turns.after_reading(first)

"""Requests that read what is not in the state (registry/records): what a client sends after one waits for it,
in order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from handlers import REGISTRY
from sio_server.clients import dispatch
from tests.core.seats import Core
from tests.core.test_briefs import REVIEW, board
from tests.replica import as_held, canonical
from tests.running import WAIT_S

Json = Any


class Held:
    """The records, whose searches wait until they are let go; `reached` is set when one waits."""

    def __init__(self, core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.reached, self.go = asyncio.Event(), asyncio.Event()

        async def quotes(**asked: Json) -> Json:
            self.asked.append(asked["subject"])
            self.reached.set()
            await self.go.wait()
            return {"about": [], "by": {}}

        monkeypatch.setattr(core.services.records, "quotes", quotes)


@pytest.fixture
def held(core: Core, monkeypatch: pytest.MonkeyPatch) -> Held:
    """The core's searches wait for `held.go`."""
    return Held(core, monkeypatch)


def brief_of(code: str = "C1", **more: Json) -> tuple[str, Json]:
    return "brief:generate", {"kind": "meeting", "code": code, **more}


def note(text: str) -> tuple[str, Json]:
    return "priorities:edit", {"code": "P1", "set": {"note": text}}


async def test_what_a_client_sends_after_a_brief_waits_for_it_and_others_do_not(
    core: Core, held: Held
) -> None:
    seat, other = await board(core), await core.sit("state")
    seq = core.state.seq
    sent = [brief_of(), note("a"), ("state:get", {}), brief_of(), note("b"), ("brief:get", {}), ("x:y", {})]
    ids = [seat.send(*request) for request in sent]
    await asyncio.wait_for(held.reached.wait(), WAIT_S)
    assert (await other.ask("system:set", progress=3))["seq"] == seq + 1
    assert (await seat.ack(ids[-1]))["error"]["code"] == "unknown_event"
    assert set(seat.acks).isdisjoint(ids[:-1])
    held.go.set()
    acks = [await seat.ack(id) for id in ids[:-1]]
    assert [ack["seq"] for ack in acks] == [seq + 2, seq + 3, seq + 3, seq + 4, seq + 5, seq + 5]
    assert [id for id in seat.acks if id in ids[:-1]] == ids[:-1]
    assert acks[2]["data"]["state"]["priorities"][0]["note"] == "a"
    assert [acks[3]["data"]["outdated"], acks[5]["data"]["outdated"]] == [False, True]


async def test_a_search_waits_for_no_brief(core: Core, held: Held) -> None:
    seat = await board(core)
    first = seat.send(*brief_of())
    await asyncio.wait_for(held.reached.wait(), WAIT_S)
    assert (await seat.ask("search:stats"))["error"]["code"] == "storage_unavailable"
    assert first not in seat.acks
    held.go.set()
    assert (await seat.ack(first))["ok"]


async def test_a_brief_is_of_all_that_the_client_sent_before_it(core: Core, held: Held) -> None:
    held.go.set()
    seat = await core.sit("state")
    acks = await seat.pipeline(
        [
            ("calendar:put", {"items": [REVIEW]}),
            brief_of(),
            ("calendar:edit", {"code": "C1", "set": {"title": "Roadmap"}}),
            brief_of(),
        ]
    )
    assert [ack["seq"] for ack in acks] == [1, 2, 3, 4]
    assert "Budget review" in held.asked
    assert any("oadmap" in one for one in held.asked)
    assert acks[3]["data"]["title"] == "Meeting: Roadmap"


async def test_random_requests_of_one_client_are_done_in_their_order(core: Core, held: Held) -> None:
    seat = await board(core)
    requests = [brief_of() if number % 3 == 0 else note(str(number)) for number in range(60)]
    ids = []
    for number, request in enumerate(requests):
        ids.append(seat.send(*request))
        if number % 7 == 0:
            held.go.set()
            await asyncio.sleep(0)
        if number % 11 == 0:
            held.go.clear()
    held.go.set()
    seqs = [(await seat.ack(id))["seq"] for id in ids]
    assert seqs == list(range(seqs[0], seqs[0] + 60))


async def test_a_meeting_that_changes_while_the_records_are_read_is_told_as_it_is_then(
    core: Core, held: Held
) -> None:
    seat, other = await board(core), await core.sit("state")
    id = seat.send(*brief_of())
    await asyncio.wait_for(held.reached.wait(), WAIT_S)
    await other.done("calendar:edit", code="C1", set={"title": "Board call"})
    held.go.set()
    assert (await seat.ack(id))["data"]["title"] == "Meeting: Board call"
    held.go.clear()
    held.reached.clear()
    id = seat.send(*brief_of())
    await asyncio.wait_for(held.reached.wait(), WAIT_S)
    await other.done("calendar:drop", codes=["C1"])
    held.go.set()
    assert (await seat.ack(id))["error"]["code"] == "not_found"


async def test_what_is_not_reached_in_time_is_not_done_at_all(
    core: Core, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = await board(core)
    monkeypatch.setattr(dispatch, "DEADLINE_S", 0.05)
    before = core.state.seq
    sent: list[tuple[str, Json]] = [brief_of(op="b"), note("late"), ("state:get", {})]
    ids = [seat.send(*request) for request in sent]
    acks = [await seat.ack(id) for id in ids]
    assert [ack["error"]["code"] for ack in acks] == ["timeout"] * 3
    assert [ack["error"]["retry"] for ack in acks] == ["same_op"] * 3
    monkeypatch.setattr(dispatch, "DEADLINE_S", 10.0)
    held.go.set()
    assert (await seat.ask("state:get"))["seq"] == before
    assert (await seat.item("priorities", "print"))["note"] is None
    assert "replay" not in await seat.ask("brief:generate", kind="meeting", code="C1", op="b")


async def test_a_reading_that_fails_costs_its_own_request_only(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(**asked: Json) -> Json:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(core.services.records, "quotes", broken)
    seat = await board(core)
    acks = await seat.pipeline([brief_of(), note("a"), ("brief:generate", {"kind": "daily"})])
    assert [ack["ok"] or ack["error"]["code"] for ack in acks] == ["internal", True, True]


async def test_what_a_client_sent_before_it_left_is_done_all_the_same(core: Core, held: Held) -> None:
    other, seat = await board(core), await core.sit()
    ids = [seat.send(*brief_of()), seat.send(*note("a"))]
    await asyncio.wait_for(held.reached.wait(), WAIT_S)
    seat.leave()
    held.go.set()
    assert all([(await seat.ack(id))["ok"] for id in ids])
    state = await other.state()
    assert canonical(other.replica.held) == canonical(as_held(state))


def test_requests_declare_that_they_read_beside_the_state() -> None:
    declared = {name for name, request in REGISTRY.requests.items() if request.prefetch}
    assert declared == {"brief:generate", "command:run", "people:put", "source:forget", "source:hello"}

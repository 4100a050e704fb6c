"""The client's rule, against the contract and against the server."""

from __future__ import annotations

import random
from typing import Any

from adjutant_client import Replica
from tests.conftest import Connect
from tests.replica import as_held
from tests.running import PythonClient, RunningServer

Json = Any


def snapshot(*priorities: Json, epoch: str = "e", seq: int = 5) -> Json:
    state = {
        "system": {"id": "system", "status": "IDLE"},
        "calendar": [],
        "priorities": list(priorities),
        "commitments": {"owe": [{"id": "o"}], "owed": [{"id": "w"}]},
        "active_brief": None,
        "sources": [],
    }
    return {
        "mode": "snapshot",
        "epoch": epoch,
        "seq": seq,
        "rooms": ["state"],
        "why": "first",
        "state": state,
        "sections": [{"name": "brief", "place": "active_brief"}],
    }


def patch(prev: int, seq: int, *changes: Json, epoch: str = "e") -> Json:
    return {"epoch": epoch, "prev": prev, "seq": seq, "at": "", "cause": {}, "changes": list(changes)}


def put(its_id: str, **fields: Json) -> Json:
    return {"section": "priorities", "id": its_id, "put": {"id": its_id, **fields}}


def set_(its_id: str, **fields: Json) -> Json:
    return {"section": "priorities", "id": its_id, "set": fields}


def gone(its_id: str) -> Json:
    return {"section": "priorities", "id": its_id, "gone": True}


def following(*priorities: Json) -> Replica:
    replica = Replica()
    assert replica.sync(snapshot(*priorities))
    return replica


def test_a_snapshot_replaces_what_is_held() -> None:
    replica = following({"id": "a"})
    assert replica.sync(snapshot({"id": "b"}, seq=9))
    assert replica.items("priorities") == [{"id": "b"}]
    assert [item["id"] for item in replica.items("commitments")] == ["o", "w"]
    assert (replica.sections["brief"], replica.items("no-such-section")) == ({}, [])
    assert replica.position == {"epoch": "e", "seq": 9}


def test_changes_are_applied_in_order() -> None:
    replica = following({"id": "a", "title": "A", "rank": 1})
    assert replica.patch(patch(5, 6, set_("a", title="B"), put("b"), put("c")))
    assert replica.patch(patch(6, 8, gone("b")))
    assert replica.items("priorities") == [{"id": "a", "title": "B", "rank": 1}, {"id": "c"}]
    assert replica.seq == 8


def test_what_is_known_is_dropped() -> None:
    replica = following({"id": "a"})
    assert replica.patch(patch(4, 5, gone("a")))
    assert (replica.items("priorities"), replica.seq) == ([{"id": "a"}], 5)


def test_a_gap_changes_nothing_and_is_told() -> None:
    replica = following({"id": "a"})
    assert not replica.patch(patch(6, 7, gone("a")))
    assert (replica.items("priorities"), replica.position) == ([{"id": "a"}], {"epoch": "e", "seq": 5})


def test_a_delta_brings_what_was_missed() -> None:
    replica = following({"id": "a"})
    missed = [patch(5, 6, put("b")), patch(6, 7, gone("a"))]
    assert replica.sync({"mode": "delta", "epoch": "e", "from": 5, "seq": 9, "patches": missed})
    assert (replica.items("priorities"), replica.seq) == ([{"id": "b"}], 9)


def test_what_does_not_fit_makes_the_next_sync_a_snapshot() -> None:
    for wrong in (patch(5, 6, set_("z", title="Z")), patch(5, 6, put("z"), epoch="other")):
        replica = following({"id": "a"})
        assert not replica.patch(wrong)
        assert replica.position is None
    replica = following({"id": "a"})
    assert not replica.sync({"mode": "current", "epoch": "other", "seq": 5})
    assert replica.position is None
    replica = following({"id": "a"})
    assert not replica.sync({"mode": "delta", "epoch": "e", "seq": 9, "patches": [patch(7, 9, put("b"))]})
    assert replica.position is None


async def test_it_holds_what_the_server_has_after_each_of_many_changes(
    server: RunningServer, person: PythonClient, connect: Connect
) -> None:
    replica, chance = Replica(), random.Random(5)
    watcher = await connect(client="wall")
    taken = 0
    for _ in range(40):
        its_id = str(chance.randrange(6))
        match chance.randrange(4):
            case 0:
                ack = await person.request("priorities:drop", ids=[its_id])
            case 1:
                ack = await person.request("brief:set", brief={"title": its_id})
            case 2:
                given = {"id": its_id, "description": "Pay", "direction": chance.choice(["owe", "owed"])}
                ack = await person.request("commitments:put", items=[given])
            case _:
                ack = await person.request(
                    "priorities:put", items=[{"id": its_id, "title": str(chance.random())}]
                )
        await watcher.in_step(ack["seq"])
        for event, payload in watcher.events[taken:]:
            assert replica.sync(payload) if event == "state:sync" else replica.patch(payload)
        taken = len(watcher.events)
        assert replica.sections == as_held(await person.state())

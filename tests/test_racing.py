"""Two dashboards and two collectors at once, over real sockets: all end with the same state."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.conftest import Serve
from tests.examples import examples
from tests.following import Follower
from tests.running import RunningServer, until

pytestmark = pytest.mark.usefixtures("both_paths")

Json = Any
Ask = tuple[str, Json]

WAVES = 12
ROOMS = ("calendar", "priorities", "commitments", "brief", "system", "sources")


def pushes(chance: random.Random) -> list[Ask]:
    """What a collector sends in one go."""
    events = [
        {"id": f"e{chance.randrange(6)}", "title": f"text {chance.random()}", "start": "2026-11-23T09:00:00Z"}
        for _ in range(chance.randrange(5))
    ]
    tasks = [{"id": f"t{n}", "title": f"text {chance.randrange(3)}"} for n in range(chance.randrange(4))]
    return [
        (
            "calendar:put",
            {"items": events, "mode": chance.choice(["replace", "upsert"]), "allow_empty": True},
        ),
        ("priorities:put", {"items": tasks, "mode": "replace", "complete": chance.random() < 0.5}),
        ("calendar:drop", {"ids": [f"e{chance.randrange(6)}"]}),
        ("system:set", {"status": chance.choice(["COLLECTING", "IDLE"]), "progress": chance.randrange(100)}),
    ]


def decisions(chance: random.Random, seq: int) -> list[Ask]:
    """What a person sends in one go; part of it meets nothing, or something else."""
    code = f"p{chance.randrange(1, 5)}"
    owed = {"id": f"m{chance.randrange(3)}", "description": f"text {chance.random()}", "direction": "owe"}
    return [
        ("priorities:complete", {"code": code, "seen": seq}),
        ("priorities:edit", {"code": f"P{chance.randrange(1, 5)}", "set": {"note": str(chance.random())}}),
        ("priorities:reopen", {"code": code}),
        ("commitments:put", {"items": [owed]}),
        ("commitments:complete", {"id": f"m{chance.randrange(3)}", "op": str(chance.random())}),
        ("brief:set", {"brief": {"title": "Today", "parts": [chance.random()]}}),
        ("brief:clear", {}),
    ]


def moves(chance: random.Random) -> list[Ask]:
    """A dashboard joins and leaves rooms."""
    rooms = chance.sample(ROOMS, 3)
    return [("state:unsubscribe", {"rooms": rooms}), ("state:subscribe", {"rooms": rooms})]


async def race(client: Follower, kind: Any) -> None:
    """Waves of requests, each sent before the acks of the wave before have come."""
    waves = [asyncio.ensure_future(client.pipeline(kind())) for _ in range(WAVES)]
    await asyncio.gather(*waves)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_racing_clients_end_with_the_same_state(serve: Serve, seed: int) -> None:
    server = await serve()
    chance = random.Random(seed)
    everything = await Follower(client="wall").connect(server.url)
    some = await Follower(client="desk", rooms=list(ROOMS)).connect(server.url, ["polling"])
    work = await Follower(source="ics:work").connect(server.url)
    home = await Follower(source="ics:home").connect(server.url, ["polling"])
    clients = (everything, some, work, home)
    for client in clients:
        await client.wait_for("state:sync")
    await asyncio.gather(
        race(everything, lambda: decisions(chance, everything.seq)),
        race(some, lambda: moves(chance)),
        race(work, lambda: pushes(chance)),
        race(home, lambda: pushes(chance)),
    )
    assert [client.faults for client in clients] == [[], [], [], []]
    last = (await everything.pipeline([("system:set", {"message": "the end"})]))[0]["seq"]
    await until(lambda: some.replica.mine["system"] == last, "the last patch")
    await everything.equals(server)
    await some.equals(server, *ROOMS)
    seqs = [patch["seq"] for patch in everything.received("state:patch")]
    assert seqs == list(range(1, last + 1))
    assert all(len(client.acks) >= WAVES for client in clients)
    for client in clients:
        assert not client.faults
        await client.disconnect()


NUMBER = st.integers(1, 4)
EVENTS = st.lists(
    st.builds(
        lambda n, title: {"id": f"e{n}", "title": f"text {title}", "start": "2026-11-23T09:00:00Z"},
        NUMBER,
        NUMBER,
    ),
    max_size=3,
)
OF_THE_SOURCE = st.one_of(
    st.builds(
        lambda items, mode: ("calendar:put", {"items": items, "mode": mode, "allow_empty": True}),
        EVENTS,
        st.sampled_from(["upsert", "replace"]),
    ),
    st.builds(lambda n: ("calendar:drop", {"ids": [f"e{n}"]}), NUMBER),
)
OF_A_PERSON = st.one_of(
    st.builds(
        lambda n, title: ("calendar:edit", {"code": f"C{n}", "set": {"title": f"mine {title}"}}),
        NUMBER,
        NUMBER,
    ),
    st.builds(lambda n: ("priorities:put", {"items": [{"id": f"p{n}", "title": "Sign"}]}), NUMBER),
    st.builds(
        lambda verb, n: (f"priorities:{verb}", {"code": f"P{n}"}),
        st.sampled_from(["complete", "reopen"]),
        NUMBER,
    ),
    st.builds(lambda n: ("priorities:drop", {"codes": [f"P{n}"]}), NUMBER),
)


@examples(8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(fed=st.lists(OF_THE_SOURCE, max_size=8), decided=st.lists(OF_A_PERSON, max_size=8))
async def test_any_requests_leave_snapshot_and_patches_equal_to_a_fresh_snapshot(
    server: RunningServer, fed: list[Ask], decided: list[Ask]
) -> None:
    everything = await Follower(client="wall").connect(server.url)
    some = await Follower(client="desk", rooms=list(ROOMS)).connect(server.url)
    work = await Follower(source="ics:work").connect(server.url)
    for client in (everything, some, work):
        await client.wait_for("state:sync")
    await asyncio.gather(everything.pipeline(decided), work.pipeline(fed))
    last = (await everything.pipeline([("system:set", {"message": str(everything.seq)})]))[0]["seq"]
    await until(lambda: some.replica.mine["system"] == last, "the last patch")
    await everything.equals(server)
    await some.equals(server, *ROOMS)
    for client in (everything, some, work):
        assert client.faults == []
        await client.disconnect()

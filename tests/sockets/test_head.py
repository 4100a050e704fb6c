"""`state:head`: a client that misses the newest patch learns of it though nothing else happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.abuse.arena import TRANSPORTS, Arena
from tests.abuse.raw import RawSocket
from tests.replica import as_held, canonical
from tests.running import WAIT_S, until
from tests.sockets.talking import Listener, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUICK_HEART = """
from sio_server.clients import transport

transport.PING_INTERVAL_S = 1
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quick(tmp_path_factory: pytest.TempPathFactory, both_paths: str) -> AsyncIterator[Arena]:
    """A server that pings every second."""
    async with Arena.in_folder(tmp_path_factory.mktemp("quick"), QUICK_HEART) as arena:
        yield arena


async def joined(arena: Arena, transport: str = "websocket", **auth: object) -> Listener:
    session = await TRANSPORTS[transport].open(arena.server)
    session.heads = True
    return await listening(session, **auth)


async def until_gap(listener: Listener) -> None:
    """Listens until the replica has noticed that it lacks something."""
    while not listener.replica.gap:
        await asyncio.wait_for(listener.hear(), WAIT_S)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_idle_client_is_told_where_the_server_stands_and_stands_there(
    quick: Arena, transport: str
) -> None:
    listener = await joined(quick, transport)
    seq = await quick.nudge()
    await asyncio.wait_for(listener.until_seq(seq), WAIT_S)
    for _ in range(2):
        head = await listener.until_head()
        newest = listener.patches[-1]
        position = {name: newest[name] for name in ("epoch", "seq", "mark")}
        assert head == position | {"rooms": {"state": seq}}
    await listener.session.leave()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_client_that_missed_the_newest_patch_is_in_step_again_without_another_change(
    quick: Arena, transport: str
) -> None:
    listener = await joined(quick, transport)
    listener.replica.strict = False
    seq = await quick.nudge()
    await asyncio.wait_for(listener.session.next_of('42["state:patch"'), WAIT_S)  # and nobody takes it in
    await until_gap(listener)
    position = listener.replica.position
    listener.replica.sync((await listener.session.ask("state:sync", position))["data"])
    assert listener.replica.mine == {"state": seq}
    assert canonical(listener.replica.held) == canonical(as_held(await quick.witness.state()))
    await listener.until_head()
    assert not listener.replica.gap
    await listener.session.leave()


async def test_a_client_in_sections_is_told_the_newest_patch_of_each(quick: Arena) -> None:
    listener = await joined(quick, rooms=["system", "priorities"])
    changed = await quick.nudge()
    await asyncio.wait_for(listener.until_seq(changed, "system"), WAIT_S)
    ack = await quick.witness.request("calendar:drop", {"ids": ["nothing"]})
    assert ack["seq"] == changed
    event = {"id": "e9", "title": "Elsewhere", "start": "2026-11-23T09:00:00Z"}
    elsewhere = (await quick.witness.request("calendar:put", {"items": [event]}))["seq"]
    head = await listener.until_head()
    while head["seq"] < elsewhere:
        head = await listener.until_head()
    assert head["rooms"].keys() == {"system", "priorities"}
    assert head["rooms"]["system"] == changed < head["seq"]
    assert head["rooms"]["priorities"] < changed
    assert len(listener.syncs) == 1
    await listener.session.leave()


async def test_a_client_in_no_room_is_told_nothing(quick: Arena) -> None:
    session = await (await RawSocket.open(quick.server)).join(rooms=[])
    session.heads = True
    other = await joined(quick)
    for _ in range(3):
        await other.until_head()
    await session.send('421["state:get",{}]')
    assert (await session.next()).startswith("431[")
    for leaving in (session, other.session):
        await leaving.leave()


async def test_patches_that_a_slow_pace_holds_back_are_not_told_before_they_come(quick: Arena) -> None:
    listener = await joined(quick, hz=0.4)  # a patch in 2.5 s, and a ping every second
    seqs = [await quick.nudge() for _ in range(3)]
    # A strict replica fails at a head that is ahead of what it was sent.
    await asyncio.wait_for(listener.until_seq(seqs[-1]), WAIT_S)
    assert (await listener.until_head())["seq"] == seqs[-1]
    await listener.session.leave()


async def test_a_client_that_lags_is_told_nothing_until_its_sync(quick: Arena) -> None:
    session = await RawSocket.open(quick.server, narrow=True)
    session.heads = True
    listener = await listening(session)
    session.stop_reading()
    while not (await quick.server.get("/stats"))[1]["clients"]["lagging"]:
        await quick.witness.done("brief:set", brief={"text": "x" * 100_000})
    heads = len(quick.witness.heads)
    await until(lambda: len(quick.witness.heads) > heads + 1, "two more pings")
    session.read_again()
    while len(listener.syncs) < 2:
        await asyncio.wait_for(listener.hear(), WAIT_S)
    await listener.until_head()
    await session.leave()

"""Many clients ask and change things at once (delivery/fanout): for each, patches and acks keep order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import SEPARATOR, RawPolling, RawSocket, Session
from tests.replica import as_held, canonical
from tests.running import WAIT_S
from tests.sockets.talking import Ask, Listener, event, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = Any

# All that is sent to one client is less than the bound on what it may leave unread: nobody lags.
REQUESTS = 80
TRANSPORTS: dict[str, list[type[RawSocket | RawPolling]]] = {
    "websocket": [RawSocket] * 12,
    "polling": [RawPolling] * 6,
    "both": [RawSocket] * 8 + [RawPolling] * 4,
}


def wish(chance: random.Random) -> Ask:
    """A read, a change, or a change that changes nothing; all of them are carried out."""
    id = f"p{chance.randrange(8)}"
    return chance.choice(
        [
            ("state:get", {"sections": ["system"]}),
            ("state:get", {"sections": ["sources"]}),
            ("brief:get", {}),
            ("system:set", {"progress": chance.randrange(3)}),
            ("priorities:put", {"items": [{"id": id, "title": str(chance.random())}]}),
            ("priorities:edit", {"id": "p1", "set": {"note": str(chance.random())}}),
            ("brief:set", {"brief": {"text": str(chance.random())}}),
        ]
    )


async def send_all(session: Session, packets: Sequence[str], chance: random.Random) -> None:
    """Sends in portions of any size, without waiting for anything in between."""
    at = 0
    while at < len(packets):
        portion = packets[at : at + chance.choice([1, 2, 7, 40])]
        at += len(portion)
        if isinstance(session, RawPolling):
            assert await session.post(SEPARATOR.join(portion).encode()) == 200
        else:
            assert isinstance(session, RawSocket)
            await session.write(session.frames(packet.encode() for packet in portion))


async def work(listener: Listener, chance: random.Random) -> None:
    """Pipelines requests while listening; the acks must come in their order."""
    packets = [event(id, *wish(chance)) for id in range(REQUESTS)]
    async with asyncio.timeout(4 * WAIT_S), asyncio.TaskGroup() as both:
        both.create_task(send_all(listener.session, packets, chance))
        both.create_task(listener.until_acks(REQUESTS))
    assert [id for id, _ in listener.acks] == list(range(REQUESTS))
    assert all(ack["ok"] for _, ack in listener.acks)
    seqs = [ack["seq"] for _, ack in listener.acks]
    assert seqs == sorted(seqs)


@pytest.mark.parametrize("kinds", TRANSPORTS.values(), ids=TRANSPORTS)
@pytest.mark.parametrize("seed", [1, 2])
async def test_each_client_gets_every_patch_once_before_the_acks_that_tell_of_it(
    arena: Arena, kinds: list[type[RawSocket | RawPolling]], seed: int
) -> None:
    async with arena.unharmed():
        listeners = [await listening(await kind.open(arena.server)) for kind in kinds]
        works = [work(listener, random.Random(f"{seed} {n}")) for n, listener in enumerate(listeners)]
        await asyncio.gather(*works)
        last = await arena.nudge()
        await asyncio.wait_for(asyncio.gather(*(listener.until_seq(last) for listener in listeners)), WAIT_S)
        fresh = canonical(as_held(await arena.witness.state()))
        for listener in listeners:
            seqs = [patch["seq"] for patch in listener.patches]
            assert seqs == list(range(listener.syncs[0]["seq"] + 1, last + 1))
            assert canonical(listener.replica.held) == fresh
            assert len(listener.syncs) == 1
            await listener.session.leave()


@pytest.mark.parametrize("kind", [RawSocket, RawPolling])
async def test_a_question_between_two_changes_sees_the_first_and_not_the_second(
    arena: Arena, kind: type[RawSocket | RawPolling]
) -> None:
    packets = []
    for number in range(40):
        packets.append(event(2 * number, "system:set", {"progress": number + 1}))
        packets.append(event(2 * number + 1, "state:get", {"sections": ["system"]}))
    async with arena.unharmed():
        listener = await listening(await kind.open(arena.server), rooms=[])
        await send_all(listener.session, packets, random.Random(1))
        await asyncio.wait_for(listener.until_acks(len(packets)), WAIT_S)
        seen = [ack["data"]["state"]["system"]["progress"] for id, ack in listener.acks if id % 2]
        assert seen == list(range(1, 41))
        await listener.session.leave()

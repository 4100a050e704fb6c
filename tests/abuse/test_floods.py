"""Clients that send much and read nothing: memory stays bounded and the others are served."""

from __future__ import annotations

import asyncio

import pytest

from tests.abuse.arena import EVENT, Arena, until_answer
from tests.abuse.raw import BINARY, PING, RawSocket, frame

pytestmark = pytest.mark.asyncio(loop_scope="module")

GET = b'421["state:get",{}]'
PLACEHOLDER = '{"_placeholder":true,"num":0}'
BOUND_BYTES = 24 << 20

# What is sent over and over, by a client that reads no answer.
FLOODS: dict[str, bytes] = {
    "requests for the whole state": RawSocket.frames([GET]),
    "changes": RawSocket.frames([b'421["system:set",{"message":"flood"}]']),
    "bad requests": RawSocket.frames([b'421["priorities:put",{"items":1}]']),
    "unknown events": RawSocket.frames([b'421["' + b"n" * 100 + b'",{}]']),
    "unknown namespaces": RawSocket.frames([b"40/" + b"n" * 200 + b",{}"]),
    "second connects": RawSocket.frames([b"40{}"]),
    "binary events": RawSocket.frames([f'451-1["x",{PLACEHOLDER}]'.encode()]) + frame(BINARY, b"\1"),
    "events without an ack": RawSocket.frames([b'42["state:get",{}]']),
}


@pytest.mark.parametrize("message", FLOODS.values(), ids=FLOODS)
async def test_10_000_messages_of_who_reads_nothing_leave_the_memory_bounded(
    arena: Arena, message: bytes
) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        await fill(arena)
        before = await arena.memory_bytes()
        session.stop_reading()
        session.write_soon(message * 10_000)
        served = [await arena.nudge() for _ in range(50)]
        assert served == sorted(served)
        await settled(arena)
        assert await arena.memory_bytes() - before < BOUND_BYTES


async def test_50_mb_of_pings_of_who_reads_nothing_leave_the_memory_bounded(arena: Arena) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        before = await arena.memory_bytes()
        session.stop_reading()
        session.write_soon(frame(PING, bytes(125)) * 400_000)
        await arena.nudge()
        await settled(arena)
        assert await arena.memory_bytes() - before < BOUND_BYTES


async def test_who_never_reads_while_2_000_changes_are_made_costs_the_server_little(arena: Arena) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        await session.ask("state:subscribe", {"rooms": ["state"]})
        before = await arena.memory_bytes()
        session.stop_reading()
        for change in range(200):
            puts = [[EVENT | {"description": f"{change}-{n} " + "d" * 10_000}] for n in range(10)]
            await asyncio.gather(*(arena.witness.done("calendar:put", items=items) for items in puts))
        assert await arena.memory_bytes() - before < BOUND_BYTES + (8 << 20)  # the newest commits are kept
        _, stats = await arena.server.get("/stats")
        assert len(stats["clients"]["lagging"]) == 1
        session.read_again()
        while "199-9 " not in await session.next_of('42["state:'):
            pass


async def test_10_000_events_with_acks_are_all_answered_in_order_once_they_are_read(arena: Arena) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        events = [f'42{id}["state:get",{{"sections":["system"]}}]'.encode() for id in range(10_000)]
        session.write_soon(RawSocket.frames(events))
        for id in range(10_000):
            assert (await session.next()).startswith(f'43{id}[{{"ok":true')


async def test_200_connections_that_never_join_do_not_keep_the_others_out(arena: Arena) -> None:
    async with arena.undisturbed():
        idle = [await RawSocket.open(arena.server) for _ in range(200)]
        async with arena.attacker() as session:
            assert (await session.ask("state:get", {}))["ok"]
        for socket in idle:
            await socket.leave()


async def fill(arena: Arena) -> None:
    """200 KB of state, so that answers are large."""
    items = [EVENT | {"id": f"f{n}", "description": "d" * 1_000} for n in range(200)]
    await arena.witness.done("calendar:put", items=items)


async def settled(arena: Arena) -> None:
    """Returns when the hub has nothing left to do."""

    async def queued() -> int:
        _, stats = await arena.server.get("/stats")
        return int(stats["hub"]["queued"])

    await until_answer(queued, 0, "the hub is idle")

"""What a session says and hears by hand, judged as the contract says."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from tests.abuse.raw import Session, ack_of, dump
from tests.replica import Replica
from tests.running import WAIT_S

Json = Any
Ask = tuple[str, Json]

MASK = bytes((0x37, 0xFA, 0x21, 0x3D))


def event(id: int, event: str, payload: Json) -> str:
    """An Engine.IO packet with a request."""
    return f"42{id}{dump([event, payload])}"


def masked(opcode: int, payload: bytes, *, fin: bool = True, form: int | None = None) -> bytes:
    """A frame with a mask that is not zero; `form` 7, 16 or 64 gives the length in so many bits."""
    size = len(payload)
    form = form or (7 if size < 126 else 16 if size < 1 << 16 else 64)
    if form == 7:
        length = bytes((0x80 | size,))
    else:
        length = bytes((0x80 | (126 if form == 16 else 127),)) + size.to_bytes(form // 8)
    covered = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))
    return bytes((fin << 7 | opcode,)) + length + MASK + covered


@dataclass
class Listener:
    """Takes a session's packets in, as they come: a strict replica, and the acks in their order."""

    session: Session
    replica: Replica = field(default_factory=Replica)
    acks: list[tuple[int, Json]] = field(default_factory=list)
    syncs: list[Json] = field(default_factory=list)
    patches: list[Json] = field(default_factory=list)
    heads: list[Json] = field(default_factory=list)
    _newest: dict[str, int] = field(default_factory=dict)

    async def hear(self) -> str:
        """Takes in the next packet; itself."""
        packet = await self.session.next()
        self.take(packet)
        return packet

    def take(self, packet: str) -> None:
        """Fails when a patch is missing, doubled or out of order, or comes after the ack of its seq."""
        if packet.startswith("43"):
            ack = ack_of(packet)
            self.acks.append((int(packet[2 : packet.index("[")]), ack))
            if ack["ok"] and isinstance(ack["data"], dict) and "mode" in ack["data"]:
                self.replica.sync(ack["data"])
                self._newest.clear()
            if ack["ok"] and "state" in self.replica.mine:
                assert self.replica.mine["state"] >= ack["seq"], (
                    f"an ack of {ack['seq']} at {self.replica.mine}"
                )
        elif packet.startswith("42"):
            name, payload = json.loads(packet[2:])
            if name.endswith(":patch"):
                self._follow(name.removesuffix(":patch"), payload)
            elif name == "state:sync":
                self.syncs.append(payload)
                self._newest.clear()
            elif name == "state:head":
                self.heads.append(payload)
            self.replica.take(name, payload)

    async def until_seq(self, seq: int, room: str = "state") -> None:
        """Listens up to that position."""
        while self.replica.mine.get(room, -1) < seq:
            await self.hear()

    async def until_head(self) -> Json:
        """Listens until the server says the next time where it stands; what it said."""
        heads = len(self.heads)
        while len(self.heads) == heads:
            await asyncio.wait_for(self.hear(), WAIT_S)
        return self.heads[-1]

    async def until_acks(self, count: int) -> None:
        """Listens until it has had so many acks."""
        while len(self.acks) < count:
            await self.hear()

    def _follow(self, room: str, patch: Json) -> None:
        assert room in self.replica.mine, f"a patch of {room} before its sync"
        newest = self._newest.get(room)
        if newest is None:  # in a section's room the sync may be newer than the room's last patch
            assert patch["prev"] <= self.replica.mine[room] < patch["seq"]
        else:
            assert patch["prev"] == newest, "a patch that does not follow on"
        self._newest[room] = patch["seq"]
        self.patches.append(patch)


async def listening(session: Session, **auth: Json) -> Listener:
    """A listener that is let in and has had its first sync."""
    listener = Listener(session)
    await session.send("40" + dump(auth))
    while not listener.syncs:
        await listener.hear()
    return listener

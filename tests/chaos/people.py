"""People who type: each line about what is on their own screen, with the position of what they saw."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from adjutant_client import Client, Unreachable
from tests.chaos.ledger import Ledger, Promise, Request
from tests.dashboard.node_client import DashboardClient

Json = Any

PATIENCE_S = 120.0
UNREACHABLE = {"ok": False, "error": {"code": "unreachable", "outcome": "unknown"}}
MANY = 40
"""So many priorities are enough: people rather drop than add then."""


@dataclass(frozen=True)
class Screen:
    """What somebody looks at; `shown` are the priorities."""

    epoch: str | None
    seq: int
    shown: list[Json]


class Seat(Protocol):
    """Where somebody sits: a client with a screen."""

    async def look(self) -> Screen:
        """What is on the screen now."""

    async def ask(self, event: str, payload: Json, epoch: str | None) -> Json:
        """The ack, once there is a final one."""

    async def held(self) -> Json:
        """The items, by section and id."""


class PythonSeat:
    """At the Python client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def look(self) -> Screen:
        replica = self._client.replica
        return Screen(replica.epoch, replica.seq, replica.items("priorities"))

    async def ask(self, event: str, payload: Json, epoch: str | None) -> Json:
        try:
            return await self._client.ack(event, payload, within_s=PATIENCE_S, epoch=epoch)
        except Unreachable:
            return UNREACHABLE

    async def held(self) -> Json:
        return self._client.replica.sections


class NodeSeat:
    """At the page's client under Node."""

    def __init__(self, client: DashboardClient) -> None:
        self._client = client

    async def look(self) -> Screen:
        held = await self._client.ask(do="held", sections=["priorities"])
        position = held["position"] or {"epoch": None, "seq": 0}
        return Screen(position["epoch"], position["seq"], list(held["sections"]["priorities"].values()))

    async def ask(self, event: str, payload: Json, epoch: str | None) -> Json:
        options = {"withinMs": PATIENCE_S * 1000} | ({} if epoch is None else {"epoch": epoch})
        return await self._client.request(event, payload, **options)

    async def held(self) -> Json:
        self._client.told.clear()
        return (await self._client.held())["sections"]


class Person:
    """Types one line after the other; now and then sends one twice, repeats an old one, or takes one back."""

    def __init__(self, name: str, seat: Seat, ledger: Ledger, chance: random.Random) -> None:
        self.name, self.seat = name, seat
        self._ledger, self._chance = ledger, chance
        self._number = 0
        self._handles: list[str] = []
        self._done: list[Request] = []

    async def work(self, goes_on: Callable[[], bool]) -> None:
        """Until it is over, and everything is answered."""
        while goes_on():
            await asyncio.sleep(self._chance.uniform(0.02, 0.25))
            match self._chance.random():
                case kind if kind < 0.08 and self._handles:
                    await self._send("command:undo", {"of": self._handles.pop()}, {}, None)
                case kind if kind < 0.16 and self._done:
                    await self._repeat(self._chance.choice(self._done[-20:]))
                case _:
                    await self._type(await self.seat.look())

    async def _type(self, screen: Screen) -> None:
        some = sorted(screen.shown, key=lambda item: item["code"])
        few = self._chance.sample(some, min(len(some), self._chance.choice((1, 1, 2, 3))))
        steps = [self._step(item, len(some)) for item in few] or [self._new()]
        if self._chance.random() < (0.1 if len(some) > MANY else 0.4):
            steps.append(self._new())
        aims = {("priorities", item["id"]): item["title"] for item in few}
        payload = {"text": " | ".join(steps), "seen": screen.seq}
        await self._send("command:run", payload, aims, screen.epoch)

    def _new(self) -> str:
        self._number += 1
        return f"add priority {self.name} wants {self._number}"

    def _step(self, item: Json, number: int) -> str:
        code = item["code"]
        if number > MANY and self._chance.random() < 0.5:
            return f"drop {code}"
        self._number += 1
        kinds = ("approve", "reopen", "snooze", "update", "note", "urgency", "drop")
        match self._chance.choice(kinds):
            case "snooze":
                return f"snooze {code} tomorrow 9am"
            case "update":
                return f"update {code} {self.name} says {self._number}"
            case "note":
                return f"note {code} thought {self._number}"
            case "urgency":
                return f"urgency {code} {self._chance.choice(('low', 'high'))}"
            case word:
                return f"{word} {code}"

    async def _send(
        self, event: str, payload: Json, aims: dict[tuple[str, str], str], epoch: str | None
    ) -> None:
        request = Request(f"{self._chance.getrandbits(96):x}", event, payload, aims)
        request.payload = payload | {"op": request.op}
        self._ledger.add(request)
        request.sent = 2 if self._chance.random() < 0.15 else 1
        asked = [self.seat.ask(event, request.payload, epoch) for _ in range(request.sent)]
        request.acks += await asyncio.gather(*asked)
        if (done := request.done) is not None:
            self._done.append(request)
            if done["data"].get("undo"):
                self._handles.append(done["data"]["undo"])

    async def _repeat(self, request: Request) -> None:
        """What was done long ago is asked once more: the answer is the old one."""
        screen = await self.seat.look()
        ack = await self.seat.ask(request.event, request.payload, screen.epoch)
        if ack == UNREACHABLE or ack.get("error", {}).get("code") == "unreachable":
            return
        first = request.done
        assert first is not None
        same = ack["ok"] and (ack["seq"], ack["data"]) == (first["seq"], first["data"])
        self._ledger.check(Promise.ONCE, same and "replay" in ack, f"{request.payload}: {ack}, was {first}")

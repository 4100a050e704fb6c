"""Clients over real sockets that send without waiting and keep a replica as the contract says."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from tests.replica import SECTIONS, Replica, as_held, canonical, check_ack
from tests.running import WAIT_S, PythonClient, RunningServer

Json = Any


class Follower(PythonClient):
    """A client whose messages and acks are checked against the models as they come."""

    def __init__(self, replica: Replica | None = None, **auth: Json) -> None:
        super().__init__(**auth)
        self.replica = replica or Replica()
        self.acks: list[tuple[str, Json, Json]] = []
        self.faults: list[BaseException] = []

    @property
    def seq(self) -> int:
        """The newest position that it holds in any room."""
        return max(self.replica.mine.values(), default=0)

    async def connect(self, url: str, transports: list[str] | None = None) -> Self:
        """Connects; itself, for chaining."""
        await super().connect(url, transports)
        return self

    async def send(self, event: str, payload: Json) -> asyncio.Future[Json]:
        """Sends without waiting for the ack."""
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

        def take(ack: Json) -> None:
            self._watch(self._take_ack, event, payload, ack)
            answer.set_result(ack)

        await self.sio.emit(event, payload, callback=take)
        return answer

    async def pipeline(self, requests: list[tuple[str, Json]]) -> list[Json]:
        """The acks of requests that are all sent before the first ack is looked at."""
        answers = [await self.send(event, payload) for event, payload in requests]
        return await asyncio.wait_for(asyncio.gather(*answers), WAIT_S)

    async def equals(self, server: RunningServer, *rooms: str) -> None:
        """Fails unless the replica, once in step, is what a fresh snapshot says."""
        fresh = (await self.pipeline([("state:get", {})]))[0]["data"]
        assert not self.faults, self.faults
        assert canonical(self.replica.held, rooms or SECTIONS) == canonical(
            as_held(fresh["state"]), rooms or SECTIONS
        )

    def _take_ack(self, event: str, payload: Json, ack: Json) -> None:
        check_ack(ack)
        self.acks.append((event, payload, ack))
        if not ack["ok"]:
            return
        if event == "state:subscribe":
            for room in payload["rooms"]:
                self.replica.mine.setdefault(room, 0)
            self.replica.sync(ack["data"]["sync"])
        elif event == "state:unsubscribe":
            for room in payload["rooms"]:
                self.replica.leave(room)
        elif "state" in self.replica.mine and "replay" not in ack:
            assert self.replica.mine["state"] >= ack["seq"], "the ack came before its patch"

    async def _record(self, event: str, payload: Json = None) -> Json:
        self._watch(self.replica.take, event, payload)
        return await super()._record(event, payload)

    def _watch(self, call: Any, *arguments: Any) -> None:
        try:
            call(*arguments)
        except Exception as fault:  # noqa: BLE001 - judged at the end of the test
            self.faults.append(fault)

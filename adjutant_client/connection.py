"""A connection that reconnects by itself and keeps the replica up to date."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from adjutant_client.address import Address
from adjutant_client.answer import Ack, Refused, refusal
from adjutant_client.backoff import Backoff
from adjutant_client.link import Link, Stage
from adjutant_client.replica import ROOM, Replica
from adjutant_client.silence import Silence
from adjutant_client.wire import Dropped, Pending, Reply, Take, Wire

_HELD_WELL_S = 5.0  # a connection that lasted longer resets the backoff
_FIRST_SYNC_S = 15.0  # a whole board over a slow line


class Connection:
    """Connects on entry and again after each loss, until exit.

    `client` is its name for others, `source` makes it that source's collector, `tz` is the zone of "9am",
    `board` the one to enter. With `follow` the `replica` holds it; `link` is the state of the connection,
    `auth` the handshake's payload. Errors: AddressError.
    """

    def __init__(  # all but two have a default
        self,
        url: str,
        *,
        client: str,
        token: str | None = None,
        source: str | None = None,
        tz: str | None = None,
        follow: bool = False,
        board: str | None = None,
    ) -> None:
        self._address, self._follow = Address.parse(url), follow
        self.url = self._address.shown
        self.link = Link(Stage.CONNECTING, datetime.now(UTC))
        self.replica = Replica()
        self.auth = {"client": client, "token": token, "source": source, "tz": tz}
        self.auth |= {} if board is None else {"board": board}
        self._takes: list[Take] = []
        self._replies: dict[str, Reply] = {}
        self._silence = Silence()
        self._keeper: asyncio.Task[None] | None = None
        self._wire: Wire | None = None
        self._in_step: Wire | None = None
        self._first_sync: Pending | None = None
        self._closing_gap: asyncio.Task[None] | None = None
        self._farewell: Refused | None = None
        self._failures, self._hurry = 0, asyncio.Event()
        self._moves, self._moved = 0, asyncio.Event()

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep())
        self._keeper.add_done_callback(lambda _: self._move())  # wakes whoever waits
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._keeper is not None
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)

    # Following.

    async def changes(self) -> AsyncGenerator[Link, None]:
        """Yields the link now, and again after changes of replica or link; several may come as one.

        Errors: Refused.
        """
        seen = -1
        while True:
            while seen == self._moves:
                self._check_goes_on()
                await self._moved.wait()
            seen = self._moves
            yield self.link

    async def connected(self) -> Wire:
        """The connection, once there is one, however long that takes; its `lost` is set when it drops.

        Errors: Refused.
        """
        wire = await self._connected(math.inf)
        assert wire is not None
        return wire

    def on_patch(self, take: Take) -> None:
        """Calls `take`, a plain function, with each patch that the replica applies, in order.

        Shape: models.change.Patch. A snapshot's contents do not come as patches.
        """
        self._takes.append(take)

    def on_request(self, event: str, reply: Reply) -> None:
        """Lets `reply` answer the server's calls of this event, from the next connect on."""
        self._replies[event] = reply

    # Staying connected.

    async def _connected(self, until_s: float) -> Wire | None:
        """The connection, None if none came in time; one attempt is always awaited.

        Errors: Refused.
        """
        failures = self._failures
        self._hurry.set()
        while (wire := self._in_step) is None or wire.lost.is_set():
            self._check_goes_on()
            left_s = until_s - self._now_s()
            if left_s <= 0 and self._failures > failures:
                return None
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s if 0 < left_s < math.inf else None):
                    await self._moved.wait()
        return wire

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _check_goes_on(self) -> None:
        """Errors: Refused, when the server does not admit this client."""
        if self._keeper is None:
            raise RuntimeError("A client connects when entered: use `async with Client(...) as client:`.")
        if not self._keeper.done():
            return
        if self._keeper.cancelled():
            raise RuntimeError("This client is closed.")
        try:
            self._keeper.result()
        except Refused as refused:
            raise Refused(refused.code, str(refused), refused.details) from None

    async def _keep(self) -> None:
        """Errors: Refused."""
        pauses = Backoff()
        while True:
            self._hurry.clear()
            began_s = self._now_s()
            lost = await self._hold()
            self._failures += 1
            self._stage(Stage.OFFLINE, str(lost))
            if self._now_s() - began_s > _HELD_WELL_S:
                pauses.reset()
            await asyncio.sleep(lost.after_s)
            with suppress(TimeoutError):  # a new request ends the pause
                async with asyncio.timeout(pauses.pause_s()):
                    await self._hurry.wait()

    async def _hold(self) -> Dropped:
        """One connection for as long as it lasts; returns how it ended. Errors: Refused."""
        lost = await self._hold_by("websocket")
        if not lost.blocked:
            return lost
        polled = await self._hold_by("polling")
        return lost if polled.blocked and not polled.told else polled

    async def _hold_by(self, transport: str) -> Dropped:
        self._farewell = self._closing_gap = None
        wire = self._wire = Wire(self._address, self._silence, self._messages(), self._replies)
        self._first_sync = wire.owes(lambda _: None, patience_s=_FIRST_SYNC_S)
        try:
            await wire.open(transport, self._hello())
            await wire.lost.wait()
        except Dropped as drop:
            return drop
        finally:
            self._in_step = None
            await wire.close()
        if self._farewell is not None:
            raise self._farewell
        return Dropped(wire.why_lost)

    def _hello(self) -> dict[str, Any]:
        hello: dict[str, Any] = {name: value for name, value in self.auth.items() if value is not None}
        if self.replica.position is not None:
            hello["resume"] = self.replica.position
        return hello | {"rooms": [ROOM] if self._follow else []}

    def _messages(self) -> dict[str, Take]:
        return {
            "connect": lambda _: self._stage(Stage.CATCHING_UP),
            "state:sync": self._on_sync,
            f"{ROOM}:patch": self._on_patch,
            "state:head": self._on_head,
            "server:bye": self._on_bye,
        }

    # Messages from the server.

    def _on_sync(self, sync: dict[str, Any]) -> None:
        wire, before = self._present(), self.replica.seq
        if self._first_sync is not None:
            wire.settle(self._first_sync)
        if self._follow and not self.replica.sync(sync):
            self._close_gap()
            return
        for patch in sync.get("patches", ()) if self._follow else ():
            if patch["seq"] > before:
                self._took(patch)
        self._in_step = wire
        self._stage(Stage.CONNECTED)

    def _on_patch(self, patch: dict[str, Any]) -> None:
        before = self.replica.seq
        if not self.replica.patch(patch):
            self._close_gap()
        elif self.replica.seq != before:
            self._took(patch)

    def _on_head(self, head: dict[str, Any]) -> None:
        """Checks the server's position, sent now and then, so that a missed last patch is noticed."""
        if self._follow and not self.replica.stands_at(head):
            self._close_gap()
        self._move()

    def _on_bye(self, bye: dict[str, Any]) -> None:
        message = str(bye["message"])
        if bye.get("retry", "no") == "no":
            self._farewell = Refused(str(bye["code"]), message)
        self._present().drop(message)

    def _took(self, patch: dict[str, Any]) -> None:
        for take in self._takes:
            try:
                take(patch)
            except Exception as error:  # noqa: BLE001 - it is not the server's fault, and must not look like it
                context = {"message": "A listener to patches failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
        self._move()

    def _close_gap(self) -> None:
        """Asks for a sync, once for each gap: patches before the answer show the same gap."""
        if self._closing_gap is None:
            self._stage(Stage.CATCHING_UP)
            self._closing_gap = asyncio.create_task(self._ask_for_sync(self._present()))

    async def _ask_for_sync(self, wire: Wire) -> None:
        with suppress(Dropped):
            # The answer is handled in order: if it were awaited here, the next patch could overtake it.
            await wire.send("state:sync", self.replica.position or {}, self._on_gap_closed)

    def _on_gap_closed(self, ack: Ack) -> None:
        self._closing_gap = None
        if ack["ok"]:
            self._on_sync(ack["data"])
        else:
            self._present().drop(str(refusal(ack)))

    def _present(self) -> Wire:
        assert self._wire is not None
        return self._wire

    # Notifying.

    def _stage(self, stage: Stage, why: str = "") -> None:
        since = self.link.since if stage is self.link.stage else datetime.now(UTC)
        self.link = Link(stage, since, why)
        self._move()

    def _move(self) -> None:
        self._moves += 1
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

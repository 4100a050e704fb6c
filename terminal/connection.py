"""The connection to the server: it comes back by itself, and brings the replica along."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from terminal.link import Link, Stage
from terminal.replica import ROOM, Replica
from terminal.wire import Ack, Dropped, Wire

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_OTHER_STORE = {"code": "stale_target", "message": "the board is another one now: look again", "retry": "no"}


class Refused(Exception):
    """The server does not let this client in, and will go on to do so; the message is for people."""


class Unreachable(Exception):
    """There was no answer in time; `sent` says that the request may have arrived all the same."""

    def __init__(self, why: str, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


class Connection:
    """Connects when it is entered, and again after each loss, until it is left.

    With a replica it follows the state; without one it only asks. `heard` is called whenever there is
    something new to see, in the replica or in `link`.
    """

    def __init__(
        self,
        url: str,
        *,
        client: str,
        token: str | None = None,
        tz: str | None = None,
        replica: Replica | None = None,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self.url = url
        self.link = Link(Stage.CONNECTING, datetime.now(UTC))
        self._client = {"client": client, "token": token, "tz": tz}
        self._replica = replica
        self._heard = heard
        self._wire: Wire | None = None
        self._up = asyncio.Event()
        self._resync: asyncio.Task[None] | None = None
        self._refusal: Refused | None = None

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep())
        self._keeper.add_done_callback(lambda _: self._up.set())  # whoever waits to ask hears of it
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        if self._resync is not None:
            await asyncio.gather(self._resync, return_exceptions=True)

    async def refused(self) -> None:
        """Goes on as long as the server lets this client in, or is away.

        Errors: Refused.
        """
        await asyncio.shield(self._keeper)

    async def request(
        self, event: str, payload: dict[str, Any], *, patience_s: float, epoch: str | None = None
    ) -> Ack:
        """The ack, whatever it says. Repeated unchanged until there is one: give an `op` for what changes
        something, and it is done once. What was `seen` in one store, that of `epoch` or else the present
        one, is never asked of another.

        Errors: Refused, Unreachable.
        """
        sent, ack, epoch = False, None, epoch or self._epoch
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while True:
                    wire = await self._ready()
                    if "seen" in payload and self._epoch != epoch:
                        return {"ok": False, "error": _OTHER_STORE}
                    sent = True
                    with suppress(Dropped):
                        ack = await wire.ask(event, payload)
                        if (pause_s := _pause_s(ack)) is None:
                            return ack
                        await asyncio.sleep(pause_s)
        if ack is None:
            raise Unreachable(f"{self.url}: {self.link.why or 'no answer'}", sent)
        return ack

    async def _ready(self) -> Wire:
        while True:
            await self._up.wait()
            if self._keeper.done():
                self._keeper.result()
            if self._wire is not None and not self._wire.lost.is_set():
                return self._wire
            self._up.clear()

    async def _keep(self) -> None:
        """Errors: Refused."""
        pause_s = _FIRST_PAUSE_S
        while True:
            begun_s = time.monotonic()
            why = await self._hold()
            self._stage(Stage.OFFLINE, why)
            if self._refusal is not None:
                raise self._refusal
            held_s = time.monotonic() - begun_s
            pause_s = _FIRST_PAUSE_S if held_s > _LONGEST_PAUSE_S else min(pause_s * 2, _LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1))  # so that not all come at once

    async def _hold(self) -> str:
        """One connection, for as long as it lasts; why it ended."""
        wire = self._wire = Wire(self._takes())
        try:
            await wire.open(self.url, self._hello())
            await wire.lost.wait()
            return "the connection dropped"
        except Dropped as drop:
            return str(drop)
        finally:
            self._up.clear()
            self._resync = None
            await wire.close()

    def _hello(self) -> dict[str, Any]:
        said = {name: value for name, value in self._client.items() if value is not None}
        if self._replica is None:
            return said | {"rooms": []}
        return said | {"rooms": [ROOM], "resume": self._replica.position}

    def _takes(self) -> dict[str, Callable[[Any], None]]:
        return {
            "connect": lambda _: self._stage(Stage.CATCHING_UP),
            "connect_error": self._on_connect_error,
            "state:sync": self._on_sync,
            f"{ROOM}:patch": self._on_patch,
            "server:bye": self._on_bye,
        }

    def _on_sync(self, sync: dict[str, Any]) -> None:
        self._resync = None
        if self._replica is not None and not self._replica.sync(sync):
            self._ask_for_sync()
        else:
            self._stage(Stage.CONNECTED)
            self._up.set()

    def _on_patch(self, patch: dict[str, Any]) -> None:
        if self._replica is not None and not self._replica.patch(patch):
            self._ask_for_sync()
        self._heard()

    def _ask_for_sync(self) -> None:
        """Once for each gap: the patches that come before the answer find the same gap."""
        if self._resync is None and self._wire is not None and self._replica is not None:
            self._stage(Stage.CATCHING_UP)
            position = self._replica.position or {}
            self._resync = asyncio.create_task(self._send_for_sync(self._wire, position))

    async def _send_for_sync(self, wire: Wire, position: dict[str, Any]) -> None:
        with suppress(Dropped):
            # The answer is taken in its turn: were it awaited here, the next patch could come before it.
            await wire.send("state:sync", position, lambda ack: self._on_sync(ack["data"]))

    def _on_connect_error(self, error: Any) -> None:
        if isinstance(error, dict) and isinstance(error.get("data"), dict):
            self._refuse(error["data"].get("retry", "no"), error.get("message"))

    def _on_bye(self, bye: dict[str, Any]) -> None:
        self._refuse(bye.get("retry", "no"), bye.get("message"))

    def _refuse(self, retry: object, message: object) -> None:
        if retry == "no":
            self._refusal = Refused(str(message or "the server refuses the connection"))

    def _stage(self, stage: Stage, why: str = "") -> None:
        since = self.link.since if stage is self.link.stage else datetime.now(UTC)
        self.link = Link(stage, since, why)
        self._heard()

    @property
    def _epoch(self) -> str | None:
        return None if self._replica is None else self._replica.epoch


def _pause_s(ack: Ack) -> float | None:
    """How long to wait before the same request is sent again; None when it is settled.

    What is `busy` is doing what was asked for already: asked again when it is through, it would do it twice.
    """
    error = ack.get("error") if ack.get("ok") is False else None
    if not isinstance(error, dict) or error.get("retry") not in ("same_op", "after"):
        return None
    if error.get("code") == "busy":
        return None
    after_ms = error.get("after_ms")
    return after_ms / 1000 if isinstance(after_ms, int | float) else 0.2

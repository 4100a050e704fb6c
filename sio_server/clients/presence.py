"""Which sources are connected: routes calls to them, and marks a source offline when its last one drops."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any, Protocol

from sio_server.clients.turns import Turns
from sio_server.hub.hub import Hub
from sio_server.registry.encoding import encode
from sio_server.registry.ops import Ops, SourceCall
from sio_server.registry.registry import Context, View
from sio_server.registry.roles import Principal

ACK_WITHIN_S = 10.0  # as long as a client waits for the server (dispatch.DEADLINE_S)
BACK_WITHIN_S = 15.0  # after a restart: longer than clients pause between two attempts
REASON_MAX = 300  # characters of a collector's own message, shown on the board

log = logging.getLogger("adjutant.presence")


class Callee(Protocol):
    """A connected client that can be called."""

    turns: Turns

    @property
    def came_as(self) -> Principal:
        """Who it is."""

    async def ask(self, event: str, payload: bytes) -> Any:
        """Sends an event and returns its ack."""


class Presence:
    """The connections of each source, newest last."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._source_hooks = hub.registry.source_hooks
        self._links: dict[str, list[Callee]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Ends runs from before the restart; sources that do not come back soon are marked offline."""
        await self._hub.commit_internal("server:restart", self._source_hooks.restarted)
        self._timer = asyncio.get_running_loop().call_later(BACK_WITHIN_S, self._miss_absent)

    def stop(self) -> None:
        """Stops marking sources offline."""
        if self._timer is not None:
            self._timer.cancel()

    def came(self, client: Callee) -> None:
        """Adds an admitted client."""
        if client.came_as.source is not None:
            self._links.setdefault(client.came_as.source, []).append(client)

    def left(self, client: Callee) -> None:
        """Removes a client whose connection is closed, after the requests it sent before."""
        if client.turns.after_reading(lambda: self.left(client)):
            return
        source = client.came_as.source
        links = [] if source is None else self._links.get(source, [])
        if source is None or client not in links:
            return
        links.remove(client)
        if not links:
            del self._links[source]
            self._note_left(source)

    def _note_left(self, source: str) -> None:
        def changes(view: View, ctx: Context) -> Ops:
            # It may have reconnected while this waited for its turn.
            return [] if source in self._links else self._source_hooks.left(view, ctx, source)

        self._spawn(self._hub.commit_internal("server:left", changes))

    def _miss_absent(self) -> None:
        for source in self._hub.state.rows[self._source_hooks.section]:
            if source not in self._links:
                self._note_left(source)

    def call(self, calls: Sequence[SourceCall]) -> None:
        """Makes the calls; a source that does not accept its call is noted on the board."""
        for call in calls:
            self._spawn(self._call(call))

    async def _call(self, call: SourceCall) -> None:
        fault = await self._fault_of(call)
        if fault is None:
            return

        def changes(view: View, ctx: Context) -> Ops:
            return self._source_hooks.unheard(view, ctx, call.source, call.run, fault)

        await self._hub.commit_internal("server:unheard", changes)

    async def _fault_of(self, call: SourceCall) -> str | None:
        """Why the source did not accept the call; None if it did.

        Of several connections the newest is asked first; a manual run accepts no calls.
        """
        faults = []
        try:
            async with asyncio.timeout(ACK_WITHIN_S):
                for link in self._links.get(call.source, [])[::-1]:
                    fault = await _fault_of(link, call)
                    if fault is None:
                        return None
                    faults.append(fault)
        except TimeoutError:
            return f"It did not answer within {ACK_WITHIN_S:g} s."
        return faults[-1] if faults else "It is not connected."

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("the state of a source could not be stored", exc_info=task.exception())


async def _fault_of(link: Callee, call: SourceCall) -> str | None:
    try:
        return _refusal_in(await link.ask(call.event, encode(call.payload)))
    except ConnectionError:
        return "Its connection dropped."


def _refusal_in(answer: Any) -> str | None:
    """The collector's reason for refusing; None when its ack is {ok: true}."""
    if isinstance(answer, dict) and answer.get("ok") is True:
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    said = error.get("message") if isinstance(error, dict) else None
    if not isinstance(said, str) or not said.strip():
        said = json.dumps(answer)  # whatever it was
    plain = "".join(mark if mark.isprintable() else " " for mark in said[:REASON_MAX])
    return f"It refused: {plain}"

"""Which sources are connected: routes calls to them, and marks a source offline when its last one drops.

A source may be connected to several nodes; each tells the others of its own (log.nodes).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from models.base import Item
from sio_server.clients.turns import Turns
from sio_server.hub.hub import Hub
from sio_server.hub.outcome import Outcome
from sio_server.log.base import LogError
from sio_server.log.nodes import Nodes
from sio_server.registry.encoding import encode
from sio_server.registry.ops import Json, Ops, SourceCall
from sio_server.registry.registry import Context, View
from sio_server.registry.roles import Principal
from sio_server.state.commit import Commit

ACK_WITHIN_S = 10.0  # as long as a client waits for the server (dispatch.DEADLINE_S)
BACK_WITHIN_S = 15.0  # after a restart: longer than clients pause between two attempts
LEFT = "server:left"
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
    """The connections of each source to this node, newest last."""

    def __init__(self, hub: Hub, nodes: Nodes) -> None:
        self._hub = hub
        self._nodes = nodes
        self._source_hooks = hub.registry.source_hooks
        self._links: dict[str, list[Callee]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._settling: set[str] = set()
        self._had_time = self._stopping = False

    async def start(self) -> None:
        """Ends runs from before the restart; sources that do not come back soon are marked offline."""
        if self._nodes.is_alone():
            await self._hub.commit_internal("server:restart", self._source_hooks.restarted)
        self._timer = asyncio.get_running_loop().call_later(BACK_WITHIN_S, self._miss_absent)

    def begin_anew(self) -> None:
        """The state was replaced by an older one: sources that it shows as connected are given time again."""
        if self._had_time:
            self._timer = asyncio.get_running_loop().call_later(BACK_WITHIN_S, self._miss_absent)

    def stop(self) -> None:
        """Stops marking sources offline: they may come back, here or at another node."""
        self._stopping = True
        if self._timer is not None:
            self._timer.cancel()

    def came(self, client: Callee) -> None:
        """Adds an admitted client."""
        source = client.came_as.source
        if source is not None:
            self._links.setdefault(source, []).append(client)
            if len(self._links[source]) == 1:
                self._spawn(self._note(partial(self._nodes.link, source)))

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
            if not self._stopping:
                self._spawn(self._note(partial(self._nodes.unlink, source)))
                self._note_left(source)

    def lost(self, names: Collection[str]) -> None:
        """Marks sources offline that were connected to nodes that died, and to no other since."""
        fresh = set(names) - self._settling
        if fresh and self._had_time and not self._stopping:
            self._spawn(self._settle(fresh))

    def follow(self, commit: Commit) -> None:
        """Looks at what another node has committed, before it is in the state: one that took this node for
        dead has marked its sources offline, which are connected here all the same."""
        known = self._hub.state.rows[self._source_hooks.section]
        for change in commit.changes if commit.cause["command"] == LEFT else ():
            if change.id in self._links and change.id in known:
                self._spawn(self._return(change.id, known[change.id].item))

    async def _return(self, source: str, before: Item) -> None:
        def changes(view: View, ctx: Context) -> Ops:
            return self._source_hooks.back(view, before) if source in self._links else []

        await self._hub.commit_internal("server:back", changes)

    async def _settle(self, names: set[str]) -> None:
        self._settling |= names
        try:
            outcomes = [await self._miss(source) for source in names]
            if all(outcome.error is None for outcome in outcomes):
                await self._note(partial(self._nodes.forget, names))
        finally:
            self._settling -= names

    async def _note(self, call: Callable[[], None]) -> None:
        """Tells other nodes which sources are connected. If that fails, the log does it when it can."""
        with suppress(LogError, RuntimeError):  # RuntimeError: the store's thread has ended
            await self._hub.on_store_thread(call)

    def _note_left(self, source: str) -> None:
        self._spawn(self._miss(source))

    async def _miss(self, source: str) -> Outcome:
        def changes(view: View, ctx: Context) -> Ops:
            # It may have reconnected while this waited for its turn; this is on the store's thread.
            here = source in self._links or self._nodes.elsewhere(source) is not None
            return [] if here else self._source_hooks.left(view, ctx, source)

        return await self._hub.commit_internal(LEFT, changes)

    def _miss_absent(self) -> None:
        self._had_time = True
        for source in self._hub.state.rows[self._source_hooks.section]:
            if source not in self._links:
                self._note_left(source)

    def call(self, calls: Sequence[SourceCall]) -> None:
        """Makes the calls; a source that does not accept its call is noted on the board."""
        for call in calls:
            self._spawn(self._call(call, ask_others=True))

    def hear(self, what: Json) -> None:
        """Makes the call that another node could not make."""
        call = SourceCall(**what["call"])
        if call.source in self._links:  # else it is another node's again, or nobody's
            self._spawn(self._call(call, ask_others=False))

    async def _call(self, call: SourceCall, ask_others: bool) -> None:
        fault = await self._fault_of(call)
        if fault is None or (ask_others and await self._is_passed_on(call)):
            return

        def changes(view: View, ctx: Context) -> Ops:
            return self._source_hooks.unheard(view, ctx, call.source, call.run, fault)

        await self._hub.commit_internal("server:unheard", changes)

    async def _is_passed_on(self, call: SourceCall) -> bool:
        """Whether the call is left to another node."""

        def pass_on() -> bool:
            node = self._nodes.elsewhere(call.source)
            if node is not None:
                self._nodes.tell(node, {"call": vars(call)})
            return node is not None

        try:
            return bool(await self._hub.on_store_thread(pass_on))
        except LogError:
            return False

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

"""Rate limit for one client's patches: those that come too soon are held and merged (decision 18)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson

from sio_server.registry.encoding import encode
from sio_server.registry.ops import EVERYTHING
from sio_server.registry.privacy import Seen
from sio_server.state.commit import Commit, EncodedChange
from sio_server.state.shown import change_for, commit_for
from sio_server.state.state import State


class Throttle:
    """Calls `flush(since)` when the patches held since that position may be sent."""

    def __init__(self, hz: float, flush: Callable[[int], None]) -> None:
        self._every_s = 1 / hz
        self._flush = flush
        self._since: int | None = None
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_holding(self) -> bool:
        """Whether patches are waiting to be sent."""
        return self._since is not None

    def holds(self, before: int) -> bool:
        """Whether the patches after position `before` must wait; if not, they count as sent."""
        loop = asyncio.get_running_loop()
        if self._since is None and loop.time() >= self._next_at:
            self._next_at = loop.time() + self._every_s
            return False
        if self._since is None:
            self._since = before
            self._timer = loop.call_at(self._next_at, self.hurry)
        return True

    def hurry(self) -> None:
        """Sends the held patches now."""
        since = self._since
        if since is not None:
            self.clear()
            self._next_at = asyncio.get_running_loop().time() + self._every_s
            self._flush(since)

    def clear(self) -> None:
        """Drops the held patches."""
        self._since = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def merge(state: State, room: str, commits: Sequence[Commit], seen: Seen | None = None) -> bytes | None:
    """One patch for a room that replaces the commits' own; None when none of them touches it.

    An item that changed more than once is sent whole, as it is now; one that was added and removed is not
    sent. `cause` and `at` are the last commit's.
    """
    touching = [commit for commit in commits if room == EVERYTHING or room in commit.prev]
    if seen is not None:
        touching = [commit_for(seen, commit, state.registry) for commit in touching]
    if len(touching) < 2:
        return touching[0].patch(state.epoch, room) if touching else None
    spans: dict[tuple[str, str], tuple[EncodedChange, EncodedChange]] = {}
    for commit in touching:
        for change in commit.changes:
            if room in (EVERYTHING, change.section):
                name = (change.section, change.id)
                spans[name] = (spans[name][0] if name in spans else change, change)
    parts = (_merged(state, *span, seen) for span in spans.values() if not (span[0].new and span[1].gone))
    first = touching[0]
    prev = first.seq - 1 if room == EVERYTHING else first.prev[room]
    return touching[-1].encode(state.epoch, prev, "", parts)


def _merged(state: State, first: EncodedChange, change: EncodedChange, seen: Seen | None) -> bytes:
    if change.gone or change is first:
        return change.json
    row = state.rows[change.section][change.id]
    named: dict[str, Any] = {"section": change.section, "id": change.id, "rev": row.item.rev}
    code = getattr(row.item, "code", None)
    named |= {"code": code} if code else {}
    whole = replace(change, json=encode(named | {"put": orjson.Fragment(row.json)}))
    shown = whole if seen is None else change_for(seen, whole, state.registry)
    assert shown is not None  # `change` is shown, too
    return shown.json

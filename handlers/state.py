"""The state as a whole: rooms, sync after a gap, a snapshot on demand."""

from __future__ import annotations

from typing import Any

from models.base import Nothing, format_instant
from models.change import Position, Sync
from models.history import Changes, GetChanges, GetHistory, History
from models.state import GetState, Pong, State, Subscribe, Subscribed, Unsubscribe, Unsubscribed
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Family
from sio_server.registry.roles import EVERYBODY

FAMILY = Family("state")


@FAMILY.query("subscribe", Subscribe, cost=5, returns=Subscribed)
async def subscribe(asker: Asker, payload: Subscribe) -> Json:
    """Joins rooms; the ack's sync brings them up to date, and patches follow from there."""
    return await asker.subscribe(payload.rooms, payload.resume)


@FAMILY.query("unsubscribe", Unsubscribe, roles=EVERYBODY, returns=Unsubscribed)
def unsubscribe(asker: Asker, payload: Unsubscribe) -> Json:
    """Leaves rooms."""
    return asker.unsubscribe(payload.rooms)


@FAMILY.query("sync", Position, cost=5, roles=EVERYBODY, returns=Sync)
async def sync(asker: Asker, payload: Position) -> Any:
    """Closes a gap: what the client missed in its rooms after the given position."""
    return await asker.sync(payload)


@FAMILY.query("ping", Nothing, roles=EVERYBODY, returns=Pong, aside=True)
def ping(asker: Asker, payload: Nothing) -> Json:
    """Answers at once, whatever else is in progress, to show that the connection works and what time it
    is at the server."""
    return {"now": format_instant(asker.now)}


@FAMILY.query("get", GetState, cost=5, roles=EVERYBODY, returns=State)
def get(asker: Asker, payload: GetState) -> Json:
    """A snapshot, whatever rooms the client is in; for a collector, of what is its own source's."""
    return asker.state(payload.sections)


@FAMILY.query("history", GetHistory, cost=5, returns=History)
async def history(asker: Asker, payload: GetHistory) -> Json:
    """An item's history, the newest first: what changed, when, by whom, by which command."""
    found = await asker.history(payload.id, payload.code, payload.seen, payload.limit)
    return {"entries": found}


@FAMILY.query("since", GetChanges, cost=5, returns=Changes)
async def since(asker: Asker, payload: GetChanges) -> Json:
    """What changed since a position, item by item: added, moved, done, removed and the like, and by whom."""
    return await asker.changes(payload.since, payload.limit)

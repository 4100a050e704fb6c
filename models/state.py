"""The requests about the state as a whole: rooms, sync, snapshot."""

from __future__ import annotations

from typing import Annotated

from models.base import Few, RoomName, Wire
from models.change import Board, Position, Sync

Rooms = Annotated[tuple[RoomName, ...], Few(32)]


class Subscribe(Wire):
    """Joins rooms; `resume` is the position that the client already holds in them."""

    rooms: Rooms
    resume: Position | None = None


class Unsubscribe(Wire):
    """Leaves rooms."""

    rooms: Rooms


class GetState(Wire):
    """Without `sections`, all of them."""

    sections: Rooms | None = None


class Subscribed(Wire):
    """All the rooms that the client is in, and the sync of those just joined."""

    rooms: tuple[str, ...]
    sync: Sync


class Unsubscribed(Wire):
    """The rooms that the client is still in."""

    rooms: tuple[str, ...]


class State(Wire):
    """A snapshot and its position."""

    epoch: str
    seq: int
    mark: str
    state: Board


class Pong(Wire):
    """`now` is the server's time, to the millisecond: what it calls today goes by it."""

    now: str

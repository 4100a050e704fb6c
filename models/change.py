"""Changes, the patches that carry them, positions, and the three forms of a sync."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from models.base import Epoch, Lax, RoomName, Seq, Wire
from models.sections import SectionInfo


class Cause(Wire):
    """Who made a commit, and by which request; `name` is what people call the actor, where that differs."""

    actor: str
    name: str | None = None
    command: str | None = None
    op: str | None = None


class Change(Wire):
    """One item's part of a commit: exactly one of `put` (the whole item), `set` (the changed
    fields, `rev` among them) and `gone`."""

    section: str
    id: str
    rev: int | None = None
    code: str | None = None
    put: dict[str, Any] | None = None
    set: dict[str, Any] | None = None
    gone: Literal[True] | None = None


class Patch(Wire):
    """`<room>:patch`: a commit as one room sees it; `prev` is the seq of the room's previous patch,
    `mark` the mark of the history that ends here."""

    epoch: str
    prev: Seq
    seq: Seq
    mark: str
    at: str
    cause: Cause
    changes: Annotated[tuple[Change, ...], Lax]


class RoomPatch(Patch):
    """A missed patch inside a delta, with the room it belongs to."""

    room: str


class SyncCurrent(Wire):
    """The client is up to date. `behind_s`, in each form: as in an ack."""

    mode: Literal["current"]
    epoch: str
    seq: Seq
    mark: str
    rooms: Annotated[tuple[str, ...], Lax]
    behind_s: int | None = None


class SyncDelta(Wire):
    """The patches that the client missed after `from`, in order."""

    mode: Literal["delta"]
    epoch: str
    seq: Seq
    mark: str
    from_: Annotated[Seq, Field(alias="from")]
    rooms: Annotated[tuple[str, ...], Lax]
    patches: Annotated[tuple[RoomPatch, ...], Lax]
    behind_s: int | None = None


class Board(RootModel[dict[str, Any]]):
    """The state as dashboards read it; a client in some sections' rooms has only those."""


class SyncSnapshot(Wire):
    """Replaces everything that the client holds of these rooms; `sections` describes the sections in it."""

    mode: Literal["snapshot"]
    epoch: str
    seq: Seq
    mark: str
    rooms: Annotated[tuple[str, ...], Lax]
    why: Literal["first", "epoch", "ahead", "too_old", "too_large", "slow", "rooms", "history"]
    state: Board
    sections: Annotated[tuple[SectionInfo, ...], Lax] = ()
    behind_s: int | None = None


class Sync(RootModel[Annotated[SyncSnapshot | SyncDelta | SyncCurrent, Field(discriminator="mode")]]):
    """`state:sync`, in one of its three forms."""


class Head(Wire):
    """The server's position, for a client that may have missed the newest patch: `rooms` has the seq of the
    newest patch of each of its rooms. `behind_s`: how many seconds old what is shown may be; without it, it
    is current."""

    epoch: str
    seq: Seq
    mark: str
    rooms: dict[str, Seq]
    behind_s: int | None = None


class Position(Wire):
    """A client's position: one `seq` for all its rooms, or one for each in `rooms`.

    `mark` came with the newest of them and proves that the client's history is the server's. Without it a
    position is believed, which may be wrong after the store was set back to an older copy.
    """

    epoch: Epoch | None = None
    seq: Seq | None = None
    mark: Annotated[str, Field(max_length=64)] | None = None
    rooms: dict[RoomName, Seq] | None = None

"""What a rule produces: ops, the record of a typed line, calls to sources, changes of an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from models.base import Item, Wire
from sio_server.people.authors import author_of

Json = Any

UNDONE, REDONE = "undo: ", "redo: "
"""Before the line that was undone, or done again: the line of an undo, and of the undo of an undo."""

EVERYTHING = "state"
"""The room that receives every section's changes."""


def name_of(cause: Mapping[str, Any]) -> str:
    """The displayed name of a commit's author (models.change.Cause)."""
    return str(cause.get("name") or author_of(cause["actor"]))


@dataclass(frozen=True)
class Put:
    """Stores the item; the machinery sets `rev` and `code`."""

    section: str
    item: Item


@dataclass(frozen=True)
class Drop:
    """Removes the item with this id, and rests its code; with an `heir`, the item put next under that id
    inherits it, code and all."""

    section: str
    id: str
    heir: str = ""


Ops = list["Put | Drop"]


@dataclass(frozen=True)
class Before:
    """An item before a line changed it; None if there was none."""

    section: str
    id: str
    item: Item | None


@dataclass(frozen=True)
class LineRecord:
    """A line that changed something, and what is needed to undo it.

    `undoes`   the handles of the lines that it undid
    `cancels`  their positions, if it did nothing else
    `also`     their items, by section and id: an item that needed no change counts as undone too
    `forward`  plain `undo` finds it; false if it was an undo itself
    """

    handle: str
    line: str
    before: tuple[Before, ...]
    undoes: tuple[str, ...] = ()
    cancels: tuple[int, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    forward: bool = True
    undone: bool = False
    seq: int = 0

    @property
    def does_again(self) -> bool:
        """Whether it is the undo of an undo."""
        return self.forward and self.line.startswith(REDONE)

    @property
    def takes_back(self) -> bool:
        """Whether there is anything to undo; a line that only starts a collection cannot be undone."""
        return bool(self.before or self.undoes)


@dataclass(frozen=True)
class ItemChange:
    """A change of an item: its position, author and command; `name` is the author's displayed name.

    `settled` are the fields that it gave back to the source, if it did nothing else: people see none of it.
    """

    seq: int
    actor: str
    command: str
    name: str = ""
    settled: frozenset[str] = frozenset()

    @classmethod
    def of(cls, seq: int, cause: Mapping[str, Any]) -> ItemChange:
        """The change by a commit with that cause."""
        return cls(seq, cause["actor"], cause.get("command") or "", name_of(cause))


def settled_by(was: Mapping[str, Any], now: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a change gave back to the item's source, if it did nothing else; `was` and `now` are
    the values of the changed fields. What the source says of a field that stays held is more than that."""
    if not {"held"} <= now.keys() - {"rev"} <= {"held", "source_values"}:
        return frozenset()
    kept = frozenset(now["held"] or ())
    gone = frozenset(was.get("held") or ()) - kept
    left = {name: value for name, value in (was.get("source_values") or {}).items() if name in kept}
    same = "source_values" not in now or (now["source_values"] or {}) == left
    return gone if same and kept < frozenset(was.get("held") or ()) else frozenset()


@dataclass(frozen=True)
class SourceCall:
    """An event for one source's connection, which must ack it; sent once the commit is on disk."""

    source: str
    run: int
    event: str
    payload: Wire | Json  # as JSON when another node passed it on


@dataclass(frozen=True)
class News:
    """An event for all clients of one person, sent once the commit is on disk."""

    whose: str
    event: str
    payload: Json


@dataclass(frozen=True)
class Push:
    """An event that the server sends; with an `answer` it expects an ack."""

    event: str
    payload: type[BaseModel]
    answer: type[BaseModel] | None = None


@dataclass(frozen=True)
class SourceActivity:
    """What a request did to one source's items; `pushed` if the source itself made it.

    `dismissed` are the items, as (section, id), that a person dropped; `back` those that came back, or that
    the source no longer has.
    """

    source: str
    grew: int
    changed: bool
    pushed: bool
    run: int | str | None = None
    dismissed: frozenset[tuple[str, str]] = frozenset()
    back: frozenset[tuple[str, str]] = frozenset()

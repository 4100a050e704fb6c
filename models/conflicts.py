"""Conflicts: two events at the same time."""

from __future__ import annotations

from typing import Annotated

from models.base import Item, Lax, Wire


class Conflict(Item):
    """Two events that the person the board is for attends, and the time at which they overlap. `title` says
    which they are; `events` are their ids, the earlier one first. `left_out`, in the last one: how many later
    conflicts are not listed."""

    title: str
    events: Annotated[tuple[str, ...], Lax]
    start: str
    end: str
    left_out: int = 0


class ConflictsState(Wire):
    """The section in a snapshot: sorted by start."""

    conflicts: Annotated[tuple[Conflict, ...], Lax]

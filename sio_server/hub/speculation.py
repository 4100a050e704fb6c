"""A large request's rule, run before its turn: what it gives counts if all that it read is still so then.

The write path is one thread: everybody's commands would wait as long as the rule takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn, cast

from models.base import Item
from sio_server.registry.ops import ItemChange, LineRecord
from sio_server.registry.registry import Delta, Section, T
from sio_server.state.draft import Draft
from sio_server.state.state import State


class Unforeseen(Exception):
    """The rule asks for what cannot be looked at again: it has to wait for its turn."""


class Glimpse:
    """The state as it is now, whatever comes later (registry.View); it notes what is read."""

    def __init__(self, state: State) -> None:
        self._rows = {name: dict(rows) for name, rows in state.rows.items()}
        self._heads = dict(state.heads)
        self._read: dict[str, dict[str, Item | None]] = {name: {} for name in self._rows}
        self._listed: set[str] = set()

    def get(self, section: Section[T], id: str) -> T | None:
        """The item, or None."""
        row = self._rows[section.name].get(id)
        item = None if row is None else row.item
        self._read[section.name][id] = item
        return cast("T | None", item)

    def items(self, section: Section[T]) -> Iterator[T]:
        """All items, in no order."""
        self._listed.add(section.name)
        return (cast(T, row.item) for row in self._rows[section.name].values())

    def is_still_so(self, draft: Draft) -> bool:
        """Whether all that was read is there as it was."""
        if any(draft.heads[name] != self._heads[name] for name in self._listed):
            return False
        return all(
            draft.item(name, id) is item
            for name, read in self._read.items()
            if name not in self._listed
            for id, item in read.items()
        )

    @property
    def seq(self) -> int:
        """Not known before its turn."""
        raise Unforeseen

    def by_code(self, section: Section[T], code: str, seen: int | None, guarded: bool = False) -> NoReturn:
        """Not looked at early."""
        raise Unforeseen

    def ran(self, person: str, handle: str | None, without: Collection[str] = ()) -> LineRecord | None:
        """Not looked at early."""
        raise Unforeseen

    def touched(self, section: str, id: str, since: int, without: Collection[int] = ()) -> ItemChange | None:
        """Not looked at early."""
        raise Unforeseen


@dataclass(frozen=True, slots=True)
class Early:
    """What a rule gave, and on what it rests."""

    delta: Delta
    glimpse: Glimpse

"""Speculative run of a large put: its result is used only if nothing it read has changed.

The write path is one thread: without this, everybody would wait for the rule (decision 28).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn, cast

from models.base import Item
from sio_server.registry.ops import ItemChange, LineRecord
from sio_server.registry.persons import Profiles
from sio_server.registry.privacy import NOBODY, Names
from sio_server.registry.registry import Delta, Section, T
from sio_server.state.draft import Draft
from sio_server.state.state import State


class CannotSpeculate(Exception):
    """The rule reads something that cannot be compared later, so it has to run in its turn."""


class RecordedView:
    """The state as of now, despite later changes (registry.View); records what is read."""

    def __init__(self, state: State) -> None:
        self._rows = {name: dict(rows) for name, rows in state.rows.items()}
        self._heads = dict(state.heads)
        self._epoch = state.epoch
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

    def still_holds(self, draft: Draft) -> bool:
        """Whether everything that was read is unchanged."""
        if draft.state.epoch != self._epoch:  # of another history, whose positions say nothing of these
            return False
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
        """Unknown before the turn. Errors: CannotSpeculate."""
        raise CannotSpeculate

    @property
    def as_of(self) -> int:
        """As `seq`."""
        raise CannotSpeculate

    @property
    def profiles(self) -> Profiles:
        """Cannot be compared later."""
        raise CannotSpeculate

    def by_code(
        self, section: Section[T], code: str, seen: int | None, guarded: bool = False, hidden: Names = NOBODY
    ) -> NoReturn:
        """Cannot be compared later."""
        raise CannotSpeculate

    def line_record(
        self, person: str, handle: str | None, without: Collection[str] = ()
    ) -> LineRecord | None:
        """Cannot be compared later."""
        raise CannotSpeculate

    def undo_record(self, person: str, without: Collection[str] = ()) -> LineRecord | None:
        """Cannot be compared later."""
        raise CannotSpeculate

    def last_change(
        self, section: str, id: str, since: int, without: Collection[int] = ()
    ) -> ItemChange | None:
        """Cannot be compared later."""
        raise CannotSpeculate


@dataclass(frozen=True, slots=True)
class Speculation:
    """A rule's result, and what it read."""

    delta: Delta
    view: RecordedView

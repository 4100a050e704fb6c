"""The state after some steps of a line (registry.View), before any of them is committed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain
from typing import cast

from models.base import Item
from sio_server.registry.ops import Before, Drop, ItemChange, LineRecord, Ops, Put
from sio_server.registry.persons import Profiles, updated
from sio_server.registry.privacy import NOBODY, Names
from sio_server.registry.registry import Delta, Registry, Section, T, View


class Preview:
    """A view with the steps taken so far on top; new items have no code yet."""

    def __init__(self, view: View, registry: Registry, ops: Iterable[Put | Drop] = ()) -> None:
        self._view = view
        self._registry = registry
        self._ops: dict[tuple[str, str], Put | Drop] = {name_of(op): op for op in ops}
        self._changes: dict[tuple[str, str], ItemChange] = {}
        self._undone: set[str] = set()
        self._cancelled: set[int] = set()
        self._profiles: Profiles | None = None

    def take(self, delta: Delta, change: ItemChange | None = None) -> tuple[Before, ...]:
        """Applies a step; returns its items as they were before it. `change` is what `last_change`
        reports for the step from then on.

        The bookkeeping on sources does not count, nor what follows from it; but that one is forgotten does,
        or is there again.
        """
        sections, noted = self._registry.sections, self._registry.source_hooks.section
        named = {name_of(op): isinstance(op, Put) for op in delta.ops}
        before = tuple(
            Before(section, id, old)
            for (section, id), stays in named.items()
            if not _only_follows(sections[section])
            for old in (self.get(sections[section], id),)
            if section != noted or (old is None) is stays
        )
        self._ops |= {name_of(op): op for op in delta.ops}
        if delta.profiles:
            self._profiles = updated(self.profiles, delta.profiles)
        if delta.line_record is not None:
            self._undone.update(delta.line_record.undoes)
            self._cancelled.update(delta.line_record.cancels)
        elif change is not None:
            self._changes |= {(item.section, item.id): change for item in before if self.changes(item)}
        return before

    def over(self, change: Callable[[View], View]) -> Preview:
        """The same steps on top of another view of the same state."""
        return Preview(change(self._view), self._registry, self._ops.values())

    def ops(self) -> Ops:
        """The sum of all steps, one op for each item."""
        return list(self._ops.values())

    def changes(self, before: Before) -> bool:
        """Whether the steps so far change the item; an undo brings back an old `rev`."""
        then = before.item
        now: Item | None = self.get(self._registry.sections[before.section], before.id)
        if now is None or then is None:
            return now is not then
        return now.model_copy(update={"rev": then.rev}) != then

    @property
    def profiles(self) -> Profiles:
        """The profiles, by `Principal.whose`."""
        return self._view.profiles if self._profiles is None else self._profiles

    @property
    def seq(self) -> int:
        """The position before the line."""
        return self._view.seq

    @property
    def as_of(self) -> int:
        """The position that the line comes to, if its steps so far change anything."""
        sections = self._registry.sections
        before = (Before(name, id, self._view.get(sections[name], id)) for name, id in self._ops)
        return self._view.as_of + any(map(self.changes, before))

    def get(self, section: Section[T], id: str) -> T | None:
        """The item, or None."""
        op = self._ops.get((section.name, id))
        if op is None:
            return self._view.get(section, id)
        return cast(T, op.item) if isinstance(op, Put) else None

    def items(self, section: Section[T]) -> Iterator[T]:
        """All items, in no order."""
        over = {id: op for (name, id), op in self._ops.items() if name == section.name}
        old = (item for item in self._view.items(section) if item.id not in over)
        return chain(old, (cast(T, op.item) for op in over.values() if isinstance(op, Put)))

    def by_code(
        self, section: Section[T], code: str, seen: int | None, guarded: bool = False, hidden: Names = NOBODY
    ) -> T:
        """The item that had the code before the line."""
        return self._view.by_code(section, code, seen, guarded, hidden)

    def line_record(
        self, person: str, handle: str | None, without: Collection[str] = ()
    ) -> LineRecord | None:
        """The person's line; plain `undo` skips one that an earlier step undid."""
        return self._view.line_record(person, handle, {*without, *self._undone})

    def undo_record(self, person: str, without: Collection[str] = ()) -> LineRecord | None:
        """The person's undo; `redo` skips one that an earlier step took back."""
        return self._view.undo_record(person, {*without, *self._undone})

    def last_change(
        self, section: str, id: str, since: int, without: Collection[int] = ()
    ) -> ItemChange | None:
        """The newest change of the item after that position, by a step of the line or before it."""
        here = self._changes.get((section, id))
        return here or self._view.last_change(section, id, since, {*without, *self._cancelled})


def _only_follows(section: Section[T]) -> bool:
    """Whether all its items come from others' changes: people decide nothing about what has no codes."""
    return section.follow is not None and section.prefix is None


def name_of(op: Put | Drop) -> tuple[str, str]:
    """Section and id of the item."""
    return (op.section, op.item.id) if isinstance(op, Put) else (op.section, op.id)

"""The state as somebody sees it from whom some sources are hidden (registry.View)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from models.ack import ErrorCode
from models.base import Item
from sio_server.registry.encoding import encode
from sio_server.registry.errors import Refusal, invalid_state
from sio_server.registry.ops import ItemChange, LineRecord, Ops, Put
from sio_server.registry.persons import Profiles
from sio_server.registry.preview import Preview
from sio_server.registry.privacy import NOBODY, Names
from sio_server.registry.registry import Context, Registry, Section, T, View
from sio_server.registry.roles import ADMINS, Principal

UNTOLD = "a change"
"""Stands for a command that may quote what is hidden."""


def veiled(view: View, hidden: Names, registry: Registry, *, outlines: bool = False) -> View:
    """The view without the hidden sources; the same one if there are none. `outlines`: whether outlines of
    hidden items are shown (`outlined`)."""
    return Veiled(view, hidden, registry, outlines=outlines) if hidden else view


def outlined(view: View, section: Section[T]) -> Iterator[T]:
    """The hidden items of which outlines are shown. A rule may use what an outline tells (Section.outline),
    and nothing else of them."""
    return view.outlined(section) if isinstance(view, Veiled) else iter(())


def unveiled(view: View) -> View:
    """The view with all sources: for who may remove one without seeing what it has."""
    if isinstance(view, Preview):
        return view.over(unveiled)
    return unveiled(view.whole) if isinstance(view, Veiled) else view


def in_reach(view: View, who: Principal) -> View:
    """The view in which somebody looks for a source to remove: administrators see the names of all."""
    return unveiled(view) if who.role in ADMINS else view


def not_its_collector() -> Refusal:
    """Somebody acts as a source of which they see nothing."""
    return Refusal(
        ErrorCode.FORBIDDEN, "This source is private: only its own collector's token may act as it."
    )


def refuse_to_name(private: Names, ops: Ops, registry: Registry) -> None:
    """Nothing that all see may name what is private, by an id or as evidence.

    Errors: invalid_state.
    """
    items = [
        op.item for op in ops if isinstance(op, Put) and registry.owner(op.section, op.item.id) not in private
    ]
    if any(names_one(private, item, registry) for item in items):
        raise invalid_state("What all see cannot name what is private.")


def names_one(private: Names, item: Item, registry: Registry) -> bool:
    """Whether a field of the item is the id of something private, alone or as evidence."""
    json = encode(item)
    begins = ('"', '"records/', *(f'"{section}/' for section in registry.sections))
    return any(f"{before}{name}/".encode() in json for name in private for before in begins)


def tick_of(section: Section[Any]) -> Callable[[View, Context], Ops]:
    """The section's changes that are due by time, worked out from what it may see."""
    tick = section.tick
    assert tick is not None
    if not section.shared:
        return tick
    return lambda view, ctx: tick(veiled(view, ctx.private, ctx.registry), ctx)


class Veiled:
    """A view in which the hidden sources, and all that is theirs, do not exist."""

    def __init__(self, view: View, hidden: Names, registry: Registry, *, outlines: bool = False) -> None:
        self.whole = view
        self._outlines = outlines
        self._hidden = hidden
        self._owner = registry.owner

    @property
    def seq(self) -> int:
        """The position."""
        return self.whole.seq

    @property
    def as_of(self) -> int:
        """The position that has all that is seen here, once it is committed."""
        return self.whole.as_of

    @property
    def profiles(self) -> Profiles:
        """The profiles, by `Principal.whose`."""
        return self.whole.profiles

    def get(self, section: Section[T], id: str) -> T | None:
        """The item, or None."""
        return None if self._owner(section.name, id) in self._hidden else self.whole.get(section, id)

    def items(self, section: Section[T]) -> Iterator[T]:
        """All items, in no order."""
        name, owner, hidden = section.name, self._owner, self._hidden
        return (item for item in self.whole.items(section) if owner(name, item.id) not in hidden)

    def outlined(self, section: Section[T]) -> Iterator[T]:
        """The hidden items of which outlines are shown."""
        if not self._outlines or section.outline is None:
            return iter(())
        name, owner, hidden = section.name, self._owner, self._hidden
        return (item for item in self.whole.items(section) if owner(name, item.id) in hidden)

    def by_code(
        self, section: Section[T], code: str, seen: int | None, guarded: bool = False, hidden: Names = NOBODY
    ) -> T:
        """The item that the person meant; one that is hidden is refused like a code that never was."""
        return self.whole.by_code(section, code, seen, guarded, hidden | self._hidden)

    def line_record(
        self, person: str, handle: str | None, without: Collection[str] = ()
    ) -> LineRecord | None:
        """The person's line, unless it was about something that is now hidden from them."""
        return self._shown(self.whole.line_record(person, handle, without))

    def undo_record(self, person: str, without: Collection[str] = ()) -> LineRecord | None:
        """The person's undo, unless it was about something that is now hidden from them."""
        return self._shown(self.whole.undo_record(person, without))

    def _shown(self, record: LineRecord | None) -> LineRecord | None:
        if record is None:
            return None
        named = [(before.section, before.id) for before in record.before]
        return None if any(self._owner(*name) in self._hidden for name in (*named, *record.also)) else record

    def last_change(
        self, section: str, id: str, since: int, without: Collection[int] = ()
    ) -> ItemChange | None:
        """The newest change of the item; not by which line, since that may be about other items too."""
        change = self.whole.last_change(section, id, since, without)
        if change is None:
            return None
        told = replace(change, command=UNTOLD)
        return replace(told, actor=UNTOLD, name=UNTOLD) if change.actor in self._hidden else told

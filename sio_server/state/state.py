"""The state in memory: exactly what is on disk, with each item encoded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from models.base import CodedItem, Item
from sio_server.registry.errors import bad_request, not_found
from sio_server.registry.ops import EVERYTHING, Json
from sio_server.registry.persons import Profile, Profiles, updated
from sio_server.registry.privacy import Privacy, Seen
from sio_server.registry.registry import Registry
from sio_server.state.codes import CodeBook, Rest
from sio_server.state.commit import Commit, EncodedChange
from sio_server.state.shown import of_rows
from sio_server.state.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Row:
    """An item, its encoded form, and the seq of the last change to its text for people."""

    item: Item
    json: bytes
    text_seq: int


@dataclass(frozen=True, slots=True)
class Effect:
    """One changed item: what the log writes (`row` None: removed) and what clients see."""

    section: str
    id: str
    row: Row | None
    change: EncodedChange
    code: str | None = None
    label: str | None = None  # the item's text, when it is new or changed
    rest: Rest | None = None  # of its code, if that became free or went to another item
    restored: bool = False
    settled: frozenset[str] = frozenset()  # what it gave back to the source, if nothing else (ItemChange)


class State:
    """All items, by section and id. Only the hub changes it."""

    def __init__(self, registry: Registry, epoch: str) -> None:
        self.registry = registry
        self.epoch = epoch
        self.seq = 0
        self.heads: dict[str, int] = dict.fromkeys(registry.rooms, 0)
        self.marks: dict[str, str] = dict.fromkeys(registry.rooms, "")
        self.profiles: Profiles = {}
        self.privacy = Privacy()
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in registry.sections}
        self.sizes = Sizes()
        self.books = {
            name: CodeBook(section.prefix)
            for name, section in registry.sections.items()
            if section.prefix is not None
        }

    @property
    def mark(self) -> str:
        """The mark of the history that ends at `seq`."""
        return self.marks[EVERYTHING]

    def named(self, code: str) -> tuple[str, str]:
        """Section and id of the item that has the code or had it last.

        Errors: bad_request, not_found.
        """
        for name, book in self.books.items():
            number = book.number(code)
            if number is not None:
                rest = book.resting.get(number)
                id = book.holders.get(number) or (rest and rest.id)
                if not id:
                    raise not_found(code)
                return name, id
        raise bad_request(f"{code}: no codes begin with {code[0]}.", ("code", "begins with another letter"))

    def load(self, section: str, row: Row) -> None:
        """Loads an item from the log at startup."""
        self.rows[section][row.item.id] = row
        self.sizes.count(None, row)
        if isinstance(row.item, CodedItem):
            self.books[section].hold(row.item.code, row.item.id)

    def fold(self, commit: Commit, effects: Sequence[Effect]) -> list[Row]:
        """Applies a commit that is on disk; returns the rows that it replaced."""
        old: list[Row] = []
        for effect in effects:
            rows = self.rows[effect.section]
            before = rows.pop(effect.id, None) if effect.row is None else rows.get(effect.id)
            if before is not None:
                old.append(before)
            if effect.row is not None:
                rows[effect.id] = effect.row
            self.sizes.count(before, effect.row)
            if effect.code is not None and (effect.change.new or effect.change.gone):
                self.books[effect.section].fold(effect.code, effect.id, effect.rest)
        rooms = [*commit.prev, EVERYTHING]
        self.heads |= dict.fromkeys(rooms, commit.seq)
        self.marks |= dict.fromkeys(rooms, commit.mark)
        self.seq = commit.seq
        return old

    def become(self, other: State) -> None:
        """Takes over all that the other one holds, of the same registry."""
        self.epoch, self.seq, self.heads, self.marks = other.epoch, other.seq, other.heads, other.marks
        self.profiles, self.rows, self.books = other.profiles, other.rows, other.books
        self.sizes = other.sizes
        self.privacy.policy = other.privacy.policy

    def keep(self, profiles: Mapping[str, Profile | None]) -> None:
        """Takes over profiles that are on disk."""
        self.profiles = updated(self.profiles, profiles)

    @property
    def size(self) -> int:
        """The number of items."""
        return sum(map(len, self.rows.values()))

    def counts(self) -> dict[str, int]:
        """How many items each section has; of private sources none."""
        private, owner = self.privacy.private, self.registry.owner
        if not private:
            return {name: len(rows) for name, rows in self.rows.items()}
        return {name: sum(owner(name, id) not in private for id in rows) for name, rows in self.rows.items()}

    def snapshot(
        self, sections: Sequence[str], of: str | None = None, seen: Seen | None = None
    ) -> dict[str, Json]:
        """The sections in the shape for dashboards, with encoded items; with `of`, only that source's items,
        with `seen` what those see who do not see everything.

        Cost: sorts each section's items; the items themselves are already encoded.
        """
        state: dict[str, Json] = {}
        for name in sections:
            section = self.registry.sections[name]
            found = [*self.rows[name].values()]
            if of is not None:
                found = [row for row in found if self._is_of(of, name, row.item)]
            rows = sorted(found, key=lambda row: section.sort_key(row.item))
            shown = [(row.item, row.json) for row in rows]
            if seen is not None:
                shown = [*of_rows(self.registry, name, rows, seen)]
            state |= section.place([(item, orjson.Fragment(json)) for item, json in shown])
        return state

    def _is_of(self, source: str, section: str, item: Item) -> bool:
        if section == self.registry.source_hooks.section:
            return item.id == source
        return getattr(item, "source", None) == source != ""

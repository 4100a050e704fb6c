"""The overlay on the state in which a batch's rules run (registry.View).

It shows the committed state with the batch's changes on top; after a failed append it is dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, cast

import orjson

from models.ack import ErrorCode, Retry
from models.base import CodedItem, Item
from models.quoting import quoted
from sio_server import garbage
from sio_server.registry.encoding import encode, fields_of
from sio_server.registry.errors import Refusal, bad_request, not_found
from sio_server.registry.ops import EVERYTHING, Drop, ItemChange, LineRecord, Ops, settled_by
from sio_server.registry.persons import Profile, Profiles, updated
from sio_server.registry.privacy import NOBODY, Names
from sio_server.registry.registry import Section, T
from sio_server.state.codes import CodeDraft, Rest
from sio_server.state.commit import Commit, EncodedChange, compact, next_mark
from sio_server.state.history import History
from sio_server.state.history_draft import HistoryDraft
from sio_server.state.state import Effect, Row, State

PART_MAX = 300  # characters of each part: enough to tell items apart


class Draft:
    """The state with a batch's changes on top."""

    def __init__(self, state: State, history: History, now_s: float) -> None:
        self.state = state
        self.heads = dict(state.heads)
        self._seq = state.seq
        self._mark = state.mark
        self._history = HistoryDraft(history, state.registry, state.seq)
        self._now_s = now_s
        self._rows: dict[str, dict[str, Row | None]] = {name: {} for name in state.rows}
        self.sizes = state.sizes.copy()
        self._codes = {name: CodeDraft(book) for name, book in state.books.items()}
        self._left: dict[tuple[str, str], Row] = {}
        self.profiles: Profiles = state.profiles

    @property
    def seq(self) -> int:
        """The position."""
        return self._seq

    @property
    def as_of(self) -> int:
        """The same: what is seen is committed, or about to be."""
        return self._seq

    def row(self, section: str, id: str) -> Row | None:
        """The item's row as the batch left it."""
        over = self._rows[section]
        return over[id] if id in over else self.state.rows[section].get(id)

    def item(self, section: str, id: str) -> Item | None:
        """The item as the batch left it."""
        row = self.row(section, id)
        return None if row is None else row.item

    def get(self, section: Section[T], id: str) -> T | None:
        """The item, or None."""
        return cast("T | None", self.item(section.name, id))

    def items(self, section: Section[T]) -> Iterator[T]:
        """All items, in no order."""
        rows, over = self.state.rows[section.name], self._rows[section.name]
        old = (row.item for id, row in rows.items() if id not in over)
        new = (row.item for row in over.values() if row is not None)
        return cast("Iterator[T]", chain(old, new))

    def by_code(
        self, section: Section[T], code: str, seen: int | None, guarded: bool = False, hidden: Names = NOBODY
    ) -> T:
        """The item that the person meant by `code` when they looked, at position `seen`."""
        codes = self._codes[section.name]
        number = codes.book.number(code)
        if number is None:
            message = f"{code} is not a code of the {section.name}: those begin with {section.prefix}."
            raise bad_request(message, ("code", f"does not begin with {section.prefix}"))
        if seen is not None and seen > self.seq:
            message = "`seen` is ahead of the server: sync first, then look again."
            details = [{"path": "seen", "message": "is ahead of the server"}]
            raise Refusal(ErrorCode.BAD_REQUEST, message, retry=Retry.RESYNC, details=details)
        holder = codes.holder(number)
        if holder is None:
            rest = self._unless(hidden, section, codes.rest(number, self._now_s))
            if rest is None or (not guarded if seen is None else seen >= rest.seq):
                raise not_found(code)
            then = None if seen is None or hidden else self._history.text_at(section.name, code, seen)
            raise self._stale(section, code, then or rest.label, None)
        row = cast(Row, self.row(section.name, holder))
        if hidden and self.state.registry.owner(section.name, row.item.id) in hidden:
            raise not_found(code)
        if seen is not None and row.text_seq > seen:
            # Whose the code was at that position is not known: it may have been a hidden item's.
            then = None if hidden else self._history.text_at(section.name, code, seen)
            raise self._stale(section, code, then, row)
        former = codes.former(number, self._now_s) if guarded and seen is None else None
        former = self._unless(hidden, section, former)
        if former is not None:
            raise self._stale(section, code, former.label, row)
        return cast(T, row.item)

    def _unless(self, hidden: Names, section: Section[T], rest: Rest | None) -> Rest | None:
        """What had the code before, unless it was a hidden source's."""
        known = rest is not None and self.state.registry.owner(section.name, rest.id) not in hidden
        return rest if known else None

    def _stale(self, section: Section[T], code: str, then: str | None, row: Row | None) -> Refusal:
        now = None if row is None else text_of(section, row.item)
        message = f"{code} is no longer what you were looking at" + (
            ": that item is gone."
            if now is None
            else f": it is now {quoted(now)}."
            if now != then
            else f": {quoted(now)} has since been changed, or removed and brought back."
        )
        details = {"code": code, "then": then, "now": now}
        return Refusal(ErrorCode.STALE_TARGET, message, retry=Retry.RESYNC, details=details)

    def line_record(
        self, person: str, handle: str | None, without: Collection[str] = ()
    ) -> LineRecord | None:
        """The person's line with that handle; None for the newest that plain `undo` would undo."""
        return self._history.line_record(person, handle, without)

    def undo_record(self, person: str, without: Collection[str] = ()) -> LineRecord | None:
        """The person's newest undo, if no line came after it."""
        return self._history.undo_record(person, without)

    def last_change(
        self, section: str, id: str, since: int, without: Collection[int] = ()
    ) -> ItemChange | None:
        """The newest change of the item after that position that was not itself undone."""
        return self._history.last_change(section, id, since, without)

    def note(self, person: str, record: LineRecord | None, changed: bool) -> LineRecord | None:
        """Stores a line that was just applied; returns it with its position, None if nothing was stored."""
        return self._history.note(person, record, changed, self._seq)

    def keep(self, profiles: Mapping[str, Profile | None]) -> None:
        """Shows changed profiles to later rules."""
        self.profiles = updated(self.profiles, profiles)

    def free(self) -> None:
        """Frees the draft, a little at a time."""
        garbage.free(self._history.item_changes, *self._rows.values())

    def apply(
        self, ops: Ops, at: str, cause: dict[str, Any], following: Collection[tuple[str, str]] = ()
    ) -> tuple[Commit, list[Effect]] | None:
        """Applies the ops to the view; None if they change nothing, so that no seq is used. `following` are
        the items (section, id) whose changes only follow from the others."""
        seq = self.seq + 1
        effects = [effect for op in ops if (effect := self._apply_one(op, seq)) is not None]
        if not effects:
            return None
        touched = {effect.section: None for effect in effects}
        prev = {section: self.heads[section] for section in touched}
        self.heads |= dict.fromkeys([*touched, EVERYTHING], seq)
        self._seq = seq
        change = ItemChange.of(seq, cause)
        item_changes = self._history.item_changes
        for effect in effects:
            settled = replace(change, settled=effect.settled) if effect.settled else change
            item_changes.setdefault((effect.section, effect.id), []).append(settled)
        changes = tuple(_noted(effect, following) for effect in effects)
        self._mark = next_mark(self._mark, cause, at, changes)
        return Commit(seq, at, cause, prev, changes, self._mark), effects

    def _apply_one(self, op: Any, seq: int) -> Effect | None:
        if isinstance(op, Drop):
            return self._drop(op, seq)
        left = self._left.pop((op.section, op.item.id), None)
        if left is not None:
            return self._inherit(op.section, op.item, left, seq)
        old = self.row(op.section, op.item.id)
        return self._add(op.section, op.item, seq) if old is None else self._change(op, old, seq)

    def _set(self, section: str, id: str, old: Row | None, new: Row | None) -> None:
        self._rows[section][id] = new
        self.sizes.count(old, new)

    def _add(self, name: str, item: Item, seq: int) -> Effect:
        section = self.state.registry.sections[name]
        code = rest = None
        restored = False
        given: dict[str, Any] = {"rev": item.rev + 1}
        if isinstance(item, CodedItem):
            codes, code = self._codes[name], item.code
            restored = bool(code) and codes.restore(code, item.id)
            if not restored:
                code, rest = codes.allot(item.id, self._now_s)
            given["code"] = code
        item = item.model_copy(update=given)
        row = Row(item, compact(encode(item)), seq)
        self._set(name, item.id, None, row)
        change = _change(name, item, code, new=True, put=orjson.Fragment(row.json))
        return Effect(name, item.id, row, change, code, text_of(section, item), rest, restored)

    def _change(self, op: Any, old: Row, seq: int) -> Effect | None:
        section = self.state.registry.sections[op.section]
        kept = {"rev": old.item.rev + 1}
        code = old.item.code if isinstance(old.item, CodedItem) else None
        item = op.item.model_copy(update=kept if code is None else kept | {"code": code})
        changed = _difference(old.item, item)
        if not changed:
            return None
        shown_anew = section.shown(item) != section.shown(old.item)
        row = Row(item, compact(encode(item)), seq if shown_anew else old.text_seq)
        self._set(op.section, item.id, old, row)
        label = text_of(section, item) if shown_anew else None
        what = (
            {"set": {"rev": item.rev} | changed}
            if item.model_extra is None
            else {"put": orjson.Fragment(row.json)}
        )
        was = fields_of(old.item)
        before = {name: was.get(name) for name in changed} if item.model_extra is None else old.item
        change = _change(op.section, item, code, before, **what)
        settled = settled_by(was, changed) if "held" in changed else frozenset[str]()
        return Effect(op.section, item.id, row, change, code, label, settled=settled)

    def _inherit(self, name: str, item: Item, left: Row, seq: int) -> Effect:
        """Moves an item to a new id, without a change for people who use its code."""
        section, code = self.state.registry.sections[name], cast(CodedItem, left.item).code
        self._codes[name].hand_on(code, item.id)
        item = item.model_copy(update={"rev": left.item.rev + 1, "code": code})
        shown_anew = section.shown(item) != section.shown(left.item)
        row = Row(item, compact(encode(item)), seq if shown_anew else left.text_seq)
        self._set(name, item.id, self.row(name, item.id), row)
        change = _change(name, item, code, new=True, put=orjson.Fragment(row.json))
        return Effect(name, item.id, row, change, code, text_of(section, item) if shown_anew else None)

    def _drop(self, op: Drop, seq: int) -> Effect | None:
        name, old = op.section, self.row(op.section, op.id)
        if old is None:
            return None
        self._set(name, op.id, old, None)
        code = old.item.code if isinstance(old.item, CodedItem) else None
        gone = _change(name, old.item, code, orjson.Fragment(old.json), gone=True)
        if op.heir:
            self._left[name, op.heir] = old
            return Effect(name, op.id, None, gone)
        rest = None
        if code is not None:
            rest = Rest(op.id, text_of(self.state.registry.sections[name], old.item), seq, self._now_s)
            self._codes[name].free(code, rest)
        return Effect(name, op.id, None, gone, code, None, rest)


def _noted(effect: Effect, following: Collection[tuple[str, str]]) -> EncodedChange:
    follows = (effect.section, effect.id) in following
    return replace(effect.change, follows=True) if follows else effect.change


def text_of(section: Section[Any], item: Item) -> str:
    """What a person reads of the item, each part cut to PART_MAX."""
    return " · ".join(_short(str(part)) for part in section.shown(item) if part)


def _short(part: str) -> str:
    return part if len(part) <= PART_MAX else part[: PART_MAX - 1] + "…"


def _change(
    section: str, item: Item, code: str | None, before: Any = None, new: bool = False, **what: Any
) -> EncodedChange:
    named: dict[str, Any] = {"section": section, "id": item.id, "rev": item.rev}
    named |= {} if code is None else {"code": code}
    was = b"" if before is None else compact(encode(before))
    return EncodedChange(section, item.id, compact(encode(named | what)), "gone" in what, new, was)


def _difference(old: Item, new: Item) -> dict[str, Any]:
    was, now = fields_of(old), fields_of(new)
    changed = {name: value for name, value in now.items() if name != "rev" and was.get(name) != value}
    return changed | dict.fromkeys(was.keys() - now.keys())

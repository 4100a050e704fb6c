"""The state in memory, and the overlay on it in which a batch of rules is worked out.

`State` holds only what is on disk. A `Draft` shows rules the state with the batch's own changes on
top; `fold` merges it after the append, and a failed append just throws it away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from pydantic import BaseModel

from models.ack import ErrorCode, Retry
from models.base import CodedItem, Item
from sio_server.codes import CodeBook, CodeDraft, Past, Rest
from sio_server.commit import Commit, EncodedChange, compact
from sio_server.errors import Refusal, bad_request, not_found
from sio_server.registry import EVERYTHING, Drop, Json, Ops, Registry, Section, T

PART_MAX = 300


def encode(value: Any) -> bytes:
    """Any wire value as JSON; models as their fields."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _fields(value)
    raise TypeError(f"{type(value).__name__} is not a wire value")


@dataclass(frozen=True, slots=True)
class Row:
    """An item, its encoded form, and the seq at which what a person reads of it last changed."""

    item: Item
    json: bytes
    text_seq: int


@dataclass(frozen=True, slots=True)
class Effect:
    """One changed item: what the log writes (`row` None: removed) and what the rooms see."""

    section: str
    id: str
    row: Row | None
    change: EncodedChange
    code: str | None = None
    label: str | None = None  # the item's text, when it is new or changed
    rest: Rest | None = None


class State:
    """Everything that is on disk, by section and id. Only the hub changes it."""

    def __init__(self, registry: Registry, epoch: str) -> None:
        self.registry = registry
        self.epoch = epoch
        self.seq = 0
        self.heads: dict[str, int] = dict.fromkeys(registry.rooms, 0)
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in registry.sections}
        self.books = {
            name: CodeBook(section.prefix)
            for name, section in registry.sections.items()
            if section.prefix is not None
        }

    def load(self, section: str, row: Row) -> None:
        """Takes in an item from the log at start."""
        self.rows[section][row.item.id] = row
        if isinstance(row.item, CodedItem):
            self.books[section].holders[int(row.item.code[1:])] = row.item.id

    def fold(self, commit: Commit, effects: Sequence[Effect]) -> None:
        """Takes in a commit that is on disk."""
        for effect in effects:
            rows = self.rows[effect.section]
            if effect.row is None:
                rows.pop(effect.id, None)
            else:
                rows[effect.id] = effect.row
            if effect.code is not None:
                self.books[effect.section].fold(effect.code, effect.id, effect.rest)
        self.heads |= dict.fromkeys([*commit.prev, EVERYTHING], commit.seq)
        self.seq = commit.seq

    def snapshot(self, sections: Sequence[str]) -> dict[str, Json]:
        """The sections as dashboards read them, encoded items inside.

        Cost: a sort of each section's items; the items' own encoding is kept.
        """
        state: dict[str, Json] = {}
        for name in sections:
            section = self.registry.sections[name]
            rows = sorted(self.rows[name].values(), key=lambda row: section.order(row.item))
            state |= section.place([(row.item, orjson.Fragment(row.json)) for row in rows])
        return state

    def draft(self, past: Past, now_s: float) -> Draft:
        """A view for one batch."""
        return Draft(self, past, now_s)


class Draft:
    """The state with a batch's changes on top (registry.View)."""

    def __init__(self, state: State, past: Past, now_s: float) -> None:
        self.state = state
        self.seq = state.seq
        self.heads = dict(state.heads)
        self._past = past
        self._now_s = now_s
        self._rows: dict[str, dict[str, Row | None]] = {name: {} for name in state.rows}
        self._codes = {name: CodeDraft(book) for name, book in state.books.items()}

    def row(self, section: str, id: str) -> Row | None:
        """The item's row as the batch left it."""
        over = self._rows[section]
        return over[id] if id in over else self.state.rows[section].get(id)

    def get(self, section: Section[T], id: str) -> T | None:
        """The item, or None."""
        row = self.row(section.name, id)
        return None if row is None else cast(T, row.item)

    def items(self, section: Section[T]) -> Iterator[T]:
        """All items, in no order."""
        over = self._rows[section.name]
        for id, row in self.state.rows[section.name].items():
            if id not in over:
                yield cast(T, row.item)
        for changed in over.values():
            if changed is not None:
                yield cast(T, changed.item)

    def by_code(self, section: Section[T], code: str, seen: int | None) -> T:
        """The item that the person meant by `code` when looking at position `seen`."""
        codes = self._codes[section.name]
        number = codes.book.number(code)
        if number is None:
            message = f"{code} is no code of the {section.name}: those begin with {section.prefix}."
            raise bad_request(message, ("code", f"does not begin with {section.prefix}"))
        if seen is not None and seen > self.seq:
            message = "`seen` is ahead of the server: sync first, then look again."
            details = [{"path": "seen", "message": "is ahead of the server"}]
            raise Refusal(ErrorCode.BAD_REQUEST, message, retry=Retry.RESYNC, details=details)
        holder = codes.holder(number)
        if holder is None:
            self._gone(section, code, codes.rest(number, self._now_s), seen)
        row = cast(Row, self.row(section.name, cast(str, holder)))
        if seen is not None and row.text_seq > seen:
            raise self._stale(section, code, self._past(section.name, code, seen), row)
        return cast(T, row.item)

    def _gone(self, section: Section[T], code: str, rest: Rest | None, seen: int | None) -> None:
        if rest is None or seen is None or seen >= rest.seq:
            raise not_found(code)
        raise self._stale(section, code, rest.label, None)

    def _stale(self, section: Section[T], code: str, then: str | None, row: Row | None) -> Refusal:
        now = None if row is None else _text(section, row.item)
        message = f"{code} is not what you were looking at any more" + (
            f": it is now “{now}”." if now is not None else ": that item is gone."
        )
        details = {"code": code, "then": then, "now": now}
        return Refusal(ErrorCode.STALE_TARGET, message, retry=Retry.RESYNC, details=details)

    def apply(self, ops: Ops, at: str, cause: dict[str, Any]) -> tuple[Commit, list[Effect]] | None:
        """Carries the ops out on the view; None when they change nothing, so that no seq is used."""
        seq = self.seq + 1
        effects = [effect for op in ops if (effect := self._apply_one(op, seq)) is not None]
        if not effects:
            return None
        touched = {effect.section: None for effect in effects}
        prev = {section: self.heads[section] for section in touched}
        self.heads |= dict.fromkeys([*touched, EVERYTHING], seq)
        self.seq = seq
        changes = tuple(effect.change for effect in effects)
        return Commit(seq, at, cause, prev, changes), effects

    def _apply_one(self, op: Any, seq: int) -> Effect | None:
        if isinstance(op, Drop):
            return self._drop(op.section, op.id, seq)
        old = self.row(op.section, op.item.id)
        return self._add(op.section, op.item, seq) if old is None else self._change(op, old, seq)

    def _add(self, name: str, item: Item, seq: int) -> Effect:
        section = self.state.registry.sections[name]
        code = None
        if isinstance(item, CodedItem):
            code = self._codes[name].allot(item.id, self._now_s)
            item = item.model_copy(update={"code": code})
        item = item.model_copy(update={"rev": 1})
        row = Row(item, compact(encode(item)), seq)
        self._rows[name][item.id] = row
        change = _change(name, item, code, put=orjson.Fragment(row.json))
        return Effect(name, item.id, row, change, code, _text(section, item))

    def _change(self, op: Any, old: Row, seq: int) -> Effect | None:
        section = self.state.registry.sections[op.section]
        kept = {"rev": old.item.rev + 1}
        code = old.item.code if isinstance(old.item, CodedItem) else None
        item = op.item.model_copy(update=kept if code is None else kept | {"code": code})
        changed = _difference(old.item, item)
        if not changed:
            return None
        said_anew = section.reads(item) != section.reads(old.item)
        row = Row(item, compact(encode(item)), seq if said_anew else old.text_seq)
        self._rows[op.section][item.id] = row
        label = _text(section, item) if said_anew else None
        what = (
            {"set": {"rev": item.rev} | changed}
            if item.model_extra is None
            else {"put": orjson.Fragment(row.json)}
        )
        change = _change(op.section, item, code, **what)
        return Effect(op.section, item.id, row, change, code, label)

    def _drop(self, name: str, id: str, seq: int) -> Effect | None:
        old = self.row(name, id)
        if old is None:
            return None
        section = self.state.registry.sections[name]
        code = rest = None
        if isinstance(old.item, CodedItem):
            code = old.item.code
            rest = Rest(id, _text(section, old.item), seq, self._now_s)
            self._codes[name].free(code, rest)
        self._rows[name][id] = None
        gone = _change(name, old.item, code, gone=True)
        return Effect(name, id, None, gone, code, None, rest)


def _text(section: Section[Any], item: Item) -> str:
    """What a person reads of the item, each part long enough to tell one item from another."""
    return " · ".join(_short(str(part)) for part in section.reads(item) if part)


def _short(part: str) -> str:
    return part if len(part) <= PART_MAX else part[: PART_MAX - 1] + "…"


def _change(section: str, item: Item, code: str | None, **what: Any) -> EncodedChange:
    named: dict[str, Any] = {"section": section, "id": item.id, "rev": item.rev}
    named |= {} if code is None else {"code": code}
    return EncodedChange(section, compact(encode(named | what)))


def _difference(old: Item, new: Item) -> dict[str, Any]:
    was, now = _fields(old), _fields(new)
    changed = {name: value for name, value in now.items() if name != "rev" and was.get(name) != value}
    return changed | dict.fromkeys(was.keys() - now.keys())


def _fields(item: BaseModel) -> dict[str, Any]:
    return {**item.__dict__, **(item.model_extra or {})}

"""Reads a batch of items: which are accepted, and the ops that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from models.ack import ErrorCode
from models.batch import GivenItem
from sio_server.registry.errors import Refusal, faults_of
from sio_server.registry.ops import Drop, Ops
from sio_server.registry.ops import Put as PutItem
from sio_server.registry.preview import Preview
from sio_server.registry.registry import C, Context, Delta, Section, View


@dataclass
class Tally:
    """Counts for the ack. `dismissed` are the ids that people dropped, `forgotten` those of them that no
    longer matter, `claimed` the former ids of items that have a new one now."""

    source: str | None
    dismissed: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)
    kept_out: int = 0
    left_out: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    ops: Ops = field(default_factory=list)

    @property
    def left_aside(self) -> dict[str, int]:
        """The counts that the ack leaves out when they are zero."""
        return {"dismissed": self.kept_out, "left_out": self.left_out}

    def full_id(self, own: str) -> str:
        return own if self.source is None else f"{self.source}/{own}"

    def claim(self, former: str, id: str, *, dropped: bool) -> None:
        """Notes an item's new id; whether people dropped it carries over from the old one."""
        self.claimed.add(former)
        self._dismiss(former, False)
        self._dismiss(id, dropped)

    def _dismiss(self, id: str, dropped: bool) -> None:
        into, out_of = (self.dismissed, self.forgotten) if dropped else (self.forgotten, self.dismissed)
        into.add(id)
        out_of.discard(id)


@dataclass
class Batch:
    """`accepted` maps ids to their index; `own_ids` are all ids in the batch, valid or not."""

    own_ids: frozenset[str] = frozenset()
    accepted: dict[str, int] = field(default_factory=dict)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)
    nameless: bool = False

    def sort_out(self, items: Sequence[Any], model: type[GivenItem]) -> Iterator[GivenItem]:
        """Yields the accepted items, one at a time, so that a large batch is never in memory as a whole."""
        ids = (raw.get("id") for raw in items if isinstance(raw, dict))
        self.own_ids = frozenset(id for id in ids if isinstance(id, str))
        for index, raw in enumerate(items):
            given = self._read(index, raw, model)
            if given is not None:
                yield given

    def refuse(self, id: str, refusal: Refusal) -> None:
        """Rejects an item that fits its model but not the state."""
        faults = refusal.details if refusal.code is ErrorCode.BAD_REQUEST else None
        path = faults[0]["path"] if faults else ""
        self._reject(self.accepted.pop(id), id, path, refusal.message)

    def tells_all(self, allow_empty: bool) -> bool:
        """Whether items missing from the batch are gone; a rejected one without an id could be any of
        them."""
        return not self.nameless and (bool(self.accepted) or allow_empty)

    def _read(self, index: int, raw: Any, model: type[GivenItem]) -> GivenItem | None:
        id = raw.get("id") if isinstance(raw, dict) else None
        try:
            given = model.model_validate(raw)
        except ValidationError as error:
            path, message = faults_of(error)[0]
            self._reject(index, id, path, message)
            former = raw.get("formerly") if isinstance(raw, dict) else None
            if isinstance(former, list):
                self.mentioned.update(own for own in former if isinstance(own, str))
            return None
        if given.id in self.accepted:
            message = f"this id was already given, at index {self.accepted[given.id]}"
            self._reject(index, given.id, "id", message)
            return None
        self.accepted[given.id] = index
        self.mentioned.add(given.id)
        return given

    def _reject(self, index: int, id: Any, path: str, message: str) -> None:
        fault: dict[str, Any] = {"index": index, "path": path, "message": message}
        if isinstance(id, str) and 0 < len(id) <= 255 and id.isprintable():
            fault["id"] = id
            self.mentioned.add(id)
        else:
            self.nameless = True
        self.rejected.append(fault)


def keep_first(limit: int, section: Section[C], view: View, tally: Tally, ctx: Context) -> None:
    """Keeps only the first items of a source that has too many, in the section's order; those that people
    changed come first."""
    after = Preview(view, ctx.registry)
    after.take(Delta(tally.ops))
    own = (item for item in after.items(section) if item.source == tally.source)
    beyond = sorted(own, key=lambda item: (not item.held, section.sort_key(item)))[limit:]
    out = {item.id: view.get(section, item.id) is not None for item in beyond}
    heirs = {op.heir for op in tally.ops if isinstance(op, Drop)} & out.keys()
    kept = [op for op in tally.ops if not (isinstance(op, PutItem) and op.item.id in out)]
    tally.ops = [replace(op, heir="") if isinstance(op, Drop) and op.heir in heirs else op for op in kept]
    tally.ops += [Drop(section.name, id) for id, was_there in out.items() if was_there]
    new = sum(not was_there for was_there in out.values())
    tally.left_out, tally.removed = new, tally.removed + len(out) - new + len(heirs)
    tally.added, tally.changed = tally.added - new + len(heirs), tally.changed - len(heirs)


def is_spared(id: str, spared: frozenset[str]) -> bool:
    """Whether it is one of them, or an occurrence of one: `id#when`."""
    ends = [end for end, mark in enumerate(id) if mark == "#"] if spared else []
    return any(id[:end] in spared for end in (*ends, len(id)))

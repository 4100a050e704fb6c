"""Put, drop and edit for any coded section (decision 3): whose item it is, whose field it is, what may go.

Ownership. A source owns its items and states their fields whole with each put. A person's decision
on a field is kept in the item's `held` (decision 4): from then on the source's word on it is not taken.
What a person drops stays gone until its source has it no more (decision 22).
An item whose id its source forms anew stays what it is: `formerly` names the ids before
(decision 29).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, cast

from pydantic import ValidationError

from models.ack import ErrorCode
from models.base import Dropping, Removed, Target
from models.batch import GivenItem, Put, PutDone, PutMode
from sio_server.registry.errors import Refusal, bad_request, faults_of, not_found
from sio_server.registry.ops import Drop, Ops, SourceActivity
from sio_server.registry.ops import Put as PutItem
from sio_server.registry.preview import Preview
from sio_server.registry.registry import C, Context, Delta, Family, Section, View
from sio_server.registry.roles import EDITORS, WRITERS, Role

Finalize = Callable[[C, Mapping[str, Any], Context], C]
Examine = Callable[[View, Any, C | None, Context], Mapping[str, Any]]

_NAMES = frozenset({"id", "formerly"})
"""The fields of a given item that say which one it is; the others say what it is."""


@dataclass(frozen=True)
class ItemRules(Generic[C]):
    """A coded section's common rules.

    `given`    the model of an item as its sender states it
    `settle`   sets what the server decides, given the item and the fields just stated
    `decided`  the fields that people decide: a put touches them only when it names them
    `derived`  the fields that follow from others when nobody states them
    `examine`  what the state says of an item as stated, given the one that is there: fields in place of those
               stated. A Refusal costs that item alone
    `limit`    how many one source may have: the first in the section's order, others are left out and counted
    `lasting`  what people decided of an item counts also when its source has it no more for a while
    `succeed`  what a changed item says of how it was: given it before and after
    """

    section: Section[C]
    given: type[GivenItem]
    finalize: Finalize[C]
    decided: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    examine: Examine[C] | None = None
    limit: Callable[[Context], int] | None = None
    lasting: bool = False
    succeed: Callable[[C, C], C] = lambda before, after: after

    def __post_init__(self) -> None:
        if (self.given.section, self.given.noun) != (self.section.name, self.section.noun):
            raise ValueError(
                f"{self.given.__name__} must name the section and noun of {self.section.name}, not"
                f" {self.given.section} and {self.given.noun}"
            )

    def declare(self, family: Family, put: type[Put], edit: type[Target] | None = None) -> None:
        """Adds put, drop and, if it is given a payload, edit to the family's requests."""
        family.rule("put", put, roles=WRITERS, returns=PutDone)(self.put)
        family.rule("drop", Dropping, roles=WRITERS, returns=Removed)(self.drop)
        if edit is not None:
            family.rule("edit", edit, roles=EDITORS, returns=self.section.item)(self.edit)

    def put(self, view: View, payload: Put, ctx: Context) -> Delta:
        """Takes in a batch of items; with `replace` also removes the sender's items that it lacks."""
        source = self._source(ctx)
        if source is not None and payload.run is not None:
            ctx.source_hooks.check(view, source, payload.run)
        replaces = payload.mode is PutMode.REPLACE
        if replaces and payload.complete and not payload.items and not payload.allow_empty:
            message = "An empty replace would remove everything: send allow_empty:true if that is meant."
            raise bad_request(message, ("items", "is empty"))
        batch = _Batch()
        tally = _Tally(source, set(self._dismissed(view, source, ctx)))
        for given in batch.sort_out(payload.items, self.given):
            self._take_in(view, given, batch, tally, ctx)
        if replaces and payload.complete and batch.tells_all(payload.allow_empty):
            self._remove_ghosts(view, batch, tally, frozenset(map(tally.full_id, payload.spare)))
        if source is not None and self.limit is not None:
            _keep_first(self.limit(ctx), self.section, view, tally, ctx)
        if source is not None:
            grew, back = tally.added - tally.removed, self._named(tally.forgotten)
            dropped = self._named(tally.dismissed)
            activity = SourceActivity(
                source, grew, bool(tally.ops), True, payload.run, dismissed=dropped, back=back
            )
            tally.ops += ctx.source_hooks.record(view, ctx, activity)
        return Delta(tally.ops, lambda after: self._put_done(after, batch, tally))

    def drop(self, view: View, payload: Dropping, ctx: Context) -> Delta:
        """Removes items; ids that are already gone are passed over."""
        if (payload.ids is None) == (payload.codes is None):
            raise bad_request("Name the items by `ids` or by `codes`.", ("ids", "give ids or codes"))
        source = self._source(ctx)
        if payload.codes is not None:
            found = [view.by_code(self.section, code, payload.seen) for code in payload.codes]
        else:
            named = [self._by_id(view, id, ctx) for id in payload.ids or ()]
            found = [item for item in named if item is not None]
        items = list({item.id: item for item in found}.values())
        if ctx.principal.role is Role.COLLECTOR and any(item.source != source for item in items):
            raise Refusal(ErrorCode.FORBIDDEN, "A collector removes only its own source's items.")
        return Delta(self.remove(view, items, ctx, source), {"removed": len(items)})

    def remove(self, view: View, items: Sequence[C], ctx: Context, by: str | None = None) -> Ops:
        """Removes items; what goes not `by` its own source stays gone."""
        ops: Ops = [Drop(self.section.name, item.id) for item in items]
        for owner in sorted({item.source for item in items if item.source is not None}):
            gone = [item.id for item in items if item.source == owner]
            dismissed = self._named(() if owner == by else gone)
            activity = SourceActivity(owner, -len(gone), True, owner == by, dismissed=dismissed)
            ops = ops + ctx.source_hooks.record(view, ctx, activity)
        return ops

    def edit(self, view: View, payload: Any, ctx: Context) -> Delta:
        """Sets fields by a person's word; the item's source no longer overwrites them."""
        item = self.find(view, payload, ctx)
        stated = {name: getattr(payload.set, name) for name in payload.set.model_fields_set}
        if not stated:
            raise bad_request("Say which fields to set.", ("set", "is empty"))
        try:
            checked = self.given.model_validate(self._restated(item) | stated)
        except ValidationError as error:
            raise bad_request("The edit does not fit.", *faults_of(error, "set")) from None
        return self.decide(item, {name: getattr(checked, name) for name in stated}, ctx)

    def decide(self, item: C, values: Mapping[str, Any], ctx: Context) -> Delta:
        """A person's decision on the item; the ack's data is the item after it."""
        held = item.held if item.source is None else tuple(sorted({*item.held, *values}))
        decided = self.finalize(item.model_copy(update={**values, "held": held}), values, ctx)
        decided = self.succeed(item, decided)
        return Delta([PutItem(self.section.name, decided)], lambda after: after.get(self.section, item.id))

    def find(self, view: View, target: Target, ctx: Context) -> C:
        """The item that the request names.

        Errors: bad_request, not_found, stale_target.
        """
        if (target.id is None) == (target.code is None):
            raise bad_request("Name the item by `id` or by `code`.", ("id", "give id or code"))
        if target.code is not None:
            return view.by_code(self.section, target.code, target.seen)
        item = self._by_id(view, target.id or "", ctx)
        if item is None:
            raise not_found("This id")
        return item

    def _by_id(self, view: View, id: str, ctx: Context) -> C | None:
        source = ctx.principal.source
        own = None if source is None else view.get(self.section, f"{source}/{id}")
        if own is not None or ctx.principal.role is Role.COLLECTOR:
            return own
        return view.get(self.section, id)

    def _source(self, ctx: Context) -> str | None:
        source = ctx.principal.source
        if source is None and ctx.principal.role is Role.COLLECTOR:
            message = "A collector says which source it is: give `source` in the handshake."
            raise Refusal(ErrorCode.FORBIDDEN, message)
        return source

    def _dismissed(self, view: View, source: str | None, ctx: Context) -> frozenset[str]:
        return frozenset() if source is None else ctx.source_hooks.dismissed(view, source, self.section.name)

    def _named(self, ids: Iterable[str]) -> frozenset[tuple[str, str]]:
        return frozenset((self.section.name, id) for id in ids)

    def _take_in(self, view: View, given: GivenItem, batch: _Batch, tally: _Tally, ctx: Context) -> None:
        id = tally.full_id(given.id)
        old = view.get(self.section, id) or self._former(view, given, batch, tally)
        if old is None and id in tally.dismissed:
            tally.kept_out += 1
            return
        try:
            item = self._stated(view, given, id, old, tally.source, ctx)
        except Refusal as refusal:
            batch.refuse(given.id, refusal)
            return
        if old is None:
            tally.added += 1
        elif item == old:
            tally.unchanged += 1
            return
        else:
            tally.changed += 1
        if old is not None and old.id != id:
            tally.ops.append(Drop(self.section.name, old.id, heir=id))
        tally.ops.append(PutItem(self.section.name, item))

    def _former(self, view: View, given: GivenItem, batch: _Batch, tally: _Tally) -> C | None:
        """What the item was until now, under another id; when people dropped it, that goes for this id, too.

        An id that the batch gives to an item of its own is still that item's.
        """
        for former in (tally.full_id(own) for own in given.formerly if own not in batch.own_ids):
            old = view.get(self.section, former)
            if former in tally.claimed or (old is None and former not in tally.dismissed):
                continue
            if old is None or old.source == tally.source:
                tally.claim(former, tally.full_id(given.id), dropped=old is None)
                return old
        return None

    def _stated(
        self, view: View, given: GivenItem, id: str, old: C | None, source: str | None, ctx: Context
    ) -> C:
        """The item as it is to be, after its sender's word."""
        stated = {name: getattr(given, name) for name in type(given).model_fields.keys() - _NAMES}
        if self.examine is not None:
            stated |= self.examine(view, given, old, ctx)
        if old is None:
            new = cast(C, self.section.item.model_construct(id=id, source=source, **stated))
            return self.finalize(new, stated, ctx)
        held = () if source is None else self._still_held(old, stated)
        kept = (self.decided - given.model_fields_set) | set(held)
        stated = {name: value for name, value in stated.items() if name not in kept}
        new = self.finalize(old.model_copy(update=stated | {"id": id, "held": held}), stated, ctx)
        return self.succeed(old, new)

    def _still_held(self, old: C, stated: Mapping[str, Any]) -> tuple[str, ...]:
        """What a person decided; the override that no longer fits the source's word (an end before
        the new start) gives way to it, or nobody could edit the item any more."""
        sure = tuple(name for name in old.held if name in self.decided | self.derived)
        if sure == old.held:
            return sure
        one_less = (tuple(name for name in old.held if name != gone) for gone in old.held if gone not in sure)
        fitting = (held for held in (old.held, *one_less) if self._fits(old, stated, held))
        return next(fitting, sure)

    def _fits(self, old: C, stated: Mapping[str, Any], held: tuple[str, ...]) -> bool:
        said = {name: value for name, value in stated.items() if name not in held}
        try:
            self.given.model_validate(self._restated(old) | said)
        except ValidationError:
            return False
        return True

    def _restated(self, item: C) -> dict[str, Any]:
        names = self.given.model_fields.keys() - self.derived - _NAMES
        return {"id": "x"} | {name: getattr(item, name) for name in names}

    def _remove_ghosts(self, view: View, batch: _Batch, tally: _Tally, spared: frozenset[str]) -> None:
        keep = {tally.full_id(id) for id in batch.mentioned} | tally.claimed
        for item in view.items(self.section):
            if item.source == tally.source and item.id not in keep and not _is_spared(item.id, spared):
                tally.ops.append(Drop(self.section.name, item.id))
                tally.removed += 1
        if self.lasting:
            return
        gone = {id for id in tally.dismissed - keep if not _is_spared(id, spared)}
        tally.forgotten |= gone
        tally.dismissed -= gone

    def _put_done(self, after: View, batch: _Batch, tally: _Tally) -> dict[str, Any]:
        found = {id: after.get(self.section, tally.full_id(id)) for id in batch.accepted}
        return {
            "added": tally.added,
            "changed": tally.changed,
            "unchanged": tally.unchanged,
            "removed": tally.removed,
            "rejected": batch.rejected,
            "codes": {id: item.code for id, item in found.items() if item is not None},
        } | {name: count for name, count in tally.left_aside.items() if count}


def _keep_first(limit: int, section: Section[C], view: View, tally: _Tally, ctx: Context) -> None:
    """Of a source with too many items only the first stay, by the section's order; those that people changed
    come before all others."""
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


def _is_spared(id: str, spared: frozenset[str]) -> bool:
    """Whether it is one of them, or an occurrence of one: `id#when`."""
    ends = [end for end, mark in enumerate(id) if mark == "#"] if spared else []
    return any(id[:end] in spared for end in (*ends, len(id)))


@dataclass
class _Tally:
    """`dismissed` are the ids that people dropped, `forgotten` those of them that do not count any more,
    `claimed` the former ids of items that have another now."""

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
        """What the ack says only when there is any."""
        return {"dismissed": self.kept_out, "left_out": self.left_out}

    def full_id(self, own: str) -> str:
        return own if self.source is None else f"{self.source}/{own}"

    def claim(self, former: str, id: str, *, dropped: bool) -> None:
        """The item has another id now, and is dropped, or (by an undo) there, as it was under the former."""
        self.claimed.add(former)
        self._dismiss(former, False)
        self._dismiss(id, dropped)

    def _dismiss(self, id: str, dropped: bool) -> None:
        into, out_of = (self.dismissed, self.forgotten) if dropped else (self.forgotten, self.dismissed)
        into.add(id)
        out_of.discard(id)


@dataclass
class _Batch:
    """`accepted` are the ids, each with its index; `own_ids` all that the batch gives, good or bad."""

    own_ids: frozenset[str] = frozenset()
    accepted: dict[str, int] = field(default_factory=dict)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)
    nameless: bool = False

    def sort_out(self, items: Sequence[Any], model: type[GivenItem]) -> Iterator[GivenItem]:
        """The items that are accepted, one at a time: of a large batch not all are in memory at once."""
        ids = (raw.get("id") for raw in items if isinstance(raw, dict))
        self.own_ids = frozenset(id for id in ids if isinstance(id, str))
        for index, raw in enumerate(items):
            given = self._read(index, raw, model)
            if given is not None:
                yield given

    def refuse(self, id: str, refusal: Refusal) -> None:
        """An item that fits its model, and not the state."""
        faults = refusal.details if refusal.code is ErrorCode.BAD_REQUEST else None
        path = faults[0]["path"] if faults else ""
        self._reject(self.accepted.pop(id), id, path, refusal.message)

    def tells_all(self, allow_empty: bool) -> bool:
        """Whether what the batch lacks is really gone; a rejected item without an id could be any."""
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
            message = f"this id was given before, at index {self.accepted[given.id]}"
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

"""Put, drop and edit for any coded section (decision 3): who owns an item and its fields, and what may go.

A source owns its items and states all their fields with each put. A person's decision on a field is kept in
the item's `held` (decision 4); from then on the source cannot change it. What a person drops stays gone until
its source no longer has it (decision 22). An item stays the same item when its source gives it a new id:
`formerly` lists the old ones (decision 29).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, cast

from pydantic import ValidationError

from models.ack import ErrorCode
from models.base import Dropping, Release, Removed, Target
from models.batch import DISMISSED_MAX, GivenItem, Put, PutDone, PutMode
from sio_server.registry.batch import Batch, Tally, is_spared, keep_first
from sio_server.registry.encoding import plain
from sio_server.registry.errors import Refusal, bad_request, faults_of, invalid_state, not_found
from sio_server.registry.ops import Drop, Ops, SourceActivity
from sio_server.registry.ops import Put as PutItem
from sio_server.registry.registry import C, Context, Delta, Family, Section, View
from sio_server.registry.roles import EDITORS, READERS, WRITERS, Role

Finalize = Callable[[C, Mapping[str, Any], Context], C]
Examine = Callable[[View, Any, C | None, Context], Mapping[str, Any]]

_NAMES = frozenset(GivenItem.model_fields)
"""Fields that say which item is given, and of what its sender takes note; all others are its content."""


@dataclass(frozen=True)
class ItemRules(Generic[C]):
    """A coded section's common rules.

    `given`    the model of an item as its sender states it
    `settle`   sets what the server decides, given the item and the fields just stated
    `decided`  the fields that people decide: a put touches them only when it names them
    `derived`  the fields that follow from others when nobody states them
    `examine`  checks a stated item against the state, given the old item, and returns replacement fields; a
               Refusal rejects only that item
    `limit`    the most items of one source: the first in the section's order; the rest are only counted
    `lasting`  people's decisions on an item outlive its absence from the source, within bounds
    `succeed`  sets what a changed item keeps from its old version, given both
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
        """Adds put and drop to the family's requests; with an `edit` payload also edit and release."""
        family.rule("put", put, roles=WRITERS, returns=PutDone)(self.put)
        family.rule("drop", Dropping, roles=WRITERS, returns=Removed)(self.drop)
        if edit is not None:
            family.rule("edit", edit, roles=EDITORS, returns=self.section.item)(self.edit)
            family.rule("release", Release, roles=EDITORS, returns=self.section.item)(self.release)

    def put(self, view: View, payload: Put, ctx: Context) -> Delta:
        """Puts a batch of items; with `replace` also removes the sender's items that are not in it."""
        source = ctx.principal.source
        if source is not None and payload.run is not None:
            ctx.registry.source_hooks.check(view, source, payload.run)
        replaces = payload.mode is PutMode.REPLACE
        if replaces and payload.complete and not payload.items and not payload.allow_empty:
            message = "An empty replace would remove everything: send allow_empty:true if that is meant."
            raise bad_request(message, ("items", "is empty"))
        batch = Batch()
        tally = Tally(source, set(self._dismissed(view, source, ctx)))
        for given in batch.sort_out(payload.items, self.given):
            self._take_in(view, given, batch, tally, ctx)
        if replaces and payload.complete and batch.tells_all(payload.allow_empty):
            self._remove_ghosts(view, batch, tally, frozenset(map(tally.full_id, payload.spare)))
        if source is not None and self.limit is not None:
            keep_first(self.limit(ctx), self.section, view, tally, ctx)
        if source is not None:
            grew, back = tally.added - tally.removed, self._named(tally.forgotten)
            dropped = self._named(tally.dismissed)
            activity = SourceActivity(
                source, grew, bool(tally.ops), True, payload.run, dismissed=dropped, back=back
            )
            tally.ops += ctx.registry.source_hooks.record(view, ctx, activity)
        return Delta(tally.ops, lambda after: self._put_done(after, batch, tally))

    def drop(self, view: View, payload: Dropping, ctx: Context) -> Delta:
        """Removes items; ids that are already gone are ignored."""
        if (payload.ids is None) == (payload.codes is None):
            raise bad_request("Name the items by `ids` or by `codes`.", ("ids", "give ids or codes"))
        source = ctx.principal.source
        reads = ctx.principal.role in READERS
        not_its_own = Refusal(ErrorCode.FORBIDDEN, "A collector removes only its own source's items.")
        if payload.codes is not None:
            try:
                found = [view.by_code(self.section, code, payload.seen) for code in payload.codes]
            except Refusal as refusal:  # its message may quote other sources' items
                raise refusal if reads else not_its_own from None
        else:
            named = [self._by_id(view, id, ctx) for id in payload.ids or ()]
            found = [item for item in named if item is not None]
        items = list({item.id: item for item in found}.values())
        if not reads and any(item.source != source for item in items):
            raise not_its_own
        return Delta(self.remove(view, items, ctx, source), {"removed": len(items)})

    def remove(self, view: View, items: Sequence[C], ctx: Context, by: str | None = None) -> Ops:
        """Removes items; they stay gone unless removed `by` their own source."""
        ops: Ops = [Drop(self.section.name, item.id) for item in items]
        for owner in sorted({item.source for item in items if item.source is not None}):
            gone = [item for item in items if item.source == owner]
            names = () if owner == by else (name for item in gone for name in item.remembered())
            dismissed = self._named(names)
            activity = SourceActivity(owner, -len(gone), True, owner == by, dismissed=dismissed)
            ops = ops + ctx.registry.source_hooks.record(view, ctx, activity)
        return ops

    def edit(self, view: View, payload: Any, ctx: Context) -> Delta:
        """Sets fields for a person; the item's source no longer overwrites them."""
        item = self.find(view, payload, ctx)
        stated = {name: getattr(payload.set, name) for name in payload.set.model_fields_set}
        if not stated:
            raise bad_request("Say which fields to set.", ("set", "is empty"))
        stated = self.given.apart(stated)  # an address that is written now counts before the one of then
        before = self.restated(item)
        try:
            checked = self.given.model_validate(before | stated)
        except ValidationError as error:
            raise bad_request("The edit is not valid.", *faults_of(error, "set")) from None
        also = [name for name in before if name not in _NAMES and getattr(checked, name) != before[name]]
        return self.decide(
            item, {name: getattr(checked, name) for name in {**stated, **dict.fromkeys(also)}}, ctx
        )

    def decide(self, item: C, values: Mapping[str, Any], ctx: Context) -> Delta:
        """Applies a person's decision to the item; the ack's data is the new item."""
        held = item.held if item.source is None else tuple(sorted({*item.held, *values}))
        update = {**values, "held": held, "source_values": _said_before(item, values, self._own())}
        decided = self.finalize(item.model_copy(update=update), values, ctx)
        decided = self.succeed(item, decided)
        return Delta([PutItem(self.section.name, decided)], lambda after: after.get(self.section, item.id))

    def release(self, view: View, payload: Release, ctx: Context) -> Delta:
        """Gives fields back to the item's source: from now on they are what it says."""
        item = self.find(view, payload, ctx)
        values, kept = _given_back(self, item, payload.fields)
        released = self.finalize(item.model_copy(update={**values, **kept}), values, ctx)
        released = self.succeed(item, released)
        return Delta([PutItem(self.section.name, released)], lambda after: after.get(self.section, item.id))

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

    def _dismissed(self, view: View, source: str | None, ctx: Context) -> frozenset[str]:
        return (
            frozenset()
            if source is None
            else ctx.registry.source_hooks.dismissed(view, source, self.section.name)
        )

    def _named(self, ids: Iterable[str]) -> frozenset[tuple[str, str]]:
        return frozenset((self.section.name, id) for id in ids)

    def _take_in(self, view: View, given: GivenItem, batch: Batch, tally: Tally, ctx: Context) -> None:
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

    def _former(self, view: View, given: GivenItem, batch: Batch, tally: Tally) -> C | None:
        """The item under its former id, if any; if people dropped that, the new id is dropped too.

        An id that the batch itself gives to an item remains that item's.
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
        """The new item, from what its sender stated."""
        stated = {name: getattr(given, name) for name in type(given).model_fields.keys() - _NAMES}
        if self.examine is not None:
            stated |= self.examine(view, given, old, ctx)
        if old is None:
            new = cast(C, self.section.item.model_construct(id=id, source=source, **stated))
            return self.finalize(new, stated, ctx)
        held = () if source is None else _still_held(self, old, _undecided(self, old, given), stated)
        unsaid = self.decided - given.model_fields_set
        said = _said_now(old, given, held, self._own() - unsaid) if held else None
        stated = {name: value for name, value in stated.items() if name not in unsaid and name not in held}
        update = stated | {"id": id, "held": held, "source_values": said}
        return self.succeed(old, self.finalize(old.model_copy(update=update), stated, ctx))

    def restated(self, item: C) -> dict[str, Any]:
        """The item as a sender would state it."""
        return {"id": "x"} | {name: getattr(item, name) for name in self._own()}

    def _own(self) -> set[str]:
        """The fields that a sender states, except those derived from others."""
        return self.given.model_fields.keys() - self.derived - _NAMES

    def _remove_ghosts(self, view: View, batch: Batch, tally: Tally, spared: frozenset[str]) -> None:
        keep = {tally.full_id(id) for id in batch.mentioned} | tally.claimed
        for item in view.items(self.section):
            if item.source == tally.source and item.id not in keep and not is_spared(item.id, spared):
                tally.ops.append(Drop(self.section.name, item.id))
                tally.removed += 1
        if self.lasting and len(tally.dismissed) <= DISMISSED_MAX // 2:
            return
        gone = {id for id in tally.dismissed - keep if not is_spared(id, spared)}
        tally.forgotten |= gone
        tally.dismissed -= gone

    def _put_done(self, after: View, batch: Batch, tally: Tally) -> dict[str, Any]:
        found = {id: after.get(self.section, tally.full_id(id)) for id in batch.accepted}
        return {
            "added": tally.added,
            "changed": tally.changed,
            "unchanged": tally.unchanged,
            "removed": tally.removed,
            "rejected": batch.rejected,
            "codes": {id: item.code for id, item in found.items() if item is not None},
        } | {name: count for name, count in tally.left_aside.items() if count}


def _given_back(
    rules: ItemRules[C], item: C, fields: Sequence[str] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The source's values for the fields, and the fields still held. Errors: invalid_state."""
    own = [name for name in item.held if name in rules.given.model_fields]
    names = own if fields is None else fields
    if item.source is None:
        raise invalid_state(f"{item.code} has no source: people wrote all of it.")
    if not names or not set(names) <= set(own):
        said = ", ".join(own) if own else "nothing"
        raise invalid_state(f"People have set {said} of {item.code}: only that can be given back.")
    known = item.source_values or {}
    values = {name: known.get(name) for name in names if name in known or name in rules.derived}
    try:
        checked = rules.given.model_validate(rules.restated(item) | values)
    except ValidationError:
        raise invalid_state(f"{item.code} needs more given back at once: {', '.join(own)}.") from None
    values = {name: getattr(checked, name) for name in values}
    held = tuple(name for name in own if name not in names)
    left = {name: value for name, value in known.items() if name in held}
    return values, {"held": held, "source_values": left or None}


def _undecided(rules: ItemRules[C], old: C, given: GivenItem) -> tuple[str, ...]:
    """The held fields without those that the source has settled: what it took note of is still what people
    decided, and it states them itself."""
    if not given.settled:
        return old.held
    unsaid = rules.decided - given.model_fields_set
    return tuple(
        name
        for name in old.held
        if name in unsaid or name not in given.settled or plain(getattr(old, name)) != given.settled[name]
    )


def _still_held(
    rules: ItemRules[C], old: C, held: tuple[str, ...], stated: Mapping[str, Any]
) -> tuple[str, ...]:
    """Those of the held fields that stay so. An override that no longer fits the source's values (an end
    before the new start) gives way to them; otherwise nobody could edit the item any more."""
    sure = tuple(name for name in held if name in rules.decided | rules.derived)
    if sure == held:
        return sure
    one_less = (tuple(name for name in held if name != gone) for gone in held if gone not in sure)
    fitting = (left for left in (held, *one_less) if _fits(rules, old, stated, left))
    return next(fitting, sure)


def _fits(rules: ItemRules[C], old: C, stated: Mapping[str, Any], held: tuple[str, ...]) -> bool:
    said = {name: value for name, value in stated.items() if name not in held}
    try:
        rules.given.model_validate(rules.restated(old) | said)
    except ValidationError:
        return False
    return True


def _said_before(item: C, values: Mapping[str, Any], own: set[str]) -> dict[str, Any] | None:
    """The source's values for the held fields, including newly held ones."""
    if item.source is None:
        return None
    new = {name: plain(getattr(item, name)) for name in values if name in own - set(item.held)}
    return {**(item.source_values or {}), **new} or None


def _said_now(old: C, given: GivenItem, held: Sequence[str], stated: set[str]) -> dict[str, Any] | None:
    """The source's values for the held fields, after it stated these fields again."""
    known = {name: value for name, value in (old.source_values or {}).items() if name in held}
    return {**known, **{name: plain(getattr(given, name)) for name in held if name in stated}} or None

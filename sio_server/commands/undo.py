"""Undo: the opposite commit, unless somebody touched one of its items since (decision 14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from models.ack import ErrorCode
from models.base import CodedItem
from models.quoting import quoted
from sio_server.commands.grammar import Verb
from sio_server.commands.steps import Step
from sio_server.registry.encoding import fields_of, plain
from sio_server.registry.errors import Refusal, invalid_state
from sio_server.registry.ops import REDONE, UNDONE, Before, Drop, LineRecord, Ops, Put, SourceActivity
from sio_server.registry.registry import Context, Delta, View
from sio_server.registry.roles import EDITORS

Owned = tuple[str, CodedItem]
"""An item of a source, and its section."""


def take_back(view: View, handle: str | None, ctx: Context) -> Delta:
    """Undoes the person's line with that handle, or else the last line that is not undone yet.

    Errors: not_found (no such line of this person within a day), invalid_state (already undone),
    conflict (an item was touched since).
    """
    record = view.line_record(ctx.principal.person, handle)
    if record is None and handle is None:
        raise invalid_state("You have nothing to undo.")
    if record is None:
        message = "You have no line with that handle; lines are kept for a day."
        raise Refusal(ErrorCode.NOT_FOUND, message)
    if record.undone:
        raise invalid_state(f"“{record.line}” was already undone.")
    return _opposite(view, record, ctx)


def bring_back(view: View, ctx: Context) -> Delta:
    """Does again what the person's last `undo` took back (decision 126).

    Errors: invalid_state (no undo, or a line after it), conflict (an item was touched since).
    """
    record = view.undo_record(ctx.principal.person)
    if record is None:
        raise invalid_state("You have nothing to redo: `redo` works right after `undo`.")
    return _opposite(view, record, ctx)


def _opposite(view: View, record: LineRecord, ctx: Context) -> Delta:
    settled = [_check_untouched(view, before, record, ctx) for before in record.before]
    befores = reversed(list(zip(record.before, settled, strict=True)))
    ops = [op for before, names in befores for op in _restore(view, before, names, ctx)]
    line = record.line.removeprefix(UNDONE).removeprefix(REDONE)
    line = f"{UNDONE if record.forward else REDONE}{line}"
    also = tuple((before.section, before.id) for before in record.before)
    undo = LineRecord("", line, (), (record.handle,), (record.seq,), also, forward=not record.forward)
    return Delta(ops + _owned_again(view, record, ctx), line_record=undo)


def _check_untouched(view: View, before: Before, record: LineRecord, ctx: Context) -> frozenset[str]:
    """The fields that the item's source has settled since, as people had set them. Errors: conflict."""
    change = view.last_change(before.section, before.id, record.seq)
    if change is None or change.settled:
        return frozenset() if change is None else change.settled
    section = ctx.registry.sections[before.section]
    item = view.get(section, before.id) or before.item
    code = item.code if isinstance(item, CodedItem) else None
    title = before.id if item is None else section.title(item)
    message = (
        f"{code or before.id} {quoted(title)} has since been changed by {change.name} ({change.command}):"
        f" “{record.line}” can no longer be undone."
    )
    details = {
        "section": before.section,
        "id": before.id,
        "code": code,
        "by": change.actor,
        "name": change.name,
        "command": change.command,
        "seq": change.seq,
    }
    raise Refusal(ErrorCode.CONFLICT, message, details=details)


def _restore(view: View, before: Before, settled: frozenset[str], ctx: Context) -> Ops:
    now = view.get(ctx.registry.sections[before.section], before.id)
    if before.item is None:
        return [Drop(before.section, before.id)] if now is not None else []
    if isinstance(before.item, CodedItem) and isinstance(now, CodedItem):
        return [Put(before.section, _decided_anew(before.item, now, settled))]
    return [Put(before.section, before.item)]


def _decided_anew(before: CodedItem, now: CodedItem, settled: frozenset[str]) -> CodedItem:
    """The item as it was before, where its source has taken over what people had decided since: a field that
    is another one than the source has now is a decision again (decision 119)."""
    if not settled:
        return before
    was, is_now = fields_of(before), fields_of(now)
    known = now.source_values or {}
    said = {name: known.get(name) if name in now.held else plain(is_now[name]) for name in settled}
    decided = {name: value for name, value in said.items() if plain(was[name]) != value}
    held = tuple(sorted({*before.held} - settled | decided.keys()))
    kept = {name: value for name, value in (before.source_values or {}).items() if name not in settled}
    return before.model_copy(update={"held": held, "source_values": {**kept, **decided} or None})


def _owned_again(view: View, record: LineRecord, ctx: Context) -> Ops:
    """The fields that sources own again or no longer own; one that is itself back or gone has its own."""
    hooks = ctx.registry.source_hooks
    whole = {before.id for before in record.before if before.section == hooks.section}
    back: defaultdict[str, list[Owned]] = defaultdict(list)
    gone: defaultdict[str, list[Owned]] = defaultdict(list)
    for before in record.before:
        now = view.get(ctx.registry.sections[before.section], before.id)
        if (before.item is None) != (now is None):
            item, owners = (now, gone) if before.item is None else (before.item, back)
            if isinstance(item, CodedItem) and item.source is not None and item.source not in whole:
                owners[item.source].append((before.section, item))
    return [
        op
        for source in sorted({*back, *gone})
        for op in hooks.record(view, ctx, _activity_of(source, back[source], gone[source]))
    ]


def _activity_of(source: str, back: Sequence[Owned], gone: Sequence[Owned]) -> SourceActivity:
    grew = len(back) - len(gone)
    return SourceActivity(source, grew, True, False, dismissed=_remembered(gone), back=_remembered(back))


def _remembered(items: Sequence[Owned]) -> frozenset[tuple[str, str]]:
    return frozenset((section, name) for section, item in items for name in item.remembered())


def _undo(view: View, step: Step, ctx: Context) -> Delta:
    return take_back(view, step.text, ctx)


def _redo(view: View, step: Step, ctx: Context) -> Delta:
    return bring_back(view, ctx)


UNDO = Verb(("undo",), (), EDITORS, "Undoes your last line.", _undo)
REDO = Verb(("redo",), (), EDITORS, "Does again what your last undo took back.", _redo)

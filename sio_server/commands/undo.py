"""Undo: the opposite commit, unless somebody touched one of its items since (decision 14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from models.ack import ErrorCode
from models.base import CodedItem
from models.quoting import quoted
from sio_server.commands.grammar import Verb
from sio_server.commands.steps import Step
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
    for before in record.before:
        _check_untouched(view, before, record, ctx)
    ops = [op for before in reversed(record.before) for op in _restore(view, before, ctx)]
    line = record.line.removeprefix(UNDONE).removeprefix(REDONE)
    line = f"{UNDONE if record.forward else REDONE}{line}"
    also = tuple((before.section, before.id) for before in record.before)
    undo = LineRecord("", line, (), (record.handle,), (record.seq,), also, forward=not record.forward)
    return Delta(ops + _owned_again(view, record, ctx), line_record=undo)


def _check_untouched(view: View, before: Before, record: LineRecord, ctx: Context) -> None:
    change = view.last_change(before.section, before.id, record.seq)
    if change is None:
        return
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


def _restore(view: View, before: Before, ctx: Context) -> Ops:
    if before.item is not None:
        return [Put(before.section, before.item)]
    there = view.get(ctx.registry.sections[before.section], before.id) is not None
    return [Drop(before.section, before.id)] if there else []


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

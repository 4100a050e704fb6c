"""Priorities: put by sources and people, decided by people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers import notices
from models.base import Target, is_day
from models.priorities import (
    EditPriority,
    GivenPriority,
    PrioritiesState,
    Priority,
    PriorityStatus,
    PutPriorities,
    Snooze,
    Urgency,
)
from sio_server.registry.errors import bad_request, invalid_state
from sio_server.registry.fields import ASSIGN, DUE, NOTE, RANK, TAKES, URGENCY
from sio_server.registry.items import ItemRules
from sio_server.registry.ops import Ops, Put
from sio_server.registry.order import Done, SortKey
from sio_server.registry.registry import Context, Delta, Family, Section, View
from sio_server.registry.roles import EDITORS
from sio_server.registry.starts import following_starts, unlinked

_URGENT_FIRST = SortKey("urgency", (Urgency.HIGH, Urgency.MEDIUM, Urgency.LOW))


def _finalize(item: Priority, stated: Mapping[str, Any], ctx: Context) -> Priority:
    item = unlinked(item, stated)
    if item.status is not PriorityStatus.SNOOZED and item.snoozed_until is not None:
        return item.model_copy(update={"snoozed_until": None})
    return item


def _is_over(until: str, ctx: Context) -> bool:
    return until <= ctx.today if is_day(until) else datetime.fromisoformat(until) <= ctx.now


def _wake(view: View, ctx: Context) -> Ops:
    """Reopens priorities whose snooze is over."""
    awake = {"status": PriorityStatus.OPEN, "snoozed_until": None}
    return [
        Put(SECTION.name, item.model_copy(update=awake))
        for item in view.items(SECTION)
        if item.snoozed_until is not None and _is_over(item.snoozed_until, ctx)
    ]


SECTION = Section(
    "priorities",
    Priority,
    noun="priority",
    nouns="priorities",
    prefix="P",
    order=(SortKey("rank"), _URGENT_FIRST, SortKey("due_date")),
    shape=PrioritiesState,
    place=lambda items: {"priorities": [json for _, json in items]},
    shown=lambda item: (item.title, item.description),
    due="due_date",
    done=Done("status", (PriorityStatus.DONE,)),
    fields=(DUE, URGENCY, ASSIGN, TAKES, NOTE, RANK),
    tick=_wake,
    notices=notices.given,
    follow=following_starts("priorities", _finalize),
    follows=frozenset({"calendar", "priorities"}),
)
FAMILY = Family("priorities", SECTION)
PRIORITIES = ItemRules(
    SECTION,
    GivenPriority,
    _finalize,
    decided=frozenset({"status", "rank", "note", "minutes"}),
    derived=frozenset({"due_before"}),
)
PRIORITIES.declare(FAMILY, PutPriorities, EditPriority)


@FAMILY.rule("complete", Target, roles=EDITORS, returns=Priority)
def complete(view: View, payload: Target, ctx: Context) -> Delta:
    """Marks a priority as done; one that is already done stays as it is."""
    item = PRIORITIES.find(view, payload, ctx)
    return PRIORITIES.decide(item, {"status": PriorityStatus.DONE}, ctx)


@FAMILY.rule("reopen", Target, roles=EDITORS, returns=Priority)
def reopen(view: View, payload: Target, ctx: Context) -> Delta:
    """Reopens a done or snoozed priority."""
    item = PRIORITIES.find(view, payload, ctx)
    return PRIORITIES.decide(item, {"status": PriorityStatus.OPEN}, ctx)


@FAMILY.rule("snooze", Snooze, roles=EDITORS, returns=Priority)
def snooze(view: View, payload: Snooze, ctx: Context) -> Delta:
    """Hides an open priority until a time, when it reopens by itself."""
    item = PRIORITIES.find(view, payload, ctx)
    if item.status is PriorityStatus.DONE:
        raise invalid_state(f"{item.code} is done: reopen it before you snooze it.")
    if _is_over(payload.until, ctx):
        raise bad_request("Snooze until a time in the future.", ("until", "is in the past"))
    decision = {"status": PriorityStatus.SNOOZED, "snoozed_until": payload.until}
    return PRIORITIES.decide(item, decision, ctx)

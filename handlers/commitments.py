"""Commitments in both directions; the server itself decides which are overdue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.base import Target, is_day
from models.commitments import (
    Commitment,
    CommitmentsState,
    CommitmentStatus,
    Direction,
    EditCommitment,
    GivenCommitment,
    PutCommitments,
)
from sio_server.registry.fields import ASSIGN, DUE, NOTE
from sio_server.registry.items import ItemRules
from sio_server.registry.ops import Json, Ops, Put
from sio_server.registry.order import Done, SortKey
from sio_server.registry.registry import Context, Delta, Family, Section, View
from sio_server.registry.roles import EDITORS
from sio_server.registry.starts import following_starts, unlinked


def _is_past(due: str, ctx: Context) -> bool:
    return due < ctx.today if is_day(due) else datetime.fromisoformat(due) < ctx.now


def _finalize(item: Commitment, stated: Mapping[str, Any], ctx: Context) -> Commitment:
    item = unlinked(item, stated)
    status, person = _status(item, ctx), ctx.people.called(item.assignee) if item.assignee else None
    if (status, person) == (item.status, item.person):
        return item
    return item.model_copy(update={"status": status, "person": person})


def _status(item: Commitment, ctx: Context) -> CommitmentStatus:
    if item.status is CommitmentStatus.COMPLETED:
        return item.status
    late = item.due_date is not None and _is_past(item.due_date, ctx)
    return CommitmentStatus.OVERDUE if late else CommitmentStatus.PENDING


def _look_again(view: View, ctx: Context) -> Ops:
    """Marks commitments that have become overdue, and updates the names of people."""
    settled = ((item, _finalize(item, {}, ctx)) for item in view.items(SECTION))
    return [Put(SECTION.name, new) for old, new in settled if new is not old]


def _both_ways(items: Any) -> dict[str, Json]:
    ways: dict[str, list[Json]] = {way.value: [] for way in Direction}
    for item, json in items:
        ways[item.direction.value].append(json)
    return {"commitments": ways}


SECTION = Section(
    "commitments",
    Commitment,
    noun="commitment",
    prefix="M",
    order=(SortKey("due_date"),),
    shape=CommitmentsState,
    place=_both_ways,
    shown=lambda item: (item.description,),
    headline="description",
    who="assignee",
    due="due_date",
    done=Done("status", (CommitmentStatus.COMPLETED,)),
    fields=(DUE, ASSIGN, NOTE),
    adds={way.value: {"direction": way.value} for way in Direction},
    tick=_look_again,
    follow=following_starts("commitments", _finalize),
    follows=frozenset({"calendar", "commitments"}),
)
FAMILY = Family("commitments", SECTION)
COMMITMENTS = ItemRules(
    SECTION,
    GivenCommitment,
    _finalize,
    decided=frozenset({"status", "note"}),
    derived=frozenset({"due_before"}),
)
COMMITMENTS.declare(FAMILY, PutCommitments, EditCommitment)


@FAMILY.rule("complete", Target, roles=EDITORS, returns=Commitment)
def complete(view: View, payload: Target, ctx: Context) -> Delta:
    """Marks a commitment as kept."""
    item = COMMITMENTS.find(view, payload, ctx)
    return COMMITMENTS.decide(item, {"status": CommitmentStatus.COMPLETED}, ctx)


@FAMILY.rule("reopen", Target, roles=EDITORS, returns=Commitment)
def reopen(view: View, payload: Target, ctx: Context) -> Delta:
    """Marks a kept commitment as pending again."""
    item = COMMITMENTS.find(view, payload, ctx)
    return COMMITMENTS.decide(item, {"status": CommitmentStatus.PENDING}, ctx)

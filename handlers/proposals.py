"""Proposals: put by sources; accepted, changed or dismissed by people (decision 57)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from handlers.command import verbs
from models.ack import ErrorCode, Retry
from models.base import Target, format_instant
from models.batch import Put as PutBatch
from models.evidence import Evidence
from models.proposals import (
    Approved,
    EditProposal,
    GivenProposal,
    Proposal,
    ProposalsState,
    PutProposals,
    SeenSubject,
    Subject,
    Task,
    task_name,
)
from sio_server.commands.proposed import proposed
from sio_server.commands.steps import Step, named
from sio_server.registry.batch import Batch, Tally
from sio_server.registry.errors import Refusal, bad_request, invalid_state
from sio_server.registry.items import ItemRules
from sio_server.registry.ops import Before, Ops, Put
from sio_server.registry.order import SortKey
from sio_server.registry.preview import Preview
from sio_server.registry.registry import Context, Delta, Family, Section, View
from sio_server.registry.roles import EDITORS, Role

DAY_S = 24 * 3600


SAME_DAYS = 14
"""What is said again within so many days is the same task; later it is another, as next month's report."""


def _finalize(item: Proposal, stated: Mapping[str, Any], ctx: Context) -> Proposal:
    if item.task is not None and item.task.who != (who := ctx.people.called(item.task.who)):
        item = item.model_copy(update={"task": item.task.model_copy(update={"who": who})})
    if item.at:
        return item
    expires_at = format_instant(ctx.now + timedelta(days=ctx.settings.proposal_days))
    told = {"at": ctx.at, "since_s": int(ctx.steady_s), "expires_at": expires_at}
    return item.model_copy(update=told)


def _examine(view: View, given: GivenProposal, old: Proposal | None, ctx: Context) -> Mapping[str, Any]:
    """The line as people read it, with its item's code; refused if it could not be carried out."""
    if ctx.principal.source is None:
        raise bad_request("Say which source proposes it: give `source` in the handshake.")
    about = None if given.about is None else _subject(view, given.about, old, ctx)
    verb, _, rest = given.line.strip().partition(" ")
    line = given.line.strip() if about is None else f"{verb} {about.code} {rest}".strip()
    try:
        step = _step(view, line, about, None, ctx)
        if about is None and step.targets:
            raise bad_request(
                f"{step.targets[0].code} may later belong to another item: name the item by `about`."
            )
        _carry_out(view, step, given.evidence, ctx)
    except Refusal as refusal:
        raise bad_request(refusal.message, ("line", refusal.message)) from None
    return {"line": line, "about": about}


def _subject(view: View, named: Subject, old: Proposal | None, ctx: Context) -> SeenSubject:
    others = (each for each in ctx.registry.coded() if each is not SECTION)
    section = next((each for each in others if each.name == named.section), None)
    own = f"{ctx.principal.source}/{named.id}"
    item = None if section is None else view.get(section, own) or view.get(section, named.id)
    if section is None or item is None:
        raise bad_request(
            "there is no such item on the board", ("about", "there is no such item on the board")
        )
    known = None if old is None else old.about
    if known is not None and (known.section, known.id) == (section.name, item.id):
        try:
            view.by_code(section, known.code, known.seen)
        except Refusal:
            pass  # the item has changed, and its source still proposes this
        else:
            return known
    return SeenSubject(section=section.name, id=item.id, code=item.code, seen=view.seq)


def _step(view: View, line: str, about: SeenSubject | None, seen: int | None, ctx: Context) -> Step:
    """What the line would do to its item, given the item when it was proposed and when it was looked at.

    Errors: bad_request, unknown_command, not_found, stale_target.
    """
    looked = seen if about is None else about.seen if seen is None else min(seen, about.seen)
    try:
        step = proposed(verbs(ctx.registry), line, looked, view, ctx)
    except Refusal as refusal:
        if about is None or refusal.code is not ErrorCode.NOT_FOUND:
            raise
        message, details = f"{about.code} is gone, and the proposal is about it.", {"code": about.code}
        raise Refusal(ErrorCode.STALE_TARGET, message, retry=Retry.RESYNC, details=details) from None
    if any(target.section is SECTION for target in step.targets):
        step.place.refuse("A proposal can change the items of the board, but not other proposals.")
    return step


def _carry_out(view: View, step: Step, evidence: Evidence, ctx: Context) -> Delta:
    """The principal for the line: the person; for a mere check, somebody who may approve it."""
    person = replace(ctx.principal, source=None, role=Role.EDITOR)
    return step.verb.rule(view, replace(step, evidence=evidence), replace(ctx, principal=person))


def _days_around(day: str) -> Iterator[str]:
    middle = date.fromisoformat(day).toordinal()
    for ordinal in range(middle - SAME_DAYS, middle + SAME_DAYS + 1):
        yield date.fromordinal(ordinal).isoformat()


def _joined(view: View, ctx: Context) -> Ops:
    """The proposals that repeat another one now, and those that no longer do. Those of a private source
    repeat only its own: nobody else learns of them."""
    first: dict[tuple[str, str], str] = {}
    ops: Ops = []
    for item in sorted(view.items(SECTION), key=_firsts_first):
        settled, same_as = _finalize(item, {}, ctx), None
        if (task := settled.task) is not None:
            apart = str(item.source) if item.source in ctx.private else ""
            names = [(apart, task_name(task, day)) for day in _days_around(task.day)]
            same_as = next((first[name] for name in names if name in first), None)
            first.setdefault((apart, task_name(task, task.day)), same_as or item.id)
        if settled is not item or item.same_as != same_as:
            ops.append(Put(SECTION.name, settled.model_copy(update={"same_as": same_as})))
    return ops


def _firsts_first(item: Proposal) -> tuple[bool, str, str, str]:
    said = "" if item.task is None else item.task.day
    return (item.same_as is not None or not item.code, item.at, said, item.id)


@lru_cache(maxsize=256)
def _said(dismissed: Sequence[str]) -> frozenset[str]:
    start = f"{SECTION.name}/said/"
    return frozenset(name.removeprefix(f"{SECTION.name}/") for name in dismissed if name.startswith(start))


def _is_decided(view: View, task: Task, source: str | None, ctx: Context) -> bool:
    """Whether people decided on the task already, by what this or another source said."""
    told = task.model_copy(update={"who": ctx.people.called(task.who)})
    names = [task_name(told, day) for day in _days_around(task.day)]
    sources = view.items(ctx.registry.sections[ctx.registry.source_hooks.section])
    seen = (one for one in sources if one.id == source or not {one.id, source} & ctx.private)
    return any(not _said(one.dismissed).isdisjoint(names) for one in seen)


@dataclass(frozen=True)
class ProposalRules(ItemRules[Proposal]):
    """What several texts say is one proposal: it is put, approved and dropped as one (decision 137)."""

    def put(self, view: View, payload: PutBatch, ctx: Context) -> Delta:
        """Puts a batch, and joins what repeats something."""
        delta = super().put(view, payload, ctx)
        after = Preview(view, ctx.registry)
        after.take(delta)
        after.take(Delta(_joined(after, ctx)))
        return replace(delta, ops=after.ops())

    def remove(self, view: View, items: Sequence[Proposal], ctx: Context, by: str | None = None) -> Ops:
        """Removes proposals; a person's decision is on all that say the same."""
        if by is None:
            firsts = {item.same_as or item.id for item in items}
            items = [one for one in view.items(SECTION) if firsts & {one.id, one.same_as}]
        return super().remove(view, items, ctx, by)

    def _take_in(self, view: View, given: Any, batch: Batch, tally: Tally, ctx: Context) -> None:
        known = (view.get(SECTION, tally.full_id(id)) for id in (given.id, *given.formerly))
        if given.task is None or any(known) or not _is_decided(view, given.task, tally.source, ctx):
            super()._take_in(view, given, batch, tally, ctx)
        else:
            tally.kept_out += 1


def _look_again(view: View, ctx: Context) -> Ops:
    """Removes what waited too long or, by the names of now, was decided; joins what is the same by them."""
    before_s = ctx.steady_s - ctx.settings.proposal_days * DAY_S
    late = [
        item
        for item in view.items(SECTION)
        if item.since_s <= before_s or (item.task and _is_decided(view, item.task, item.source, ctx))
    ]
    after = Preview(view, ctx.registry)
    after.take(Delta(PROPOSALS.remove(view, late, ctx)))
    after.take(Delta(_joined(after, ctx)))
    return after.ops()


SECTION = Section(
    "proposals",
    Proposal,
    noun="proposal",
    prefix="A",
    headline="line",
    order=(SortKey("doubt"), SortKey("at")),
    adds={},  # people add items directly
    shape=ProposalsState,
    place=lambda items: {"proposals": [json for _, json in items]},
    shown=lambda item: (item.line, item.why),
    tick=_look_again,
    tick_every_s=60.0,
)
FAMILY = Family("proposals", SECTION)
PROPOSALS = ProposalRules(
    SECTION,
    GivenProposal,
    _finalize,
    derived=frozenset({"line", "about"}),
    examine=_examine,
    limit=lambda ctx: ctx.settings.proposal_limit,
    lasting=True,
)
PROPOSALS.declare(FAMILY, PutProposals)


@FAMILY.rule("edit", EditProposal, roles=EDITORS, returns=Proposal)
def edit(view: View, payload: EditProposal, ctx: Context) -> Delta:
    """Changes the proposed line; the proposal's source no longer overwrites it."""
    item = PROPOSALS.find(view, payload, ctx)
    line = payload.set.line.strip()
    step = _step(view, line, None, payload.seen, ctx)
    _carry_out(view, step, item.evidence, ctx)
    about = None
    for target in step.targets:
        about = SeenSubject(section=target.section.name, id=target.id, code=target.code, seen=view.seq)
    return PROPOSALS.decide(item, {"line": line, "about": about}, ctx)


@FAMILY.rule("approve", Target, roles=EDITORS, returns=Approved)
def approve(view: View, payload: Target, ctx: Context) -> Delta:
    """Runs the line as the person's own, and removes the proposal for good."""
    item = PROPOSALS.find(view, payload, ctx)
    step = _step(view, item.line, item.about, payload.seen, ctx)
    preview = Preview(view, ctx.registry)
    done = preview.take(_carry_out(preview, step, item.evidence, ctx))
    if item.source in ctx.private and any(
        ctx.registry.owner(one.section, one.id) != item.source for one in done
    ):
        message = "This proposal is private, and what it would change is not: say it in a line of your own."
        raise invalid_state(message)
    preview.take(Delta(PROPOSALS.remove(preview, [item], ctx)))
    return Delta(preview.ops(), lambda after: {"items": _named(done, after, ctx)})


def _named(done: Sequence[Before], after: View, ctx: Context) -> list[dict[str, Any]]:
    sections = ctx.registry.sections
    found = ((sections[one.section], after.get(sections[one.section], one.id)) for one in done)
    return [named(section, item) for section, item in found if item is not None]

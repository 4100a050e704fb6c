"""Answering invitations: `accept C4`, `decline C4`, `tentative C4`."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import calendar, sources
from models.calendar import Answer
from sio_server.commands.grammar import Argument, Takes, Verb
from sio_server.commands.steps import Step, ask, named
from sio_server.registry.ops import Json
from sio_server.registry.preview import Preview
from sio_server.registry.registry import Context, Delta, Rule, View
from sio_server.registry.roles import EDITORS


def _answer(answer: Answer) -> Rule:
    """Sets that answer for each event of the step; the step's text says where it goes."""

    def rule(view: View, step: Step, ctx: Context) -> Delta:
        preview, text = Preview(view, ctx.registry), _where_to(view, step)
        before = {target.id: view.get(target.section, target.id) for target in step.targets}
        for target in step.targets:
            fields = {"id": target.id, "set": {"answer": answer.value}, "seen": step.seen}
            preview.take(ask(f"{target.section.name}:edit", fields, preview, ctx))

        def reply(after: View) -> Json:
            found = (
                (each.section, after.get(each.section, each.id) or before[each.id]) for each in step.targets
            )
            items = [named(section, item) for section, item in found if item is not None]
            return {"items": items, "set": {"answer": answer.value}, "text": text}

        return Delta(preview.ops(), reply)

    return rule


def _where_to(view: View, step: Step) -> str:
    """A sentence for each of the sources: whether it takes the answer to whoever invited."""
    events = (view.get(calendar.SECTION, target.id) for target in step.targets)
    owners = dict.fromkeys(event.source for event in events if event is not None)
    return "\n".join(_said_of(view, owner) for owner in owners)


def _said_of(view: View, owner: str | None) -> str:
    if owner is None:
        return "The answer is on the board alone: no calendar has this event."
    source = view.get(sources.SECTION, owner)
    if source is not None and calendar.SECTION.name in source.writes:
        return f"{owner} writes the answer to the calendar at its next run."
    return f"The answer is on the board alone: {owner} does not write to its calendar."


def _verb(words: Sequence[str], help: str, answer: Answer) -> Verb:
    takes, sections = (Argument(Takes.CODES),), (calendar.SECTION.name,)
    return Verb(tuple(words), takes, EDITORS, help, _answer(answer), sections=sections, proposable=True)


ANSWERING = (
    _verb(["accept"], "Accepts invitations.", Answer.ACCEPTED),
    _verb(["decline"], "Declines invitations.", Answer.DECLINED),
    _verb(["tentative", "maybe"], "Answers invitations with maybe.", Answer.TENTATIVE),
)

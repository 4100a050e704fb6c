"""A server with a section that the page has no panel for: `python goals.py` takes the flags of serve.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import handlers
from models.base import CodedItem, DayOrInstant, Lax, Target, Title, Wire
from models.batch import GivenItem, Items, Put
from sio_server.registry.items import ItemRules
from sio_server.registry.order import Done, SortKey
from sio_server.registry.registry import Context, Delta, Family, Registry, Section, View
from sio_server.registry.roles import EDITORS


class Goal(CodedItem):
    """Something to reach."""

    aim: str
    stage: str = "ahead"
    due_date: str | None = None


class GivenGoal(GivenItem):
    """A goal as its sender states it."""

    section = "goals"
    noun = "goal"

    aim: Title
    stage: str = "ahead"
    due_date: DayOrInstant | None = None


class PutGoals(Put):
    """A batch of goals."""

    items: Items[GivenGoal]


class GoalFields(Wire):
    """What an edit may set."""

    aim: Title | None = None


class EditGoal(Target):
    """A person's change of a goal."""

    set: GoalFields


class GoalsState(Wire):
    """The section in a snapshot."""

    goals: Annotated[tuple[Goal, ...], Lax]


def _finalize(item: Goal, stated: Mapping[str, Any], ctx: Context) -> Goal:
    return item


SECTION = Section(
    "goals",
    Goal,
    noun="goal",
    prefix="G",
    headline="aim",
    shape=GoalsState,
    place=lambda items: {"goals": [json for _, json in items]},
    shown=lambda item: (item.aim,),
    done=Done("stage", ("reached",)),
    order=(SortKey("due_date"),),
)
FAMILY = Family("goals", SECTION)
GOALS = ItemRules(SECTION, GivenGoal, _finalize, decided=frozenset({"stage"}))
GOALS.declare(FAMILY, PutGoals, EditGoal)


@FAMILY.rule("complete", Target, roles=EDITORS, returns=Goal)
def complete(view: View, payload: Target, ctx: Context) -> Delta:
    """Marks a goal as reached."""
    return GOALS.decide(GOALS.find(view, payload, ctx), {"stage": "reached"}, ctx)


@FAMILY.rule("reopen", Target, roles=EDITORS, returns=Goal)
def reopen(view: View, payload: Target, ctx: Context) -> Delta:
    """Takes back that a goal was reached."""
    return GOALS.decide(GOALS.find(view, payload, ctx), {"stage": "ahead"}, ctx)


if __name__ == "__main__":
    families = [*handlers.REGISTRY.families, FAMILY]
    import serve

    serve.REGISTRY = Registry(families, handlers.REGISTRY.source_hooks)  # type: ignore[attr-defined]
    sys.exit(serve.main(sys.argv[1:], dict(os.environ)))

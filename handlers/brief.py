"""The active brief."""

from __future__ import annotations

from models.base import Nothing, Writes, format_instant
from models.brief import BRIEF_ID, Brief, BriefState, SetBrief
from sio_server.registry import EDITORS, Asker, Context, Delta, Drop, Family, Json, Put, Section, View

SECTION = Section(
    "brief",
    Brief,
    shape=BriefState,
    place=lambda items: {"active_brief": items[0][1] if items else None},
)
FAMILY = Family("brief", SECTION)


@FAMILY.query("get", Nothing, returns=Brief, nullable=True)
def get(asker: Asker, payload: Nothing) -> Json:
    """The active brief, or null."""
    return asker.item(SECTION.name, BRIEF_ID)


@FAMILY.rule("set", SetBrief, roles=EDITORS, returns=Brief)
def set_brief(view: View, payload: SetBrief, ctx: Context) -> Delta:
    """Makes this brief the active one, in place of any other."""
    given = payload.brief.model_dump(exclude_unset=True)
    brief = Brief(author=ctx.principal.actor, set_at=format_instant(ctx.now), **given)
    return Delta([Put(SECTION.name, brief)], lambda after: after.get(SECTION, BRIEF_ID))


@FAMILY.rule("clear", Writes, roles=EDITORS, returns=Brief, nullable=True)
def clear(view: View, payload: Writes, ctx: Context) -> Delta:
    """Takes the active brief away."""
    return Delta([Drop(SECTION.name, BRIEF_ID)], None)

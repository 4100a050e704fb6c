"""`forget NAME`: takes a source away, with its items, until its collector runs again."""

from __future__ import annotations

from difflib import get_close_matches

from handlers.sources import SECTION
from models.ack import ErrorCode
from sio_server.commands.grammar import Argument, Takes, Verb
from sio_server.commands.steps import Step, ask
from sio_server.registry.errors import Refusal
from sio_server.registry.registry import Context, Delta, View
from sio_server.registry.roles import EDITORS
from sio_server.registry.veil import in_reach

_NEAR_MAX = 3
_UNSEEN = (
    "What it had is for those who see it, and `undo` does not bring it back. If its collector runs again,"
    " it is back as a new source."
)


def _forget(view: View, step: Step, ctx: Context) -> Delta:
    """Errors: not_found, with the sources that may be meant."""
    name, reach = step.text or "", in_reach(view, ctx.principal)
    if (source := reach.get(SECTION, name)) is None:
        raise Refusal(ErrorCode.NOT_FOUND, f"There is no source {name}. {_hint(reach, name)}")
    delta = ask("source:forget", {"source": name}, view, ctx)
    if view.get(SECTION, name) is None:
        return Delta(delta.ops, {"text": f"{name} is removed. {_UNSEEN}"})
    removed = delta.reply["removed"] if isinstance(delta.reply, dict) else 0
    records = source.records
    said = (
        f"{name} is removed. Items: {removed:,}; records that stay in the search: {records:,}."
        " If its collector runs again, it is back as a new source."
    )
    return Delta(delta.ops, {"text": said})


def _hint(view: View, name: str) -> str:
    """What may be meant, also without the part before the colon."""
    names = sorted(source.id for source in view.items(SECTION))
    within = [each for each in names if name.lower() in each.lower()]
    near = list(dict.fromkeys([*within, *get_close_matches(name.lower(), names, _NEAR_MAX, 0.5)]))[:_NEAR_MAX]
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return (
        "Type `forget ` and the first letters of a name for a list."
        if names
        else "The board has no sources yet."
    )


FORGET = Verb(
    ("forget",),
    (Argument(Takes.SOURCE),),
    EDITORS,
    "Removes a source that is no longer used, with its items; its records stay in the search.",
    _forget,
)

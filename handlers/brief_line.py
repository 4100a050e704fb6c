"""The command `brief`: makes one now, or sets at what hour one is made each day."""

from __future__ import annotations

from dataclasses import replace

from handlers.show import rests_on, with_names
from models.base import zone_name
from sio_server.commands.grammar import Argument, Phrase, Takes, Verb
from sio_server.commands.steps import Step, ask, prefetched
from sio_server.commands.when import hour_of
from sio_server.registry.errors import bad_request
from sio_server.registry.ops import Json, Put
from sio_server.registry.registry import Asker, Context, Delta, View
from sio_server.registry.roles import EDITORS

_FULL = Argument(Takes.FLAG, ("full",), optional=True)
_FOR_ALL = Argument(Takes.FLAG, ("for all",), optional=True)
_AT = Argument(Takes.FLAG, ("at",), optional=True, written="at HH:MM|off")
_HOUR = Argument(Takes.TEXT, ("07:00", "off"), after="at")
_BRIEF_KINDS = Argument(Takes.CODE, ("daily", "weekly"), optional=True, also=("day", "week"))
_SEEN_BY_ALL = (
    "This brief is for everybody: all people see it, and so does the wall display, until somebody"
    " makes the next one for all. `undo` does not bring back the one before."
)
_KINDS = {None: "daily", "day": "daily", "week": "weekly"}


async def _read_for_brief(asker: Asker, phrase: Phrase, seen: int | None) -> Json:
    request = asker.registry.requests["brief:generate"]
    if request.prefetch is None:
        return None
    fields: dict[str, Json] = {"kind": "daily"}
    for code, _ in phrase.codes:
        fields = {"kind": "meeting", "code": code, "seen": seen}
    asked = request.payload.model_validate(fields | {"mine": "for all" not in phrase.flags})
    reading = request.prefetch(asker, asked)
    return None if reading is None else await with_names(asker, await reading)


def _brief(view: View, step: Step, ctx: Context) -> Delta:
    if "at" in step.flags:
        return _brief_at(view, step, ctx)
    fields: dict[str, Json] = {"kind": _KINDS.get(step.word, step.word)}
    if step.targets:
        fields = {"kind": "meeting", "code": step.targets[0].code}
    fields |= {"full": "full" in step.flags, "mine": "for all" not in step.flags}
    found = prefetched(step, ctx)
    delta = ask("brief:generate", fields, view, replace(ctx, prefetched=found))
    made = [op.item.model_dump(mode="json") for op in delta.ops if isinstance(op, Put)]
    brief: Json = made[0] if made else delta.reply  # one's own is told as it is
    text = brief["text"] + (f"\n\n{_SEEN_BY_ALL}" if "for all" in step.flags else "")
    return replace(delta, reply={"text": text, **rests_on(brief["sections"], found)})


def _brief_at(view: View, step: Step, ctx: Context) -> Delta:
    """`brief at 07:00`: makes a brief every day at that time, and before meetings; `off`: none."""
    said = (step.text or "").strip().lower()
    if step.flags != {"at"} or step.word or step.targets:
        raise bad_request("`brief at 07:00` sets the daily brief: leave out everything else.")
    hour = None if said in ("off", "none") else hour_of(said)
    delta = ask("prefs:set", {"set": {"brief_at": hour}}, view, ctx)
    zone = zone_name(ctx.principal.tz)
    told = (
        "No brief is made automatically." if hour is None else f"A brief is made at {hour} each day ({zone})."
    )
    return replace(delta, reply={"text": told})


BRIEF = Verb(
    ("brief",),
    (_FULL, _BRIEF_KINDS, _FOR_ALL, _AT, _HOUR),
    EDITORS,
    "Makes the brief for the day, the week or a meeting, now or at an hour of each day.",
    _brief,
    sections=("calendar",),
    prefetch=_read_for_brief,
)

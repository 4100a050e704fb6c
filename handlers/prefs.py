"""Preferences: each person's own, on all their devices; beside the state, so that nobody else sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from models.ack import ErrorCode
from models.base import Nothing, zone_name
from models.prefs import ZONES_MAX, MyPrefs, Preferences, SetPrefs
from sio_server.commands.grammar import Argument, Takes, Verb
from sio_server.commands.steps import Step, ask
from sio_server.commands.zones import zones_in
from sio_server.registry.errors import Refusal, bad_request
from sio_server.registry.ops import Json, News
from sio_server.registry.persons import NOBODY_YET, Profile, kept
from sio_server.registry.registry import Asker, Context, Delta, Family, View
from sio_server.registry.roles import PEOPLE, Principal

_EMPTY = Preferences().model_dump(mode="json")

BRIEFS_SINCE = "briefs_since"
"""The field of a profile that says since when the person wants automatic briefs."""

FAMILY = Family("prefs")
FAMILY.ask("changed", MyPrefs)


@FAMILY.query("get", Nothing, roles=PEOPLE, returns=MyPrefs)
def get(asker: Asker, payload: Nothing) -> Json:
    """The asker's preferences, the same on all their devices."""
    _whose(asker.principal)
    return _told(asker.principal, asker.profile)


@FAMILY.rule("set", SetPrefs, roles=PEOPLE, returns=MyPrefs)
def set_prefs(view: View, payload: SetPrefs, ctx: Context) -> Delta:
    """Sets preferences; the person's other clients are told by `prefs:changed`."""
    whose = _whose(ctx.principal)
    if not payload.set.model_fields_set:
        raise bad_request("Say which preferences to set.", ("set", "sets nothing"))
    old = view.profiles.get(whose, NOBODY_YET)
    given = payload.set.model_dump(mode="json", include=payload.set.model_fields_set)
    prefs = {name: value for name, value in {**old.prefs, **given}.items() if value is not None}
    if prefs == old.prefs:
        return Delta([], _told(ctx.principal, old))
    new = replace(old, rev=old.rev + 1, prefs=prefs, at_s=ctx.steady_s)
    if prefs.get("brief_at") != old.prefs.get("brief_at"):  # an hour of today that is over counts tomorrow
        new = replace(new, own={**old.own, BRIEFS_SINCE: ctx.at})
    told = _told(ctx.principal, new)
    news = News(whose, "prefs:changed", told)
    return Delta([], told, profiles=kept(whose, new, view.profiles), news=(news,))


def _whose(who: Principal) -> str:
    """Errors: forbidden."""
    if not who.whose:
        raise Refusal(ErrorCode.FORBIDDEN, "A source has no preferences: connect as a person.")
    return who.whose


def _told(who: Principal, profile: Profile) -> dict[str, Any]:
    """Shape: MyPrefs."""
    prefs, tz = _EMPTY | {**profile.prefs}, profile.device_tz
    person = profile.name or who.name
    return {"person": person, "me": list(who.me), "rev": profile.rev, "device_tz": tz, "prefs": prefs}


def _read_zones(step: Step, view: View, ctx: Context) -> list[str]:
    """The zones that are named. Errors: bad_request."""
    said = (step.text or "").strip()
    zones = [] if said.casefold() in ("", "none") else zones_in(said)
    if len(zones) > ZONES_MAX:
        raise bad_request(f"At most {ZONES_MAX} zones can be shown beside yours.")
    return zones


def _zones(view: View, step: Step, ctx: Context) -> Delta:
    whose = _whose(ctx.principal)
    if step.text is None:
        others = view.profiles.get(whose, NOBODY_YET).other_zones
        return Delta([], {"text": _times(others, ctx)}, once=False)
    first, *more = step.value or [None]
    delta = ask("prefs:set", {"set": {"tz2": first, "zones": more or None}}, view, ctx)
    return replace(delta, reply={"text": _times(step.value, ctx)})


def _times(others: Sequence[str], ctx: Context) -> str:
    """What time it is in the person's zone, and in the others."""
    own = f"{ctx.now.astimezone(ctx.principal.tz):%a %H:%M} {zone_name(ctx.principal.tz)} (yours)"
    return ", ".join([own, *(f"{ctx.now.astimezone(ZoneInfo(one)):%a %H:%M} {one}" for one in others)])


ZONES = Verb(
    ("zones",),
    (Argument(Takes.TEXT, ("none",), optional=True, written="ZONE, ...|none"),),
    PEOPLE,
    "Shows the time in your zone and in others, or sets which others.",
    _zones,
    reads=_read_zones,
)

"""Preferences: each person's own, on all their devices; beside the state, so that nobody else sees them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models.ack import ErrorCode
from models.base import Nothing
from models.prefs import MyPrefs, Preferences, SetPrefs
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

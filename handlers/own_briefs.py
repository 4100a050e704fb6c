"""Each person's own briefs, and those made automatically (decision 74)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from briefs.facts import Facts, takes_place
from briefs.short.subjects import decisions, open_with, promises
from handlers.prefs import BRIEFS_SINCE
from models.brief import Brief
from models.calendar import CalendarItem
from sio_server.registry.ops import Json, News
from sio_server.registry.persons import NOBODY_YET, Profile, kept
from sio_server.registry.registry import Context, Delta, View
from sio_server.registry.roles import Principal, Role

OWN = "briefs"
MADE = "brief:made"
BEFORE_A_MEETING = timedelta(minutes=15)  # time to read it and to get there


def keep(brief: Brief, view: View, ctx: Context) -> Delta:
    """Stores it for the asker, one of each kind, and tells their clients."""
    whose = ctx.principal.whose
    profile = view.profiles.get(whose, NOBODY_YET)
    told = brief.model_dump(mode="json")
    own = {**profile.own, OWN: {**profile.own.get(OWN, {}), str(brief.kind): told}}
    profiles = kept(whose, replace(profile, own=own, at_s=ctx.steady_s), view.profiles)
    return Delta([], told, profiles=profiles, news=(News(whose, MADE, told),))


def newest(profile: Profile) -> Json | None:
    """The person's own newest brief."""
    return max(profile.own.get(OWN, {}).values(), key=lambda brief: str(brief["set_at"]), default=None)


def wanted(view: View, ctx: Context) -> Iterator[tuple[Principal, Json]]:
    """The daily briefs that are due, and briefs of meetings with open matters that begin soon."""
    soon: list[CalendarItem] | None = None
    for whose, profile in view.profiles.items():
        hour = profile.prefs.get("brief_at")
        if hour is None:
            continue
        who = _principal(whose, profile, ctx)
        local = ctx.now.astimezone(who.tz)
        due = datetime.combine(local.date(), time.fromisoformat(hour), who.tz)
        if _since(profile) <= due <= ctx.now:
            yield who, _asked("daily", f"{whose} {local.date()}")
        soon = _soon(view, ctx) if soon is None else soon
        for event in soon:
            if _has_open_matters(event, view, ctx, who):
                yield who, _asked("meeting", f"{whose} {event.id} {event.start}") | {"code": event.code}


def _asked(kind: str, about: str) -> Json:
    """The op names the occasion; ids may be longer than an op."""
    name = hashlib.sha256(about.encode()).hexdigest()[:32]
    return {"kind": kind, "mine": True, "op": f"{kind}-{name}"}


def _since(profile: Profile) -> datetime:
    return datetime.fromisoformat(profile.own.get(BRIEFS_SINCE, "1970-01-01T00:00:00Z"))


def _principal(whose: str, profile: Profile, ctx: Context) -> Principal:
    """The person, as if they were here; the key keeps these ops apart from those that clients send."""
    tz = ctx.settings.tz if profile.zone is None else ZoneInfo(profile.zone)
    actor = profile.name or whose.partition(":")[2]
    return Principal("server", actor, Role.EDITOR, tz=tz, me=ctx.settings.me, whose=whose)


def _soon(view: View, ctx: Context) -> list[CalendarItem]:
    events: Iterable[CalendarItem] = view.items(ctx.registry.sections["calendar"])
    found = [one for one in events if not one.all_day and takes_place(one)]
    ahead = ctx.now + BEFORE_A_MEETING
    return [one for one in found if ctx.now < datetime.fromisoformat(one.start) <= ahead]


def _has_open_matters(event: CalendarItem, view: View, ctx: Context, who: Principal) -> bool:
    """Whether something is open with its people, or to be decided there."""
    sections = ctx.registry.sections
    names = ctx.people.others_than(who.me)(event.attendees)
    facts = Facts(
        ctx.now,
        who.tz,
        [event],
        [*view.items(sections["priorities"])],
        [*view.items(sections["commitments"])],
    )
    return bool(open_with(names, promises(facts)) or decisions(facts, event))

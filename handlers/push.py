"""A person's devices that are notified while the page is closed (Web Push); kept beside the state."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from models.ack import ErrorCode
from models.base import Nothing
from models.push import DEVICES_MAX, AddDevice, MyPush, Notices, RemoveDevice
from sio_server.registry.errors import Refusal, bad_request, invalid_state
from sio_server.registry.notices import Pushed
from sio_server.registry.ops import Json
from sio_server.registry.persons import NOBODY_YET, Profile, kept
from sio_server.registry.registry import Context, Delta, Family, View
from sio_server.registry.roles import PEOPLE, Principal

FAMILY = Family("push")
FAMILY.ask("notices", Notices)
_UNKNOWN = "The server does not know the push service {}: whoever runs it can allow it with --push-service."
RENEWED_AFTER = timedelta(days=1)  # a page subscribes each time that it opens


@FAMILY.rule("get", Nothing, roles=PEOPLE, returns=MyPush)
def get(view: View, payload: Nothing, ctx: Context) -> Delta:
    """The server's key for subscribing, and the asker's devices."""
    return Delta([], _told(view.profiles.get(_whose(ctx.principal), NOBODY_YET), ctx), once=False)


@FAMILY.rule("subscribe", AddDevice, roles=PEOPLE, returns=MyPush)
def subscribe(view: View, payload: AddDevice, ctx: Context) -> Delta:
    """Notifies the device from now on, as the preference `notify` says, also while no page is open. The
    messages are encrypted for that browser alone. A device is one person's: whoever was notified on it before
    is not any more."""
    whose = _whose(ctx.principal)
    if ctx.settings.push_key is None:
        raise invalid_state("The server cannot notify closed pages: requirements-push.txt is not installed.")
    host = urlsplit(payload.endpoint).netloc.lower()
    if not ctx.settings.push_allows(host):
        raise bad_request(_UNKNOWN.format(host[:100]), ("endpoint", "is not of a known push service"))
    old = view.profiles.get(whose, NOBODY_YET)
    mine = Pushed.of(old)
    id = hashlib.sha256(payload.endpoint.encode()).hexdigest()[:16]
    device = payload.model_dump(mode="json", exclude={"op"}) | {"since": ctx.at, "me": [*ctx.principal.me]}
    if id not in mine.devices and len(mine.devices) >= DEVICES_MAX:
        message = f"{DEVICES_MAX} devices, the most, are notified already: take one away first."
        raise Refusal(ErrorCode.TOO_LARGE, message)
    if _is_fresh(mine.devices.get(id), device):
        return Delta([], _told(old, ctx) | {"id": id})
    new = _with(old, replace(mine, devices={**mine.devices, id: device}), ctx)
    profiles = {**_taken_from_others(view, whose, id, ctx), **kept(whose, new, view.profiles)}
    return Delta([], _told(new, ctx) | {"id": id}, profiles=profiles)


@FAMILY.rule("unsubscribe", RemoveDevice, roles=PEOPLE, returns=MyPush)
def unsubscribe(view: View, payload: RemoveDevice, ctx: Context) -> Delta:
    """Notifies the device no more, also not of what was on its way."""
    whose = _whose(ctx.principal)
    old = view.profiles.get(whose, NOBODY_YET)
    mine = Pushed.of(old)
    if payload.id not in mine.devices:
        return Delta([], _told(old, ctx))
    new = _with(old, mine.without(payload.id), ctx)
    return Delta([], _told(new, ctx), profiles={whose: new})


def _whose(who: Principal) -> str:
    """Errors: forbidden."""
    if not who.whose:
        raise Refusal(ErrorCode.FORBIDDEN, "A source has no devices: connect as a person.")
    return who.whose


def _told(profile: Profile, ctx: Context) -> dict[str, Json]:
    """Shape: MyPush."""
    devices = Pushed.of(profile).devices.items()
    named = [{"id": id, "device": one["device"], "since": one["since"]} for id, one in devices]
    return {"key": ctx.settings.push_key, "devices": named, "id": None}


def _with(profile: Profile, mine: Pushed, ctx: Context) -> Profile:
    return replace(profile, own=mine.kept_in(profile), at_s=ctx.steady_s)


def _is_fresh(old: Json | None, new: Json) -> bool:
    """Whether it says the same, and was renewed lately."""
    if old is None or old | {"since": None} != new | {"since": None}:
        return False
    return datetime.fromisoformat(new["since"]) - datetime.fromisoformat(old["since"]) < RENEWED_AFTER


def _taken_from_others(view: View, whose: str, id: str, ctx: Context) -> dict[str, Profile | None]:
    """The profiles of others who had the device: their notices are not for whoever uses it now."""
    had = ((name, profile, Pushed.of(profile)) for name, profile in view.profiles.items() if name != whose)
    return {name: _with(profile, mine.without(id), ctx) for name, profile, mine in had if id in mine.devices}

"""Each person's stored profile, outside the state: private, in no snapshot or patch (decision 70)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from models.ack import ErrorCode
from sio_server.registry.errors import Refusal
from sio_server.registry.roles import Hours, Principal

PERSONS_MAX = 1_000
"""Profiles stored at most; those without preferences go first."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORKING_DAYS = 5  # from Monday, where preferences name only the hours


@dataclass(frozen=True)
class Profile:
    """One person's preferences as they set them, by name; `rev` grows with each change of them.

    `device_tz` is the zone of the program they last used, `at_s` when this last changed, in steady time.
    `seen_seq` is the position up to which they have looked, `seen_at` when they said so. `own` is what rules
    store about the person, by name.
    """

    rev: int = 0
    prefs: Mapping[str, Any] = field(default_factory=dict)
    device_tz: str | None = None
    at_s: float = 0.0
    seen_seq: int | None = None
    seen_at: str | None = None
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tz(self) -> str | None:
        """The zone that the person chose."""
        return self.prefs.get("tz")

    @property
    def zone(self) -> str | None:
        """The person's zone, for what is made in their absence; None if never stated."""
        return self.tz or self.device_tz

    @property
    def other_zones(self) -> tuple[str, ...]:
        """The zones that the person wants to see beside their own."""
        named = (self.prefs.get("tz2"), *(self.prefs.get("zones") or ()))
        return tuple(dict.fromkeys(zone for zone in named if zone))

    @property
    def name(self) -> str | None:
        """What the person wants to be called."""
        return self.prefs.get("name")

    @property
    def notify(self) -> Mapping[str, Any] | None:
        """What the person wants to be told (models.prefs.Notify); None for nothing."""
        return self.prefs.get("notify")

    @cached_property
    def hours(self) -> Hours | None:
        """Their working hours; None if not set."""
        said = self.prefs.get("working_hours")
        if said is None:
            return None
        if "start" in said:
            said = dict.fromkeys(DAYS[:_WORKING_DAYS], said)
        found = [said.get(day) for day in DAYS]
        return tuple(None if each is None else (each["start"], each["end"]) for each in found)

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return asdict(self)


Profiles = Mapping[str, Profile]
NOBODY_YET = Profile()


def updated(profiles: Profiles, changed: Mapping[str, Profile | None]) -> Profiles:
    """The profiles after a change; a new mapping, because the old one may be in use."""
    return {whose: profile for whose, profile in {**profiles, **changed}.items() if profile is not None}


def settled(who: Principal, profiles: Profiles) -> Principal:
    """The principal with their preferences applied; the zone they chose wins over the program's."""
    profile = profiles.get(who.whose) if who.whose else None
    if profile is None or not profile.prefs:
        return who
    tz = profile.tz
    called = profile.name or who.called
    return replace(who, tz=who.tz if tz is None else ZoneInfo(tz), hours=profile.hours, called=called)


def kept(whose: str, profile: Profile, profiles: Profiles) -> dict[str, Profile | None]:
    """The profiles to store, this one included (Delta.profiles).

    Errors: too_large, when the limit is reached and every profile has preferences.
    """
    if whose in profiles or len(profiles) < PERSONS_MAX:
        return {whose: profile}
    idle = [(other.at_s, name) for name, other in profiles.items() if not other.prefs]
    if not idle:
        message = (
            f"Preferences of {PERSONS_MAX:,} people, the most, are stored already: one has to reset theirs."
        )
        raise Refusal(ErrorCode.TOO_LARGE, message)
    return {min(idle)[1]: None, whose: profile}


def day_start(who: Principal, day: date, otherwise: time) -> time:
    """When the person's working day begins; `otherwise` on a day off or if not set."""
    hours = None if who.hours is None else who.hours[day.weekday()]
    return otherwise if hours is None else time.fromisoformat(hours[0])

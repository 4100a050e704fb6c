"""Notices: what a section has to tell people about, and where a person's profile keeps what they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.base import format_instant
from sio_server.registry.ops import Json
from sio_server.registry.persons import Profile
from sio_server.registry.roles import Principal

LASTS = timedelta(days=60)
"""A device whose page has not been open for so long is not notified any more."""
_OWN = "push"


@dataclass(frozen=True)
class Reader:
    """A person who may be told something: `wants` are their preferences, `is_me` says whether a written name
    means them, `names` are the authors that they are."""

    who: Principal
    wants: Mapping[str, Any]
    is_me: Callable[[str], bool]
    names: frozenset[str]


@dataclass(frozen=True)
class Happened:
    """A logged change (models.change.Change with `before`), and the position and cause of its commit."""

    seq: int
    cause: Json
    change: Json


@dataclass(frozen=True)
class Notice:
    """Something to be told of the item `id`, to those who see it and for whom `concerns` is true.

    `kind`, `fields`  the sentence, and what fills it (models.push.NoticeWords)
    `occasion`        told to a person once
    `until`           after that it is too late
    `by`              the names of the author, who is not told
    """

    kind: str
    section: str
    id: str
    occasion: str
    fields: Mapping[str, str]
    until: datetime
    concerns: Callable[[Reader], bool]
    code: str | None = None
    by: frozenset[str] = frozenset()

    @property
    def tag(self) -> str:
        """A newer notice with this tag replaces it."""
        return f"{self.kind} {self.id}"


@dataclass(frozen=True)
class Pushed:
    """What a profile keeps.

    `devices`  by id: models.push.AddDevice, `since` when, and `me`, the names that the person had
    `told`     the newest occasions that the person was told of
    `due`      the notices on their way: models.push.Notice, `until` when, and `to` which devices
    """

    devices: Mapping[str, Json]
    told: tuple[str, ...] = ()
    due: tuple[Json, ...] = ()

    @classmethod
    def of(cls, profile: Profile) -> Pushed:
        """Reads what `kept_in` wrote."""
        own = profile.own.get(_OWN, {})
        return cls(own.get("devices", {}), tuple(own.get("told", ())), tuple(own.get("due", ())))

    def kept_in(self, profile: Profile) -> Mapping[str, Any]:
        """The profile's `own` with this in it."""
        mine = {"devices": dict(self.devices), "told": [*self.told], "due": [*self.due]}
        return {**profile.own, _OWN: mine}

    def lasting(self, now: datetime) -> dict[str, Json]:
        """The devices that are still notified."""
        oldest = format_instant(now - LASTS)
        return {id: one for id, one in self.devices.items() if one["since"] > oldest}

    def without(self, device: str) -> Pushed:
        """The same when the device is gone."""
        devices = {id: one for id, one in self.devices.items() if id != device}
        left = [one | {"to": [id for id in one["to"] if id != device]} for one in self.due]
        return Pushed(devices, self.told, tuple(one for one in left if one["to"]))

    def sent(self, notice: Json, device: str) -> Pushed:
        """The same when the device has the notice, to whichever others it is on its way by now."""
        due = []
        for one in self.due:
            if one | {"to": []} == notice | {"to": []}:
                one = one | {"to": [id for id in one["to"] if id != device]}
            due += [one] if one["to"] else []
        return Pushed(self.devices, self.told, tuple(due))

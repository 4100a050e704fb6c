"""Preferences: what one person sets for themselves, on all their devices."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from models.base import Few, Lax, Line, Personal, Wire, some_words
from models.handshake import Zone

PANELS_MAX = 32  # the page has a dozen
ZONES_MAX = 5
"""Beside the person's own and the second: more are no line any more."""

ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Name = Annotated[Line, Field(min_length=1, max_length=100), AfterValidator(some_words)]
PartName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
Language = Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Theme(StrEnum):
    """`system`: as the device has it."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Density(StrEnum):
    """How much stands on a screen."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"


class Working(Wire):
    """From when to when, like `09:00` and `17:30`, in the person's zone."""

    start: ClockTime
    end: ClockTime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError("the end must be after the start")
        return self


class WorkingWeek(Wire):
    """A day that is null or left out is a day off."""

    mon: Working | None = None
    tue: Working | None = None
    wed: Working | None = None
    thu: Working | None = None
    fri: Working | None = None
    sat: Working | None = None
    sun: Working | None = None


PartNames = Annotated[tuple[PartName, ...], Few(PANELS_MAX)]


class Panels(Wire):
    """The panels' names in their order, and those that are hidden."""

    order: PartNames = ()
    hidden: PartNames = ()


class Notify(Wire):
    """What to be notified of: `before_min` minutes before a meeting (null: not at all), when something is
    assigned to the person, when a source fails, when a brief was made."""

    before_min: Annotated[int, Field(ge=0, le=240)] | None = 5
    assigned: bool = True
    source: bool = True
    brief: bool = True


class Preferences(Wire):
    """What a person has set; null where they set nothing. `name` is what others call them, `tz` is their zone
    in place of the device's, `tz2` a second one to be shown and `zones` further ones. `working_hours` are
    of Monday to Friday, or of each day. `brief_at` is when a brief of the day is made by
    itself, `start` the page that opens first."""

    name: Name | None = None
    tz: Zone | None = None
    tz2: Zone | None = None
    zones: Annotated[tuple[Zone, ...], Few(ZONES_MAX)] | None = None
    working_hours: Working | WorkingWeek | None = None
    brief_at: ClockTime | None = None
    theme: Annotated[Theme, Lax] | None = None
    density: Annotated[Density, Lax] | None = None
    panels: Panels | None = None
    start: PartName | None = None
    language: Language | None = None
    notify: Notify | None = None


class SetPrefs(Personal):
    """Fields that are left out stay as they are; null takes a preference back."""

    set: Preferences


class MyPrefs(Wire):
    """The preferences of who asks; `rev` grows with each change. `person` is what others call them,
    `device_tz` the zone that one of their devices named last. `me` are the names and addresses by which the
    one is known whom the board is for."""

    person: str
    me: tuple[str, ...] = ()
    rev: int
    device_tz: str | None
    prefs: Preferences

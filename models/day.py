"""A day of one person: what is planned, what is free, what is at one time, and what its meetings are for."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from models.base import Lax, Wire, day
from models.conflicts import Conflict

Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(day)]


class GetDay(Wire):
    """`date` is a day in the person's zone; left out it is today."""

    date: Day | None = None


class Stretch(Wire):
    """A time between two instants."""

    start: str
    end: str


class Planned(Wire):
    """A priority that is to be done by that day; `minutes` is null where nobody said how long it takes."""

    id: str
    code: str
    title: str
    minutes: int | None


class Due(Wire):
    """A promise that is due that day, a priority that was snoozed until then, or an event that is off."""

    id: str
    code: str
    title: str


class Meeting(Wire):
    """An event of that day that the person attends. `headline` is what to decide there, or what it is for;
    null where nothing says so."""

    id: str
    code: str
    title: str
    headline: str | None


class DayLoad(Wire):
    """The day in the person's zone, `tz`. `working` is when they work (null: a day off); `free` are the times
    in it, from now on, of at least a quarter of an hour that no event takes, `free_min` all free minutes.
    `planned_min` are the minutes of what is `planned`, `unestimated` how many of it have none. `over_min` is
    by how much what is planned is more than what is free. `promised` is what one owes that is due that day,
    `back` what is snoozed until then and not `planned`. `off` are the events of that day
    that are cancelled, declined by the person, or moved to another day.
    `conflicts_left_out`: how many more there are, of this day and later ones, than the board lists."""

    date: str
    tz: str
    working: Stretch | None
    free: Annotated[tuple[Stretch, ...], Lax]
    free_min: int
    planned: Annotated[tuple[Planned, ...], Lax]
    planned_min: int
    unestimated: int
    over_min: int
    conflicts: Annotated[tuple[Conflict, ...], Lax]
    conflicts_left_out: int = 0
    meetings: Annotated[tuple[Meeting, ...], Lax]
    promised: Annotated[tuple[Due, ...], Lax] = ()
    back: Annotated[tuple[Due, ...], Lax] = ()
    off: Annotated[tuple[Due, ...], Lax] = ()

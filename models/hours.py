"""Hours and durations in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo


def spelled(minutes: int) -> str:
    """`1 h 30 min`, `nothing`."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (rest > 0)) or "nothing"


def elsewhere(here: datetime, zones: Iterable[ZoneInfo]) -> str:
    """`08:05 New York, Wed 01:05 Tokyo`: the instant in other zones, with the day where it is another one."""
    told = []
    for zone in zones:
        there = here.astimezone(zone)
        day = "" if there.date() == here.date() else f"{there:%a} "
        told.append(f"{day}{there:%H:%M} {zone.key.rpartition('/')[2].replace('_', ' ')}")
    return ", ".join(told)

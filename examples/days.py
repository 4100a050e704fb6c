"""Dates and times around today, in this machine's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Days:
    """The days around a moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone()

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """A time on the day this many days from today."""
        day = (self.now + timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return day.replace(tzinfo=None).astimezone()  # the offset of that day, not of today

    def soon(self, minutes: int) -> datetime:
        """About this many minutes from now, at a multiple of five."""
        then = (self.now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
        return then - timedelta(minutes=then.minute % 5)

    def date(self, days: int) -> str:
        """The date this many days from today: `2026-11-23`."""
        return self.at(days, 12).date().isoformat()

    def monday(self) -> int:
        """How many days ago this week's Monday was, as a number of days from today."""
        return -self.now.weekday()


def instant(when: datetime) -> str:
    """As iCalendar has it, in UTC: `20261123T090000Z`."""
    return when.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

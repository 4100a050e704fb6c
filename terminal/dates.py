"""Dates and times as people say them, in their own time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

Moment = date | datetime


def moment(text: object) -> Moment | None:
    """A wire date or instant; None for anything else."""
    try:
        return date.fromisoformat(str(text)) if len(str(text)) == 10 else _instant(str(text))
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else None


def day_of(when: Moment, zone: tzinfo) -> date:
    """The day on which it falls in the person's zone."""
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


def passed(when: Moment, now: datetime, zone: tzinfo) -> bool:
    """Whether it is past: a date once its day is over, an instant at once."""
    return when <= now if isinstance(when, datetime) else when < day_of(now, zone)


def clock(when: Moment, zone: tzinfo) -> str:
    """`09:30`; empty for a date."""
    return f"{when.astimezone(zone):%H:%M}" if isinstance(when, datetime) else ""


def day_name(day: date, today: date) -> str:
    """Today, Tomorrow, `Wed 5 Aug`, or `5 Aug 2027` in another year."""
    match (day - today).days:
        case 0:
            return "Today"
        case 1:
            return "Tomorrow"
        case _:
            return f"{day:%a} {day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b %Y}"


def day_and_time(when: Moment, now: datetime, zone: tzinfo) -> str:
    """`today 09:30`, `tomorrow`, `Wed 5 Aug`."""
    day = day_of(when, zone)
    name = day_name(day, day_of(now, zone))
    name = name.lower() if day_of(now, zone) <= day <= day_of(now, zone) + timedelta(days=1) else name
    return f"{name} {clock(when, zone)}".rstrip()


def age(when: Moment | None, now: datetime) -> str:
    """`just now`, `3 min ago`, `2 h ago`, `4 days ago`; `never` when there was none."""
    if not isinstance(when, datetime):
        return "never"
    minutes = (now - when) // timedelta(minutes=1)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"

"""Days that do not have 24 hours: what is all day takes all of the last one, and nothing of the next."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from briefs.short.day import day
from handlers.conflicts import found
from models.base import format_instant
from models.calendar import CalendarItem
from tests.briefs.given import event, facts, said

# When the clocks change there, to summer time and back: on Lord Howe by half an hour, in Cairo at midnight.
CHANGES = [
    ("Europe/Berlin", "2027-03-28"),
    ("Europe/Berlin", "2027-10-31"),
    ("America/New_York", "2027-03-14"),
    ("America/New_York", "2027-11-07"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("Australia/Lord_Howe", "2027-10-03"),
    ("America/Santiago", "2027-09-05"),
    ("Africa/Cairo", "2027-04-30"),
]


@pytest.mark.parametrize(("zone", "changes"), CHANGES)
@pytest.mark.parametrize("last", [0, 1, 2])
def test_an_absence_over_a_change_of_the_clocks_takes_its_days_and_no_more(
    zone: str, changes: str, last: int
) -> None:
    tz = ZoneInfo(zone)
    first, until = date.fromisoformat(changes) - timedelta(days=1), date.fromisoformat(changes)
    until += timedelta(days=last)
    away = event("C1", first.isoformat(), "Away", end=until.isoformat())

    def meeting(code: str, at: datetime) -> CalendarItem:
        start, end = format_instant(at), format_instant(at + timedelta(minutes=20))
        return event(code, start, f"Meeting {code}", end=end)

    night = time(23, 30)
    before = meeting("C2", datetime.combine(first - timedelta(days=1), night, tz))
    inside = meeting("C3", datetime.combine(until - timedelta(days=1), night, tz))
    after = meeting("C4", datetime.combine(until, time(1, 30), tz))
    now = datetime.combine(first - timedelta(days=3), time(12), tz)
    events = [before, away, inside, after]
    pairs = [conflict.events for conflict in found(events, now, tz)]
    assert pairs == [("e1", "e3")]
    for at in range(-1, (until - first).days + 1):
        on = first + timedelta(days=at)
        board = facts(*events, now=datetime.combine(on, time(0, 10), tz), tz=tz)
        told = " ".join(said(day(board)[1]).get("Meetings", []))
        assert ("All day: Away" in told) == (first <= on < until), on
        assert ("23:30 Meeting C3" in told) == (on == until - timedelta(days=1)), on

"""When an event begins and ends: over the changes of the clocks, with dates beside times, and by Outlook's
word."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.ics.moments import instant
from collectors.ics.recurrence import Window
from collectors.types import Kind
from tests.collectors.calendars import OUTLOOK_ZONE, items, read, whys

NOON = datetime.combine(date(2027, 6, 1), time(12))
BERLIN = ZoneInfo("Europe/Berlin")
YEAR = Window.around(datetime(2027, 6, 1, tzinfo=UTC), 300, 300, BERLIN)


def spans(lines: str, zone: str = "Europe/Berlin") -> list[tuple[str, str]]:
    """Start and end of each occurrence, day and minute in UTC."""
    found = items(f"UID:a\n{lines.replace('TZID=Z', f'TZID={zone}')}", OUTLOOK_ZONE, window=YEAR)
    return [(item["start"][5:16], item["end"][5:16]) for item in found]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "W. Europe"])
@pytest.mark.parametrize("end", ["DURATION:PT30M", "DTEND;TZID=Z:20270327T030000"])
def test_a_time_that_the_clocks_pass_over_in_march_is_by_the_offset_before(zone: str, end: str) -> None:
    found = spans(f"DTSTART;TZID=Z:20270327T023000\n{end}\nRRULE:FREQ=DAILY;COUNT=3", zone)
    assert found == [
        ("03-27T01:30", "03-27T02:00"),
        ("03-28T01:30", "03-28T02:00"),
        ("03-29T00:30", "03-29T01:00"),
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "W. Europe"])
@pytest.mark.parametrize("end", ["DURATION:PT45M", "DTEND;TZID=Z:20271030T031500"])
def test_45_minutes_are_45_minutes_in_the_hour_that_comes_twice(zone: str, end: str) -> None:
    found = spans(f"DTSTART;TZID=Z:20271030T023000\n{end}\nRRULE:FREQ=DAILY;COUNT=2", zone)
    assert found == [("10-30T00:30", "10-30T01:15"), ("10-31T00:30", "10-31T01:15")]


def test_hours_of_a_duration_are_exact_and_its_days_are_days_of_the_calendar() -> None:
    assert spans("DTSTART;TZID=Z:20270327T220000\nDURATION:PT8H") == [("03-27T21:00", "03-28T05:00")]
    assert spans("DTSTART;TZID=Z:20271030T220000\nDURATION:PT8H") == [("10-30T20:00", "10-31T04:00")]
    assert spans("DTSTART;TZID=Z:20270327T220000\nDURATION:P1D") == [("03-27T21:00", "03-28T20:00")]
    assert spans("DTSTART;TZID=Z:20270327T220000\nDURATION:P1DT1H") == [("03-27T21:00", "03-28T21:00")]


def test_an_end_keeps_to_the_clock_on_the_wall() -> None:
    nights = "DTSTART;TZID=Z:20270326T220000\nDTEND;TZID=Z:20270327T060000\nRRULE:FREQ=DAILY;COUNT=2"
    assert spans(nights) == [("03-26T21:00", "03-27T05:00"), ("03-27T21:00", "03-28T04:00")]


def test_a_period_has_its_own_length_over_a_change_of_the_clocks() -> None:
    extra = "DTSTART;TZID=Z:20270320T100000\nDURATION:PT1H\nRDATE;VALUE=PERIOD;TZID=Z:20270327T220000/PT8H"
    assert spans(extra)[1] == ("03-27T21:00", "03-28T05:00")


def test_a_rule_in_utc_stays_in_utc_whatever_the_calendar_says_of_its_zone() -> None:
    weekly = "UID:a\nDTSTART:20270321T140000Z\nRRULE:FREQ=WEEKLY;COUNT=2"
    found = items(weekly, properties="X-WR-TIMEZONE:Europe/Berlin", window=YEAR)
    assert [item["start"] for item in found] == ["2027-03-21T14:00:00Z", "2027-03-28T14:00:00Z"]
    assert found[1]["formerly"] == ["a#20270328T130000Z"]


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        (
            "DTSTART:20270612T220000Z\nDTEND;VALUE=DATE:20270614",
            "2027-06-12T22:00:00Z",
            "2027-06-13T22:00:00Z",
        ),
        (
            "DTSTART;VALUE=DATE:20270614\nDTEND:20270615T100000Z",
            "2027-06-13T22:00:00Z",
            "2027-06-15T10:00:00Z",
        ),
        (
            "DTSTART;TZID=America/New_York:20270612T200000\nDTEND;VALUE=DATE:20270613",
            "2027-06-13T00:00:00Z",
            "2027-06-13T04:00:00Z",
        ),
        ("DTSTART;VALUE=DATE:20270614\nDURATION:PT36H", "2027-06-13T22:00:00Z", "2027-06-15T10:00:00Z"),
        ("DTSTART;VALUE=DATE:20270614\nDURATION:PT48H", "2027-06-14", "2027-06-16"),
        ("DTSTART;VALUE=DATE:20270614\nDURATION:P1W", "2027-06-14", "2027-06-21"),
        ("DTSTART;VALUE=DATE:20270614\nDTEND;VALUE=DATE:20270614", "2027-06-14", "2027-06-15"),
        ("DTSTART:20270614", "2027-06-14", "2027-06-15"),
        (
            "DTSTART:2027-06-14T09:00:00Z\nDTEND:2027-06-14T10:00Z",
            "2027-06-14T09:00:00Z",
            "2027-06-14T10:00:00Z",
        ),
        ("DTSTART;VALUE=DATE:2027-06-14", "2027-06-14", "2027-06-15"),
        ("DTSTART:20270614T240000Z", "2027-06-15T00:00:00Z", "2027-06-15T00:00:00Z"),
        ("DTSTART:20270614T235960Z", "2027-06-14T23:59:59Z", "2027-06-14T23:59:59Z"),
    ],
)
def test_a_date_beside_a_time_is_a_midnight_where_the_person_is(lines: str, start: str, end: str) -> None:
    (item,) = items(f"UID:a\n{lines}", window=YEAR)
    assert (item["start"], item["end"]) == (start, end)


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART:20270614T090000Z\nDURATION:-PT15M",
        "DTSTART:20270614T090000Z\nDTEND:20270614T080000Z",
        "DTSTART:20270614T090000Z\nDTEND;VALUE=DATE:20270614",
    ],
)
def test_an_event_that_ends_before_it_begins_is_shown_without_a_length(lines: str) -> None:
    reading = read(f"UID:a\n{lines}", window=YEAR)
    (item,) = reading.items
    assert item["start"] == item["end"] == "2027-06-14T09:00:00Z"
    assert "it ends before it begins" in whys(reading, Kind.NOTE)[0]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("DTSTART;TZID=Europe/Berlin:20270614T000000", "DTEND;TZID=Europe/Berlin:20270616T000000"),
        ("DTSTART;TZID=America/New_York:20270614T000000", "DTEND;TZID=America/New_York:20270616T000000"),
        ("DTSTART:20270613T220000Z", "DTEND:20270615T220000Z"),
        ("DTSTART:20270614T000000", "DURATION:P2D"),
    ],
)
@pytest.mark.parametrize("name", ["X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT"])
def test_what_outlook_calls_an_event_of_all_day_has_dates(start: str, end: str, name: str) -> None:
    (item,) = items(f"UID:a\n{start}\n{end}\n{name}:TRUE", window=YEAR)
    assert (item["start"], item["end"], item["all_day"]) == ("2027-06-14", "2027-06-16", True)
    (timed,) = items(f"UID:a\n{start}\n{end}\n{name}:FALSE", window=YEAR)
    assert not timed["all_day"]


def test_a_part_of_a_day_has_times_whatever_outlook_calls_it() -> None:
    lines = "DTSTART:20270614T090000Z\nDTEND:20270614T170000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE"
    assert not items(f"UID:a\n{lines}", window=YEAR)[0]["all_day"]


@given(at=st.datetimes(NOON - timedelta(days=400), NOON + timedelta(days=400)))
def test_a_time_in_a_zone_is_the_first_instant_at_which_the_clocks_show_it(at: datetime) -> None:
    moment = at.replace(tzinfo=BERLIN)
    found = instant(moment, UTC)
    shown = found.astimezone(BERLIN).replace(tzinfo=None)
    assert shown == at or (shown - at).total_seconds() == 3600
    assert found.timestamp() - 3600 != instant(moment.replace(fold=1), UTC).timestamp()

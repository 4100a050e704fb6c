"""Times of any zone become UTC, however a program names the zone."""

from __future__ import annotations

import pytest

from collectors.types import Kind
from tests.collectors.calendars import OWN_ZONE, calendar, items, read, read_octets, whys


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("America/New_York", "15:00", "14:00"),
        ("europe/berlin", "09:00", "08:00"),
        ("W. Europe Standard Time", "09:00", "08:00"),
        ("/example.org/Europe/Berlin", "09:00", "08:00"),
        ("/Europe/Vienna", "09:00", "08:00"),
        ("Etc/GMT-3", "07:00", "07:00"),
        ("UTC+01:00", "09:00", "09:00"),
        ("GMT-0500", "15:00", "15:00"),
        ("GMT+5:30", "04:30", "04:30"),
        ("+0200", "08:00", "08:00"),
        ("UTC", "10:00", "10:00"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien"', "09:00", "08:00"),
        ("(GMT+01:00) Amsterdam, Berlin", "09:00", "08:00"),
        ('"(UTC-05:00) Eastern Time (US & Canada)"', "15:00", "14:00"),
        ("Pacific Time (US & Canada)", "18:00", "17:00"),
        ('"(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi"', "04:30", "04:30"),
        ('"(UTC+02:00) Nowhere, Elsewhere"', "08:00", "08:00"),
        ('"(UTC) Dublin, Edinburgh, Lisbon, London"', "10:00", "09:00"),
    ],
)
def test_a_zone_is_known_by_its_name_in_winter_and_in_summer(zone: str, winter: str, summer: str) -> None:
    events = (f"UID:{day}\nDTSTART;TZID={zone}:{day}T100000" for day in ("20260304", "20260506"))
    starts = [item["start"][11:16] for item in read(*events).items]
    assert starts == [winter, summer]


@pytest.mark.parametrize("name", ["Own Zone", "UTC+01:00", "Customized Time Zone"])
def test_a_zone_that_the_calendar_defines_is_what_it_says(name: str) -> None:
    (item,) = items(f'UID:a\nDTSTART;TZID="{name}":20260312T100000', OWN_ZONE.format(name=name))
    assert item["start"] == "2026-03-12T06:30:00Z"


def test_a_time_in_utc_is_in_utc_whatever_zone_stands_beside_it() -> None:
    (item,) = items("UID:a\nDTSTART;TZID=Europe/Berlin:20260312T100000Z")
    assert item["start"] == "2026-03-12T10:00:00Z"


@pytest.mark.parametrize("name", ["Nowhere/Nothing", "UTC+25", "PST", "+", "(x) y"])
def test_a_name_that_nobody_knows_is_said_once(name: str) -> None:
    reading = read(*(f"UID:{uid}\nDTSTART;TZID={name}:20260312T100000" for uid in "ab"))
    assert [item["start"] for item in reading.items] == ["2026-03-12T10:00:00Z"] * 2
    why = f"1.ics: its time zone {name} is unknown; 2 times in it are read without one"
    assert whys(reading, Kind.NOTE) == [why]


def test_what_a_name_was_taken_for_is_said_where_it_is_a_guess() -> None:
    reading = read('UID:a\nDTSTART;TZID="(UTC+02:00) Nowhere":20260312T100000')
    (said,) = whys(reading, Kind.NOTE)
    assert said.endswith("(UTC+02:00) Nowhere is not defined in it, and is read as UTC+02:00 all year")


def test_a_zone_of_one_file_says_nothing_about_the_next_one() -> None:
    told = "UID:{}\nDTSTART;TZID=Mine:20260312T100000"
    reading = read_octets(
        calendar(told.format("a"), OWN_ZONE.format(name="Mine")), calendar(told.format("b"))
    )
    assert [item["start"] for item in reading.items] == ["2026-03-12T06:30:00Z", "2026-03-12T10:00:00Z"]
    assert whys(reading, Kind.NOTE)[0].startswith("2.ics: its time zone Mine is unknown")

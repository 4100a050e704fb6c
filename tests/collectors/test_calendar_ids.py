"""What an occurrence is called: the same by whatever clock the person looks, and what it was called
before."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from collectors.ics.file import Octets, read_calendars
from collectors.ics.item import Item
from collectors.ics.recurrence import Window
from tests.collectors.calendars import NOW, calendar, items

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland")


def by_clock(zone: str, *components: str) -> list[Item]:
    window = Window.around(NOW, 7, 60, ZoneInfo(zone))
    return read_calendars([Octets("1.ics", calendar(*components))], window).items


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        ("DTSTART;VALUE=DATE:20260312", "20260312"),
        ("DTSTART:20260312T100000", "20260312T100000"),
        ("DTSTART;TZID=Nowhere:20260312T100000", "20260312T100000"),
        ("DTSTART:20260312T100000Z", "20260312T100000Z"),
        ("DTSTART;TZID=Europe/Berlin:20260312T100000", "20260312T090000Z"),
        ("DTSTART;VALUE=DATE:20260312\nDTEND:20260313T100000Z", "20260312"),
        (
            "DTSTART;TZID=Europe/Berlin:20260312T000000\nDURATION:P1D\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
            "20260312",
        ),
    ],
)
@pytest.mark.parametrize("zone", ZONES)
def test_an_occurrence_has_the_same_id_by_every_clock(lines: str, first: str, zone: str) -> None:
    found = by_clock(zone, f"UID:a\n{lines}\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert found[0]["id"] == f"a#{first}"
    assert len(found) == 2


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_that_exchange_moved_is_called_by_its_date(zone: str) -> None:
    series = "UID:a\nDTSTART;VALUE=DATE:20260312\nRRULE:FREQ=WEEKLY;COUNT=2"
    moved = "UID:a\nRECURRENCE-ID;TZID=W. Europe Standard Time:20260319T000000\nDTSTART;VALUE=DATE:20260320"
    found = by_clock(zone, series, moved)
    assert [(item["id"], item["start"]) for item in found] == [
        ("a#20260312", "2026-03-12"),
        ("a#20260319", "2026-03-20"),
    ]
    assert found[1]["formerly"] == ["a#20260318T230000Z"]


def test_a_time_without_a_zone_names_what_it_was_called_by_this_clock() -> None:
    found = by_clock("Europe/Berlin", "UID:a\nDTSTART:20260312T100000\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert [item["formerly"] for item in found] == [["a#20260312T090000Z", "a"], ["a#20260319T090000Z"]]


def test_an_event_that_begins_or_ceases_to_recur_says_what_it_was() -> None:
    (alone,) = items("UID:a\nDTSTART:20260312T100000Z")
    first, second = items("UID:a\nDTSTART:20260312T100000Z\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert (alone["id"], alone["formerly"]) == ("a", ["a#20260312T100000Z"])
    assert (first["id"], first["formerly"]) == ("a#20260312T100000Z", ["a"])
    assert second["formerly"] == []


def test_an_event_without_a_uid_is_called_so_and_says_what_it_was_called() -> None:
    (item,) = items("DTSTART:20260312T100000Z\nSUMMARY:Lunch")
    known = item["id"].removeprefix("nameless#")
    assert item["formerly"][-1] == f"nameless-{known}"


def test_a_uid_that_was_taken_as_it_is_and_is_too_long_by_now_is_told() -> None:
    (item,) = items(f"UID:{'x' * 250}\nDTSTART:20260312T100000Z")
    assert item["id"].startswith("sha256-")
    assert "x" * 250 in item["formerly"]


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        (
            "DTSTART:20260312T100000\nSUMMARY:Lunch\nLOCATION:Here\nRRULE:FREQ=DAILY;COUNT=1",
            "5547df45dbe32b33",
        ),
        ("DTSTART;TZID=Europe/Berlin:20260312T100000\nSUMMARY:Lunch", "dc6a8ee10997c1cf"),
        ("DTSTART:20260312T100000Z\nSUMMARY:Lunch", "9a83d00b463f1493"),
        ("DTSTART;VALUE=DATE:20260312\nDESCRIPTION:Lunch", "e56a684a81ca2055"),
    ],
)
def test_what_an_event_without_a_uid_is_known_by_does_not_change(lines: str, known: str) -> None:
    (item,) = items(lines)
    assert item["id"].startswith(f"nameless#{known}")
    assert any(former.startswith(f"nameless-{known}") for former in item["formerly"])

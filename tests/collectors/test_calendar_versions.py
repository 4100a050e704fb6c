"""Of several versions of an event the newest counts, wherever it stands; a cancellation is one."""

from __future__ import annotations

import pytest

from collectors.types import Kind
from tests.collectors.calendars import calendar, event, fates, ids, off, read, read_octets, whys

AT = "20260312T100000Z"
SERIES = event("s", "20260309T100000Z", "SEQUENCE:0", "RRULE:FREQ=DAILY;COUNT=3")


def of(day: int, *more: str) -> str:
    """The occurrence of SERIES on that day of March."""
    return event("s", f"202603{day:02}T100000Z", f"RECURRENCE-ID:202603{day:02}T100000Z", *more)


def days(*files: bytes) -> list[str]:
    items = read_octets(*files).items
    return [item["start"][8:10] for item in items if item["status"] != "cancelled"]


CANCEL = "METHOD:CANCEL"


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("apart", ["files", "calendars"])
def test_a_cancellation_in_another_calendar_counts_whatever_the_order(order: int, apart: str) -> None:
    invited = calendar(event("a", AT, "SEQUENCE:0"), SERIES, properties="METHOD:REQUEST")
    gone = event("a", AT, "SEQUENCE:1", "STATUS:CANCELLED"), of(10, "SEQUENCE:1", "STATUS:CANCELLED")
    files = [invited, calendar(*gone, properties=CANCEL)][::order]
    reading = read_octets(*files) if apart == "files" else read_octets(b"".join(files))
    assert ids(reading) == ["s#20260309T100000Z", "s#20260311T100000Z"]
    assert sorted(off(reading)) == ["a", "s#20260310T100000Z"]
    assert fates(reading.events) == {"taken": 3, "older versions or copies": 1}


@pytest.mark.parametrize(
    ("request_version", "cancel_version", "stays"),
    [
        (["SEQUENCE:0"], ["SEQUENCE:0"], False),
        ([], [], False),
        (["SEQUENCE:2"], ["SEQUENCE:1"], True),
        (["SEQUENCE:1", "DTSTAMP:20260302T000000Z"], ["SEQUENCE:1", "DTSTAMP:20260301T000000Z"], True),
        (["SEQUENCE:1", "DTSTAMP:20260301T000000Z"], ["SEQUENCE:1", "DTSTAMP:20260302T000000Z"], False),
    ],
)
def test_a_cancellation_counts_if_it_is_no_older(
    request_version: list[str], cancel_version: list[str], stays: bool
) -> None:
    invited, gone = calendar(event("a", AT, *request_version)), event("a", AT, *cancel_version)
    assert bool(days(invited, calendar(gone, properties=CANCEL))) is stays


def test_a_cancellation_need_not_say_when_it_would_have_been() -> None:
    whole = calendar("UID:s\nSEQUENCE:1", properties=CANCEL)
    assert days(calendar(SERIES), whole) == []
    one = calendar("UID:s\nSEQUENCE:1\nRECURRENCE-ID:20260310T100000Z", properties=CANCEL)
    assert days(calendar(SERIES), one) == ["09", "11"]
    rest = calendar(
        "UID:s\nSEQUENCE:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260310T100000Z", properties=CANCEL
    )
    assert days(calendar(SERIES), rest) == ["09"]


def test_what_was_changed_after_the_whole_was_cancelled_takes_place() -> None:
    series = calendar(SERIES, of(10, "SEQUENCE:0"), of(11, "SEQUENCE:2"))
    assert days(series, calendar("UID:s\nSEQUENCE:1", properties=CANCEL)) == ["11"]


def test_an_occurrence_that_is_kept_of_a_cancelled_series_takes_place() -> None:
    off_, kept = SERIES + "\nSTATUS:CANCELLED", of(10, "STATUS:CONFIRMED")
    assert days(calendar(off_, kept, of(11))) == ["10"]
    assert days(calendar(off_.replace("SEQUENCE:0", "SEQUENCE:1"), kept)) == []
    assert days(calendar(SERIES, kept), calendar("UID:s", properties=CANCEL)) == []


def test_a_new_version_of_a_series_replaces_the_old_one_in_another_file() -> None:
    newer = event("s", "20260319T100000Z", "SEQUENCE:1", "RRULE:FREQ=DAILY;COUNT=2")
    assert days(calendar(SERIES, of(10, "SEQUENCE:0")), calendar(newer)) == ["19", "20"]


def test_an_occurrence_that_was_moved_in_another_file_is_moved_also_out_of_these_days() -> None:
    moved = "UID:s\nRECURRENCE-ID:20260310T100000Z\nDTSTART:20271010T100000Z"
    assert days(calendar(SERIES), calendar(moved)) == ["09", "11"]


def test_answers_to_an_invitation_are_no_events_and_one_more_date_is_one() -> None:
    for method in ("REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER"):
        answer = calendar(event("s", "20260325T100000Z", "SEQUENCE:9"), properties=f"METHOD:{method}")
        reading = read_octets(calendar(SERIES), answer)
        assert [item["start"][8:10] for item in reading.items] == ["09", "10", "11"]
        assert reading.events.left["answers to invitations"] == 1
    added = calendar(event("s", "20260325T100000Z", "SEQUENCE:1"), properties="METHOD:ADD")
    assert days(calendar(SERIES), added) == ["09", "10", "11", "25"]


def test_an_exception_of_which_the_library_knows_only_half_is_that_of_the_rule() -> None:
    all_day = "UID:d\nDTSTART;VALUE=DATE:20260309\nRRULE:FREQ=DAILY;COUNT=3"
    moved = "UID:d\n{}\nDTSTART;VALUE=DATE:20260320"
    for recurrence in (
        "RECURRENCE-ID;VALUE=DATE:20260310",
        "RECURRENCE-ID:20260310T000000",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260310T000000",
        "RECURRENCE-ID:20260309T230000Z",
        "RECURRENCE-ID:20260310T050000Z",
    ):
        reading = read(all_day, moved.format(recurrence))
        assert ids(reading) == ["d#20260309", "d#20260311", "d#20260310"], recurrence
    timed = "UID:d\nDTSTART;TZID=Europe/Berlin:20260309T100000\nRRULE:FREQ=DAILY;COUNT=3"
    reading = read(timed, moved.format("RECURRENCE-ID;VALUE=DATE:20260310"), "UID:x\nDTSTART:20260301")
    assert ids(reading) == ["d#20260309T090000Z", "d#20260311T090000Z", "d#20260310T090000Z"]


def test_the_numbers_of_a_reading_add_up() -> None:
    reading = read(
        SERIES,
        of(10, "STATUS:CANCELLED"),
        event("copy", AT, "SEQUENCE:1"),
        event("copy", AT, "SEQUENCE:0"),
        event("over", "20200312T100000Z"),
        "UID:bad\nDTSTART:soon",
        event("years", "22500312T100000Z"),
        event("gone", AT, "STATUS:CANCELLED"),
    )
    assert fates(reading.events) == {
        "taken": 4,
        "older versions or copies": 1,
        "outside these days": 2,
        "skipped": 1,
    }
    assert fates(reading.occurrences) == {"taken": 5}
    assert len(whys(reading, Kind.SKIPPED)) == 1

"""What the reader makes of a calendar file."""

from datetime import UTC, datetime

import pytest

from collectors.types import Kind
from tests.collectors.calendars import (
    WINDOW,
    calendar,
    event,
    fates,
    ids,
    items,
    off,
    read,
    read_octets,
    whys,
)


def test_an_event_becomes_an_item_with_all_that_people_read() -> None:
    (item,) = items(
        event(
            "uid-1@example.org",
            "20260312T100000Z",
            "DTEND:20260312T113000Z",
            "LOCATION:Room 5\\, second floor",
            "DESCRIPTION:First line\\nsecond line",
            "URL:https://example.org/a?b=c",
            "ORGANIZER;CN=Ann:mailto:ann@example.org",
            "ATTENDEE;CN=Ann:MAILTO:ann@example.org",
            'ATTENDEE;CN="Bo, jr.":mailto:bo@example.org',
            "ATTENDEE:mailto:cy@example.org",
            "ATTENDEE;CUTYPE=ROOM;CN=Room 5:mailto:room5@example.org",
        )
    )
    assert item == {
        "id": "uid-1@example.org",
        "formerly": ["uid-1@example.org#20260312T100000Z"],
        "title": "Title of uid-1@example.org",
        "start": "2026-03-12T10:00:00Z",
        "end": "2026-03-12T11:30:00Z",
        "all_day": False,
        "attendees": ["Ann <ann@example.org>", "Bo, jr. <bo@example.org>", "cy@example.org"],
        "answers": [],
        "location": "Room 5, second floor",
        "description": "First line\nsecond line",
        "url": "https://example.org/a?b=c",
        "status": "confirmed",
        "busy": True,
        "private": False,
        "organizer": "Ann <ann@example.org>",
        "join_url": None,
    }


def test_an_all_day_event_keeps_its_dates_and_the_day_after_its_last() -> None:
    (item,) = items("UID:a\nDTSTART;VALUE=DATE:20260312\nDTEND;VALUE=DATE:20260314")
    assert (item["start"], item["end"], item["all_day"]) == ("2026-03-12", "2026-03-14", True)


@pytest.mark.parametrize("end", ["", "\nDTEND;VALUE=DATE:20260312"])
def test_an_all_day_event_without_length_is_one_day(end: str) -> None:
    (item,) = items(f"UID:a\nDTSTART;VALUE=DATE:20260312{end}")
    assert (item["start"], item["end"]) == ("2026-03-12", "2026-03-13")


def test_times_without_a_zone_are_by_the_clock_of_the_given_one() -> None:
    assert items("UID:a\nDTSTART:20260312T100000")[0]["start"] == "2026-03-12T10:00:00Z"
    in_tokyo = items("UID:a\nDTSTART:20260312T100000", properties="X-WR-TIMEZONE:Asia/Tokyo")
    assert in_tokyo[0]["start"] == "2026-03-12T01:00:00Z"


def test_a_title_that_is_missing_is_said_to_be() -> None:
    assert [item["title"] for item in items("UID:a\nDTSTART:20260312T100000Z", event("b"))] == [
        "(no title)",
        "Title of b",
    ]


def test_what_is_too_long_or_not_printable_is_made_to_fit() -> None:
    reading = read(
        "UID:a\nDTSTART:20260312T100000Z\nSUMMARY:" + "x" * 501,
        "UID:b\nDTSTART:20260312T100000Z\nSUMMARY:bell\x07 and\\nline\nDESCRIPTION:" + "y" * 16_001,
        "UID:c\nDTSTART:20260312T100000Z\nURL:javascript:alert(1)",
    )
    a, b, c = reading.items
    assert (len(a["title"]), a["title"][-2:]) == (500, "x…")
    assert (b["title"], len(b["description"] or "")) == ("bell and line", 16_000)
    assert c["url"] is None
    assert [why.split(": ")[2] for why in whys(reading, Kind.NOTE)] == [
        "its title had to be cut",
        "its description had to be cut",
    ]


def test_what_is_cancelled_is_shown_as_such_until_its_time_has_passed() -> None:
    reading = read(
        event("a", "20260312T100000Z", "STATUS:CANCELLED"),
        event("b", "20260312T100000Z", "RRULE:FREQ=DAILY;COUNT=3"),
        event("b", "20260313T100000Z", "RECURRENCE-ID:20260313T100000Z", "STATUS:CANCELLED"),
        event("past", "20260310T080000Z", "DTEND:20260310T093000Z", "STATUS:CANCELLED"),
        event("late", "20260310T080000Z", "DTEND:20260310T093001Z", "STATUS:CANCELLED"),
    )
    assert ids(reading) == ["b#20260312T100000Z", "b#20260314T100000Z"]
    assert off(reading) == ["late", "a", "b#20260313T100000Z"]
    assert reading.occurrences.left["cancelled"] == 1
    assert ids(read(event(), properties="METHOD:CANCEL")) == []


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("UID:bad\nSUMMARY:x", "it has no DTSTART"),
        ("UID:bad\nDTSTART:soon", "its DTSTART cannot be read: soon"),
        ("UID:bad\nDTSTART:20260431", "its DTSTART is not a real time: 20260431"),
        ("UID:bad\nDTSTART:20260312T100000Z\nDTSTART:20260313T100000Z", "it has more than one DTSTART"),
        ("UID:bad\nRECURRENCE-ID:then\nDTSTART:20260312T100000Z", "its RECURRENCE-ID cannot be read: then"),
        (
            "UID:bad\nDTSTART:20260312T100000Z\nDTEND:22500101T000000Z",
            "it is not within the years 1900 to 2199",
        ),
        (
            "UID:bad\nDTSTART:20260312T100000Z\nRRULE:FREQ=SOMETIMES",
            "its RRULE cannot be read: FREQ=SOMETIMES",
        ),
        (
            "UID:bad\nDTSTART:20260312T100000Z\nRRULE:FREQ=DAILY;INTERVAL=0",
            "its recurrence rule cannot be read",
        ),
        ("UID:bad\nDTSTART;VALUE=TIME:100000", "its DTSTART cannot be read: 100000"),
    ],
)
def test_a_bad_event_is_named_with_what_it_spares_and_the_others_are_read(lines: str, why: str) -> None:
    reading = read(event("before"), lines, event("after"))
    assert ids(reading) == ["after", "before"]
    (fault,) = (finding for finding in reading.findings if finding.kind is Kind.SKIPPED)
    assert (fault.where, fault.spares) == ("1.ics: event 2 (line 9) bad", "bad")
    assert why in fault.why
    assert fates(reading.events) == {"taken": 2, "skipped": 1}


def test_a_bad_event_without_a_uid_spares_all_those_without_one() -> None:
    good, bad = "DTSTART:20260312T100000Z\nSUMMARY:Lunch", "DTSTART:soon\nSUMMARY:Dinner"
    reading = read(good, bad)
    (fault,) = (finding for finding in reading.findings if finding.kind is Kind.SKIPPED)
    assert ids(reading)[0].startswith(f"{fault.spares}#")


@pytest.mark.parametrize(
    "line",
    [
        "SEQUENCE:many",
        "DTSTAMP:then",
        "GEO:here",
        "EXDATE:",
        "no colon here",
        "",
        "DTEND:later",
        "DURATION:long",
    ],
)
def test_a_broken_line_costs_that_line(line: str) -> None:
    reading = read(event("a", "20260312T100000Z", line))
    assert ids(reading) == ["a"]
    assert {finding.kind for finding in reading.findings} <= {Kind.NOTE}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("EXDATE:20260313T100000Z,never", "one EXDATE cannot be read: never"),
        (
            "EXDATE:20260313T100000Z\nEXDATE:20261399T100000Z",
            "one EXDATE is not a real time: 20261399T100000Z",
        ),
        ("RDATE:soon,20260320T100000Z\nEXDATE:20260313T100000Z", "one RDATE cannot be read: soon"),
    ],
)
def test_a_broken_date_in_a_list_costs_that_date(line: str, why: str) -> None:
    reading = read(event("a", "20260312T100000Z", "RRULE:FREQ=DAILY;COUNT=3", line))
    assert ids(reading)[:2] == ["a#20260312T100000Z", "a#20260314T100000Z"]
    assert whys(reading, Kind.LEFT_OUT) == [f"1.ics: event 1 (line 4) a: {why}"]


def test_broken_alarms_and_todos_are_no_fault_of_the_events() -> None:
    alarm = "BEGIN:VALARM\nTRIGGER:never\nnonsense\nEND:VALARM"
    todo = "BEGIN:VTODO\nDUE:never\nEND:VTODO"
    reading = read(event("a", "20260312T100000Z", alarm), todo, todo)
    assert ids(reading) == ["a"]
    assert fates(reading.tasks) == {"taken": 1, "older versions or copies": 1}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b" \r\n\t", "it is empty"),
        (b"PK\x03\x04" + calendar(event()), "it is a ZIP archive: unpack it first"),
        (b"<html>Not found</html>", "it is not a calendar: there is no BEGIN:VCALENDAR in it"),
        (b"\x89PNG\r\n\x00\x00", "it is not a calendar: it holds binary data"),
    ],
)
def test_what_is_no_calendar_is_skipped_with_the_reason_and_the_others_are_read(
    data: bytes, why: str
) -> None:
    reading = read_octets(data, calendar(event("good")))
    assert ids(reading) == ["good"]
    assert whys(reading, Kind.SKIPPED) == [f"1.ics: {why}"]


def test_a_calendar_is_gregorian_whatever_it_says() -> None:
    reading = read(event("a"), properties="CALSCALE:GREGORIAM")
    assert (ids(reading), whys(reading, Kind.SKIPPED)) == (["a"], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\r\r\n"])
def test_text_is_read_in_any_encoding_and_with_any_line_ends(encoding: str, line_end: str) -> None:
    text = calendar("UID:a\nDTSTART:20260312T100000Z\nSUMMARY:Caf\n é “quoted”").decode()
    reading = read_octets(text.replace("\r\n", line_end).encode(encoding))
    assert [item["title"] for item in reading.items] == ["Café “quoted”"]


def test_several_calendars_in_one_file_are_all_read() -> None:
    reading = read_octets(calendar(event("a")) + b"\r\n" + calendar(event("b")))
    assert ids(reading) == ["a", "b"]


def test_of_two_versions_the_one_with_the_higher_sequence_is_taken() -> None:
    reading = read(event("a", "20260312T100000Z", "SEQUENCE:2"), event("a", "20260313T100000Z", "SEQUENCE:1"))
    assert [item["start"] for item in reading.items] == ["2026-03-12T10:00:00Z"]
    assert len(whys(reading, Kind.NOTE)) == 1


def test_different_events_that_share_a_uid_are_all_taken() -> None:
    reading = read(event("a", "20260312T100000Z"), event("a", "20260313T100000Z"))
    assert ids(reading) == ["a#20260312T100000Z", "a#20260313T100000Z"]
    assert len(whys(reading, Kind.NOTE)) == 1


def test_of_events_with_the_same_uid_and_time_the_first_is_taken_and_the_other_named() -> None:
    reading = read(event("a"), event("a") + " again")
    assert [item["title"] for item in reading.items] == ["Title of a"]
    assert "is another version of 1.ics: event 1" in whys(reading, Kind.LEFT_OUT)[0]


def test_an_event_without_a_uid_is_known_by_what_it_is() -> None:
    text = "DTSTART:20260312T100000Z\nSUMMARY:Lunch\nDESCRIPTION:{}"
    (first,), (second,) = items(text.format("soup")), items(text.format("salad"))
    (other,) = items(text.replace("Lunch", "Dinner").format("soup"))
    assert first["id"] == second["id"] != other["id"]


def test_two_files_with_the_same_event_give_it_once_whatever_their_order() -> None:
    older, newer = (
        calendar(event("a", "20260312T100000Z", f"SEQUENCE:{n}", f"LOCATION:{n}")) for n in (1, 2)
    )
    for files in ([older, newer], [newer, older]):
        reading = read_octets(*files)
        assert [item["location"] for item in reading.items] == ["2"]
        assert fates(reading.events) == {"taken": 1, "older versions or copies": 1}


def test_only_what_touches_the_window_is_taken() -> None:
    starts = ("20260302T235959Z", "20260303T000000Z", "20260509T235959Z", "20260510T000000Z")
    assert [item["id"] for item in items(*(event(start, start) for start in starts))] == list(starts[1:3])
    assert WINDOW.start == datetime(2026, 3, 3, tzinfo=UTC)

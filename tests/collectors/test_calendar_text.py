"""Octets into lines and components: what is damaged costs itself, and nothing beside it."""

from __future__ import annotations

from time import thread_time

import pytest

from collectors.ics.text import cut
from collectors.types import Kind
from tests.collectors.calendars import calendar, event, fates, ids, read_octets, whys

THREE = calendar(event("a"), event("b"), event("c"))


def titles(*lines: bytes, charset: str | None = None) -> list[str]:
    """The titles of events with these lines as SUMMARY."""
    events = [
        b"BEGIN:VEVENT\r\nUID:%d\r\nDTSTART:20260312T100000Z\r\nSUMMARY:%b\r\nEND:VEVENT" % pair
        for pair in enumerate(lines)
    ]
    whole = b"\r\n".join([b"BEGIN:VCALENDAR", *events, b"END:VCALENDAR", b""])
    return [item["title"] for item in read_octets(whole, charset=charset).items]


def test_a_line_that_is_folded_inside_of_a_character_is_read_whole() -> None:
    whole = "Café in Zürich · 東京".encode()
    assert {title for at in range(1, len(whole)) for title in titles(whole[:at] + b"\r\n " + whole[at:])} == {
        "Café in Zürich · 東京"
    }


def test_each_line_is_read_in_its_own_charset() -> None:
    lines = [
        "Größe 5".encode(),
        "Müller & Söhne".encode("cp1252"),
        "東京".encode(),
        "“quoted”".encode("cp1252"),
    ]
    assert titles(*lines) == ["Größe 5", "Müller & Söhne", "東京", "“quoted”"]


def test_a_damaged_octet_costs_its_character() -> None:
    assert titles("東京 x".encode().replace(b"x", b"\xff"), "Zürich".encode()) == ["東京 \ufffd", "Zürich"]


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-8859-2", "Łódź"),
        ("ISO-2022-JP", "東京"),
        ("shift_jis", "東京"),
        ("iso-8859-1", "Größe"),
        ("no-such-charset", "Größe"),
    ],
)
def test_a_charset_that_the_sender_names_is_that_of_lines_that_are_no_utf_8(charset: str, text: str) -> None:
    known = charset if charset != "no-such-charset" else "cp1252"
    assert titles(text.encode(known), "Größe · 東京".encode(), charset=charset) == [text, "Größe · 東京"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", "\ufffe", ""])
def test_two_octets_for_each_character_are_read_with_and_without_a_mark(encoding: str, mark: str) -> None:
    data = (mark + THREE.decode().replace("Title", "Größe")).encode(encoding)
    assert [item["title"] for item in read_octets(data).items] == [f"Größe of {uid}" for uid in "abc"]


def test_what_was_odd_about_the_text_is_said_once_with_its_place() -> None:
    one = calendar(event("a", "20260312T100000Z", "LOCATION:x")).replace(b"LOCATION:x", b"LOCATION:caf\xe9")
    assert whys(read_octets(one), Kind.NOTE) == ["1.ics: line 8: not UTF-8, and read as Windows-1252"]


DAMAGE = [
    (b"BEGIN:VEVENT\r\nUID:b", b"BEG?N:VEVENT\r\nUID:b"),
    (b"BEGIN:VEVENT\r\nUID:b", b"BEGIN:VEVENU\r\nUID:b"),
    (b"BEGIN:VEVENT\r\nUID:b", b"BEGIN VEVENT\r\nUID:b"),
    (b"of b\r\nEND:VEVENT", b"of b\r\nEND:VEV\xffNT"),
    (b"of b\r\nEND:VEVENT", b"of b\r\nENE:VEVENT"),
    (b"of b\r\nEND:VEVENT", b"of b\r\n ND:VEVENT"),
    (b"of b\r\nEND:VEVENT", b"of b"),
    (b"of b\r\nEND", b"of b\r\nBEGIN:VALARM\r\nEND:VALARN\r\nEND"),
    (b"of b\r\nEND", b"of b\r\nBEGIN:VALARN\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND"),
    (b"of b\r\nEND", b"of b\r\nBEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND"),
    (b"DTSTART", b"DTST\x00RT"),
]


@pytest.mark.parametrize("damage", DAMAGE, ids=[str(new) for _, new in DAMAGE])
def test_a_damaged_event_costs_that_event_and_is_named(damage: tuple[bytes, bytes]) -> None:
    at = THREE.index(b"UID:b") - len(b"BEGIN:VEVENT\r\n")
    damaged = THREE[:at] + THREE[at:].replace(*damage, 1)
    reading = read_octets(damaged)
    faults = [finding for finding in reading.findings if finding.kind is Kind.SKIPPED]
    assert (ids(reading), [fault.spares for fault in faults]) == (["a", "c"], ["b"])
    assert fates(reading.events) == {"taken": 2, "skipped": 1}


@pytest.mark.parametrize(
    "damaged",
    [
        THREE.replace(b"BEGIN:VCALENDAR", b"BEGIN:VCALENDAQ"),
        THREE.replace(b"BEGIN:VCALENDAR\r\n", b""),
        THREE.replace(b"END:VCALENDAR", b"END:VCALENDBR"),
        b"\xef\xba\xbf" + THREE,
        THREE.replace(b"VERSION:2.0", b"VERSION:2.0\0"),
    ],
)
def test_damage_around_the_events_costs_none_of_them(damaged: bytes) -> None:
    reading = read_octets(damaged)
    assert (ids(reading), whys(reading, Kind.SKIPPED)) == (["a", "b", "c"], [])


def test_a_calendar_without_its_first_line_is_still_what_its_properties_say() -> None:
    whole = calendar(event("a"), properties="METHOD:CANCEL")
    assert ids(read_octets(whole.replace(b"BEGIN:VCALENDAR\r\n", b""))) == []


def test_of_a_file_that_is_cut_off_what_is_whole_is_taken_and_nothing_may_be_removed() -> None:
    for cut_off in (THREE[: THREE.index(b"of b")], THREE.replace(b"END:VCALENDAR\r\n", b"")):
        reading = read_octets(cut_off)
        assert ids(reading)[0] == "a"
        assert "" in [finding.spares for finding in reading.findings if finding.kind is Kind.SKIPPED]


def test_two_calendars_are_two_although_the_first_has_no_end() -> None:
    reading = read_octets(calendar(event("a")).replace(b"END:VCALENDAR\r\n", b"") + calendar(event("b")))
    assert (ids(reading), whys(reading, Kind.SKIPPED)) == (["a", "b"], [])


def test_a_line_of_text_that_looks_like_an_end_is_text() -> None:
    lines = event("a", "20260312T100000Z", "DESCRIPTION:Programme", "Begin: 10:00", "End: 11:00")
    assert ids(read_octets(calendar(lines, event("b")))) == ["a", "b"]


def test_damage_of_a_time_zone_or_a_to_do_is_none_of_the_events() -> None:
    offsets = "DTSTART:20250101T000000\nTZOFFSETFROM:+0330\nTZOFFSETTO:+0330"
    zone = f"BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\n{offsets}\nEND:STANDARE\nEND:VTIMEZONE"
    todo = "BEGIN:VTODO\nSUMMARY:x"
    reading = read_octets(calendar(zone, todo, "UID:a\nDTSTART;TZID=Mine:20260312T100000"))
    assert [item["start"] for item in reading.items] == ["2026-03-12T06:30:00Z"]


@pytest.mark.parametrize("line", [b"EXDATE" * 20_000, b"-" * 120_000, b"\r" * 120_000 + b"x"])
def test_a_long_line_takes_time_in_proportion_to_its_length(line: bytes) -> None:
    began_s = thread_time()
    cut(b"BEGIN:VCALENDAR\n" + line)
    assert thread_time() - began_s < 2.0  # of CPU: some milliseconds, or minutes where it is the square

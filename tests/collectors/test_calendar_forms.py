"""Forms of calendars that no standard has, or none any more, and that programs write all the same."""

import pytest

from tests.collectors.calendars import calendar, event, ids, items, read, read_octets

RULE = "RRULE:FREQ=DAILY;COUNT=2"
TWICE = ["a#20260312T100000Z", "a#20260313T100000Z"]


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=DAILY; COUNT=2",
        "RRULE:FREQ=DAILY;COUNT=2;X-PROGRAM-DAY=3",
        "RRULE:RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT;COUNT=2",
        "RRULE:;FREQ=DAILY;;COUNT=2;",
        "RRULE:FREQ=DAILY;COUNT=99999999999;UNTIL=20260313T100000Z",
    ],
)
def test_what_says_nothing_in_a_rule_costs_nothing(rule: str) -> None:
    assert [item["id"] for item in items(event("a", "20260312T100000Z", rule))] == TWICE


def test_a_rule_by_another_calendar_is_named_and_spared() -> None:
    reading = read(event("a", "20260312T100000Z", "RRULE:FREQ=DAILY;COUNT=2;RSCALE=HEBREW"))
    assert [(found.spares, reading.items) for found in reading.findings] == [("a", [])]


@pytest.mark.parametrize("status", ["CANCELLED", "CANCELED", "cancelled", "Canceled "])
def test_called_off_is_called_off_however_it_is_spelt(status: str) -> None:
    assert ids(read(event("a", "20260312T100000Z", f"STATUS:{status}"))) == []


@pytest.mark.parametrize(
    ("start", "at"),
    [
        ("2026-03-12T10:00:00Z", "2026-03-12T10:00:00Z"),
        ("2026-03-12T10:00:00+01:00", "2026-03-12T09:00:00Z"),
        ("2026-03-12T10:00:00-0500", "2026-03-12T15:00:00Z"),
        ("2026-03-12 10:00:00Z", "2026-03-12T10:00:00Z"),
        ("2026-03-12T10:00:00.000Z", "2026-03-12T10:00:00Z"),
        ("2026-03-12", "2026-03-12"),
    ],
)
def test_the_longer_form_of_times_is_read(start: str, at: str) -> None:
    assert [item["start"] for item in items(event("a", start))] == [at]


@pytest.mark.parametrize("start", ["20260231T100000Z", "20250230T100000Z", "20260000T000000Z"])
def test_a_day_that_is_none_is_not_taken_for_one_outside_the_window(start: str) -> None:
    assert [found.spares for found in read(event("a", start)).findings] == ["a"]


def test_a_page_in_a_description_is_read_as_its_text() -> None:
    only_html = "X-ALT-DESC;FMTTYPE=text/html:<html><body>Bring <b>slides</b><br>and tea</body></html>"
    page = "DESCRIPTION:<p>Bring <b>slides</b></p><p>and tea</p>"
    plain = "DESCRIPTION:a < b and b > c"
    found = items(event("a", "20260312T100000Z", only_html), event("b", "20260312T110000Z", page, only_html))
    assert [" ".join((item["description"] or "").split()) for item in found] == ["Bring slides and tea"] * 2
    assert items(event("c", "20260312T100000Z", plain))[0]["description"] == "a < b and b > c"


@pytest.mark.parametrize(
    "line",
    [
        "X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.example/l/1",
        "LOCATION:https://teams.example/l/1",
    ],
)
def test_where_to_join_is_the_address_of_the_event(line: str) -> None:
    assert [item["url"] for item in items(event("a", "20260312T100000Z", line))] == [
        "https://teams.example/l/1"
    ]


@pytest.mark.parametrize(
    ("summary", "title"),
    [
        (b"SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Gr=C3=B6=C3=9Fe=\r\n der Stadt", "Größeder Stadt"),
        (b"SUMMARY;ENCODING=QUOTED-PRINTABLE:Gr=F6=DFe=\r\nder Stadt", "Größeder Stadt"),
        (b"SUMMARY;QUOTED-PRINTABLE;CHARSET=windows-1251:=CF=F0=E8=E2=E5=F2", "Привет"),
        (b"SUMMARY;CHARSET=windows-1251:\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"),
        (b'SUMMARY;CHARSET="shift_jis":' + "①会議".encode("cp932"), "①会議"),
        (b"SUMMARY;CHARSET=ISO-8859-1:" + "Größe".encode(), "Größe"),
        (b'SUMMARY;X-NOTE="CHARSET=koi8-r;QUOTED-PRINTABLE:":a=3D', "a=3D"),
    ],
)
def test_lines_of_old_programs_are_read_as_they_say(summary: bytes, title: str) -> None:
    whole = calendar(event("a")).replace(b"SUMMARY:Title of a", summary)
    reading = read_octets(whole)
    assert [item["title"] for item in reading.items] == [title]
    assert ids(reading) == ["a"]

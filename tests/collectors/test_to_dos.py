"""To-dos of calendars (VTODO) are priorities: collectors/ics/to_do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.ics.file import Reading
from collectors.types import Kind
from tests.collectors import programs
from tests.collectors.calendars import OWN_ZONE, calendar, event, fates, read, read_octets, whys
from tests.conftest import Connect
from tests.running import RunningServer


def to_do(uid: str = "one", *more: str) -> str:
    return "\n".join(["BEGIN:VTODO", f"UID:{uid}", f"SUMMARY:Title of {uid}", *more, "END:VTODO"])


def only(*lines: str, zone: str = "") -> dict[str, object]:
    reading = read(*([zone] if zone else []), to_do("one", *lines))
    assert fates(reading.tasks) == {"taken": 1}
    return dict(reading.to_dos[0])


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("DUE;VALUE=DATE:20260312", "2026-03-12"),
        ("DUE:20260312T100000Z", "2026-03-12T10:00:00Z"),
        ("DUE;TZID=Europe/Berlin:20260312T100000", "2026-03-12T09:00:00Z"),
        ("DUE;TZID=Mine:20260312T100000", "2026-03-12T06:30:00Z"),
        ("DUE:20260312T100000", "2026-03-12T10:00:00Z"),
        ("DTSTART:20260312T100000Z\nDURATION:PT45M", "2026-03-12T10:45:00Z"),
        ("DTSTART;VALUE=DATE:20260312\nDURATION:P2D", "2026-03-14"),
        ("DTSTART:20260312T100000Z", None),
        ("DUE:", None),
    ],
)
def test_when_it_is_due(line: str, due: str | None) -> None:
    assert only(line, zone=OWN_ZONE.format(name="Mine"))["due_date"] == due


@pytest.mark.parametrize(
    ("line", "why"), [("DUE:soon", "cannot be read"), ("DUE:20260231", "not a real time")]
)
def test_a_due_date_that_cannot_be_read_costs_the_date(line: str, why: str) -> None:
    reading = read(to_do("one", line))
    assert [one["due_date"] for one in reading.to_dos] == [None]
    (note,) = whys(reading, Kind.NOTE)
    assert why in note


@pytest.mark.parametrize(
    ("lines", "urgency"),
    [
        ("PRIORITY:1", "high"),
        ("PRIORITY:4", "high"),
        ("PRIORITY:5", "medium"),
        ("PRIORITY:6", "low"),
        ("PRIORITY:9", "low"),
        ("PRIORITY:0", "medium"),
        ("PRIORITY:urgent", "medium"),
        ("", "medium"),
    ],
)
def test_how_urgent_it_is(lines: str, urgency: str) -> None:
    assert only(lines)["urgency"] == urgency


@pytest.mark.parametrize(
    ("lines", "fate"),
    [
        ("STATUS:NEEDS-ACTION", "open"),
        ("STATUS:IN-PROCESS\nPERCENT-COMPLETE:100", "open"),
        ("PERCENT-COMPLETE:50", "open"),
        ("STATUS:COMPLETED\nCOMPLETED:20260309T100000Z", "done"),
        ("COMPLETED:20260309T100000Z", "done"),
        ("PERCENT-COMPLETE:100\nLAST-MODIFIED:20260309T100000Z", "done"),
        ("STATUS:COMPLETED\nCOMPLETED:20250309T100000Z", "done before these days"),
        ("STATUS:COMPLETED", "done before these days"),
        ("STATUS:CANCELLED", "cancelled"),
    ],
)
def test_whether_it_is_done(lines: str, fate: str) -> None:
    reading = read(to_do("one", lines))
    left = "taken" if fate in ("open", "done") else fate
    assert fates(reading.tasks) == {left: 1}
    assert [one["status"] for one in reading.to_dos] == ([fate] if left == "taken" else [])


def test_the_newest_version_counts_whatever_file_it_stands_in() -> None:
    old, new = (calendar(to_do("one", f"SEQUENCE:{n}", f"PRIORITY:{9 - 4 * n}")) for n in (1, 2))
    for files in ((old, new), (new, old)):
        reading = read_octets(*files)
        assert [one["urgency"] for one in reading.to_dos] == ["high"]
        assert fates(reading.tasks) == {"taken": 1, "older versions or copies": 1}


def test_of_one_that_recurs_the_series_is_read() -> None:
    series = to_do("one", "DUE;VALUE=DATE:20260312", "RRULE:FREQ=DAILY")
    single = to_do("one", "DUE;VALUE=DATE:20260319", "RECURRENCE-ID;VALUE=DATE:20260312")
    reading = read(series, single)
    assert [(one["id"], one["due_date"]) for one in reading.to_dos] == [("one", "2026-03-12")]


def test_texts_name_the_service_of_a_link_and_pages_are_text() -> None:
    found = only(
        "X-ALT-DESC;FMTTYPE=text/html:<html><body><p>Call <b>Ana</b></p></body></html>",
        "URL:https://example.org/task",
    )
    assert (found["description"], found["url"]) == ("Call Ana", "https://example.org/task")


def _by_title(reading: Reading) -> dict[str, str]:
    return {one["title"]: one["id"] for one in reading.to_dos}


def test_without_a_uid_it_is_known_by_its_title() -> None:
    lines = ["BEGIN:VTODO", "SUMMARY:Buy bread", "END:VTODO"]
    before = read("\n".join(lines))
    after = read("\n".join([*lines[:2], "DUE;VALUE=DATE:20260312", "PRIORITY:1", lines[2]]))
    assert _by_title(before) == _by_title(after)


def test_a_damaged_one_is_spared_and_the_others_are_read() -> None:
    reading = read(event("a"), to_do("bad", "BEGIN:VALARM"), to_do("good"))
    assert [one["id"] for one in reading.to_dos] == ["good"]
    assert [one.spares for one in reading.findings if one.kind is Kind.SKIPPED] == ["bad"]
    assert fates(reading.tasks) == {"taken": 1, "skipped": 1}


async def test_they_come_to_the_board_keep_their_codes_and_leave_it(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    board = await connect(client="wall")
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%d}"
    file = tmp_path / "tasks.ics"

    async def codes(*components: str) -> dict[str, str]:
        file.write_bytes(calendar(*components))
        status, printed = await programs.run("ics", server, file)
        assert status == 0, printed
        return {item["title"]: item["code"] for item in (await board.state())["priorities"]}

    first = await codes(to_do("a", f"DUE;VALUE=DATE:{tomorrow}"), to_do("b"))
    assert sorted(first) == ["Title of a", "Title of b"]
    edited = to_do("a", "PRIORITY:1").replace("Title of a", "Another title")
    assert await codes(edited, to_do("b"), to_do("c", "CLASS:PRIVATE")) == {
        "Another title": first["Title of a"],
        "Title of b": first["Title of b"],
        "Title of c": "P3",
    }
    assert await codes(to_do("a", "STATUS:CANCELLED"), event("call", f"{tomorrow}T100000Z")) == {}


async def test_private_ones_are_shown_on_demand_alone(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    board = await connect(client="wall")
    file = tmp_path / "tasks.ics"
    file.write_bytes(calendar(to_do("a", "CLASS:PRIVATE"), to_do("b")))
    status, printed = await programs.run("ics", server, file, "--private", "busy")
    assert status == 0, printed
    assert [item["title"] for item in (await board.state())["priorities"]] == ["Title of b"]
    assert "2 seen: 1 taken, 1 private" in printed

"""Occurrences: of rules, of their exceptions, and of rules that would never end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from collectors.ics.confined import cpu_limit
from collectors.ics.file import Octets, read_calendars
from collectors.ics.recurrence import CAP
from collectors.types import Kind
from tests.collectors.calendars import WINDOW, calendar, event, items, read, whys
from tests.examples import examples

EPOCH = datetime(1995, 1, 1, tzinfo=UTC)


def ids(*components: str) -> list[str]:
    return [item["id"].partition("#")[2] for item in items(*components)]


def test_a_rule_with_exceptions_and_additions_is_expanded() -> None:
    weekly = event(
        "a",
        "20260302T100000Z",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE:20260316T100000Z",
        "RDATE:20260318T120000Z",
    )
    assert ids(weekly) == ["20260309T100000Z", "20260318T120000Z", "20260323T100000Z"]


def test_a_moved_occurrence_keeps_its_id() -> None:
    weekly = event("a", "20260309T100000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    moved = event("a", "20260319T153000Z", "RECURRENCE-ID:20260316T100000Z", "LOCATION:elsewhere")
    first, second = items(weekly, moved)
    assert (second["id"], second["start"]) == ("a#20260316T100000Z", "2026-03-19T15:30:00Z")
    assert (first["location"], second["location"]) == (None, "elsewhere")
    assert [item["id"] for item in items(weekly)] == [first["id"], second["id"]]


def test_a_change_of_this_and_all_later_ones_keeps_every_id() -> None:
    daily = event("a", "20260310T100000Z", "RRULE:FREQ=DAILY;COUNT=4")
    later = event("a", "20260312T140000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260312T100000Z")
    found = [(item["id"], item["start"]) for item in items(daily, later)]
    assert found[2:] == [
        ("a#20260312T100000Z", "2026-03-12T14:00:00Z"),
        ("a#20260313T100000Z", "2026-03-13T14:00:00Z"),
    ]
    in_zone = items(daily, later, properties="X-WR-TIMEZONE:Europe/London")
    assert [(item["id"], item["start"]) for item in in_zone] == found


def test_ids_of_all_day_occurrences_are_dates() -> None:
    yearly = "UID:b\nDTSTART;VALUE=DATE:19600312\nRRULE:FREQ=YEARLY\nSUMMARY:Birthday"
    assert [(item["id"], item["start"]) for item in items(yearly)] == [("b#20260312", "2026-03-12")]


def test_a_rule_keeps_to_the_clock_of_its_zone_over_summer_time() -> None:
    daily = "UID:a\nDTSTART;TZID=Europe/Berlin:20260328T090000\nRRULE:FREQ=DAILY;COUNT=2"
    assert [item["start"] for item in items(daily)] == ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=SECONDLY;COUNT=2000000000", "FREQ=MINUTELY;BYSECOND=0,30"],
)
def test_a_dense_rule_is_cut_at_the_next_occurrences(rule: str) -> None:
    reading = read(event("a", "20000101T000000Z", f"RRULE:{rule}"), event("b"))
    starts = [item["start"] for item in reading.items if item["id"] != "b"]
    assert len(starts) == CAP
    assert starts[0] == "2026-03-10T09:30:00Z"
    assert "more than 2,000 times" in whys(reading, Kind.LEFT_OUT)[0]


def test_a_dense_rule_that_ends_gives_its_last_occurrences() -> None:
    reading = read(event("a", "20000101T000000Z", "RRULE:FREQ=MINUTELY;UNTIL=20260310T093500Z"))
    starts = [item["start"] for item in reading.items]
    assert (len(starts), starts[-1]) == (CAP, "2026-03-10T09:35:00Z")
    assert whys(reading, Kind.LEFT_OUT)


def test_a_rule_that_never_comes_true_is_given_up_and_named() -> None:
    @contextmanager
    def brief() -> Iterator[None]:
        with cpu_limit(0.1):
            yield

    never = event("never", "20260310T100000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    reading = read_calendars([Octets("a.ics", calendar(never, event("good")))], WINDOW, brief)
    assert [item["id"] for item in reading.items] == ["good"]
    assert "finding its occurrences takes more than 0.1 s" in whys(reading, Kind.SKIPPED)[0]


@examples(20)
@given(
    freq=st.sampled_from(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 40),
    start=st.integers(0, 990_000_000).map(lambda s: EPOCH + timedelta(seconds=s)),
    by_day=st.sampled_from(["", ";BYDAY=MO,TH", ";BYDAY=SU"]),
    count=st.sampled_from(["", ";COUNT=5", ";COUNT=800"]),
)
def test_a_rule_begun_near_the_window_gives_what_the_whole_rule_gives(
    freq: str, interval: int, start: datetime, by_day: str, count: str
) -> None:
    rule = f"FREQ={freq};INTERVAL={interval}{by_day}{count}"
    whole = set(
        rrulestr(rule, dtstart=start).between(WINDOW.start, WINDOW.end - timedelta(seconds=1), inc=True)
    )
    if WINDOW.start <= start < WINDOW.end:
        whole.add(start)  # DTSTART counts as an occurrence even if the rule does not name it
    found = items(event("a", f"{start:%Y%m%dT%H%M%SZ}", f"RRULE:{rule}"))
    assert [item["start"] for item in found] == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in sorted(whole)]

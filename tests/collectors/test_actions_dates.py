"""What is due, and by when: a list of forms, and nothing that is not sure."""

from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from collectors.actions.dates import due, written_at
from collectors.actions.meetings import own_date

MONDAY = date(2026, 11, 23)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "at", "rest"),
    [
        ("Send it due: 2026-12-01", "2026-12-01", "Send it"),
        ("due: 2026-12-01 send it", "2026-12-01", "send it"),
        ("Send it due 2026-12-01 to Bo", "2026-12-01", "Send it to Bo"),
        ("Send it [due:: 2026-12-01] #post", "2026-12-01", "Send it #post"),
        ("Send it (due: Friday)", "2026-11-27", "Send it"),
        ("Send it DUE: friday", "2026-11-27", "Send it"),
        ("Send it 📅 2026-12-01", "2026-12-01", "Send it"),
        ("Send it 🗓️2026-12-01 #post", "2026-12-01", "Send it #post"),
        ("Send it due Friday", "2026-11-27", "Send it"),
        ("Send it, due on 3 Dec", "2026-12-03", "Send it"),
        ("Send it by Friday", "2026-11-27", "Send it"),
        ("Send it by Friday.", "2026-11-27", "Send it."),
        ("Send it by Fri; then rest", "2026-11-27", "Send it; then rest"),
        ("By Friday: send it", "2026-11-27", "send it"),
        ("Send it (tomorrow)", "2026-11-24", "Send it"),
        ("Send it (by tomorrow)", "2026-11-24", "Send it"),
        ("Send it by today!", "2026-11-23", "Send it!"),
        ("Send it by Dec 1st", "2026-12-01", "Send it"),
        ("Send it by 1 December", "2026-12-01", "Send it"),
        ("Send it by December 1, 2027", "2027-12-01", "Send it"),
        ("Send it by 2 January", "2027-01-02", "Send it"),
        ("Send it by Friday 17:00", "2026-11-27T16:00:00Z", "Send it"),
        ("Send it by Friday at 5pm", "2026-11-27T16:00:00Z", "Send it"),
        ("Send it by tomorrow noon", "2026-11-24T11:00:00Z", "Send it"),
        ("Send it by 2026-12-01 09:00", "2026-12-01T08:00:00Z", "Send it"),
        ("Send it by 2026-07-01T09:00", "2026-07-01T07:00:00Z", "Send it"),
        ("Send it by 2026-12-01T09:00Z", "2026-12-01T09:00:00Z", "Send it"),
        ("Send it by 2026-12-01 and rest", "2026-12-01", "Send it and rest"),
        ("Send it due: 2020-01-01", "2020-01-01", "Send it"),
        ("Send it due: 2026-12-01 📅 2026-12-01", "2026-12-01", "Send it"),
    ],
)
def test_a_due_date_is_read_and_taken_out_of_the_text(text: str, at: str, rest: str) -> None:
    found = due(text, MONDAY, BERLIN)
    assert (found.at, found.rest, found.doubt) == (at, rest, "")


def test_a_mark_counts_more_than_a_phrase() -> None:
    found = due("Ask for it by Friday due: 2026-12-01", MONDAY, UTC)
    assert (found.at, found.rest) == ("2026-12-01", "Ask for it by Friday")


@pytest.mark.parametrize(
    "text",
    [
        "Send it by Friday or Monday",
        "Send it by Friday, or Monday",
        "Send it by Friday/Saturday",
        "Send it by Friday-Sunday",
        "Send it by Friday?",
        "Send by Friday the draft",
        "Check Friday's menu, by Friday's end",
        "It was due Friday",
        "No longer due Friday",
        "This is overdue Friday",
        "Standby Friday",
        "Written by May",
        "Bought by Sun",
        "Send it by 25:00",
        "Send it by Friday 25:00",
        "Send what broke last Friday",
        "Paper (2026-11-01)",
        "Minutes of 2026-12-01",
        "Send it soon",
        "the residue: 2026-12-01",
        "",
    ],
)
def test_what_is_none_of_the_forms_is_no_date_and_stays_in_the_text(text: str) -> None:
    found = due(text, MONDAY, UTC)
    assert (found.at, found.rest, found.doubt) == (None, text, "")


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Send it due: someday", "'due: someday' is not a definite date"),
        ("Send it due: 2026-13-01", "'due: 2026-13-01' is not a definite date"),
        ("Send it due: 0001-01-01", "'due: 0001-01-01' is not a definite date"),
        ("Send it by 5/6", "'by 5/6' is not a definite date"),
        ("Send it 📅 5/6", "'📅 5/6' is not a definite date"),
        ("Send it by Monday", "'by Monday' is not a definite date"),  # said on a Monday
        ("Send it by 31 Feb", "'by 31 Feb' is not a definite date"),
        ("Send it by 1 November", "'by 1 November' is not a definite date"),  # of next year?
        ("Send it due: Friday or Monday", "'due: Friday' is not a definite date"),
        ("due: 2026-12-01, due: 2026-12-02", "it has more than one due date"),
        ("Send it by Friday; rest by Saturday", "it has more than one due date"),
    ],
)
def test_a_date_that_is_meant_but_not_sure_is_remarked(text: str, doubt: str) -> None:
    found = due(text, MONDAY, UTC)
    assert (found.at, found.rest, found.doubt) == (None, text, doubt)


def test_only_a_date_that_depends_on_the_day_of_writing_is_relative() -> None:
    assert due("x by Friday", MONDAY, UTC).relative
    assert due("x by 1 December", MONDAY, UTC).relative
    assert not due("x by 1 December 2026", MONDAY, UTC).relative
    assert not due("x due: 2026-12-01", MONDAY, UTC).relative
    assert due("x by Friday", date(2026, 12, 30), UTC).at == "2027-01-01"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2026-11-23.md", date(2026, 11, 23)),
        ("2026-11-23 Team sync.md", date(2026, 11, 23)),
        ("sync_20261123.md", date(2026, 11, 23)),
        ("2026_11_23.md", date(2026, 11, 23)),
        ("v2026.11.23", date(2026, 11, 23)),
        ("2026-02-30 moved to 2026-02-28.md", date(2026, 2, 28)),
        ("201801-201807_Minutes.md", None),
        ("2026-11_23.md", None),
        ("12026-11-23.md", None),
        ("1234567890.md", None),
        ("99991231.md", None),
        ("November.md", None),
    ],
)
def test_a_name_may_hold_a_date(name: str, day: date | None) -> None:
    assert own_date(name) == day


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026-11-23 09:00", "2026-11-23T08:00:00Z"),
        ("2026-11-23T09:00:00-05:00", "2026-11-23T14:00:00Z"),
        ("2026-02-30", None),
        ("1000-01-01", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("Monday", None),
        ("", None),
    ],
)
def test_front_matter_says_dates_in_iso_8601(text: str, at: str | None) -> None:
    assert written_at(text, BERLIN) == at

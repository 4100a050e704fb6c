"""What a brief says of a meeting that is cancelled, moved or at the time of another; and never its link."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from briefs.daily import daily
from briefs.facts import Facts, Other
from briefs.meeting import meeting
from briefs.short.day import day as short_day
from briefs.short.meeting import meeting as short_meeting
from briefs.weekly import weekly
from models.calendar import Answer, CalendarItem, EventStatus, Was
from models.conflicts import Conflict
from models.links import addresses_in, join_link, without_addresses
from tests.briefs.given import facts, owe, priority

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ZOOM = "https://acme.zoom.us/j/8123456789?pwd=c2VjcmV0"


def event(id: str, **fields: Any) -> CalendarItem:
    usual = {"title": "Budget review", "start": "2026-11-23T10:00:00Z", "end": "2026-11-23T11:00:00Z"}
    return CalendarItem(id=id, code=f"C{id}", **usual | fields)


def today(*events: CalendarItem, conflicts: tuple[Conflict, ...] = ()) -> str:
    made = daily(Facts(NOW, UTC, calendar=events, conflicts=conflicts))
    return "\n".join(item.text for section in made for item in section.items)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "C1 10:00-11:00 Budget review"),
        ({"status": EventStatus.CANCELLED}, "C1 10:00-11:00 Budget review · CANCELLED"),
        ({"answer": Answer.DECLINED}, "C1 10:00-11:00 Budget review · declined"),
        ({"status": EventStatus.TENTATIVE}, "C1 10:00-11:00 Budget review · tentative"),
        (
            {"moved_from": Was(start="2026-11-20T16:00:00Z")},
            "C1 10:00-11:00 Budget review · moved from Fri 20 Nov 16:00",
        ),
        ({"location": f"Room 5, {ZOOM}"}, "C1 10:00-11:00 Budget review · Room 5, Zoom"),
        ({"title": f"Budget {ZOOM}"}, "C1 10:00-11:00 Budget Zoom"),
    ],
)
def test_a_meeting_says_what_one_must_know_before_going_there(fields: dict[str, Any], said: str) -> None:
    assert today(event("1", **fields)) == said


def test_two_at_one_time_are_named_once() -> None:
    one, other = event("1"), event("2", title="Lunch", start="2026-11-23T10:30:00Z")
    conflict = Conflict(id="x", title="", events=("1", "2"), start=other.start, end=one.end or "")
    assert "C1 Budget review and C2 Lunch overlap from Mon 23 Nov 10:30" in today(
        one, other, conflicts=(conflict,)
    )
    at_once = other.model_copy(update={"start": one.start})
    assert "C1 Budget review and C2 Lunch are both on Mon 23 Nov 10:00" in today(
        one, at_once, conflicts=(conflict,)
    )


def test_no_password_of_a_meeting_is_in_any_brief() -> None:
    secret = event("1", title=f"Call {ZOOM}", location=ZOOM, description=f"Dial {ZOOM}.", join_url=ZOOM)
    told = f"Sign in at {ZOOM} Passcode: s3cret"
    board = facts(
        secret,
        priority("P1", f"Call Bo, {told}", due="2026-11-23"),
        owe("M1", "Bo", told, "2026-11-23"),
        others={"goals": [Other("goals", "g1", "G1", told)]},
    )
    full = (daily(board), weekly(board), meeting(secret, board))
    short = (short_day(board), short_meeting(secret, board))
    texts = [item.text for made in full for section in made for item in section.items]
    texts += [line for line, _ in short] + [
        item.text for _, made in short for section in made for item in section.items
    ]
    assert sum("Sign in at Zoom" in text for text in texts) >= 6
    assert not any("pwd" in text or "s3cret" in text for text in texts)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (f"Join: {ZOOM}.", ZOOM),
        (f"<{ZOOM}>", ZOOM),
        (f'<a href="{ZOOM}">here</a>', ZOOM),
        (
            "Agenda https://docs.example/x, then https://meet.google.com/abc-defg-hij",
            "https://meet.google.com/abc-defg-hij",
        ),
        (
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting/0?context=%7b%7d",
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting/0?context=%7b%7d",
        ),
        ("https://acme.webex.com/meet/ana", "https://acme.webex.com/meet/ana"),
        ("http://acme.zoom.us/j/1", None),
        ("https://zoom.us.example.org/j/1", None),
        ("https://notzoom.us/j/1", None),
        ("Start zoommtg://zoom.us/join?action=join&confno=1&pwd=a%20b.", "https://zoom.us/j/1?pwd=a%20b"),
        ("zoommtg://zoom.us/join?confno=1&pwd=abc, see you", "https://zoom.us/j/1?pwd=abc"),
        ("zoomus://acme.zoom.us/join?confno=12", "https://acme.zoom.us/j/12"),
        ("msteams:/l/meetup-join/19%3ax/0", "https://teams.microsoft.com/l/meetup-join/19%3ax/0"),
        ("msteams://teams.microsoft.com/l/x", "https://teams.microsoft.com/l/x"),
        ("webex://acme.webex.com/meet/ana", "https://acme.webex.com/meet/ana"),
        ("zoommtg://zoom.us.example.org/join?confno=1", None),
        ("zoommtg://[bad/", None),
        ("zoommtg:", None),
        ("https://[bad/", None),
        ("", None),
    ],
)
def test_the_way_into_a_meeting_is_the_first_address_of_a_known_service(text: str, link: str | None) -> None:
    assert join_link([None, text]) == link


def test_an_address_gives_way_to_its_name_and_the_sentence_stays() -> None:
    assert (
        without_addresses(f"See {ZOOM}, or https://wiki.example.org/a?b=c.")
        == "See Zoom, or wiki.example.org."
    )
    assert list(addresses_in(f"({ZOOM})")) == [ZOOM]

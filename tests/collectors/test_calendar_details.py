"""What an event says besides what, when and where."""

from __future__ import annotations

import pytest
from icalendar import Event

from collectors.ics.details import busy, is_private, join_url, status
from collectors.ics.item import NO_TITLE, only_busy
from tests.collectors.calendars import items

ZOOM = "https://acme.zoom.us/j/812?pwd=c2VjcmV0"
MEET = "https://meet.google.com/abc-defg-hij"
WRAPPED = (
    "https://eur01.safelinks.protection.outlook.com/?url="
    "https%3A%2F%2Fteams.microsoft.com%2Fl%2Fmeetup-join%2F19%253ameeting_Zm9v%2540thread.v2%2F0"
)
TEAMS = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Zm9v%40thread.v2/0"


def event(*lines: str) -> Event:
    return Event.from_ical("\r\n".join(["BEGIN:VEVENT", "UID:a", *lines, "END:VEVENT", ""]))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("lines", "all_day", "takes_time"),
    [
        ((), False, True),
        (("TRANSP:TRANSPARENT",), False, False),
        (("TRANSP:OPAQUE",), False, True),
        ((), True, False),
        (("TRANSP:OPAQUE",), True, True),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF",), True, True),
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE"), False, False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",), False, True),
        (("TRANSP:nonsense",), False, True),
    ],
)
def test_whether_it_takes_time(lines: tuple[str, ...], all_day: bool, takes_time: bool) -> None:
    assert busy(event(*lines), all_day=all_day) is takes_time


@pytest.mark.parametrize(
    ("lines", "link"),
    [
        ((f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:{ZOOM}",), ZOOM),
        (("CONFERENCE;VALUE=URI:tel:+4930123", f"CONFERENCE;VALUE=URI:{MEET}"), MEET),
        ((f"X-GOOGLE-CONFERENCE:{MEET}", f"LOCATION:{ZOOM}"), MEET),
        ((f"X-MICROSOFT-SKYPETEAMSMEETINGURL:{TEAMS}",), TEAMS),
        (("CONFERENCE:https://talk.example.org/call/7",), "https://talk.example.org/call/7"),
        (("CONFERENCE:https://talk.example.org/call/7", f"DESCRIPTION:{ZOOM}"), ZOOM),
        ((f"URL:{MEET}",), MEET),
        (("URL:https://example.org/event/1",), None),
        ((f"LOCATION:Room 5\\, {ZOOM}",), ZOOM),
        ((f"DESCRIPTION:Agenda https://example.org/a\\nJoin {ZOOM}.",), ZOOM),
        ((f'DESCRIPTION:<p><a href="{ZOOM}">Join</a></p>',), ZOOM),
        ((f'X-ALT-DESC;FMTTYPE=text/html:<a href="{MEET}">Join</a>',), MEET),
        ((f"DESCRIPTION:<P><A HREF={TEAMS}?a=1&amp;b=2>Join</A>",), f"{TEAMS}?a=1&b=2"),
        (('DESCRIPTION:<a href="&#104;ttps://meet.google.com/abc">Join</a>',), "https://meet.google.com/abc"),
        ((f"DESCRIPTION:<p>Join {ZOOM}&amp;from=a.</p>",), f"{ZOOM}&from=a"),
        ((f'DESCRIPTION:<a href="{WRAPPED}&amp;data=1">Join</a>',), TEAMS),
        ((f"LOCATION:{WRAPPED}",), TEAMS),
        ((f"DESCRIPTION:<!-- {ZOOM} --><p>Room 5</p>",), None),
        ((f'DESCRIPTION:<script>go("{ZOOM}")</script><p>Room 5</p>',), None),
        ((f'DESCRIPTION:<a href="javascript:go()//{ZOOM}">Join</a>',), None),
        (('DESCRIPTION:<a href="https://acme.zoom.us@evil.example/j/5">Join</a>',), None),
        (("LOCATION:https://acme.zoom.us:port/j/5",), None),
        (("DESCRIPTION:" + "<div>" * 9_000 + f'<a href="{ZOOM}">Join</a>',), None),
        (("CONFERENCE:http://talk.example.org/call/7",), None),
        (("CONFERENCE:javascript:alert(1)",), None),
        (tuple(f"X-NOTE-{n}:{ZOOM}" for n in range(3)), None),
        (("DESCRIPTION:" + " ".join([MEET, ZOOM] * 5),), MEET),
    ],
)
def test_the_way_into_a_meeting(lines: tuple[str, ...], link: str | None) -> None:
    assert join_url(event(*lines)) == link


def test_status_and_class() -> None:
    assert status(event("STATUS:TENTATIVE")) == "tentative"
    assert status(event("STATUS:confirmed")) == status(event()) == status(event("STATUS:ODD")) == "confirmed"
    assert is_private(event("CLASS:private")) and is_private(event("CLASS:CONFIDENTIAL"))  # noqa: PT018
    assert not is_private(event("CLASS:PUBLIC"))


def test_the_address_of_a_meeting_is_behind_its_field_alone() -> None:
    [item] = items(
        "UID:a\nDTSTART:20260312T100000Z\nDTEND:20260312T110000Z\n"
        f"SUMMARY:Call {ZOOM}\nLOCATION:{ZOOM}\nDESCRIPTION:Join {ZOOM} or see https://wiki.example.org/a"
    )
    assert (item["title"], item["location"], item["join_url"]) == ("Call Zoom", "Zoom", ZOOM)
    assert item["description"] == "Join Zoom or see https://wiki.example.org/a"


@pytest.mark.parametrize("lines", [f"DESCRIPTION:See {WRAPPED}", f"DESCRIPTION:<p>See {WRAPPED}</p>"])
def test_an_address_that_a_mail_program_wrapped_is_none_of_the_text(lines: str) -> None:
    [item] = items(f"UID:a\nDTSTART:20260312T100000Z\nSUMMARY:a\n{lines}")
    assert (item["description"], item["join_url"]) == ("See Teams", TEAMS)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<html><body><p>One</p><p>Two</p></body></html>", "One\n\nTwo"),
        ("<script>alert(1)</script>Hello", "Hello"),
        ("<style>p {}</style><font color=red>Hi</font>", "Hi"),
        ("<tr><td>a</td><td>b</td></tr>", "ab"),
        ("<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; <b>x</b></p>", "<script>alert(1)</script> & x"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<p onclick='x()'>Hi<img src=x onerror=alert(1) alt=''></p>", "Hi"),
        ("a < b and c > d", "a < b and c > d"),
        ("<ana@example.org> wrote", "<ana@example.org> wrote"),
        ("&lt;b&gt; as text", "&lt;b&gt; as text"),
    ],
)
def test_a_page_is_read_as_the_text_that_a_person_sees(page: str, text: str) -> None:
    [item] = items(f"UID:a\nDTSTART:20260312T100000Z\nSUMMARY:a\nDESCRIPTION:{page}")
    assert item["description"] == text


def test_of_a_private_event_others_see_that_the_time_is_taken() -> None:
    [item] = items(
        "UID:a\nDTSTART:20260312T100000Z\nDTEND:20260312T110000Z\nCLASS:PRIVATE\nSUMMARY:Dr. Weiss\n"
        f"LOCATION:Clinic\nDESCRIPTION:x\nURL:{ZOOM}\nORGANIZER:mailto:w@example.org\nATTENDEE:mailto:a@example.org"
    )
    assert (item["title"], item["private"], item["organizer"]) == ("Dr. Weiss", True, "w@example.org")
    shown = only_busy(item)
    assert (shown["title"], shown["start"], shown["private"]) == ("Busy", item["start"], True)
    told = [value for name, value in shown.items() if name not in ("title", "start", "end", "id", "formerly")]
    assert not any(isinstance(value, str) and value != "confirmed" for value in told)
    assert shown["attendees"] == []


@pytest.mark.parametrize(
    ("summary", "title"),
    [
        (f"Launch {ZOOM} (Passcode: s3cret) PIN 998877", "Launch Zoom"),
        ("Meeting ID: 234 567 890", NO_TITLE),
        ("Meeting number 4", "Meeting number 4"),
    ],
)
def test_what_opens_a_meeting_is_not_in_its_title(summary: str, title: str) -> None:
    [item] = items(f"UID:a\nDTSTART:20260312T100000Z\nSUMMARY:{summary}")
    assert item["title"] == title


def test_each_attendee_has_the_answer_that_is_stated_and_who_invites_has_theirs() -> None:
    said = {
        "Ann": "organizer, who is an attendee as well",
        "Bo": "DECLINED",
        "Cy": "tentative",
        "Di": "NEEDS-ACTION",
        "Ed": "DELEGATED",
    }
    lines = [f"ATTENDEE;CN={who};PARTSTAT={answer}:mailto:{who}@x.example" for who, answer in said.items()]
    lines[0] = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@x.example"
    room = "ATTENDEE;CUTYPE=ROOM;CN=Room 5;PARTSTAT=ACCEPTED:mailto:room@x.example"
    plain = "ATTENDEE;CN=Flo:mailto:flo@x.example"
    organizer = "ORGANIZER;CN=Ann:mailto:Ann@x.example"
    (item,) = items("\n".join(["UID:a", "DTSTART:20260312T100000Z", organizer, *lines, room, plain]))
    assert item["attendees"][0] == "Ann <Ann@x.example>"
    assert [(one["attendee"].split()[0], one["answer"]) for one in item["answers"]] == [
        ("Ann", "accepted"),
        ("Bo", "declined"),
        ("Cy", "tentative"),
        ("Di", "needs_action"),
    ]
    assert only_busy(item)["answers"] == []

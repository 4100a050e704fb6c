"""One archived line: what its fields are called, and the record or event that it becomes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collectors.accounts import Account
from collectors.archive.event import Agenda, Window, event, is_called_off, is_event
from collectors.archive.fields import TEXT, TIME, TITLE, Line, instant, people_of
from collectors.archive.record import kind_of, record
from collectors.identity import Twins
from collectors.remarks import Unusable
from collectors.sanitize import NothingSaid
from models.calendar import GivenEvent
from models.records import MAX_TEXT, GivenRecord

BERLIN = ZoneInfo("Europe/Berlin")
DAY = "2024-05-31"


def made(folder: str = "slack", **line: Any) -> GivenRecord:
    return record(line, folder, DAY, UTC, Twins().number)[0]


def planned(folder: str = "calendar", **line: Any) -> GivenEvent:
    return event(line, folder, UTC)[0]


@pytest.mark.parametrize("name", TEXT)
def test_the_text_is_under_any_of_its_names(name: str) -> None:
    assert made(**{name: "hello"}).text == "hello"


@pytest.mark.parametrize("name", TITLE[:2])
def test_a_line_with_a_title_only_says_its_title(name: str) -> None:
    found = made(**{name: "Budget"})
    assert (found.text, found.title) == ("Budget", None)


def test_the_text_may_be_inside_an_object_or_a_list() -> None:
    assert made(body={"content": "hello", "contentType": "text"}).text == "hello"
    assert made(message={"text": "hello"}).text == "hello"
    assert made(content=[{"type": "text", "text": "one"}, "two"]).text == "one\ntwo"
    assert made(text="", body=" ", summary="three").text == "three"


@pytest.mark.parametrize("name", TIME)
def test_the_time_is_under_any_of_its_names(name: str) -> None:
    assert made(text="x", **{name: "2024-05-31T10:00:00Z"}).at == "2024-05-31T10:00:00Z"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2024-05-31T10:00:00+02:00", "2024-05-31T08:00:00Z"),
        ("2024-05-31T10:00:00", "2024-05-31T08:00:00Z"),
        ("2024-05-31 10:00", "2024-05-31T08:00:00Z"),
        ("2024-05-31T10:00:00.1234567Z", "2024-05-31T10:00:00.123Z"),
        ("2024-05-31", "2024-05-31"),
        ("Fri, 31 May 2024 10:00:00 +0200", "2024-05-31T08:00:00Z"),
        (1717142400, "2024-05-31T08:00:00Z"),
        (1717142400123, "2024-05-31T08:00:00.123Z"),
        ("1717142400", "2024-05-31T08:00:00Z"),
        ("1717142400.000100", "2024-05-31T08:00:00Z"),
        ({"dateTime": "2024-05-31T10:00:00", "timeZone": "America/New_York"}, "2024-05-31T14:00:00Z"),
        ({"dateTime": "2024-05-31T10:00:00", "timeZone": "Eastern Standard Time"}, "2024-05-31T14:00:00Z"),
        ({"dateTime": "2024-05-31T10:00:00", "timeZone": "UTC+05:30"}, "2024-05-31T04:30:00Z"),
        ({"dateTime": "2024-05-31T10:00:00", "timeZone": "Nowhere/At all"}, "2024-05-31T08:00:00Z"),
        ({"date": "2024-05-31"}, "2024-05-31"),
    ],
)
def test_times_are_read_as_the_old_system_wrote_them(value: object, said: str) -> None:
    assert instant(value, BERLIN) == said


@pytest.mark.parametrize(
    "value",
    [
        *("soon", "", "0001-01-01", "9999-12-31T23:59:59-10:00", "2024-02-30", "31.05.2024"),
        *(None, True, 7, -1, 10**30, float("nan"), [], {}, {"date": {"date": {}}}, {"dateTime": 1e308}),
    ],
)
def test_what_is_no_time_is_not_taken_for_one(value: object) -> None:
    assert instant(value, BERLIN) == ""


def test_without_a_time_the_day_of_the_folder_stands() -> None:
    assert made(text="x").at == DAY
    odd: Line = {"text": "x", "ts": "soon"}
    found, remarks = record(odd, "slack", DAY, UTC, Twins().number)
    assert found.at == DAY
    assert [why for why, _ in remarks] == ["its ts cannot be read, so the day of its folder is used"]


def test_an_id_of_the_line_is_kept_under_its_folder() -> None:
    assert made(text="x", id="m1").id == "slack:m1"
    assert made("mail", text="x", message_id="<a@b>").id == "mail:<a@b>"
    assert made(text="x", id=17).id == "slack:17"
    assert made(text="x", ts="1717142400.000100", channel="C1").id == "slack:C1-1717142400.000100"
    assert made(text="x", id="a/b").id.startswith("sha256-")


def test_without_an_id_folder_day_and_words_make_one_and_twins_are_told_apart() -> None:
    number = Twins().number
    lines: list[Line] = [{"text": "ok", "ts": "2024-05-31T10:00:00Z"}, {"text": "ok"}, {"text": "no"}]
    ids = [record(line, "log", DAY, UTC, number)[0].id for line in lines]
    assert ids[1] == f"{ids[0]}-2"
    assert len(set(ids)) == 3
    assert made("log", text="ok").id == ids[0]
    assert made("other", text="ok").id != ids[0]


def test_what_has_no_place_of_its_own_is_kept_beside() -> None:
    found = made(
        "e-mail",
        subject="Re: plan",
        body="Yes.",
        **{"from": "Ana <a@x.example>"},
        to=["b@x.example"],
        labels=["x"],
    )
    assert (found.title, found.text, found.kind) == ("Re: plan", "Yes.", "e-mail")
    assert found.meta == {
        "archive_source": "e-mail",
        "archive_day": DAY,
        "people": ["Ana <a@x.example>", "b@x.example"],
        "subject": "Re: plan",
        "from": "Ana <a@x.example>",
        "to": ["b@x.example"],
        "labels": ["x"],
    }


def test_what_is_kept_beside_is_bounded() -> None:
    wide = {f"f{n}": "y" * 5_000 for n in range(500)}
    deep: Any = 1
    for _ in range(40):
        deep = {"d": deep}
    found = made(text="x", **wide, deep=deep, huge=2**70)
    assert len(orjson.dumps(found.meta)) <= 20_000


def test_a_text_beyond_the_limit_is_cut_and_says_so() -> None:
    found, remarks = record({"text": "x" * (MAX_TEXT + 1)}, "a", DAY, UTC, Twins().number)
    assert len(found.text) == MAX_TEXT
    assert [why for why, _ in remarks] == [f"its text was cut to {MAX_TEXT:,} characters"]


def test_a_line_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="it has no text: it has none of text, content"):
        made(ts="2024-05-31T10:00:00Z", value=7)


def test_people_are_texts_or_objects() -> None:
    attendees = [
        "ana@x.example",
        {"email": "bo@x.example", "displayName": "Bo"},
        {"name": "Cy"},
        {},
        None,
        7,
        ["no"],
    ]
    assert people_of({"attendees": attendees, "from": {"address": "ana@x.example"}}) == [
        "ana@x.example",
        "Bo <bo@x.example>",
        "Cy",
    ]


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("slack", "slack"), ("E-Mail", "e-mail"), ("2024 notes", "notes"), ("日本", "archive")],
)
def test_the_kind_is_the_folders_name(folder: str, kind: str) -> None:
    assert kind_of(folder) == kind


def test_a_line_is_an_event_in_the_calendars_folder_or_when_it_looks_like_one() -> None:
    assert is_event({}, "Calendar", UTC)
    assert is_event({"start": "2024-05-31T10:00:00Z", "end": "2024-05-31T11:00:00Z"}, "meetings", UTC)
    assert is_event({"start": {"date": DAY}, "attendees": ["a"]}, "meetings", UTC)
    assert not is_event({"start": "2024-05-31T10:00:00Z"}, "slack", UTC)
    assert not is_event({"start": "the", "end": "matter"}, "slack", UTC)


def test_an_event_keeps_its_times_people_and_place() -> None:
    found = planned(
        id="e1",
        summary="Board\nmeeting",
        start={"dateTime": "2024-05-31T10:00:00+02:00"},
        end={"dateTime": "2024-05-31T11:00:00+02:00"},
        attendees=[{"email": "bo@x.example"}, "ana@x.example", "ana@x.example"],
        organizer={"displayName": "Cy", "email": "cy@x.example"},
        location="Room 1",
        description="Numbers.\r\nAnd more.",
        htmlLink="https://cal.example/e1",
    )
    assert found.model_dump(exclude_unset=True) == {
        "id": "calendar:e1",
        "title": "Board meeting",
        "start": "2024-05-31T08:00:00Z",
        "end": "2024-05-31T09:00:00Z",
        "attendees": ("Cy <cy@x.example>", "bo@x.example", "ana@x.example"),
        "location": "Room 1",
        "description": "Numbers.\nAnd more.",
        "url": "https://cal.example/e1",
    }


def test_what_of_an_event_is_too_long_is_cut_and_named() -> None:
    line: Line = {"title": "x" * 501, "start": DAY, "attendees": [f"{n}@x.example" for n in range(501)]}
    found, cut = event(line | {"location": "y" * 1_000}, "calendar", UTC)
    assert (len(found.title), len(found.attendees), cut) == (500, 500, ["cut to fit: title, attendees"])


@pytest.mark.parametrize(
    ("start", "end", "ends"),
    [
        (DAY, None, None),
        (DAY, DAY, "2024-06-01"),
        (DAY, "2024-06-02", "2024-06-02"),
        (DAY, "2024-05-31T18:00:00Z", "2024-06-01"),
        (DAY, "2024-06-02T10:00:00Z", "2024-06-03"),
        (DAY, "2024-06-02T00:00:00Z", "2024-06-02"),
        ("2024-05-31T10:00:00Z", "2024-05-31", "2024-05-31T23:59:00Z"),
        ("2024-05-31T10:00:00Z", "", None),
    ],
)
def test_an_end_is_made_to_fit_the_start(start: str, end: str | None, ends: str | None) -> None:
    assert planned(title="x", start=start, end=end).end == ends


def test_a_day_beside_a_time_is_one_of_the_given_zone() -> None:
    line: Line = {"title": "x", "start": "2024-05-31T10:00:00Z", "end": DAY}
    assert event(line, "calendar", BERLIN)[0].end == "2024-05-31T21:59:00Z"
    days: Line = {"title": "x", "start": DAY, "end": "2024-06-01T22:00:00Z"}
    assert event(days, "calendar", BERLIN)[0].end == "2024-06-02"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"title": "x"}, "it has no start"),
        ({"title": "x", "start": "soon"}, "its start cannot be read: soon"),
    ],
)
def test_an_event_without_a_start_that_can_be_read_is_refused_with_the_reason(
    line: dict[str, Any], why: str
) -> None:
    with pytest.raises(Unusable) as refusal:
        event(line, "calendar", UTC)
    assert str(refusal.value) == why


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (DAY, "late", "its end cannot be read, and is ignored: late"),
        (DAY, "2024-05-30", "it ends before it begins, so its end is ignored"),
        (
            "2024-05-31T10:00:00Z",
            "2024-05-31T09:00:00Z",
            "it ends before it begins, so its end is ignored",
        ),
    ],
)
def test_an_end_that_cannot_be_is_left_aside_and_the_event_is_taken(start: str, end: str, why: str) -> None:
    found, remarks = event({"title": "x", "start": start, "end": end}, "calendar", UTC)
    assert (found.start, found.end, remarks) == (start, None, [why])


WINDOW = Window.around(date(2024, 5, 31), 7, 60)


def agenda(*told: tuple[str, dict[str, Any]]) -> list[GivenEvent]:
    book = Agenda(WINDOW, Account("event"))
    for day, line in told:
        book.add(day, event(line, "calendar", UTC)[0], is_called_off(line))
    return list(book.events())


def test_the_newest_day_says_where_an_event_is() -> None:
    old, new = (
        {"id": "e", "title": "x", "start": "2024-06-01"},
        {"id": "e", "title": "x", "start": "2024-06-02"},
    )
    assert [one.start for one in agenda(("2024-05-30", old), (DAY, new))] == ["2024-06-02"]


def test_an_event_that_the_newest_day_moves_out_of_the_window_or_calls_off_is_gone() -> None:
    line = {"id": "e", "title": "x", "start": "2024-06-01"}
    assert agenda(("2024-05-30", line), (DAY, line | {"start": "2025-06-01"})) == []
    assert agenda(("2024-05-30", line), (DAY, line | {"status": "cancelled"})) == []
    assert agenda(("2024-05-30", line | {"status": "cancelled"}), (DAY, line)) != []


def test_occurrences_under_one_id_are_told_apart_by_their_start() -> None:
    week = [{"id": "e", "title": "x", "start": f"2024-06-0{n}T09:00:00Z"} for n in (1, 2, 3)]
    found = agenda(*(("2024-05-30", line) for line in week), *((DAY, line) for line in week[1:]))
    assert [one.id for one in found] == ["calendar:e#2024-06-02T09:00:00Z", "calendar:e#2024-06-03T09:00:00Z"]


def test_an_event_that_gets_a_second_occurrence_stays_what_it_was() -> None:
    first, second = ({"id": "e", "title": "x", "start": f"2024-06-0{n}"} for n in (1, 2))
    (alone,) = agenda(("2024-05-30", first))
    for days in (
        (("2024-05-30", first), (DAY, second), (DAY, first)),
        ((DAY, first), (DAY, second)),
    ):
        two = {one.start: one for one in agenda(*days)}
        assert two["2024-06-01"].formerly == (alone.id,)
        assert two["2024-06-02"].formerly == ()
    (left,) = agenda(("2024-05-30", first), ("2024-05-30", second), (DAY, second))
    assert left.formerly == ("calendar:e#2024-06-02",)


def test_an_event_without_an_id_is_the_same_on_every_day() -> None:
    line = {"title": "x", "start": "2024-06-01"}
    assert len(agenda(("2024-05-30", line), (DAY, line))) == 1


def test_events_are_taken_that_touch_the_window() -> None:
    long = {"title": "x", "start": "2023-01-01", "end": "2025-01-01"}
    before, after = {"title": "y", "start": "2024-05-23"}, {"title": "z", "start": "2024-07-31"}
    assert [one.title for one in agenda((DAY, long), (DAY, before), (DAY, after))] == ["x"]


FIELDS = st.sampled_from(
    (
        *(*TEXT, *TIME, *TITLE, "id", "url", "end", "attendees", "organizer", "status", "email", "name"),
        *("dateTime", "timeZone", "important", "location"),
    )
)
SOME = st.sampled_from(
    ("2024-05-31", "2024-05-31T10:00:00", "1717142400.000100", "Fri, 31 May 2024 10:00:00 +0200")
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | SOME,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS | st.text(), inner, max_size=6),
    max_leaves=20,
)


@example({"text": "Late", "ts": 7_258_118_400}, "slack")  # the first second of 2200
@given(st.dictionaries(FIELDS, JSON, max_size=8), st.sampled_from(("calendar", "slack", "a/b;%")))
def test_whatever_json_a_line_is_it_is_taken_or_refused(line: dict[str, Any], folder: str) -> None:
    try:
        if is_event(line, folder, BERLIN):
            is_called_off(line)
            orjson.dumps(event(line, folder, BERLIN)[0].model_dump())
        else:
            orjson.dumps(record(line, folder, DAY, BERLIN, Twins().number)[0].model_dump())
    except (ValueError, NothingSaid) as refusal:
        assert type(refusal) in (Unusable, NothingSaid), refusal  # noqa: PT017 - a record is right as well


@given(st.dates(date(1900, 1, 2), date(2199, 12, 30)), st.times(), st.integers(-14 * 60, 14 * 60))
def test_every_instant_of_the_boards_years_is_read(day: date, clock: time, offset_min: int) -> None:
    moment, offset = datetime.combine(day, clock), timedelta(minutes=offset_min)
    sign = "-" if offset_min < 0 else "+"
    zone = f"{sign}{abs(offset_min) // 60:02}:{abs(offset_min) % 60:02}"
    found = instant(f"{moment.replace(microsecond=0).isoformat()}{zone}", UTC)
    assert found == (moment.replace(microsecond=0) - offset).isoformat() + "Z"

"""Ids are stable and fit, and every item is one that the server takes."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from collectors.ics.file import read_calendar
from collectors.ics.item import is_id, item_id
from models.base import OwnId
from models.calendar import GivenEvent
from tests.collectors.calendars import WINDOW, calendar

OWN_ID: TypeAdapter[str] = TypeAdapter(OwnId)


@pytest.mark.parametrize(
    ("uid", "fits"),
    [
        ("abc@example.org", True),
        ("with single spaces", True),
        ("é", True),
        ("x" * 255, True),
        ("x" * 256, False),
        ("", False),
        (".", False),
        ("a/b", False),
        ("a;b", False),
        ("100%", False),
        (" a", False),
        ("a  b", False),
        ("a\u00a0b", False),
        ("a\u200db", False),
        ("a\tb", False),
        (unicodedata.normalize("NFD", "é"), False),
        ("\ud800", False),
        ("\ue000", False),
    ],
)
def test_a_uid_is_taken_as_it_is_only_if_it_is_unmistakable(uid: str, fits: bool) -> None:
    assert is_id(uid) is fits
    assert (item_id(uid, None, UTC) == uid) is fits


def test_the_id_of_an_occurrence_is_its_place_in_the_rule_in_utc() -> None:
    nine = datetime(2026, 3, 12, 9, tzinfo=timezone(timedelta(hours=1)))
    assert item_id("u", nine, UTC) == item_id("u", nine.astimezone(UTC), UTC) == "u#20260312T080000Z"
    assert item_id("u", nine.replace(tzinfo=None), timezone(timedelta(hours=1))) == "u#20260312T080000Z"
    assert item_id("u", date(2026, 3, 12), UTC) == "u#20260312"


@given(uid=st.text(max_size=300), moment=st.sampled_from([None, datetime(2026, 3, 12, tzinfo=UTC)]))
def test_every_uid_gives_an_id_that_the_server_takes(uid: str, moment: datetime | None) -> None:
    its_id = item_id(uid, moment, UTC)
    assert OWN_ID.validate_python(its_id) == its_id == item_id(uid, moment, UTC)


@settings(deadline=None)
@given(texts=st.lists(st.text(max_size=60), min_size=6, max_size=6), times=st.sampled_from([1, 400]))
def test_any_text_in_a_calendar_gives_an_item_that_the_server_takes(texts: list[str], times: int) -> None:
    names = ("SUMMARY", "DESCRIPTION", "LOCATION", "URL", "ATTENDEE", "UID")
    pairs = zip(names, texts, strict=True)
    lines = [f"{name}:" + re.sub(r"[\0\r\n\ud800-\udfff]", " ", text * times) for name, text in pairs]
    reading = read_calendar(calendar("\n".join(["DTSTART:20260312T100000Z", *lines])), WINDOW)
    assert len(reading.found) == 1
    GivenEvent.model_validate(reading.found[0].item)

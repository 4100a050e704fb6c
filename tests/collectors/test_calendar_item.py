"""Ids are stable and fit, and every item is one that the server takes."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from collectors.ics.item import UID_MAX, is_id, sound_uid
from models.base import OwnId
from models.calendar import GivenEvent
from tests.collectors.calendars import read

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
    assert (sound_uid(uid) == uid) is (fits and len(uid) <= UID_MAX)


@given(uid=st.text(max_size=300))
def test_every_uid_gives_an_id_that_the_server_takes(uid: str) -> None:
    its_id = f"{sound_uid(uid)}#20260312T100000Z"
    assert OWN_ID.validate_python(its_id) == its_id == f"{sound_uid(uid)}#20260312T100000Z"


@settings(deadline=None)
@given(texts=st.lists(st.text(max_size=60), min_size=6, max_size=6), times=st.sampled_from([1, 400]))
def test_any_text_in_a_calendar_gives_an_item_that_the_server_takes(texts: list[str], times: int) -> None:
    names = ("SUMMARY", "DESCRIPTION", "LOCATION", "URL", "ATTENDEE", "UID")
    pairs = zip(names, texts, strict=True)
    lines = [f"{name}:" + re.sub(r"[\0\r\n\ud800-\udfff]", " ", text * times) for name, text in pairs]
    reading = read("\n".join(["DTSTART:20260312T100000Z", *lines]))
    assert len(reading.items) == 1
    GivenEvent.model_validate(reading.items[0])

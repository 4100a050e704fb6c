"""Archived lines in the forms of the programs that wrote them: pages, blocks, what was thrown away."""

from datetime import UTC
from typing import Any

import pytest

from collectors.archive.event import is_called_off
from collectors.archive.fields import PAGE, Line, why_gone
from collectors.archive.record import record
from collectors.identity import Twins
from models.records import GivenRecord


def made(folder: str = "slack", **line: Any) -> GivenRecord:
    return record(line, folder, "2024-05-31", UTC, Twins().number)[0]


@pytest.mark.parametrize("name", PAGE)
def test_a_page_is_read_as_its_text_beside_or_without_another(name: str) -> None:
    assert made("mail", subject="S", **{name: "<p>Bring <b>heather</b></p>"}).text == "Bring heather"
    found = made("mail", body="Short", **{name: "<p>Bring <b>heather</b></p>"})
    assert found.text.split() == ["Short", "Bring", "heather"]
    assert name not in (found.meta or {})


@pytest.mark.parametrize("stand_in", ["This content can't be displayed.", ""])
def test_blocks_are_read_in_place_of_what_stands_for_them(stand_in: str) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "heather"}}]
    assert made(text=stand_in, blocks=blocks).text == "heather"
    assert made(text=stand_in, attachments=[{"blocks": blocks, "fallback": "old"}]).text == "heather"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"labels": ["INBOX", "TRASH"]}, "deleted"),
        ({"labelIds": ["SPAM"]}, "spam"),
        ({"folder": "Deleted Items"}, "deleted"),
        ({"mailbox": "[Gmail]/Papierkorb"}, "deleted"),
        ({"deleted": True}, "deleted"),
        ({"isDeleted": True}, "deleted"),
        ({"subtype": "tombstone"}, "deleted"),
        ({"deleted": False, "labels": ["Antispam project"], "folder": "Spamalot"}, ""),
    ],
)
def test_what_was_thrown_away_is_known(line: Line, why: str) -> None:
    assert why_gone(line) == why


@pytest.mark.parametrize("line", [{"status": "Canceled"}, {"isCancelled": True}, {"deleted": True}])
def test_an_event_is_called_off_in_several_ways(line: Line) -> None:
    assert is_called_off(line)

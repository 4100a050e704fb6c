"""`Tomorrow` is the next day where the writer is, whatever day it is in Greenwich by then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collectors.actions.mine import Me
from collectors.actions.recent import Actions
from collectors.mail.reading import read_mail
from collectors.slack.reading import Wanted, read_export
from collectors.types import Ask, Found
from models.proposals import GivenProposal
from tests.collectors.mail_samples import mbox, message
from tests.collectors.slack_exports import said, unpacked

ZONES = ["America/Los_Angeles", "Asia/Tokyo", "Europe/Berlin", "Pacific/Kiritimati", "UTC"]
ASKS = "Could you send the numbers by tomorrow?"
ME = Me(("Ana Silva", "ana@example.org"))


def late_or_early(zone: str) -> list[datetime]:
    """Half an hour after midnight there, and before."""
    day = datetime.now(ZoneInfo(zone)).replace(minute=30, second=0, microsecond=0) - timedelta(days=3)
    return [day.replace(hour=0), day.replace(hour=23)]


def due(found: Iterable[Found]) -> list[str]:
    lines = [one.line for one in found if isinstance(one, GivenProposal)]
    assert lines
    return [line.partition(" by ")[2] for line in lines]


@pytest.mark.parametrize("zone", ZONES)
def test_a_mails_days_are_its_senders(tmp_path: Path, zone: str) -> None:
    for number, at in enumerate(late_or_early(zone)):
        head = ("From: Bo Berg <bo@example.org>", "To: Ana Silva <ana@example.org>")
        box = tmp_path / f"{number}.mbox"
        box.write_bytes(mbox(message(*head, f"Date: {format_datetime(at)}", body=ASKS, id="1@x")))
        assert due(read_mail([box], Ask(), Actions(ME))) == [f"{at + timedelta(days=1):%Y-%m-%d}"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("listed", [True, False])
def test_a_messages_days_are_its_authors_or_those_of_the_machine(
    tmp_path: Path, zone: str, *, listed: bool
) -> None:
    for number, at in enumerate(late_or_early(zone)):
        users = [
            {"id": "U1", "name": "ana", "profile": {"real_name": "Ana Silva"}},
            {"id": "U2", "name": "bo", "profile": {"real_name": "Bo Berg"}}
            | ({"tz": zone} if listed else {}),
        ]
        asks = said(f"<@U1> {ASKS}", f"{at.timestamp():.6f}", user="U2")
        day = f"general/{at.astimezone(UTC):%Y-%m-%d}.json"
        lists = {"users.json": users, "channels.json": [{"id": "C1", "name": "general"}]}
        export = unpacked(tmp_path / str(number), {**lists, day: [asks]})
        actions = Actions(ME, zone=UTC if listed else ZoneInfo(zone))
        assert due(read_export(export, Ask(), Wanted(), actions)) == [f"{at + timedelta(days=1):%Y-%m-%d}"]

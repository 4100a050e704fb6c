"""Hundreds of real and broken calendars, byte for byte: none raises, nothing is dropped without a word."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.ics.file import Reading, read_calendar
from collectors.ics.recurrence import Window
from collectors.ics.text import UnreadableCalendar, cut
from collectors.types import Kind
from models.calendar import GivenEvent

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "calendar"
YEARS = (2006, 2025)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real calendars is not here")


def readings(year: int) -> dict[Path, Reading | str]:
    window = Window.around(datetime(year, 6, 30, tzinfo=UTC), 180, 180, UTC)
    outcomes: dict[Path, Reading | str] = {}
    for path in sorted(FOLDER.rglob("*.ics")):
        try:
            outcomes[path] = read_calendar(path.read_bytes(), window)
        except UnreadableCalendar as refusal:
            outcomes[path] = str(refusal)
    return outcomes


@pytest.mark.parametrize("year", YEARS)
def test_every_real_calendar_is_read_or_refused_with_a_reason(year: int) -> None:
    outcomes = readings(year)
    read = {path: outcome for path, outcome in outcomes.items() if isinstance(outcome, Reading)}
    assert len(outcomes) >= 500
    assert len(read) >= 450
    for path, reading in read.items():
        calendars, _ = cut(path.read_bytes())
        assert reading.events == sum(len(calendar.events) for calendar in calendars)
        for found in reading.found:
            GivenEvent.model_validate(found.item)
    assert all(outcome.startswith("it ") for outcome in outcomes.values() if isinstance(outcome, str))


def test_a_calendar_in_which_nothing_is_wrong_gives_each_of_its_events() -> None:
    everything = Window.around(datetime(2025, 5, 15, tzinfo=UTC), 30, 30, UTC)
    reading = read_calendar((FOLDER / "pycon-us-2025" / "open_spaces.ics").read_bytes(), everything)
    assert len(reading.found) == reading.events > 100
    assert {finding.kind for finding in reading.findings} == {Kind.NOTE}

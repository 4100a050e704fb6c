"""Real and broken calendars, byte for byte: none raises, nothing is dropped without a word.

An ordinary run reads one in eight of more than 500, others for each year; a long one all (tests/examples.py).
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.ics.file import Octets, Reading, read_calendars
from collectors.ics.recurrence import Window
from collectors.ics.text import UnreadableCalendar, cut
from collectors.types import Kind
from models.calendar import GivenEvent
from tests.collectors.calendars import fates
from tests.examples import one_in

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "calendar"
YEARS = {2006: 0, 2025: 2}
"""With the first of the files that are read for it."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real calendars is not here")


def read(path: Path, window: Window) -> Reading:
    return read_calendars([Octets(path.name, path.read_bytes())], window)


def events_in(path: Path) -> int:
    """How often the file says that an event begins."""
    try:
        calendars = cut(path.read_bytes()).calendars
    except UnreadableCalendar:
        return 0
    return sum(len(calendar.events) for calendar in calendars)


@pytest.mark.parametrize(("year", "first"), YEARS.items())
def test_every_real_calendar_is_read_or_refused_with_a_reason(year: int, first: int) -> None:
    window = Window.around(datetime(year, 6, 30, tzinfo=UTC), 180, 180, UTC)
    paths = sorted(FOLDER.rglob("*.ics"))
    readings = {path: read(path, window) for path in paths[first % one_in(8) :: one_in(8)]}
    assert len(paths) >= 500
    assert sum(reading.files.taken for reading in readings.values()) >= 0.85 * len(readings)
    for path, reading in readings.items():
        assert sum(fates(reading.events).values()) == events_in(path)
        assert fates(reading.occurrences).get("taken", 0) == len(reading.items)
        assert reading.files.taken or reading.findings
        for item in reading.items:
            GivenEvent.model_validate(item)


def test_a_calendar_in_which_nothing_is_wrong_gives_each_of_its_events() -> None:
    everything = Window.around(datetime(2025, 5, 15, tzinfo=UTC), 30, 30, UTC)
    reading = read(FOLDER / "pycon-us-2025" / "open_spaces.ics", everything)
    assert len(reading.items) == reading.events.taken == reading.events.seen > 100
    assert {finding.kind for finding in reading.findings} == {Kind.NOTE}

"""What people set, for the tests that need somebody's preferences."""

from __future__ import annotations

PREFERENCES = {
    "name": "Ann Lee",
    "tz": "Europe/Berlin",
    "tz2": "America/New_York",
    "working_hours": {"mon": {"start": "08:30", "end": "17:00"}, "tue": None},
    "brief_at": "07:00",
    "theme": "dark",
    "density": "compact",
    "panels": {"order": ["day", "priorities"], "hidden": ["sources"]},
    "start": "day",
    "language": "de",
    "notify": {"before_min": 10, "source": False},
}

"""For how long what was read of calendars stays as it is: until days or hours pass that it depends on.
Pure.

Most events of a large calendar happen once: they need no second look until the window of days reaches them,
or has left them behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from collectors.ics.component import Component
from collectors.ics.moments import DAY, instant
from collectors.ics.recurrence import Window
from collectors.ics.times import MARGIN, days_of


class Lasting:
    """Of one reading. `until_s` is None while nothing was met that time changes."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._midnight = window.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.until_s: float | None = None

    def until(self, moment: datetime) -> None:
        """From then on it may be different."""
        at_s = moment.timestamp()
        self.until_s = at_s if self.until_s is None else min(self.until_s, at_s)

    def for_today(self) -> None:
        """Until the window moves by a day."""
        self.until(self._midnight + DAY)

    def glance(self, lines: Iterable[str]) -> None:
        """For an event that is outside the window by far (times.is_outside)."""
        days = days_of(lines)
        if days is None:
            self.for_today()
        elif (ahead := days[0] - MARGIN - self._window.end.date()) > timedelta(0):
            self.until(self._midnight + ahead)

    def placed(self, components: Sequence[Component], *, was_cut: bool) -> None:
        """For the components of one UID. A rule that is cut gives other occurrences at any time."""
        if was_cut:
            self.until(self._window.now)
        elif any(component.recurs for component in components):
            self.for_today()
        else:
            for component in components:
                self._once(component)

    def _once(self, component: Component) -> None:
        """A day early, for the days on which clocks are changed: looking again costs little."""
        window, tz = self._window, self._window.tz
        start, end = instant(component.start, tz), instant(component.end_after(component.start), tz)
        if end < window.start:
            return
        waits = start - window.end if start >= window.end else end - window.start
        self.until(self._midnight + max(waits - DAY, DAY))

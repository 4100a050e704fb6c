"""Occurrences of one event and its exceptions in a window, however dense its rule is.

recurring_ical_events does the work. It lists every occurrence that a rule has in the window, counted from its
DTSTART on: a rule of every second since 2000 would take hours and all memory. Here a rule begins near the
window and gives at most CAP occurrences, those to come before those that are over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import dropwhile, islice, takewhile
from typing import Any

from icalendar.prop import vDDDTypes
from recurring_ical_events import EventAdapter, Occurrence, Series

from collectors.ics.component import Component
from collectors.ics.moments import Length, Moment, instant, later

CAP = 2_000  # occurrences of one event in the window: one an hour for 80 days
_UNITS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
}
_NO_FILTERS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}


@dataclass(frozen=True)
class Window:
    """The part of a calendar that is read: whole days around `now`, in the zone `tz`."""

    now: datetime
    start: datetime
    end: datetime

    @classmethod
    def around(cls, now: datetime, days_back: int, days_ahead: int, tz: tzinfo) -> Window:
        local = now.astimezone(tz)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(local, midnight - timedelta(days=days_back), midnight + timedelta(days=days_ahead + 1))

    @property
    def tz(self) -> tzinfo:
        assert self.now.tzinfo is not None
        return self.now.tzinfo


@dataclass(frozen=True)
class Placed:
    """One occurrence: the component that describes it, when it is, and when its rule first put it."""

    component: Component
    start: Moment
    end: Moment
    original: Moment


def occurrences(components: Sequence[Component], window: Window) -> tuple[list[Placed], bool]:
    """The occurrences in the window of components with one UID, and whether a rule was cut at CAP.

    Errors: whatever the libraries raise for values that they cannot use.
    """
    adapters = [_Adapter(component, window.now) for component in components]
    found = [occurrence.placed() for occurrence in _Series(adapters).between(window.start, window.end)]
    return found, any(adapter.was_cut for adapter in adapters)


class _Adapter(EventAdapter):  # type: ignore[misc]
    """A component as the library asks for it. Carries `now` to the rules, and from them whether one was
    cut."""

    def __init__(self, component: Component, now: datetime) -> None:
        super().__init__(component.event)
        self.component = component
        self.now = now
        self.was_cut = False
        if component.recurrence is not None:
            params = {"RANGE": "THISANDFUTURE"} if component.stated.onwards else {}
            component.event["RECURRENCE-ID"] = vDDDTypes(component.recurrence, params)

    @property
    def raw_start(self) -> Moment:
        return self.component.start

    @property
    def raw_end(self) -> Moment:
        # By the clock on the wall, or it would be before the start in the hour that comes twice.
        start = self.component.start
        return start + _span(start, self.component.end_after(start))

    @property
    def exdates(self) -> list[Moment]:
        return self.component.exceptions

    @property
    def rdates(self) -> list[Moment | tuple[Moment, timedelta]]:
        extras = self.component.extras
        return [start if end is None else (start, _span(start, end)) for start, end in extras]


def _span(start: Moment, end: Moment | Length) -> timedelta:
    """The length of a period; 0 if it ends before it begins."""
    over = end.after(start) if isinstance(end, Length) else end
    span = instant(over, UTC) - instant(start, UTC)
    return max(span, timedelta(0))


class _Occurrence(Occurrence):  # type: ignore[misc]
    def __init__(self, adapter: _Adapter, *args: object, **kwargs: object) -> None:
        super().__init__(adapter, *args, **kwargs)
        self.adapter = adapter

    def placed(self) -> Placed:
        adapter, component = self.adapter, self.adapter.component
        if adapter.this_and_future:
            # One component stands for all later occurrences; each has its own place in the rule.
            original = self.start - adapter.move_recurrences_by
        else:
            original = self.start if component.recurrence is None else component.recurrence
        return Placed(component, self.start, self._end(), original)

    def _end(self) -> Moment:
        """The library reckons by the clock on the wall, as if none were ever changed."""
        component = self.adapter.component
        for start, end in component.extras:
            if end is not None and start == self.start:
                return later(start, _span(start, end)) if isinstance(start, datetime) else self.end
        return component.end_after(self.start)


class _Series(Series):  # type: ignore[misc]
    class RecurrenceRules(Series.RecurrenceRules):  # type: ignore[misc]
        def rrulestr(self, rule_string: str) -> _CappedRule:
            return _CappedRule(super().rrulestr(rule_string), self.start, self.core)

    def occurrence(
        self, adapter: _Adapter, start: date | None = None, end: date | timedelta | None = None
    ) -> _Occurrence:
        return _Occurrence(adapter, start, end, sequence=self.sequence)


class _CappedRule:
    """What Series asks of a dateutil rule, at a cost that depends on what it yields, not on when it began."""

    def __init__(self, rule: Any, start: datetime, core: _Adapter) -> None:
        self.until = rule.until
        self._rule = rule
        self._start = start
        self._core = core
        self._parts = dict(part.split("=", 1) for part in rule.string.upper().split(";") if "=" in part)
        self._interval = int(self._parts.get("INTERVAL", 1))
        if self._interval < 1:
            # dateutil would repeat the first occurrence for ever.
            raise ValueError("INTERVAL is less than 1")

    def between(self, after: datetime, before: datetime, inc: bool) -> list[datetime]:
        now = self._core.now if after.tzinfo else self._core.now.replace(tzinfo=None)
        pivot = min(max(after, now), before)
        to_come = list(islice(self._from(pivot, before), CAP + 1))
        if len(to_come) > CAP:
            self._core.was_cut = True
            return to_come[:CAP]
        over: deque[datetime] = deque(maxlen=CAP - len(to_come))
        for start in takewhile(lambda start: start < pivot, self._from(after, before)):
            self._core.was_cut |= len(over) == over.maxlen
            over.append(start)
        return [*over, *to_come]

    def _from(self, after: datetime, before: datetime) -> Iterator[datetime]:
        starts = dropwhile(lambda start: start < after, self._begun_near(after))
        return takewhile(lambda start: start <= before, starts)

    def _begun_near(self, after: datetime) -> Any:
        """The same rule with a DTSTART in step with its own, shortly before `after`."""
        unit = _UNITS.get(self._parts["FREQ"])
        counted = "COUNT" in self._parts
        if unit is None or (counted and self._parts.keys() - _NO_FILTERS):
            return self._rule.replace(cache=False)
        step = unit * self._interval
        # By the clock on the wall, as rules run; an hour that comes twice in autumn is within the margin.
        wall = after.astimezone(self._start.tzinfo) if after.tzinfo else after
        elapsed = wall.replace(tzinfo=None) - self._start.replace(tzinfo=None)
        skipped = max(0, (elapsed - timedelta(hours=3)) // step)
        count = max(0, int(self._parts["COUNT"]) - skipped) if counted else None
        return self._rule.replace(dtstart=self._start + skipped * step, count=count, cache=False)

"""Which of several components with one UID count: pure.

The newest version of an event or of one of its occurrences does, wherever it stands (RFC 5546, 2.1.4), and a
cancellation is such a version (3.2.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from collectors.ics.component import Component
from collectors.ics.moments import basic
from collectors.types import Finding, Kind

OLDER = "older versions or copies"


@dataclass
class InForce:
    """What of a UID counts: `components` are to be expanded together, `off` (by id) are those of them that
    will not take place; `aside` are left aside, each for its reason."""

    components: list[Component] = field(default_factory=list)
    off: set[int] = field(default_factory=set)
    aside: list[tuple[Component, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def is_off(self, component: Component) -> bool:
        return id(component) in self.off


def is_shared(group: Sequence[Component]) -> bool:
    """Whether a program gave one UID to different events: at different times, and none newer than another."""
    return (
        not any(component.recurs for component in group)
        and len({component.version for component in group}) == 1
        and len({component.setting.number for component in group}) == 1
        and len({str(component.start) for component in group}) == len(group) > 1
    )


def in_force(group: Sequence[Component]) -> InForce:
    """Of several versions of an event or exception the newest; the first where none is newer."""
    found = InForce()
    whole = [component for component in group if component.recurrence is None]
    series = _newest(whole, found) if whole else None
    by_occurrence: dict[str, list[Component]] = {}
    for component in group:
        if component.recurrence is not None and component.stated.recurrence is not None:
            if series is not None and series.is_placed:
                component.series = series
                component.recurrence = series.like(component.stated.recurrence)
            by_occurrence.setdefault(basic(component.recurrence), []).append(component)
    if series is not None:
        found.components.append(series)
        if series.cancelled:
            found.off.add(id(series))
    for versions in by_occurrence.values():
        _take_exception(_newest(versions, found), series, found)
    return found


def _take_exception(component: Component, series: Component | None, found: InForce) -> None:
    if (
        series is not None
        and component.sequence < series.sequence
        and component.setting is not series.setting
    ):
        # A new version of the whole, sent by itself, is the word on all its occurrences.
        found.aside.append((component, OLDER))
        return
    found.components.append(component)
    if component.cancelled or (series is not None and series.cancelled and _goes_with(component, series)):
        found.off.add(id(component))


def _goes_with(component: Component, series: Component) -> bool:
    """Whether an exception ends with its series: not if it is newer, or of the same version and file and said
    to take place."""
    if component.sequence != series.sequence or component.setting is not series.setting:
        return component.sequence <= series.sequence
    return not component.said_to_take_place


def _newest(versions: Sequence[Component], found: InForce) -> Component:
    """A cancellation goes before what it cancels where nothing says which is newer."""
    newest = max(versions, key=lambda one: (*one.version, one.cancelled))
    for one in versions:
        if one is not newest:
            found.aside.append((one, OLDER))
            found.findings += _remark(one, newest)
    return newest


def _remark(older: Component, newer: Component) -> Iterable[Finding]:
    if older.setting is newer.setting:
        why = f"is another version of {newer.where}, which is kept"
        same = older.event == newer.event and older.stated == newer.stated
        superseded = older.version != newer.version or same or newer.cancelled
        yield Finding(Kind.NOTE if superseded else Kind.LEFT_OUT, older.where, why)

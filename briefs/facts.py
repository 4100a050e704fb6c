"""What a brief is made of, and the questions that all kinds of briefs ask of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

from models.base import is_day
from models.calendar import Answer, CalendarItem, EventStatus
from models.commitments import Commitment, CommitmentStatus, Direction
from models.conflicts import Conflict
from models.priorities import Priority, PriorityStatus
from models.proposals import Proposal
from models.sources import Source


@dataclass(frozen=True)
class Said:
    """A record that was found: `ref` is its evidence, `at` an instant or a date."""

    ref: str
    at: str | None
    author: str | None
    text: str
    title: str = ""


@dataclass(frozen=True)
class Changed:
    """An item that is not what it was at the last brief, as `state:since` tells it; `begun` is when an event
    that was moved began before, and begins now. `actor` is None where it was
    nobody."""

    section: str
    id: str
    code: str
    title: str
    actor: str | None
    what: str
    begun: tuple[str, str] | None = None


@dataclass(frozen=True)
class Other:
    """An open item of a section that briefs have no words of their own for."""

    section: str
    id: str
    code: str
    title: str


@dataclass(frozen=True)
class Facts:
    """`calendar` is sorted by start, `priorities` most pressing first, `commitments` by due date;
    `about` are the sentences that were said about the meeting, newest first, `by` what each of its people
    last said; `others` are the open items of other sections, by what they are called; `company` names
    attendees as the board calls them, without the one whom it is for; `zones` are others that the reader
    wants to see; `proposals` are sorted, the least doubtful first. What several sections ask is worked out
    once."""

    now: datetime
    tz: tzinfo
    calendar: Sequence[CalendarItem] = ()
    priorities: Sequence[Priority] = ()
    commitments: Sequence[Commitment] = ()
    sources: Sequence[Source] = ()
    changes: Sequence[Changed] = ()
    about: Sequence[Said] = ()
    by: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    conflicts: Sequence[Conflict] = ()
    others: Mapping[str, Sequence[Other]] = field(default_factory=dict)
    company: Callable[[Sequence[str]], Sequence[str]] = tuple
    zones: Sequence[ZoneInfo] = ()
    proposals: Sequence[Proposal] = ()

    @cached_property
    def today(self) -> date:
        """Where the board is."""
        return self.now.astimezone(self.tz).date()

    def unlisted(self, ids: Collection[str]) -> int:
        """How many conflicts the board does not list, if the last that it lists is between two of these."""
        last = self.conflicts[-1] if self.conflicts else None
        return last.left_out if last is not None and all(id in ids for id in last.events) else 0

    def attendees(self, event: CalendarItem) -> Sequence[str]:
        """Who else is asked to come."""
        return self.company(event.attendees)

    def answers(self, event: CalendarItem) -> Mapping[str, Answer]:
        """What those who also come, or were asked to, answered to the invitation."""
        return {name: one.answer for one in event.answers for name in self.company([one.attendee])}

    def coming(self, event: CalendarItem) -> Sequence[str]:
        """Who else comes, as far as is known: not those who declined."""
        answers = self.answers(event)
        return [name for name in self.attendees(event) if answers.get(name) is not Answer.DECLINED]

    def meetings(self, first: date, days: int = 1) -> Sequence[CalendarItem]:
        """What takes place in these days."""
        known = self._meetings.get((first, days))
        if known is None:
            begin, end = self._midnight(first), self._midnight(first + timedelta(days=days))
            near = self._near(first, days)
            known = tuple(one for one in near if self.begin(one) < end and self.end(one) > begin)
            self._meetings[first, days] = known
        return known

    @cached_property
    def by_id(self) -> Mapping[str, CalendarItem]:
        """The events."""
        return {event.id: event for event in self.calendar}

    @cached_property
    def altered(self) -> Sequence[CalendarItem]:
        """The events that are cancelled or were moved."""
        return tuple(
            event
            for event in self.calendar
            if event.status is EventStatus.CANCELLED or event.moved_from is not None
        )

    @cached_property
    def open_priorities(self) -> Sequence[Priority]:
        """Most pressing first."""
        return tuple(item for item in self.priorities if item.status is PriorityStatus.OPEN)

    def pending(self, direction: Direction) -> Sequence[Commitment]:
        """What is not done yet, by due date."""
        return self._pending[direction]

    def due(self, item: Priority | Commitment) -> date | None:
        """The day on which it is due, where the board is."""
        return None if item.due_date is None else self.day_of(item.due_date)

    def day_of(self, when: str) -> date:
        """The day of an instant or a date."""
        known = self._days.get(when)
        if known is None:
            instant = None if is_day(when) else self.moment(when).astimezone(self.tz)
            known = self._days[when] = date.fromisoformat(when) if instant is None else instant.date()
        return known

    def moment(self, when: str) -> datetime:
        """An instant; the begin of the day for a date."""
        return self._midnight(date.fromisoformat(when)) if is_day(when) else datetime.fromisoformat(when)

    def begin(self, event: CalendarItem) -> datetime:
        """When it starts."""
        return self.moment(event.start)

    def last_day(self, event: CalendarItem) -> date:
        """The last day on which it takes place; what ends at midnight does not reach into the next."""
        return (self.end(event) - timedelta(microseconds=1)).astimezone(self.tz).date()

    def end(self, event: CalendarItem) -> datetime:
        """When it is over; what has no end takes place when it starts, or all that day."""
        if event.all_day:  # by days, since not every day has 24 hours
            next_day = self.day_of(event.start) + timedelta(days=1)
            return self._midnight(next_day if event.end is None else max(next_day, self.day_of(event.end)))
        end = self.begin(event) if event.end is None else self.moment(event.end)
        return max(end, self.begin(event) + timedelta(seconds=1))

    def is_held_before(self, one: CalendarItem, other: CalendarItem) -> bool:
        """Whether it took place before the other begins, and is over: the other may be weeks ahead."""
        over = self.begin(one) < self.begin(other) and self.end(one) <= self.now
        return over and one.status is not EventStatus.CANCELLED

    @cached_property
    def _pending(self) -> Mapping[Direction, Sequence[Commitment]]:
        left = [item for item in self.commitments if item.status is not CommitmentStatus.COMPLETED]
        return {way: tuple(item for item in left if item.direction is way) for way in Direction}

    @cached_property
    def _meetings(self) -> dict[tuple[date, int], Sequence[CalendarItem]]:
        return {}

    @cached_property
    def _days(self) -> dict[str, date]:
        return {}

    def _near(self, first: date, days: int) -> Iterator[CalendarItem]:
        """The events that may be of these days, by the dates in their texts: most of a calendar is of other
        days, and reading its times takes longer than all else."""
        # No zone is farther from another, and the last day of all-day events is open.
        apart = timedelta(days=2)
        low, high = (first - apart).isoformat(), (first + timedelta(days=days) + apart).isoformat()
        for event in self.calendar:
            if event.start[:10] <= high and (event.end or event.start)[:10] >= low:
                yield event

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.tz).astimezone(UTC)


def takes_place(event: CalendarItem) -> bool:
    """Whether it is to be attended."""
    return event.status is not EventStatus.CANCELLED and event.answer is not Answer.DECLINED

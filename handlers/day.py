"""One person's day: working hours, meetings and what they are for, and what is planned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from briefs import load
from briefs.facts import Facts, takes_place
from briefs.short.length import counted, listed
from briefs.statements import TITLE_WORDS, cut, meeting
from briefs.waiting import waiting
from briefs.words import safe
from handlers import calendar, commitments, conflicts, priorities
from models.base import format_instant, zone_name
from models.calendar import CalendarItem
from models.commitments import Commitment, Direction
from models.conflicts import Conflict
from models.day import DayLoad, Due, GetDay, Meeting, Planned, Stretch
from models.hours import spelled
from sio_server.commands.grammar import Argument, Takes, Verb
from sio_server.commands.steps import Step
from sio_server.registry.registry import Context, Delta, Family, View
from sio_server.registry.roles import READERS
from sio_server.registry.veil import outlined

FAMILY = Family("day")

HOURS = timedelta(hours=8)
"""A working day for people who have set no working hours; Monday to Friday."""
LISTED_LINES, LISTED_TASKS = 20, 5
"""How many meetings and conflicts, and how many tasks without an estimate, the answer to `day` names."""
_WORKING_DAYS = 5  # from Monday, for who has set no working hours


@FAMILY.rule("get", GetDay, roles=READERS, returns=DayLoad)
def get(view: View, payload: GetDay, ctx: Context) -> Delta:
    """The asker's day: planned and free minutes of their working hours, conflicts, headlines."""
    return Delta([], _load(view, payload.date, ctx), once=False)


def _load(view: View, day_asked: str | None, ctx: Context) -> DayLoad:
    tz = ctx.principal.tz
    today = ctx.now.astimezone(tz).date()
    on = today if day_asked is None else date.fromisoformat(day_asked)
    events, todo = list(view.items(calendar.SECTION)), list(view.items(priorities.SECTION))
    todo.sort(key=priorities.SECTION.sort_key)
    events.sort(key=calendar.SECTION.sort_key)
    owed = sorted(view.items(commitments.SECTION), key=commitments.SECTION.sort_key)
    facts = Facts(ctx.now, tz, calendar=events, priorities=todo, commitments=owed)
    attended = [one for one in facts.meetings(on) if conflicts.is_attended(one)]
    span = load.working(on, _hours(on, ctx), facts)
    # Of hidden events it is shown when they are, and so the time is seen to be taken (decision 102).
    busy = [one for one in outlined(view, calendar.SECTION) if conflicts.is_attended(one)]
    timed = [one for one in (*attended, *busy) if one.all_day or one.end is not None]
    taken = [(facts.begin(one), facts.end(one)) for one in timed]
    spans = [] if span is None else [*load.free(_from_now(span, ctx.now), taken)]
    planned = load.to_do(on, facts, _mine(ctx))
    free_min, planned_min = load.minutes(spans), sum(item.minutes or 0 for item in planned)
    return DayLoad(
        date=on.isoformat(),
        tz=str(tz),
        working=None if span is None else _stretch(span),
        free=tuple(_stretch(one) for one in spans if load.minutes([one]) >= load.LEAST_FREE_MIN),
        free_min=free_min,
        planned=tuple(
            Planned(id=one.id, code=one.code, title=one.title, minutes=one.minutes) for one in planned
        ),
        planned_min=planned_min,
        unestimated=sum(one.minutes is None for one in planned),
        over_min=max(0, planned_min - free_min),
        conflicts=tuple(sorted(_conflicts(view, on, facts), key=conflicts.SECTION.sort_key)),
        conflicts_left_out=max((one.left_out for one in _conflicts(view, on, facts)), default=0),
        meetings=tuple(
            Meeting(id=one.id, code=one.code, title=safe(one.title), headline=load.headline(one, facts))
            for one in attended
        ),
        promised=tuple(
            Due(id=one.id, code=one.code, title=_promise(one)) for one in load.promised(on, facts)
        ),
        back=tuple(
            Due(id=one.id, code=one.code, title=one.title)
            for one in load.back(on, facts)
            if one not in planned
        ),
        off=tuple(Due(id=one.id, code=one.code, title=safe(one.title)) for one in _off(on, facts)),
    )


def _off(on: date, facts: Facts) -> list[CalendarItem]:
    """What was to be on that day: cancelled, declined, or moved to another."""
    there = facts.meetings(on)
    gone = [one for one in there if not takes_place(one)]
    moved = [
        one
        for one in facts.altered
        if one.moved_from
        and facts.day_of(one.moved_from.start) == on
        and one not in there
        and takes_place(one)
    ]
    return [*gone, *moved]


def _promise(item: Commitment) -> str:
    """`Ana: the deck`."""
    who = item.person or item.assignee
    return f"{who}: {item.description}" if who else item.description


def _overdue(on: date, view: View, ctx: Context) -> list[Due]:
    """What one owes since before today: it is told today, and on no other day."""
    owed = sorted(view.items(commitments.SECTION), key=commitments.SECTION.sort_key)
    facts = Facts(ctx.now, ctx.principal.tz, commitments=owed)
    late = [one for one in facts.pending(Direction.OWE) if (due := facts.due(one)) and due < on]
    return [Due(id=one.id, code=one.code, title=_promise(one)) for one in late if on == facts.today]


def _mine(ctx: Context) -> Callable[[str], bool]:
    """Whether somebody is the person the board is for; everybody is, if none was named."""
    me = ctx.principal.me
    return ctx.people.one_of(me) if me else lambda assignee: True


def _hours(on: date, ctx: Context) -> tuple[str, str] | None:
    """The person's working hours on that day, as instants."""
    if ctx.principal.hours is not None:
        return ctx.principal.hours[on.weekday()]
    if on.weekday() >= _WORKING_DAYS:
        return None
    begins = ctx.settings.day_starts
    ends = min(datetime.combine(on, begins) + HOURS, datetime.combine(on, time(23, 59)))
    return begins.isoformat("minutes"), ends.time().isoformat("minutes")


def _from_now(span: load.Span, now: datetime) -> load.Span:
    return max(span[0], now, key=datetime.timestamp), span[1]


def _stretch(span: load.Span) -> Stretch:
    return Stretch(start=format_instant(span[0]), end=format_instant(span[1]))


def _conflicts(view: View, on: date, facts: Facts) -> list[Conflict]:
    """The section's items on that day."""
    begins = datetime.combine(on, time(), facts.tz)
    ends = datetime.combine(on + timedelta(days=1), time(), facts.tz)
    return [
        one
        for one in view.items(conflicts.SECTION)
        if datetime.fromisoformat(one.start) < ends and datetime.fromisoformat(one.end) > begins
    ]


def _day(view: View, step: Step, ctx: Context) -> Delta:
    on = None
    if step.until is not None:
        on = datetime.fromisoformat(step.until).astimezone(ctx.principal.tz).date().isoformat()
    return Delta([], {"text": _said(_load(view, on, ctx), view, ctx)}, once=False)


def _said(day: DayLoad, view: View, ctx: Context) -> str:
    """The day in a few lines, in the person's zone."""
    on, tz = date.fromisoformat(day.date), ctx.principal.tz

    def hour(instant: str) -> str:
        return f"{datetime.fromisoformat(instant).astimezone(tz):%H:%M}"

    tasks = counted(len(day.planned), "task") if day.planned else "no tasks"
    if day.planned_min:
        timed = len(day.planned) - day.unestimated
        took = spelled(day.planned_min)
        tasks += f", {timed} of them {took} in all" if day.unestimated else f" of {took}"
    tasks += f", {counted(len(day.promised), 'promise')}" if day.promised else ""
    tasks += f", {len(day.back)} back from snooze" if day.back else ""
    meetings = counted(len(day.meetings), "meeting") if day.meetings else "no meetings"
    free = "a day off" if day.working is None else f"{spelled(day.free_min)} free"
    lines = [f"{on:%A} {on.day} {on:%B} ({zone_name(day.tz)}): {meetings}, {tasks}, {free}"]
    if day.over_min:
        lines[0] += f", {spelled(day.over_min)} too much"
    section = ctx.registry.sections["proposals"]
    proposed = sorted(view.items(section), key=section.sort_key)
    told = waiting(Facts(ctx.now, tz, proposals=proposed), on=on)
    lines += [*(one.text for one in told), *_meetings(day, on, view, ctx), *_beside(day, on, view, ctx)]
    overdue = _overdue(on, view, ctx)
    for lead, items in (
        ("Overdue promises", overdue),
        ("Promised", day.promised),
        ("Back from snooze", day.back),
    ):
        if items:
            named = listed([f"{one.code} {cut(safe(one.title), TITLE_WORDS)}" for one in items], LISTED_TASKS)
            lines.append(f"{lead}: {named}")
    if known := [one for one in day.planned if one.minutes is not None]:
        tasks_named = [
            f"{one.code} {cut(safe(one.title), TITLE_WORDS)} ({spelled(one.minutes or 0)})" for one in known
        ]
        lines.append(f"Tasks: {listed(tasks_named, LISTED_TASKS)}")
    if unknown := [one for one in day.planned if one.minutes is None]:
        titles = listed([f"{one.code} {cut(safe(one.title), TITLE_WORDS)}" for one in unknown], LISTED_TASKS)
        lines.append(f"Without an estimate: {titles}; say `takes {unknown[0].code} 45 min`")
    if day.free:
        lines.append("Free: " + ", ".join(f"{hour(one.start)}-{hour(one.end)}" for one in day.free))
    at_once = [f"At the same time, {hour(one.start)}-{hour(one.end)}: {one.title}" for one in day.conflicts]
    left = max(0, len(at_once) - LISTED_LINES) + day.conflicts_left_out
    lines += [*at_once[:LISTED_LINES], *([f"and {left:,} more"] if left else [])]
    return "\n".join(lines)


def _meetings(day: DayLoad, on: date, view: View, ctx: Context) -> list[str]:
    """The meetings as a full brief lists them, each with what it is for; then those that are off."""
    facts = Facts(ctx.now, ctx.principal.tz, company=ctx.people.others_than(ctx.principal.me))
    lines = []
    for shown in (day.meetings, day.off):
        for one in shown[:LISTED_LINES]:
            if event := view.get(calendar.SECTION, one.id):
                headline = f": {one.headline}" if isinstance(one, Meeting) and one.headline else ""
                over = " · over" if shown is day.meetings and facts.end(event) <= ctx.now else ""
                lines.append(meeting(event, facts, on).text + headline + over)
        left = len(shown) - LISTED_LINES
        if left > 0:
            lines.append(
                f"and {counted(left, 'more meeting')}" + (" that are off" if shown is day.off else "")
            )
    return lines


def _beside(day: DayLoad, on: date, view: View, ctx: Context) -> list[str]:
    """What stands in the calendar and takes no time: a holiday, somebody's birthday."""
    named = {*(one.id for one in day.meetings), *(one.id for one in day.off)}
    events = sorted(view.items(calendar.SECTION), key=calendar.SECTION.sort_key)
    facts = Facts(ctx.now, ctx.principal.tz, calendar=events)
    also = [
        f"{one.code} {'' if one.all_day else f'{facts.begin(one):%H:%M} '}{cut(safe(one.title), TITLE_WORDS)}"
        for one in facts.meetings(on)
        if one.id not in named
    ]
    return [f"Takes no time: {listed(also, LISTED_TASKS)}"] if also else []


DAY = Verb(
    ("day",),
    (Argument(Takes.WHEN, optional=True),),
    READERS,
    "Shows the meetings, tasks and free hours of a day, and what clashes.",
    _day,
)

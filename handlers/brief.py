"""The active brief: made here from the state and the records, or set by another program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from briefs import scope
from briefs.daily import daily
from briefs.facts import Changed, Facts, Other, Said
from briefs.meeting import about, by_whom, meeting, words_of
from briefs.render import as_markdown, as_text
from briefs.statements import day, record_ref, titled
from briefs.weekly import DAYS, weekly
from models.base import CodedItem, Nothing, Writes, format_instant
from models.brief import BRIEF_ID, Brief, BriefKind, BriefSection, BriefState, GenerateBrief, SetBrief
from models.calendar import CalendarItem
from sio_server.people.directory import Directory
from sio_server.registry.describing import describe
from sio_server.registry.errors import Refusal, bad_request
from sio_server.registry.ops import Drop, ItemChange, Json, Ops, Put
from sio_server.registry.registry import Asker, Context, Delta, Family, Section, View
from sio_server.registry.registry import Changed as ChangedNames
from sio_server.registry.roles import EDITORS, SERVER

SAID_AT_MOST = 5
CHANGES_LOOKED_AT = 300
OWN_CHANGES_MAX = 10
AUTHOR = "Adjutant"


def _follow(before: View, after: View, changed: ChangedNames, ctx: Context) -> Ops:
    """A brief that the server made is outdated when something that it mentions changes."""
    brief = after.get(SECTION, BRIEF_ID)
    if brief is None or brief.as_of is None or brief.outdated or before.get(SECTION, BRIEF_ID) != brief:
        return []
    sections = ctx.registry.sections
    about = None if brief.about is None else after.get(sections["calendar"], brief.about)
    told = [(name, id) for name, id in changed if name not in _NOT_SO]
    changes = [(name, before.get(sections[name], id), after.get(sections[name], id)) for name, id in told]
    facts = Facts(ctx.now, _zone_of(brief, ctx), company=_company(ctx.people, ctx.principal.me))
    if not scope.concerned(brief, about, changes, facts):
        return []
    return [Put(SECTION.name, brief.model_copy(update={"outdated": True}))]


def _zone_of(brief: Brief, ctx: Context) -> tzinfo:
    """The time zone of the brief's reader."""
    return ctx.settings.tz if brief.tz is None else ZoneInfo(brief.tz)


def _tick(view: View, ctx: Context) -> Ops:
    """Yesterday's brief is outdated."""
    brief = view.get(SECTION, BRIEF_ID)
    if brief is None or brief.outdated or not scope.is_over(brief, Facts(ctx.now, _zone_of(brief, ctx))):
        return []
    return [Put(SECTION.name, brief.model_copy(update={"outdated": True}))]


SECTION = Section(
    "brief",
    Brief,
    noun="brief",
    shape=BriefState,
    place=lambda items: {"active_brief": items[0][1] if items else None},
    tick=_tick,
    follow=_follow,
    follows=None,  # a brief mentions items of any section
)
FAMILY = Family("brief", SECTION)


async def _read(asker: Asker, payload: GenerateBrief) -> dict[str, list[Said]]:
    """What was said about the meeting and by its people; without records the brief uses only the state."""
    if payload.code is None:
        return {}
    try:
        event = _meeting(asker.view(), payload, asker.registry.sections["calendar"])
    except Refusal:
        return {}  # the rule itself reports what is wrong with the code
    company = _company(asker.records.people, asker.principal.me)(event.attendees)
    questions = list(dict.fromkeys(filter(None, [about(event), *map(words_of, by_whom(company))])))
    found = await asyncio.gather(*(_said(asker, question, event.start) for question in questions))
    return dict(zip(questions, found, strict=True))


async def _said(asker: Asker, question: str, until: str) -> list[Said]:
    try:
        answer = await asker.records.search(asker, query=question, until=until, limit=SAID_AT_MOST)
    except Refusal:
        return []
    called = asker.records.people.called
    return [
        Said(
            record_ref(hit["id"]),
            hit["at"],
            called(hit["author"]) if hit.get("author") else None,
            hit["snippet"],
        )
        for hit in answer["hits"]
    ]


def _company(people: Directory, me: Sequence[str]) -> Callable[[Sequence[str]], Sequence[str]]:
    is_me = people.one_of(me)

    def company(attendees: Sequence[str]) -> Sequence[str]:
        others = (one for one in attendees if not is_me(one))
        names = (one if (known := people.find(one)) is None else known.name for one in others)
        return [*dict.fromkeys(names)]

    return company


@FAMILY.rule("generate", GenerateBrief, roles=EDITORS, returns=Brief, prefetch=_read)
def generate(view: View, payload: GenerateBrief, ctx: Context) -> Delta:
    """Makes a brief of the day, the week or a meeting, with evidence for each statement, and activates it."""
    if (payload.kind is BriefKind.MEETING) != (payload.code is not None):
        raise bad_request(
            "A brief about a meeting needs its code, and only that.", ("code", "does not fit the kind")
        )
    facts = _facts(view, ctx)
    event = None if payload.code is None else _meeting(view, payload, ctx.registry.sections["calendar"])
    title, sections = _made(payload.kind, event, facts)
    brief = Brief(
        author=AUTHOR,
        set_at=format_instant(ctx.now),
        kind=payload.kind.value,
        sections=sections,
        day=facts.today.isoformat(),
        about=None if event is None else event.id,
        as_of=view.seq,
        tz=str(facts.tz),
        title=title,
        text=f"{as_text(title, sections)}\n\nTimes are in {facts.tz}.",
        markdown=f"{as_markdown(title, sections)}\n\nTimes are in {facts.tz}.",
    )
    return Delta([Put(SECTION.name, brief)], lambda after: after.get(SECTION, BRIEF_ID))


def _made(kind: BriefKind, event: CalendarItem | None, facts: Facts) -> tuple[str, tuple[BriefSection, ...]]:
    if event is not None:
        return f"Meeting: {event.title}"[:1_000], meeting(event, facts)
    if kind is BriefKind.WEEKLY:
        return f"Week from {day(facts.today, facts)}, {DAYS} days", weekly(facts)
    return f"{day(facts.today, facts)} {facts.today.year}", daily(facts)


def _meeting(view: View, payload: GenerateBrief, calendar: Section[CalendarItem]) -> CalendarItem:
    """Errors: bad_request, not_found, stale_target."""
    return view.by_code(calendar, payload.code or "", payload.seen)


def _facts(view: View, ctx: Context) -> Facts:
    calendar, priorities, commitments = (
        _sorted(view, ctx.registry.sections[name]) for name in ("calendar", "priorities", "commitments")
    )
    zone = ctx.principal.tz
    facts = Facts(ctx.now, zone, calendar, priorities, commitments)
    others = {
        section: _open(view, section)
        for section in ctx.registry.coded()
        if section.name not in _OWN_WORDS | _NOT_SO
    }
    last = view.get(SECTION, BRIEF_ID)
    looked_at: list[tuple[str, CodedItem]] = []
    looked_at += [("calendar", item) for item in facts.meetings(facts.today, DAYS)]
    looked_at += [("priorities", item) for item in facts.priorities]
    looked_at += [("commitments", item) for item in facts.commitments]
    looked_at += [(section.name, item) for section, items in others.items() for item in items]
    return Facts(
        ctx.now,
        zone,
        calendar,
        priorities,
        commitments,
        others={
            describe(section).nouns: [_other(section, item) for item in items]
            for section, items in others.items()
        },
        conflicts=_sorted(view, ctx.registry.sections["conflicts"]),
        sources=_sorted(view, ctx.registry.sections["sources"]),
        changes=[] if last is None or last.as_of is None else _changes(view, last.as_of, looked_at),
        said=ctx.prefetched or {},
        company=_company(ctx.people, ctx.principal.me),
    )


_NOT_SO = frozenset({"proposals"})
"""A brief reports facts, and no proposals."""
_OWN_WORDS = frozenset({"calendar", "priorities", "commitments"})
"""The sections for which briefs have their own wording; any other is listed under its name."""


def _open(view: View, section: Section[Any]) -> list[Any]:
    return [item for item in _sorted(view, section) if not section.is_done(item)]


def _other(section: Section[Any], item: CodedItem) -> Other:
    return Other(section.name, item.id, item.code, section.title(item))


def _sorted(view: View, section: Section[Any]) -> list[Any]:
    return sorted(view.items(section), key=section.sort_key)


def _changes(view: View, since: int, items: Iterable[tuple[str, CodedItem]]) -> list[Changed]:
    """What people and sources changed after that position, the newest first."""
    found = []
    for section, item in list(items)[:CHANGES_LOOKED_AT]:
        try:
            change = _last_change(view, section, item.id, since)
        except Refusal:
            return []  # the log does not go back that far
        if change is not None:
            changed = Changed(section, item.id, item.code, titled(item), change.actor, change.command)
            found.append((change.seq, changed))
    return [changed for _, changed in sorted(found, key=lambda one: -one[0])]


def _last_change(view: View, section: str, id: str, since: int) -> ItemChange | None:
    """The newest change that was not made by the server itself, as when a due date passes."""
    own: list[int] = []
    while len(own) < OWN_CHANGES_MAX:
        change = view.last_change(section, id, since, own)
        if change is None or change.actor != SERVER.actor:
            return change
        own.append(change.seq)
    return None


@FAMILY.query("get", Nothing, returns=Brief, nullable=True)
def get(asker: Asker, payload: Nothing) -> Json:
    """The active brief, or null."""
    return asker.item(SECTION.name, BRIEF_ID)


@FAMILY.rule("set", SetBrief, roles=EDITORS, returns=Brief)
def set_brief(view: View, payload: SetBrief, ctx: Context) -> Delta:
    """Makes this brief the active one, in place of any other."""
    given = payload.brief.model_dump(exclude_unset=True)
    brief = Brief(author=ctx.principal.actor, set_at=format_instant(ctx.now), **given)
    return Delta([Put(SECTION.name, brief)], lambda after: after.get(SECTION, BRIEF_ID))


@FAMILY.rule("clear", Writes, roles=EDITORS, returns=Brief, nullable=True)
def clear(view: View, payload: Writes, ctx: Context) -> Delta:
    """Removes the active brief."""
    return Delta([Drop(SECTION.name, BRIEF_ID)], None)

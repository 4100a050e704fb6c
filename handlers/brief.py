"""The active brief: made here from the state and the records, or set by another program."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from briefs import scope
from briefs.daily import daily
from briefs.facts import Changed, Facts, Other, Said
from briefs.meeting import by_whom, meeting, question_of
from briefs.render import as_markdown, as_text
from briefs.short.day import day as short_day
from briefs.short.length import Told
from briefs.short.meeting import meeting as short_meeting
from briefs.short.week import week as short_week
from briefs.statements import day, record_ref
from briefs.weekly import DAYS, weekly
from briefs.words import safe
from handlers.own_briefs import keep, newest, wanted
from models.base import CodedItem, Writes, format_instant
from models.brief import BRIEF_ID, Brief, BriefKind, BriefState, GenerateBrief, GetBrief, SetBrief
from models.calendar import CalendarItem
from sio_server.people.directory import Directory
from sio_server.registry.describing import describe
from sio_server.registry.errors import Refusal, bad_request
from sio_server.registry.ops import Drop, Json, Ops, Put
from sio_server.registry.persons import NOBODY_YET
from sio_server.registry.registry import Asker, Context, Delta, Family, Section, View
from sio_server.registry.registry import Changed as ChangedNames
from sio_server.registry.roles import EDITORS, SERVER, Principal
from sio_server.registry.veil import names_one, veiled

SAID_AT_MOST = 5  # quotes about a meeting, and of each attendee
CHANGES_MAX = 50  # since the last brief; more are counted
AUTHOR = "Adjutant"


def _follow(before: View, after: View, changed: ChangedNames, ctx: Context) -> Ops:
    """A brief that the server made is outdated when something that it mentions changes."""
    brief = after.get(SECTION, BRIEF_ID)
    if brief is None or brief.as_of is None or brief.outdated or before.get(SECTION, BRIEF_ID) != brief:
        return []
    sections = ctx.registry.sections
    about = None if brief.about is None else after.get(sections["calendar"], brief.about)
    spoken_of = scope.spoken_of(brief)
    told = [(name, id) for name, id in changed if name not in _NOT_SO or f"{name}/{id}" in spoken_of]
    changes = [(name, before.get(sections[name], id), after.get(sections[name], id)) for name, id in told]
    facts = Facts(ctx.now, _zone_of(brief, ctx), company=ctx.people.others_than(ctx.principal.me))
    if not scope.concerned(brief, about, changes, facts):
        return []
    return [Put(SECTION.name, brief.model_copy(update={"outdated": True}))]


def _zone_of(brief: Brief, ctx: Context) -> tzinfo:
    """The time zone of the brief's reader."""
    return ctx.settings.tz if brief.tz is None else ZoneInfo(brief.tz)


def _tick(view: View, ctx: Context) -> Ops:
    """Yesterday's brief is outdated; one that tells of what has become private goes."""
    brief = view.get(SECTION, BRIEF_ID)
    if brief is not None and names_one(ctx.private, brief, ctx.registry):
        return [Drop(SECTION.name, BRIEF_ID)]  # its evidence is private now
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
    shared=True,
)
FAMILY = Family("brief", SECTION)
FAMILY.ask("made", Brief)


async def _read(asker: Asker, payload: GenerateBrief) -> Json:
    """Reads what is not in the state: the changes since the last brief, and what was said about the meeting
    and by its people. Without records a brief is made from the state alone."""
    if not _is_own(payload, asker.principal):
        asker = asker.in_public()
    changes, quotes = await asyncio.gather(_since_the_last(asker, payload), _said(asker, payload))
    return {"changes": changes, "quotes": quotes}


async def _since_the_last(asker: Asker, payload: GenerateBrief) -> list[Json]:
    own = newest(asker.profile) if payload.mine else None
    last = asker.item(SECTION.name, BRIEF_ID) if own is None else Brief.model_validate(own)
    if not isinstance(last, Brief) or last.as_of is None or last.as_of > asker.view().seq:
        return []
    found = await asker.changes(last.as_of, CHANGES_MAX)
    return [one for one in found["items"] if _is_told(one)] if found["complete"] else []


def _is_told(change: Json) -> bool:
    """Leaves out changes by time alone: what became overdue, or is no longer snoozed."""
    by_time = change["by"] == SERVER.actor and change.get("changed", {}).keys() <= _BY_TIME
    return change["section"] not in _NOT_SO and not by_time


async def _said(asker: Asker, payload: GenerateBrief) -> Json:
    nothing: Json = {"about": [], "by": {}}
    if payload.code is None:
        return nothing
    try:
        event = _meeting(asker.view(), payload, asker.registry.sections["calendar"])
        company = asker.records.people.others_than(asker.principal.me)(event.attendees)
        people = {person: question_of(person) for person in by_whom(company)}
        return await asker.records.quotes(
            subject=event.title, people=people, until=event.start, limit=SAID_AT_MOST
        )
    except Refusal:  # the records cannot be read; or the rule itself reports what is wrong with the code
        return nothing


def _quotes(found: Iterable[Json], people: Directory) -> list[Said]:
    return [
        Said(
            record_ref(one["id"]),
            one["at"],
            people.called(one["author"]) if one.get("author") else None,
            one["text"],
            one["title"],
        )
        for one in found
    ]


@FAMILY.rule("generate", GenerateBrief, roles=EDITORS, returns=Brief, prefetch=_read, wanted=wanted, cost=20)
def generate(view: View, payload: GenerateBrief, ctx: Context) -> Delta:
    """Makes a brief of the day, the week or a meeting, with evidence for each statement, and activates it."""
    if (payload.kind is BriefKind.MEETING) != (payload.code is not None):
        raise bad_request(
            "A brief about a meeting needs its code, and only that.", ("code", "does not fit the kind")
        )
    own = _is_own(payload, ctx.principal)
    view = view if own else veiled(view, ctx.private, ctx.registry)
    facts = _facts(view, ctx, own)
    event = None if payload.code is None else _meeting(view, payload, ctx.registry.sections["calendar"])
    title, (line, sections) = _made(payload, event, facts)
    brief = Brief(
        author=AUTHOR,
        set_at=format_instant(ctx.now),
        kind=payload.kind.value,
        sections=sections,
        day=facts.today.isoformat(),
        about=None if event is None else event.id,
        as_of=view.as_of,
        tz=str(facts.tz),
        title=title,
        headline=line,
        text=as_text(line, sections),
        markdown=as_markdown(line, sections),
    )
    if own:
        return keep(brief, view, ctx)
    return Delta([Put(SECTION.name, brief)], lambda after: after.get(SECTION, BRIEF_ID))


def _is_own(payload: GenerateBrief, who: Principal) -> bool:
    """Whether it is for the asker alone; what it is made of may then be private."""
    return payload.mine and bool(who.whose)


def _made(payload: GenerateBrief, event: CalendarItem | None, facts: Facts) -> tuple[str, Told]:
    if event is not None:
        title, (line, short) = f"Meeting: {safe(event.title)}"[:1_000], short_meeting(event, facts)
        return title, (line, meeting(event, facts) if payload.full else short)
    if payload.kind is BriefKind.WEEKLY:
        title, (line, short) = (
            f"Week from {day(facts.today, facts)}, {DAYS} days",
            short_week(facts, payload.full),
        )
        return title, (line, weekly(facts) if payload.full else short)
    title, (line, short) = f"{day(facts.today, facts)} {facts.today.year}", short_day(facts, payload.full)
    return title, (line, daily(facts) if payload.full else short)


def _meeting(view: View, payload: GenerateBrief, calendar: Section[CalendarItem]) -> CalendarItem:
    """As the steps before left it. Errors: bad_request, not_found, stale_target."""
    meant = view.by_code(calendar, payload.code or "", payload.seen)
    return view.get(calendar, meant.id) or meant


def _facts(view: View, ctx: Context, own: bool) -> Facts:
    calendar, priorities, commitments = (
        _sorted(view, ctx.registry.sections[name]) for name in ("calendar", "priorities", "commitments")
    )
    others = {
        section: _open(view, section)
        for section in ctx.registry.coded()
        if section.name not in _OWN_WORDS | _NOT_SO
    }
    found = ctx.prefetched or {"changes": [], "quotes": {"about": [], "by": {}}}
    quotes = found["quotes"]
    zones = view.profiles.get(ctx.principal.whose, NOBODY_YET).other_zones if own else ()
    return Facts(
        ctx.now,
        ctx.principal.tz,
        calendar,
        priorities,
        commitments,
        others={
            describe(section).nouns: [_other(section, item) for item in items]
            for section, items in others.items()
        },
        conflicts=_sorted(view, ctx.registry.sections["conflicts"]),
        sources=_sorted(view, ctx.registry.sections["sources"]),
        changes=[_changed(one) for one in found["changes"]],
        about=_quotes(quotes["about"], ctx.people),
        by={person: _quotes(said, ctx.people) for person, said in quotes["by"].items()},
        company=ctx.people.others_than(ctx.principal.me),
        zones=[ZoneInfo(zone) for zone in zones],
        proposals=_sorted(view, ctx.registry.sections["proposals"]),
    )


_NOT_SO = frozenset({"proposals"})
"""A brief counts proposals, and does not tell them as facts: those to come do not put it out of date."""
_BY_TIME = frozenset({"status", "snoozed_until"})
_OWN_WORDS = frozenset({"calendar", "priorities", "commitments"})
"""The sections for which briefs have their own wording; any other is listed under its name."""


def _open(view: View, section: Section[Any]) -> list[Any]:
    return [item for item in _sorted(view, section) if not section.is_done(item)]


def _other(section: Section[Any], item: CodedItem) -> Other:
    return Other(section.name, item.id, item.code, section.title(item))


def _sorted(view: View, section: Section[Any]) -> list[Any]:
    return sorted(view.items(section), key=section.sort_key)


def _changed(told: Json) -> Changed:
    """A change as `state:since` tells it (models.history.Told)."""
    begun = told.get("changed", {}).get("start") if told["what"] == "moved" else None
    return Changed(
        *(told["section"], told["id"], told["code"], told["title"]),
        None if told["by"] == SERVER.actor else told["name"],
        told["what"],
        None if begun is None else (begun["old"], begun["new"]),
    )


@FAMILY.query("get", GetBrief, returns=Brief, nullable=True)
def get(asker: Asker, payload: GetBrief) -> Json | Awaitable[Json]:
    """The asker's own newest brief, or else the active one, or null."""
    own = None if payload.all else newest(asker.profile)
    # The active one is in memory: a task for it would double what its ack costs.
    return asker.item(SECTION.name, BRIEF_ID) if own is None else _with_age(own, asker)


async def _with_age(own: Json, asker: Asker) -> Json:
    return own | {"outdated": await _is_outdated(Brief.model_validate(own), asker)}


async def _is_outdated(brief: Brief, asker: Asker) -> bool:
    """Whether its day is over, or something that it mentions has changed."""
    if brief.as_of is None or brief.as_of > asker.view().seq:
        return True
    changes = await asker.changes(brief.as_of, CHANGES_MAX)
    named = scope.spoken_of(brief)
    changed = [(f"{one['section']}/{one['id']}", _is_told(one)) for one in changes["items"]]
    told = {ref for ref, is_told in changed if is_told or (ref in named and ref.startswith("proposals/"))}
    day = asker.now.astimezone(UTC if brief.tz is None else ZoneInfo(brief.tz)).date()
    over = brief.kind != BriefKind.MEETING and brief.day != day.isoformat()
    concerned = told if brief.kind != BriefKind.MEETING else told & (named | {f"calendar/{brief.about}"})
    return over or bool(concerned) or not changes["complete"]


@FAMILY.rule("set", SetBrief, roles=EDITORS, returns=Brief)
def set_brief(view: View, payload: SetBrief, ctx: Context) -> Delta:
    """Makes this brief the active one, in place of any other."""
    given = payload.brief.model_dump(exclude_unset=True)
    who, at = ctx.principal, format_instant(ctx.now)
    brief = Brief(author=who.actor, author_name=who.other_name, set_at=at, **given)
    return Delta([Put(SECTION.name, brief)], lambda after: after.get(SECTION, BRIEF_ID))


@FAMILY.rule("clear", Writes, roles=EDITORS, returns=Brief, nullable=True)
def clear(view: View, payload: Writes, ctx: Context) -> Delta:
    """Removes the active brief."""
    return Delta([Drop(SECTION.name, BRIEF_ID)], None)

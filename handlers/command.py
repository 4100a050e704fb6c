"""Commands: what people type, as a table. The rows use the other families' requests, by name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any

from briefs.words import matched
from handlers.answering import ANSWERING
from handlers.brief_line import BRIEF
from handlers.day import DAY
from handlers.forget import FORGET
from handlers.prefs import ZONES
from handlers.seen import CHANGES, SEEN
from handlers.show import HIT, SHOW
from handlers.synonyms import SYNONYMS
from models.command import LineDone, RunCommand, SuggestCommand, Suggestions, UndoCommand
from models.sources import SourceStatus
from sio_server.commands.grammar import Argument, Phrase, Place, Takes, Verb, read
from sio_server.commands.people import unclear, who
from sio_server.commands.said import Asked, no_start, said
from sio_server.commands.setting import RELEASE, field_verbs
from sio_server.commands.steps import Line, Step, ask, carry_out, prefetched, run
from sio_server.commands.suggest import suggest
from sio_server.commands.undo import REDO, UNDO
from sio_server.commands.values import misread, start_of
from sio_server.registry.errors import Refusal, bad_request
from sio_server.registry.fields import ASSIGN, DUE, URGENCY
from sio_server.registry.ops import Json
from sio_server.registry.preview import Preview
from sio_server.registry.registry import Asker, Context, Delta, Family, Registry, Rule, Section, View
from sio_server.registry.roles import EDITORS, READERS
from sio_server.registry.veil import in_reach

FAMILY = Family("command")

CODES = Argument(Takes.CODES)
CODE = Argument(Takes.CODE)
WHEN = Argument(Takes.WHEN)
TEXT = Argument(Takes.TEXT)


def kinds(registry: Registry) -> dict[str, tuple[str, Mapping[str, Json]]]:
    """What `add` can add, by word: the section, and the fields that the word sets."""
    return {
        word: (section.name, fields)
        for section in registry.coded("put")
        for word, fields in ({section.noun: {}} if section.adds is None else section.adds).items()
    }


def _each(view: View, step: Step, ctx: Context) -> Delta:
    """The verb's changes, for each item of the step, one after the other."""
    preview = Preview(view, ctx.registry)
    for target in step.targets:
        event = step.verb.event(target.section, ctx.registry)
        preview.take(ask(event, {"id": target.id, "seen": step.seen}, preview, ctx))
    return Delta(preview.ops())


def _snooze(view: View, step: Step, ctx: Context) -> Delta:
    [target] = step.targets
    fields = {"id": target.id, "until": step.until}
    return Delta(ask(f"{target.section.name}:snooze", fields, view, ctx).ops)


def _drop(view: View, step: Step, ctx: Context) -> Delta:
    preview = Preview(view, ctx.registry)  # the step may remove a source's items from two sections
    for section in dict.fromkeys(target.section.name for target in step.targets):
        ids = [target.id for target in step.targets if target.section.name == section]
        preview.take(ask(f"{section}:drop", {"ids": ids}, preview, ctx))
    return Delta(preview.ops())


def _update(view: View, step: Step, ctx: Context) -> Delta:
    [target] = step.targets
    fields = {"id": target.id, "set": {target.section.headline: step.text}, "seen": step.seen}
    return Delta(ask(f"{target.section.name}:edit", fields, view, ctx).ops)


def _add(view: View, step: Step, ctx: Context) -> Delta:
    name, fields = kinds(ctx.registry)[step.word or ""]
    section = ctx.registry.sections[name]
    item = {"id": _new_id(view, section, step), **_said(section, step, view, ctx), **fields}
    if step.evidence is not None and "evidence" in section.item.model_fields:
        item["evidence"] = step.evidence
    delta = ask(f"{name}:put", {"items": [item]}, view, ctx)
    if not delta.ops:
        raise bad_request("This text cannot be added.")
    return Delta(delta.ops)


def _said(section: Section[Any], step: Step, view: View, ctx: Context) -> dict[str, Json]:
    """The text; or the text of the named hit, with its record as evidence."""
    text = step.text or ""
    if step.quoted:  # also S1 is then text
        return {section.headline: text}
    if not HIT.fullmatch(text):  # a proposal with its evidence is what somebody wrote elsewhere
        return _told(section, text, view, ctx, step if step.evidence is None else None)
    hit = prefetched(step, ctx)
    if hit is None:
        raise bad_request(f"{text} is not one of your hits: search again, or write it in quotation marks.")
    sentence = matched(hit)
    then = ctx if hit["at"] is None else replace(ctx, now=_moment(hit["at"], ctx))
    told = _told(section, sentence, view, then, None)
    found = {name: value for name, value in told.items() if name == section.due and value >= ctx.today}
    if section.who and hit.get("author"):
        found[section.who] = ctx.people.called(hit["author"])
    return {
        section.headline: sentence or hit["id"],
        "evidence": {"file": f"records/{hit['id']}", "quote": sentence},
        **found,
    }


def _moment(at: str, ctx: Context) -> datetime:
    """When a record was written."""
    moment = datetime.fromisoformat(at)
    return moment if moment.tzinfo else moment.replace(tzinfo=ctx.principal.tz)


def _told(section: Section[Any], text: str, view: View, ctx: Context, typed: Step | None) -> dict[str, Json]:
    """The fields for these words, typed in a step or written elsewhere. Errors: bad_request, for a typed name
    of several, a day of none or a meeting that has begun; not_found, for a typed code of none."""
    urgency, assign, due = (section.field(field.word) for field in (URGENCY, ASSIGN, DUE))
    asked = Asked(
        who=bool(section.who),
        due=bool(section.due),
        urgency=urgency is not None,
        handles=assign is not None,
        now=ctx.now,
        zone=ctx.principal.tz,
        typed=typed is not None,
        start=no_start if typed is None or due is None else partial(start_of, step=typed, view=view, ctx=ctx),
    )
    told = said(text, asked)
    fields = {section.headline: told.what, section.due: told.due, "urgency": told.urgency}
    if due is not None:
        fields[due.link] = told.before
    if told.who is not None:
        meant = who(told.who, view, ctx.registry, ctx.people).people
        if typed and len(meant) > 1:
            raise bad_request(f"{told.who} {unclear(meant)}, as in `{meant[0]}: ...`.")
        fields[section.who or (assign.name if assign else "")] = meant[0] if len(meant) == 1 else told.who
    return {name: value for name, value in fields.items() if value is not None}


def _new_id(view: View, section: Section[Any], step: Step) -> str:
    """Made from the line's position; it is in use already only in a store that was set back."""
    id = f"line-{view.seq + 1}-{step.number}"
    while view.get(section, id) is not None:
        id += "+"
    return id


def _status(view: View, step: Step, ctx: Context) -> Delta:
    system = ctx.registry.sections["system"]
    shown = system.place([(item, item) for item in view.items(system)])
    counts = {section.name: sum(1 for _ in view.items(section)) for section in ctx.registry.coded()}
    sources = list(view.items(ctx.registry.sections["sources"]))
    off = [one for one in sources if one.status != SourceStatus.ONLINE]
    faults = [one.model_dump(mode="json", include=_TOLD_OF_FAULTS) for one in off[:FAULTS]]
    told = {"counts": counts, "faults": faults, "sources_online": len(sources) - len(off)}
    return Delta([], {**shown, **told}, once=False)


def _collect(mode: str) -> Rule:
    """Starts a collection of that mode once the line is on disk; the step's data is the handle."""

    def rule(view: View, step: Step, ctx: Context) -> Delta:
        return ask("collection:start", {"mode": mode}, view, ctx)

    return rule


def _help(view: View, step: Step, ctx: Context) -> Delta:
    chosen = [verb for verb in verbs(ctx.registry) if step.word in (None, verb.words[0])]
    commands = [
        {"command": verb.words[0], "usage": verb.usage, "help": verb.help, "also": verb.words[1:]}
        for verb in chosen
    ]
    return Delta([], {"commands": commands}, once=False)


async def _read_hits(asker: Asker, phrase: Phrase, seen: int | None) -> Json:
    person = asker.principal.person
    return await asker.records.search(asker, query=phrase.text or "", limit=HITS, person=person)


def _search(view: View, step: Step, ctx: Context) -> Delta:
    found = prefetched(step, ctx)
    return Delta([], {name: found[name] for name in _TOLD_OF_HITS if name in found}, once=False)


async def _read_named_hit(asker: Asker, phrase: Phrase, seen: int | None) -> Json:
    name = (phrase.text or "").upper()
    return asker.records.hit(asker.principal.person, name) if HIT.fullmatch(name) else None


_READING = re.compile(r"\b(?:brief|search|changes|show|s[1-9])", re.IGNORECASE)
"""Only a line with one of these words can need anything from outside the state."""
_TOLD_OF_HITS = ("hits", "total", "at_least", "ranked", "partial", "left_out")
_TOLD_OF_FAULTS = {"id", "status", "message", "last_push_at"}
FAULTS = 50  # sources that are not up to date, as `status` tells them
HITS = 10  # of a `search` in a line, which shows no more

_CHANGES = (
    Verb(
        ("approve", "complete", "done"),
        (CODES,),
        EDITORS,
        "Marks items as done; accepts proposals.",
        _each,
        does=("approve", "complete"),
        closed=False,
        proposable=True,
    ),
    Verb(
        ("reopen",),
        (CODES,),
        EDITORS,
        "Reopens what was done or snoozed.",
        _each,
        does=("reopen",),
        closed=True,
        proposable=True,
    ),
    Verb(
        ("snooze",),
        (CODE, WHEN),
        EDITORS,
        "Hides a priority until a time.",
        _snooze,
        does=("snooze",),
        closed=False,
        proposable=True,
    ),
    Verb(("drop",), (CODES,), EDITORS, "Removes items; dismisses proposals.", _drop, does=("drop",)),
    Verb(
        ("update",),
        (CODE, TEXT),
        EDITORS,
        "Changes what an item says, or what a proposal would do.",
        _update,
        does=("edit",),
        reads=misread,
        proposable=True,
    ),
    Verb(
        ("add",),
        (Argument(Takes.WORD), TEXT),
        EDITORS,
        "Adds an item; S1 stands for the text of that hit.",
        _add,
        proposable=True,
        prefetch=_read_named_hit,
    ),
    BRIEF,
    Verb(("refresh",), (), EDITORS, "Collects what is new from all sources.", _collect("quick")),
    Verb(("quick",), (), EDITORS, "Starts a quick collection.", _collect("quick")),
    Verb(("full",), (), EDITORS, "Starts a full collection.", _collect("full")),
    RELEASE,
    *ANSWERING,
    FORGET,
)
_ANSWERS = (
    Verb(
        ("search",), (Argument(Takes.QUERY),), READERS, "Searches the records.", _search, prefetch=_read_hits
    ),
    SHOW,
    CHANGES,
    SEEN,
    DAY,
    ZONES,
    Verb(("status",), (), READERS, "Shows what the system is doing.", _status),
    UNDO,
    REDO,
    Verb(
        ("help",),
        (Argument(Takes.COMMAND, optional=True),),
        READERS,
        "Explains the commands, or one of them.",
        _help,
    ),
)


@cache
def verbs(registry: Registry) -> tuple[Verb, ...]:
    """The table of commands; the sections decide what `add` can add, and which fields can be set.

    Errors: ValueError, if a section's word for a field is already another command.
    """
    added = (Argument(Takes.WORD, tuple(kinds(registry))), TEXT)
    changes = (replace(verb, takes=added) if verb.rule is _add else verb for verb in _CHANGES)
    told = [replace(verb, synonyms=SYNONYMS) for verb in (*changes, *field_verbs(registry), *_ANSWERS)]
    words = [word for verb in told for word in verb.words]
    if twice := {word for word in words if words.count(word) > 1}:
        raise ValueError(f"`{min(twice)}` is another command: choose another word for the field")
    return tuple(told)


def _as_person(ctx: Context) -> Context:
    """A typed line counts as the person's own, even on a collector's connection."""
    return replace(ctx, principal=replace(ctx.principal, source=None))


async def _read(asker: Asker, payload: RunCommand) -> dict[int, Json]:
    """What each step needs, by its number; or why that could not be read."""
    found: dict[int, Json] = {}
    try:
        phrases = read(payload.text, verbs(asker.registry))
    except Refusal:
        return found  # the rule itself reports what is wrong with the line
    for number, phrase in enumerate(phrases, 1):
        if phrase.verb.prefetch is not None and asker.principal.role in phrase.verb.roles:
            try:
                found[number] = await phrase.verb.prefetch(asker, phrase, payload.seen)
            except Refusal as refusal:
                found[number] = refusal
    return found


def _reads(asker: Asker, payload: RunCommand) -> Awaitable[Json] | None:
    return _read(asker, payload) if _READING.search(payload.text) else None


@FAMILY.rule("run", RunCommand, roles=READERS, returns=LineDone, prefetch=_reads)
def run_command(view: View, payload: RunCommand, ctx: Context) -> Delta:
    """Runs the line that a person typed: all steps as one commit, or nothing if one has an error."""
    line = Line(payload.text, payload.seen, payload.dry, payload.op)
    return run(verbs(ctx.registry), line, view, _as_person(ctx))


@FAMILY.rule("undo", UndoCommand, roles=EDITORS, returns=LineDone)
def undo(view: View, payload: UndoCommand, ctx: Context) -> Delta:
    """Undoes one of the caller's own lines with the opposite commit; an undo can be undone."""
    step = Step(1, "undo", Place(0, 0), UNDO, text=payload.of)
    return carry_out([step], Line("", None, False, payload.op), view, _as_person(ctx))


@FAMILY.query("suggest", SuggestCommand, cost=2, returns=Suggestions)
def suggest_command(asker: Asker, payload: SuggestCommand) -> Json:
    """Completes the line: commands, codes with their titles, items by words of their titles, sources."""
    allowed = [verb for verb in verbs(asker.registry) if asker.principal.role in verb.roles]
    view, people = asker.view(), asker.records.people
    reach = in_reach(view, asker.principal)
    return {"suggestions": suggest(allowed, payload.text, view, asker.registry, people, reach)}

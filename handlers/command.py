"""Commands: what people type, as a table. The rows use the other families' requests, by name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any

from models.command import LineDone, RunCommand, SuggestCommand, Suggestions, UndoCommand
from sio_server.commands.ahead import Ahead
from sio_server.commands.grammar import Argument, Phrase, Place, Takes, Verb, read
from sio_server.commands.steps import Line, Step, ask, carry_out, run
from sio_server.commands.suggest import suggest
from sio_server.commands.undo import take_back
from sio_server.errors import Refusal, bad_request, invalid_state
from sio_server.registry import (
    EDITORS,
    READERS,
    Asker,
    Context,
    Delta,
    Family,
    Json,
    Rule,
    Section,
    View,
)

FAMILY = Family("command")

HITS = 10
_HIT = re.compile(r"S[1-9][0-9]{0,5}", re.ASCII | re.IGNORECASE)
_MAY_LOOK_UP = re.compile(r"search|\bS[1-9]", re.IGNORECASE)

CODES = Argument(Takes.CODES)
CODE = Argument(Takes.CODE)
WHEN = Argument(Takes.WHEN)
TEXT = Argument(Takes.TEXT)

_KINDS: dict[str, tuple[str, dict[str, Json]]] = {
    "priority": ("priorities", {}),
    "owe": ("commitments", {"direction": "owe"}),
    "owed": ("commitments", {"direction": "owed"}),
}
"""What `add` can add: the section, and the fields that the word stands for."""


def _each(verb: str) -> Rule:
    """The request `verb` for each item of the step."""

    def rule(view: View, step: Step, ctx: Context) -> Delta:
        deltas = [
            ask(f"{target.section.name}:{verb}", {"id": target.id}, view, ctx) for target in step.targets
        ]
        return Delta([op for delta in deltas for op in delta.ops])

    return rule


def _snooze(view: View, step: Step, ctx: Context) -> Delta:
    [target] = step.targets
    fields = {"id": target.id, "until": step.until}
    return Delta(ask(f"{target.section.name}:snooze", fields, view, ctx).ops)


def _drop(view: View, step: Step, ctx: Context) -> Delta:
    ahead = Ahead(view, ctx.registry)  # a source may lose items of two sections
    for section in dict.fromkeys(target.section.name for target in step.targets):
        ids = [target.id for target in step.targets if target.section.name == section]
        ahead.take(ask(f"{section}:drop", {"ids": ids}, ahead, ctx))
    return Delta(ahead.ops())


def _update(view: View, step: Step, ctx: Context) -> Delta:
    [target] = step.targets
    fields = {"id": target.id, "set": {target.section.headline: step.text}}
    return Delta(ask(f"{target.section.name}:edit", fields, view, ctx).ops)


def _add(view: View, step: Step, ctx: Context) -> Delta:
    name, fields = _KINDS[step.word or ""]
    section = ctx.registry.sections[name]
    said = {section.headline: step.text}
    if step.text is not None and names_hit(step.text, step.command):
        said = _from_hit(section, ctx.found.get(f"hit {step.text.upper()}"), step.text)
    item = {"id": _new_id(view, section, step), **said, **fields}
    delta = ask(f"{name}:put", {"items": [item]}, view, ctx)
    if not delta.ops:
        raise bad_request("This text cannot be taken.")
    return Delta(delta.ops)


def _from_hit(section: Section[Any], hit: Json, name: str) -> dict[str, Json]:
    """What a hit says, and which record says it."""
    if hit is None:
        message = f"{name} is none of your hits: search again, or write it in quotation marks."
        raise bad_request(message)
    words = " ".join(hit["snippet"].removeprefix("… ").removesuffix(" …").split())
    return {section.headline: words, "record": hit["id"]}


def _search(view: View, step: Step, ctx: Context) -> Delta:
    found = ctx.found[f"search {step.text}"]
    if isinstance(found, Refusal):
        raise found
    return Delta(
        [], {name: found[name] for name in ("hits", "total", "at_least") if name in found}, once=False
    )


def _new_id(view: View, section: Section[Any], step: Step) -> str:
    """The line's position makes it new; it is taken already only in a store that was set back."""
    id = f"line-{view.seq + 1}-{step.number}"
    while view.get(section, id) is not None:
        id += "+"
    return id


def _status(view: View, step: Step, ctx: Context) -> Delta:
    system = ctx.registry.sections["system"]
    shown = system.place([(item, item) for item in view.items(system)])
    counts = {section.name: sum(1 for _ in view.items(section)) for section in ctx.registry.coded()}
    return Delta([], {**shown, "counts": counts}, once=False)


def _undo(view: View, step: Step, ctx: Context) -> Delta:
    return take_back(view, step.text, ctx)


def _help(view: View, step: Step, ctx: Context) -> Delta:
    chosen = [verb for verb in VERBS if step.word in (None, verb.words[0])]
    commands = [
        {"command": verb.words[0], "usage": verb.usage, "help": verb.help, "also": verb.words[1:]}
        for verb in chosen
    ]
    return Delta([], {"commands": commands}, once=False)


def _not_yet(what: str) -> Rule:
    def rule(view: View, step: Step, ctx: Context) -> Delta:
        raise invalid_state(what)

    return rule


_NO_BRIEFS = _not_yet("This server cannot make briefs yet.")
_NO_COLLECTION = _not_yet("This server cannot start collectors yet; they push on their own.")
_BRIEF_KINDS = Argument(Takes.CODE, ("daily", "weekly"), optional=True)

SEARCH = Verb(("search",), (Argument(Takes.QUERY),), READERS, "Searches the records.", _search)
UNDO = Verb(("undo",), (), EDITORS, "Takes your last line back.", _undo)
VERBS = (
    Verb(
        ("approve", "complete", "done"),
        (CODES,),
        EDITORS,
        "Marks priorities done and commitments kept.",
        _each("complete"),
        does="complete",
        closed=False,
    ),
    Verb(
        ("reopen",),
        (CODES,),
        EDITORS,
        "Opens again what was done, kept or snoozed.",
        _each("reopen"),
        does="reopen",
        closed=True,
    ),
    Verb(
        ("snooze",),
        (CODE, WHEN),
        EDITORS,
        "Puts a priority aside until a time.",
        _snooze,
        does="snooze",
        closed=False,
    ),
    Verb(("drop",), (CODES,), EDITORS, "Removes items.", _drop, does="drop"),
    Verb(("update",), (CODE, TEXT), EDITORS, "Changes what an item says.", _update, does="edit"),
    Verb(
        ("add",),
        (Argument(Takes.WORD, tuple(_KINDS)), TEXT),
        EDITORS,
        "Adds a priority, or a commitment that you owe or are owed; S3 for its text: what that hit says.",
        _add,
    ),
    Verb(
        ("brief",),
        (_BRIEF_KINDS,),
        EDITORS,
        "Makes the brief for the day, the week or a meeting.",
        _NO_BRIEFS,
        sections=("calendar",),
    ),
    Verb(("refresh",), (), EDITORS, "Collects what is new from all sources.", _NO_COLLECTION),
    Verb(("quick",), (), EDITORS, "Starts a quick collection.", _NO_COLLECTION),
    Verb(("full",), (), EDITORS, "Starts a full collection.", _NO_COLLECTION),
    SEARCH,
    Verb(("status",), (), READERS, "Says what the system is doing.", _status),
    UNDO,
    Verb(
        ("help",),
        (Argument(Takes.COMMAND, optional=True),),
        READERS,
        "Explains the commands, or one of them.",
        _help,
    ),
)


def _as_person(ctx: Context) -> Context:
    """Whatever a person types is the person's own, also at a collector's connection."""
    return replace(ctx, principal=replace(ctx.principal, source=None))


def look_up(asker: Asker, payload: RunCommand) -> Awaitable[dict[str, Json]] | None:
    """What the line's searches find, and the hits that it names: the rule cannot ask for them."""
    if not _MAY_LOOK_UP.search(payload.text):
        return None
    try:
        phrases = read(payload.text, VERBS)
    except Refusal:
        return None  # the rule says so
    wanted = [phrase for phrase in phrases if phrase.verb is SEARCH or _hit_in(phrase, payload.text)]
    return _look_up(asker, wanted) if wanted else None


async def _look_up(asker: Asker, phrases: Sequence[Phrase]) -> dict[str, Json]:
    """By `search` and its text, by `hit` and its name."""
    person, found = asker.principal.person, {}
    for phrase in phrases:
        text = phrase.text or ""
        if phrase.verb is not SEARCH:
            found[f"hit {text.upper()}"] = asker.records.hit(person, text.upper())
            continue
        try:
            found[f"search {text}"] = await asker.records.search(asker, query=text, limit=HITS, person=person)
        except Refusal as refusal:
            found[f"search {text}"] = refusal
    return found


def names_hit(text: str, typed: str) -> bool:
    """Whether a text stands for a hit: `S3`, not in quotation marks."""
    return _HIT.fullmatch(text) is not None and typed.endswith(text)


def _hit_in(phrase: Phrase, line: str) -> bool:
    return phrase.text is not None and names_hit(phrase.text, phrase.place.of(line))


@FAMILY.rule("run", RunCommand, roles=READERS, returns=LineDone, look_up=look_up)
def run_command(view: View, payload: RunCommand, ctx: Context) -> Delta:
    """Carries out the line that a person typed: all steps as one commit, or nothing if one is at fault."""
    line = Line(payload.text, payload.seen, payload.dry, payload.op)
    return run(VERBS, line, view, _as_person(ctx))


@FAMILY.rule("undo", UndoCommand, roles=EDITORS, returns=LineDone)
def undo(view: View, payload: UndoCommand, ctx: Context) -> Delta:
    """Takes back what a line of one's own changed, with the opposite commit; an undo can be undone."""
    step = Step(1, "undo", Place(0, 0), UNDO, text=payload.of)
    return carry_out([step], Line("", None, False, payload.op), view, _as_person(ctx))


@FAMILY.query("suggest", SuggestCommand, returns=Suggestions)
def suggest_command(asker: Asker, payload: SuggestCommand) -> Json:
    """Completes the line: commands, codes with their titles, items by words of their titles, sources."""
    allowed = [verb for verb in VERBS if asker.principal.role in verb.roles]
    return {"suggestions": suggest(allowed, payload.text, asker.view(), asker.registry)}

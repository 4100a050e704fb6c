"""A line of steps, planned and then carried out as one change: registry.Delta.

Every step is parsed and every code resolved before the first one is done. A step's rule sees the state as
the steps before it left it; all of them together are one commit. The first step that fails ends the line:
what was done before it stays, and the later ones are skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from models.ack import ErrorCode
from models.base import CodedItem, Item, format_instant
from models.links import without_entry
from sio_server.commands import when
from sio_server.commands.grammar import CODE, Phrase, Place, Takes, Verb, read
from sio_server.registry.errors import Refusal, faults_of, invalid_state
from sio_server.registry.ops import Before, ItemChange, Json, LineRecord
from sio_server.registry.persons import day_start
from sio_server.registry.preview import Preview
from sio_server.registry.registry import Context, Delta, Section, View


@dataclass(frozen=True)
class Target:
    """The item that a code in the line stands for."""

    section: Section[Any]
    id: str
    code: str


@dataclass(frozen=True)
class Step:
    """A step with its codes resolved: the payload of a verb's rule.

    `until` is the instant of a WHEN; `quoted`: the text was in quotation marks;
    `value` is what the verb read from the text; `number` counts the line's steps from 1; `evidence` is the
    text for which somebody proposed it; `flags` are the flags in it.
    """

    number: int
    command: str
    place: Place
    verb: Verb
    targets: tuple[Target, ...] = ()
    word: str | None = None
    text: str | None = None
    until: str | None = None
    seen: int | None = None
    evidence: BaseModel | None = None
    quoted: bool = False
    value: Any = None
    flags: frozenset[str] = frozenset()


@dataclass
class _Course:
    """A step in progress: `items` are its items as they were before it."""

    step: Step
    status: str
    delta: Delta = field(default_factory=lambda: Delta([]))
    items: tuple[Before, ...] = ()
    error: Refusal | None = None


@dataclass(frozen=True)
class Line:
    """A line as it was sent (models.command.RunCommand)."""

    text: str
    seen: int | None
    dry: bool
    op: str | None


def run(verbs: Sequence[Verb], line: Line, view: View, ctx: Context) -> Delta:
    """Runs the line, or with `dry` reports what it would do. Reply: models.command.LineDone.

    Errors: those of `plan` and `carry_out`.
    """
    return carry_out(plan(verbs, line, view, ctx), line, view, ctx)


def carry_out(steps: Sequence[Step], line: Line, view: View, ctx: Context) -> Delta:
    """All steps as one change, up to the first that fails.

    Errors: those of the first step, if it fails.
    """
    preview = Preview(view, ctx.registry)
    courses = _take(steps, preview, ctx, "planned" if line.dry else "done")
    if courses[0].error is not None:
        _refuse(courses, line, view, ctx)
    if line.dry:
        return Delta([], {"steps": [_told(course, preview, ctx) for course in courses]}, once=False)
    position = view.seq
    handle = _free_handle(line.op or f"@{position + 1}", view, ctx)
    record = _line_record(handle, line.text.strip(), courses, preview)

    def reply(after: View) -> Json:
        told: dict[str, Json] = {"steps": [_told(course, after, ctx) for course in courses]}
        return told | {"undo": handle} if record.takes_back and after.seq > position else told

    once = any(course.delta.once for course in courses)
    calls = tuple(call for course in courses for call in course.delta.calls)
    profiles = {whose: kept for course in courses for whose, kept in course.delta.profiles.items()}
    news = tuple(one for course in courses for one in course.delta.news)
    return Delta(preview.ops(), reply, record, once, calls, profiles, news)


def _free_handle(handle: str, view: View, ctx: Context) -> str:
    """The same handle, unless a line of the person has it: an op may look like a generated handle."""
    while view.line_record(ctx.principal.person, handle) is not None:
        handle += "+"
    return handle


def plan(verbs: Sequence[Verb], line: Line, view: View, ctx: Context) -> list[Step]:
    """The line's steps, with every code resolved and every time parsed; nothing is done yet.

    Errors: forbidden, bad_request, unknown_command, not_found, stale_target, with `start` and `end`.
    """
    phrases = read(line.text, verbs)
    for phrase in phrases:
        if ctx.principal.role not in phrase.verb.roles:
            message = f"`{phrase.verb.words[0]}` is not for the role {ctx.principal.role}."
            phrase.place.refuse(message, ErrorCode.FORBIDDEN)
    return [resolve(number, phrase, line, view, ctx) for number, phrase in enumerate(phrases, 1)]


def ask(event: str, fields: dict[str, Any], view: View, ctx: Context) -> Delta:
    """The changes of the request `event`: verbs use the rules of a section through this.

    Errors: those of the request.
    """
    request = ctx.registry.requests[event]
    assert request.rule is not None
    try:
        payload = request.payload.model_validate(fields)
    except ValidationError as error:
        path, message = faults_of(error)[0]
        raise Refusal(ErrorCode.BAD_REQUEST, f"The {path.split('.')[-1]} {message}.") from None
    return request.rule(view, payload, ctx)


def resolve(number: int, phrase: Phrase, line: Line, view: View, ctx: Context) -> Step:
    """The step with its codes resolved and its time parsed.

    Errors: bad_request, not_found, stale_target, with `start` and `end`.
    """
    found = [_target(phrase.verb, code, place, line.seen, view, ctx) for code, place in phrase.codes]
    targets = {(target.section.name, target.id): target for target in found}
    command = phrase.place.of(line.text)
    step = Step(
        number,
        command,
        phrase.place,
        phrase.verb,
        tuple(targets.values()),
        phrase.word,
        phrase.text,
        _until(phrase, ctx),
        line.seen,
        quoted=phrase.quoted,
        flags=phrase.flags,
    )
    return step if phrase.verb.reads is None else replace(step, value=_value(step, phrase, view, ctx))


def _value(step: Step, phrase: Phrase, view: View, ctx: Context) -> Any:
    assert phrase.verb.reads is not None
    try:
        return phrase.verb.reads(step, view, ctx)
    except Refusal as refusal:
        place = phrase.text_place or phrase.place
        raise _placed(refusal, place, f"At character {place.start + 1}: {refusal.message}") from None


def _target(verb: Verb, code: str, place: Place, seen: int | None, view: View, ctx: Context) -> Target:
    fitting = verb.fits(ctx.registry)
    section = next((section for section in fitting if section.prefix == code[0]), None)
    if section is None:
        kinds = ", ".join(f"{each.prefix} ({each.name})" for each in fitting)
        place.refuse(f"`{verb.words[0]}` does not take {code}: its codes begin with {kinds}.")
    try:
        return Target(section, view.by_code(section, code, seen, guarded=True).id, code)  # decision 15
    except Refusal as refusal:
        message = f"At character {place.start + 1}: {refusal.message}"
        raise _placed(refusal, place, message) from None


def _until(phrase: Phrase, ctx: Context) -> str | None:
    if phrase.text_place is None or all(each.takes is not Takes.WHEN for each in phrase.verb.takes):
        return None
    who = ctx.principal
    begins = partial(day_start, who, otherwise=ctx.settings.day_starts)
    until = when.instant_of(phrase.text or "", ctx.now, who.tz, begins)
    if until is None and CODE.match(phrase.text or ""):
        phrase.text_place.refuse(f"`{phrase.verb.words[0]}` takes one code, and then a time.")
    if until is None:
        phrase.text_place.refuse(when.why_not(phrase.text or ""))
    if until <= format_instant(ctx.now):
        phrase.text_place.refuse("This time is in the past. Give a later one.")
    return until


def _placed(refusal: Refusal, place: Place, message: str) -> Refusal:
    """The refusal of one part of the line, with its place."""
    where, details = vars(place), refusal.details
    if refusal.code is ErrorCode.BAD_REQUEST:
        faults = details or [{"path": "text", "message": refusal.message}]
        paths = ["seen" if fault["path"] == "seen" else "text" for fault in faults]
        details = [fault | {"path": path} | where for fault, path in zip(faults, paths, strict=True)]
    else:
        details = where | (details or {})
    return Refusal(refusal.code, message, retry=refusal.retry, after_ms=refusal.after_ms, details=details)


def _take(steps: Sequence[Step], preview: Preview, ctx: Context, status: str) -> list[_Course]:
    courses: list[_Course] = []
    failed = False
    for step in steps:
        course = _Course(step, "skipped") if failed else _take_one(step, preview, ctx, status)
        failed = failed or course.error is not None
        courses.append(course)
    return courses


def _take_one(step: Step, preview: Preview, ctx: Context, status: str) -> _Course:
    try:
        for target in step.targets:
            if preview.get(target.section, target.id) is None:
                raise invalid_state(f"{target.code} was removed by an earlier step.")
        delta = step.verb.rule(preview, step, ctx)
    except Refusal as refusal:
        return _Course(step, "failed", error=refusal)
    change = ItemChange(preview.seq + 1, ctx.principal.actor, step.command, ctx.principal.name)
    return _Course(step, status, delta, preview.take(delta, change))


def _refuse(courses: Sequence[_Course], line: Line, view: View, ctx: Context) -> NoReturn:
    """Nothing was done: the line is refused with the error of its first step."""
    step, error = courses[0].step, courses[0].error
    assert error is not None
    if not line.text:  # the request names a handle and no text
        raise error
    refusal = _placed(error, step.place, error.message)
    if len(courses) > 1 and isinstance(refusal.details, dict):
        refusal.details["steps"] = [_told(course, view, ctx) for course in courses]
    raise refusal


def _told(course: _Course, after: View, ctx: Context) -> Json:
    """Shape: models.command.Step."""
    told: dict[str, Json] = {"command": course.step.command, "status": course.status}
    if course.error is not None:
        return told | {"error": course.error.as_error()}
    if course.status == "skipped":
        return told
    reply = course.delta.reply
    data = reply(after) if callable(reply) else reply
    if data is None:
        data = {"items": _items(course, after, ctx)}
        data |= {} if course.step.until is None else {"until": course.step.until}
        data |= _set(course, after, ctx)
        if course.delta.line_record is not None:
            data["line"] = course.delta.line_record.line.partition(": ")[2]
    return told | {"data": data}


def _set(course: _Course, after: View, ctx: Context) -> dict[str, Json]:
    """The fields that the step set, with their new values; of what it added, those that its text has."""
    step, values = course.step, dict[str, Json]()
    for target in step.targets:
        item = after.get(target.section, target.id)
        field = target.section.field(step.verb.field.word) if step.verb.field else None
        names = (field.name,) if field else step.value if isinstance(step.value, tuple) else ()
        values |= {name: getattr(item, name) for name in names if item is not None}
    for old in course.items if not step.targets else ():
        section = ctx.registry.sections[old.section]
        item = after.get(section, old.id) if old.item is None else None
        for field in section.fields if item is not None else ():
            value = getattr(item, field.name)
            if value != section.item.model_fields[field.name].default:
                values[field.name] = value
    return {"set": values} if values else {}


def _items(course: _Course, after: View, ctx: Context) -> list[Json]:
    sections = ctx.registry.sections
    now = ((sections[old.section], old.id, old.item) for old in course.items)
    found = [(section, after.get(section, id) or old) for section, id, old in now]
    return [named(section, item) for section, item in found if item is not None]


def named(section: Section[Any], item: Item) -> Json:
    """Shape: models.command.Named."""
    code = (item.code or None) if isinstance(item, CodedItem) else None
    return {"section": section.name, "id": item.id, "code": code, "title": section.title(item)}


def _line_record(handle: str, line: str, courses: Sequence[_Course], preview: Preview) -> LineRecord:
    """The data to undo the line: what it changed, as it was before."""
    touched: dict[tuple[str, str], Before] = {}
    for course in courses:
        for item in course.items:
            touched.setdefault((item.section, item.id), item)
    before = tuple(item for item in touched.values() if preview.changes(item))
    undos = [course.delta.line_record for course in courses if course.delta.line_record is not None]
    undoes = tuple(handle for undo in undos for handle in undo.undoes)
    if not undos or any(course.items for course in courses if course.delta.line_record is None):
        return LineRecord(handle, without_entry(line), before, undoes)
    cancels = tuple(seq for undo in undos for seq in undo.cancels)
    also = tuple(name for undo in undos for name in undo.also)
    forward = all(undo.forward for undo in undos)
    return LineRecord(handle, undos[0].line, before, undoes, cancels, also, forward)


def prefetched(step: Step, ctx: Context) -> Json:
    """The data read for the step before the line ran. Errors: why it could not be read."""
    found = (ctx.prefetched or {}).get(step.number)
    if isinstance(found, Refusal):
        raise found
    return found

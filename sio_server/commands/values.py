"""Parses the value that a person types for a field: `friday`, `before C4`, `45 min`, `@bo`, `none`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from models.base import CodedItem, is_day
from sio_server.commands import when
from sio_server.commands.grammar import CODE
from sio_server.commands.people import unclear, who
from sio_server.commands.ranks import DOWN, UP
from sio_server.commands.said import Start
from sio_server.commands.steps import Step
from sio_server.registry.errors import bad_request, either
from sio_server.registry.fields import Field, Kind, choices
from sio_server.registry.registry import Context, Section, View

NONE = "none"
"""Empties a field that may be empty; in quotation marks it is text."""
MINUTES_MAX = 240 * 60  # as models.priorities.Minutes
EXAMPLES: dict[Kind, tuple[str, ...]] = {
    Kind.WHEN: (*when.DAYS, NONE),
    Kind.MINUTES: ("15 min", "30 min", "45 min", "1h", "1h 30m", "2h", NONE),
    Kind.PERSON: (NONE,),
    Kind.RANK: ("1", UP, DOWN, NONE),
}

_LENGTH = re.compile(
    r"(?:(?P<hours>\d{1,4}(?:\.\d{1,2})?) ?h(?:(?:ou)?rs?)?)?"
    r"(?: ?(?P<minutes>\d{1,5})(?: ?m(?:in(?:ute)?s?)?)?)?",
    re.ASCII,
)
_LEAD = re.compile(r"^(?:by|on) ", re.IGNORECASE)
_BEFORE = re.compile(rf"before ({CODE.pattern})", re.ASCII | re.IGNORECASE)


def read_value(step: Step, view: View, ctx: Context) -> Any:
    """The value of the step's text for the verb's field. Errors: bad_request."""
    [target] = step.targets
    assert step.verb.field is not None
    field = target.section.field(step.verb.field.word)
    assert field is not None
    return value_of(field, target.section, step, view, ctx)


def value_of(field: Field, section: Section[Any], step: Step, view: View, ctx: Context) -> Any:
    """The value; for a rank the place, or up or down. Errors: bad_request."""
    text = " ".join((step.text or "").split())
    if text.casefold() == NONE and not step.quoted and field.kind is not Kind.CHOICE:
        return None
    if field.kind is Kind.TEXT:
        return step.text
    if field.kind is Kind.CHOICE:
        return _choice(text, choices(section.item, field))
    return _READERS[field.kind](text, step, view, ctx)


def _choice(text: str, values: tuple[str, ...]) -> str:
    if text.casefold() in values:
        return text.casefold()
    raise bad_request(f"This must be {either(values)}.")


def _when(text: str, step: Step, view: View, ctx: Context) -> str | Start:
    if before := _BEFORE.fullmatch(text):
        return _start(before[1].upper(), step, view, ctx)
    said = _LEAD.sub("", text)
    found = when.day_or_instant_of(said, ctx.now, ctx.principal.tz)
    if found is None:
        hint = " `before C4` means by the start of that meeting, `none` removes the date."
        raise bad_request(when.why_not(said) + hint)
    if _is_past(found, ctx):
        raise bad_request("This time is in the past. Give a later one, or `none`.")
    return found


def _start(code: str, step: Step, view: View, ctx: Context) -> Start:
    """The start of the item with that code. Errors: bad_request, and those of `by_code`."""
    found = start_of(code, step, view, ctx)
    if found is None:
        known = ", ".join(f"{each.prefix} ({each.name})" for each in ctx.registry.coded() if each.begins)
        raise bad_request(f"{code} has no start time; codes of items that have one begin with {known}.")
    return found


def start_of(code: str, step: Step, view: View, ctx: Context) -> Start | None:
    """When the item with that code begins; None for one of a kind that has no start. Errors: bad_request, and
    those of `by_code`."""
    section = next((each for each in ctx.registry.coded() if each.begins and each.prefix == code[0]), None)
    if section is None:
        return None
    item: CodedItem = view.by_code(section, code, step.seen, guarded=True)
    start: str = getattr(item, section.begins)
    if _is_past(start, ctx):
        raise bad_request(f"{code} has already begun. Give one that is still to come, a time, or `none`.")
    return Start(start, item.id)


def _is_past(moment: str, ctx: Context) -> bool:
    """Whether the instant, or the whole day in the person's zone, is over."""
    today = ctx.now.astimezone(ctx.principal.tz).date().isoformat()
    return moment < (today if is_day(moment) else ctx.at)


def _minutes(text: str, step: Step, view: View, ctx: Context) -> int:
    found = _LENGTH.fullmatch(text.casefold())
    minutes = round(60 * float(found["hours"] or 0)) + int(found["minutes"] or 0) if found and text else 0
    if not 0 < minutes <= MINUTES_MAX:
        hours = MINUTES_MAX // 60
        message = f"This must be 1 minute to {hours} hours. Write it like 45 min, 1h 30m or 2h, or `none`."
        raise bad_request(message)
    return minutes


def _person(text: str, step: Step, view: View, ctx: Context) -> str:
    if step.quoted:
        return step.text or ""
    found = who(text, view, ctx.registry, ctx.people)
    if len(found.people) == 1:
        return found.people[0]
    if found.people:
        raise bad_request(f"This {unclear(found.people)}, or put it in quotation marks.")
    if not text.startswith("@"):
        return text
    near = " or ".join(f"“{name}”" for name in found.nearest)
    hint = f"Did you mean {near}?" if near else "Write a name without @ for somebody new."
    raise bad_request(f"Nobody on the board goes by {text[:60]}. {hint}")


def _rank(text: str, step: Step, view: View, ctx: Context) -> int | str:
    said = text.casefold()
    if said in (UP, DOWN):
        return said
    if re.fullmatch(r"[1-9]\d{0,5}", said, re.ASCII):
        return int(said)
    raise bad_request("This must be a position in the list (1 is the top), or up, down or `none`.")


_READERS: dict[Kind, Callable[[str, Step, View, Context], Any]] = {
    Kind.WHEN: _when,
    Kind.PERSON: _person,
    Kind.MINUTES: _minutes,
    Kind.RANK: _rank,
}


def words_of_fields(section: Section[Any]) -> dict[str, str]:
    """The section's fields as people call them: each name, by its word."""
    return {"text": section.headline} | {field.word: field.name for field in section.fields}


def read_fields(step: Step, view: View, ctx: Context) -> tuple[str, ...]:
    """The names of the given fields, from their words or names. Errors: bad_request."""
    [target] = step.targets
    words, item = words_of_fields(target.section), view.get(target.section, target.id)
    held = () if item is None else item.held
    names = []
    for said in re.split(r"[\s,]+", step.text.strip(" ,").casefold()) if step.text else ():
        name = words.get(said, said)
        if name not in target.section.item.model_fields:
            raise bad_request(f"{target.code} has no field “{said[:40]}”. Its fields are {', '.join(words)}.")
        links = (each.link for each in target.section.fields if each.name == name)
        names += [name, *(link for link in links if link in held)]
    return tuple(names)


def misread(step: Step, view: View, ctx: Context) -> None:
    """Refuses a text that looks like the value of a field: `update P3 due friday` (decision 55).

    Errors: bad_request, naming the line that was meant.
    """
    [target] = step.targets
    word, _, rest = (step.text or "").strip().partition(" ")
    field = None if step.quoted else target.section.field(word.casefold())
    if field is not None and _is_value(rest.strip(), field, target.section, ctx):
        meant_line = f"{field.word} {target.code} {rest.strip()}"
        raise bad_request(f"Did you mean `{meant_line}`? If it is the new text, put it in quotation marks.")


def _is_value(text: str, field: Field, section: Section[Any], ctx: Context) -> bool:
    """Whether it is most likely a value, and not more words of a title."""
    match field.kind:
        case Kind.CHOICE:
            return text.casefold() in choices(section.item, field)
        case Kind.WHEN:
            said = _LEAD.sub("", text)
            return bool(_BEFORE.fullmatch(text) or when.day_or_instant_of(said, ctx.now, ctx.principal.tz))
        case Kind.PERSON:
            return text.startswith("@") and " " not in text
        case Kind.MINUTES:
            return bool(text and _LENGTH.fullmatch(text.casefold()))
        case Kind.RANK:
            return text.casefold() in (UP, DOWN) or text.isdigit()
        case Kind.TEXT:
            return False

"""Parses the text of a new item: `@ana the deck by Friday !!` says who, what, by when and how urgent.

Nothing is guessed: a name stands before a colon, or begins with `@` at either end; an unambiguous time stands
at the very end, after `by` or as a day; so do `!` and `#high`. Everything else, and all that is in quotation
marks, is the title (decision 59).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from models.base import day_or_instant
from sio_server.commands.grammar import CODE, QUOTED, unquoted
from sio_server.commands.when import day_or_instant_of, has_form, why_not
from sio_server.registry.errors import bad_request

_NAME = r"(?:[^\W\d_a-z]|@)[^\s:|\"“”]*"
_PARTICLE = r"(?:[a-z]{1,3}|&)"
_WHO = re.compile(
    rf"(?P<who>[^\s:|\"“”]{{1,80}}|{_NAME}(?: (?:{_PARTICLE} ){{0,2}}{_NAME}){{0,5}}):\s+(?=\S)"
)
_DUE = re.compile(r"\s+by (?P<due>\d{4}-\d\d-\d\d(?:[Tt]\S{1,30})?)$", re.ASCII)


_HANDLE = r"@(?P<handle>[^\W_][\w.'-]{0,80})"
_AT_BEGIN = re.compile(rf"{_HANDLE}[:,]?\s+(?=\S)")
_AT_END = re.compile(rf"\s+(?:[-(] ?)?{_HANDLE}\)?$")
_TOWARDS = re.compile(r"\s+(?:to|for|from)$", re.IGNORECASE)
"""Before the other side of a promise: `the deck to @ana`."""
_AMONG = re.compile(r"(?:\b(?:and|or|with|without|of|about|to|for|from|by)|[-/&+,:])$", re.IGNORECASE)
"""A handle after one of these is one of several people, or belongs to what is done."""
_URGENT = re.compile(r"\s+(?:!{1,3}|#(?P<tag>urgent|high|medium|low))$", re.IGNORECASE)
_LED = re.compile(
    r"\s+(?:due(?: by| on)?|by|before|on|this(?!\s+(?:next|end)\b))\s+(?P<when>\S+(?:\s+\S+){0,3})$",
    re.IGNORECASE,
)
_BY = re.compile(r"\s(?:due(?: by| on)?|by)\s+(?P<when>\S+(?:\s+\S+){0,3}?)$", re.IGNORECASE)
_IF_NO_DATE = "Put the text in quotation marks if it is not a date."
_DAY_WORD = r"(?:today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_BARE = re.compile(rf"\s+(?P<when>{_DAY_WORD}(?:(?: at)? [\d:apm]{{1,7}})?)$", re.IGNORECASE | re.ASCII)
_AHEAD = re.compile(r"\s+(?P<when>in \d{1,3} (?:day|week)s?)$", re.IGNORECASE | re.ASCII)
_OF_OTHERS = re.compile(
    r"\b(?:of|since|from|last|until|till|after|between|and|or|to|the|in|is|as|next|black|good|holy|easter|super|every|each|not|was"
    r"|by|on|before|due|this|for|with|about|at|than|through|[-/&+:#])$",
    re.IGNORECASE,
)
"""A day after one of these words is not a due date."""


_BEFORE = re.compile(rf"\s+(?:due\s+)?before\s+(?P<code>{CODE.pattern})$", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Start:
    """When the event with this id begins."""

    at: str
    id: str


def no_start(code: str) -> Start | None:
    """Where nothing begins."""
    return None


@dataclass(frozen=True)
class Asked:
    """The fields that the text may set, and the context in which it is read. What was typed is refused if it
    ends with a date that does not exist; in what somebody wrote elsewhere it stays. `start` tells when the
    event with a code begins, and its id; None for a code of another kind."""

    who: bool
    due: bool
    urgency: bool
    handles: bool
    now: datetime
    zone: tzinfo
    typed: bool = True
    start: Callable[[str], Start | None] = no_start


@dataclass(frozen=True)
class Said:
    """The title, the person, the due date, the event that begins then, and the urgency, as far as given."""

    what: str
    who: str | None = None
    due: str | None = None
    before: str | None = None
    urgency: str | None = None


def said(text: str, asked: Asked) -> Said:
    """Parses the text. Errors: bad_request, for a date that does not exist."""
    named = _WHO.match(text) if asked.who else None
    found = Said(text[named.end() :], named["who"]) if named else Said(text)
    if found.who is None and asked.handles and (begun := _AT_BEGIN.match(found.what)):
        found = replace(found, what=found.what[begun.end() :], who=begun["handle"])
    while (shorter := _without_end(found, asked)) is not found:
        found = shorter
    return replace(found, what=unquoted(found.what)) if QUOTED.fullmatch(found.what) else found


def _without_end(found: Said, asked: Asked) -> Said:
    """The same with its end parsed off; unchanged if the end says nothing."""
    what = found.what
    if asked.urgency and found.urgency is None and (urgent := _URGENT.search(what)):
        tag = (urgent["tag"] or "high").lower()
        return replace(found, what=what[: urgent.start()], urgency="high" if tag == "urgent" else tag)
    if asked.handles and found.who is None and (end := _AT_END.search(what)):
        before = what[: end.start()]
        before = _TOWARDS.sub("", before) if asked.who else before
        if not _AMONG.search(before):
            return replace(found, what=before, who=end["handle"])
    if asked.due and found.due is None:
        return _dated(found, asked)
    return found


def _dated(found: Said, asked: Asked) -> Said:
    what = found.what
    if exact := _DUE.search(what):
        return replace(found, what=what[: exact.start()], due=_day(exact["due"]))
    if (event := _BEFORE.search(what)) and (start := asked.start(event["code"].upper())):
        return replace(found, what=what[: event.start()], due=start.at, before=start.id)
    # What somebody wrote elsewhere counts from another day, and may tell how long it takes.
    for form in (_LED, _BARE, *([_AHEAD] if asked.typed else [])):
        end = form.search(what)
        due = day_or_instant_of(end["when"], asked.now, asked.zone) if end else None
        if end and due and (form is _LED or not _OF_OTHERS.search(what[: end.start()])):
            return replace(found, what=what[: end.start()], due=due)
    if asked.typed and (wrong := _BY.search(what)) and has_form(wrong["when"]):
        raise bad_request(f"{wrong[0].strip()}: {why_not(wrong['when'])} {_IF_NO_DATE}")
    return found


def _day(text: str) -> str:
    try:
        return day_or_instant(text)
    except ValueError as error:
        raise bad_request(f"by {text}: {error}. {_IF_NO_DATE}") from None

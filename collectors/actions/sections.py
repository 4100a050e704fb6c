"""The meaning of headings for the lines below them."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from collectors.actions.abroad import alternatives
from collectors.actions.patterns import APOSTROPHE, any_of, has_any


class Section(StrEnum):
    """The sections of notes and minutes that matter here."""

    ACTIONS = "actions"
    NEXT = "next"  # what comes next: actions, and other things as well
    REVIEW = "review"  # of what was to be done since the last time
    DONE = "done"
    PEOPLE = "people"
    AGENDA = "agenda"
    OTHER = "other"


_ITEMS = any_of(
    *(
        "actions?(?:[ -](?:items?|points?|list|steps?|log|register))?",
        "ais?",
        "ars?",
        "to[ -]?dos?(?: list)?",
    ),
    *("tasks?(?: list)?", "homework", "assignments?", "commitments", "things to do", "who does what"),
    alternatives("list"),
)
_FURTHER = any_of(
    *("next steps?", "follow[ -]?ups?(?: (?:items?|actions?|tasks?))?", "deliverables"),
    *(f"what{APOSTROPHE}?s next", "suivi", "attività"),
)
_BEFORE = (
    any_of(
        *("the", "our", "my", "new", "next", "open", "current", "pending", "outstanding", "specific", "key"),
        *("main", "list of", "summary of", "all", "immediate", "agreed", "resulting", "proposed", "sprint"),
        *("team", "meeting", "weekly", "decisions?,?", "minutes,?", "outcomes?,?", "and", "&", "/"),
    )
    + " "
)
_BESIDE = any_of(
    *("decisions?", "owners?", "due dates?", "next steps?", "follow[ -]?ups?", "action items?", "deadlines"),
    *("outcomes?", "assignments?", "help wanted"),
)
_AFTER = any_of(
    *(
        rf"(?:and|&|/|,) ?{_BESIDE}",
        "taken",
        "required",
        "needed",
        "arising",
        "agreed",
        "assigned",
        "to take",
    ),
    *(
        "before (?:the )?next (?:week|meeting|time|call)",
        r"for (?:the )?\w+(?: (?:week|meeting|time|call))?",
        "by person",
        "by owner",
        "as a result of this meeting",
    ),
    rf"from (?:this|today{APOSTROPHE}?s?|the)(?: (?:meeting|call|session|discussion))?",
    "until next (?:time|meeting)",
)
_AFTER = rf"(?:\(s\)|,? ?\(?{_AFTER}\)?)"
_OF_OLD_WORDS = (
    *("previous", "last", "past", "prior", "old", "earlier", "carried", "review", "status", "update"),
    *("followed", "recap"),
)
_OF_OLD = any_of(*_OF_OLD_WORDS, "older")
_OLD_ITEMS = any_of(
    "actions?", "ais?", "action items?", "to-?dos?", "tasks?", "next steps", "follow[ -]?ups?"
)
_ITEM = r"(?:(?:action(?: item)?|ai|to-?do|task)\s*[-\u2013\u2014:]|todo )\s*\S+ \S+ \S+"
"""An item of its own, such as `Action - Bob to update it`."""
_REVIEW = any_of(
    rf"(?!{_ITEM})(?=.*\b{_OF_OLD}\b).*\b{_OLD_ITEMS}\b.*",
    "actions? (?:items?|points?) (?:follow[ -]?up|review|status|updates?)",
)
_OF_ITEMS = "(?:actions?|action items?|tasks?|items?|to-?dos?)"
_DONE = any_of(
    rf"(?:completed|done|finished|closed|resolved|archived?)(?: {_OF_ITEMS})?",
    *(rf"{_OF_ITEMS} (?:completed|done|closed)", "what (?:was|we) did", "accomplish(?:ed|ments)"),
)
_PEOPLE = any_of(
    *("attendees?", "attendance", "present", "participants?", "participating", "attending", "roll ?call"),
    *("who was (?:there|here)", "invited", "regrets", "absent(?:ees)?", "apologies", "guests?", "invitees"),
    *("members present", "attendee list", alternatives("people")),
)
_AGENDA = any_of(
    *("agenda", "topics?", "schedule", "programme?", "running order", alternatives("agenda")),
)
_OF_AGENDA = any_of(
    "proposed", "draft", f"today{APOSTROPHE}?s", "meeting", "standing", "recurring", "standard"
)
_FORMS = (
    (Section.REVIEW, _REVIEW),
    (Section.PEOPLE, rf"(?:(?:meeting|also|members?|staff|people|in) )*{_PEOPLE}(?: \(.*\))?"),
    (Section.ACTIONS, rf"(?:{_BEFORE}){{0,4}}{_ITEMS}{_AFTER}*"),
    (Section.NEXT, rf"(?:{_BEFORE}){{0,4}}{_FURTHER}{_AFTER}*"),
    (Section.DONE, _DONE),
    (Section.AGENDA, rf"(?:{_OF_AGENDA} )*{_AGENDA}(?: (?:items?|points?|topics?))?(?: \(.*\))?"),
)
_SECTIONS = tuple((section, re.compile(form, re.IGNORECASE)) for section, form in _FORMS)
_REVIEW_WORDS = (*_OF_OLD_WORDS, "action")
"""One of these stands in whatever the form of a review matches, which is the slowest."""
_KEPT = 4_096  # headings, and lines that may be some: in minutes of a series most come again
_TAIL = " *_:.-\u2013\u2014#】》〉>"
_WORDS_MAX = 80  # characters of a heading such as "Action items"


@lru_cache(_KEPT)
def section_of(heading: str) -> Section:
    """The section that a heading with these words begins."""
    words = re.sub(r"^[\W\d_]+", "", heading[: _WORDS_MAX * 2]).strip(_TAIL)
    words = re.sub(r"&amp;", "&", words)
    if not words or len(words) > _WORDS_MAX or "@" in words:
        return Section.OTHER
    small = words.casefold()
    forms = _SECTIONS if has_any(small, _REVIEW_WORDS) else _SECTIONS[1:]
    return next((section for section, form in forms if form.fullmatch(words)), Section.OTHER)

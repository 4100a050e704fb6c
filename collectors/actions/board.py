"""An action item in the board's form: a priority or a commitment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, tzinfo

from collectors.actions.dates import due
from collectors.actions.item import Found
from collectors.actions.markup import plain, unlinked, urgency_of, without_fields
from collectors.identity import stable_id, words_of
from collectors.texts import shown
from collectors.types import Finding, Kind
from models.commitments import Direction, GivenCommitment
from models.evidence import Evidence
from models.priorities import GivenPriority
from models.proposals import Task

TITLE_MAX, PERSON_MAX = 500, 320  # the server's bounds (models.base)
_UNNAMED = "-"
_LOOSE = re.compile(r"(?:\s(?:until|till|for|at|on|by|before|of|the))*[\s.!?,]*$", re.IGNORECASE)

_ASIDES = re.compile(
    r"\b(?:please|pls|plz|kindly|urgent(?:ly)?|asap|as soon as possible|immediately|quickly|right away|just"
    r"|also|(?:by|before|at|for|until) (?:the )?next (?:meeting|call|sync|time|sprint|session))\b",
    re.IGNORECASE,
)
"""What may be added to a task or left out without making it another one. A meeting without a preposition is
what the task is about: "Book the next call"."""

_FILLERS = re.compile(
    r"\b(?:(?:to|for|with) )?(?:me|us|you)\b"
    r"|\b(?:the|an?|this|that|these|those|my|our|your|over|again|copy of)\b",
    re.IGNORECASE,
)
"""What a request may say or not when it is made again: "send the deck", "send me a copy of the deck"."""

_DELIVERS = re.compile(
    r"(?:send|share|forward|email|mail|provide|give|deliver|pass(?: on| along)?)\b(?=\W+\w)", re.IGNORECASE
)
"""Verbs that ask for the same where what they ask for is the same: `send the deck`, `share the deck`."""

Item = GivenPriority | GivenCommitment


def item_of(
    found: Found, direction: Direction | None, who: Sequence[str], evidence: Evidence, place: str
) -> Item:
    """The item, without an id yet; without a direction it is a priority, and names its `place`."""
    if direction is None:
        return GivenPriority(
            id=_UNNAMED,
            title=shown(found.text, TITLE_MAX),
            description=place,
            urgency=found.urgency,
            due_date=found.due.at,
            evidence=evidence,
        )
    return GivenCommitment(
        id=_UNNAMED,
        description=shown(found.text, TITLE_MAX),
        assignee=shown(", ".join(who), PERSON_MAX) or None,
        due_date=found.due.at,
        direction=direction,
        evidence=evidence,
    )


def wanted(found: Found) -> str:
    """What is to be done, in the line's words, without its date."""
    return _LOOSE.sub("", found.bare) if found.due.at else found.text.rstrip(" .!?")


def same_task(found: Found, direction: Direction | None, who: Sequence[str]) -> tuple[str, ...]:
    """The words that make it the same task for a person, whatever its marks, due date and urgency."""
    return _task(found, direction, who, _without_asides(found.bare))


def task_before(found: Found, direction: Direction | None, who: Sequence[str]) -> tuple[str, ...]:
    """The same as earlier versions had it, for former ids: with words of urgency and politeness."""
    return _task(found, direction, who, found.former or found.bare)


def _task(found: Found, direction: Direction | None, who: Sequence[str], bare: str) -> tuple[str, ...]:
    kind = "task" if direction is None else str(direction)
    said = (bare, found.due.at or "") if found.recurs else (bare,)
    return (kind, *map(words_of, (*(() if direction is None else who), *said)))


def same_request(found: Found, word: str, who: str) -> tuple[str, ...]:
    """The words that make it the same to a person in one conversation: what is owed, by or to whom, in the
    same verb and object; verbs of handing over are the same."""
    return _request(found, word, who, _DELIVERS.sub("send", _without_asides(found.bare), count=1))


def task_of(same: Sequence[str], who: str, day: date) -> Task:
    """What is to be done, as the board knows it again when another text or source says it."""
    return Task(mark=stable_id("task", *same), who=shown(who, PERSON_MAX), day=day.isoformat())


def request_before(found: Found, word: str, who: str) -> tuple[str, ...]:
    """The same as earlier versions had it, for former ids: with the verb as it is."""
    return _request(found, word, who, _without_asides(found.former or found.bare))


def _request(found: Found, word: str, who: str, said: str) -> tuple[str, ...]:
    bare = _FILLERS.sub(" ", said)
    return (word, words_of(who), *_task(found, None, (), bare if re.search(r"\w", bare) else found.bare))


def same_sentence(sentence: str, day: date, zone: tzinfo) -> str:
    """The words of a sentence of that day that make it the same to a person: no date, marks, urgency."""
    _, text = urgency_of(unlinked(plain(sentence)))
    text = without_fields(text).rstrip(" ?!.")  # "by Friday?" is no date
    return _without_asides(due(text, day, zone).bare)


def _without_asides(text: str) -> str:
    rest = " ".join(_ASIDES.sub(" ", text).split())
    return rest if re.search(r"\w", rest) else text


def named(found: Found, direction: Direction | None, who: Sequence[str], record: str) -> tuple[str, str]:
    """The id of an item in a record, whose own name does not change, and the one that it had before."""
    now, before = same_task(found, direction, who), task_before(found, direction, who)
    return stable_id("record", record, *now), stable_id("record", record, *before)


def remarks(found: Found, where: str) -> Iterator[Finding]:
    """Remarks for a person on how it was read."""
    if found.due.doubt:
        yield Finding(Kind.NOTE, where, f"{shown(found.due.doubt)}, so it has no due date")
    if len(found.text) > TITLE_MAX:
        yield Finding(Kind.NOTE, where, f"it is cut after {TITLE_MAX} characters")

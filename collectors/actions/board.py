"""An action item in the board's form: a priority or a commitment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from collectors.actions.item import Found
from collectors.identity import stable_id, words_of
from collectors.texts import shown
from collectors.types import Finding, Kind
from models.commitments import Direction, GivenCommitment
from models.evidence import Evidence
from models.priorities import GivenPriority

TITLE_MAX, PERSON_MAX = 500, 320  # the server's bounds (models.base)
_UNNAMED = "-"
_LOOSE = re.compile(r"(?:\s(?:until|till|for|at|on|by|before|of|the))*[\s.!?,]*$", re.IGNORECASE)

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
    """The words that make it the same task for a person, whatever its marks and due date."""
    kind = "task" if direction is None else str(direction)
    said = (found.bare, found.due.at or "") if found.recurs else (found.bare,)
    return (kind, *map(words_of, (*(() if direction is None else who), *said)))


def named(found: Found, direction: Direction | None, who: Sequence[str], record: str) -> str:
    """The id of an item in a record, whose own name does not change."""
    return stable_id("record", record, *same_task(found, direction, who))


def remarks(found: Found, where: str) -> Iterator[Finding]:
    """Remarks for a person on how it was read."""
    if found.due.doubt:
        yield Finding(Kind.NOTE, where, f"{shown(found.due.doubt)}, so it has no due date")
    if len(found.text) > TITLE_MAX:
        yield Finding(Kind.NOTE, where, f"it is cut after {TITLE_MAX} characters")

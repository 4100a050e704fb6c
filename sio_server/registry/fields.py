"""Fields that have a command of their own: `due P7 friday`. A section declares which it has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from pydantic import BaseModel


class Kind(Enum):
    """The kind of a field's value; the enum's own value is how a usage line writes it."""

    WHEN = "WHEN|before CODE|none"
    CHOICE = ""
    PERSON = "PERSON|none"
    MINUTES = "MINUTES|none"
    TEXT = "TEXT|none"
    RANK = "NUMBER|up|down|none"


@dataclass(frozen=True)
class Field:
    """One field: the command that sets it, its name in the item, its kind, and the command's help.

    The choices of a `CHOICE` are the members of the enum that the item's model has there. `link` names the
    field with the id of the event whose start a `WHEN` follows (registry.starts).
    """

    word: str
    name: str
    kind: Kind
    help: str
    link: str = ""


DUE = Field("due", "due_date", Kind.WHEN, "Sets when it is due.", link="due_before")
URGENCY = Field("urgency", "urgency", Kind.CHOICE, "Sets how urgent it is.")
ASSIGN = Field("assign", "assignee", Kind.PERSON, "Sets who it is for.")
TAKES = Field("takes", "minutes", Kind.MINUTES, "Sets how long it takes.")
NOTE = Field("note", "note", Kind.TEXT, "Sets its note.")
RANK = Field("rank", "rank", Kind.RANK, "Moves it in the list.")


def choices(item: type[BaseModel], field: Field) -> tuple[str, ...]:
    """The values of a choice, from the item's model; empty for any other field."""
    values = item.model_fields[field.name].annotation
    if field.kind is not Kind.CHOICE or not (isinstance(values, type) and issubclass(values, StrEnum)):
        return ()
    return tuple(values)

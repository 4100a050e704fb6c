"""What is to become of what people decided of an account's items: pure.

A decision is written once. When the account has said it, or has another word since, the field is the
account's again; the board is told so together with the account's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

Values = Mapping[str, Any]
STATES = {"open": "NEEDS-ACTION", "done": "COMPLETED"}
ANSWERS = {"accepted": "ACCEPTED", "tentative": "TENTATIVE", "declined": "DECLINED"}
FIELDS: Mapping[str, tuple[str, Sequence[str]]] = {
    "priorities": ("VTODO", ("title", "due_date", "status")),
    "calendar": ("VEVENT", ("answer",)),
}
"""By section: what its items are in the account, and which of their fields are written."""


class Fate(Enum):
    """What becomes of one decision."""

    WRITE = auto()
    SAID = auto()
    """The account says the same, or did."""
    LOST = auto()
    """The account has another word, which nobody here had seen."""


@dataclass(frozen=True)
class Decided:
    """Fields of the item `id` (the source's own): as the person decided them, and as the source says by the
    board's word. `follows` is the event whose start the due date follows, if the person wants that."""

    section: str
    id: str
    title: str
    wanted: Values
    said: Values
    follows: str | None = None

    def key(self, name: str) -> str:
        """By which the decision of this field is noted down."""
        return f"{self.section} {self.id} {name}"

    def fate(self, name: str, now: Any, written: Any) -> Fate:
        """`now` is what the account says, `written` what was last written there for this field (else what the
        board has of it), of which the board may not have heard."""
        wanted, said = self.wanted[name], self.said[name]
        if now == wanted or said == wanted:
            return Fate.SAID
        return Fate.WRITE if now in (said, written) else Fate.LOST

    def settled(self, name: str, now: Any) -> Values:
        """What the board is told of it, beside what the account says: nothing of a due date that goes on
        following an event."""
        if name != "due_date" or self.follows is None:
            return {name: self.wanted[name]}
        if now == self.wanted[name]:
            return {}
        return {name: self.wanted[name], "due_before": self.follows}


def decided(items: Mapping[str, Sequence[Values]], source: str) -> Iterator[Decided]:
    """Of the source's items on the board, those of which people decided a field that can be written."""
    for section, (_, fields) in FIELDS.items():
        for item in items.get(section, ()):
            held, said = item.get("held", ()), item.get("source_values") or {}
            names = [name for name in fields if name in held]
            if names and str(item["id"]).startswith(f"{source}/"):
                yield Decided(
                    section,
                    str(item["id"])[len(source) + 1 :],
                    str(item["title"]),
                    {name: item.get(name) for name in names},
                    {name: said.get(name) for name in names},  # what is None is left out of a state
                    item.get("due_before") if "due_before" in held else None,
                )

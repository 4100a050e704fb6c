"""Tables of action items, recognized by their column names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from collectors.actions.abroad import alternatives
from collectors.actions.markup import State
from collectors.actions.patterns import APOSTROPHE, any_of

_NAMES = {
    "what": any_of(
        *("(?:# ?)?actions?(?: (?:items?|points?|required))?", "tasks?", "items?", "what", "to-?dos?"),
        r"actions? ?(?:/|&|and) ?(?:owners?|who)",
        *("next steps?", "deliverables?", "descriptions?", "activity", "action/task", "follow[- ]?ups?"),
        alternatives("what"),
    ),
    "who": any_of(
        *(
            r"(?:(?:action|task|item) )?owners?(?:\(s\))?",
            "pic",
            "who",
            "assign(?:ed|ee)s?(?: to)?",
            "responsible(?: (?:person|party))?",
        ),
        *("leads?", "persons?", "(?:by )?whom", "dri", "name", "action by", r"resp\.?", "responsibility"),
        alternatives("who"),
    ),
    "when": any_of(
        *("due(?: (?:date|by|on))?", "when", "deadline", "by when", "(?:target |completion )?date", "eta"),
        *("target", "by", alternatives("when")),
    ),
    "kind": any_of("type", "kind", "art", "tipo", "category"),
    "urgency": any_of(r"prio(?:rity|rität|rité|ridad)?", "urgency", "dringlichkeit"),
    "state": any_of(
        *(
            "status",
            "state",
            r"done\??",
            r"completed?\??",
            "progress",
            "rag(?: status)?",
            alternatives("state"),
        )
    ),
}
_COLUMNS = {name: re.compile(form, re.IGNORECASE) for name, form in _NAMES.items()}
_SURELY = re.compile(
    r"actions?(?: (?:items?|points?|required)| ?(?:/|&|and) ?(?:owners?|who))?|tasks?|to-?dos?", re.IGNORECASE
)
_OF_OTHERS = re.compile(
    r"names?|date|leads?|by|target|progress|persons?|state|art|items?|co|\w", re.IGNORECASE
)
_DONE = re.compile(
    any_of(
        *("done", "completed?", "closed", "finished", "fixed", "merged", "shipped", "resolved", "yes", "x"),
        *("100 ?%", "erledigt", "hecho", "fait"),
    )
    + r"\b.*",
    re.IGNORECASE,
)
_NO_KIND = re.compile(
    r"d(?:ecisions?)?|i(?:nfo(?:rmation)?)?|notes?|beschluss|risks?|questions?", re.IGNORECASE
)
"""What the rows of minutes in one table are, other than actions."""
_DROPPED = re.compile(
    rf"(?:cancel?led|dropped|won{APOSTROPHE}?t (?:do|fix)|abandoned|n/a|rejected)\b.*", re.IGNORECASE
)


@dataclass(frozen=True)
class Row:
    """An action item's row; `beside` if that stands beside other things, and not in each row."""

    what: str
    who: str
    when: str
    state: State
    urgency: str = ""
    beside: bool = False


@dataclass
class Table:
    """Reads the rows of one table; the first row may name its columns."""

    _columns: dict[str, int] = field(default_factory=dict)
    _begun: bool = False
    _beside: bool = False

    def row(self, cells: tuple[str, ...], *, of_actions: bool) -> Row | None:
        """The row's item; None for the row of names, and in other tables."""
        if not self._begun:
            self._begun = True
            self._columns = _named(cells)
            if "what" in self._columns and "who" not in self._columns and not of_actions:
                self._beside = _SURELY.fullmatch(self._cell(cells, "what").strip("*_` :")) is not None
            if "what" in self._columns and len(self._columns) > 1:
                return None
            if not of_actions or ("what" in self._columns):
                return None
            self._columns = {"what": 0, "who": 1} if len(cells) > 1 else {"what": 0}
        if "what" not in self._columns or not (of_actions or "who" in self._columns or self._beside):
            return None
        what = self._cell(cells, "what")
        if _NO_KIND.fullmatch(self._cell(cells, "kind").strip("*_")):
            return None
        return (
            Row(
                what,
                self._cell(cells, "who"),
                self._cell(cells, "when"),
                self._state(cells),
                self._cell(cells, "urgency"),
                beside=self._beside,
            )
            if what
            else None
        )

    def _cell(self, cells: tuple[str, ...], name: str) -> str:
        index = self._columns.get(name)
        return cells[index].strip() if index is not None and index < len(cells) else ""

    def _state(self, cells: tuple[str, ...]) -> State:
        return state_said(self._cell(cells, "state"))


def state_said(words: str) -> State:
    """How far a task is, by the words of a field of its own."""
    said = words.strip("*_ []")
    if _DONE.fullmatch(said) or (said[:1] in "✅✔☑" and said):
        return State.DONE
    return State.DROPPED if _DROPPED.fullmatch(said) else State.OPEN


def field_of(label: str) -> str:
    """Which of an item's fields has this label; "" for none, and for what stands above other things, too."""
    words = label.strip("*_` :")
    if _OF_OTHERS.fullmatch(words):
        return ""
    return next(
        (
            name
            for name, form in _COLUMNS.items()
            if name not in ("kind", "urgency") and form.fullmatch(words)
        ),
        "",
    )


def names_columns(cells: Sequence[str]) -> bool:
    """Whether the cells name what is to be done, and by whom or when."""
    named = _named(cells)
    return "what" in named and ("who" in named or "when" in named)


def is_of_actions(rows: Sequence[Sequence[str]]) -> bool:
    """Whether these are the rows of a table of action items, or of an item with a field in each row."""
    if not rows or names_columns(rows[0]):
        return len(rows) > 1
    named = {paired(row) for row in rows}
    return "what" in named and not named.isdisjoint(("who", "when"))


def paired(cells: Sequence[str]) -> str:
    """The name of the field that a row of two cells holds: `| Owner | Bo |`; "" if it holds none."""
    return field_of(cells[0]) if len(cells) == 2 and not field_of(cells[1]) else ""


def is_told(names: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether the cell of who, or else of when, holds names or a day, which no word in small letters is."""
    named = _named(names)
    column = named.get("who", named.get("when", 0))
    return column < len(cells) and all(
        word == "and" or not word[0].islower() for word in cells[column].split()
    )


def _named(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    named = [cell.strip("*_` :") for cell in cells]
    if (said := [index for index, words in enumerate(named) if _SURELY.fullmatch(words)]) and any(
        _COLUMNS["who"].fullmatch(words) for words in named
    ):
        found["what"] = said[0]  # beside the item of the agenda
    for index, cell in enumerate(cells):
        words = cell.strip("*_` :")
        for name, form in _COLUMNS.items():
            if name not in found and form.fullmatch(words):
                found[name] = index
                break
    return found

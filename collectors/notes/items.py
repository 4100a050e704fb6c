"""Lines of a note as priorities and commitments, each with the words that it was read from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, tzinfo

from collectors.actions.dates import Due, due, own_date
from collectors.actions.markup import State, recurs, title, urgency_of, without_fields
from collectors.identity import Twins, stable_id, words_of
from collectors.notes.text import Heading, Said
from collectors.texts import shown
from collectors.types import Finding, Kind
from models.commitments import Direction, GivenCommitment
from models.evidence import Evidence
from models.priorities import GivenPriority

TITLE_MAX, PERSON_MAX = 500, 320
FILE_MAX = 1_000

_PERSON = r"@(?P<who>\w(?:[\w.\-]*\w)?)"
_PROMISES = (
    (Direction.OWE, re.compile(rf"I (?:owe|promised) {_PERSON}[:,]?\s+(?P<what>.+)", re.IGNORECASE)),
    (Direction.OWED, re.compile(rf"{_PERSON} (?:owes|promised) me[:,]?\s+(?P<what>.+)", re.IGNORECASE)),
)
_NOTHING = re.compile(r"(?:nothing|no)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Unnamed:
    """An item whose id depends on what else is there: its `names` from wide to narrow, the ids that earlier
    versions gave it, and the day that it is from. What is done has a name, and is no item."""

    item: GivenPriority | GivenCommitment | None
    names: tuple[str, ...]
    legacy: tuple[str, ...]
    day: date


Told = Unnamed | Finding


@dataclass(frozen=True)
class Note:
    """Where a line stands: a file that is called so, has this title, and was written on `day`.

    `saved` tells that the day is only that of the last change, by which a relative date moves.
    """

    file: str
    title: str
    day: date
    saved: bool
    zone: tzinfo


@dataclass
class Reader:
    """Reads the lines of one note; `odd_boxes` counts boxes whose mark is none of a task."""

    note: Note
    odd_boxes: Counter[str] = field(default_factory=Counter)
    _twins: Twins = field(default_factory=Twins)
    _under: list[tuple[Heading, date | None]] = field(default_factory=list)
    _moves: bool = False

    def told(self, lines: Iterable[Said | Heading]) -> Iterator[Told]:
        """What the board should know, in the order of the lines."""
        for line in lines:
            if isinstance(line, Heading):
                self._enter(line)
            else:
                yield from self._line(line)
        if self._moves:
            why = f"its relative dates count from {self.note.day}, when it was last saved: give it a date"
            yield Finding(Kind.NOTE, self.note.file, why)

    def _enter(self, heading: Heading) -> None:
        while self._under and self._under[-1][0].level >= heading.level:
            self._under.pop()
        above = self._under[-1][1] if self._under else None
        self._under.append((heading, own_date(heading.text) or above))

    def _line(self, line: Said) -> Iterator[Told]:
        if line.box is not None and line.state is None:
            self.odd_boxes[line.box] += 1
            return
        for direction, form in _PROMISES if not line.quoted else ():
            if promise := form.fullmatch(line.text):
                if not _NOTHING.match(promise["what"]):
                    yield from self._commitment(line, direction, promise["who"], promise["what"])
                return
        if line.box is not None:
            yield from self._priority(line)

    def _priority(self, line: Said) -> Iterator[Told]:
        urgency, text = urgency_of(without_fields(line.text), line.box or " ")
        found = self._due(text)
        words = title(found.rest) or line.text
        item = None
        if line.state is State.OPEN:
            yield from self._remarks(line, found, words)
            item = GivenPriority(
                id="-",
                title=self._fit(words),
                description=self._place(),
                urgency=urgency,
                due_date=found.at,
                evidence=self._evidence(line),
            )
        said = [title(found.bare) or line.text]
        said += [found.at or ""] if recurs(line.text) else []
        yield self._unnamed(item, line, "task", *said)

    def _commitment(self, line: Said, direction: Direction, who: str, what: str) -> Iterator[Told]:
        found = self._due(without_fields(what))
        words = title(found.rest) or what
        item = None
        if line.state in (None, State.OPEN):
            yield from self._remarks(line, found, words)
            item = GivenCommitment(
                id="-",
                description=self._fit(words),
                assignee=shown(who, PERSON_MAX),
                due_date=found.at,
                direction=direction,
                evidence=self._evidence(line),
            )
        yield self._unnamed(item, line, direction, who, title(found.bare) or what)

    def _unnamed(
        self, item: GivenPriority | GivenCommitment | None, line: Said, kind: str, *said: str
    ) -> Unnamed:
        what = (kind, *map(words_of, said))
        place = [heading.text for heading, _ in self._under]
        names = (
            stable_id("what", *what),
            stable_id("note", self.note.title, *what),
            stable_id("place", self.note.file, *place, *what),
        )
        known = item is not None and line.box in (None, " ") and not line.quoted
        legacy = (self._twins.number(stable_id(self.note.file, kind, line.text)),) if known else ()
        return Unnamed(item, names, legacy, self._day() or self.note.day)

    def _day(self) -> date | None:
        return self._under[-1][1] if self._under else None

    def _due(self, text: str) -> Due:
        day = self._day()
        found = due(text, day or self.note.day, self.note.zone)
        self._moves = self._moves or (found.relative and day is None and self.note.saved)
        return found

    def _remarks(self, line: Said, found: Due, words: str) -> Iterator[Finding]:
        where = f"{self.note.file}:{line.line}"
        if found.doubt:
            yield Finding(Kind.NOTE, where, f"{shown(found.doubt)}, so it has no due date")
        if len(words) > TITLE_MAX:
            yield Finding(Kind.NOTE, where, f"it is cut after {TITLE_MAX} characters")

    def _place(self) -> str:
        heading = f": {self._under[-1][0].text}" if self._under else ""
        return shown(f"{self.note.file}{heading}", FILE_MAX)

    def _fit(self, text: str) -> str:
        return shown(text, TITLE_MAX)

    def _evidence(self, line: Said) -> Evidence:
        return Evidence(file=shown(self.note.file, FILE_MAX), line=line.line, quote=line.quote)

"""Lines of a note as priorities and commitments, each with the words that it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, tzinfo

from collectors.identity import Twins, stable_id
from collectors.notes.dates import Due, due, own_date
from collectors.notes.text import Box, Heading, Said
from collectors.texts import shown
from collectors.types import Finding, Kind
from models.commitments import Direction, GivenCommitment
from models.evidence import Evidence
from models.priorities import GivenPriority, Urgency

TITLE_MAX, PERSON_MAX = 500, 320
FILE_MAX = 1_000

_PERSON = r"@(?P<who>\w(?:[\w.\-]*\w)?)"
_PROMISES = (
    (Direction.OWE, re.compile(rf"I (?:owe|promised) {_PERSON}[:,]?\s+(?P<what>.+)", re.IGNORECASE)),
    (Direction.OWED, re.compile(rf"{_PERSON} (?:owes|promised) me[:,]?\s+(?P<what>.+)", re.IGNORECASE)),
)
_NOTHING = re.compile(r"(?:nothing|no)\b", re.IGNORECASE)
_PRIORITY = r"(?<![\w-])[\[(]?prio(?:rity)?::?\s*{word}\b[\])]?"
_URGENCIES = tuple(
    (urgency, re.compile(rf"{marks}|{_PRIORITY.format(word=word)}", re.IGNORECASE))
    for urgency, marks, word in (
        (
            Urgency.HIGH,
            r"(?<!\S)!{1,3}(?!\S)|(?<!\S)#(?:urgent|high)(?![\w/-])|[⏫🔺]\ufe0f?",
            "(?:high|urgent)",
        ),
        (Urgency.MEDIUM, r"(?<!\S)#medium(?![\w/-])|🔼\ufe0f?", "medium"),
        (Urgency.LOW, r"(?<!\S)#low(?![\w/-])|[🔽⏬]\ufe0f?", "low"),
    )
)

Told = GivenPriority | GivenCommitment | Finding


@dataclass
class Reader:
    """Reads the lines of one note, `file` being its name, which was written on `day`.

    `saved` tells that the day is only that of the last change, by which a relative date moves.
    """

    file: str
    day: date
    saved: bool
    zone: tzinfo
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
            why = f"its relative dates count from {self.day}, when it was last saved: give it a date"
            yield Finding(Kind.NOTE, self.file, why)

    def _enter(self, heading: Heading) -> None:
        while self._under and self._under[-1][0].level >= heading.level:
            self._under.pop()
        above = self._under[-1][1] if self._under else None
        self._under.append((heading, own_date(heading.text) or above))

    def _line(self, line: Said) -> Iterator[Told]:
        for direction, form in _PROMISES:
            if promise := form.fullmatch(line.text):
                if line.box is not Box.DONE and not _NOTHING.match(promise["what"]):
                    yield from self._commitment(line, direction, promise["who"], promise["what"])
                return
        if line.box is Box.OPEN:
            yield from self._priority(line)

    def _priority(self, line: Said) -> Iterator[Told]:
        urgency, text = _urgency(line.text)
        found = self._due(text)
        yield from self._remarks(line, found)
        yield GivenPriority(
            id=self._id("task", line.text),
            title=self._fit(found.rest or line.text),
            description=self._place(),
            urgency=urgency,
            due_date=found.at,
            evidence=self._evidence(line),
        )

    def _commitment(self, line: Said, direction: Direction, who: str, what: str) -> Iterator[Told]:
        found = self._due(what)
        yield from self._remarks(line, found)
        yield GivenCommitment(
            id=self._id(direction, line.text),
            description=self._fit(found.rest or what),
            assignee=shown(who, PERSON_MAX),
            due_date=found.at,
            direction=direction,
            evidence=self._evidence(line),
        )

    def _due(self, text: str) -> Due:
        day = self._under[-1][1] if self._under else None
        found = due(text, day or self.day, self.zone)
        self._moves = self._moves or (found.relative and day is None and self.saved)
        return found

    def _remarks(self, line: Said, found: Due) -> Iterator[Finding]:
        where = f"{self.file}:{line.line}"
        if found.doubt:
            yield Finding(Kind.NOTE, where, f"{shown(found.doubt)}, so it has no due date")
        if len(found.rest) > TITLE_MAX:
            yield Finding(Kind.NOTE, where, f"it is cut after {TITLE_MAX} characters")

    def _id(self, kind: str, words: str) -> str:
        return self._twins.number(stable_id(self.file, kind, words))

    def _place(self) -> str:
        heading = f": {self._under[-1][0].text}" if self._under else ""
        return shown(f"{self.file}{heading}", FILE_MAX)

    def _fit(self, text: str) -> str:
        return shown(text, TITLE_MAX)

    def _evidence(self, line: Said) -> Evidence:
        return Evidence(file=shown(self.file, FILE_MAX), line=line.line, quote=line.quote)


def _urgency(text: str) -> tuple[Urgency, str]:
    """How urgent the marks in the text make it, the highest counting, and the text without them."""
    told = [urgency for urgency, marks in _URGENCIES if marks.search(text)]
    for _, marks in _URGENCIES:
        text = marks.sub(" ", text)
    return (told[0] if told else Urgency.MEDIUM), " ".join(text.split())

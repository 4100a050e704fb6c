"""What a note says is to be done, as priorities and commitments, each with the words that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, tzinfo

from collectors.actions.forms import Form
from collectors.actions.item import Found
from collectors.actions.markup import State, plain
from collectors.actions.mine import Me
from collectors.identity import Twins, stable_id, words_of
from collectors.texts import one_line, shown
from collectors.types import Finding, Kind
from models.commitments import Direction, GivenCommitment
from models.evidence import Evidence
from models.priorities import GivenPriority

TITLE_MAX, PERSON_MAX = 500, 320
FILE_MAX = 1_000


@dataclass(frozen=True)
class Unnamed:
    """An item whose id depends on what else is there: its `names` from wide to narrow, the ids that earlier
    versions gave it, and the day that it is from. What is done has a name, and is no item."""

    item: GivenPriority | GivenCommitment | None
    names: tuple[str, ...]
    legacy: tuple[str, ...]
    day: date


@dataclass(frozen=True)
class Likely:
    """What only may be to be done: no item yet."""

    found: Found


Told = Unnamed | Likely | Finding


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
class Items:
    """Makes items of what one note says; `me` is whose board it is for."""

    note: Note
    me: Me
    _twins: Twins = field(default_factory=Twins)

    def told(self, found: Iterable[Found]) -> Iterator[Told]:
        """What the board should know, in the order of the lines."""
        moves = False
        for one in found:
            if one.sure:
                moves = moves or (one.due.relative and not one.dated and self.note.saved)
                yield from self._item(one)
            elif one.state is State.OPEN:
                yield Likely(one)
        if moves:
            why = f"its relative dates count from {self.note.day}, when it was last saved: give it a date"
            yield Finding(Kind.NOTE, self.note.file, why)

    def _item(self, found: Found) -> Iterator[Told]:
        direction = found.direction
        if direction is None and found.who and not self.me.is_one_of(found.who):
            direction = Direction.OWED
        item: GivenPriority | GivenCommitment | None = None
        if found.state is State.OPEN:
            yield from self._remarks(found)
            item = self._priority(found) if direction is None else self._commitment(found, direction)
        said = [found.bare]
        said += [found.due.at or ""] if found.recurs else []
        kind = "task" if direction is None else str(direction)
        who = () if direction is None else found.who
        yield Unnamed(item, self._names(found, kind, *who, *said), self._legacy(found), found.day)

    def _priority(self, found: Found) -> GivenPriority:
        return GivenPriority(
            id="-",
            title=shown(found.text, TITLE_MAX),
            description=self._place(found),
            urgency=found.urgency,
            due_date=found.due.at,
            evidence=self._evidence(found),
        )

    def _commitment(self, found: Found, direction: Direction) -> GivenCommitment:
        return GivenCommitment(
            id="-",
            description=shown(found.text, TITLE_MAX),
            assignee=shown(", ".join(found.who), PERSON_MAX),
            due_date=found.due.at,
            direction=direction,
            evidence=self._evidence(found),
        )

    def _names(self, found: Found, kind: str, *said: str) -> tuple[str, ...]:
        what = (kind, *map(words_of, said))
        return (
            stable_id("what", *what),
            stable_id("note", self.note.title, *what),
            stable_id("place", self.note.file, *found.headings, *what),
        )

    def _legacy(self, found: Found) -> tuple[str, ...]:
        """The id of earlier versions: the file, and the whole line, of an open task or a promise."""
        if found.box not in (None, " ") or found.quoted or found.state is not State.OPEN:
            return ()
        if found.form not in (Form.BOX, Form.PROMISE):
            return ()
        kind = "task" if found.direction is None else str(found.direction)
        return (self._twins.number(stable_id(self.note.file, kind, one_line(plain(found.raw)))),)

    def _remarks(self, found: Found) -> Iterator[Finding]:
        where = f"{self.note.file}:{found.line}"
        if found.due.doubt:
            yield Finding(Kind.NOTE, where, f"{shown(found.due.doubt)}, so it has no due date")
        if len(found.text) > TITLE_MAX:
            yield Finding(Kind.NOTE, where, f"it is cut after {TITLE_MAX} characters")

    def _place(self, found: Found) -> str:
        heading = f": {found.headings[-1]}" if found.headings else ""
        return shown(f"{self.note.file}{heading}", FILE_MAX)

    def _evidence(self, found: Found) -> Evidence:
        return Evidence(file=shown(self.note.file, FILE_MAX), line=found.line, quote=found.quote)

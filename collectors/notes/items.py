"""What a note says is to be done, as priorities and commitments, each with the words that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from pathlib import PurePath
from typing import Literal

from collectors.actions.board import (
    Item,
    item_of,
    remarks,
    same_request,
    same_task,
    task_before,
    task_of,
    wanted,
)
from collectors.actions.forms import Form
from collectors.actions.item import Found
from collectors.actions.markup import State, plain
from collectors.actions.mine import Me
from collectors.identity import Twins, stable_id, words_of
from collectors.proposals import to_add
from collectors.texts import one_line, shown
from collectors.types import Finding, Kind
from models.commitments import Direction
from models.evidence import Evidence
from models.proposals import GivenProposal

FILE_MAX = 1_000  # the server's bound (models.evidence)
_LIKELY = 60  # doubt; a date and a name each take 10 off
_RECENT = timedelta(days=60)
"""What is likely in older notes is less so to be open still."""


@dataclass(frozen=True)
class Unnamed:
    """An item whose id depends on what else is there: its `names` from wide to narrow, the ids that earlier
    versions gave it, and the day that it is from. What is done has a name, and is no item."""

    item: Item | None
    names: tuple[str, ...]
    legacy: tuple[str, ...]
    day: date


@dataclass(frozen=True)
class Likely:
    """What only may be to be done, by a text of this day."""

    proposal: GivenProposal
    day: date


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
    now: datetime
    _twins: Twins = field(default_factory=Twins)

    def told(self, found: Iterable[Found]) -> Iterator[Told]:
        """What the board should know, in the order of the lines."""
        moves = False
        for one in found:
            if one.sure:
                moves = moves or (one.due.relative and not one.dated and self.note.saved)
                yield from self._item(one)
            elif one.state is State.OPEN:
                yield Likely(self._proposal(one), one.day)
        if moves:
            why = f"its relative dates count from {self.note.day}, when it was last saved: give it a date"
            yield Finding(Kind.NOTE, self.note.file, why)

    def _item(self, found: Found) -> Iterator[Told]:
        direction = found.direction
        if direction is None and found.who and not self.me.is_one_of(found.who):
            direction = Direction.OWED
        item: Item | None = None
        if found.state is State.OPEN:
            yield from remarks(found, f"{self.note.file}:{found.line}")
            item = item_of(found, direction, found.who, self._evidence(found), self._place(found))
        what = same_task(found, direction, found.who)
        before = task_before(found, direction, found.who)
        former = self._names(found, before)[:1] if before != what else ()
        yield Unnamed(item, self._names(found, what), (*former, *self._legacy(found)), found.day)

    def _proposal(self, found: Found) -> GivenProposal:
        """`add owed Bo: the numbers by 2026-12-01`."""
        word, who = self._whose(found)
        asked = found.form is Form.ASKED
        names = ", ".join(found.who) or "somebody"
        why = "it is asked for" if asked else f"it says that {names} will do it"
        doubt = _LIKELY - 10 * bool(found.due.at) - 10 * bool(found.who) + 10 * asked
        age = self.now.date() - found.day
        doubt += 0 if age < _RECENT else 20
        id, before = self._proposed(found)
        return GivenProposal(
            id=id,
            formerly=(before,) if before != id else (),
            line=to_add(word, wanted(found), who, found.due.at),
            why=shown(why),
            doubt=doubt,
            evidence=self._evidence(found),
            task=None if word == "priority" else task_of(same_request(found, word, ""), who, found.day),
        )

    def _proposed(self, found: Found) -> tuple[str, str]:
        """The id of a proposal, and that of earlier versions: what was decided on it stays while it is the
        same task of the same meeting to a person, wherever it stands and whatever its file is called."""
        title = "" if self.note.title == PurePath(self.note.file).stem else self.note.title
        meeting = found.day.isoformat() if found.dated else ""
        who = tuple(map(words_of, found.who))
        now, before = same_task(found, found.direction, ()), task_before(found, found.direction, ())
        return (
            stable_id("proposal", title, meeting, *now, *who),
            stable_id("proposal", title, meeting, *before, *who),
        )

    def _whose(self, found: Found) -> tuple[Literal["priority", "owe", "owed"], str]:
        who = ", ".join(found.who)
        if found.direction is not None:
            return found.direction.value, who
        return ("owed", who) if found.who and not self.me.is_one_of(found.who) else ("priority", "")

    def _names(self, found: Found, what: Sequence[str]) -> tuple[str, ...]:
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

    def _place(self, found: Found) -> str:
        heading = f": {found.headings[-1]}" if found.headings else ""
        return shown(f"{self.note.file}{heading}", FILE_MAX)

    def _evidence(self, found: Found) -> Evidence:
        return Evidence(file=shown(self.note.file, FILE_MAX), line=found.line, quote=found.quote)

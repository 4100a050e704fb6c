"""Proposals: what a source considers likely, and a person approves, changes or drops."""

from __future__ import annotations

import hashlib
from typing import Annotated

from pydantic import AfterValidator, Field

from models.base import (
    AnyId,
    CodedItem,
    Label,
    Lax,
    Line,
    Percent,
    Seq,
    Target,
    Wire,
    some_words,
)
from models.batch import GivenItem, Items, Put
from models.command import Named
from models.day import Day
from models.evidence import Evidence
from models.links import without_entry

Who = Annotated[Line, Field(max_length=320)]
Words = Annotated[Line, AfterValidator(some_words), AfterValidator(without_entry)]


class Subject(Wire):
    """The item that a line changes: `id` as its section has it, or as the source itself calls it."""

    section: Label
    id: AnyId


class SeenSubject(Subject):
    """The same, as on the board: its code, and the position at which the proposal was made."""

    code: str
    seen: Seq


class Task(Wire):
    """What is asked for or promised: by it the board knows what other texts and sources say again.

    `mark` stands for what is to be done, and is the same in all sources; `who` is the other person, as
    written or, on the board, by their name; `day` is when the text says so.
    """

    mark: Label
    who: Who = ""
    day: Day


class Proposal(CodedItem):
    """What would be done (`line`), why, by which `source`, and the text that it is based on.

    `doubt` is 0 if nearly certain and 100 for a guess; the least doubtful come first. `about` is the
    item that the line changes, null if it adds one. `at` is when it was first proposed, `since_s` the same
    in seconds of the server's running time, by which it expires. `expires_at` is when that is if the server
    runs until then: the time that it is stopped does not count.
    """

    line: str
    why: str
    doubt: int = 50
    about: SeenSubject | None = None
    evidence: Evidence
    task: Task | None = None
    same_as: str | None = None
    at: str = ""
    since_s: int = 0
    expires_at: str | None = None

    def remembered(self) -> tuple[str, ...]:
        """Its id, and its task."""
        return (self.id, *(() if self.task is None else (task_name(self.task, self.task.day),)))


def task_name(task: Task, day: str) -> str:
    """How the task is remembered, said on that day: short, since a source keeps many."""
    words = f"{task.mark}\n{' '.join(task.who.casefold().split())}".encode()
    return f"said/{day}/{hashlib.sha256(words).hexdigest()[:16]}"


class GivenProposal(GivenItem):
    """A proposal as its source states it. Its `id` is made from the evidence, not from things that may change
    while that stays the same: people's decision about the id is final.

    `line` is one command: `add owed Bo: the numbers by 2026-12-01`; or, with `about`, a change of that item,
    without its code: `complete`, `snooze 2026-12-01`, `update Send the numbers`. `task` says what is to be
    done to those who may say it, too: what has the same task within 14 days repeats it.
    """

    section = "proposals"
    noun = "proposal"

    line: Words
    why: Words
    doubt: Percent = 50
    about: Subject | None = None
    evidence: Evidence
    task: Task | None = None


class PutProposals(Put):
    """A batch of proposals; each is validated by itself."""

    items: Items[GivenProposal]


class ProposalFields(Wire):
    """What an edit may set: the whole line, with the code of the item that it changes, if any."""

    line: Words


class EditProposal(Target):
    """A person's change of a proposal; the source no longer overwrites the fields that it sets."""

    set: ProposalFields


class Approved(Wire):
    """The line's result: the items that it added or changed, as they are afterwards."""

    items: Annotated[tuple[Named, ...], Lax]


class ProposalsState(Wire):
    """The section in a snapshot: the least doubtful first."""

    proposals: Annotated[tuple[Proposal, ...], Lax]

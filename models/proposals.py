"""Proposals: what a source considers likely, and a person approves, changes or drops."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from models.base import AnyId, CodedItem, Label, Lax, Line, Percent, Seq, Target, Wire, some_words
from models.batch import GivenItem, Items, Put
from models.command import Named
from models.evidence import Evidence
from models.links import without_entry

Words = Annotated[Line, AfterValidator(some_words), AfterValidator(without_entry)]


class Subject(Wire):
    """The item that a line changes: `id` as its section has it, or as the source itself calls it."""

    section: Label
    id: AnyId


class SeenSubject(Subject):
    """The same, as on the board: its code, and the position at which the proposal was made."""

    code: str
    seen: Seq


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
    at: str = ""
    since_s: int = 0
    expires_at: str | None = None


class GivenProposal(GivenItem):
    """A proposal as its source states it. Its `id` is made from the evidence, not from things that may change
    while that stays the same: people's decision about the id is final.

    `line` is one command: `add owed Bo: the numbers by 2026-12-01`; or, with `about`, a change of that item,
    without its code: `complete`, `snooze 2026-12-01`, `update Send the numbers`.
    """

    section = "proposals"
    noun = "proposal"

    line: Words
    why: Words
    doubt: Percent = 50
    about: Subject | None = None
    evidence: Evidence


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

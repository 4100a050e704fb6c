"""Commands: the line that a person types, its result, and its completions."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from models.ack import AckError
from models.base import Lax, Op, Seq, Wire, Writes
from models.history import Told
from models.search import NamedHit, NamedRecord, Record

MAX_SENT = 1_000_000  # characters: a longer line is refused with a place, not by the model (grammar.MAX_LINE)

CommandLine = Annotated[str, Field(max_length=MAX_SENT)]
"""The server's own limit is lower: between the two, a line is refused with the place where it is too long."""


class RunCommand(Writes):
    """One line of one or more steps; `dry` reports what it would do, without doing it."""

    text: CommandLine
    seen: Seq | None = None
    dry: bool = False


class UndoCommand(Writes):
    """Undoes a line; `of` is the handle that its ack gave as `undo`."""

    of: Op


class SuggestCommand(Wire):
    """The line as typed so far."""

    text: CommandLine


class StepStatus(StrEnum):
    """A step after the one that failed is `skipped`; with `dry`, what would be done is `planned`."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    PLANNED = "planned"


class Named(Wire):
    """An item of a step, by all its names; `title` is what a person reads first."""

    section: str
    id: str
    code: str | None
    title: str


class CommandHelp(Wire):
    """One command of the table; `also` lists the other words for it."""

    command: str
    usage: str
    help: str
    also: Annotated[tuple[str, ...], Lax]


class StepData(Wire):
    """`items`: the step's items, as they are afterwards (removed ones as they were before).
    `until`: the instant that a time meant. `set`: the field that was set, as it is now, or what `add` read
    in its text. `line`: the line
    undone.
    `commands`: the answer of `help`. `system` and `counts` (items by section), `sources_online` and
    `faults` (sources that are not up to date): the answer of `status`.
    `run` and `sources`: the collection that was started, and the sources asked. `text`: the brief
    made, or where the answer to an invitation goes.
    `hits` and `total` (with `at_least` there may be more), and the rest of `search:query`'s reply: that of
    `search`. `changes`, since `seen_at` (null at a first visit), with `complete`: the answer of `changes`.
    `rests_on`: the records that the brief made quotes, by their names for `show`. `record`: the answer of
    `show`."""

    items: Annotated[tuple[Named, ...], Lax] | None = None
    until: str | None = None
    set: dict[str, Any] | None = None
    line: str | None = None
    commands: Annotated[tuple[CommandHelp, ...], Lax] | None = None
    system: dict[str, Any] | None = None
    counts: dict[str, int] | None = None
    sources_online: int | None = None
    faults: Annotated[tuple[dict[str, Any], ...], Lax] | None = None
    text: str | None = None
    hits: Annotated[tuple[NamedHit, ...], Lax] | None = None
    total: int | None = None
    at_least: Literal[True] | None = None
    ranked: Literal["relevance", "newest"] | None = None
    partial: Literal[True] | None = None
    left_out: int | None = None
    changes: Annotated[tuple[Told, ...], Lax] | None = None
    seen_at: str | None = None
    complete: bool | None = None
    run: int | None = None
    sources: Annotated[tuple[str, ...], Lax] | None = None
    rests_on: Annotated[tuple[NamedRecord, ...], Lax] | None = None
    record: Record | None = None


class Step(Wire):
    """One step as typed, and its result."""

    command: str
    status: Annotated[StepStatus, Lax]
    data: StepData | None = None
    error: AckError | None = None


class LineDone(Wire):
    """A line's result; `undo` is the handle to undo it, if it changed something."""

    steps: Annotated[tuple[Step, ...], Lax]
    undo: str | None = None


class Suggestion(Wire):
    """`text` is the whole line, completed; `help` says what the word does or which item the code means."""

    text: str
    help: str


class Suggestions(Wire):
    """The likeliest first."""

    suggestions: Annotated[tuple[Suggestion, ...], Lax]

"""Sources: who feeds the board, how fresh each one is, and the result of its newest run."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from models.base import (
    MAX_SAFE_INT,
    Few,
    Item,
    Label,
    Lax,
    Line,
    Mark,
    Percent,
    Run,
    SourceName,
    Wire,
    Writes,
)


class SourceStatus(StrEnum):
    """`online` while it reports in time; `stale` if it missed its time, `offline` if its
    connection dropped, `error` if its newest run failed."""

    ONLINE = "online"
    STALE = "stale"
    OFFLINE = "offline"
    ERROR = "error"


class Mode(StrEnum):
    """What a run delivers: `quick` what is new, `full` everything."""

    QUICK = "quick"
    FULL = "full"


class RunStatus(StrEnum):
    """The state of a run: `asked` by a collection, `running` from its first progress on."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


GOING_ON = frozenset({RunStatus.ASKED, RunStatus.RUNNING})

Modes = Annotated[tuple[Annotated[Mode, Lax], ...], Few(len(Mode))]
Counts = Annotated[
    dict[Label, Annotated[int, Field(ge=0, le=MAX_SAFE_INT)]],
    Field(max_length=32),
]
"""What a run delivered, in the collector's own terms: {"events": 12}."""
Sections = Annotated[tuple[Label, ...], Few(16)]
Seconds = Annotated[int, Field(ge=1, le=365 * 86_400)]


class Source(Item):
    """One collector as the board shows it.

    `ttl_s`      without a push for this long it is stale; `cadence_s` is how often it intends to push
    `modes`      what it can be asked to collect while it is connected
    `writes`     sections of which it writes to where they come from what people decided
    `items`      how many it owns; `records` how many of its records can be searched
    `run`        the newest run seen, since `run_at`; `percent` and `counts` are of that run
    `heard_at`   when it last reported progress of that run
    `heard_ms`   when it was last heard from, and `pushed_ms` when it last pushed, by a clock that never jumps
    `last_hash`  the mark that its last good run left for the next
    `dismissed`  items that people dropped, as `section/id`: gone until the source no longer has them
    """

    status: Annotated[SourceStatus, Lax] = SourceStatus.ONLINE
    last_push_at: str | None = None
    ttl_s: int | None = None
    cadence_s: int | None = None
    modes: Modes = ()
    writes: Sections = ()
    items: int = 0
    records: int = 0
    run: int | str | None = None
    run_at: str | None = None
    heard_at: str | None = None
    heard_ms: int | None = None
    pushed_ms: int | None = None
    run_status: Annotated[RunStatus, Lax] | None = None
    percent: int = 0
    counts: dict[str, int] | None = None
    message: str | None = None
    last_hash: str | None = None
    dismissed: Annotated[tuple[str, ...], Lax] = ()


class Hello(Writes):
    """A source starts a run: from now on its older runs are refused.

    With `modes` the connection stays and answers `source:collect`; without, another one still may. A source
    that is new takes over the items of the first of `formerly`, its earlier names, that the board knows.
    `writes` names sections of which it writes to where they come from what people decided.
    `visible_to` makes it private: nobody but these persons, by the names of their tokens, sees what it has.
    """

    ttl_s: Seconds
    cadence_s: Seconds | None = None
    modes: Modes | None = None
    writes: Sections = ()
    formerly: Annotated[tuple[SourceName, ...], Few(8)] = ()
    visible_to: Annotated[tuple[Label, ...], Few(100)] | None = None


class Welcome(Wire):
    """The number of the new run, the mark that the last good one left, and the names and
    addresses of the person the board is for."""

    run: int
    last_hash: str | None = None
    me: Annotated[tuple[str, ...], Lax] = ()


class RunProgress(Writes):
    """The progress of the run; the first one says that it has begun. A message at 0 percent does not take the
    place of why the last run failed."""

    run: Run
    percent: Percent
    message: Line | None = None


class FinishRun(Writes):
    """The run is over: `error` says why it failed, `message` what people should know although it went well;
    `hash` is any mark, returned at the next hello; `records` is the `held` of its last `records:put`."""

    run: Run
    ok: bool
    counts: Counts | None = None
    error: Line | None = None
    message: Line | None = None
    hash: Mark | None = None
    records: Annotated[int, Field(ge=0, le=MAX_SAFE_INT)] | None = None


class ForgetSource(Writes):
    """A source that no longer exists: it is removed with its items. If it pushes again, it is a new one."""

    source: SourceName


class SourcesState(Wire):
    """The section in a snapshot: sorted by id."""

    sources: Annotated[tuple[Source, ...], Lax]


class Collect(Wire):
    """The server asks a source for a run; `since` is its last push. The source acks at once, and reports on
    the run by `source:progress` and `source:finish`."""

    run: int
    mode: Annotated[Mode, Lax]
    since: str | None = None


class CollectRefusal(Wire):
    """Why the source does not start: a sentence for people."""

    message: Line


class CollectAnswer(Wire):
    """The source's ack: whether it starts the run."""

    ok: bool
    error: CollectRefusal | None = None

"""Requests on their way through the hub: one job each, and the batch that they run in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from models.base import Personal
from models.batch import Put
from sio_server import garbage
from sio_server.hub.outcome import Outcome
from sio_server.hub.speculation import RecordedView, Speculation
from sio_server.log.base import Entry, OpKey, OpRecord
from sio_server.registry.ops import LineRecord
from sio_server.registry.registry import Context, Delta, Request, View
from sio_server.registry.roles import SERVER, Principal
from sio_server.state.commit import Commit
from sio_server.state.draft import Draft
from sio_server.state.state import Effect
from sio_server.tracing import Span

LARGE = 500
"""Items. Above this, a rule or freeing its garbage blocks other threads noticeably (decision 28)."""


@dataclass(slots=True)
class Job:
    """A request on its way through the hub; a barrier (no `request`) only waits for its turn.

    `speculation`  the result of a large request's rule, if it ran before its turn
    `size`         of its messages, in characters
    `lane`         whose it is: the order of one lane's jobs is kept, and each has its share (hub.waiting)
    `begun`        the store's thread has started it: it may be done, whatever its client is told
    """

    done: Callable[[Outcome], None]
    request: Request | None = None
    payload: Any = None
    raw: Any = None
    principal: Principal = SERVER
    lane: Hashable = None
    size: int = 0
    cancelled: bool = False
    begun: bool = False
    prefetched: Any = None
    span: Span | None = None
    speculation: Speculation | None = None

    @property
    def is_large(self) -> bool:
        """Whether its rule runs before its turn, and its turn in small steps."""
        return isinstance(self.payload, Put) and len(self.payload.items) > LARGE

    def cancel(self) -> bool:
        """Cancels the job; returns whether it is certain not to be done. The store's thread sets `begun`
        before it reads `cancelled`, so one of the two sees the other."""
        self.cancelled = True
        return not self.begun

    def speculate(self, recorded: RecordedView, view: View, ctx: Context) -> None:
        """Runs its rule on the view, which looks at the recorded one; if that fails, the rule runs again in
        its turn, which reports the error."""
        assert self.request is not None
        assert self.request.rule is not None
        with garbage.in_small_steps(), suppress(Exception):
            if not self.cancelled:
                self.speculation = Speculation(self.request.rule(view, self.payload, ctx), recorded)
        if self.cancelled:  # meanwhile
            self.free_speculation()

    def take_speculation(self, draft: Draft) -> Delta | None:
        """The speculative result of its rule, if still valid; only once, because applying empties it."""
        speculation = self.speculation
        if speculation is None:
            return None
        if not speculation.view.still_holds(draft):
            self.free_speculation()
            return None
        self.speculation = None
        return speculation.delta

    def free_speculation(self) -> None:
        """Frees the speculative result, a little at a time. Not for the event loop."""
        speculation, self.speculation = self.speculation, None
        if speculation is not None:
            garbage.free(speculation.delta.ops)


Done = tuple[Commit, list[Effect]]


@dataclass(frozen=True, slots=True)
class JobResult:
    """A job's result: `line_record` if it was a person's line, `once` if its op is to be stored."""

    outcome: Outcome
    done: Done | None = None
    line_record: LineRecord | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The entries to append, and each job's outcome."""

    entries: list[Entry]
    outcomes: list[tuple[Job, Outcome, Done | None]]


class Batch:
    """A batch while its jobs run."""

    def __init__(self, draft: Draft, now: datetime) -> None:
        self.draft = draft
        self.now = now
        self.result = BatchResult([], [])
        self.known: dict[tuple[str, str], OpRecord] = {}

    def add(self, job: Job, result: JobResult, key: OpKey | None) -> None:
        self.result.outcomes.append((job, result.outcome, result.done))
        key = key if result.once else None
        record = None if result.line_record is None else (job.principal.person, result.line_record)
        profiles, news = result.outcome.profiles, result.outcome.news
        if result.done is None and key is None and record is None and not profiles and not news:
            return
        commit, effects = result.done or (None, ())
        ack = None if key is None else result.outcome.ack
        self.result.entries.append(Entry(commit, effects, key, ack, record, profiles, news))
        if key is not None:
            self.known[key.principal, key.op] = OpRecord(key.fingerprint, result.outcome.ack)


class DraftBroken(Exception):
    """A job failed after its changes had entered the draft, which is now inconsistent."""

    def __init__(self, job: Job, outcome: Outcome) -> None:
        super().__init__()
        self.job = job
        self.outcome = outcome


def op_key(job: Job) -> OpKey | None:
    """The key by which a repeat of the job is recognized; None if it has no op."""
    op = getattr(job.payload, "op", None)
    if op is None or job.request is None:
        return None
    said = job.raw
    if isinstance(job.payload, Put):  # the same items, even when sent again in another run
        said = {name: value for name, value in job.raw.items() if name != "run"}
    sent = orjson.dumps([job.request.event, said], option=orjson.OPT_SORT_KEYS)
    who = job.principal
    return OpKey(
        who.whose if isinstance(job.payload, Personal) else who.key, op, hashlib.sha256(sent).hexdigest()
    )

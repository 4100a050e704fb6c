"""Requests on their way through the hub: a job each, and the batch that they are worked out in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from models.batch import Put
from sio_server import garbage
from sio_server.hub.outcome import Outcome
from sio_server.hub.speculation import Early, Glimpse
from sio_server.log.base import Entry, OpKey, OpRecord
from sio_server.registry.ops import LineRecord
from sio_server.registry.registry import Call, Context, Delta, Request
from sio_server.registry.roles import SERVER, Principal
from sio_server.state.commit import Commit
from sio_server.state.draft import Draft
from sio_server.state.state import Effect

LARGE = 500
"""With more items than that, others would feel that a rule runs, or that its leavings are freed at once."""


@dataclass(slots=True)
class Job:
    """A request on its way through the hub; a barrier (no `request`) only waits for its turn.

    `early`  what the rule of a large one gave before its turn
    """

    done: Callable[[Outcome], None]
    request: Request | None = None
    payload: Any = None
    raw: Any = None
    principal: Principal = SERVER
    cancelled: bool = False
    found: Any = None
    early: Early | None = None

    @property
    def is_large(self) -> bool:
        """Whether its rule is to run before its turn, and its turn is to be taken in small steps."""
        return isinstance(self.payload, Put) and len(self.payload.items) > LARGE

    def run_early(self, glimpse: Glimpse, ctx: Context) -> None:
        """Runs its rule; when that fails, it runs in its turn, which also tells what is wrong."""
        assert self.request is not None
        assert self.request.rule is not None
        with garbage.in_small_steps(), suppress(Exception):
            if not self.cancelled:
                self.early = Early(self.request.rule(glimpse, self.payload, ctx), glimpse)
        if self.cancelled:  # meanwhile
            self.free_early()

    def take_early(self, draft: Draft) -> Delta | None:
        """What its rule gave early, if that still holds; once, for what is applied is taken apart."""
        early = self.early
        if early is None or not early.glimpse.is_still_so(draft):
            self.free_early()
            return None
        self.early = None
        return early.delta

    def free_early(self) -> None:
        """Lets go of what its rule gave early, a little at a time. Not for the event loop."""
        early, self.early = self.early, None
        if early is not None:
            garbage.free(early.delta.ops)


Done = tuple[Commit, list[Effect]]


@dataclass(frozen=True, slots=True)
class Result:
    """How a job went: `ran` when it was a person's line, `once` when its op is to be kept."""

    outcome: Outcome
    done: Done | None = None
    ran: LineRecord | None = None
    once: bool = False
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Worked:
    """What a batch came to: what is to be appended, and every job's outcome."""

    entries: list[Entry]
    outcomes: list[tuple[Job, Outcome, Done | None]]
    calls: list[Call]


class Batch:
    """A batch while it is worked out."""

    def __init__(self, draft: Draft, now_s: float) -> None:
        self.draft = draft
        self.now_s = now_s
        self.worked = Worked([], [], [])
        self.known: dict[tuple[str, str], OpRecord] = {}

    def add(self, job: Job, result: Result, key: OpKey | None) -> None:
        self.worked.outcomes.append((job, result.outcome, result.done))
        self.worked.calls.extend(result.calls)
        key = key if result.once else None
        ran = None if result.ran is None else (job.principal.person, result.ran)
        if result.done is None and key is None and ran is None:
            return
        commit, effects = result.done or (None, ())
        ack = None if key is None else result.outcome.ack
        self.worked.entries.append(Entry(commit, effects, key, ack, ran))
        if key is not None:
            self.known[key.principal, key.op] = OpRecord(key.fingerprint, result.outcome.ack)


class Spoilt(Exception):
    """The job broke after its changes were in the draft."""

    def __init__(self, job: Job, outcome: Outcome) -> None:
        super().__init__()
        self.job = job
        self.outcome = outcome


def op_key(job: Job) -> OpKey | None:
    """What a repeat of the job is known by; None when it has no op."""
    op = getattr(job.payload, "op", None)
    if op is None or job.request is None:
        return None
    said = job.raw
    if isinstance(job.payload, Put):  # the same items, though sent again in another run
        said = {name: value for name, value in job.raw.items() if name != "run"}
    sent = orjson.dumps([job.request.event, said], option=orjson.OPT_SORT_KEYS)
    return OpKey(job.principal.key, op, hashlib.sha256(sent).hexdigest())

"""The one write path: rules in arrival order, one append for a batch, then memory, patches, acks.

While a batch is worked out and written on the store's thread, the next one gathers. A rule sees the
state as left by the rules before it. Only after the append has returned are the commits taken into
memory, sent out in seq order and acked; when it fails, nothing of the batch is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import orjson

from models.ack import ErrorCode, Retry
from models.base import Writes, format_instant
from sio_server.clock import Clock
from sio_server.commit import Commit
from sio_server.draft import Draft
from sio_server.errors import Refusal, draining
from sio_server.log import Entry, Log, LogError, OpKey, OpRecord
from sio_server.metrics import Metrics
from sio_server.outcome import Outcome, failed, refused
from sio_server.registry import Context, Delta, Principal, Ran, Registry, Request, Role
from sio_server.view import Effect, State, encode

MAX_BATCH = 128
TURN_S = 0.002
TURN_BYTES = 64 << 10
SERVER = Principal("server", "server", Role.ADMIN)

log = logging.getLogger("adjutant.hub")


@dataclass(slots=True)
class Job:
    """A request on its way through the hub; a barrier (no `request`) only waits for its turn."""

    done: Callable[[Outcome], None]
    request: Request | None = None
    payload: Any = None
    raw: Any = None
    principal: Principal = SERVER
    cancelled: bool = False
    found: Mapping[str, Any] = field(default_factory=dict)


Done = tuple[Commit, Sequence[Effect]]


@dataclass(frozen=True, slots=True)
class _Result:
    """How a job went: `ran` when it was a person's line, `once` when its op is to be kept."""

    outcome: Outcome
    done: Done | None = None
    ran: Ran | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class _Worked:
    """What a batch came to: what is to be appended, and every job's outcome."""

    entries: list[Entry]
    outcomes: list[tuple[Job, Outcome, Done | None]]


class _Batch:
    """A batch while it is worked out."""

    def __init__(self, draft: Draft, now_s: float) -> None:
        self.draft = draft
        self.now_s = now_s
        self.worked = _Worked([], [])
        self.known: dict[tuple[str, str], OpRecord] = {}

    def add(self, job: Job, result: _Result, key: OpKey | None) -> None:
        self.worked.outcomes.append((job, result.outcome, result.done))
        key = key if result.once else None
        ran = None if result.ran is None else (job.principal.person, result.ran)
        if result.done is None and key is None and ran is None:
            return
        commit, effects = result.done or (None, ())
        ack = None if key is None else result.outcome.ack
        self.worked.entries.append(Entry(commit, effects, key, ack, ran))
        if key is not None:
            self.known[key.principal, key.op] = OpRecord(key.fingerprint, result.outcome.ack)


class _Spoilt(Exception):
    """The job broke after its changes were in the draft."""

    def __init__(self, job: Job, outcome: Outcome) -> None:
        super().__init__()
        self.job = job
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What rules depend on besides the state."""

    tz: tzinfo
    important_words: frozenset[str]


class Hub:
    """Takes jobs in, calls `publish` with commits in seq order, and `done` of each job after."""

    def __init__(
        self,
        registry: Registry,
        state: State,
        durable: Log,
        publish: Callable[[Sequence[Commit]], None],
        settings: RuleSettings,
        clock: Clock,
        metrics: Metrics,
        on_crash: Callable[[], None] = lambda: None,
    ) -> None:
        self.registry = registry
        self.state = state
        self.log = durable
        self._publish = publish
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._queue: deque[Job] = deque()
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._task: asyncio.Task[None] | None = None
        self._draining = False
        self.crashed = False
        self._on_crash = on_crash

    @property
    def queued(self) -> int:
        """Jobs that wait for the next batch."""
        return len(self._queue)

    def start(self) -> None:
        """Begins to take jobs."""
        self._task = asyncio.create_task(self._run(), name="hub")

    def submit(self, job: Job) -> None:
        """Queues the job; `job.done` is called exactly once, in the order of submission."""
        if self._draining:
            job.done(refused(draining()))
            return
        self._queue.append(job)
        self._wake.set()

    async def on_store_thread(self, call: Callable[[], Any]) -> Any:
        """Runs a blocking call of the log between two batches."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def tick(self) -> None:
        """Lets every section make the changes that time alone brings."""
        for section in self.registry.sections.values():
            if section.tick is not None:
                finished: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
                rule = _rule_of(section.tick)
                request = Request(f"{section.name}:tick", Writes, frozenset(), None, True, "", rule)
                self.submit(Job(finished.set_result, request, Writes(), {}))
                await finished

    async def stop(self, within_s: float) -> None:
        """Refuses new jobs, finishes the queued ones while there is time, and ends."""
        self._draining = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=within_s)
            self._task.cancel()
        self._refuse_queued()
        await asyncio.to_thread(self._thread.shutdown)

    async def probe(self) -> None:
        """Really writes something, between two batches.

        Errors: LogError.
        """
        if self.crashed:
            raise LogError("the hub has broken down: restart the server")
        await self.on_store_thread(self.log.probe)

    async def _run(self) -> None:
        try:
            await self._work_on()
        except Exception:
            log.exception("the hub has broken down: what is in memory may be behind the disk")
            self.crashed = self._draining = True
            self._refuse_queued()
            self._on_crash()

    def _refuse_queued(self) -> None:
        self._finish([(job, refused(draining())) for job in self._queue])
        self._queue.clear()

    async def _work_on(self) -> None:
        while self._queue or not self._draining:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                size = min(len(self._queue), MAX_BATCH)
                await self._do([self._queue.popleft() for _ in range(size)])

    async def _do(self, jobs: list[Job]) -> None:
        if not any(job.request for job in jobs):
            self._finish([(job, Outcome(b"", self.state.seq)) for job in jobs])
            return
        began = time.perf_counter()
        try:
            worked = await self.on_store_thread(lambda: self._work(jobs))
        except asyncio.CancelledError:
            self._finish([(job, refused(draining())) for job in jobs])
            raise
        except Exception as error:  # noqa: BLE001 - every job gets its ack
            self._fail(jobs, error)
            return
        commits = sum(entry.commit is not None for entry in worked.entries)
        self._metrics.batch(commits, time.perf_counter() - began)
        await self._tell(worked)

    def _work(self, jobs: Sequence[Job]) -> _Worked:
        """Runs the rules and appends; on the store's thread.

        A job that breaks after the draft took its changes in spoils the draft: it is set aside and
        the others are worked out anew.
        """
        now_s = self._clock.wall()
        spoilt: dict[int, Outcome] = {}
        while True:
            batch = _Batch(Draft(self.state, self.log.past, now_s), now_s)
            try:
                for job in jobs:
                    self._work_one(job, batch, spoilt)
            except _Spoilt as error:
                spoilt[id(error.job)] = error.outcome
                continue
            if batch.worked.entries:
                self.log.append(self.state.seq, batch.worked.entries, now_s)
            return batch.worked

    def _work_one(self, job: Job, batch: _Batch, spoilt: dict[int, Outcome]) -> None:
        key = None
        if job.request is None:
            result = _Result(Outcome(b"", batch.draft.seq))
        elif job.cancelled:
            result = _refused(Refusal(ErrorCode.TIMEOUT, "Its time was over.", retry=Retry.SAME_OP))
        elif id(job) in spoilt:
            result = _Result(spoilt[id(job)])
        else:
            try:
                key = _op_key(job)
                replayed = self._replay(key, batch.known) if key is not None else None
                result = self._carry_out(job, batch) if replayed is None else _Result(replayed)
            except Refusal as refusal:
                result = _refused(refusal)
            except (_Spoilt, LogError):
                raise
            except Exception:  # noqa: BLE001 - a broken rule costs only its own request
                result = _Result(failed(job.request.event))
        batch.add(job, result, key)

    def _carry_out(self, job: Job, batch: _Batch) -> _Result:
        assert job.request is not None
        assert job.request.rule is not None
        now = self._clock.moment(batch.now_s)
        settings = self._settings
        words = settings.important_words
        ctx = Context(job.principal, now, settings.tz, words, self.registry, job.found)
        delta = job.request.rule(batch.draft, job.payload, ctx)
        line = job.request.event if delta.ran is None else delta.ran.line
        cause = {"actor": job.principal.actor, "command": line}
        if getattr(job.payload, "op", None) is not None:
            cause["op"] = job.payload.op
        try:
            done = batch.draft.apply(delta.ops, format_instant(now), cause)
            ran = batch.draft.note(job.principal.person, delta.ran, done is not None)
            data = delta.reply(batch.draft) if callable(delta.reply) else delta.reply
            ack = encode({"ok": True, "seq": batch.draft.seq, "data": data})
        except Exception:  # noqa: BLE001 - the draft is spoilt: the batch is worked out without it
            raise _Spoilt(job, failed(job.request.event)) from None
        return _Result(Outcome(ack, batch.draft.seq), done, ran, delta.once)

    def _replay(self, key: OpKey, known: dict[tuple[str, str], OpRecord]) -> Outcome | None:
        record = known.get((key.principal, key.op)) or self.log.find_op(key.principal, key.op)
        if record is None:
            return None
        if record.fingerprint != key.fingerprint:
            message = "This op was used for another request: choose a new one for each request."
            raise Refusal(ErrorCode.CONFLICT, message)
        answer = orjson.loads(record.ack)
        return Outcome(encode(answer | {"replay": True}), answer["seq"])

    async def _tell(self, worked: _Worked) -> None:
        """In turns, between which others get theirs: a turn's commits go out together, then its acks."""
        outcomes = deque(worked.outcomes)
        while outcomes:
            turn: list[tuple[Job, Outcome]] = []
            commits: list[Commit] = []
            began, size_bytes = time.perf_counter(), 0
            while outcomes and size_bytes < TURN_BYTES and time.perf_counter() - began < TURN_S:
                job, outcome, done = outcomes.popleft()
                turn.append((job, outcome))
                if done is not None:
                    self.state.fold(*done)
                    commits.append(done[0])
                    size_bytes += done[0].size_bytes
                elif job.request is None:
                    break  # a question: it sees the writes before it, and not those after
            if commits:
                self._send_out(commits)
            self._finish(turn)
            if outcomes:
                await asyncio.sleep(0)

    def _send_out(self, commits: Sequence[Commit]) -> None:
        """Whoever misses a patch because of a failure here sees the gap at the next one, and syncs."""
        try:
            self._publish(commits)
        except Exception:
            log.exception("commits up to %d could not be sent out", self.state.seq)

    def _fail(self, jobs: Sequence[Job], error: Exception) -> None:
        if isinstance(error, LogError):
            log.error("%s", error)
            message = "The change could not be written to disk: nothing was changed."
            refusal = Refusal(ErrorCode.STORAGE_UNAVAILABLE, message, retry=Retry.SAME_OP)
            outcomes = [(job, refused(refusal)) for job in jobs]
        else:
            log.error("a batch failed", exc_info=error)
            outcomes = [(job, failed("batch")) for job in jobs]
        self._metrics.append_failed()
        self._finish(outcomes)

    def _finish(self, outcomes: Sequence[tuple[Job, Outcome]]) -> None:
        for job, outcome in outcomes:
            try:
                job.done(outcome)
            except Exception:
                log.exception("an ack could not be given")


def _refused(refusal: Refusal) -> _Result:
    return _Result(refused(refusal))


def _op_key(job: Job) -> OpKey | None:
    op = getattr(job.payload, "op", None)
    if op is None or job.request is None:
        return None
    sent = orjson.dumps([job.request.event, job.raw], option=orjson.OPT_SORT_KEYS)
    return OpKey(job.principal.key, op, hashlib.sha256(sent).hexdigest())


def _rule_of(tick: Callable[[Any, Context], Any]) -> Callable[[Any, Any, Context], Delta]:
    return lambda view, payload, ctx: Delta(tick(view, ctx))

"""The one write path: rules in turn (hub.waiting), one append for each batch, then memory, patches, acks.

While a batch runs and is written on the store's thread (worker), the next one gathers. Only after the append
has returned are the commits applied in memory, sent out in seq order and acked; if it fails, nothing of the
batch is kept.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import Any

from models.ack import ErrorCode
from models.base import Writes
from sio_server.hub.applying import Applying
from sio_server.hub.batch import BatchResult, Job
from sio_server.hub.following import Following
from sio_server.hub.outcome import Outcome, failed, refused
from sio_server.hub.thread import Calls
from sio_server.hub.waiting import Queue
from sio_server.hub.worker import Worker, free_speculation
from sio_server.log.base import HeadMoved, LogError, OutcomeOpen, OutcomeUnknown
from sio_server.metrics import Metrics
from sio_server.registry.errors import draining, not_known, not_written, overtaken
from sio_server.registry.ops import Ops
from sio_server.registry.registry import Context, Delta, Request, Rule, View
from sio_server.registry.veil import tick_of
from sio_server.state.commit import Commit
from sio_server.state.state import State
from sio_server.tracing import Traces

TURN_S = 0.002  # of applying and answering before the event loop gets a turn
TURN_BYTES = 64 << 10  # of encoding, for the same reason
LEAVE_S = 0.5  # a stop waits this much longer for the disk
FAULT_TOLD_S = 30.0  # /ready reports a failed append for this long, or until one succeeds

STOPPED = "The server stopped while it was waiting for the disk."

log = logging.getLogger("adjutant.hub")


class Hub:
    """Takes jobs, calls `publish` with commits in seq order, then each job's `done`.

    `append_fault`: why the last append failed, until one succeeds. `abandoned`: a stop gave up waiting for
    the disk.
    """

    def __init__(
        self,
        state: State,
        worker: Worker,
        publish: Callable[[Sequence[Commit]], Iterable[None]],
        metrics: Metrics,
        on_crash: Callable[[], None],
        threads: tuple[Calls, Executor],  # for the store, and for rules before their turn
    ) -> None:
        self.registry = state.registry
        self.state = state
        self._worker, self._metrics = worker, metrics
        self._queue = Queue()
        self._wake = asyncio.Event()
        self._thread, self._speculation_thread = threads
        self.applying = Applying(state, publish, self._thread)
        self._following = Following(worker, self._thread, self.applying, self._note_failure)
        self._speculation_turn = asyncio.Lock()
        self._large_lanes: set[Hashable] = set()  # of the large job before; none before the first
        self._over: asyncio.Future[None]
        self._task: asyncio.Task[None] | None = None
        self._draining = self.crashed = self.abandoned = False
        self.append_fault: str | None = None
        self._append_failed_s = 0.0
        self.traces: Traces | None = None
        self._on_crash = on_crash

    @property
    def queued(self) -> int:
        """The number of jobs that wait for the next batch."""
        return len(self._queue)

    def start(self) -> None:
        """Starts taking jobs."""
        self._over = asyncio.get_running_loop().create_future()
        self._thread.start()
        self._task = asyncio.create_task(self._run(), name="hub")

    def submit(self, job: Job) -> None:
        """Queues the job; `job.done` is called exactly once, in the order of submission of each lane."""
        if self._draining:
            self._refuse([job])
            return
        self._queue.add(job)
        self._wake.set()

    async def catch_up(self) -> None:
        """Returns once the state has what other nodes have appended until now, if that can be read."""
        if self._worker.has_other_nodes:
            self._following.is_behind = True
            await self.turn_of(object())

    def hear(self) -> None:
        """Other nodes may have appended something."""
        self._following.is_behind = True
        self._wake.set()

    async def speculate(self, job: Job) -> None:
        """Runs the rule of a large job before its turn, outside the write path.

        Large jobs run one after the other, each on the result of the one before: they often change the same
        section. Submit the job right after this returns, without yielding to the event loop.
        """
        loop = asyncio.get_running_loop()
        async with self._speculation_turn:
            await asyncio.gather(*(self.turn_of(lane) for lane in {job.lane, *self._large_lanes}))
            if self._draining:
                return
            self._large_lanes = {job.lane}
            running = loop.run_in_executor(self._speculation_thread, self._worker.speculation(job))
            await asyncio.wait([running, self._over], return_when=asyncio.FIRST_COMPLETED)
            job.cancelled |= not running.done()

    async def turn_of(self, lane: Hashable) -> None:
        """Returns once what this lane has sent so far is in the state."""
        written = asyncio.get_running_loop().create_future()
        self.submit(Job(written.set_result, lane=lane))
        await written

    async def on_store_thread(self, call: Callable[[], Any]) -> Any:
        """Runs a blocking call of the log between two batches."""
        return await self._thread.run(call)

    async def tick(self, *names: str) -> None:
        """Lets these sections (none named: all) make the changes that are due by time, in one batch."""
        sections = [self.registry.sections[name] for name in names or self.registry.sections]
        ticks = [(one.name, tick_of(one)) for one in sections if one.tick]
        for finished in [self._submit_internal(f"{name}:tick", tick) for name, tick in ticks]:
            await finished

    async def commit_internal(self, name: str, changes: Callable[[View, Context], Ops]) -> Outcome:
        """Commits a change that no client asked for; `name` is its cause."""
        return await self._submit_internal(name, changes)

    def _submit_internal(self, name: str, changes: Callable[[View, Context], Ops]) -> asyncio.Future[Outcome]:
        return self.submit_rule(name, lambda view, payload, ctx: Delta(changes(view, ctx)))

    def submit_rule(self, name: str, rule: Rule) -> asyncio.Future[Outcome]:
        """Queues a rule that no client asked for; `name` is its cause."""
        finished: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        request = Request(name, Writes, frozenset(), None, True, "", rule)
        self.submit(Job(finished.set_result, request, Writes(), {}))
        return finished

    async def stop(self, within_s: float) -> None:
        """Refuses new jobs, finishes the queued ones within this time, and ends."""
        ends_s = time.monotonic() + within_s
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._speculation_turn:
                pass  # only earlier jobs are queued
        self._draining = True
        if not self._over.done():
            self._over.set_result(None)
        self._speculation_thread.shutdown(wait=False)
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=max(0.0, ends_s - time.monotonic()))
            self._task.cancel()
        self._refuse_queued()
        if not await self._thread.end(max(LEAVE_S, ends_s - time.monotonic())):
            log.error("the disk does not answer: the server stops without waiting for it")
            self.abandoned = True

    async def probe(self) -> None:
        """Tries a small write to the disk, between two batches.

        Errors: LogError.
        """
        if self.crashed:
            raise LogError("the hub has broken down: restart the server")
        await self.on_store_thread(self._worker.probe)
        # On a full disk a probe's few bytes may fit where a change does not.
        if self.append_fault is not None and time.monotonic() - self._append_failed_s < FAULT_TOLD_S:
            raise LogError(f"the last change could not be written: {self.append_fault}")

    async def _run(self) -> None:
        try:
            await self._work_on()
        except Exception:
            log.exception("the hub has broken down: what is in memory may be behind the disk")
            self.crashed = self._draining = True
            self._refuse_queued()
            self._on_crash()

    def _refuse_queued(self) -> None:
        self._refuse(self._queue.take_all())

    def _refuse(self, jobs: list[Job]) -> None:
        if any(job.speculation for job in jobs):
            with suppress(RuntimeError):  # the thread has ended
                self._thread.submit(partial(free_speculation, jobs))
        _finish([(job, refused(draining())) for job in jobs])

    async def _work_on(self) -> None:
        while self._queue or not self._draining:
            await self._wake.wait()
            self._wake.clear()
            while self._queue or self._following.is_behind:
                await self._following.catch_up()
                if self._queue:
                    await self._do(self._queue.take())

    async def _do(self, jobs: list[Job]) -> None:
        if not any(job.request for job in jobs):
            _finish([(job, Outcome(b"", self.state.seq)) for job in jobs])
            return
        began, began_ns = time.perf_counter(), time.time_ns()
        try:
            result = await self._following.work(jobs)
        except asyncio.CancelledError:
            _finish(_not_known(jobs, ErrorCode.DRAINING, STOPPED))
            raise
        except (OutcomeOpen, OutcomeUnknown) as error:
            _finish(_not_known(jobs, ErrorCode.STORAGE_UNAVAILABLE, "The store failed."))
            if isinstance(error, OutcomeOpen):
                self._note_failure(error)
                return
            log.critical("%s: the server stops, and a restart reads what is on disk", error)
            raise
        except Exception as error:  # noqa: BLE001 - every job gets its ack
            self._fail(jobs, error)
            return
        if result.entries and self.append_fault is not None:
            log.info("changes can be written to disk again")
            self.append_fault = None
        commits = sum(entry.commit is not None for entry in result.entries)
        self._metrics.batch(commits, time.perf_counter() - began)
        if self.traces is not None:
            self.traces.did("commit", [job.span for job in jobs], began_ns)
        await self._tell(result)

    async def _tell(self, result: BatchResult) -> None:
        """Applies, sends and acks in turns of TURN_S: a turn's commits go out together, then its acks."""
        outcomes = deque(result.outcomes)
        while outcomes:
            turn: list[tuple[Job, Outcome]] = []
            commits: list[Commit] = []
            left: list[list[Any]] = []
            began, size_bytes = time.perf_counter(), 0
            while outcomes and size_bytes < TURN_BYTES and time.perf_counter() - began < TURN_S:
                job, outcome, done = outcomes.popleft()
                turn.append((job, outcome))
                if outcome.profiles:
                    self.state.keep(outcome.profiles)
                if done is not None:
                    commit, effects = done
                    left += self.state.fold(commit, effects), effects
                    commits.append(commit)
                    size_bytes += commit.size_bytes
                elif job.request is None:
                    break  # a query: it sees the writes before it and none after
            if commits:
                began_ns = time.time_ns()
                await self.applying.send(commits)
                if self.traces is not None:
                    self.traces.did("fan-out", [job.span for job, _ in turn], began_ns)
            _finish(turn)
            self.applying.let_go(left)
            if outcomes:
                await asyncio.sleep(0)

    def _fail(self, jobs: Sequence[Job], error: Exception) -> None:
        if isinstance(error, HeadMoved):
            outcome = refused(overtaken())
        elif isinstance(error, LogError):
            self._note_failure(error)
            outcome = refused(not_written())
        else:
            log.error("a batch failed", exc_info=error)
            outcome = failed("batch")
            self._metrics.append_failed()
        _finish([(job, outcome) for job in jobs])

    def _note_failure(self, error: LogError) -> None:
        if self.append_fault != str(error):  # clients try again every few seconds
            log.error("%s", error)
        self.append_fault, self._append_failed_s = str(error), time.monotonic()
        self._metrics.append_failed()


def _not_known(jobs: Sequence[Job], code: ErrorCode, message: str) -> list[tuple[Job, Outcome]]:
    outcome = refused(not_known(code, message))
    return [(job, outcome) for job in jobs]


def _finish(outcomes: Sequence[tuple[Job, Outcome]]) -> None:
    for job, outcome in outcomes:
        try:
            job.done(outcome)
        except Exception:
            log.exception("an ack could not be sent")

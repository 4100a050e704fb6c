"""The hub's part on the store's thread: runs a batch's rules in order, and appends it (decision 2).

A rule sees the state as the rules before it left it; a large put's rule has mostly run before its turn
(speculation). The event loop changes the state only while no batch is running.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import orjson

from models.ack import ErrorCode
from sio_server import garbage
from sio_server.clock import Clock
from sio_server.hub.batch import Batch, BatchResult, DraftBroken, Job, JobResult, op_key
from sio_server.hub.outcome import Outcome, failed, refused
from sio_server.hub.room import check_room
from sio_server.hub.speculation import RecordedView
from sio_server.log.base import FromOthers, Log, LogError, OpKey, OpRecord
from sio_server.registry.encoding import encode
from sio_server.registry.errors import Refusal, op_conflict
from sio_server.registry.ops import Ops
from sio_server.registry.persons import Profiles, settled
from sio_server.registry.preview import Preview, name_of
from sio_server.registry.privacy import NOBODY, Policy
from sio_server.registry.registry import Context, View
from sio_server.registry.roles import SERVER
from sio_server.registry.settings import RuleSettings
from sio_server.registry.veil import not_its_collector, refuse_to_name, veiled
from sio_server.state.draft import Draft
from sio_server.state.state import State


class Worker:
    """Runs batches, one after the other. All methods but `speculation` block: call them off the event
    loop."""

    def __init__(self, state: State, durable: Log, settings: RuleSettings, clock: Clock) -> None:
        self._state = state
        self._log = durable
        self._settings = settings
        self._clock = clock
        sections = state.registry.sections.values()
        self._following = [section for section in sections if section.follow is not None]

    def speculation(self, job: Job) -> Callable[[], None]:
        """A call that runs a large job's rule before its turn, on the state as of now."""
        recorded, ctx = RecordedView(self._state), self._context(job, self._now(), self._state.profiles)
        return partial(job.speculate, recorded, self._seen(recorded, job), ctx)

    @property
    def has_other_nodes(self) -> bool:
        """Whether others may append to the log."""
        return self._log.has_other_nodes

    def catch_up(self) -> FromOthers:
        """What others have appended. Errors: LogError."""
        return self._log.catch_up(self._state)

    def begin_anew(self) -> State:
        """What is in the log after SetBack. A source that stays connected does not say again that it is
        private: what was private before stays so. Errors: LogError."""
        fresh, before = State(self._state.registry, ""), self._state.privacy.policy

        def kept(text: str) -> str:
            found = Policy.read(text)
            both = found.within(before)
            return text if both == found else both.text

        fresh.privacy.policy = Policy.read(self._log.begin_anew(fresh, kept))
        return fresh

    def probe(self) -> None:
        """Tries a small write to the disk. Errors: LogError."""
        self._log.probe()

    def work(self, jobs: Sequence[Job]) -> BatchResult:
        """Runs the rules and appends."""
        self._log.settle()
        if not any(job.is_large for job in jobs):
            return self._work_out(jobs)
        with garbage.in_small_steps():
            try:
                return self._work_out(jobs)
            finally:
                free_speculation(jobs)  # unused ones: of a repeated op, of a request that timed out

    def _work_out(self, jobs: Sequence[Job]) -> BatchResult:
        """Runs all jobs in one batch.

        A job that fails after its changes entered the draft leaves it inconsistent: the others then run again
        on a new draft, without that job.
        """
        now, steady_s = self._now(), self._clock.steady()
        broken: dict[int, Outcome] = {}
        while True:
            batch = Batch(Draft(self._state, self._log.history, steady_s), now)
            try:
                for job in jobs:
                    self._work_one(job, batch, broken)
            except DraftBroken as error:
                broken[id(error.job)] = error.outcome
                continue
            # Without entries too: no refusal may come of a state that other nodes have left behind.
            self._log.append(self._state.seq, batch.result.entries, steady_s)
            batch.draft.free()
            return batch.result

    def _work_one(self, job: Job, batch: Batch, broken: dict[int, Outcome]) -> None:
        key = None
        job.begun = True
        if job.request is None:
            result = JobResult(Outcome(b"", batch.draft.seq))
        elif job.cancelled:
            result = _refused(Refusal(ErrorCode.TIMEOUT, "The request timed out before it was started."))
        elif id(job) in broken:
            result = JobResult(broken[id(job)])
        else:
            try:
                key = op_key(job)
                replayed = self._replay(key, batch.known) if key is not None else None
                result = self._carry_out(job, batch) if replayed is None else JobResult(replayed)
            except Refusal as refusal:
                result = _refused(refusal)
            except (DraftBroken, LogError):
                raise
            except Exception:  # noqa: BLE001 - a broken rule costs only its own request
                result = JobResult(failed(job.request.event))
        batch.add(job, result, key)

    def _carry_out(self, job: Job, batch: Batch) -> JobResult:
        assert job.request is not None
        assert job.request.rule is not None
        ctx = self._context(job, batch.now, batch.draft.profiles)
        privacy = self._state.privacy
        if ctx.private and ctx.principal.source in privacy.hidden_from(job.principal):
            raise not_its_collector()
        view = self._seen(batch.draft, job)
        delta = job.take_speculation(batch.draft) or job.request.rule(view, job.payload, ctx)
        check_room(batch.draft, job, delta.ops, ctx)
        ops = self._followed(batch.draft, delta.ops, ctx)
        asked = {*map(name_of, delta.ops)} if ops is not delta.ops else None
        following = set[tuple[str, str]]() if asked is None else {*map(name_of, ops)} - asked
        if ctx.private and job.principal is not SERVER and job.principal.source is None:
            refuse_to_name(ctx.private, ops, self._state.registry)
        line = job.request.event if delta.line_record is None else delta.line_record.line
        who = ctx.principal
        cause = {"actor": who.actor, "command": line}
        if who.name != who.actor:
            cause["name"] = who.name
        if getattr(job.payload, "op", None) is not None:
            cause["op"] = job.payload.op
        try:
            done = batch.draft.apply(ops, ctx.at, cause, following)
            batch.draft.keep(delta.profiles)
            record = batch.draft.note(job.principal.person, delta.line_record, done is not None)
            data = delta.reply(batch.draft) if callable(delta.reply) else delta.reply
            ack = encode({"ok": True, "seq": batch.draft.seq, "data": data})
            garbage.free(delta.ops, ops)
        except Exception:  # noqa: BLE001 - the draft is inconsistent: the batch is worked out anew without this job
            raise DraftBroken(job, failed(job.request.event)) from None
        outcome = Outcome(ack, batch.draft.seq, None, delta.calls, delta.news, delta.profiles)
        return JobResult(outcome, done, record, delta.once)

    def _now(self) -> datetime:
        return self._clock.moment(self._clock.wall())

    def _context(self, job: Job, now: datetime, profiles: Profiles) -> Context:
        steady_s, elapsed_ms = self._clock.steady(), self._clock.elapsed_ms()
        settings, registry = self._settings, self._state.registry
        who = settled(job.principal, profiles)
        private = self._state.privacy.private
        return Context(who, now, settings, registry, steady_s, elapsed_ms, job.prefetched, private)

    def _seen(self, view: View, job: Job) -> View:
        """The state as whoever sent the job sees it."""
        privacy, registry = self._state.privacy, self._state.registry
        hidden, outlines = privacy.hidden_from(job.principal), privacy.policy.outlines
        return veiled(view, hidden, registry, outlines=outlines)

    def _followed(self, view: View, ops: Ops, ctx: Context) -> Ops:
        """The ops, with those that follow from them in other sections."""
        touched = {op.section for op in ops}
        for section in self._following:
            follows = self._state.registry.follows[section.name]
            if section.follow is None or touched.isdisjoint(follows):
                continue
            hidden = ctx.private if section.shared else NOBODY
            owner = self._state.registry.owner
            known = [op for op in ops if owner(*name_of(op)) not in hidden] if hidden else ops
            before = veiled(view, hidden, self._state.registry)
            seen = [op for op in known if op.section in follows or op.section == section.name]
            preview = Preview(before, self._state.registry, seen)
            changed = [name_of(op) for op in known if op.section in follows]
            following = section.follow(before, preview, changed, ctx) if changed else []
            if following:
                replaced = {name_of(op) for op in following}
                ops = [op for op in ops if name_of(op) not in replaced] + following
        return ops

    def _replay(self, key: OpKey, known: dict[tuple[str, str], OpRecord]) -> Outcome | None:
        record = known.get((key.principal, key.op)) or self._log.find_op(key.principal, key.op)
        if record is None:
            return None
        if record.fingerprint != key.fingerprint:
            raise op_conflict()
        answer = orjson.loads(record.ack)
        return Outcome(encode(answer | {"replay": True}), answer["seq"])


def free_speculation(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.free_speculation()


def _refused(refusal: Refusal) -> JobResult:
    return JobResult(refused(refusal))

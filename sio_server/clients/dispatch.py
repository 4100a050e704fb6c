"""Takes every request from its arguments to its ack: exactly one ack, whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Hashable
from difflib import get_close_matches
from functools import partial
from types import CoroutineType
from typing import Any

from pydantic import ValidationError

from models.ack import ErrorCode, Retry
from models.base import Writes
from models.batch import Put
from sio_server.clients.client import Client
from sio_server.clients.messages import READ_AT_ONCE
from sio_server.clients.multipart import Multipart, PartHeld
from sio_server.clients.persons import Persons
from sio_server.clients.presence import Presence
from sio_server.clients.turns import LARGE_WRITE, PART, READING_WRITE, WAIT, WRITE, Kind, Way, kind_of
from sio_server.hub.batch import Job
from sio_server.hub.hub import Hub
from sio_server.hub.outcome import Outcome, failed, refused
from sio_server.metrics import Metrics
from sio_server.registry.encoding import encode
from sio_server.registry.errors import Refusal, bad_request, draining, faults_of, not_known
from sio_server.registry.ops import Json
from sio_server.registry.records import Repeated
from sio_server.registry.registry import Registry, Request
from sio_server.sockets.values import TOO_MANY, Flaw
from sio_server.tracing import Span, Traces

DEADLINE_S = 10.0  # as long as clients wait; then it is refused, and no longer begun
UNKNOWN = "unknown"
UNKNOWN_COST = 5.0  # requests: the search for the nearest names is slow


class Call:
    """One request under way; its ack or its deadline ends it, whichever comes first.

    `job` is set for a write, `reading` for a rule that needs data from outside the state, `stores` once it
    has begun to write something outside the state, which runs on by itself.
    """

    job: Job | None = None
    reading: Awaitable[Any] | None = None
    stores: bool = False
    payload: Any = None
    span: Span | None = None

    def __init__(self, client: Client, id: int | None, event: str, size: int, metrics: Metrics) -> None:
        self.client = client
        self.size = size
        self.event = event
        self._id = id
        self._metrics = metrics
        self._began = time.perf_counter()
        self._timer: asyncio.TimerHandle | None = None
        self.over = False
        client.one_more(size)

    def limit(self) -> None:
        """Starts the deadline unless it runs; a job that has not begun by then never will."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DEADLINE_S, self._expire)

    def finish(self, outcome: Outcome) -> None:
        """Sends the ack, unless the call has already ended."""
        if self.over:
            return
        self.over = True
        self.job = None  # breaks a reference cycle, and frees what the job holds
        if self._timer is not None:
            self._timer.cancel()
        if self._id is not None:
            self.client.ack(self._id, outcome.ack)
        code = "ok" if outcome.error is None else outcome.error.value
        if self.span is not None:
            self.span.end(code)
        self._metrics.request(self.event, code, time.perf_counter() - self._began)
        self.client.one_done(self.size)

    def refuse(self, refusal: Refusal) -> None:
        """Ends the call with an error."""
        self.finish(refused(refusal))

    def fail(self, error: Exception) -> None:
        """Ends the call with the exception that was raised; call it in the `except` block."""
        self.finish(refused(error) if isinstance(error, Refusal) else failed(self.event))

    def _expire(self) -> None:
        if self.stores or (self.job is not None and not self.job.cancel()):
            self.refuse(not_known(ErrorCode.TIMEOUT, f"The disk has not answered for {DEADLINE_S:.0f} s."))
            return
        message = (
            f"The server did not start this within {DEADLINE_S:.0f} s and has dropped it: send it again."
        )
        self.refuse(Refusal(ErrorCode.TIMEOUT, message, retry=Retry.SAME_OP))


def _refuse_later(call: Call, refusal: Refusal, after_s: float) -> None:
    asyncio.get_running_loop().call_later(after_s, call.refuse, refusal)


class Dispatch:
    """Takes events from the transport in each client's order; routes each request by the table turns.WAYS."""

    def __init__(
        self,
        registry: Registry,
        hub: Hub,
        multipart: Multipart,
        presence: Presence,
        persons: Persons,
        metrics: Metrics,
        most_queued: int,
    ) -> None:
        self.most_queued = most_queued
        self._registry = registry
        self._hub = hub
        self._multipart = multipart
        self._presence = presence
        self._persons = persons
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self.traces: Traces | None = None
        self._send = {
            Way.HOLD: self._hold,
            Way.SUBMIT: self._submit,
            Way.READ_FIRST: self._read_first,
            Way.SPECULATE: self._speculate,
            Way.ANSWER: self._answer,
            Way.ANSWER_AFTER: self._answer_after,
            Way.ANSWER_IN_TURN: self._answer_in_turn,
            Way.ANSWER_ASIDE: self._answer_aside,
        }

    def drain(self) -> None:
        """Refuses all requests from now on."""
        self._draining = True

    def receive(self, client: Client, id: int | None, data: Any, flaw: Flaw | None, size: int = 0) -> None:
        """Starts the request; its ack follows. `data` is [event, payload] as received, `size` characters;
        a large one was let in by `charge`."""
        event = data[0] if data else UNKNOWN
        request = self._registry.requests.get(event)
        call = Call(client, id, UNKNOWN if request is None else request.event, size, self._metrics)
        if self.traces is not None:
            call.span = self.traces.begin(call.event)
        try:
            if self._draining:
                raise draining()
            if client.meter is not None:
                charge = client.meter.charge if size <= READ_AT_ONCE else client.meter.add
                cost = UNKNOWN_COST if request is None else request.cost
                charge(cost, data[1] if data and data[1:] else None)
            if flaw is TOO_MANY:
                raise Refusal(ErrorCode.TOO_LARGE, f"The payload {flaw.message}: send it in parts.")
            if flaw is not None:
                raise bad_request("The payload cannot be read.", flaw)
            if request is None:
                raise self._unknown(event)
        except Refusal as refusal:
            if refusal.code is ErrorCode.RATE_LIMITED and client.meter is not None:
                _refuse_later(call, refusal, client.meter.hold_s())
            else:
                call.refuse(refusal)
        else:
            self._begin(call, request, data[1:] or [{}])

    def enter(self, client: Client) -> None:
        """Notes that a client was admitted, and its source, if any, is connected."""
        self._presence.came(client)
        self._persons.came(client)

    def leave(self, client: Client) -> None:
        """Drops the unfinished batch of a disconnected client, and notes its source's departure."""
        self._multipart.forget(client)
        self._persons.left(client)
        self._presence.left(client)

    def refuse(self, client: Client, id: int | None, refusal: Refusal) -> None:
        """Refuses a message that was not parsed far enough to know its event."""
        Call(client, id, UNKNOWN, 0, self._metrics).refuse(refusal)

    def charge(self, client: Client, id: int | None, size: int, cost: float) -> bool:
        """Charges a large message before it is read; False when it is refused: the rate is used up."""
        if client.meter is not None:
            try:
                client.meter.charge(cost)
            except Refusal as refusal:
                call = Call(client, id, UNKNOWN, size, self._metrics)
                _refuse_later(call, refusal, client.meter.hold_s(cost))
                return False
        return True

    def _begin(self, call: Call, request: Request, arguments: list[Any]) -> None:
        """Parses and routes the request; one that waits does so unparsed, so refusals keep the order too."""
        turns, kind = call.client.turns, kind_of(request)
        way = turns.way_of(kind, self._hub.applying.sending)
        if way is WAIT:
            call.limit()
            turns.after_reading(lambda: self._begin(call, request, arguments))
            return
        if call.over:
            return
        try:
            why_not = call.client.came_as.why_not(request.event, request.roles)
            if why_not is not None:
                raise Refusal(ErrorCode.FORBIDDEN, why_not)
            payload, raw = _parse(request, arguments), arguments[0]
            if kind is not WRITE:
                call.payload = payload
            elif (kind := self._kind_of_write(call, request, payload, raw)) is not WRITE:
                way = turns.way_of(kind)
            self._send[way](call, request)
        except Exception as error:  # noqa: BLE001 - the one place where a failure becomes an ack
            call.fail(error)

    def _kind_of_write(self, call: Call, request: Request, payload: Any, raw: Any) -> Kind:
        """The kind of write, given its payload; makes its job, unless it is a part of a batch."""
        client, size = call.client, call.size
        if isinstance(payload, Put) and payload.part is not None:
            held = self._multipart.take(client, _lane_of(client), request.event, payload, raw)
            if isinstance(held, PartHeld):
                call.payload = held
                return PART
            payload, raw, size = held
        job = call.job = Job(
            partial(self._write_done, call), request, payload, raw, client.came_as, _lane_of(client), size
        )
        job.span = call.span
        call.limit()
        if request.prefetch is not None:
            call.reading = request.prefetch(client, payload)
            return WRITE if call.reading is None else READING_WRITE
        return LARGE_WRITE if job.is_large else WRITE

    # The ways.

    def _hold(self, call: Call, request: Request) -> None:
        self._ack(call, call.payload.ack())

    def _submit(self, call: Call, request: Request) -> None:
        assert call.job is not None
        if self._hub.queued >= self.most_queued:
            message = "Too many changes are waiting to be written; send this one again soon."
            raise Refusal(ErrorCode.BUSY, message, retry=Retry.SAME_OP, after_ms=500)
        call.client.turns.enter_hub()
        self._hub.submit(call.job)

    def _read_first(self, call: Call, request: Request) -> None:
        assert call.job is not None
        assert call.reading is not None
        self._prepare(call, call.job, call.reading)

    def _speculate(self, call: Call, request: Request) -> None:
        assert call.job is not None
        self._prepare(call, call.job, self._hub.speculate(call.job))

    def _answer(self, call: Call, request: Request) -> None:
        query = self._query(call, request)
        if query is not None:
            call.client.turns.begin_query(query)

    def _answer_after(self, call: Call, request: Request) -> None:
        call.limit()
        call.client.turns.after_query(lambda: self._answer_next(call, request))

    def _answer_in_turn(self, call: Call, request: Request) -> None:
        call.limit()
        call.client.turns.enter_hub()
        self._hub.submit(Job(lambda outcome: self._turn_came(call, request), lane=_lane_of(call.client)))

    def _answer_aside(self, call: Call, request: Request) -> None:
        self._query(call, request)

    # Outcomes.

    def _prepare(self, call: Call, job: Job, reading: Awaitable[Any]) -> None:
        call.client.turns.begin_reading()
        self._spawn(self._read_and_submit(call, job, reading))

    async def _read_and_submit(self, call: Call, job: Job, reading: Awaitable[Any]) -> None:
        """Reads after the client's own writes, and writes before everything that it sent meanwhile."""
        turns = call.client.turns
        try:
            if turns.is_in_hub:
                await self._hub.turn_of(_lane_of(call.client))
            job.prefetched = await reading
        except Exception as error:  # noqa: BLE001 - as above
            call.fail(error)
        else:
            turns.enter_hub()
            self._hub.submit(job)  # even after its deadline: the hub then only frees it
        turns.end_reading()

    def _write_done(self, call: Call, outcome: Outcome) -> None:
        call.client.turns.leave_hub()
        self._persons.tell(outcome.news)
        call.finish(outcome)
        if outcome.calls:
            self._presence.call(outcome.calls)

    def _turn_came(self, call: Call, request: Request) -> None:
        call.client.turns.leave_hub()
        self._answer_next(call, request)

    def _answer_next(self, call: Call, request: Request) -> None:
        if not call.over:
            self._send[call.client.turns.way_in_turn()](call, request)

    def _query(self, call: Call, request: Request) -> asyncio.Task[None] | None:
        """Acks at once, or returns the task that will."""
        assert request.query is not None
        call.stores = isinstance(call.payload, Writes)
        try:
            answer = request.query(call.client, call.payload)
            if not isinstance(answer, CoroutineType):
                self._ack(call, answer)
                return None
        except Exception as error:  # noqa: BLE001 - as above
            call.fail(error)
            return None
        call.limit()
        return self._spawn(self._wait_for(call, answer))

    async def _wait_for(self, call: Call, answer: Awaitable[Json]) -> None:
        """Acks in the same step in which the query returns: a sync and joining its rooms stay together."""
        try:
            self._ack(call, await answer)
        except Exception as error:  # noqa: BLE001 - as above
            call.fail(error)

    def _ack(self, call: Call, data: Json) -> None:
        seq = self._hub.state.seq
        ack = {"ok": True, "seq": seq, "data": data}
        if isinstance(data, Repeated):
            ack |= {"data": data.data, "replay": True}
        if behind_s := call.client.behind_s:
            ack["behind_s"] = behind_s
        call.finish(Outcome(encode(ack), seq))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _unknown(self, event: str) -> Refusal:
        near = get_close_matches(event[:64], self._registry.requests, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        return Refusal(ErrorCode.UNKNOWN_EVENT, f"Unknown event.{hint}")


def _lane_of(client: Client) -> Hashable:
    """In which its writes wait for their turn: all of a token in one."""
    return client.came_as.token or id(client)


def _parse(request: Request, arguments: list[Any]) -> Any:
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise bad_request("The payload must be one JSON object, or left out.")
    try:
        return request.validate(arguments[0])
    except ValidationError as error:
        if any(fault["type"] == "too_long" for fault in error.errors(include_input=False)):
            message = "A list in the payload is too long: send it in parts."
            details = [{"path": path, "message": text} for path, text in faults_of(error)]
            raise Refusal(ErrorCode.TOO_LARGE, message, details=details) from None
        raise bad_request("The payload is not valid for this request.", *faults_of(error)) from None

"""Every request, from its arguments to its ack: exactly one ack, whatever happens."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections import deque
from collections.abc import Awaitable, Coroutine
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from models.ack import ErrorCode, Retry
from models.batch import Put
from sio_server.clients.client import Client
from sio_server.clients.multipart import Multipart, PartHeld
from sio_server.clients.presence import Presence
from sio_server.hub.batch import Job
from sio_server.hub.hub import Hub
from sio_server.hub.outcome import Outcome, failed, refused
from sio_server.metrics import Metrics
from sio_server.registry.encoding import encode
from sio_server.registry.errors import Refusal, bad_request, draining, faults_of
from sio_server.registry.ops import Json
from sio_server.registry.records import Repeated
from sio_server.registry.registry import Registry, Request
from sio_server.sockets.packets import Flaw

DEADLINE_S = 10.0
UNKNOWN = "unknown"


class Call:
    """One request while it is under way; the first of ack and deadline ends it."""

    def __init__(self, client: Client, id: int | None, event: str, size: int, metrics: Metrics) -> None:
        self.client = client
        self.size = size
        self.event = event
        self._id = id
        self._metrics = metrics
        self._began = time.perf_counter()
        self._timer: asyncio.TimerHandle | None = None
        self._job: Job | None = None
        self.over = False
        client.one_more(size)

    def limit(self, job: Job | None = None) -> None:
        """Starts the deadline, if it does not run; a job that has not begun by then is not begun at all."""
        self._job = job
        if self._timer is not None:
            return
        self._timer = asyncio.get_running_loop().call_later(DEADLINE_S, self._expire)

    def finish(self, outcome: Outcome) -> None:
        """Sends the ack, unless the call is over already."""
        if self.over:
            return
        self.over = True
        self._job = None  # breaks a reference cycle, with all that the job holds
        if self._timer is not None:
            self._timer.cancel()
        if self._id is not None:
            self.client.ack(self._id, outcome.ack)
        code = "ok" if outcome.error is None else outcome.error.value
        self._metrics.request(self.event, code, time.perf_counter() - self._began)
        self.client.one_done(self.size)

    def refuse(self, refusal: Refusal) -> None:
        """Ends the call with an error."""
        self.finish(refused(refusal))

    def _expire(self) -> None:
        if self._job is not None:
            self._job.cancelled = True
        message = f"The server did not get to it within {DEADLINE_S:.0f} s; send it again with the same op."
        self.refuse(Refusal(ErrorCode.TIMEOUT, message, retry=Retry.SAME_OP))


class Dispatch:
    """Takes events from the transport, in the order in which each client sent them."""

    def __init__(
        self, registry: Registry, hub: Hub, multipart: Multipart, presence: Presence, metrics: Metrics
    ) -> None:
        self._registry = registry
        self._hub = hub
        self._multipart = multipart
        self._presence = presence
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False

    def drain(self) -> None:
        """Refuses what comes from now on."""
        self._draining = True

    def receive(self, client: Client, id: int | None, data: Any, flaw: Flaw | None, size: int = 0) -> None:
        """Starts the request; the ack follows. `data` is [event, payload] as it came, `size` characters."""
        event = data[0] if data else UNKNOWN
        request = self._registry.requests.get(event)
        call = Call(client, id, UNKNOWN if request is None else request.event, size, self._metrics)
        try:
            if self._draining:
                raise draining()
            if flaw is not None:
                raise bad_request("The payload cannot be taken.", flaw)
            if request is None:
                raise self._unknown(event)
        except Refusal as refusal:
            call.refuse(refusal)
        else:
            self._begin(call, request, data[1:])

    def enter(self, client: Client) -> None:
        """A client was let in: its source, if it is one, is there."""
        self._presence.came(client)

    def leave(self, client: Client) -> None:
        """Drops the unfinished batch of a disconnected client; its source may be gone with it."""
        self._multipart.forget(client)
        self._presence.left(client)

    def refuse(self, client: Client, id: int | None, refusal: Refusal) -> None:
        """Acks a message that could not be read far enough to know its event."""
        Call(client, id, UNKNOWN, 0, self._metrics).refuse(refusal)

    def _begin(self, call: Call, request: Request, arguments: list[Any]) -> None:
        """Starts the request, behind one of the client's that still reads what it needs."""
        behind = call.client.behind
        if behind is not None and not request.aside:
            call.limit()
            behind.append(lambda: self._begin(call, request, arguments))
            return
        if call.over:
            return
        try:
            self._start(call, request, arguments)
        except Refusal as refusal:
            call.refuse(refusal)
        except Exception:  # noqa: BLE001 - the one place where a failure becomes an ack
            call.finish(failed(call.event))

    def _start(self, call: Call, request: Request, arguments: list[Any]) -> None:
        principal = call.client.principal
        if principal.role not in request.roles:
            message = f"{request.event} is not for the role {principal.role}."
            raise Refusal(ErrorCode.FORBIDDEN, message)
        payload, raw = _parse(request, arguments), arguments[0]
        client = call.client
        if isinstance(payload, Put) and payload.part is not None:
            staged = self._multipart.take(client, request.event, payload, raw, call.size)
            if isinstance(staged, PartHeld):
                self._answer(call, staged.ack())
                return
            payload, raw = staged
        if request.rule is not None:
            job = Job(lambda outcome: self._write_done(call, outcome), request, payload, raw, principal)
            call.limit(job)
            reading = self._reading(client, job)
            if reading is None:
                self._write(call, job)
            else:
                client.behind = deque()
                self._spawn(self._read_and_write(call, job, reading))
        elif request.aside:
            self._ask_now(call, request, payload)
        elif client.in_hub or self._hub.sending:  # after the writes before it, and what is being sent
            call.limit()
            client.in_hub += 1
            self._hub.submit(Job(lambda outcome: self._ask_in_turn(call, request, payload)))
        else:
            self._ask(call, request, payload)

    def _reading(self, client: Client, job: Job) -> Awaitable[Any] | None:
        """What is to be done before the job's turn."""
        assert job.request is not None
        if job.request.prefetch is not None:
            return job.request.prefetch(client, job.payload)
        return self._hub.speculate(job) if job.is_large else None

    async def _read_and_write(self, call: Call, job: Job, reading: Awaitable[Any]) -> None:
        """Reads behind the client's own writes, and writes before all that it sent meanwhile."""
        client = call.client
        try:
            if client.in_hub:
                written = asyncio.get_running_loop().create_future()
                self._hub.submit(Job(written.set_result))
                await written
            job.prefetched = await reading
        except Exception as error:  # noqa: BLE001 - as above
            self._give_up(call, error)
        else:
            self._write(call, job)  # also when its time is over: the hub then only lets go of it
        waiting, client.behind = client.behind or deque(), None
        while waiting:
            begin = waiting.popleft()
            begin()

    def _write(self, call: Call, job: Job) -> None:
        call.client.in_hub += 1
        self._hub.submit(job)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _write_done(self, call: Call, outcome: Outcome) -> None:
        call.client.in_hub -= 1
        call.finish(outcome)
        if outcome.calls:
            self._presence.call(outcome.calls)

    def _ask_in_turn(self, call: Call, request: Request, payload: Any) -> None:
        call.client.in_hub -= 1
        self._ask(call, request, payload)

    def _ask(self, call: Call, request: Request, payload: Any) -> None:
        if call.over:
            return
        before = call.client.asking
        if before is not None and not before.done():  # one client's requests are carried out in order
            call.limit()
            before.add_done_callback(lambda _: self._ask(call, request, payload))
            return
        task = self._ask_now(call, request, payload)
        if task is not None:
            call.client.asking = task

    def _ask_now(self, call: Call, request: Request, payload: Any) -> asyncio.Task[None] | None:
        """Acks at once, or gives the task that will."""
        assert request.query is not None
        try:
            answer = request.query(call.client, payload)
            if not inspect.iscoroutine(answer):
                self._answer(call, answer)
                return None
        except Exception as error:  # noqa: BLE001 - as above
            self._give_up(call, error)
            return None
        call.limit()
        return self._spawn(self._wait_for(call, answer))

    async def _wait_for(self, call: Call, answer: Awaitable[Json]) -> None:
        """Acks in the same step in which the query returns: a sync and the joining of its rooms
        stay together."""
        try:
            self._answer(call, await answer)
        except Exception as error:  # noqa: BLE001 - as above
            self._give_up(call, error)

    def _answer(self, call: Call, data: Json) -> None:
        seq = self._hub.state.seq
        ack = {"ok": True, "seq": seq, "data": data}
        if isinstance(data, Repeated):
            ack |= {"data": data.data, "replay": True}
        call.finish(Outcome(encode(ack), seq))

    def _give_up(self, call: Call, error: Exception) -> None:
        call.finish(refused(error) if isinstance(error, Refusal) else failed(call.event))

    def _unknown(self, event: str) -> Refusal:
        near = get_close_matches(event[:64], self._registry.requests, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        return Refusal(ErrorCode.UNKNOWN_EVENT, f"There is no such event.{hint}")


def _parse(request: Request, arguments: list[Any]) -> Any:
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise bad_request("The payload is one JSON object; send {} when there is nothing to say.")
    try:
        return request.payload.model_validate(arguments[0])
    except ValidationError as error:
        if any(fault["type"] == "too_long" for fault in error.errors(include_input=False)):
            message = "A list in the payload is too long: send it in parts."
            details = [{"path": path, "message": text} for path, text in faults_of(error)]
            raise Refusal(ErrorCode.TOO_LARGE, message, details=details) from None
        raise bad_request("The payload does not fit this request.", *faults_of(error)) from None

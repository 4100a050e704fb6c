"""Requests that become due by time, made on behalf of people: registry.Request.wanted.

Each has an op, so that it is carried out once, even across a crash or a clock that jumps.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

from models.ack import ErrorCode
from sio_server.clients.persons import Persons
from sio_server.clients.queries import Queries
from sio_server.clients.services import Services
from sio_server.hub.batch import Job
from sio_server.hub.hub import Hub
from sio_server.hub.outcome import Outcome
from sio_server.registry.errors import Refusal
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Context, Request
from sio_server.registry.roles import SERVER, Principal
from sio_server.registry.settings import RuleSettings

SENT_KEPT = 10_000  # remembered; for older ones the store's record of the op decides
AGAIN = frozenset({ErrorCode.STORAGE_UNAVAILABLE, ErrorCode.BUSY, ErrorCode.DRAINING, ErrorCode.TIMEOUT})

log = logging.getLogger("adjutant")


class Unasked:
    """Finds the requests that are due, and sends them."""

    def __init__(self, hub: Hub, services: Services, persons: Persons, rules: RuleSettings) -> None:
        self._hub = hub
        self._services = services
        self._persons = persons
        self._rules = rules
        self._sent: dict[tuple[str, str, str], None] = {}  # saves asking the store each time
        self._requests = [one for one in services.registry.requests.values() if one.wanted is not None]

    async def look(self) -> None:
        """Sends the due requests, one after the other; a temporary failure is retried at the next look."""
        clock = self._services.clock
        times = clock.moment(clock.wall()), self._rules, self._services.registry, clock.steady()
        ctx = Context(SERVER, *times, clock.elapsed_ms())
        view = Queries(SERVER, self._services).view()
        for request in self._requests:
            assert request.wanted is not None
            for who, raw in [*request.wanted(view, ctx)]:
                name = (request.event, who.whose, raw["op"])
                if name not in self._sent and await self._send(request, who, raw):
                    self._sent[name] = None
        while len(self._sent) > SENT_KEPT:
            del self._sent[next(iter(self._sent))]

    async def _send(self, request: Request, who: Principal, raw: Json) -> bool:
        """Sends one; returns whether it is finished, done or refused."""
        payload = request.validate(raw)
        finished: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        job = Job(finished.set_result, request, payload, raw, who)
        try:
            reading = self._reading(request, who, payload)
            job.prefetched = None if reading is None else await reading
        except Refusal as refusal:
            return refusal.code not in AGAIN
        self._hub.submit(job)
        outcome = await finished
        if outcome.error is None:
            self._persons.tell(outcome.news)
        elif outcome.error not in AGAIN:
            log.warning("%s for %s was refused: %s", request.event, who.actor, outcome.error)
        return outcome.error not in AGAIN

    def _reading(self, request: Request, who: Principal, payload: Json) -> Awaitable[Json] | None:
        if request.prefetch is None:
            return None
        asker: Asker = Queries(who, self._services)  # type: ignore[assignment]  # it is in no rooms
        return request.prefetch(asker, payload)

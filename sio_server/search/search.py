"""The server's side of search: bounds on waiting requests, short names of hits, metrics.

The index itself is elsewhere (`Backend`): nothing here waits for a disk, and if it fails the rest of the
server goes on (decision 23).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from pydantic import BaseModel

from models.ack import ErrorCode, Retry
from sio_server.metrics import Metrics
from sio_server.people.directory import Directory
from sio_server.registry.errors import Refusal
from sio_server.registry.ops import Json
from sio_server.registry.records import MOST_RECORDS, Most, Repeated
from sio_server.search.names import HitNames

SEARCHES_WAITING = 256  # with four threads and 5 ms each, a third of a second
PUTS_WAITING = 64
"""Beyond these, `busy`: waiting requests are held in memory."""
BUSY_AFTER_MS = 500  # a search's time budget: by then some have been answered
TIMES_KEPT = 1_000
"""Searches whose durations make the quantiles in /stats."""


class Backend(Protocol):
    """The index: in a separate process (process.IndexProcess) or in this one (index.Index).

    Errors: Refusal with storage_unavailable or draining from every request; conflict from `put`.
    """

    async def start(self) -> None:
        """Opens the file; if that fails, `fault` says why."""

    async def stop(self, within_s: float) -> None:
        """Finishes the waiting puts if there is time, and closes the file."""

    async def put(
        self,
        source: str,
        records: Sequence[Any],
        model: type[BaseModel],
        key: tuple[str, str] | None,
        most: Most = MOST_RECORDS,
    ) -> tuple[Json, bool]:
        """Stores records; returns the answer (models.records.PutRecordsDone) and whether it is a replay.

        Errors: Refusal with too_large when there would be more than `most`.
        """

    async def put_people(
        self, source: str, people: Sequence[Any], model: type[BaseModel], spared: Sequence[str] | None
    ) -> Json:
        """Stores people. Shape: models.people.PutPeopleDone."""

    async def search(self, client: int, **fields: Any) -> Json:
        """Shape: models.search.Hits. A client's newer search on a `channel` cancels its older one."""

    async def quotes(self, **fields: Any) -> Json:
        """Quotes, by the fields of quotes.QuoteRequest. Shape: see quotes.Quotes.of."""

    async def record(self, **fields: Any) -> Json:
        """Shape: models.search.Record. Errors: also Refusal with not_found."""

    async def summary(self) -> Json:
        """Shape: models.search.SearchSummary, including the newest records."""

    @property
    def people(self) -> Directory:
        """The directory, as last reported."""

    @property
    def known(self) -> Json:
        """Shape: models.search.SearchSummary, as last reported."""

    @property
    def fault(self) -> str | None:
        """What does not work, in a sentence; None if everything does."""

    @property
    def memory_bytes(self) -> int:
        """Memory of the separate process in bytes; 0 if there is none."""


class Search:
    """Implements `registry.records.Records` over a backend."""

    def __init__(
        self,
        backend: Backend,
        metrics: Metrics,
        names: HitNames | None = None,
        most: Most = MOST_RECORDS,
    ) -> None:
        self._most = most
        self._backend = backend
        self._metrics = metrics
        self._names = names or HitNames()
        self._searches = 0
        self._puts = 0
        self._took_s: deque[float] = deque(maxlen=TIMES_KEPT)
        self.start = backend.start

    async def stop(self, within_s: float) -> None:
        """Finishes the waiting puts if there is time, and closes the file."""
        await self._backend.stop(within_s)
        await self._names.close()

    async def put(
        self, source: str, records: Sequence[Any], model: type[BaseModel], key: tuple[str, str] | None
    ) -> Json | Repeated:
        """Stores the records; they are on disk when this returns (records.Records)."""
        if self._puts >= PUTS_WAITING:
            raise _busy("Too many records are waiting to be indexed")
        self._puts += 1
        try:
            answer, replayed = await self._backend.put(source, records, model, key, self._most)
        finally:
            self._puts -= 1
        if replayed:
            return Repeated(answer)
        for outcome in ("indexed", "unchanged"):
            self._metrics.records_taken(outcome, answer[outcome])
        self._metrics.records_taken("rejected", len(answer["rejected"]))
        return answer

    async def put_people(
        self, source: str, people: Sequence[Any], model: type[BaseModel], spared: Sequence[str] | None
    ) -> Json:
        """Adds people to the directory (records.Records)."""
        if self._puts >= PUTS_WAITING:
            raise _busy("Too many records are waiting to be indexed")
        self._puts += 1
        try:
            return await self._backend.put_people(source, people, model, spared)
        finally:
            self._puts -= 1

    @property
    def people(self) -> Directory:
        """The directory (records.Records)."""
        return self._backend.people

    async def search(self, client: object, *, person: str | None = None, **fields: Any) -> Json:
        """The hits (records.Records). Shape: models.search.Hits."""
        began = time.perf_counter()
        found = await self._limited(self._backend.search(id(client), **fields))
        self._took_s.append(time.perf_counter() - began)
        self._metrics.searched(next((how for how in ("superseded", "partial") if how in found), "done"))
        if person is not None:
            found["hits"] = await self._names.give(person, found["hits"])
        return found

    async def quotes(self, **fields: Any) -> Json:
        """Quotes (records.Records)."""
        return await self._limited(self._backend.quotes(**fields))

    async def record(self, **fields: Any) -> Json:
        """One record (records.Records). Shape: models.search.Record."""
        return await self._limited(self._backend.record(**fields))

    async def named(self, person: str, records: Sequence[Json]) -> list[Json]:
        """Gives records short names (records.Records)."""
        return await self._names.give(person, records)

    async def summary(self) -> Json:
        """A summary of the records (records.Records). Shape: models.search.SearchSummary."""
        return await self._limited(self._backend.summary())

    def hit(self, person: str, name: str) -> Json | None:
        """The hit that the person was shown by this name (records.Records)."""
        return self._names.hit(person, name)

    @property
    def fault(self) -> str | None:
        """What does not work, in a sentence; None when everything does."""
        return self._backend.fault

    @property
    def records(self) -> int:
        """The number of records."""
        number: int = self._backend.known["records"]
        return number

    @property
    def size_bytes(self) -> int:
        """The file's size on disk in bytes."""
        size: int = self._backend.known["bytes"]
        return size

    async def _limited(self, request: Coroutine[Any, Any, Json]) -> Json:
        if self._searches >= SEARCHES_WAITING:
            request.close()
            raise _busy("Too many searches are waiting")
        self._searches += 1
        try:
            return await request
        finally:
            self._searches -= 1

    def stats(self) -> Json:
        """Shape: models.stats.SearchStats."""
        took_s = sorted(self._took_s)
        quantiles = {
            name: round(took_s[int(len(took_s) * part)] * 1000, 2) if took_s else None
            for name, part in (("p50_ms", 0.5), ("p99_ms", 0.99))
        }
        waiting = {"searches_waiting": self._searches, "puts_waiting": self._puts}
        memory = {"memory_bytes": self._backend.memory_bytes}
        fault = {} if self.fault is None else {"fault": self.fault}
        return self._backend.known | waiting | memory | quantiles | fault


def _busy(what: str) -> Refusal:
    message = f"{what}: try again in a moment."
    return Refusal(ErrorCode.BUSY, message, retry=Retry.AFTER, after_ms=BUSY_AFTER_MS)

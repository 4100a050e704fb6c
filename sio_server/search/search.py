"""The records as the server sees them: how many may wait, short names of hits, what is counted.

The index itself is elsewhere (`Backend`): nothing here waits for a disk, and it may fail without the rest of
the server noticing more than an error in an ack.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from pydantic import BaseModel

from models.ack import ErrorCode, Retry
from sio_server.metrics import Metrics
from sio_server.registry.errors import Refusal
from sio_server.registry.records import Json, Repeated
from sio_server.search.names import Names

SEARCHES_WAITING = 256
PUTS_WAITING = 64
BUSY_AFTER_MS = 500
TIMES_KEPT = 1_000


class Backend(Protocol):
    """Where the index is: in a process of its own (process.Process), or in this one (index.Index).

    Errors: of all three requests Refusal with storage_unavailable or draining, of a put also conflict.
    """

    async def start(self) -> None:
        """Opens the file; what is wrong with it becomes `fault`."""

    async def stop(self, within_s: float) -> None:
        """Finishes the puts that wait, while there is time, and closes the file."""

    async def put(
        self, source: str, records: Sequence[Any], given: type[BaseModel], key: tuple[str, str] | None
    ) -> tuple[Json, bool]:
        """The answer (models.records.PutRecordsDone), and whether the op got it before."""

    async def search(self, client: int, **asked: Any) -> Json:
        """Shape: models.search.Hits. The client's newer search on one `channel` ends the older."""

    async def summary(self) -> Json:
        """Shape: models.search.SearchSummary; with what has just come."""

    @property
    def known(self) -> Json:
        """Shape: models.search.SearchSummary, as it was last heard."""

    @property
    def fault(self) -> str | None:
        """What does not work, in a sentence; None when all does."""

    @property
    def memory_bytes(self) -> int:
        """What its own process takes; 0 when it has none."""


class Search:
    """The port of `records.Records`, in front of a backend."""

    def __init__(self, backend: Backend, metrics: Metrics) -> None:
        self._backend = backend
        self._metrics = metrics
        self._names = Names()
        self._searches = 0
        self._puts = 0
        self._took_s: deque[float] = deque(maxlen=TIMES_KEPT)
        self.start = backend.start
        self.stop = backend.stop

    async def put(
        self, source: str, records: Sequence[Any], given: type[BaseModel], key: tuple[str, str] | None
    ) -> Json | Repeated:
        """Takes the records in; they are on disk when this returns (records.Records)."""
        if self._puts >= PUTS_WAITING:
            raise _busy("Too many records wait to be indexed")
        self._puts += 1
        try:
            answer, replayed = await self._backend.put(source, records, given, key)
        finally:
            self._puts -= 1
        if replayed:
            return Repeated(answer)
        for outcome, number in (answer | {"rejected": len(answer["rejected"])}).items():
            self._metrics.records_taken(outcome, number)
        return answer

    async def search(self, client: object, *, person: str | None = None, **asked: Any) -> Json:
        """The hits (records.Records). Shape: models.search.Hits."""
        began = time.perf_counter()
        found = await self._one_more(self._backend.search(id(client), **asked))
        self._took_s.append(time.perf_counter() - began)
        self._metrics.searched(next((how for how in ("superseded", "partial") if how in found), "done"))
        if person is not None:
            found["hits"] = self._names.give(person, found["hits"])
        return found

    async def summary(self) -> Json:
        """What there is (records.Records). Shape: models.search.SearchSummary."""
        return await self._one_more(self._backend.summary())

    def hit(self, person: str, name: str) -> Json | None:
        """The hit that the person knows by that short name."""
        return self._names.hit(person, name)

    @property
    def fault(self) -> str | None:
        """What does not work, in a sentence; None when all does."""
        return self._backend.fault

    @property
    def records(self) -> int:
        """How many there are."""
        number: int = self._backend.known["records"]
        return number

    @property
    def size_bytes(self) -> int:
        """What the file takes on disk."""
        size: int = self._backend.known["bytes"]
        return size

    async def _one_more(self, asked: Coroutine[Any, Any, Json]) -> Json:
        if self._searches >= SEARCHES_WAITING:
            asked.close()
            raise _busy("Too many searches wait")
        self._searches += 1
        try:
            return await asked
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
    message = f"{what}; send this again soon."
    return Refusal(ErrorCode.BUSY, message, retry=Retry.AFTER, after_ms=BUSY_AFTER_MS)

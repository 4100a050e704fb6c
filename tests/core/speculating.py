"""What tests of large puts share: the thread of speculation, held, and what they noted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from sio_server import garbage
from sio_server.clients.dispatch import Call
from sio_server.hub.batch import LARGE
from sio_server.registry.registry import Context, Delta, View
from tests.core.seats import Core, Seat, collector
from tests.running import until

Json = Any

WORK = collector("ics:work")
MANY = LARGE + 1


def items(count: int = MANY, mark: str = "") -> list[Json]:
    return [{"id": f"i{number}", "title": f"text {number}{mark}"} for number in range(count)]


class SpeculationThread:
    """Holds the thread of speculation until it is opened."""

    def __init__(self, core: Core) -> None:
        self._open = threading.Event()
        thread = core.hub._speculation_thread
        assert isinstance(thread, ThreadPoolExecutor)
        self._thread = thread
        self._held = threading.Event()
        self._thread.submit(self._hold)
        assert self._held.wait(20)

    def _hold(self) -> None:
        self._held.set()
        self._open.wait(20)

    def open(self) -> None:
        """Lets it go on, now and later."""
        self._open.set()

    async def asked(self) -> None:
        """A rule waits for the thread: it will see the state as it is now."""
        await until(lambda: self._thread._work_queue.qsize() == 1)

    async def idle(self) -> None:
        """All that it was asked is done."""
        await asyncio.wrap_future(self._thread.submit(int))


@pytest.fixture
def speculation(core: Core) -> Iterator[SpeculationThread]:
    """No rule runs before its turn until `speculation.open()`."""
    speculation = SpeculationThread(core)
    yield speculation
    speculation.open()


@pytest.fixture
def runs(core: Core, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """On which threads the rule of priorities:put ran."""
    requests = core.hub.registry.requests
    request, threads = requests["priorities:put"], list[str]()

    def noting(view: View, payload: Any, ctx: Context) -> Delta:
        threads.append(threading.current_thread().name.partition("_")[0])
        assert request.rule is not None
        return request.rule(view, payload, ctx)

    monkeypatch.setitem(requests, "priorities:put", replace(request, rule=noting))
    return threads


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """The calls that have a deadline."""
    limit, calls = Call.limit, list[Call]()

    def noting(call: Call) -> None:
        calls.append(call)
        limit(call)

    monkeypatch.setattr(Call, "limit", noting)
    return calls


@pytest.fixture
def freed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """On which threads large lists were freed, and how long they were."""
    free, freed = garbage.free, list[tuple[str, int]]()

    def noting(*many: Any) -> None:
        thread = threading.current_thread().name.partition("_")[0]
        freed.extend((thread, len(much)) for much in many if len(much) >= MANY)
        free(*many)

    monkeypatch.setattr(garbage, "free", noting)
    return freed


async def put(seat: Seat, given: list[Json], **fields: Json) -> Json:
    """The ack's data of a replace."""
    return await seat.done("priorities:put", items=given, mode="replace", **fields)

"""The index's process dies, or its server does (search/process, search/places, search/requests): nobody
waits for ever, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import uvloop

from models.records import GivenRecord
from sio_server.registry.errors import Refusal
from sio_server.search import __main__ as program
from sio_server.search import process
from sio_server.search.process import IndexProcess
from tests.conftest import Serve
from tests.running import WAIT_S, PythonClient, RunningServer, until, until_found
from tests.search.shelf import record

Json = Any


def index_of(server: RunningServer) -> psutil.Process:
    """Its search process."""
    [child] = psutil.Process(server.pid).children()
    return child


async def found(client: PythonClient, query: str) -> int:
    """The total, once the search is there."""

    async def answer() -> Json:
        ack = await client.request("search:query", query=query)
        if ack["ok"]:
            return ack["data"]
        assert ack["error"]["code"] == "storage_unavailable"
        assert ack["error"]["retry"] == "same_op"
        return None

    total: int = (await until_found(answer, "the search"))["total"]
    return total


async def test_a_killed_process_is_started_again_and_the_board_does_not_notice(serve: Serve) -> None:
    server = await serve()
    client = await PythonClient(rooms=["state"]).connect(server.url)
    await client.done("records:put", records=[record("a", "budget")])
    before = index_of(server)
    before.suspend()
    waiting = [asyncio.ensure_future(client.request("search:query", query="budget")) for _ in range(5)]
    put = {"records": [record("b", "budget")], "op": "o"}
    waiting.append(asyncio.ensure_future(client.request("records:put", put)))
    await client.done("priorities:put", items=[{"id": "p", "title": "Ship"}])
    before.kill()
    *searches, put_ack = await asyncio.gather(*waiting)
    for ack in (*searches, put_ack):
        assert ack["error"]["code"] == "storage_unavailable", ack
        assert "search process ended (status -9)" in ack["error"]["message"]
        assert ack["error"]["retry"] == "same_op"
    assert all("outcome" not in ack["error"] for ack in searches)
    assert put_ack["error"]["outcome"] == "unknown", "it may have been stored before the end"
    assert "The change may or may not have been made" in put_ack["error"]["message"]
    assert await found(client, "budget") in (1, 2)
    assert index_of(server).pid != before.pid
    await client.done("records:put", put)
    assert await found(client, "budget") == 2
    assert (await client.done("search:stats", {}))["records"] == 2
    _, stats = await server.get("/stats")
    assert "fault" not in stats["search"]
    assert "is being started again" in server.log()
    await client.disconnect()


async def test_the_process_ends_with_a_server_that_is_killed(serve: Serve) -> None:
    server = await serve()
    index = index_of(server)
    client = await PythonClient().connect(server.url)
    await client.done("records:put", records=[record("a", "budget")])
    await server.kill()
    await until(lambda: not index.is_running() or index.status() == psutil.STATUS_ZOMBIE, "the end")
    assert "Traceback" not in server.log()
    await client.disconnect()
    await server.start()
    client = await PythonClient().connect(server.url)
    assert await found(client, "budget") == 1
    await client.disconnect()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_to_all_of_its_processes_lets_the_index_finish(
    serve: Serve, number: signal.Signals
) -> None:
    server = await serve()
    client = await PythonClient().connect(server.url)
    await client.done("records:put", records=[record("a", "budget")])
    index = index_of(server)
    index.send_signal(number)
    assert await found(client, "budget") == 1, "the server alone ends it"
    assert await server.stop() == 0
    assert not index.is_running()
    assert not Path(f"{server.data_dir}/search.db-wal").exists(), "it was closed in order"
    assert "search process" not in server.log()
    await client.disconnect()


@pytest.fixture
async def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[IndexProcess]:
    monkeypatch.setattr(process, "RESTART_AFTER_S", 0.01)
    made = IndexProcess(tmp_path / "search.db", "info")
    await made.start()
    yield made
    await made.stop(5.0)


async def put(index: IndexProcess, *records: Json) -> tuple[Json, bool]:
    return await index.put("notes", records, GivenRecord, ("somebody", "op"))


async def test_what_cannot_be_started_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "RESTART_AFTER_S", 0.01)
    monkeypatch.setattr(process, "OPEN_WITHIN_S", 0.1)
    index = IndexProcess(tmp_path / "search.db", "info")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        await index.start()
        assert index.fault == "the search process cannot be started: No such file or directory"
        with pytest.raises(Refusal, match="cannot be started"):
            await index.summary()
    await until(lambda: index.fault is None)
    assert (await index.summary())["records"] == 0
    await index.stop(5.0)
    with pytest.raises(Refusal, match="stopping"):
        await index.summary()


async def test_a_request_that_fails_fails_alone(started: IndexProcess) -> None:
    with pytest.raises(RuntimeError, match="in the log"):
        await started.search(1, no_such_argument=True)
    answer, replayed = await put(started, record("a", "budget"))
    assert (answer["indexed"], replayed) == (1, False)
    answer, replayed = await put(started, record("a", "budget"))
    assert (answer["indexed"], replayed) == (1, True)
    with pytest.raises(Refusal, match="used for another request") as refused:
        await put(started, record("b", "budget"))
    assert refused.value.code == "conflict"
    assert started.known["records"] == 1
    assert (await started.search(1, query="budget"))["total"] == 1


async def test_a_stop_answers_what_was_asked_before(started: IndexProcess) -> None:
    many = [record(f"r{n}", f"budget {n}") for n in range(1_000)]
    asked = asyncio.ensure_future(put(started, *many))
    await asyncio.sleep(0)
    await started.stop(10.0)
    [outcome] = await asyncio.gather(asked, return_exceptions=True)
    assert outcome == ({"indexed": 1_000, "unchanged": 0, "held": 1_000, "rejected": []}, False)


async def test_a_process_that_does_not_end_is_ended(
    started: IndexProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "END_WITHIN_S", 0.1)
    child = started._child
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)
    asked = asyncio.ensure_future(started.summary())
    await asyncio.sleep(0)
    await started.stop(0.1)
    with pytest.raises(Refusal, match="stopping"):
        await asked
    assert child.returncode == -signal.SIGKILL


async def test_a_stop_at_any_moment_of_a_start_leaves_no_process(tmp_path: Path) -> None:
    for steps in range(12):
        index = IndexProcess(tmp_path / "search.db", "info")
        starting = asyncio.ensure_future(index.start())
        for _ in range(steps):
            await asyncio.sleep(0)
        if steps > 8:
            await asyncio.sleep(0.02)
        await index.stop(5.0)
        await starting
        assert index._child is None


async def test_a_put_that_a_stop_cuts_off_may_be_stored(
    started: IndexProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "END_WITHIN_S", 0.1)
    assert started._child is not None
    os.kill(started._child.pid, signal.SIGSTOP)
    stored = asyncio.ensure_future(put(started, record("a", "budget")))
    await asyncio.sleep(0)
    await started.stop(0.1)
    with pytest.raises(Refusal, match="The change may or may not have been made") as refused:
        await stored
    assert (refused.value.code, refused.value.outcome) == ("draining", "unknown")
    with pytest.raises(Refusal, match="stopping") as late:
        await put(started, record("a", "budget"))
    assert late.value.outcome is None, "it was not even asked"


def test_whoever_asks_in_the_moment_of_a_loss_is_refused(tmp_path: Path) -> None:
    """On the server's own loop, which raises when one writes to a connection that is closed."""

    async def lose() -> list[Json]:
        index = IndexProcess(tmp_path / "search.db", "info")
        await index.start()
        assert index._writer is not None
        index._writer.transport.abort()  # as a write to a process that was killed does
        asked: list[asyncio.Future[Json]] = []
        for _ in range(5):
            asked.append(asyncio.ensure_future(put(index, record("a", "budget"))))
            await asyncio.sleep(0)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        await index.stop(5.0)
        return answers

    refused = uvloop.run(lose())
    assert {getattr(one, "code", one) for one in refused} == {"storage_unavailable"}


async def test_a_process_that_says_nonsense_is_replaced(
    started: IndexProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = started._child
    assert first is not None
    with monkeypatch.context() as patch:
        patch.setattr("sio_server.search.frames.orjson.loads", lambda body: [0])
        with pytest.raises(Refusal, match="ended"):
            await started.summary()
    await until(lambda: started.fault is None)
    assert first.returncode == -signal.SIGKILL
    assert (await started.summary())["records"] == 0


async def test_a_process_that_ends_at_once_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "OPEN_WITHIN_S", 60.0)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    index = IndexProcess(tmp_path / "search.db", "info")
    async with asyncio.timeout(WAIT_S):
        await index.start()
    assert "ended (status 1)" in (index.fault or "")
    await until(lambda: index._restart_after_s > process.RESTART_AFTER_S, "a longer pause")
    await index.stop(5.0)


async def test_a_stop_waits_for_no_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "RESTART_AFTER_S", 3_600.0)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    index = IndexProcess(tmp_path / "search.db", "info")
    await index.start()
    await index.stop(5.0)
    assert index._supervisor is not None
    assert index._supervisor.done()


async def test_a_silent_process_is_told(started: IndexProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SILENT_AFTER_S", 0.05)
    assert started._child is not None
    os.kill(started._child.pid, signal.SIGSTOP)
    asked = asyncio.ensure_future(started.summary())
    await until(lambda: started.fault == "the search process has not answered for 0 s")
    os.kill(started._child.pid, signal.SIGCONT)
    assert (await asked)["records"] == 0
    assert started.fault is None


def test_where_it_may_not_stand_back_it_works_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "nice", refuse)
    program._yield_to_the_server()

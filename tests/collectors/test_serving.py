"""A collector that stays: asked by the server, by the clock or by a file, over restarts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adjutant_client import Refused
from collectors.report import Report
from collectors.running import Job, Terms
from collectors.serving import due_again, watch
from collectors.serving import serve as stay
from collectors.types import Ask, Found, Mode
from tests.collectors.jobs import SOURCE, job, priority, terms
from tests.conftest import Connect, Serve
from tests.forked import ForkedProcess
from tests.running import PythonClient, RunningServer, until

Begin = Callable[..., list[Report]]


@pytest.fixture
async def begin() -> AsyncIterator[Begin]:
    """Lets a job stay; the reports of its runs. All are ended after the test."""
    tasks: list[asyncio.Future[None]] = []

    def begin(one: Job, how: Terms, watches: bool = False) -> list[Report]:
        reports: list[Report] = []
        staying = (watch if watches else stay)(one, replace(how, serves=True), reports.append)
        tasks.append(asyncio.ensure_future(staying))
        return reports

    yield begin
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def shows(board: PythonClient, condition: Callable[[Any], Any]) -> Any:
    """The state, once it is so."""
    while True:
        seen = len(board.events)
        state = await board.state()
        if condition(state):
            return state
        await until(lambda: len(board.events) > seen, "another change")  # noqa: B023


def of_source(*expected: str) -> Callable[[Any], Any]:
    def condition(state: Any) -> bool:
        return [one["status"] for one in state["sources"] if one["id"] == SOURCE] == list(expected)

    return condition


async def test_a_run_that_the_board_asks_for_is_done_and_followed(
    server: RunningServer, connect: Connect, begin: Begin
) -> None:
    board = await connect(client="wall")
    asked: list[Ask] = []

    def collect(ask: Ask) -> Iterator[Found]:
        asked.append(ask)
        yield priority("a")

    reports = begin(Job(SOURCE, collect, ("priorities",)), terms(server))
    await shows(board, of_source("online"))
    for mode in ("full", "quick"):
        started = await board.done("collection:start", mode=mode)
        assert started["sources"] == [SOURCE]
        state = await shows(board, lambda state: state["system"]["collection"]["status"] != "running")
        assert state["system"]["collection"]["status"] == "done", state["system"]
        assert state["system"]["collection"]["sources"][0]["counts"] == {"priorities": 1}
    assert [report.exit_status for report in reports] == [0, 0]
    assert [ask.mode for ask in asked] == [Mode.FULL, Mode.QUICK]
    assert asked[1].since is not None


async def test_a_collector_that_is_stopped_shows_as_offline_at_once(
    server: RunningServer, connect: Connect
) -> None:
    board = await connect(client="wall")
    staying = stay(job(priority("a")), replace(terms(server), serves=True), lambda _: None)
    task = asyncio.ensure_future(staying)
    await shows(board, of_source("online"))
    task.cancel()
    await shows(board, of_source("offline"))


async def test_a_second_run_is_not_begun_while_one_is_going_on(
    server: RunningServer, connect: Connect, begin: Begin
) -> None:
    board = await connect(client="wall")
    go_on = asyncio.Event()

    async def collect(_: Ask) -> AsyncIterator[Found]:
        yield priority("a")
        await go_on.wait()

    reports = begin(Job(SOURCE, collect, ("priorities",)), terms(server, every_s=3_600))
    await shows(board, lambda state: "running" in [one["run_status"] for one in state["sources"]])
    await board.done("collection:start", mode="full")
    state = await shows(board, lambda state: state["system"]["collection"]["status"] != "running")
    assert "already in progress" in str(state["system"]["collection"]["sources"])
    go_on.set()
    await until(lambda: reports, "a report")


async def test_a_run_that_is_cancelled_stops_quietly_and_the_next_one_is_done(
    server: RunningServer, connect: Connect, begin: Begin
) -> None:
    board = await connect(client="wall")
    go_on = asyncio.Event()

    async def collect(_: Ask) -> AsyncIterator[Found]:
        yield priority("a")
        await go_on.wait()

    reports = begin(Job(SOURCE, collect, ("priorities",)), terms(server))
    await shows(board, of_source("online"))
    started = await board.done("collection:start", mode="full")
    await shows(board, lambda state: "running" in [one["run_status"] for one in state["sources"]])
    await board.done("collection:cancel", run=started["run"])
    go_on.set()
    await until(lambda: reports, "a report")
    assert reports[0].fenced
    assert (await board.state())["priorities"] == []
    await board.done("collection:start", mode="full")
    await shows(board, lambda state: state["system"]["collection"]["status"] == "done")
    assert len((await board.state())["priorities"]) == 1


async def test_it_runs_at_every_interval(server: RunningServer, begin: Begin) -> None:
    reports = begin(job(priority("a")), terms(server, every_s=0.05))
    await until(lambda: len(reports) >= 3, "three runs")
    assert {report.exit_status for report in reports} == {0}


async def test_it_runs_when_something_below_a_watched_folder_changes(
    server: RunningServer, connect: Connect, begin: Begin, tmp_path: Path
) -> None:
    board = await connect(client="wall")
    folder = tmp_path / "notes" / "below"
    folder.mkdir(parents=True)
    (folder / "a").touch()

    def collect(_: Ask) -> Iterator[Found]:
        yield from (priority(path.name) for path in sorted(folder.iterdir()))

    begin(Job(SOURCE, collect, ("priorities",), (folder.parent,)), terms(server), watches=True)
    await shows(board, lambda state: len(state["priorities"]) == 1)
    (folder / "b").touch()
    await shows(board, lambda state: len(state["priorities"]) == 2)


async def test_it_can_be_asked_again_after_a_restart_of_the_server(
    server: RunningServer, begin: Begin
) -> None:
    reports = begin(job(priority("a")), terms(server))
    run = 0
    for _ in range(2):
        board = await PythonClient(client="wall").connect(server.url)
        await shows(board, lambda state: [one for one in state["sources"] if one["run"] > run])  # noqa: B023
        await board.done("collection:start", mode="full")
        state = await shows(board, lambda state: state["system"]["collection"]["status"] == "done")
        run = state["sources"][0]["run"]
        await board.disconnect()
        await server.restart()
    assert [report.exit_status for report in reports] == [0, 0]


async def test_what_was_kept_goes_out_when_the_server_is_back(
    server: RunningServer, connect: Connect, begin: Begin, tmp_path: Path
) -> None:
    board = await connect(client="wall")
    go_on = asyncio.Event()

    async def collect(_: Ask) -> AsyncIterator[Found]:
        yield priority("a")
        await go_on.wait()

    one = Job(SOURCE, collect, ("priorities",))
    reports = begin(one, terms(server, tmp_path / "spool", wait_s=0.1))
    await shows(board, of_source("online"))
    await board.done("collection:start", mode="full")
    await shows(board, lambda state: "running" in [one["run_status"] for one in state["sources"]])
    await server.kill()
    go_on.set()
    await until(lambda: reports, "the report of the run")
    assert (reports[0].exit_status, reports[0].kept) == (3, 1)
    await server.start()
    await until(lambda: len(reports) > 1, "the word about what was kept")
    again = await PythonClient(client="wall").connect(server.url)
    assert [item["title"] for item in (await again.state())["priorities"]] == ["Title of a"]
    await again.disconnect()


async def test_a_collector_that_may_not_connect_says_so(serve: Serve, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.json"
    flags = ("--role", "collector", "--source", SOURCE, "--tokens", str(tokens))
    adding = await ForkedProcess("serve.py", "token", "add", "one", *flags).start(os.environ)
    await adding.communicate()
    guarded = await serve("--tokens", str(tokens))
    with pytest.raises(Refused):
        await stay(job(priority("a")), replace(terms(guarded), serves=True), lambda _: None)


def test_an_interval_counts_from_the_begin_of_a_run() -> None:
    assert due_again(100.0, 103.0, 30.0, away="") == 130.0
    assert due_again(100.0, 140.0, 30.0, away="") == 141.0  # one that takes longer leaves some time
    assert due_again(100.0, 100.1, 0.05, away="") == pytest.approx(100.15)
    assert due_again(100.0, 103.0, 30.0, away="the server is gone") == 104.0
    assert due_again(100.0, 103.0, None, away="") is None

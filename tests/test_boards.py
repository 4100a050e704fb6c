"""Boards share nothing (board.py, log/reader, clients/services), and a client's is found at its handshake."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from sio_server.background import Background
from tests.conftest import Connect
from tests.core.seats import Core
from tests.running import ROOT, RunningServer, until

Json = Any

BUDGET = {"id": "budget", "title": "Sign the budget"}


class TwoBoards(RunningServer):
    """A server with a second board, for clients that call themselves `annex`."""

    program = (str(ROOT / "tests" / "two_boards.py"),)


@pytest.fixture
def kind() -> type[RunningServer]:
    return TwoBoards


async def test_a_client_is_on_the_board_that_its_handshake_says(
    server: RunningServer, connect: Connect
) -> None:
    ana, annex, other = [await connect(client=name) for name in ("ana", "annex", "annex")]
    first = await ana.request("priorities:put", items=[BUDGET])
    second = await annex.request("priorities:put", items=[BUDGET | {"title": "Lock the door"}])
    assert first["data"]["codes"] == second["data"]["codes"] == {"budget": "P1"}
    assert [item["title"] for item in (await ana.state())["priorities"]] == ["Sign the budget"]
    assert [item["title"] for item in (await other.state())["priorities"]] == ["Lock the door"]
    await other.in_step(second["seq"])
    [patch] = other.received("state:patch")
    assert patch["changes"][0]["put"]["title"] == "Lock the door"
    await server.stop()
    assert (server.data_dir / "annex" / "adjutant.db").exists()


async def test_two_boards_have_no_item_no_position_and_no_op_in_common(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    async with Core(one) as here, Core(two) as there:
        ana, bob = await here.sit("state"), await there.sit("state")
        ack = await ana.ask("priorities:put", items=[BUDGET], op="same")
        assert here.state.epoch != there.state.epoch
        assert (await bob.ask("priorities:put", items=[BUDGET], op="same"))["data"] == ack["data"]
        await ana.done("priorities:complete", code="P1")
        assert (await bob.item("priorities", "budget"))["status"] != "completed"
        assert there.state.seq < here.state.seq
        histories = [await core.board.reader.changes_of("priorities", "budget", 9) for core in (here, there)]
        assert [len(history) for history in histories] == [2, 1]


async def test_work_that_fails_is_logged_and_done_again_until_it_is_stopped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    background, done = Background(), list[int]()

    async def work() -> None:
        done.append(len(done))
        if len(done) < 3:
            raise ValueError("not yet")

    background.every(0.001, work)
    await until(lambda: len(done) > 3)
    await background.stop()
    so_far = len(done)
    await asyncio.sleep(0)
    assert len(done) == so_far
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(failures) == 2

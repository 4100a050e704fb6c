"""The client for scripts without asyncio."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest

from adjutant_client import Blocking, Client, Refused, Stage, Unreachable
from models.batch import PutDone
from tests.running import ROOT, WAIT_S, PythonClient, RunningServer


def put(board: Blocking, name: str) -> PutDone:
    items = {"items": [{"id": name, "title": f"Title of {name}"}]}
    return board.request("priorities:put", items, PutDone).data


async def test_a_script_asks_and_sees_the_board(server: RunningServer, person: PythonClient) -> None:
    def script() -> list[str]:
        with Blocking(Client(server.url, client="script", follow=True)) as board:
            assert put(board, "a").codes == {"a": "P1"}
            assert board.ask("state:get", {"sections": ["system"]}).seq == 1
            with pytest.raises(Refused, match="no such item"):
                board.request("priorities:complete", {"code": "P9"})
            return [item["title"] for item in board.items("priorities")]

    assert await asyncio.to_thread(script) == ["Title of a"]
    patch = await person.wait_for("state:patch")
    assert patch["cause"]["actor"] == "script"


async def test_it_waits_for_changes_over_a_restart(server: RunningServer, person: PythonClient) -> None:
    told: list[Any] = []
    connected = asyncio.Event()
    loop = asyncio.get_running_loop()

    def script() -> None:
        with Blocking(Client(server.url, client="script", follow=True)) as board:
            for link in board.changes():
                told.append(link.stage)
                if link.stage is Stage.CONNECTED:
                    loop.call_soon_threadsafe(connected.set)
                if board.items("priorities"):
                    return

    running = asyncio.create_task(asyncio.to_thread(script))
    async with asyncio.timeout(WAIT_S):
        await connected.wait()
        await server.restart()
        again = await PythonClient(client="ana").connect(server.url)
        await again.done("priorities:put", items=[{"id": "a", "title": "A"}])
        await running
        await again.disconnect()
    assert Stage.OFFLINE in told


async def test_many_threads_may_use_one(server: RunningServer, person: PythonClient) -> None:
    def script() -> None:
        with Blocking(Client(server.url, client="script")) as board:
            threads = [threading.Thread(target=put, args=(board, str(n))) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    await asyncio.to_thread(script)
    assert len((await person.state())["priorities"]) == 8


async def test_its_errors_are_those_of_the_client(server: RunningServer) -> None:
    await server.kill()

    def script() -> None:
        impatient = Client(server.url, client="script", within_s=0.0)
        with Blocking(impatient) as board, pytest.raises(Unreachable, match="nothing is listening"):
            board.ask("state:get", {})

    await asyncio.to_thread(script)


ENDLESS = """
import math, sys
from adjutant_client import Blocking, Client
try:
    with Blocking(Client(sys.argv[1], client="script", within_s=math.inf)) as board:
        print("asking", flush=True)
        board.ask("state:get", {})
except KeyboardInterrupt:
    print("left", flush=True)
"""


def test_control_c_ends_a_script_that_waits_for_a_server() -> None:
    script = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, "http://127.0.0.1:1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert script.stdout is not None
    assert script.stdout.readline() == "asking\n"
    script.send_signal(2)
    printed, said = script.communicate(timeout=WAIT_S)
    assert (printed, said, script.returncode) == ("left\n", "", 0)

"""`make cluster` (examples/cluster.py): three nodes, one board, one address; and nothing is left of it."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import psutil
import pytest

from examples.cluster import SYSTEM
from tests import postgres
from tests.ports import free_port
from tests.running import ROOT, WAIT_S, PythonClient

pytestmark = [
    pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING),
    pytest.mark.skipif(shutil.which("haproxy", path=SYSTEM) is None, reason="HAProxy is not installed"),
]


async def test_three_nodes_serve_one_board_at_one_address_and_all_ends_at_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    command = ("-m", "examples.cluster", f"--port={port}", "--log-level=warning")
    with (tmp_path / "log").open("wb") as log:
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, *command), stdout=PIPE, stderr=log, cwd=ROOT
        )
    assert run.stdout is not None
    async with asyncio.timeout(WAIT_S):
        said = [(await run.stdout.readline()).decode() for _ in range(5)]
    assert said[0].startswith(f"Board: http://127.0.0.1:{port}/"), (tmp_path / "log").read_text()
    nodes = [re.findall(r"http://\S+:\d+", line)[0] for line in said[1:4]]
    parts = psutil.Process(run.pid).children(recursive=True)
    writer = await PythonClient(client="ana").connect(f"http://127.0.0.1:{port}")
    ack = await writer.request("priorities:put", items=[{"id": "budget", "title": "Sign the budget"}])
    for node in nodes:
        reader = await PythonClient(client="bo", rooms=["state"]).connect(node)
        await reader.in_step(ack["seq"])
        assert [item["id"] for item in (await reader.state())["priorities"]] == ["budget"]
        await reader.disconnect()
    await writer.disconnect()
    run.send_signal(signal.SIGINT)
    async with asyncio.timeout(WAIT_S):
        assert await run.wait() == 0, (tmp_path / "log").read_text()
    assert [part for part in parts if part.is_running()] == []

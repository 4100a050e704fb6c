"""The collector in README is a whole one."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from tests.conftest import Connect
from tests.running import ROOT, RunningServer

SECTION = (
    (ROOT / "README.md").read_text("utf-8").partition("\n## Write a collector\n")[2].partition("\n## ")[0]
)
EXAMPLE = re.search(r"```python\n(.*?)```", SECTION, re.DOTALL)

pytestmark = pytest.mark.skipif(EXAMPLE is None, reason="README has no example of a collector")


async def run(server: RunningServer, program: Path, todo: Path) -> int | None:
    environment = {"ADJUTANT_URL": server.url, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(todo.parent)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, todo, stdout=PIPE, stderr=PIPE, env=os.environ | environment
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert err == b"", out + err
    return process.returncode


async def test_it_brings_lines_to_the_board_and_takes_them_away_again(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    assert EXAMPLE is not None
    assert len(EXAMPLE.group(1).splitlines()) <= 20
    program, todo = tmp_path / "todo.py", tmp_path / "home.txt"
    program.write_text(EXAMPLE.group(1))
    board = await connect(client="wall")
    for lines in ("Buy milk\nPay the rent\n\nBuy milk\n", "Pay the rent\nCall Ana", ""):
        todo.write_text(lines)
        assert await run(server, program, todo) == 0
        expected = sorted({line for line in lines.splitlines() if line})
        state = await board.state()
        assert sorted(item["title"] for item in state["priorities"]) == expected
        assert {item["source"] for item in state["priorities"]} <= {"todo:home"}

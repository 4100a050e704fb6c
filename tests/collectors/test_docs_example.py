"""The collector in docs/collectors.md is a whole one."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.conftest import Connect
from tests.forked import ForkedProcess
from tests.running import ROOT, RunningServer

SECTION = (
    (ROOT / "docs/collectors.md")
    .read_text("utf-8")
    .partition("\n## Write a collector\n")[2]
    .partition("\n## ")[0]
)
EXAMPLE = re.search(r"```python\n(.*?)```", SECTION, re.DOTALL)

pytestmark = pytest.mark.skipif(EXAMPLE is None, reason="docs/collectors.md has no example of a collector")


async def run(server: RunningServer, program: Path, todo: Path, *flags: str) -> int | None:
    environment = {"ADJUTANT_URL": server.url, "XDG_STATE_HOME": str(todo.parent)}
    process = await ForkedProcess(str(program), str(todo), *flags).start(os.environ | environment)
    out, err = await process.communicate()
    assert err == b"", out + err
    return process.returncode


async def test_it_brings_lines_to_the_board_and_takes_them_away_again(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    assert EXAMPLE is not None
    assert len(EXAMPLE.group(1).splitlines()) <= 20
    program, todo = tmp_path / "todo.py", tmp_path / "At home.txt"
    program.write_text(EXAMPLE.group(1))
    board = await connect(client="wall")

    async def titles() -> list[str]:
        state = await board.state()
        assert {item["source"] for item in state["priorities"]} <= {"todo:at-home"}
        return sorted(item["title"] for item in state["priorities"])

    for lines in ("Buy milk\nPay the rent\n\nBuy milk \n", "Pay the rent\nCall Ana"):
        todo.write_text(lines)
        assert await run(server, program, todo) == 0
        assert await titles() == sorted({line.strip() for line in lines.splitlines() if line})
    todo.write_text("")
    assert await run(server, program, todo) == 1
    assert await titles() == ["Call Ana", "Pay the rent"]
    assert await run(server, program, todo, "--allow-empty") == 0
    assert await titles() == []


async def test_its_source_may_have_another_name(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    assert EXAMPLE is not None
    program, todo = tmp_path / "todo.py", tmp_path / "home.txt"
    program.write_text(EXAMPLE.group(1))
    todo.write_text("Buy milk")
    assert await run(server, program, todo, "--source", "mine") == 0
    board = await connect(client="wall")
    assert [row["id"] for row in (await board.state())["sources"]] == ["todo:mine"]

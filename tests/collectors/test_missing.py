"""A collector whose folder is not there: the board hears of it, and not where that would have been."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.collectors.programs import run, start
from tests.conftest import Connect
from tests.running import RunningServer


@pytest.mark.parametrize("program", ["archive", "git", "ics", "mail", "notes", "slack"])
async def test_what_is_not_there_makes_the_source_an_error_with_the_reason(
    program: str, server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    board = await connect(client="wall")
    status, printed = await run(program, server, tmp_path / "nowhere")
    assert status == 1, printed
    (row,) = (await board.state())["sources"]
    assert (row["id"].split(":")[0], row["status"], row["last_hash"]) == (program, "error", None)
    assert row["message"].startswith("nowhere: ")
    assert str(tmp_path) not in printed


async def test_a_watched_folder_may_come_later(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    board = await connect(client="wall")
    process = await start("notes", server, tmp_path / "later", "--watch")
    try:
        await board.wait_for("state:patch", lambda patch: "later: " in str(patch))
        (tmp_path / "later").mkdir()
        (tmp_path / "later" / "a.md").write_text("- [ ] Buy milk")
        await board.wait_for("state:patch", lambda patch: "Buy milk" in str(patch))
    finally:
        process.terminate()
        await process.communicate()

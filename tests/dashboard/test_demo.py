"""`make demo`: a living board, from files to the page."""

from __future__ import annotations

import asyncio
import contextlib
import mailbox
import os
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from examples import world
from examples.living import changes
from tests.dashboard.conftest import Look
from tests.forked import ForkedProcess
from tests.running import WAIT_S

NOW = datetime(2026, 11, 25, 9, 3, tzinfo=UTC)


def test_the_world_is_written_around_the_present(tmp_path: Path) -> None:
    world.write(tmp_path, NOW)
    calendar = (tmp_path / "work.ics").read_bytes().decode()
    assert calendar.count("BEGIN:VEVENT") == calendar.count("END:VEVENT") > 5
    assert "RRULE:" in calendar
    assert "20261125T0915" in calendar  # the call, in about a quarter of an hour
    assert "by 2026-11-25 !!" in (tmp_path / "notes" / "today.md").read_text()
    assert (tmp_path / "chat" / "general" / "2026-11-25.json").exists()
    with contextlib.closing(mailbox.mbox(tmp_path / "mail" / "inbox.mbox")) as box:
        assert len(box) == 4


def test_small_changes_follow_each_other(tmp_path: Path) -> None:
    world.write(tmp_path, NOW)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    said = list(islice(changes(tmp_path, NOW), 4))
    after = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert len(set(said)) == 4
    assert {file.name for file in after if after[file] != before[file]} == {
        "work.ics",
        "today.md",
        "inbox.mbox",
    }
    assert "- [x] Call back number 1" in (tmp_path / "notes" / "today.md").read_text()


async def test_the_demo_is_a_living_board_and_ends_with_its_processes(look: Look, tmp_path: Path) -> None:
    command = ("-m", "examples", f"--folder={tmp_path}", "--still", "--port=0", "--http-port=0")
    demo = await ForkedProcess(*command).start(os.environ)
    assert demo.stdout is not None
    try:
        line = (await asyncio.wait_for(demo.stdout.readline(), WAIT_S)).decode()
        sight = await look(url=line.split()[-1])
        await sight.page.wait_for_selector("#calendar .row:has-text('Northwind: the contract')")
        await sight.sources()
        await sight.see("#sources .row.online", "ics:work")
    finally:
        demo.terminate()
        assert await asyncio.wait_for(demo.wait(), WAIT_S) == 0
    await sight.stage("offline")

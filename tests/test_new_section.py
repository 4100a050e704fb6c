"""A new section is three places and nothing else: `goals`, added to a copy of the tree exactly as
docs/sections.md says, is used everywhere (registry/describing tells clients of it)."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adjutant_client.link import Link, Stage
from adjutant_client.replica import Replica
from terminal.board import Window, board
from tests.conftest import Connect
from tests.running import ROOT, WAIT_S, PythonClient, RunningServer

PARTS = ("models", "handlers", "sio_server", "briefs", "collectors", "terminal", "adjutant_client", "docs")
COLLECTOR = """
import sys
from collectors.program import Job, main
from models.goals import GivenGoal

def job(given):
    goal = GivenGoal(id="hire", aim="Hire a second engineer")
    return Job("todo:goals", lambda ask: iter([goal]), sections=("goals",))

sys.exit(main("goals", "Goals.", lambda parser: None, job))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with the section, exactly as the page says."""
    tree = tmp_path_factory.mktemp("with goals")
    for part in PARTS:
        shutil.copytree(ROOT / part, tree / part)  # with what is compiled
    (tree / "dashboard").symlink_to(ROOT / "dashboard")
    shutil.copy(ROOT / "serve.py", tree)
    page = (ROOT / "docs/sections.md").read_text("utf-8")
    for name, code in re.findall(r"`((?:models|handlers)/goals\.py)`.*?```python\n(.*?)```", page, re.DOTALL):
        (tree / name).write_text(code)
    listed = tree / "handlers/__init__.py"
    text = listed.read_text("utf-8")
    text = text.replace("    commitments,\n", "    commitments,\n    goals,\n", 1)
    listed.write_text(text.replace("commitments, brief, sources", "commitments, goals, brief, sources", 1))
    return tree


@pytest.fixture
async def server(copy: Path, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server of the copy."""
    server = RunningServer(tmp_path / "data", "--tz=UTC")
    server.program = (str(copy / "serve.py"),)
    await server.start()
    yield server
    await server.kill()


async def run(copy: Path, server: RunningServer, *command: str, env: dict[str, str] | None = None) -> str:
    """What a program of the copy prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        cwd=copy,
        env=os.environ | {"ADJUTANT_URL": server.url} | (env or {}),
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 4 * WAIT_S)
    assert process.returncode == 0, err.decode()
    return out.decode()


async def line(client: PythonClient, text: str) -> list[Any]:
    """The steps of a typed line that was carried out."""
    done = await client.done("command:run", text=text)
    return list(done["steps"])


async def test_requests_commands_and_undo_work_on_it(server: RunningServer, connect: Connect) -> None:
    ana, wall = await connect(client="ana"), await connect(client="wall", rooms=["goals"])
    [step] = await line(ana, "add goal Open a second office")
    assert step["data"]["items"][0]["code"] == "G1"
    goal = {"id": "hire", "aim": "Hire an engineer", "due_date": "2026-12-01"}
    assert (await ana.done("goals:put", items=[goal]))["codes"] == {"hire": "G2"}
    await ana.done("goals:edit", code="G2", set={"aim": "Hire two engineers"})
    await line(ana, "approve G1")
    state = await ana.state()
    assert [(each["code"], each["aim"], each["status"]) for each in state["goals"]] == [
        ("G2", "Hire two engineers", "open"),
        ("G1", "Open a second office", "reached"),
    ]
    await line(ana, "undo")
    assert (await ana.state())["goals"][1]["status"] == "open"
    patch = await wall.wait_for("goals:patch", lambda patch: patch["seq"] == 5)
    assert patch["changes"][0]["set"]["status"] == "open"
    history = await ana.done("state:history", code="G2")
    assert [entry["cause"]["command"] for entry in history["entries"]] == ["goals:edit", "goals:put"]
    suggested = (await ana.done("command:suggest", text="approve engin"))["suggestions"]
    assert suggested[0]["text"] == "approve G2"
    [due, reason] = await line(ana, "due G1 2030-12-24 | reason G1 more room")
    assert (due["data"]["set"], reason["data"]["set"]) == (
        {"due_date": "2030-12-24"},
        {"reason": "more room"},
    )
    [helped] = await line(ana, "help add")
    assert "goal" in helped["data"]["commands"][0]["usage"]
    [brief] = await line(ana, "brief for all")
    assert "GOALS\n- G2 Hire two engineers\n- G1 Open a second office" in brief["data"]["text"]
    await line(ana, "approve G2")
    assert (await ana.state())["active_brief"]["outdated"] is True
    await line(ana, "drop G1, G2")
    assert (await ana.state())["goals"] == []


async def test_clients_learn_of_it_with_the_snapshot(server: RunningServer, connect: Connect) -> None:
    ana = await connect(client="ana")
    sync = await ana.wait_for("state:sync")
    [goals] = [section for section in sync["sections"] if section["name"] == "goals"]
    assert goals == {
        "name": "goals",
        "prefix": "G",
        "noun": "goal",
        "nouns": "goals",
        "headline": "aim",
        "done": {"field": "status", "values": ["reached"]},
        "order": [{"field": "due_date", "values": None}, {"field": "id", "values": None}],
        "place": "goals",
        "fields": [
            {"word": "due", "field": "due_date", "kind": "when", "values": None},
            {"word": "reason", "field": "reason", "kind": "text", "values": None},
        ],
    }


async def test_a_collector_may_yield_it(
    server: RunningServer, copy: Path, tmp_path: Path, connect: Connect
) -> None:
    program = tmp_path / "program.py"
    program.write_text(COLLECTOR)
    state = {"PYTHONPATH": str(copy), "XDG_STATE_HOME": str(tmp_path)}
    said = await run(copy, server, str(program), env=state)
    assert re.search(r"read +1 goal\n", said), said
    ana = await connect(client="ana")
    assert [goal["aim"] for goal in (await ana.state())["goals"]] == ["Hire a second engineer"]


async def test_the_documents_tell_of_it(server: RunningServer, copy: Path) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{server.http_url}/contract.json") as answer:
            assert {"goals.put", "goals.complete", "goals.patch"} <= (await answer.json())["channels"].keys()
        async with session.get(f"{server.http_url}/contract.d.ts") as answer:
            assert "goals?: Goal[];" in await answer.text()
    page = await run(copy, server, "-c", "from docs.protocol import page; print(page())")
    assert "`goals:put`" in page


async def test_the_terminal_shows_it(server: RunningServer, copy: Path, connect: Connect) -> None:
    said = await run(copy, server, "-m", "terminal", "add goal Open a second office | status")
    assert "G1" in said
    ana = await connect(client="ana")
    goals = [{"id": "a", "aim": "Hire an engineer", "due_date": "2030-12-01"}, {"id": "b", "aim": "Reached"}]
    await ana.done("goals:put", items=goals)
    await line(ana, "approve G3")
    replica = Replica()
    assert replica.sync((await ana.done("state:subscribe", rooms=["state"]))["sync"])
    window = Window(80, 40, UTC)
    now = datetime.now(UTC)
    drawn = board(replica, Link(Stage.CONNECTED, now), window, now)
    shown = ["".join(text for _, text in row).rstrip() for row in drawn]
    at = shown.index(" Goals")
    assert [row.split() for row in shown[at + 1 : at + 4]] == [
        ["G2", "Hire", "an", "engineer", "due", "1", "Dec", "2030"],
        ["G1", "Open", "a", "second", "office"],
        ["G3", "Reached", "done"],
    ]

"""A backup of a running server, and copies that other SQLite programs made, put in place of the store."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Connect
from tests.forked import completed
from tests.running import ROOT, PythonClient, RunningServer

Ended = subprocess.CompletedProcess[str]
# Python's own SQLite, in a process of its own: in ours, each connection would verify and write checksums.
COPY = "import sqlite3, sys; a, b = map(sqlite3.connect, sys.argv[1:]); a.backup(b); b.close(); a.close()"
LOOK = "import sqlite3, sys; a = sqlite3.connect(sys.argv[1]); a.execute('SELECT 1 FROM items'); a.close()"


async def serve_py(server: RunningServer, *arguments: object) -> Ended:
    words = ("--port=0", "--http-port=0", f"--data-dir={server.data_dir}", *map(str, arguments))
    return await asyncio.to_thread(completed, str(ROOT / "serve.py"), *words)


async def plain_sqlite(program: str, *files: Path) -> None:
    run = await asyncio.create_subprocess_exec(sys.executable, "-c", program, *map(str, files))
    assert await run.wait() == 0


async def titles(connect: Connect) -> list[str]:
    client = await connect()
    return sorted(item["title"] for item in (await client.state())["priorities"])


@pytest.fixture
async def ana(connect: Connect) -> PythonClient:
    """With three items on the board."""
    client = await connect(client="ana")
    for title in "abc":
        await client.done("priorities:put", items=[{"id": title, "title": title}])
    return client


async def test_a_backup_of_a_running_server_is_a_store(
    server: RunningServer, ana: PythonClient, connect: Connect, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    saved = await serve_py(server, "backup", copy)
    assert (saved.returncode, saved.stderr) == (0, "")
    await ana.done("priorities:put", items=[{"id": "d", "title": "d"}])
    await server.stop()
    copy.replace(server.data_dir / "adjutant.db")
    await server.start()
    assert await titles(connect) == ["a", "b", "c"]


async def test_a_copy_by_another_program_is_refused_and_restored(
    server: RunningServer, ana: PythonClient, connect: Connect, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    await plain_sqlite(COPY, server.data_dir / "adjutant.db", copy)
    await ana.done("priorities:put", items=[{"id": "d", "title": "d"}])
    await server.stop()
    restored = await serve_py(server, "restore", copy)
    assert restored.returncode == 0, restored.stderr
    assert (server.data_dir / "adjutant-replaced-1.db").exists()
    await server.start()
    assert await titles(connect) == ["a", "b", "c"]


async def test_a_store_that_another_program_opened_after_a_crash_is_taken_in(
    server: RunningServer, ana: PythonClient, connect: Connect
) -> None:
    await server.kill()
    store = server.data_dir / "adjutant.db"
    await plain_sqlite(LOOK, store)
    refused = await serve_py(server, "check")
    assert refused.returncode == 2
    assert "serve.py restore" in refused.stderr
    assert (await serve_py(server, "restore", store)).returncode == 0
    await server.start()
    assert await titles(connect) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("command", "said"),
    [("restore", "there is no such file"), ("backup", "there is no store")],
)
async def test_what_is_not_there_is_said(tmp_path: Path, command: str, said: str) -> None:
    words = (command, str(tmp_path / "x.db"), "--data-dir", str(tmp_path))
    ended = await asyncio.to_thread(completed, str(ROOT / "serve.py"), *words)
    assert (ended.returncode, said in ended.stderr, ended.stderr.count("\n")) == (2, True, 1)


async def test_nothing_is_replaced_by_what_is_no_store_and_nothing_while_the_server_runs(
    server: RunningServer, ana: PythonClient, connect: Connect, tmp_path: Path
) -> None:
    letter, copy = tmp_path / "letter.db", tmp_path / "copy.db"
    letter.write_text("a letter to a friend\n" * 1_000)
    assert (await serve_py(server, "backup", copy)).returncode == 0
    assert (await serve_py(server, "backup", copy)).returncode == 2  # never over a file
    running = await serve_py(server, "restore", copy)
    assert (running.returncode, "in use" in running.stderr) == (2, True)
    await server.stop()
    for bad in (letter, tmp_path / "empty.db"):
        bad.touch()
        assert (await serve_py(server, "restore", bad)).returncode == 2
    await server.start()
    assert await titles(connect) == ["a", "b", "c"]

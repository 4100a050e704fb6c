"""A search file that is bad, or becomes bad: searches say so, /ready tells, and all else goes on."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Serve
from tests.running import PythonClient, RunningServer, until_found
from tests.search import old_file
from tests.search.shelf import record

Json = Any


async def begin(serve: Serve, tmp_path: Path) -> tuple[RunningServer, PythonClient]:
    server = await serve(f"--search-db={tmp_path / 'search.db'}")
    return server, await PythonClient().connect(server.url)


async def degraded(server: RunningServer) -> list[str]:
    """What /ready says, when its answer is not the one that it kept."""
    await asyncio.sleep(1.1)
    status, answer = await server.get("/ready")
    assert status == 200, "the rest can serve"
    assert answer["ready"] is True
    reasons: list[str] = answer["degraded"]
    return reasons


async def assert_off(server: RunningServer, client: PythonClient, why: str) -> None:
    for event, payload in (
        ("search:query", {"query": "budget"}),
        ("search:stats", {}),
        ("records:put", {"records": [record("a", "x")]}),
    ):
        error = await client.refused(event, payload)
        assert error["code"] == "storage_unavailable", error
        assert why in error["message"]
    [reason] = await degraded(server)
    assert why in reason
    _, stats = await server.get("/stats")
    assert why in stats["search"]["fault"]
    await client.done("priorities:put", items=[{"id": "p", "title": "Ship"}])


async def until_on(client: PythonClient) -> Json:
    async def answer() -> Json:
        ack = await client.request("search:query", query="budget")
        return ack["data"] if ack["ok"] else None

    return await until_found(answer, "the search")


async def test_a_damaged_file_at_the_start(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "search.db").write_bytes(os.urandom(40_000))
    server, client = await begin(serve, tmp_path)
    await assert_off(server, client, "is damaged")
    (tmp_path / "search.db").unlink()
    assert (await until_on(client))["total"] == 0, "a bad file that is removed makes room for a new one"
    assert await degraded(server) == []
    await client.disconnect()


async def test_a_file_from_a_newer_version(serve: Serve, tmp_path: Path) -> None:
    old_file.make(tmp_path / "search.db")
    connection = sqlite3.connect(tmp_path / "search.db")
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    server, client = await begin(serve, tmp_path)
    await assert_off(server, client, "newer format")
    await client.disconnect()


async def test_a_file_that_is_removed_while_the_server_runs(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    old_file.make(path)
    server, client = await begin(serve, tmp_path)
    assert (await client.done("search:query", query="budget"))["total"] == 4
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    await assert_off(server, client, "was removed or replaced")
    old_file.make(path)
    assert (await until_on(client))["total"] == 4, "it is put back"
    assert await degraded(server) == []
    await client.disconnect()


async def test_a_file_that_is_damaged_while_the_server_runs(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    rows: list[tuple[str, str, str, Json]] = [
        (f"budget number {n} " + "x" * 500, "slack", "2026-01-01", {}) for n in range(2_000)
    ]
    old_file.make(path, rows)
    server, client = await begin(serve, tmp_path)
    await client.done("search:stats", {})
    with path.open("r+b") as file:
        for page in range(1, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(os.urandom(512))
    error: Json = None
    for query in ("budget", "number", "budget -x", "xxx*", '"budget number"', ""):
        ack = await client.request("search:query", query=query, limit=100, offset=500)
        if not ack["ok"]:
            error = ack["error"]
    assert error["code"] == "storage_unavailable"
    assert "is damaged" in error["message"]
    await assert_off(server, client, "is damaged")
    await client.disconnect()


async def test_a_file_that_another_program_locks(serve: Serve, tmp_path: Path) -> None:
    old_file.make(tmp_path / "search.db")
    server, client = await begin(serve, tmp_path)
    other = sqlite3.connect(tmp_path / "search.db")
    other.execute("BEGIN IMMEDIATE")
    error = await client.refused("records:put", records=[record("a", "budget")])
    assert error["code"] == "storage_unavailable"
    assert "another program has locked" in error["message"]
    assert (await client.done("search:query", query="budget"))["total"] == 4, "reading goes on"
    [reason] = await degraded(server)
    assert "locked" in reason
    other.rollback()
    other.close()
    assert (await client.done("records:put", records=[record("a", "budget")]))["indexed"] == 1
    assert await degraded(server) == []
    await client.disconnect()


async def test_a_file_that_is_locked_at_the_start_is_opened_later(serve: Serve, tmp_path: Path) -> None:
    old_file.make(tmp_path / "search.db")
    other = sqlite3.connect(tmp_path / "search.db")
    other.execute("BEGIN EXCLUSIVE")
    server, client = await begin(serve, tmp_path)
    await assert_off(server, client, "locked")
    other.rollback()
    other.close()
    assert (await until_on(client))["total"] == 4
    await client.disconnect()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_file_that_cannot_be_written_is_searched(serve: Serve, tmp_path: Path) -> None:
    old_file.make(tmp_path / "search.db")
    (tmp_path / "search.db").chmod(0o444)
    server, client = await begin(serve, tmp_path)
    assert (await client.done("search:query", query="budget"))["total"] == 4
    error = await client.refused("records:put", records=[record("a", "x")])
    assert error["code"] == "storage_unavailable"
    assert "read-only" in error["message"]
    assert "read-only" in (await degraded(server))[0]
    await client.disconnect()


async def test_a_path_that_is_a_folder(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "search.db").mkdir()
    server, client = await begin(serve, tmp_path)
    await assert_off(server, client, "is a folder")
    await client.disconnect()


async def test_a_path_in_a_folder_that_does_not_exist(serve: Serve, tmp_path: Path) -> None:
    server = await serve(f"--search-db={tmp_path / 'nowhere' / 'search.db'}")
    client = await PythonClient().connect(server.url)
    await assert_off(server, client, "nowhere")
    await client.disconnect()

"""Boards that move between a data directory and PostgreSQL (moving.py, log/postgres/whole, log/making): all
of them is there, or they are where they were."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sio_server import moving
from sio_server.folders import Folders
from sio_server.log import sums, whole
from sio_server.log.base import LogError
from sio_server.log.files import lock
from sio_server.log.postgres import session
from sio_server.log.postgres.log import PostgresLog
from sio_server.log.postgres.whole import WholeBoard
from tests import postgres
from tests.conftest import Connect, Serve
from tests.core.seats import DAY_S, Core
from tests.core.test_whole import Work
from tests.forked import ForkedProcess, completed
from tests.running import ROOT, RunningServer, until

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)

Json = Any


class Crash(Exception):
    """Stands for a `kill -9` at that place."""


BUDGET = {"id": "budget", "title": "Sign the budget"}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database of the test's own."""
    return postgres.shared().url(postgres.name_of(tmp_path))


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A data directory with rows in every table."""
    async with Core(tmp_path / "data") as core:
        work = Work(core)
        await work.go_on(6)
        core.clock.now_s += 2 * DAY_S  # codes are given again
        await work.go_on(6)
    return tmp_path / "data"


def rows_of(folder: Path) -> dict[str, list[Any]]:
    """All rows of a store, with their sums."""
    with closing(whole.open_writer(folder / "adjutant.db")) as store:
        tables = ((table, store.execute(f"SELECT * FROM {table}").fetchall()) for table in sums.COLUMNS)
        return {table: sorted(rows, key=str) for table, rows in tables}


def in_database(url: str, query: str, *values: object) -> list[Any]:
    with psycopg.connect(url, autocommit=True, options="-c search_path=adjutant") as connection:
        found = connection.execute(query.encode(), values)
        return found.fetchall() if found.description else []


async def serve_py(*words: object) -> tuple[int, str]:
    """The exit status, and what it said that was no progress."""
    ended = await asyncio.to_thread(completed, str(ROOT / "serve.py"), *map(str, words))
    return ended.returncode, ended.stdout + ended.stderr


async def migrate(source: object, target: object, *more: object) -> str:
    """What it said; it must succeed."""
    status, said = await serve_py("migrate", "--from", source, "--to", target, *more)
    assert status == 0, said
    return said


def move(folder: Path, url: str, to_database: bool) -> None:
    there = moving.to_database if to_database else moving.to_folder
    assert len([*there(Folders(folder), url, None)]) == 1


async def test_clients_go_on_where_they_were_there_and_back(
    server: RunningServer, connect: Connect, url: str
) -> None:
    """Positions, ops, undo, codes and history; and neither place is taken for the other by mistake."""
    ana = await connect(client="ana", rooms=["state"])
    for title in "abc":
        await ana.done("priorities:put", items=[{"id": title, "title": title}])
    seen = await ana.wait_for("state:patch", lambda patch: patch["seq"] >= 2)
    position = {name: seen[name] for name in ("epoch", "seq", "mark")}
    line = await ana.done("command:run", text="add priority Call Bo", op="once")
    for note in ("one", "two"):
        await ana.done("command:run", text=f"note P1 {note}")
    await ana.done("priorities:drop", ids=["b"])
    history = await ana.done("state:history", code="P1")

    async def goes_on(undone: str | None) -> None:
        before = (await ana.done("state:get"))["state"]
        await server.stop()
        await migrate(*((url, server.data_dir) if server.flags else (server.data_dir, url)))
        check = ("--check", "--port=0", "--http-port=0", f"--data-dir={server.data_dir}")
        status, said = await serve_py(*check, *server.flags)
        assert (status, "migrate" in said or "--log-url" in said, said.count("\n")) == (2, True, 1), said
        server.flags = () if server.flags else (f"--log-url={url}",)
        await server.start()
        again = await connect(client="ana", rooms=["state"], resume=position)
        sync = await again.wait_for("state:sync")
        assert sync["mode"] == "delta", sync
        assert (await again.done("state:get"))["state"] == before
        replayed = await again.request("command:run", text="add priority Call Bo", op="once")
        assert (replayed["replay"], replayed["data"]) == (True, line)
        found = await again.done("state:history", code="P1")
        assert found["entries"][-len(history["entries"]) :] == history["entries"]
        await again.done("command:run", text="undo")
        notes = [item.get("note") for item in (await again.state())["priorities"] if item["code"] == "P1"]
        assert notes == [undone]

    await goes_on("one")
    ana = await connect(client="ana", rooms=["state"])
    await goes_on(None)


async def test_every_row_comes_back(data: Path, url: str) -> None:
    before = rows_of(data)
    assert [table for table in sums.COLUMNS if not before[table]] == []
    said = await migrate(data, url)
    assert "kept" in said
    assert not (data / "adjutant.db").exists()
    await migrate(url, data)
    assert rows_of(data) == before
    assert in_database(url, "SELECT * FROM boards") == in_database(url, "SELECT * FROM items") == []
    await migrate(data, url)
    assert sorted(path.name for path in data.glob("adjutant-migrated-*")) == [
        "adjutant-migrated-1.db",
        "adjutant-migrated-2.db",
    ]


async def test_records_stay_in_the_database_and_are_no_other_boards(data: Path, url: str) -> None:
    """Of tables beside the log's: nobody else gets the rows, and the board has them again when it is back."""
    move(data, url, to_database=True)
    in_database(url, "CREATE TABLE records (board text PRIMARY KEY, content text)")
    in_database(url, "INSERT INTO records VALUES ('main', 'a letter'), ('cfo', 'another')")
    move(data, url, to_database=False)
    assert in_database(url, "SELECT board FROM records WHERE board <> 'cfo'") != [("main",)]
    async with Core(data.parent / "new") as core:  # another board of that name
        await Work(core).go_on(1)
    move(data.parent / "new", url, to_database=True)
    assert in_database(url, "SELECT * FROM records WHERE board = 'main'") == []
    move(data.parent / "new", url, to_database=False)
    move(data, url, to_database=True)
    assert in_database(url, "SELECT * FROM records ORDER BY 1") == [("cfo", "another"), ("main", "a letter")]


@pytest.mark.parametrize("to_database", [True, False])
async def test_what_is_killed_midway_has_moved_nothing(data: Path, url: str, to_database: bool) -> None:
    """It is held up in the last table but one by a lock, and killed there."""
    before = rows_of(data)
    move(data, url, to_database=True)
    if to_database:  # the tables are there, and the board is in the folder
        move(data, url, to_database=False)
    places = [str(data), url] if to_database else [url, str(data)]
    with psycopg.connect(url) as holding:
        holding.execute("LOCK TABLE adjutant.runs IN ACCESS EXCLUSIVE MODE")
        words = (str(ROOT / "serve.py"), "migrate", "--from", places[0], "--to", places[1])
        run = await ForkedProcess(*words).start({})
        waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'adjutant.runs'::regclass"
        await until(lambda: in_database(url, waits), "a migration that waits")
        run.send_signal(signal.SIGKILL)
        await run.wait()
    if to_database:
        assert rows_of(data) == before
        await until(
            lambda: not in_database(url, "SELECT 1 FROM pg_stat_activity WHERE application_name ~ '^adj'")
        )
        assert in_database(url, "SELECT * FROM boards") == in_database(url, "SELECT * FROM items") == []
    else:
        assert not (data / "adjutant.db").exists()
        assert len(in_database(url, "SELECT * FROM boards")) == 1
    await migrate(*places)
    assert (data / "adjutant.db").exists() != to_database
    if to_database:
        move(data, url, to_database=False)
    assert rows_of(data) == before
    assert not [*data.glob("adjutant.migrating*")]


@pytest.mark.parametrize("to_database", [True, False])
async def test_what_was_killed_before_the_last_step_is_finished_by_the_next_run(
    data: Path, url: str, to_database: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_of(data)
    if not to_database:
        move(data, url, to_database=True)

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(moving, "set_aside", crash)
        patched.setattr(WholeBoard, "remove", crash)
        with pytest.raises(Crash):
            move(data, url, to_database)
    assert (data / "adjutant.db").exists()
    assert len(in_database(url, "SELECT * FROM boards")) == 1
    move(data, url, to_database)
    assert (data / "adjutant.db").exists() != to_database
    if to_database:
        move(data, url, to_database=False)
    assert rows_of(data) == before
    assert in_database(url, "SELECT * FROM boards") == []


def damage(data: Path) -> None:
    """A bit of an item, in the middle of the file."""
    store = (data / "adjutant.db").read_bytes()
    at = store.index(b"Pay 12 to Ana")
    (data / "adjutant.db").write_bytes(store[:at] + b"Q" + store[at + 1 :])


def set_back(data: Path) -> None:
    """To where it was a change ago, by the note that is beside it."""
    note = (data / "adjutant.head").read_text().split()
    (data / "adjutant.head").write_text(f"{note[0]} {int(note[1]) + 1} {note[2]} .".ljust(128))


def rows_alone(data: Path) -> None:
    """A change that is gone, as a faulty program may do; the pages are right."""
    with closing(whole.open_writer(data / "adjutant.db")) as store:
        sums.drop(store, "changes", "seq = ?", (3,))


def test_a_database_that_lost_the_board_is_not_taken_for_a_new_one(data: Path, url: str) -> None:
    move(data, url, to_database=True)
    in_database(url, "DELETE FROM boards")
    with pytest.raises(LogError, match=r"is gone; it had \d+ changes: restore it"):
        PostgresLog(url, "main", data, 1, 1.0)


@pytest.mark.parametrize("fault", [damage, set_back, rows_alone])
async def test_a_damaged_store_stays_where_it_is(data: Path, url: str, fault: Callable[[Path], None]) -> None:
    fault(data)
    before = (data / "adjutant.db").read_bytes()
    status, said = await serve_py("migrate", "--from", data, "--to", url)
    assert (status, said.strip().rpartition("\n")[2][:10]) == (2, "adjutant: "), said
    assert (data / "adjutant.db").read_bytes() == before
    assert in_database(url, "SELECT to_regclass('adjutant.boards')") == [(None,)]


@pytest.mark.parametrize(
    "fault",
    [
        "DELETE FROM changes WHERE seq = 3",
        "UPDATE changes SET body = replace(body, 'Call', 'Cull') WHERE seq = 2",
        "DELETE FROM items WHERE id = (SELECT max(id) FROM items WHERE section = 'priorities')",
        "UPDATE boards SET seq = seq - 1",
    ],
)
async def test_a_board_with_a_change_missing_stays_in_the_database(data: Path, url: str, fault: str) -> None:
    move(data, url, to_database=True)
    in_database(url, fault)
    rows = in_database(url, "SELECT * FROM items ORDER BY id")
    status, said = await serve_py("migrate", "--from", url, "--to", data)
    assert (status, said.count("adjutant: ")) == (2, 1), said
    assert not (data / "adjutant.db").exists()
    assert in_database(url, "SELECT * FROM items ORDER BY id") == rows


async def test_nothing_moves_that_is_in_use_or_to_where_something_is(
    data: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(source: object, target: object, why: str, *more: object) -> None:
        status, said = await serve_py("migrate", "--from", source, "--to", target, *more)
        assert (status, why in said, said.count("\n")) == (2, True, 1), said

    other = data.parent / "other"
    await refused(data, other, "the other postgresql://")
    await refused(url, data, "has no board")
    await refused(data, url, "there is no board cfo", "--board", "cfo")
    await refused(other, url, "there is no store in")
    with closing(lock(data)):
        await refused(data, url, "in use by another server")
    monkeypatch.setattr(session, "LOCK_S", 0.0)
    with closing(WholeBoard(url, "main")) as board:
        board.position()
        with pytest.raises(LogError, match="in use by another server"):
            move(data, url, to_database=True)
    kept = data.parent / "kept"
    shutil.copytree(data, kept)
    await migrate(data, url)
    async with Core(kept) as core:  # another one than that which moved
        await Work(core).go_on(1)
    await refused(kept, url, "exists already")
    await refused(url, kept, "there is a store in")
    await refused(url, data, "has no board cfo", "--board", "cfo")


async def test_boards_in_postgresql_are_renamed_removed_and_brought_back(
    serve: Serve, connect: Connect, tmp_path: Path, url: str
) -> None:
    folders = Folders(tmp_path / "office" / "data")
    folders.add("cfo")
    server = await serve(f"--log-url={url}", name="office")
    there = f"--log-url={url}", f"--data-dir={server.data_dir}"
    ana = await connect(url=server.url, board="cfo", client="ana")
    at = await ana.done("priorities:put", items=[BUDGET], op="once")
    status, said = await serve_py("board", "rename", "cfo", "finance", *there)
    assert (status, "in use by another server" in said) == (2, True), said
    await server.stop()
    status, said = await serve_py("board", "rename", "cfo", "finance", there[1])
    assert (status, "with --log-url" in said) == (2, True), said
    assert await serve_py("board", "rename", "cfo", "finance", *there) == (0, "")
    await server.start()
    ana = await connect(url=server.url, board="finance", client="ana")
    assert (await ana.request("priorities:put", items=[BUDGET], op="once"))["data"] == at
    assert [item["id"] for item in (await ana.state())["priorities"]] == ["budget"]
    await server.stop()
    status, said = await serve_py("board", "remove", "finance", *there)
    assert (status, "finance-1" in said) == (0, True), said
    assert in_database(url, "SELECT board FROM boards") == [("main",)]
    (server.data_dir / "removed-boards" / "finance-1").rename(folders.of("cfo"))
    await migrate(server.data_dir, url, "--board", "cfo")
    await server.start()
    ana = await connect(url=server.url, board="cfo", client="ana")
    assert [item["id"] for item in (await ana.state())["priorities"]] == ["budget"]


def test_a_rename_that_was_killed_between_database_and_folder_is_finished_by_the_next(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = Folders(tmp_path / "data")
    for name in ("main", "cfo"):
        if name != "main":
            folders.add(name)
        with closing(lock(folders.of(name))):
            whole.open_writer(folders.of(name) / "adjutant.db").close()
    assert len([*moving.to_database(folders, url, None)]) == 2

    def crash(*_: object) -> None:
        raise Crash

    told: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", crash)
        with pytest.raises(Crash):
            moving.rename(folders, url, "cfo", "finance", lambda: told.append("tokens"))
    assert (folders.names(), in_database(url, "SELECT board FROM boards ORDER BY 1")) == (
        ["main", "cfo"],
        [("finance",), ("main",)],
    )
    folders.add("other")
    with pytest.raises(LogError, match="exists already"):
        moving.rename(folders, url, "other", "finance", lambda: told.append("other"))
    moving.rename(folders, url, "cfo", "finance", lambda: told.append("tokens"))
    assert (folders.names(), told) == (["main", "finance", "other"], ["tokens", "tokens"])


def test_what_takes_longer_than_a_second_says_what_it_does(
    data: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(moving, "TOLD_EVERY_S", 0.001)
    move(data, url, to_database=True)
    said = capsys.readouterr().err.splitlines()
    assert said
    assert all(line.startswith("main: ") and line.endswith(" ...") for line in said)

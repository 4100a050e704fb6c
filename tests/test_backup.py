"""Backups of a running server, whichever program makes them, put in place of the store."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Connect
from tests.forked import completed
from tests.running import ROOT, Json, PythonClient, RunningServer, until

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


async def put_until(client: PythonClient, enough: asyncio.Event) -> int:
    """Changes one item after the other; the last position."""
    for number in itertools.count():
        items = [{"id": str(number % 50), "title": f"{number} " * (number % 90 + 1)}]
        ack = await client.request("priorities:put", items=items)
        if enough.is_set():
            return int(ack["seq"])
    raise AssertionError


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


@pytest.mark.parametrize("how", ["put back by hand", "restore"])
async def test_a_copy_that_another_program_made_under_load_is_a_store(
    server: RunningServer, connect: Connect, tmp_path: Path, how: str
) -> None:
    """Whoever comes back with a position of then, or of later, is right at once."""
    ana, store = await connect(client="ana"), server.data_dir / "adjutant.db"
    follower = await connect(rooms=["state"])
    for number in range(20):
        await ana.done("priorities:put", items=[{"id": str(number), "title": str(number)}])
    enough = asyncio.Event()
    working = asyncio.create_task(put_until(ana, enough))
    await follower.wait_for("state:patch", lambda patch: patch["seq"] > 40)
    await plain_sqlite(COPY, store, tmp_path / "copy.db")
    await follower.in_step(follower.received("state:patch")[-1]["seq"] + 50)
    enough.set()
    last = await working
    await follower.in_step(last)
    seen = follower.received("state:patch")
    await server.stop()
    if how == "restore":
        restored = await serve_py(server, "restore", tmp_path / "copy.db")
        assert restored.returncode == 0, restored.stderr
        assert (server.data_dir / "adjutant-replaced-1.db").exists()
    else:
        (tmp_path / "copy.db").replace(store)
    await server.start()
    bob = await connect(client="bob")
    kept = await bob.done("state:get")
    assert 40 < kept["seq"] < last
    for patch in (seen[0], seen[-1]):
        position = {name: patch[name] for name in ("epoch", "seq", "mark")}
        again = await connect(rooms=["state"], resume=position)
        sync = await again.wait_for("state:sync")
        assert (sync["mode"], sync["why"], sync["state"]) == ("snapshot", "epoch", kept["state"])


async def add_until(client: PythonClient, name: str, enough: asyncio.Event, acked: list[Json]) -> None:
    """Adds one item after the other, each with a number more."""
    while not enough.is_set():
        items = [{"id": f"{name}{len(acked)}", "title": name * 200}]
        acked.append(await client.request("priorities:put", items=items))


async def test_a_backup_while_many_write_has_all_that_was_acked_before_it_and_is_of_one_moment(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    copy, enough = tmp_path / "copy.db", asyncio.Event()
    acked: dict[str, list[Json]] = {name: [] for name in "abcdef"}
    follower = await connect(rooms=["state"])
    working = [
        asyncio.create_task(add_until(await connect(client=name), name, enough, made))
        for name, made in acked.items()
    ]
    await until(lambda: min(map(len, acked.values())) >= 20, "some items of each")
    before = {name: len(made) for name, made in acked.items()}
    saved = await serve_py(server, "backup", copy)
    assert (saved.returncode, saved.stderr) == (0, "")
    after = {name: len(made) for name, made in acked.items()}
    await until(lambda: all(len(acked[name]) > after[name] + 20 for name in acked), "more items of each")
    enough.set()
    await asyncio.gather(*working)
    last = max(ack["seq"] for made in acked.values() for ack in made)
    await follower.in_step(last)
    seen = follower.received("state:patch")[-1]
    await server.stop()
    assert (await serve_py(server, "restore", copy)).returncode == 0
    checked = await serve_py(server, "check")
    assert (checked.returncode, checked.stderr.count("\n")) == (0, 1)
    assert "replaced by an older copy" in checked.stderr  # which it was
    await server.start()
    kept = await (await connect()).done("state:get")
    ids = {item["id"] for item in kept["state"]["priorities"]}
    counts = {name: sum(id.startswith(name) for id in ids) for name in acked}
    # Each writer's items, from the first to some later one: no moment is mixed with another.
    assert ids == {f"{name}{number}" for name, count in counts.items() for number in range(count)}
    # Of each writer one change may be on disk that was not acked yet.
    assert all(before[name] <= counts[name] <= after[name] + 1 for name in acked), (before, counts, after)
    assert kept["seq"] >= max(acked[name][before[name] - 1]["seq"] for name in acked)
    position = {name: seen[name] for name in ("epoch", "seq", "mark")}
    sync = await (await connect(rooms=["state"], resume=position)).wait_for("state:sync")
    assert (sync["mode"], sync["why"], sync["state"]) == ("snapshot", "epoch", kept["state"])


async def test_a_store_that_another_program_opened_after_a_crash_opens(
    server: RunningServer, ana: PythonClient, connect: Connect
) -> None:
    await server.kill()
    await plain_sqlite(LOOK, server.data_dir / "adjutant.db")
    await server.start()
    assert await titles(connect) == ["a", "b", "c"]
    assert server.log().count("the pages are written anew") == 1
    await server.stop()
    checked = await serve_py(server, "--check")
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "said"),
    [("restore", "there is no such file"), ("backup", "there is no store")],
)
async def test_what_is_not_there_is_said(tmp_path: Path, command: str, said: str) -> None:
    words = (command, str(tmp_path / "x.db"), "--data-dir", str(tmp_path))
    ended = await asyncio.to_thread(completed, str(ROOT / "serve.py"), *words)
    assert (ended.returncode, said in ended.stderr, ended.stderr.count("\n")) == (2, True, 1)


def nothing(at: Path) -> None:
    """It does not exist, nor what it would be in."""


def a_file(at: Path) -> None:
    at.parent.mkdir(parents=True)
    at.write_text("a letter to a friend")


def a_folder(at: Path) -> None:
    at.mkdir(parents=True)


def with_folders_for_files(at: Path) -> None:
    for name in ("adjutant.lock", "adjutant.restoring", "adjutant.importing", "tokens.json"):
        (at / name / "full").mkdir(parents=True)


PLACES = (nothing, a_file, a_folder, with_folders_for_files)
COMMANDS = ("backup", "restore", "export", "import", "check", "token add", "token list", "token remove")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A store, and by command a file that it takes."""
    folder = tmp_path_factory.mktemp("good")
    store = folder / "store"
    assert completed(str(ROOT / "serve.py"), "check", "--data-dir", str(store)).returncode == 0
    files = {"restore": folder / "copy.db", "import": folder / "store.jsonl"}
    for how, file in (("backup", files["restore"]), ("export", files["import"])):
        assert completed(str(ROOT / "serve.py"), how, str(file), "--data-dir", str(store)).returncode == 0
    return files | {"store": store}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("place", PLACES)
async def test_a_place_that_cannot_be_used_is_said_in_one_sentence(
    tmp_path: Path, good: dict[str, Path], command: str, place: Callable[[Path], None]
) -> None:
    """As the data directory, and as the file; a data directory that is not there is made."""
    at = tmp_path / "some" / "where"
    place(at)
    reads, writes = command in ("restore", "import"), command in ("backup", "export")
    first = [*command.split(), *(["ana"] if "add" in command or "remove" in command else [])]
    first += ["--role", "viewer"] if "add" in command else []
    given = [str(good.get(command, tmp_path / "new"))] if reads or writes else []
    runs = [[*first, *given, "--data-dir", str(at)]]
    if reads or writes:
        other = str(good["store"] if writes else tmp_path / "other")
        runs.append([*first, str(at), "--data-dir", other])
    for words in runs:
        ended = await asyncio.to_thread(completed, str(ROOT / "serve.py"), *words)
        assert ended.returncode in (0, 2), ended.stderr
        assert ended.stderr.count("\n") == (ended.returncode == 2), ended.stderr
        assert (ended.returncode == 0) or ended.stderr.startswith("adjutant: ")
    made = (reads or command == "check") and place in (nothing, a_folder)
    assert (at / "adjutant.db").exists() == made
    assert not (tmp_path / "other" / "adjutant.db").exists()


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


async def test_what_was_exported_is_imported_with_its_history(
    server: RunningServer, ana: PythonClient, connect: Connect, tmp_path: Path
) -> None:
    """As lines of JSON, from a running server; codes, undo, history, ops and positions are the same after."""
    line = await ana.done("command:run", text="add priority Call Bo", op="once")
    await ana.done("priorities:drop", ids=["b"])
    before = await ana.done("state:get")
    history = await ana.done("state:history", code="P1")
    lines = tmp_path / "store.jsonl"
    exported = await serve_py(server, "export", lines)
    assert (exported.returncode, exported.stderr) == (0, "")
    for row in lines.read_text().splitlines():
        json.loads(row)
    again = await serve_py(server, "export", lines)
    assert (again.returncode, "already exists" in again.stderr) == (2, True)
    taken = await serve_py(server, "import", lines)
    assert (taken.returncode, "in use" in taken.stderr) == (2, True)
    await server.stop()
    taken = await serve_py(server, "import", lines)
    assert (taken.returncode, "there is a store" in taken.stderr) == (2, True)
    (server.data_dir / "adjutant.db").rename(tmp_path / "old.db")
    taken = await serve_py(server, "import", lines)
    assert (taken.returncode, taken.stderr) == (0, "")
    checked = await serve_py(server, "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    await server.start()
    ana = await connect(client="ana")
    after = await ana.done("state:get")
    assert after["state"] == before["state"]
    assert (after["epoch"], after["seq"]) == (before["epoch"], before["seq"])
    assert await ana.done("state:history", code="P1") == history
    replayed = await ana.request("command:run", text="add priority Call Bo", op="once")
    assert (replayed["replay"], replayed["data"]) == (True, line)
    await ana.done("command:run", text="undo")
    assert await titles(connect) == ["a", "c"]


def cut_off(lines: list[str]) -> list[str]:
    return lines[:-1]


def without_a_row(lines: list[str]) -> list[str]:
    return lines[:5] + lines[6:]


def with_text(lines: list[str]) -> list[str]:
    return [*lines[:3], "hello", *lines[3:]]


def of_another_version(lines: list[str]) -> list[str]:
    return [lines[0].replace('"version":', '"version":9'), *lines[1:]]


def with_another_title(lines: list[str]) -> list[str]:
    return [line.replace('"title":"b"', '"title":"x"') if '"changes"' in line else line for line in lines]


def with_an_unknown_table(lines: list[str]) -> list[str]:
    return [lines[0], '{"table":"sqlite_schema","row":{}}', *lines[1:]]


def with_a_list(lines: list[str]) -> list[str]:
    return [line.replace('"room":"state"', '"room":["state"]') for line in lines]


@pytest.mark.parametrize(
    "spoil",
    [
        *(cut_off, without_a_row, with_text, of_another_version),
        *(with_another_title, with_an_unknown_table, with_a_list),
    ],
)
async def test_lines_that_are_not_whole_make_no_store(
    server: RunningServer, ana: PythonClient, tmp_path: Path, spoil: Callable[[list[str]], list[str]]
) -> None:
    lines = tmp_path / "store.jsonl"
    assert (await serve_py(server, "export", lines)).returncode == 0
    lines.write_text("\n".join(spoil(lines.read_text().splitlines())) + "\n")
    words = ("import", str(lines), "--data-dir", str(tmp_path / "new"))
    ended = await asyncio.to_thread(completed, str(ROOT / "serve.py"), *words)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert str(lines) in ended.stderr
    assert not (tmp_path / "new" / "adjutant.db").exists()

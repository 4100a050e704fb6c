"""The log on disk (log/sqlite, log/rows, log/loading, log/schema, log/files, log/retention): what it keeps
and forgets, and what it refuses to open."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from handlers import REGISTRY
from sio_server.clock import StoreClock, SystemClock
from sio_server.log import retention, whole
from sio_server.log import sqlite as store_module
from sio_server.log.backup import restore
from sio_server.log.base import LogError
from sio_server.log.schema import MIGRATIONS, VERSION
from sio_server.log.sqlite import SqliteLog
from sio_server.state.state import State
from tests.core.seats import DAY_S, Core


def open_log(folder: Path, keep_changes: int = 50_000, keep_s: float = DAY_S) -> SqliteLog:
    """A log on this folder."""
    return SqliteLog(folder, keep_changes, keep_s)


async def fill(folder: Path, items: int = 50) -> None:
    """A store with something in it."""
    async with Core(folder) as core:
        seat = await core.sit()
        given = [{"id": f"i{n}", "title": f"text {n} " * 20} for n in range(items)]
        await seat.done("priorities:put", items=given)


def database(folder: Path) -> Path:
    return folder / "adjutant.db"


def test_a_new_store_has_an_epoch_and_begins_at_nothing(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    state = State(REGISTRY, log.epoch)
    log.load(state)
    epoch = log.epoch
    log.close()
    assert (state.seq, log.floor()) == (0, 0)
    assert epoch
    again = open_log(tmp_path)
    assert again.epoch == epoch
    again.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "adjutant.db",
        "adjutant.head",
        "adjutant.lock",
    ]


def test_two_new_stores_have_different_epochs(tmp_path: Path) -> None:
    logs = []
    for name in "ab":
        (tmp_path / name).mkdir()
        logs.append(open_log(tmp_path / name))
        logs[-1].close()
    assert logs[0].epoch != logs[1].epoch


def test_a_store_from_before_the_first_version_is_migrated(tmp_path: Path) -> None:
    connection = apsw.Connection(str(database(tmp_path)))
    connection.pragma("journal_mode", "wal")
    connection.close()
    open_log(tmp_path).close()
    connection = apsw.Connection(str(database(tmp_path)))
    assert connection.pragma("user_version") == VERSION == len(MIGRATIONS)
    connection.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(whole, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE half (a); CREATE TABEL typo"))
        with pytest.raises(LogError):
            open_log(tmp_path)
    connection = apsw.Connection(str(database(tmp_path)))
    assert connection.pragma("user_version") == 0
    assert list(connection.execute("SELECT name FROM sqlite_schema")) == []
    connection.close()
    open_log(tmp_path).close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    open_log(tmp_path).close()
    connection = apsw.Connection(str(database(tmp_path)))
    connection.pragma("user_version", VERSION + 1)
    connection.close()
    before = database(tmp_path).read_bytes()
    with pytest.raises(LogError, match="newer version"):
        open_log(tmp_path)
    assert database(tmp_path).read_bytes() == before


def test_one_directory_takes_one_server(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    with pytest.raises(LogError, match=f"in use by another server .process {os.getpid()}"):
        open_log(tmp_path)
    log.close()
    open_log(tmp_path).close()


def no_database(content: bytes) -> bytes:
    return b"this is no database, it is a letter to a friend\n" * 500


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def cut_within_a_page(content: bytes) -> bytes:
    return content[:-1000]


def flipped(content: bytes) -> bytes:
    """Every page but the first has some other bytes at its head, where its structure is."""
    pages = [content[at : at + 4096] for at in range(0, len(content), 4096)]
    return pages[0] + b"".join(bytes(byte ^ 0x5A for byte in page[:16]) + page[16:] for page in pages[1:])


@pytest.mark.parametrize("damage", [no_database, truncated, cut_within_a_page, flipped])
async def test_a_damaged_store_is_refused_in_one_sentence(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    await fill(tmp_path)
    damaged = damage(database(tmp_path).read_bytes())
    database(tmp_path).write_bytes(damaged)
    with pytest.raises(LogError) as refusal:
        open_log(tmp_path)
    assert str(database(tmp_path)) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert database(tmp_path).read_bytes() == damaged


async def test_an_item_that_does_not_fit_the_models_is_refused(tmp_path: Path) -> None:
    await fill(tmp_path)
    connection = apsw.Connection(str(database(tmp_path)))
    connection.execute("UPDATE items SET body = '{\"id\": 7}' WHERE id = 'i7'")
    connection.close()
    log = open_log(tmp_path)
    with pytest.raises(LogError, match="another version"):
        log.load(State(REGISTRY, log.epoch))
    log.close()


@pytest.mark.parametrize(
    ("keep_changes", "keep_s", "kept"),
    [(3, 0.0, 3), (3, 50.0, 5), (3, 1_000.0, 10), (20, 0.0, 10), (7, 50.0, 7)],
)
async def test_pruning_keeps_a_number_of_changes_or_a_time_whichever_is_more(
    tmp_path: Path, keep_changes: int, keep_s: float, kept: int
) -> None:
    """Ten changes, ten seconds apart; five of them are younger than 50 s."""
    async with Core(tmp_path, keep_changes=keep_changes, keep_s=keep_s) as core:
        seat = await core.sit()
        for number in range(10):
            await seat.done("system:set", progress=number + 1)
            core.clock.now_s += 10
        await core.tidy()
        assert core.log.floor() == 10 - kept
        found = core.log.read(core.log.floor(), 10, 1 << 20)
        assert found is not None
        assert [commit.seq for commit in found] == list(range(11 - kept, 11))
        assert await seat.item("priorities", "x") is None


async def test_pruning_goes_in_steps_and_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "PRUNE_AT_ONCE", 4)
    async with Core(tmp_path, keep_changes=1, keep_s=0) as core:
        seat = await core.sit()
        for number in range(10):
            await seat.done("system:set", progress=number + 1)
        now = core.board.clock.note()
        now = replace(now, steady_s=now.steady_s + 1)
        assert [core.log.prune(now) for _ in range(4)] == [4, 4, 1, 0]
    log = open_log(tmp_path)
    assert log.floor() == 9
    log.close()


async def test_changes_are_bounded_in_bytes_however_young_and_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "CHANGES_BYTES", 100_000)
    async with Core(tmp_path) as core:
        seat = await core.sit()
        for number in range(12):
            await seat.done("priorities:edit" if number else "priorities:put", **_noted(number))
        await core.tidy()
        assert core.log.floor() == 6
        await core.tidy()
        assert core.log.floor() == 6


def _noted(number: int) -> dict[str, Any]:
    if number:
        return {"code": "P1", "set": {"note": str(number % 10) * 7_500}}  # and the one before it, as long
    return {"items": [{"id": "a", "title": "Ship it"}]}


def test_a_large_delta_is_not_read_to_its_end(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    assert log.read(0, 10, 0) == []
    log.close()


async def test_the_readiness_probe_really_writes(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        core.log.probe()
        core.sqlite._writer.pragma("max_page_count", core.sqlite._writer.pragma("page_count"))
        core.sqlite._writer.execute("PRAGMA query_only = on")
        with pytest.raises(LogError, match="cannot write"):
            core.log.probe()
        core.sqlite._writer.execute("PRAGMA query_only = off")
        core.log.probe()


async def test_somebody_elses_write_is_noticed_and_not_written_over(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit()
        await seat.done("system:set", progress=1)
        other = apsw.Connection(str(database(tmp_path)))
        other.execute("UPDATE heads SET seq = 7 WHERE room = 'state'")
        other.close()
        assert (await seat.refused("system:set", progress=2))["code"] == "storage_unavailable"
        with pytest.raises(LogError, match="restart"):
            core.log.probe()


async def test_an_old_text_is_remembered_for_whoever_looked_at_it(tmp_path: Path) -> None:
    async with Core(tmp_path, keep_changes=1, keep_s=0) as core:
        seat = await core.sit()
        for text in ("first", "second", "third"):
            await seat.done("priorities:put", items=[{"id": "a", "title": text}])
        core.clock.now_s += 1
        await core.tidy()
        await seat.done("priorities:put", items=[{"id": "a", "title": "fourth"}])
        error = await seat.refused("priorities:complete", code="P1", seen=3)
        assert error["details"] == {"code": "P1", "then": "third", "now": "fourth"}


async def test_an_older_store_gets_checksums_and_keeps_everything(tmp_path: Path) -> None:
    old = apsw.Connection(str(database(tmp_path)), vfs="unix")
    old.pragma("journal_mode", "wal")
    old.execute(MIGRATIONS[0])
    old.execute("INSERT INTO meta VALUES ('epoch', 'before')")
    old.pragma("user_version", 1)
    old.close()
    log = open_log(tmp_path)
    assert log.epoch == "before"
    log.close()
    assert database(tmp_path).read_bytes()[20] == 8  # bytes of each page that are kept for the checksum


@pytest.mark.parametrize("name", ["adjutant.db", "adjutant.lock"])
@pytest.mark.parametrize("how", ["removed", "replaced"])
async def test_a_file_that_is_gone_ends_the_acks_and_all_is_saved(
    tmp_path: Path, name: str, how: str
) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit("state")
        await seat.done("priorities:put", items=[{"id": "a", "title": "Kept"}])
        file = tmp_path / name
        content = file.read_bytes()
        file.unlink()
        if how == "replaced":
            file.write_bytes(content)
        refused = await seat.ask("priorities:put", items=[{"id": "b", "title": "Lost"}])
        assert refused["error"]["code"] == "storage_unavailable"
        with pytest.raises(LogError, match="was removed or replaced"):
            core.log.probe()
        assert [item["id"] for item in (await seat.done("state:get"))["state"]["priorities"]] == ["a"]
    # The lost file's WAL is still there: the copy must not be given its pages.
    assert name == "adjutant.lock" or how == "replaced" or (tmp_path / "adjutant.db-wal").exists()
    restore(database(tmp_path), tmp_path / "adjutant-rescued-1.db")
    assert not (tmp_path / "adjutant.db-wal").exists()
    async with Core(tmp_path) as core:
        assert list(core.state.rows["priorities"]) == ["a"]


async def test_a_store_that_is_gone_is_not_begun_anew(tmp_path: Path) -> None:
    await fill(tmp_path)
    database(tmp_path).rename(tmp_path / "elsewhere.db")
    with pytest.raises(LogError, match="is gone; it had 1 changes"):
        open_log(tmp_path)
    assert not database(tmp_path).exists()
    (tmp_path / "elsewhere.db").rename(database(tmp_path))
    open_log(tmp_path).close()


async def test_what_is_kept_for_hours_does_not_go_by_a_clock_that_jumps(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit()
        done = await seat.ask("priorities:put", items=[{"id": "a", "title": "Once"}], op="once")
        for jump_s in (25 * 3600, -50 * 3600, 40 * 365 * DAY_S):
            core.clock.wall_jump_s += jump_s
            await core.tidy()
            again = await seat.ask("priorities:put", items=[{"id": "a", "title": "Once"}], op="once")
            assert again == done | {"replay": True}
        core.clock.now_s += DAY_S + 1
        await core.tidy()
        assert "replay" not in await seat.ask(
            "priorities:put", items=[{"id": "a", "title": "Once"}], op="once"
        )


async def test_the_steady_clock_goes_on_where_the_last_run_left_it(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit()
        await seat.done("priorities:put", items=[{"id": "a", "title": "x"}])
        core.clock.now_s += 500
        await core.tidy()
        noted = core.board.clock.note()
    log = open_log(tmp_path)
    assert log.clock == noted
    assert StoreClock(SystemClock(), log.clock).steady() >= noted.steady_s
    log.close()

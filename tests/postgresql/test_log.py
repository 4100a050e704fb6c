"""The log on PostgreSQL (log/postgres/log, log/postgres/opening, log/postgres/tables, log/postgres/meta,
log/postgres/tidying): what it keeps and forgets. What it has in common with SQLite's is tested by the modules
that use `both_logs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from handlers import REGISTRY
from sio_server.log.base import LogError
from sio_server.log.postgres import tables, tidying
from sio_server.log.postgres.log import PostgresLog
from sio_server.log.postgres.session import shown
from sio_server.state.state import State
from tests import postgres
from tests.core.seats import DAY_S, Core

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)


@pytest.fixture(autouse=True)
def in_postgresql() -> Iterator[None]:
    with postgres.in_use():
        yield


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path, keep_changes=3, keep_s=50.0) as found:
        yield found


def database(name: str = "cores") -> psycopg.Connection:
    return psycopg.connect(postgres.shared().url(name), autocommit=True, options="-c search_path=adjutant")


def opened(folder: Path, board: str = "main", name: str = "alone") -> PostgresLog:
    return PostgresLog(postgres.shared().url(name), board, folder, 50_000, DAY_S)


async def test_changes_are_kept_by_number_or_age_whichever_is_more(core: Core) -> None:
    seat = await core.sit()
    for number in range(10):
        await seat.done("system:set", progress=number + 1)
        core.clock.now_s += 10
    await core.tidy()
    assert core.log.floor() == 5
    found = core.log.read(5, 10, 1 << 20)
    assert found is not None
    assert [commit.seq for commit in found] == [6, 7, 8, 9, 10]
    assert core.log.commits_since(5)[1]
    assert not core.log.commits_since(4)[1]


async def test_changes_are_bounded_in_bytes(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "CHANGES_BYTES", 100_000)
    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": "a", "title": "Ship it"}])
    for number in range(11):
        await seat.done("priorities:edit", code="P1", set={"note": str(number % 10) * 7_500})
    await core.tidy()
    assert core.log.floor() == 6


async def test_pruning_goes_in_steps_and_is_kept(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sio_server.log.postgres.log.PRUNE_AT_ONCE", 4)
    seat = await core.sit()
    for number in range(12):
        await seat.done("system:set", progress=number + 1)
    now = core.board.clock.note()
    now = replace(now, steady_s=now.steady_s + 100)
    assert [core.log.prune(now) for _ in range(4)] == [4, 4, 1, 0]
    await core.close()
    await core.open()
    assert core.log.floor() == 9
    assert core.log.size_bytes() > 0


async def test_old_acks_lines_and_texts_go_and_the_newest_text_of_a_code_stays(core: Core) -> None:
    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": "a", "title": "first"}], op="put")
    await seat.done("command:run", text="update P1 second", op="line")
    core.clock.now_s += 2 * DAY_S
    for number in range(5):
        await seat.done("system:set", progress=number + 1)
    await core.tidy()
    assert core.log.find_op(seat.client.principal.key, "put") is None
    assert core.log.history.text_at("priorities", "P1", 2) == "second"
    assert core.log.history.text_at("priorities", "P1", 1) is None
    with database() as connection:
        board = (core.log._board,)  # type: ignore[union-attr]
        left = connection.execute("SELECT count(*) FROM runs WHERE board = %s", board).fetchone()
    assert left == (0,)


async def test_acks_are_bounded_in_bytes(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "OPS_BYTES", 300)
    seat = await core.sit()
    for number in range(5):
        await seat.done("priorities:put", items=[{"id": f"i{number}", "title": "x"}], op=f"op{number}")
        core.clock.now_s += 1
    await core.tidy()
    kept = [number for number in range(5) if core.log.find_op(seat.client.principal.key, f"op{number}")]
    assert kept
    assert kept == list(range(5))[-len(kept) :]
    assert len(kept) < 5


async def test_a_large_put_with_every_kind_of_text_comes_back_as_it_was(core: Core) -> None:
    texts = [
        "plain",
        "'; DROP TABLE adjutant.items; --",
        "{a,b}",
        '"\\n',
        "\u202e\U0001f600",
        "a\\0b",
        "NULL",
    ]
    items = [
        {"id": f"{n}{text[:9]}", "title": f"{text} {n}", "note": text} for n in range(300) for text in texts
    ]
    seat = await core.sit()
    await seat.done("priorities:put", items=items)
    before = await seat.state()
    await core.close()
    await core.open()
    assert await (await core.sit()).state() == before


async def test_an_append_is_three_statements_however_many_tables_it_writes(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[bytes] = []
    plain = psycopg.Connection.execute

    def execute(self: psycopg.Connection, query: bytes | str, *values: Any, **how: Any) -> psycopg.Cursor:
        said.append(query if isinstance(query, bytes) else str(query).encode())
        return plain(self, query, *values, **how)

    seat = await core.sit()
    await seat.done("priorities:put", items=[{"id": one, "title": one} for one in ("a", "b")])
    monkeypatch.setattr(psycopg.Connection, "execute", execute)
    await seat.done("command:run", text="complete P1 | drop P2", op="once")
    locked = next(number for number, query in enumerate(said) if b"FOR UPDATE" in query)
    wrote, committed = said[locked + 1 :]
    tables_of = ("changes", "heads", "items", "item_changes", "runs", "ops", "boards")
    assert all(f"adjutant.{table}".encode() in wrote for table in tables_of)
    assert committed == b"COMMIT"


async def test_a_brief_that_holds_a_nul_is_read_back(core: Core) -> None:
    """PostgreSQL's own JSON does not know it."""
    seat = await core.sit()
    await seat.done("brief:set", brief={"title": "ab", "free": {"x": "a\0b"}})
    await seat.done("command:run", text="add priority Call Bo")
    for line in ("undo", "redo", "undo", "redo"):
        await seat.done("command:run", text=line)
    await seat.refused("command:run", text="redo")
    assert core.log.last_at() is not None
    assert core.log.history.change_at("brief", "active", 1) is not None


async def test_boards_of_one_database_know_nothing_of_each_other(tmp_path: Path) -> None:
    async with Core(tmp_path / "one") as one, Core(tmp_path / "two") as two:
        first, second = await one.sit(), await two.sit()
        await first.done("priorities:put", items=[{"id": "a", "title": "ours"}], op="same")
        await second.done("priorities:put", items=[{"id": "a", "title": "theirs"}], op="same")
        await second.done("command:run", text="approve P1")
        assert (await first.item("priorities", "a"))["title"] == "ours"
        assert one.log.epoch != two.log.epoch
        assert one.log.find_op(first.client.principal.key, "same") != two.log.find_op(
            second.client.principal.key, "same"
        )
        await one.close()
        await one.open()
        assert [row.item.id for row in one.state.rows["priorities"].values()] == ["a"]
        assert one.state.seq == 1


async def test_a_board_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    opened(tmp_path, "newer").close()
    with database("alone") as connection:
        connection.execute("UPDATE boards SET version = 99 WHERE board = 'newer'")
    with pytest.raises(LogError, match="newer version"):
        opened(tmp_path, "newer")


async def test_an_item_of_another_version_is_refused(tmp_path: Path) -> None:
    opened(tmp_path, "other").close()
    with database("alone") as connection:
        connection.execute("INSERT INTO items VALUES ('other', 'priorities', 'a', 1, '{}')")
    log = opened(tmp_path, "other")
    with pytest.raises(LogError, match="another version"):
        log.load(State(REGISTRY, log.epoch))
    log.close()


async def test_a_database_with_another_encoding_is_refused(tmp_path: Path) -> None:
    with database("postgres") as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    with pytest.raises(LogError, match="encoding LATIN1: make a database with UTF8"):
        opened(tmp_path, name="latin")


async def test_a_program_without_the_right_to_make_tables_may_use_them(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with database("alone") as connection:
        connection.execute("CREATE ROLE clerk LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA adjutant TO clerk")
        connection.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA adjutant TO clerk")
    url = postgres.shared().url("alone").replace("postgres@", "clerk@")
    log = PostgresLog(url, "main", tmp_path, 50_000, DAY_S)
    log.probe()
    log.close()


async def test_what_is_noted_outlives_the_session(tmp_path: Path) -> None:
    log = opened(tmp_path, "noted")
    log.meta.put("tokens", "in force")
    log.meta.put("tokens", "in force")
    postgres.shared().end_sessions()
    assert log.meta.get("tokens") == "in force"
    before = log.epoch
    log.renew_epoch()
    log.close()
    again = opened(tmp_path, "noted")
    assert (again.meta.get("tokens"), again.epoch == before) == ("in force", False)
    again.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://ana:secret@db.example/board", "postgresql://db.example/board"),
        ("postgresql://db.example:5433/board?password=secret", "postgresql://db.example:5433/board"),
        ("postgresql:///board?host=/run/postgresql", "postgresql:///run/postgresql/board"),
        ("postgresql://one,two/board", "postgresql://one,two/board"),
        ("postgresql://[", "the database"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, says: str) -> None:
    assert shown(url) == says


async def test_tables_of_the_first_version_are_taken_on_and_it_is_refused_from_then_on(
    tmp_path: Path,
) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit("state")
        await seat.done("priorities:put", items=[{"id": "a", "title": "Ship it"}])
        url, board = postgres.shared().url("cores"), postgres.name_of(tmp_path)
    with database() as connection:
        for table, column in tables.ADDED:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}".encode())
        connection.execute("UPDATE boards SET version = 1 WHERE board = %s", (board,))
    log = PostgresLog(url, board, tmp_path, 50_000, DAY_S)
    state = State(REGISTRY, log.epoch)
    log.load(state)
    log.close()
    assert [row.item.id for row in state.rows["priorities"].values()] == ["a"]
    with database() as connection:
        found = connection.execute("SELECT version FROM boards WHERE board = %s", (board,)).fetchone()
    assert found == (tables.NEWEST,)

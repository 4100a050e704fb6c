"""Rows are looked up by their keys whatever the database knows of the table, and a server that stands still
in the middle of a put holds up nobody for long (search/postgres/tables, search/postgres/session)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sio_server.search.faults import StoreFault
from sio_server.search.postgres import session as sessions
from sio_server.search.postgres import tables
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import LABELS, PEOPLE, RECORDS, WORDS, by_key, delete_by_key
from tests import postgres
from tests.search.shelf import record, shelf

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)

ROWS = 5_000
FILLINGS = {
    RECORDS: "SELECT 'b', n, 1, 's', 'r' || n, '', '', n, n, '', '', '', '', repeat('words ', 90), ''",
    WORDS: "SELECT 'b', n, 9, false, 'word'::tsvector",
    LABELS: "SELECT 'b', n, 'r' || n, '', '', ''::tsvector",
    PEOPLE: "SELECT 'b', 's', 'r' || n, '', ''",
}
BY_ID = ("id", "bigint", "board = 'b'")
BY_NAME = ("own_id", "text", "board = 'b' AND source = 's'")
KEYS = [(RECORDS, BY_ID), (RECORDS, BY_NAME), (WORDS, BY_ID), (LABELS, ("key", "text", "board = 'b'"))]


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection]:
    """Tables that were filled a moment ago: until that is committed nothing analyses them."""
    with psycopg.connect(postgres.shared().url("unanalysed")) as connection:
        for statement in tables.create():
            connection.execute(statement.encode())
        for table, row in FILLINGS.items():
            connection.execute(f"INSERT INTO {table} {row} FROM generate_series(1, {ROWS}) AS n".encode())
        for setting in sessions._SETTINGS:
            connection.execute(setting.encode())
        yield connection
        connection.rollback()


def most_read(connection: psycopg.Connection, statement: str, kind: str) -> int:
    """The most rows that a step of the statement read for a hundred keys."""
    keys = [number if kind == "bigint" else f"r{number}" for number in range(1, ROWS, ROWS // 100)]
    explained = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
    [[[plan]]] = connection.execute(explained.encode(), (keys,)).fetchall()
    return max(steps(plan["Plan"]))


def steps(plan: Any) -> Iterator[int]:
    each = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    each += plan.get("Rows Removed by Index Recheck", 0)
    yield round(each * plan["Actual Loops"])
    for below in plan.get("Plans", ()):
        yield from steps(below)


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_rows_are_read_by_their_keys_before_there_are_statistics(
    filled: psycopg.Connection, table: str, key: tuple[str, str, str]
) -> None:
    assert most_read(filled, by_key(key[0], table, *key), key[1]) == 100


@pytest.mark.parametrize(("table", "key"), [(RECORDS, BY_ID), (WORDS, BY_ID), (PEOPLE, BY_NAME)])
def test_rows_are_deleted_by_their_keys_before_there_are_statistics(
    filled: psycopg.Connection, table: str, key: tuple[str, str, str]
) -> None:
    with filled.transaction(force_rollback=True):
        assert most_read(filled, delete_by_key(table, *key), key[1]) == 100


def test_keys_are_looked_up_nowhere_else() -> None:
    """A list of keys in a condition is what a table without statistics is read as a whole for; labels have an
    index of few rows for each."""
    folder = Path(tables.__file__).parent
    lists = {path.name: path.read_text("utf-8").count("= ANY(%s)") for path in folder.glob("*.py")}
    assert {name: number for name, number in lists.items() if number} == {"labels.py": 1}


def test_a_server_that_stands_still_in_the_middle_of_a_put_is_waited_for_no_longer_than_its_limit(
    tmp_path: Path,
) -> None:
    [limit] = [one for one in sessions._SETTINGS if "idle_in_transaction" in one]
    assert limit.endswith("TO '60s'")
    url, board = postgres.shared().url("records"), postgres.name_of(tmp_path)
    with postgres.in_use(), shelf(tmp_path) as store:
        store.put([record("before", "budget")])
        still = RecordsSession(url, board)
        locked = f"SELECT top FROM {tables.BOARDS} WHERE board = %s FOR UPDATE"

        def stand_still() -> None:
            with still.storing(locked, (board,)):
                still.run(f"UPDATE {tables.BOARDS} SET top = 100 WHERE board = %s", (board,))
                still.run(limit.replace("60s", "1s"))  # of this session alone, and from here on
                store.put([record("meanwhile", "budget")])

        with pytest.raises(StoreFault):
            stand_still()
        assert sorted(store.ids("budget")) == ["before", "meanwhile"]
        assert still.rows(f"SELECT top FROM {tables.BOARDS} WHERE board = %s", (board,)) == [(2,)]
        still.drop()

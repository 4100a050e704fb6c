"""What the old system's programs may have put into the file, or do to it: nothing of it stops anything."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import apsw
import pytest

from sio_server.search import time_index
from sio_server.search.file import SearchFile
from sio_server.search.time_index import TimeIndex
from tests.search import old_file
from tests.search.shelf import FileShelf, record
from tests.search.shelf import file_shelf as shelf

Json = Any
INSERT = "INSERT INTO messages (content, source, date, metadata) VALUES"
BAD_TEXT = "CAST(x'ff' || 'odd budget' || x'ff' AS TEXT)"


def made(path: Path, *statements: str) -> Path:
    """An old file, with what these put in."""
    old_file.make(path)
    told(path, *statements)
    return path


def told(path: Path, *statements: str) -> None:
    """What the old program does. By the same library: two do not see each other's locks."""
    connection = apsw.Connection(str(path))
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def adopted(opened: FileShelf) -> None:
    opened.file.notice_other_writers()
    while opened.file.adopt():
        pass


ODD_METADATA = [
    r"""'{"user": "\ud800"}'""",
    """'{"user": "x", "n": 1e999}'""",
    f"""'{{"user": "x", "n": {"9" * 400}}}'""",
    """CAST(x'7b2275736572223a22ff227d' AS TEXT)""",
    "x'2c47757365721778'",
    "'" + "[" * 900 + "]" * 900 + "'",
    "'" + '{"from":' + '{"name":' * 900 + '"x"' + "}" * 901 + "'",
    "'no json'",
    "5",
    "NULL",
]


@pytest.mark.parametrize("said", ODD_METADATA, ids=range(len(ODD_METADATA)))
def test_odd_metadata_does_not_hide_who_wrote_the_others(tmp_path: Path, said: str) -> None:
    path = made(
        tmp_path / "search.db",
        f"{INSERT} ('odd budget', 'slack', '2025-08-01', {said})",
        f"""{INSERT} ('later', 'slack', '2025-08-01', '{{"user": "Cleo"}}')""",
    )
    with shelf(path) as opened:
        adopted(opened)
        assert opened.ids("from:cleo") == ["row;7"]
        assert opened.ids("from:ana") == ["row;1"]
        assert opened.ids("odd") == ["row;6"]


ODD_ROWS = [
    f"({BAD_TEXT}, 'slack', '2025-08-01', NULL)",
    f"('odd budget', {BAD_TEXT}, '2025-08-01', NULL)",
    f"('odd budget', 'slack', {BAD_TEXT}, NULL)",
    "(CAST('odd budget' AS BLOB), x'ff00', x'ff', NULL)",
    "('odd' || char(0) || 'budget', 'sl' || char(0), '2025' || char(0), NULL)",
    "('odd budget', '', '', NULL)",
]


@pytest.mark.parametrize("row", ODD_ROWS, ids=range(len(ODD_ROWS)))
def test_a_row_that_is_no_text_is_found_counted_and_put_beside(tmp_path: Path, row: str) -> None:
    path = made(tmp_path / "search.db", f"{INSERT} {row}")
    with shelf(path) as opened:
        assert opened.put([record("new", "zebra")]).indexed == 1
        assert opened.file.time_index.records == 7
        assert opened.ids("zebra") == ["new"]
        assert "row;6" in opened.ids("", limit=100)
        assert "row;6" in opened.ids("odd")


def test_a_put_that_is_on_disk_is_acked_whatever_comes_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catch_up = TimeIndex.catch_up

    def fail(self: TimeIndex, connection: apsw.Connection) -> None:
        raise apsw.IOError("disk I/O error")

    with shelf(tmp_path / "search.db") as opened:
        monkeypatch.setattr(TimeIndex, "catch_up", fail)
        assert opened.put([record("a", "zebra")]).indexed == 1
        monkeypatch.setattr(TimeIndex, "catch_up", catch_up)
        assert opened.ids("zebra") == ["a"]
        assert opened.file.time_index.records == 1


@pytest.mark.parametrize("statements", range(5))
def test_a_catch_up_that_is_interrupted_counts_no_row_twice(tmp_path: Path, statements: int) -> None:
    with shelf(made(tmp_path / "search.db")) as opened, opened.file.reader() as reader:
        done = 0

        def interrupt(*_: object) -> bool:
            nonlocal done
            done += 1
            if done > statements:
                raise apsw.InterruptError("interrupted")
            return True

        reader.connection.exec_trace = interrupt
        with pytest.raises(apsw.InterruptError):
            opened.file.time_index.catch_up(reader.connection)
        reader.connection.exec_trace = None
        assert opened.file.time_index.records == 0
        opened.file.time_index.catch_up(reader.connection)
        assert opened.file.time_index.counts == {"slack": 3, "drive": 1, "calendar": 1}


def test_rows_far_apart_take_little_memory(tmp_path: Path) -> None:
    path = made(
        tmp_path / "search.db",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        " INSERT INTO messages (id, content, source, date) SELECT i * 8192 + i, 'far', 'slack', '2025-01-01'"
        " FROM n",
    )
    with shelf(path) as opened:
        assert opened.ids("far", limit=2) == [f"row;{2000 * 8193}", f"row;{1999 * 8193}"]
        found = opened.file.time_index.blocks_newest_first(None, None, None)
        assert sum(len(block.at) + len(block.source) for block in found) < 5_000


@pytest.mark.parametrize("sparse", [0, 3, 1_000])
def test_a_span_is_the_same_with_few_records_and_with_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sparse: int
) -> None:
    monkeypatch.setattr(time_index, "SPARSE_AT_MOST", sparse)
    with shelf(tmp_path / "search.db") as opened:
        for day in range(1, 9):
            opened.put([record(f"d{day}", "budget", f"2026-01-0{day}")], f"slack:{day % 2}")
        assert opened.ids("source:slack:1") == ["d7", "d5", "d3", "d1"]
        assert opened.ids("after:2026-01-06 budget source:slack:0") == ["d8", "d6"]
        assert opened.ids("before:2026-01-03") == ["d2", "d1"]


@pytest.mark.parametrize("id", [0, -5, -(2**62), 2**63 - 1])
def test_a_row_with_an_odd_id_is_found_and_counted(tmp_path: Path, id: int) -> None:
    path = made(
        tmp_path / "search.db",
        f"INSERT INTO messages (id, content, source, date) VALUES ({id}, 'giraffe', 'zoo', '2025-08-01')",
    )
    with shelf(path) as opened:
        assert opened.ids("giraffe") == [f"row;{id}"]
        assert opened.ids("source:zoo") == [f"row;{id}"]
        assert opened.file.time_index.records == 6
        if id == 2**63 - 1:
            with pytest.raises(Exception, match="no free record ids"):
                opened.put([record("a", "x")])
        else:
            assert opened.put([record("a", "x")]).indexed == 1


DATES = [
    ("20250801", "2025-08-01"),
    ("1754042400", "2025-08-01T10:00:00Z"),
    ("1754042400000", "2025-08-01T10:00:00Z"),
    ("1601-01-01", None),
    ("9999-12-31", None),
    ("2199-12-31T23:30:00-05:00", None),
    ("9e999", None),
    ("20251339", None),
]


@pytest.mark.parametrize(("date", "at"), DATES)
def test_a_date_of_the_old_system_is_read_where_the_wire_can_write_it(
    tmp_path: Path, date: str, at: str | None
) -> None:
    path = made(tmp_path / "search.db", f"{INSERT} ('giraffe', 'zoo', '{date}', NULL)")
    with shelf(path) as opened:
        [hit] = opened.ask("giraffe")["hits"]
        assert hit["at"] == at
        assert opened.ids("giraffe after:2025 before:2026") == (["row;6"] if at else [])
        assert (opened.file.time_index.newest_s or 0) < time_index.LATEST_S


def test_what_the_old_program_removes_is_forgotten(tmp_path: Path) -> None:
    path = made(tmp_path / "search.db")
    with shelf(path) as opened:
        adopted(opened)
        assert opened.ask("source:slack")["total"] == 3
        told(path, "DELETE FROM messages WHERE id IN (1, 5)", "UPDATE messages SET source = 'm' WHERE id = 2")
        opened.file.notice_other_writers()
        assert opened.ask("source:slack")["total"] == 1
        assert opened.ids("source:m") == ["row;2"]
        assert opened.ask("from:ana")["total"] == 0
        assert opened.file.time_index.counts == {"slack": 1, "m": 1, "calendar": 1}
        told(path, "DELETE FROM messages")
        opened.file.notice_other_writers()
        assert opened.ask("")["total"] == 0
        assert opened.put([record("a", "budget")]).indexed == 1
        assert opened.ids("budget") == ["a"]


def test_what_was_removed_before_the_server_began_is_not_counted(tmp_path: Path) -> None:
    path = made(tmp_path / "search.db")
    with shelf(path) as opened:
        adopted(opened)
    told(path, "DELETE FROM messages WHERE id = 1")
    with shelf(path) as opened:
        assert opened.ask("from:ana")["total"] == 0
        opened.file.notice_other_writers()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT id FROM adjutant_entries ORDER BY id").fetchall() == [
        (2,),
        (3,),
        (4,),
        (5,),
    ]
    connection.close()


def test_ids_that_the_old_program_gives_anew_have_their_new_authors(tmp_path: Path) -> None:
    path = made(tmp_path / "search.db")
    with shelf(path) as opened:
        adopted(opened)
        told(
            path,
            "DELETE FROM messages",
            "DELETE FROM sqlite_sequence WHERE name = 'messages'",
            f"""{INSERT} ('heron', 'mail', '2025-08-01', '{{"user": "Bob"}}')""",
        )
        adopted(opened)
        assert opened.ids("from:bob") == ["row;1"]
        assert opened.ids("from:ana") == []
        assert opened.ids("source:mail") == ["row;1"]


def test_looking_again_asks_nothing_when_nobody_else_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shelf(made(tmp_path / "search.db")) as opened:
        opened.file.notice_other_writers()
        opened.put([record("a", "budget")])
        monkeypatch.setattr(TimeIndex, "agrees_with", None)
        opened.file.notice_other_writers()


def test_a_file_that_is_no_longer_read_only_may_be_written(tmp_path: Path) -> None:
    path = made(tmp_path / "search.db")
    opened = SearchFile(path, 1)
    assert opened.has_become_writable()
    opened.close()

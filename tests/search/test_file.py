"""The search file (search/file, search/rows, search/schema): an old one opens unchanged, a put has one
effect, bad files are named."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import apsw
import pytest

from sio_server.search.faults import StoreFault
from sio_server.search.file import SearchFile, sentence_of
from tests.search import old_file
from tests.search.shelf import file_shelf as shelf
from tests.search.shelf import record


def test_a_new_file_has_the_old_schema_and_is_whole(tmp_path: Path) -> None:
    old_file.make(tmp_path / "old.db", ())
    with shelf(tmp_path / "new.db") as new:
        new.put([record("a", "The budget")])
    assert old_file.shape(tmp_path / "new.db").keys() == old_file.shape(tmp_path / "old.db").keys()
    assert old_file.shape(tmp_path / "new.db")["user_version"] == "2"
    old_file.check(tmp_path / "new.db")
    assert old_file.find(tmp_path / "new.db", "budgets") == ["The budget"]


def test_an_old_file_is_found_as_it_is_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    old_file.make(path)
    before = old_file.shape(path)
    with shelf(path) as opened:
        assert len(opened.ask("budget")["hits"]) == 4
        assert opened.put([record("new", "Another budget", "2026-05-05")]).indexed == 1
        found = opened.ask("budget", limit=10)
        assert found["total"] == 5
        by_title = {hit["title"]: hit for hit in found["hits"]}
        assert by_title["Another budget"]["id"] == "notes/new"
        assert by_title["The budget is due on Friday"]["id"] == "slack/row;1"
        assert by_title["The budget is due on Friday"]["at"] == "2025-08-01"
        assert by_title["Budget review with the board"]["at"] == "2025-08-03T07:30:00Z"
        assert by_title["A stamp of Slack's for the budget"]["at"] == "2025-08-04T09:33:20Z"
        assert by_title["Nobody knows when this was: budget"]["at"] is None
        assert opened.ids("budget source:slack after:2025-08-02") == ["row;5"]
        assert opened.file.time_index.counts == {"slack": 3, "drive": 1, "calendar": 1, "notes": 1}
    assert old_file.shape(path) == before
    old_file.check(path)


def test_who_wrote_what_the_old_system_put_in_is_found_once_it_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    old_file.make(path)
    with shelf(path) as opened:
        while opened.file.adopt():
            pass
        assert opened.ids("from:ana") == ["row;1"]
        assert opened.ids('from:"ben lee"') == ["row;2"]
        assert not opened.file.adopt()


def test_the_old_program_still_works_on_the_file(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    old_file.make(path)
    with shelf(path) as opened:
        opened.put([record("a", "Ours about budgets"), record("b", "Ours to be changed")])
        old = sqlite3.connect(path)
        old_file.put(old, [("Theirs, later, about budgets", "slack", "2026-02-02", {})])
        old.execute("UPDATE messages SET content = 'Changed by them: budget' WHERE content LIKE '%changed'")
        old.execute("DELETE FROM messages WHERE content LIKE 'Ours about%'")
        old.commit()
        old.close()
        titles = {hit["title"] for hit in opened.ask("budget")["hits"]}
        assert {"Theirs, later, about budgets", "Changed by them: budget"} <= titles
        assert "Ours about budgets" not in titles
        assert opened.put([record("a", "Ours about budgets")]).indexed == 1, "it was gone, and is put anew"
        assert "Ours about budgets" in {hit["title"] for hit in opened.ask("budget")["hits"]}
    old_file.check(path)


def test_what_the_original_said_is_kept_as_it_was(tmp_path: Path) -> None:
    said = record(
        "a", "Hi", kind="message", title="T", url="https://x.example/1", meta={"n": [1, {"é": None}]}
    )
    with shelf(tmp_path / "search.db") as opened:
        opened.put([said])
    connection = sqlite3.connect(tmp_path / "search.db")
    row = connection.execute("SELECT content, source, date, metadata, created_at FROM messages").fetchone()
    connection.close()
    assert row[:3] == ("Hi", "notes", "2026-01-01")
    assert json.loads(row[3]) == said
    assert row[4]


def test_the_same_records_twice_are_indexed_once(tmp_path: Path) -> None:
    records = [record(f"r{number}", f"text {number}") for number in range(50)]
    with shelf(tmp_path / "search.db") as opened:
        assert opened.put(records).answer() == {"indexed": 50, "unchanged": 0, "held": 50, "rejected": []}
        assert opened.put(records).answer() == {"indexed": 0, "unchanged": 50, "held": 50, "rejected": []}
        assert opened.file.time_index.records == 50
        assert opened.put(records, source="other").indexed == 50, "the same ids of another source are others"


def test_a_record_that_changed_is_found_by_its_new_words_only(tmp_path: Path) -> None:
    with shelf(tmp_path / "search.db") as opened:
        opened.put([record("a", "apples", meta={"from": "Ana"}), record("b", "pears")])
        changed = record("a", "oranges", "2020-01-01", meta={"from": "Ben"})
        assert opened.put([changed, record("b", "pears")]).answer()["unchanged"] == 1
        assert opened.ids("apples") == []
        assert opened.ids("oranges") == ["a"]
        assert opened.ids("from:ana") == []
        assert opened.ids("from:ben before:2021") == ["a"]
        assert opened.file.time_index.records == 2
    old_file.check(tmp_path / "search.db")


def test_of_one_id_twice_in_a_batch_the_last_counts(tmp_path: Path) -> None:
    with shelf(tmp_path / "search.db") as opened:
        result = opened.put([record("a", "first"), record("a", "second")])
        assert (result.indexed, result.unchanged) == (1, 1)
        assert opened.ids("second") == ["a"]
        assert opened.ids("first") == []


BAD = [
    (record("a", ""), "text"),
    (record("a", "  \n "), "text"),
    ({"id": "a", "at": "2026-01-01"}, "text"),
    (record("a", "x" * 100_001), "text"),
    (record("a", "a\0b"), "text"),
    (record("a", "x", "1601-01-01"), "at"),
    (record("a", "x", "10000-01-01"), "at"),
    (record("a", "x", "yesterday"), "at"),
    (record("a", "x", ""), "at"),
    (record("", "x"), "id"),
    (record("a/b", "x"), "id"),
    (record("a", "x", kind="No Kind"), "kind"),
    (record("a", "x", url="javascript:x"), "url"),
    (record("a", "x", meta={"__proto__": 1}), "meta"),
    (record("a", "x", more=1), "more"),
    (7, ""),
    (None, ""),
    ([], ""),
]


@pytest.mark.parametrize(("bad", "path"), BAD, ids=range(len(BAD)))
def test_a_bad_record_is_named_and_the_others_are_taken(tmp_path: Path, bad: object, path: str) -> None:
    with shelf(tmp_path / "search.db") as opened:
        result = opened.put([record("before", "one"), bad, record("after", "two")])
        assert result.indexed == 2
        [rejected] = result.rejected
        assert rejected["index"] == 1
        assert rejected["path"] == path
        assert rejected["message"]
        assert opened.ids("one OR two") == ["before", "after"] or opened.ids("one OR two") == [
            "after",
            "before",
        ]


def test_an_op_has_one_effect_and_the_first_answer(tmp_path: Path) -> None:
    with shelf(tmp_path / "search.db") as opened:
        first = opened.put([record("a", "x"), 7], op="one")
        again = opened.put([record("a", "x"), 7], op="one")
        assert again.replayed
        assert again.answer() == first.answer()
        with pytest.raises(Exception, match="This op was already used"):
            opened.put([record("a", "y")], op="one")
        assert opened.ids("y") == []


def refused(path: Path) -> StoreFault:
    with pytest.raises((StoreFault, apsw.Error)) as error:
        SearchFile(path, 1)
    assert isinstance(error.value, Exception)
    return sentence_of(error.value, path)


@pytest.mark.parametrize("nothing_beside", [False, True])
def test_a_file_that_cannot_be_written_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_beside: bool
) -> None:
    """As SQLite answers where the system lets nothing be written: root, as tests may run, is always let."""
    path = tmp_path / "search.db"
    old_file.make(path)
    connect = SearchFile._connect

    def read_only(self: SearchFile, flags: int, name: str | None = None) -> apsw.Connection:
        if flags & apsw.SQLITE_OPEN_READWRITE and nothing_beside:
            raise apsw.CantOpenError("unable to open database file")
        if flags & apsw.SQLITE_OPEN_READWRITE:
            flags = apsw.SQLITE_OPEN_READONLY
        return connect(self, flags, name)

    monkeypatch.setattr(SearchFile, "_connect", read_only)
    before = path.read_bytes()
    with shelf(path) as opened:
        assert "read-only" in (opened.file.read_only or "")
        assert not opened.file.adopt()
        assert len(opened.ids("budget")) == 4
        assert opened.ids("budget from:ana") == []
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "search.db").write_bytes(b"this is no database " * 500)
    fault = refused(tmp_path / "search.db")
    assert "is damaged" in str(fault)
    assert fault.permanent


def test_a_file_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    old_file.make(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 3")
    connection.close()
    before = path.read_bytes()
    assert "newer format" in str(refused(path))
    assert path.read_bytes() == before


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photos (id)")
    connection.close()
    before = path.read_bytes()
    assert "not a search file" in str(refused(path))
    assert path.read_bytes() == before


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "is a folder" in str(refused(tmp_path))


def test_a_file_that_is_removed_or_replaced_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    with shelf(path) as opened:
        opened.file.check_identity()
        path.rename(tmp_path / "elsewhere.db")
        with pytest.raises(StoreFault, match="was removed or replaced"):
            opened.file.check_identity()
        old_file.make(path)
        with pytest.raises(StoreFault, match="was removed or replaced"):
            opened.file.check_identity()


def test_ids_are_never_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    with shelf(path) as opened:
        opened.put([record("a", "one"), record("b", "two")])
        connection = sqlite3.connect(path)
        connection.execute("DELETE FROM messages")
        connection.commit()
        connection.close()
        opened.put([record("c", "three")])
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT id FROM messages").fetchall() == [(3,)]
    connection.close()

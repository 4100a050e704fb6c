"""What people read of a record besides its text is searched too: titles, people, channels, file names.

Old rows get it by search/adoption.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from sio_server.search.labels import KNOWN_AT_MOST, Labels, label_of, label_of_row
from sio_server.search.schema import OWN_SCHEMA
from tests.search import former_file, old_file
from tests.search.shelf import FileShelf, record
from tests.search.shelf import file_shelf as shelf

Json = Any

MAIL = record(
    "m",
    "Please read it before Monday.",
    title="Contract, second version",
    meta={
        "from": "Ana Silva <ana@example.org>",
        "to": ["Bo Lee <bo@example.org>"],
        "attachments": [{"name": "lease-2026.pdf", "size": 7}],
    },
)
MESSAGE = record(
    "s", "The budget is due", meta={"user_name": "Cleo", "channel": "board-room", "files": ["plan.xlsx"]}
)
NOTE = record("n", "Nothing of it", title="Minutes", meta={"file": "meetings/2026-11-30 board.md"})


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    with shelf(tmp_path / "search.db") as opened:
        opened.put([MAIL, MESSAGE, NOTE])
        yield opened


FOUND = [
    ("contract", ["m"]),
    ('"second version"', ["m"]),
    ("contract monday", ["m"]),  # one word in the title, one in the text
    ("ana", ["m"]),
    ("from:ana", ["m"]),
    ("person:ana", ["m"]),
    ("from:bo", []),  # it was written to Bo
    ("bo", ["m"]),
    ("lease", ["m"]),
    ("lease-2026.pdf", ["m"]),
    ("cleo budget", ["s"]),
    ("board-room", ["s"]),
    ("plan.xlsx", ["s"]),
    ("minutes", ["n"]),
    ("meetings nothing", ["n"]),
    ("contr*", ["m"]),
    ("contract OR minutes", ["m", "n"]),
    ("-contract", ["n", "s"]),
    ("monday -contract", []),
    ("contract -monday", []),
    ("board -budget", ["n"]),
    ("contract version nothing", []),
    ("from:cleo -budget", []),
    ("from:cleo contract", []),
    ("source:notes contract", ["m"]),
    ("source:mail contract", []),
]


@pytest.mark.parametrize(("query", "ids"), FOUND)
def test_words_are_found_on_the_label_and_in_the_text(opened: FileShelf, query: str, ids: list[str]) -> None:
    answer = opened.ask(query)
    assert sorted(hit["id"].partition("/")[2] for hit in answer["hits"]) == ids
    assert answer["total"] == len(ids)


def test_a_rare_word_in_a_title_comes_before_the_same_word_in_texts(tmp_path: Path) -> None:
    with shelf(tmp_path / "search.db") as opened:
        opened.put([record(f"t{n}", f"somebody said lease again {n}") for n in range(20)])
        opened.put([record("title", "as agreed", title="The lease", at="2020-01-01")])
        opened.put([record("both", "the lease, as agreed", title="The lease", at="2020-01-01")])
        assert opened.ids("lease")[:2] == ["both", "title"]


def test_a_title_that_changed_is_found_by_its_new_words_only(opened: FileShelf) -> None:
    opened.put([MAIL | {"title": "Agreement"}])
    assert opened.ids("contract") == []
    assert opened.ids("agreement") == ["m"]
    assert opened.ids("agreement monday from:ana") == ["m"]


def test_what_the_old_program_wrote_is_found_by_its_labels_once_it_is_adopted(tmp_path: Path) -> None:
    rows: list[tuple[str, str, str, Json]] = [
        ("see below", "mail", "2025-08-01", {"subject": "Contract, second version", "from": "Ana"}),
        ("hello", "slack", "2025-08-02", {"channel_name": "general", "user_name": "Bo"}),
        ("text", "drive", "2025-08-03", {"meta": {"title": "Plan", "author": {"name": "Cleo"}}}),
    ]
    old_file.make(tmp_path / "search.db", rows)
    with shelf(tmp_path / "search.db") as opened:
        while opened.file.adopt():
            pass
        assert opened.ids("contract below") == ["row;1"]
        assert opened.ids("general from:bo") == ["row;2"]
        assert opened.ids("plan cleo") == ["row;3"]
    old_file.check(tmp_path / "search.db")


def test_a_file_of_an_earlier_version_is_healed(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    late = MAIL | {"at": "2026-03-01T23:30:00+02:00"}
    former_file.make(path, [late, MESSAGE | {"at": "2026-03-01"}])
    before = old_file.shape(path)
    with shelf(path) as opened:
        assert opened.ids("before:2026-03-02 after:2026-03-01 monday") == ["m"], "it is found before, too"
        while opened.file.adopt():
            pass
        by_id = {hit["id"]: hit["at"] for hit in opened.ask("monday OR budget", since="2026-01-01")["hits"]}
        assert by_id == {"notes/m": "2026-03-01T21:30:00Z", "notes/s": "2026-03-01"}
        assert opened.ids("contract monday") == ["m"]
        assert opened.ids("from:ana source:notes") == ["m"]
        assert opened.ids("monday after:2026-03-01T21:00 before:2026-03-01T22:00") == ["m"]
    assert old_file.on_day(path, "2026-03-01") == [late["text"], MESSAGE["text"]]
    assert old_file.shape(path) == before
    assert old_file.find(path, "monday") == [late["text"]], "its index was not touched"
    old_file.check(path)
    with shelf(path) as again:
        assert not again.file.adopt()
        assert again.ids("monday after:2026-03-01T21:00 before:2026-03-01T22:00") == ["m"]


def test_the_old_program_finds_records_by_their_day(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    with shelf(path) as opened:
        opened.put(
            [
                record("early", "first", "2026-03-01T00:00:00Z"),
                record("late", "second", "2026-03-01T23:59:59.999Z"),
                record("day", "third", "2026-03-01"),
                record("next", "fourth", "2026-03-02T00:00:00Z"),
            ]
        )
        opened.put([record("next", "fourth, changed", "2026-03-01T12:00:00Z")])
        assert opened.ids("after:2026-03-01T13:00 before:2026-03-02") == ["late"], "here to the second"
        [hit] = opened.ask("second")["hits"]
        assert hit["at"] == "2026-03-01T23:59:59.999Z"
    assert old_file.on_day(path, "2026-03-01") == ["first", "second", "third", "fourth, changed"]
    assert old_file.on_day(path, "2026-03-02") == []


def test_labels_that_no_record_has_any_more_are_deleted(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    with shelf(path) as opened:
        opened.put([MAIL, NOTE])
        opened.file.notice_other_writers()
        other = apsw.Connection(str(path))
        other.execute("DELETE FROM messages WHERE content LIKE 'Please%'")
        opened.file.notice_other_writers()
        assert other.execute("SELECT count(*) FROM adjutant_labels").get == 1
        assert opened.ids("contract") == []
        assert opened.put([MAIL]).indexed == 1
        assert opened.ids("contract") == ["m"]
        other.execute(
            "INSERT INTO adjutant_labels_fts (adjutant_labels_fts, rank) VALUES ('integrity-check', 1)"
        )
        other.close()


def test_two_servers_on_one_file_agree_about_labels(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    with shelf(path) as one, shelf(path) as other:
        one.put([MAIL])
        other.put([NOTE])
        assert one.ids("minutes") == other.ids("minutes") == ["n"]
        one.put([MAIL | {"id": "again"}])
        assert sorted(other.ids("contract")) == ["again", "m"]
        told = apsw.Connection(str(path))
        told.execute("DELETE FROM messages")
        told.close()
        for each in (one, other):
            each.file.notice_other_writers()
        other.put([NOTE | {"title": "Contract"}])
        one.put([MAIL])
        assert sorted(other.ids("contract")) == sorted(one.ids("contract")) == ["m", "n"]


def test_more_labels_than_are_remembered_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = apsw.Connection(":memory:")
    for statements in OWN_SCHEMA.values():
        connection.execute(statements.format(schema=""))
    monkeypatch.setattr("sio_server.search.labels.KNOWN_AT_MOST", 10)
    labels = Labels(connection)
    wanted = [label_of(f"title {n}", {}) for n in range(25)]
    first = [labels.numbers(wanted[at : at + 5]) for at in range(0, 25, 5)]
    again = [labels.numbers(wanted[at : at + 5]) for at in range(0, 25, 5)]
    assert first == again
    assert len(labels._known) <= 10
    assert KNOWN_AT_MOST > 10


ODD: list[Json] = [
    None,
    7,
    "text",
    [],
    {"meta": 7},
    {"title": None, "from": 7},
    {"title": ["a", ["b", ["c", ["d", ["too deep"]]]]]},
    {"from": {"name": {"name": {"name": {"name": "too deep"}}}}},
    {"files": [{"name": "x" * 10_000}] * 1_000},
    {"title": "\\0\\u2028 \\n"},
]


@pytest.mark.parametrize("metadata", ODD, ids=range(len(ODD)))
def test_odd_metadata_has_a_label_of_bounded_size(metadata: Json) -> None:
    label = label_of_row(metadata)
    assert len(label.about) <= 2_000
    assert len(label.people) <= 5_000
    assert "too deep" not in label.about + label.people


def test_a_name_of_several_words_is_within_one_name(tmp_path: Path) -> None:
    with shelf(tmp_path / "search.db") as opened:
        meta = {"user_name": "Ana Silva", "from": ["Jones Marta", "somebody else"], "user": "josé"}
        opened.put([record("a", "hello", meta=meta)])
        for name, found in (
            ("ana", 1),
            ('"ana silva"', 1),
            ('"silva jones"', 0),
            ('"marta ana"', 0),
            ("jose", 1),
            ("Josés", 1),
            ("sil", 0),
        ):
            assert opened.ask(f"from:{name}")["total"] == found, name

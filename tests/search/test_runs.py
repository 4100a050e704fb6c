"""Typed words inside runs of characters without spaces (search/runs, decision 95)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sio_server.search import runs
from tests.search.shelf import AnyShelf, Json, record, shelf

SAID = {
    "inside": "来週の会議では来年度の予算を承認する予定です。",
    "beginning": "予算は来週の会議で決めます。",
    "number": "2027年予算の案を送ります。",
    "mixed": "The board said: 新しい予算案 is late.",
    "other": "採用を決めます。",
}


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[AnyShelf]:
    """What is said, and a mail that has words in its title and its author only."""
    with shelf(tmp_path / "search.db") as opened:
        opened.put([record(id, text) for id, text in SAID.items()])
        mail = record(
            "label", "See below.", title="来年度予算の件", meta={"from": "佐藤太郎 <taro@example.org>"}
        )
        opened.put([mail])
        yield opened


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("予算", {"inside", "beginning", "number", "mixed", "label"}),
        ("予算*", {"inside", "beginning", "number", "mixed", "label"}),
        ("予算 会議", {"inside", "beginning"}),
        ("予算案", {"mixed"}),
        ("予算 board", {"mixed"}),
        ("予算 -会議", {"number", "mixed", "label"}),
        ("案", {"number", "mixed"}),
        ("from:佐藤", {"label"}),
        ("予算 -from:佐藤", {"inside", "beginning", "number", "mixed"}),
        ("会議予算", set()),
    ],
)
@pytest.mark.parametrize("runs_max", [200, 1], ids=["by runs", "common"])
def test_a_typed_word_is_found_wherever_it_stands(
    filled: AnyShelf, monkeypatch: pytest.MonkeyPatch, runs_max: int, typed: str, found: set[str]
) -> None:
    monkeypatch.setattr(runs, "RUNS_MAX", runs_max)
    assert {*filled.ids(typed)} == found


def test_one_of_several_common_words_is_counted_as_left_out(
    filled: AnyShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {*filled.ids("採用 OR 予算案")} == {"other", "mixed"}
    monkeypatch.setattr(runs, "RUNS_MAX", 1)
    assert filled.ask("採用 OR 予算")["left_out"] == 1
    assert "left_out" not in filled.ask("予算")


@pytest.mark.parametrize("runs_max", [200, 1], ids=["by runs", "common"])
def test_the_word_is_marked_and_not_the_whole_run(
    filled: AnyShelf, monkeypatch: pytest.MonkeyPatch, runs_max: int
) -> None:
    monkeypatch.setattr(runs, "RUNS_MAX", runs_max)
    hits: list[Json] = [hit for hit in filled.ask("予算")["hits"] if not hit["id"].endswith("label")]
    assert len(hits) == 4
    for hit in hits:
        assert [hit["snippet"][start:end] for start, end in hit["marks"]] == ["予算"]


def test_what_comes_later_is_found_and_what_goes_is_not(filled: AnyShelf) -> None:
    assert filled.ids("賃料") == []
    filled.put([record("new", "新しい賃料を払います。")])
    assert filled.ids("賃料") == ["new"]
    filled.put([record("new", "新しい家賃を払います。")])
    assert filled.ids("賃料") == []
    assert filled.ids("家賃") == ["new"]

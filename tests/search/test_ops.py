"""Ops of puts: remembered for a day of running time, whatever the wall clock says, and bounded in bytes."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from sio_server.search import ops
from tests.search import former_file
from tests.search.shelf import file_shelf as shelf
from tests.search.shelf import record

HELLO = [record("a", "hello")]


def test_a_wall_clock_that_jumps_forgets_no_op(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shelf(tmp_path / "search.db") as opened:
        opened.put(HELLO, op="one")
        for wall_s in (0.0, 4e9, 1.7e9):
            monkeypatch.setattr(time, "time", lambda wall_s=wall_s: wall_s)
            opened.put(HELLO, op=f"at {wall_s}")
            assert opened.put(HELLO, op="one").replayed


def test_an_op_is_forgotten_after_a_day_of_running_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began_s = time.monotonic()
    for number, (ran_s, known) in enumerate([(0.0, False), (80_000.0, True), (80_000.0, False)]):
        monkeypatch.setattr(time, "monotonic", lambda: began_s)
        with shelf(tmp_path / "search.db") as opened:  # each time a new start of the server
            monkeypatch.setattr(time, "monotonic", lambda ran_s=ran_s: began_s + ran_s)
            opened.put(HELLO, op=f"other {number}")
            assert opened.put(HELLO, op="one").replayed is known


def test_answers_take_bounded_room_and_the_newest_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops, "KEPT_BYTES", 20_000)
    monkeypatch.setattr(ops, "PRUNED_EVERY_S", 0.0)
    with shelf(tmp_path / "search.db") as opened:
        for number in range(20):
            opened.put([7] * 50, op=f"op {number}")
        assert opened.put([7] * 50, op="op 19").replayed
        assert not opened.put([7] * 50, op="op 0").replayed
    connection = sqlite3.connect(tmp_path / "search.db")
    [(kept,)] = connection.execute("SELECT sum(length(answer)) FROM adjutant_ops").fetchall()
    connection.close()
    assert kept < 25_000


def test_ops_of_an_earlier_version_are_kept_for_another_day(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    former_file.make(path, [])
    fingerprint = ops.fingerprint_of("notes", HELLO)
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO adjutant_ops VALUES ('somebody', 'one', 1.7e9, ?, ?)",
        (fingerprint, '{"indexed": 1, "unchanged": 0, "rejected": []}'),
    )
    connection.commit()
    connection.close()
    with shelf(path) as opened:
        opened.put([record("b", "x")], op="two")
        assert opened.put(HELLO, op="one").replayed
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT max(at_s) < 1.70001e9 FROM adjutant_ops").fetchone() == (1,)
    connection.close()

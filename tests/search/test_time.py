"""A search that takes too long gives what it has, and one that nobody waits for is stopped."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw
import pytest

from sio_server.search import time_index
from sio_server.search.cancellation import Cancellation
from tests.search.shelf import file_shelf as shelf
from tests.search.shelf import record

FOR_EVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.parametrize("superseded", [False, True])
def test_stopping_a_search_stops_the_statement_that_runs(superseded: bool) -> None:
    connection = apsw.Connection(":memory:")
    cancellation, begun, ended = Cancellation(), threading.Event(), threading.Event()

    def began(*_: object) -> int:
        begun.set()
        return 1

    connection.create_scalar_function("began", began)

    def work() -> None:
        cancellation.attach(connection)
        with pytest.raises(apsw.InterruptError):
            connection.execute(f"SELECT began(), ({FOR_EVER})").fetchall()
        cancellation.detach()
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    while not ended.wait(0.01):  # what is interrupted before its first step is not interrupted
        cancellation.cancel(superseded)
    thread.join()
    assert cancellation.is_cancelled()
    assert cancellation.superseded is superseded


def test_a_search_that_is_over_interrupts_nobody_else() -> None:
    connection = apsw.Connection(":memory:")
    cancellation = Cancellation()
    cancellation.attach(connection)
    cancellation.detach()
    cancellation.cancel()
    assert connection.execute("SELECT 1").get == 1
    assert cancellation.is_cancelled()


def test_a_search_out_of_time_gives_what_it_has_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_index, "BLOCK_BITS", 4)
    monkeypatch.setattr(time_index, "BLOCK_SIZE", 16)
    with shelf(tmp_path / "search.db") as opened:
        opened.put([record(f"r{n}", "🎉", f"2026-01-{n % 28 + 1:02}") for n in range(100)])
        assert opened.ask("🎉", limit=100)["total"] == 100
        looked = iter([False, False, True, True, True])
        answer = opened.ask("🎉", is_cancelled=lambda: next(looked, True), limit=100)
        assert answer["partial"] is True
        assert answer["at_least"] is True
        assert 0 < len(answer["hits"]) == answer["total"] < 100

"""What one run makes of what a collector's function yields, on a real server."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest

from collectors import running
from collectors.running import Job, run_once
from collectors.types import Ask, Finding, Found, Kind, Mode, NoneLeft, Progress
from tests.collectors.jobs import SOURCE, job, priority, record, some_event, terms
from tests.running import PythonClient, RunningServer


async def titles(board: PythonClient) -> list[str]:
    return sorted(item["title"] for item in (await board.state())["priorities"])


async def source(board: PythonClient, name: str = SOURCE) -> Any:
    return next(one for one in (await board.state())["sources"] if one["id"] == name)


async def test_a_run_puts_what_is_found_and_removes_what_is_no_more(
    server: RunningServer, board: PythonClient
) -> None:
    first = await run_once(job(priority("a"), priority("b")), terms(server))
    second = await run_once(job(priority("b"), priority("c")), terms(server))
    assert (first.exit_status, second.exit_status) == (0, 0)
    assert await titles(board) == ["Title of b", "Title of c"]
    assert second.board["priorities"] == {
        "added": 1,
        "changed": 0,
        "unchanged": 1,
        "removed": 1,
    }
    shown = await source(board)
    assert (shown["status"], shown["run"], shown["counts"]) == ("online", 2, {"priorities": 2})


async def test_an_async_generator_does_as_well(server: RunningServer, board: PythonClient) -> None:
    async def collect(_: Ask) -> AsyncIterator[Found]:
        yield priority("a")
        await asyncio.sleep(0)
        yield priority("b")

    report = await run_once(Job(SOURCE, collect, ("priorities",)), terms(server))
    assert report.exit_status == 0
    assert len(await titles(board)) == 2


async def test_what_is_not_owned_whole_is_added_and_stays(server: RunningServer, board: PythonClient) -> None:
    await run_once(job(priority("a"), sections=()), terms(server))
    await run_once(job(priority("b"), sections=()), terms(server))
    assert await titles(board) == ["Title of a", "Title of b"]


async def test_a_machine_whose_clock_says_1970_changes_nothing(
    server: RunningServer, board: PythonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Early(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Early:
            return cls(1970, 1, 1, tzinfo=tz)

    await run_once(job(priority("a")), terms(server))
    monkeypatch.setattr(running, "datetime", Early)
    report = await run_once(job(priority("b")), terms(server))
    assert "this machine's clock says 1970-01-01" in report.failed
    assert await titles(board) == ["Title of a"]
    assert (await source(board))["status"] == "error"


async def test_when_something_was_skipped_nothing_is_removed(
    server: RunningServer, board: PythonClient
) -> None:
    await run_once(job(priority("a"), priority("b")), terms(server))
    broken = Finding(Kind.SKIPPED, "line 2", "it cannot be read")
    report = await run_once(job(priority("c"), broken), terms(server))
    assert report.exit_status == 1
    assert await titles(board) == ["Title of a", "Title of b", "Title of c"]
    assert "            nothing was removed because not everything could be read" in list(report.lines())
    assert "skipped     line 2: it cannot be read" in list(report.lines())


async def test_an_empty_result_removes_nothing_unless_that_is_meant(
    server: RunningServer, board: PythonClient
) -> None:
    await run_once(job(priority("a")), terms(server))
    report = await run_once(job(), terms(server))
    assert (report.exit_status, await titles(board)) == (1, ["Title of a"])
    assert "so the old ones stay" in report.left["priorities"]
    assert (await source(board))["status"] == "error"
    broken = Finding(Kind.SKIPPED, "", "half of it is missing")
    report = await run_once(job(NoneLeft("priorities"), broken), terms(server))
    assert (report.exit_status, await titles(board)) == (1, ["Title of a"])
    report = await run_once(job(NoneLeft("priorities")), terms(server))
    assert (report.exit_status, await titles(board)) == (0, [])
    await run_once(job(priority("a")), terms(server))
    report = await run_once(job(), terms(server, allow_empty=True))
    assert (report.exit_status, await titles(board)) == (0, [])
    assert (await source(board))["status"] == "online"


async def test_each_section_is_judged_by_itself(server: RunningServer, board: PythonClient) -> None:
    both = ("priorities", "calendar")
    await run_once(job(priority("a"), some_event("e"), sections=both), terms(server))
    report = await run_once(job(priority("b"), sections=both), terms(server))
    state = await board.state()
    assert [item["title"] for item in state["priorities"]] == ["Title of b"]
    assert [item["title"] for item in state["calendar"]] == ["Title of e"]
    assert set(report.left) == {"calendar"}


async def test_a_quick_run_brings_what_is_new_and_removes_nothing(
    server: RunningServer, board: PythonClient
) -> None:
    asked: list[Ask] = []

    def collect(ask: Ask) -> Iterator[Found]:
        asked.append(ask)
        if ask.mode is Mode.FULL:
            yield priority("old")
        if len(asked) < 3:
            yield priority(f"new-{len(asked)}")

    whole = Job(SOURCE, collect, ("priorities",))
    await run_once(whole, terms(server))
    for _ in range(2):
        report = await run_once(whole, terms(server, mode=Mode.QUICK))
        assert report.exit_status == 0
    assert await titles(board) == ["Title of new-1", "Title of new-2", "Title of old"]
    assert asked[0].since is None
    assert asked[1].since is not None
    assert asked[2].since is not None
    assert asked[2].since >= asked[1].since


async def test_a_function_that_raises_ends_the_run_and_replaces_nothing(
    server: RunningServer, board: PythonClient
) -> None:
    await run_once(job(priority("a"), priority("b")), terms(server))
    report = await run_once(job(priority("c"), RuntimeError("the disk\nis gone")), terms(server))
    assert (report.exit_status, report.failed) == (1, "the disk is gone")
    assert await titles(board) == ["Title of a", "Title of b"]
    shown = await source(board)
    assert (shown["status"], shown["message"]) == ("error", "the disk is gone")


async def test_a_function_that_raises_at_once_is_no_different(
    server: RunningServer, board: PythonClient
) -> None:
    def collect(_: Ask) -> Iterator[Found]:
        raise ValueError

    report = await run_once(Job(SOURCE, collect), terms(server))
    assert report.exit_status == 1
    assert report.failed is not None
    assert "fault of its own" in report.failed


async def test_of_two_runs_that_race_the_older_one_changes_nothing_any_more(
    server: RunningServer, board: PythonClient
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def collect(_: Ask) -> AsyncIterator[Found]:
        yield priority("older")
        begun.set()
        await go_on.wait()

    older = asyncio.ensure_future(run_once(Job(SOURCE, collect, ("priorities",)), terms(server)))
    await begun.wait()
    newer = await run_once(job(priority("newer")), terms(server))
    go_on.set()
    report = await older
    assert (newer.exit_status, report.exit_status, report.fenced) == (0, 1, True)
    assert "a newer run of test:one has begun" in report.failed
    assert await titles(board) == ["Title of newer"]
    assert (await source(board))["run_status"] == "done"


async def test_the_board_follows_the_progress(server: RunningServer, board: PythonClient) -> None:
    await run_once(job(Progress(0, 2, "reading one"), priority("a")), terms(server))
    changes = [change for patch in board.received("state:patch") for change in patch["changes"]]
    mine = [change.get("set") or change.get("put") for change in changes if change["section"] == "sources"]
    assert [one["run_status"] for one in mine if one.get("run_status")] == ["running", "done"]


@pytest.mark.parametrize("sections", [(), ("priorities",)])
async def test_a_run_that_could_read_nothing_failed_and_the_board_says_why(
    sections: tuple[str, ...], server: RunningServer, board: PythonClient
) -> None:
    broken = [Finding(Kind.SKIPPED, where, "it cannot be read") for where in ("one", "two")]
    report = await run_once(job(*broken, sections=sections), terms(server))
    assert report.exit_status == 1
    shown = await source(board)
    assert (shown["status"], shown["run_status"], shown["message"]) == (
        "error",
        "failed",
        "one: it cannot be read",
    )


async def test_a_section_that_was_not_read_whole_stays_for_that_reason(
    server: RunningServer, board: PythonClient
) -> None:
    await run_once(job(priority("a")), terms(server))
    broken = Finding(Kind.SKIPPED, "line 2", "it cannot be read")
    report = await run_once(job(some_event("e"), broken), terms(server))
    assert report.left == {"priorities": "not everything could be read, so the old ones stay"}
    assert await titles(board) == ["Title of a"]


async def test_a_quick_run_looks_again_at_what_the_one_before_could_not_read(
    server: RunningServer, board: PythonClient
) -> None:
    asked: list[Ask] = []
    broken = Finding(Kind.SKIPPED, "line 2", "it cannot be read")

    def collect(ask: Ask) -> Iterator[Found]:
        asked.append(ask)
        yield priority("a")
        if len(asked) == 2:
            yield broken

    whole = Job(SOURCE, collect, ("priorities",))
    await run_once(whole, terms(server))
    mark = (await source(board))["last_hash"]
    assert mark is not None
    await run_once(whole, terms(server, mode=Mode.QUICK))
    shown = await source(board)
    assert (shown["last_hash"], shown["status"]) == (mark, "online")
    assert shown["counts"] == {"priorities": 1, "skipped": 1}
    await run_once(whole, terms(server, mode=Mode.QUICK))
    assert asked[1].since == asked[2].since is not None


async def takes_records(server: RunningServer) -> bool:
    report = await run_once(job(record("probe"), sections=(), source="test:probe"), terms(server))
    return not report.untaken


async def test_records_are_left_aside_where_the_server_takes_none(
    server: RunningServer, board: PythonClient
) -> None:
    if await takes_records(server):
        pytest.skip("this server takes records")
    found = [record(f"r{number}") for number in range(2_500)]
    report = await run_once(job(*found, priority("a")), terms(server))
    assert report.exit_status == 0
    assert report.yielded == {"records": 2_500, "priorities": 1}
    assert [note.why[:36] for note in report.findings[Kind.NOTE]] == ["this server takes no records yet: th"]
    shown = await source(board)
    assert (shown["counts"], shown["last_hash"]) == ({"priorities": 1}, None)


async def test_records_are_indexed_and_a_second_run_changes_none(
    server: RunningServer, board: PythonClient
) -> None:
    if not await takes_records(server):
        pytest.skip("this server takes no records")
    found = [record(f"r{number}") for number in range(2_500)]
    for counted in ("indexed", "unchanged"):
        report = await run_once(job(*found, sections=()), terms(server))
        assert (report.exit_status, report.board["records"][counted]) == (0, 2_500)
        shown = await source(board)
        assert shown["counts"] == {"records": 2_500}
        assert (shown["items"], shown["records"]) == (0, 2_500)
        assert shown["last_hash"] is not None


async def test_a_quick_run_that_brings_little_or_nothing_leaves_the_number_of_records_true(
    server: RunningServer, board: PythonClient
) -> None:
    whole = [record(f"r{number}") for number in range(5)]
    for found, held in ((whole, 5), ([], 5), ([record("r4"), record("new")], 6)):
        report = await run_once(job(*found, sections=()), terms(server, mode=Mode.QUICK))
        assert report.exit_status == 0
        assert (await source(board))["records"] == held


async def test_memory_does_not_grow_with_the_number_of_records(server: RunningServer) -> None:
    def collect(_: Ask) -> Iterator[Found]:
        for number in range(10_000):
            yield record(f"r{number}", f"{number} " * 600)  # some 30 MB of text in all

    tracemalloc.start()
    try:
        report = await run_once(Job(SOURCE, collect), terms(server))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.yielded["records"] == 10_000
    assert peak_bytes < 12 << 20


async def test_an_item_that_the_server_rejects_is_named(server: RunningServer, board: PythonClient) -> None:
    report = await run_once(job(priority("a"), priority("a"), priority("b")), terms(server))
    assert report.exit_status == 1
    assert report.rejections[0].startswith("a: ")
    assert "1 rejected" in "\n".join(report.lines())


async def test_a_source_that_is_not_the_tokens_is_refused(server: RunningServer, tmp_path: Path) -> None:
    report = await run_once(job(priority("a"), source="x" * 65), terms(server, tmp_path))
    assert report.exit_status == 3
    assert report.refused
    assert report.kept == 0

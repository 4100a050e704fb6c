"""`python -m collectors.archive` and `collectors.slack` as a person runs them, against a real server."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.collectors.programs import run
from tests.running import ROOT, PythonClient, RunningServer

NOW = datetime.now(UTC)
DAY, DAY_BEFORE = f"{NOW:%Y-%m-%d}", f"{NOW - timedelta(days=1):%Y-%m-%d}"


def write(root: Path, source: str, day: str, *lines: Any) -> None:
    folder = root / source / day
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    (folder / "a.jsonl").write_text(text)


def meeting(id: str, title: str, in_days: int = 1) -> dict[str, Any]:
    start = NOW + timedelta(days=in_days)
    return {
        "id": id,
        "title": title,
        "start": start.isoformat(),
        "end": (start + timedelta(hours=1)).isoformat(),
    }


async def calendar(board: PythonClient) -> dict[str, str]:
    """Titles and their codes."""
    return {item["title"]: item["code"] for item in (await board.state())["calendar"]}


async def test_an_archives_events_are_on_the_board_and_leave_it_with_the_archive(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    root = tmp_path / "old"
    write(root, "calendar", DAY, meeting("a", "Board"), meeting("b", "Review"), meeting("c", "Past", -400))
    write(root, "slack", DAY, {"text": "hello"}, {"text": "again"})
    status, printed = await run("archive", server, root)
    assert status == 0, printed
    assert "archive:old" in printed
    assert "2 records, 2 events" in printed
    codes = await calendar(board)
    assert set(codes) == {"Board", "Review"}

    write(root, "calendar", DAY, meeting("a", "Board, moved", 2))
    status, printed = await run("archive", server, root)
    assert status == 0, printed
    assert await calendar(board) == {"Board, moved": codes["Board"]}


async def test_a_broken_archive_removes_nothing_and_says_what_is_wrong(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    write(tmp_path, "calendar", DAY, meeting("a", "Board"), meeting("b", "Review"))
    assert (await run("archive", server, tmp_path, "--source", "old"))[0] == 0
    write(tmp_path, "calendar", DAY, '{"id": "a", "title": "Boa', meeting("c", "New"))
    status, printed = await run("archive", server, tmp_path, "--source", "old")
    assert status == 1
    assert f"calendar/{DAY}/a.jsonl, line 1: it is not JSON" in printed
    assert set(await calendar(board)) == {"Board", "Review", "New"}


async def test_an_empty_calendar_file_does_not_empty_the_board(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    write(tmp_path, "calendar", DAY, meeting("a", "Board"))
    assert (await run("archive", server, tmp_path, "--source", "old"))[0] == 0
    write(tmp_path, "calendar", DAY)
    status, printed = await run("archive", server, tmp_path, "--source", "old")
    assert (status, set(await calendar(board))) == (1, {"Board"})
    assert "--allow-empty" in printed


async def test_a_quick_run_removes_nothing_that_older_days_hold(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    write(tmp_path, "calendar", "2020-01-01", meeting("a", "Long planned"))
    write(tmp_path, "calendar", DAY_BEFORE, meeting("b", "Review"))
    assert (await run("archive", server, tmp_path, "--source", "old"))[0] == 0
    write(tmp_path, "calendar", DAY, meeting("c", "New"))
    status, printed = await run("archive", server, tmp_path, "--source", "old", "--mode", "quick")
    assert status == 0, printed
    assert "2 events" in printed
    assert set(await calendar(board)) == {"Long planned", "Review", "New"}


async def test_an_archive_without_a_calendar_leaves_the_calendar_alone(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    write(tmp_path, "slack", DAY, {"text": "hello"})
    status, printed = await run("archive", server, tmp_path, "--source", "old")
    assert (status, await calendar(board)) == (0, {}), printed


@pytest.mark.parametrize(
    ("program", "arguments", "said"),
    [
        ("archive", (".", "--days-back", "-1"), "is not a number of days"),
        ("archive", (".", "--tz", "Mars"), "is not a time zone"),
        ("slack", (".", "--since", "soon"), "is not a date"),
        ("slack", (".", "--channels", "a,,b"), "is not a list of channels"),
    ],
)
async def test_a_wrong_command_line_is_exit_status_2_and_a_sentence(
    server: RunningServer, program: str, arguments: tuple[str, ...], said: str
) -> None:
    status, printed = await run(program, server, *arguments)
    assert status == 2
    assert said in printed


async def test_a_slack_export_is_read_and_what_is_none_fails_with_the_reason(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    export = tmp_path / "Acme export"
    (export / "general").mkdir(parents=True)
    (export / "channels.json").write_text(json.dumps([{"id": "C1", "name": "general"}]))
    (export / "users.json").write_text("[]")
    messages = [
        {"type": "message", "user": "U1", "ts": f"17171424{n:02}.000100", "text": "hi"} for n in range(9)
    ]
    (export / "general" / "2024-05-31.json").write_text(json.dumps(messages))
    status, printed = await run("slack", server, export)
    assert status == 0, printed
    assert "slack:acme-export" in printed
    assert "9 records" in printed
    (row,) = (await board.state())["sources"]
    assert row["id"] == "slack:acme-export"

    status, printed = await run("slack", server, ROOT / "docs")
    assert status == 1
    assert "it is not a Slack export" in printed

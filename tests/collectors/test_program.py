"""The command line that all collectors share: exit statuses, signals, what is printed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from collectors.program import main, source_name
from models.base import SourceName
from tests.collectors import sample
from tests.conftest import Connect
from tests.forked import ForkedProcess
from tests.running import WAIT_S, RunningServer


async def start(server: RunningServer, *arguments: object) -> ForkedProcess:
    environment = {"ADJUTANT_URL": server.url, "XDG_STATE_HOME": str(server.data_dir.parent)}
    return await ForkedProcess("-m", "tests.collectors.sample", *map(str, arguments)).start(
        os.environ | environment
    )


async def run(server: RunningServer, *arguments: object) -> tuple[int | None, str, str]:
    """Exit status, and what was printed; there is never a traceback in it."""
    process = await start(server, *arguments)
    out, err = await process.communicate()
    assert b"Traceback" not in out + err
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize(
    ("lines", "status", "said"),
    [
        ("Buy milk\nPay the rent", 0, "priorities  2 added, 0 changed, 0 unchanged, 0 removed, 0 rejected"),
        ("Buy milk\nskip", 1, "skipped     line 2: it says skip"),
        ("Buy milk\nBuy milk", 1, "rejected"),
        ("", 1, "priorities  not changed: nothing was found, so the old ones stay"),
        ("none", 0, "priorities  0 added, 0 changed, 0 unchanged, 0 removed, 0 rejected"),
        (None, 1, "failed      Things to do.txt: No such file or directory"),
    ],
)
async def test_the_exit_status_says_whether_all_is_on_the_board(
    lines: str | None, status: int, said: str, server: RunningServer, tmp_path: Path
) -> None:
    path = tmp_path / "Things to do.txt"
    if lines is not None:
        path.write_text(lines)
    found, printed, errors = await run(server, path)
    assert (found, errors) == (status, ""), printed
    assert printed.startswith("source      sample:things-to-do\n")
    assert said in printed


@pytest.mark.parametrize(("given", "name"), [("work", "sample:work"), ("sample:My work", "sample:my-work")])
async def test_the_given_name_goes_before_the_collectors_own(
    given: str, name: str, server: RunningServer, tmp_path: Path
) -> None:
    (tmp_path / "todo").write_text("Buy milk")
    _, printed, _ = await run(server, tmp_path / "todo", "--source", given)
    assert printed.startswith(f"source      {name}\n")


async def test_a_server_that_is_away_is_exit_status_3_and_the_next_run_brings_it(
    server: RunningServer, tmp_path: Path
) -> None:
    path = tmp_path / "todo"
    path.write_text("Buy milk")
    await server.kill()
    status, printed, errors = await run(server, path, "--wait", 0)
    assert status == 3
    assert "kept        1 item in the spool" in printed
    assert errors.startswith(f"tests.collectors.sample: {server.url}: no connection")
    assert "1 item kept, to be sent first in the next run" in errors
    status, printed, errors = await run(server, path, "--wait", 0, "--no-spool")
    assert (status, "kept" in printed + errors) == (3, False)
    await server.start()
    status, printed, _ = await run(server, path)
    assert status == 0
    assert "1 item kept by an earlier run, now sent" in printed
    assert "0 added, 0 changed, 1 unchanged" in printed


async def test_a_spool_that_cannot_be_written_is_said_and_the_run_goes_on(
    server: RunningServer, tmp_path: Path
) -> None:
    path = tmp_path / "todo"
    path.write_text("Buy milk")
    status, _, errors = await run(server, path, "--spool", path / "below")
    assert status == 0
    assert "cannot be used" in errors
    assert "what cannot be sent will not be kept" in errors


async def test_the_report_is_json_for_programs(server: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "todo").write_text("Buy milk\nskip")
    status, printed, _ = await run(server, tmp_path / "todo", "--json")
    report = json.loads(printed)
    assert status == report["exit_status"] == 1
    assert (report["source"], report["read"]) == ("sample:todo", {"priorities": 1})
    assert report["board"]["priorities"]["added"] == 1
    assert report["findings"] == [{"kind": "skipped", "where": "line 2", "why": "it says skip"}]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("flags", "status"), [((), 130), (("--every", 60), 0), (("--watch",), 0)])
async def test_a_signal_ends_it_at_once_also_in_the_middle_of_a_run(
    number: signal.Signals,
    flags: tuple[object, ...],
    status: int,
    server: RunningServer,
    connect: Connect,
    tmp_path: Path,
) -> None:
    board = await connect(client="wall")
    (tmp_path / "todo").write_text("sleep")
    process = await start(server, tmp_path / "todo", *flags)
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_S):
        assert await process.stdout.readline() == b"asleep\n"
        process.send_signal(number)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (status, b"")
    (source,) = (await board.state())["sources"]
    assert (source["run_status"], source["message"]) == ("failed", "stopped")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "file"),
        (["."], ". is a folder"),
        (["a", "--url", "localhost:8000"], "does not begin with http://"),
        (["a", "--server", "ftp://localhost"], "does not begin with http://"),
        (["a", "--every", "0"], "is not a number of minutes"),
        (["a", "--wait", "soon"], "is not a number of seconds"),
        (["a", "--ttl", "0"], "is not a number of seconds"),
        (["a", "--mode", "slow"], "invalid choice"),
        (["a", "--loudly"], "unknown flag --loudly"),
        (["a", "--sorce=x"], "did you mean --source?"),
    ],
)
def test_a_bad_command_line_is_one_sentence_and_exit_status_2(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main("sample", "", sample.add_arguments, sample.job, arguments)
    assert end.value.code == 2
    assert why in capsys.readouterr().err


def test_help_names_the_server_of_the_environment_and_the_exit_statuses(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADJUTANT_URL", "https://ana:secret@board.example")
    with pytest.raises(SystemExit) as end:
        main("tests.sample", "Lines.", sample.add_arguments, sample.job, ["--help"])
    said = capsys.readouterr().out
    assert end.value.code == 0
    assert said.startswith("usage: python -m tests.sample")
    assert "https://board.example" in said
    assert "secret" not in said
    assert "exit status:" in said


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("work", "notes:work"),
        ("notes:work", "notes:work"),
        ("My Büro (2)", "notes:my-buro-2"),
        ("x" * 58, "notes:" + "x" * 58),
    ],
)
def test_a_text_becomes_a_name_that_the_server_takes(given: str, name: str) -> None:
    assert source_name("notes", given) == name


def test_texts_that_lose_more_than_accents_still_get_names_of_their_own() -> None:
    given = ("日本", "中国", "日本 2026", "中国 2026", "x" * 100, "x" * 101, "", "-", "...")
    names = [source_name("notes", one) for one in given]
    assert len(set(names)) >= len(given) - 2
    for name in names:
        TypeAdapter(SourceName).validate_python(name)
        assert name.startswith("notes:")
    assert names == [source_name("notes", one) for one in given]


@pytest.mark.parametrize("collector", ["archive", "ics", "notes"])
def test_times_without_a_zone_are_in_the_zone_of_the_machine(collector: str) -> None:
    """As the board's own are: a calendar's 09:00 is nine o'clock where the person is."""
    command = (sys.executable, "-m", f"collectors.{collector}", "--help")
    shown = subprocess.check_output(command, env=os.environ | {"TZ": "Asia/Tokyo"}, text=True)
    assert "(the machine's: Asia/Tokyo)" in " ".join(shown.split())

"""`./adjutant LINE` as a person runs it, against a real server."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from tests.conftest import Connect, Serve
from tests.forked import completed
from tests.running import ROOT, PythonClient, RunningServer
from tests.terminal.conftest import run_line

HOSTILE = "Sign\u202e the\u2066 budget"


@pytest.fixture
async def board(person: PythonClient) -> PythonClient:
    """With two priorities, P1 and P2."""
    items = [{"id": "a", "title": "Sign the budget"}, {"id": "b", "title": "Hire Bea"}]
    await person.done("priorities:put", items=items)
    return person


async def status_of(board: PythonClient, code: str) -> str:
    return str(next(item["status"] for item in (await board.state())["priorities"] if item["code"] == code))


async def test_each_step_gets_a_line_with_the_item_that_it_was_about(
    server: RunningServer, board: PythonClient
) -> None:
    status, out, err = await run_line("--url", server.url, "--tz", "UTC", "approve P1 | snooze P2 2099-01-01")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "done    approve P1  P1 Sign the budget",
        "done    snooze P2 2099-01-01  P2 Hire Bea  until 1 Jan 2099 00:00",
        "undo takes it back",
    ]
    assert [await status_of(board, code) for code in ("P1", "P2")] == ["done", "snoozed"]


async def test_boards_are_listed_with_what_is_due(server: RunningServer, board: PythonClient) -> None:
    (server.data_dir / "boards" / "cfo").mkdir(parents=True)
    await board.done("priorities:put", items=[{"id": "c", "title": "Late", "due_date": "2020-01-01"}])
    status, out, err = await run_line("--url", server.url, "--board", "cfo", "boards")
    assert (status, err) == (0, "")
    assert out.splitlines() == ["cfo   admin", "main  admin  1 due"]


async def test_undo_takes_a_line_back(server: RunningServer, board: PythonClient) -> None:
    await run_line("--url", server.url, "approve P1")
    status, out, _ = await run_line("--url", server.url, "undo")
    assert (status, await status_of(board, "P1")) == (0, "open")
    assert "P1 Sign the budget" in out


async def test_a_faulty_line_is_refused_with_a_mark_under_the_fault(
    server: RunningServer, board: PythonClient
) -> None:
    status, out, err = await run_line("--url", server.url, "approve P1 | brif C3")
    assert (status, out) == (1, "")
    line, mark, reason = err.splitlines()
    assert line == "approve P1 | brif C3"
    assert mark == "             ^^^^"
    assert reason.startswith("refused ")
    assert "brief" in reason
    assert await status_of(board, "P1") == "open"


async def test_a_step_that_fails_is_exit_status_1_and_the_rest_is_skipped(
    server: RunningServer, board: PythonClient
) -> None:
    status, out, _ = await run_line("--url", server.url, "approve P1 | snooze P1 friday | status")
    assert status == 1
    assert [line.split()[0] for line in out.splitlines()] == ["done", "failed", "skipped", "undo"]


async def test_a_dry_line_says_what_it_would_do_and_does_nothing(
    server: RunningServer, board: PythonClient
) -> None:
    status, out, _ = await run_line("--url", server.url, "--dry", "approve P1")
    assert (status, out) == (0, "planned approve P1  P1 Sign the budget\n")
    assert await status_of(board, "P1") == "open"


async def test_json_is_the_ack_itself(server: RunningServer, board: PythonClient) -> None:
    status, out, _ = await run_line("--url", server.url, "--json", "approve P1")
    ack = json.loads(out)
    assert (status, ack["ok"], ack["data"]["steps"][0]["status"]) == (0, True, "done")
    status, out, err = await run_line("--url", server.url, "--json", "approve P9")
    assert (status, json.loads(out)["ok"], err) == (1, False, "")


async def test_a_code_that_means_something_else_by_now_is_refused_with_both_texts(
    server: RunningServer, board: PythonClient
) -> None:
    await board.done("priorities:edit", code="P1", set={"title": "Burn the budget"})
    status, _, err = await run_line("--url", server.url, "--seen", "1", "approve P1")
    assert status == 1
    assert [" ".join(line.split()) for line in err.splitlines()[-2:]] == [
        "you saw Sign the budget",
        "it is now Burn the budget",
    ]
    assert await status_of(board, "P1") == "open"


async def test_the_line_may_come_in_pieces_or_from_a_pipe(server: RunningServer, board: PythonClient) -> None:
    assert (await run_line("approve", "P1", ADJUTANT_URL=server.url))[0] == 0
    assert (await run_line("-", typed="approve P2\n", ADJUTANT_URL=server.url))[0] == 0
    assert [await status_of(board, code) for code in ("P1", "P2")] == ["done", "done"]
    for typed in ("", "\n", "approve P1\napprove P2\n"):
        status, out, err = await run_line("-", typed=typed, ADJUTANT_URL=server.url)
        assert (status, out, err.count("\n")) == (2, "", 1)


async def test_the_author_and_the_time_zone_are_the_persons_own(
    server: RunningServer, board: PythonClient
) -> None:
    await run_line("--url", server.url, "--name", "bo", "--tz", "Asia/Tokyo", "snooze P1 2099-01-01")
    patch = await board.wait_for("state:patch", lambda patch: patch["cause"]["actor"] == "bo")
    assert patch["changes"][0]["id"] == "a"


async def test_help_is_a_list_of_the_commands(server: RunningServer) -> None:
    status, out, _ = await run_line("--url", server.url, "help")
    assert status == 0
    assert any(line.strip().startswith("approve CODE") for line in out.splitlines())


async def test_a_hostile_title_prints_nothing_that_turns_the_text(
    server: RunningServer, person: PythonClient
) -> None:
    await person.done("priorities:put", items=[{"id": "a", "title": HOSTILE}])
    _, out, _ = await run_line("--url", server.url, "approve P1")
    assert "P1 Sign the budget" in out


async def test_no_colours_where_there_is_no_terminal(server: RunningServer, board: PythonClient) -> None:
    for line in ("approve P1", "aprove P1", "help"):
        _, out, err = await run_line("--url", server.url, line)
        assert "\x1b" not in out + err


async def test_a_collection_that_runs_already_is_told_at_once_and_no_second_one_follows(
    server: RunningServer, board: PythonClient, connect: Connect
) -> None:
    collector = await connect(source="notes:work")
    collector.answers["source:collect"] = {"ok": True}
    await collector.done("source:hello", ttl_s=600, modes=["quick", "full"])
    assert (await run_line("--url", server.url, "refresh"))[0] == 0
    status, out, err = await run_line("--url", server.url, "--wait", "3600", "refresh")
    assert (status, out) == (1, "")
    assert "is already running" in err


async def test_a_server_that_is_not_there_is_exit_status_3(server: RunningServer) -> None:
    await server.kill()
    status, out, err = await run_line("--url", server.url, "--wait", "0", "approve P1")
    assert (status, out) == (3, "")
    assert err.startswith(f"adjutant: {server.url}: no connection")
    assert err.count("\n") == 1


async def test_what_does_not_even_speak_http_is_exit_status_3() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-other\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        status, _, err = await run_line("--url", f"http://127.0.0.1:{port}", "--wait", "0.5", "status")
    assert (status, "Traceback" in err) == (3, False)


async def test_what_is_no_server_of_ours_is_exit_status_3(server: RunningServer) -> None:
    status, _, err = await run_line("--url", server.http_url, "--wait", "1", "status")
    assert (status, err.count("\n")) == (3, 1)


def add_token(tokens: Path) -> str:
    added = completed("serve.py", "token", "add", "bo", "--role", "editor", "--tokens", str(tokens))
    assert added.returncode == 0, added.stderr
    return max(added.stdout.split(), key=len)


async def test_without_the_right_token_nobody_is_let_in(serve: Serve, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.json"
    token = await asyncio.to_thread(add_token, tokens)
    guarded = await serve("--tokens", str(tokens))
    assert (await run_line("--url", guarded.url, "add priority Sign", ADJUTANT_TOKEN=token))[0] == 0
    for wrong in ({}, {"ADJUTANT_TOKEN": "x" * 32}):
        status, out, err = await run_line("--url", guarded.url, "status", **wrong)
        assert (status, out, err.count("\n")) == (3, "", 1)
        assert "token" in err


async def test_without_a_terminal_there_is_no_live_board(server: RunningServer) -> None:
    status, out, err = await run_line("--url", server.url)
    assert (status, out) == (2, "")
    assert "needs a terminal" in err


def test_the_program_says_what_to_do_before_it_is_set_up(tmp_path: Path) -> None:
    shutil.copy(ROOT / "adjutant", tmp_path)
    done = subprocess.run([tmp_path / "adjutant", "status"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "run `make run` once" in done.stderr


def test_the_program_works_from_any_folder_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(ROOT / "adjutant")
    for program in (ROOT / "adjutant", tmp_path / "link"):
        done = subprocess.run([program, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "exit status" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("sources", "--url", "{url}"),
        ("--url", "{url}", "sources"),
        ("--board", "main", "--url={url}", "sources"),
        ("--url", "{url}", "sources", "--board", "main"),
    ],
    ids=" ".join,
)
async def test_options_of_the_server_may_stand_before_a_command_and_after_it(
    server: RunningServer, tmp_path: Path, words: tuple[str, ...]
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(str(ROOT / "adjutant"), *(word.format(url=server.url) for word in words)),
        env=os.environ | {"ADJUTANT_ACCOUNTS": str(tmp_path / "none"), "ADJUTANT_URL": "http://127.0.0.1:1"},
        stdout=PIPE,
        stderr=STDOUT,
    )
    said, _ = await process.communicate()
    kinds = "imap, caldav, ics, slack, github"
    assert (process.returncode, said.decode()) == (
        0,
        f"no account is connected: `adjutant connect KIND` ({kinds})\n",
    )


async def test_a_word_with_a_bar_in_it_is_text_and_no_further_command(
    server: RunningServer, board: PythonClient
) -> None:
    status, _, _ = await run_line("--url", server.url, "add", "priority", "Minutes | drop P1")
    assert status == 0
    await board.wait_for(
        "state:patch", lambda patch: patch["changes"][0]["put"]["title"] == "Minutes | drop P1"
    )
    assert await status_of(board, "P1") == "open"

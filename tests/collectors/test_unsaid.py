"""What a text does not say any more leaves the board, by whichever collector; what people decided stays."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.collectors import programs
from tests.collectors.mail_samples import mbox, message
from tests.collectors.slack_exports import said, unpacked
from tests.conftest import Connect, Serve
from tests.running import PythonClient, RunningServer

NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY = NOW - timedelta(days=1)
ME = ("--me", "Ana Silva", "--me", "ana@example.org")
TEXTS = ["TODO: fix the build", "Could you send the numbers?", "TODO: water the plants"]

Write = Callable[[Path, list[str | None]], Path]
"""Puts texts where a collector reads them, each in a place of its own; None for one that is there no more."""


def slack(folder: Path, texts: list[str | None]) -> Path:
    second = int(YESTERDAY.timestamp())
    messages: list[Any] = [said("first", f"{second}.000100", user="U2")]
    messages += [
        said(text.replace("Could", "<@U1> could"), f"{second + number}.000100", user="U2")
        for number, text in enumerate(texts, 1)
        if text is not None
    ]
    messages.append(said("last", f"{second + 100}.000100", user="U2"))
    users = [
        {"id": "U1", "name": "ana", "profile": {"real_name": "Ana Silva"}},
        {"id": "U2", "name": "bo", "profile": {"real_name": "Bo Berg"}},
    ]
    files: Any = {"users.json": users, "channels.json": [{"id": "C1", "name": "general"}]}
    return unpacked(folder / "acme", files | {f"general/{YESTERDAY:%Y-%m-%d}.json": messages})


def mail(folder: Path, texts: list[str | None]) -> Path:
    head = ("From: Bo Berg <bo@example.org>", "To: Ana Silva <ana@example.org>")
    date = f"Date: {format_datetime(YESTERDAY)}"
    box = folder / "inbox.mbox"
    mails = [message(*head, date, body="Hello", id="0@x")]
    mails += [
        message(*head, date, body=text, id=f"{number}@x")
        for number, text in enumerate(texts, 1)
        if text is not None
    ]
    box.write_bytes(mbox(*mails))
    return box


def archive(folder: Path, texts: list[str | None]) -> Path:
    day = folder / "arch" / "mail" / f"{YESTERDAY:%Y-%m-%d}"
    day.mkdir(parents=True, exist_ok=True)
    rows = [
        {"id": f"m{number}", "text": text, "from": "Bo Berg <bo@example.org>", "to": ["ana@example.org"]}
        | {"date": YESTERDAY.isoformat(), "subject": "About it"}
        for number, text in enumerate(["Hello", *texts])
        if text is not None
    ]
    (day / "messages.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder / "arch"


def notes(folder: Path, texts: list[str | None]) -> Path:
    vault = folder / "vault"
    vault.mkdir(exist_ok=True)
    (vault / "hello.md").write_text("Hello\n")
    for number, text in enumerate(texts, 1):
        path = vault / f"note {number}.md"
        if text is None:
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_text() != text:
            path.write_text(text)
    return vault


ALL = pytest.mark.parametrize("program", [slack, mail, archive, notes], ids=lambda write: str(write.__name__))
MODES = pytest.mark.parametrize("mode", ["full", "quick"])


async def _board(connect: Connect, server: RunningServer) -> PythonClient:
    return await connect(url=server.url)


async def _titles(board: PythonClient) -> list[str]:
    return sorted(item["title"] for item in (await board.state())["priorities"])


async def _lines(board: PythonClient) -> list[str]:
    return [item["line"].partition("send ")[2] for item in (await board.state())["proposals"]]


async def _run(server: RunningServer, program: Write, path: Path, mode: str) -> None:
    name = {"slack": "slack", "mail": "mail", "archive": "archive", "notes": "notes"}[program.__name__]
    status, printed = await programs.run(name, server, "--json", "--mode", mode, path)
    assert status == 0, printed


@ALL
@MODES
async def test_what_is_reworded_takes_the_place_of_what_was_said(
    serve: Serve, connect: Connect, tmp_path: Path, program: Write, mode: str
) -> None:
    server = await serve(*ME, name="mine")
    board = await _board(connect, server)
    await _run(server, program, program(tmp_path, list(TEXTS)), "full")
    assert (await _titles(board), await _lines(board)) == (
        ["fix the build", "water the plants"],
        ["the numbers"],
    )
    edited = ["TODO: mend the server", "Could you send the report?", TEXTS[2]]
    await _run(server, program, program(tmp_path, [*edited]), mode)
    assert (await _titles(board), await _lines(board)) == (
        ["mend the server", "water the plants"],
        ["the report"],
    )
    await _run(server, program, program(tmp_path, ["Nothing.", "Thanks.", TEXTS[2]]), mode)
    assert (await _titles(board), await _lines(board)) == (["water the plants"], [])


@ALL
@MODES
async def test_what_is_taken_away_goes(
    serve: Serve, connect: Connect, tmp_path: Path, program: Write, mode: str
) -> None:
    if program in (mail, archive) and mode == "quick":
        pytest.skip("a quick run does not look at mail and archives that are old: it cannot miss any")
    server = await serve(*ME, name="mine")
    board = await _board(connect, server)
    await _run(server, program, program(tmp_path, list(TEXTS)), "full")
    await _run(server, program, program(tmp_path, [None, None, TEXTS[2]]), mode)
    assert (await _titles(board), await _lines(board)) == (["water the plants"], [])


@ALL
async def test_decisions_outlive_an_edit_that_leaves_the_task_the_same(
    serve: Serve, connect: Connect, tmp_path: Path, program: Write
) -> None:
    server = await serve(*ME, name="mine")
    board = await _board(connect, server)
    await _run(server, program, program(tmp_path, list(TEXTS)), "full")
    code = {item["title"]: item["code"] for item in (await board.state())["priorities"]}
    await board.done("command:run", text=f"drop {code['water the plants']}")
    await board.done("command:run", text=f"urgency {code['fix the build']} high")
    [proposal] = (await board.state())["proposals"]
    await board.done("command:run", text=f"drop {proposal['code']}")
    same = ["**TODO:** fix the build!", "Could you send the numbers?!", "TODO: Water the plants."]
    for texts in ([*same], [*same], list(TEXTS)):
        await _run(server, program, program(tmp_path, [*texts]), "full")
        [item] = (await board.state())["priorities"]
        assert (item["code"], item["urgency"]) == (code["fix the build"], "high")
        assert await _lines(board) == []


async def test_an_export_of_other_days_takes_nothing_away(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    server = await serve(*ME, name="mine")
    board = await _board(connect, server)
    await _run(server, slack, slack(tmp_path, list(TEXTS)), "full")
    later = tmp_path / "acme" / "general" / f"{YESTERDAY:%Y-%m-%d}.json"
    later.unlink()
    files: Any = {
        f"general/{NOW:%Y-%m-%d}.json": [said("TODO: a new thing", f"{int(NOW.timestamp())}.000100")]
    }
    await _run(server, slack, unpacked(tmp_path / "acme", files), "full")
    assert await _titles(board) == ["a new thing", "fix the build", "water the plants"]


async def test_what_cannot_be_read_takes_nothing_away(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    server = await serve(*ME, name="mine")
    board = await _board(connect, server)
    path = slack(tmp_path, list(TEXTS))
    await _run(server, slack, path, "full")
    broken = slack(tmp_path, [None, None, None]) / "general" / f"{YESTERDAY:%Y-%m-%d}.json"
    broken.write_bytes(broken.read_bytes()[:-5])
    status, _ = await programs.run("slack", server, "--json", path)
    assert status == 1
    assert await _titles(board) == ["fix the build", "water the plants"]


async def test_a_mail_that_was_thrown_away_says_nothing(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    server = await serve(*ME, name="mine")
    board = await _board(connect, server)
    box = mail(tmp_path, list(TEXTS))
    await _run(server, mail, box, "full")
    thrown = box.read_bytes().replace(b"Message-ID: <1@x>", b"Message-ID: <1@x>\nX-Mozilla-Status: 0008")
    box.write_bytes(thrown)
    await _run(server, mail, box, "quick")
    assert await _titles(board) == ["water the plants"]


async def test_of_an_archive_the_last_word_counts(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    server = await serve(*ME, name="mine")
    board = await _board(connect, server)
    path = archive(tmp_path, list(TEXTS))
    row = {"id": "m1", "text": "TODO: mend the server", "from": "Bo Berg", "date": NOW.isoformat()}
    today = path / "mail" / f"{NOW:%Y-%m-%d}"
    today.mkdir()
    (today / "messages.jsonl").write_text(json.dumps(row))
    os.utime(today, (time.time(), time.time()))
    await _run(server, archive, path, "full")
    assert await _titles(board) == ["mend the server", "water the plants"]

"""What is done on the board is proposed to be closed at GitHub: once for each decision, if asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.collectors import programs
from tests.collectors.github_server import TOKEN, GitHub
from tests.running import PythonClient, RunningServer, until

WORDS = "@ana has this as done on their board, and proposes to close it."


@pytest.fixture
async def github() -> AsyncIterator[GitHub]:
    server = GitHub()
    await server.start()
    for number in (1, 2):
        server.add(number, "assigned")
    yield server
    await server.stop()


@pytest.fixture
def words(github: GitHub, tmp_path: Path) -> tuple[object, ...]:
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text(TOKEN)
    return "--host", github.host, "--token-file", path


async def there(board: PythonClient) -> dict[str, Any]:
    return {item["title"]: item for item in (await board.state())["priorities"]}


async def done(board: PythonClient, title: str = "Issue 1") -> None:
    await board.done("priorities:complete", code=(await there(board))[title]["code"])


def said(github: GitHub, number: int = 1) -> list[str]:
    """What is seen of the comments."""
    return [str(one["body"]).partition("\n")[0] for one in github.comments.get(number, [])]


async def test_what_is_done_is_proposed_once_and_only_if_asked_for(
    server: RunningServer, board: PythonClient, github: GitHub, words: tuple[object, ...]
) -> None:
    await programs.run("github", server, *words)
    await done(board)
    assert (await programs.run("github", server, *words))[0] == 0
    assert github.comments == {}
    for _ in range(2):
        status, printed = await programs.run("github", server, *words, "--write")
        assert status == 0, printed
        assert said(github) == [WORDS]
    assert list(github.comments) == [1]
    assert github.issues[1]["state"] == "open"
    assert (await there(board))["Issue 1"]["status"] == "done"


async def test_a_decision_that_is_taken_back_and_made_again_is_another(
    server: RunningServer, board: PythonClient, github: GitHub, words: tuple[object, ...]
) -> None:
    await programs.run("github", server, *words)
    for number in range(2):
        await done(board)
        await programs.run("github", server, *words, "--write")
        assert said(github) == [WORDS] * (number + 1)
        await board.done("priorities:reopen", code=(await there(board))["Issue 1"]["code"])
        await programs.run("github", server, *words, "--write")
        assert said(github) == [WORDS] * (number + 1)


async def test_what_is_closed_and_opened_again_there_is_open_here(
    server: RunningServer, board: PythonClient, github: GitHub, words: tuple[object, ...]
) -> None:
    await programs.run("github", server, *words)
    await done(board)
    await programs.run("github", server, *words, "--write")
    github.issues[1]["state"] = "closed"
    await programs.run("github", server, *words, "--write")
    assert sorted(await there(board)) == ["Issue 2"]
    github.issues[1]["state"] = "open"
    await programs.run("github", server, *words, "--write")
    assert (await there(board))["Issue 1"]["status"] == "open"
    assert said(github) == [WORDS]
    await done(board)
    await programs.run("github", server, *words, "--write")
    assert said(github) == [WORDS] * 2


@pytest.mark.parametrize("loses", [False, True], ids=["killed", "and its file lost"])
async def test_a_run_that_is_killed_before_it_knows_does_not_propose_twice(
    server: RunningServer, board: PythonClient, github: GitHub, words: tuple[object, ...], loses: bool
) -> None:
    await programs.run("github", server, *words)
    await done(board)
    for _ in range(4):  # more than a page
        github.say(1, "Any news?", "bo")
    github.answers.clear()
    process = await programs.start("github", server, *words, "--write")
    await until(lambda: len(said(github)) == 5, "the comment")
    process.kill()
    await process.communicate()
    await server.kill()
    await server.start()
    github.answers.set()
    if loses:
        for path in server.data_dir.parent.rglob("*.known"):
            path.unlink()
    for _ in range(2):
        status, printed = await programs.run("github", server, *words, "--write")
        assert status == 0, printed
    assert said(github) == ["Any news?"] * 4 + [WORDS]


async def test_a_mark_in_somebody_elses_comment_does_not_count(
    server: RunningServer, board: PythonClient, github: GitHub, words: tuple[object, ...]
) -> None:
    await programs.run("github", server, *words)
    await done(board)
    await programs.run("github", server, *words, "--write")
    copied = str(github.comments.pop(1)[0]["body"])
    github.say(2, copied.replace("5001", "5002"), "bo")
    await done(board, "Issue 2")
    await programs.run("github", server, *words, "--write")
    assert said(github, 2) == [WORDS] * 2


async def test_what_may_not_be_written_is_said_and_not_tried_again_at_once(
    server: RunningServer, board: PythonClient, github: GitHub, words: tuple[object, ...]
) -> None:
    await programs.run("github", server, *words)
    await done(board)
    github.may_comment = False
    for _ in range(2):
        status, printed = await programs.run("github", server, *words, "--write")
        why = "done here, which is not proposed at GitHub: the access token may not write this (403"
        assert (status, why in printed) == (1, True), printed
        source = (await board.state())["sources"][0]
        assert (source["status"], why in source["message"]) == ("online", True)
        github.may_comment = True  # it is left alone for an hour all the same
    assert github.comments == {}
    assert sorted(await there(board)) == ["Issue 1", "Issue 2"]

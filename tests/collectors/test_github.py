"""What waits at GitHub is on the board. The server is our own (`github_server`): it speaks the documented
REST interface, and is not GitHub."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.collectors import programs
from tests.collectors.accounts_of_a_test import Adjutant
from tests.collectors.github_server import TOKEN, GitHub
from tests.collectors.person import Person, said
from tests.collectors.trouble import Trouble, well
from tests.conftest import Connect
from tests.examples import seeds
from tests.running import PythonClient, RunningServer, until

SLOW = "Thu, 01 Jan 1970 00:10:00 GMT"
"""What a clock says that was never set."""


@pytest.fixture
async def github() -> AsyncIterator[GitHub]:
    server = GitHub()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text(TOKEN)
    return path


async def run(server: RunningServer, github: GitHub, secret: Path, *more: object) -> tuple[int, str]:
    return await programs.run("github", server, "--host", github.host, "--token-file", secret, *more)


async def there(board: PythonClient) -> dict[str, Any]:
    return {item["title"]: item for item in (await board.state())["priorities"]}


async def test_what_waits_is_on_the_board_and_says_why(
    server: RunningServer, board: PythonClient, github: GitHub, secret: Path
) -> None:
    github.add(1, "assigned", milestone={"due_on": "2199-02-03T08:00:00Z"})
    github.add(2, "review")
    github.add(3, "mentioned assigned")
    github.add(4, "mentioned", title="Line\u2028 and <b>")
    github.add(5, "nobody")
    status, printed = await run(server, github, secret)
    assert status == 0, printed
    found = await there(board)
    assert sorted(found) == ["Issue 1", "Issue 2", "Issue 3", "Line and <b>"]
    assert found["Issue 1"]["due_date"] == "2199-02-03"
    assert found["Issue 2"]["urgency"] == "high"
    assert found["Issue 2"]["description"] == "acme/site#2, pull request of bo, waits for my review; bug"
    assert found["Issue 3"]["description"].endswith("is assigned to me; bug")
    assert found["Issue 2"]["url"] == "https://github.example/acme/site/issues/2"
    assert (await run(server, github, secret, "--mentions", "0"))[0] == 0
    assert sorted(await there(board)) == ["Issue 1", "Issue 2", "Issue 3"]


async def finished(person: Person, chance: random.Random) -> set[int]:
    """Marks something as done; its number."""
    items = [one for one in await person.items() if one["status"] == "open"]
    for item in chance.sample(items, min(len(items), 1)):
        await person.board.done("priorities:complete", code=item["code"])
        return {int(said(item).split()[-1])}
    return set()


@pytest.mark.parametrize("seed", seeds(1))
async def test_random_changes_and_kills_leave_the_board_as_github_is(
    server: RunningServer,
    board: PythonClient,
    connect: Connect,
    github: GitHub,
    secret: Path,
    seed: int,
) -> None:
    """Each thing that a person has done is proposed to be closed once."""
    words = ("--host", github.host, "--token-file", secret, "--write")
    chance, number = random.Random(seed), 0
    person, done = Person(board, "priorities", chance), set[int]()
    trouble = Trouble(server, github, person, connect, chance)
    for round_number in range(6):
        for _ in range(5):
            number += 1
            github.add(number, chance.choice(["assigned", "mentioned", "review", "mentioned review"]))
        for changed in chance.sample(sorted(github.issues), 3):
            change: dict[str, Any] = chance.choice([{"state": "closed"}, {"body": f"Changed {changed}"}])
            github.issues[changed] |= change
        if round_number == 2:
            await github.stop()
            status, printed = await run(server, github, secret)
            assert (status, "cannot be reached" in printed) == (1, True)
            await github.start()
        done |= await finished(person, chance)
        if round_number % 2:
            await trouble.run("github", words, longest_s=1.5)
        await person.decide()
        await well("github", server, words)
        assert all(len(some) == 1 for some in github.comments.values())
        still = {number for number in done if github.issues[number]["state"] == "open"}
        still -= {int(title.split()[-1]) for title in person.dropped}
        assert still <= github.comments.keys() <= done
        await person.check(one["title"] for one in github.issues.values() if one["state"] == "open")
    for one in github.issues.values():
        one["state"] = "closed"
    assert (await run(server, github, secret))[0] == 0
    assert await there(person.board) == {}


async def test_what_has_not_changed_is_not_sent_again_and_decisions_stay(
    server: RunningServer, board: PythonClient, github: GitHub, secret: Path
) -> None:
    for number in range(1, 8):
        github.add(number, "assigned")
    await run(server, github, secret)
    code = (await there(board))["Issue 1"]["code"]
    await board.done("priorities:edit", code=code, set={"title": "Mine"})
    before = github.requests.copy()
    await run(server, github, secret)
    assert github.requests[200] == before[200] + 1  # who it is; all lists are 304
    assert github.requests[304] == before[304] + 5
    github.issues[7]["title"] = "Issue seven"
    await run(server, github, secret)
    assert (await there(board))["Mine"]["code"] == code
    assert "Issue seven" in await there(board)


@pytest.mark.parametrize(
    ("status", "headers", "text", "why"),
    [
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, "{}", "left alone until"),
        (
            403,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000", "Date": SLOW},
            "{}",
            "left alone until",
        ),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000"}, "{}", "left alone until"),
        (429, {"Retry-After": "90"}, "{}", "left alone until"),
        (403, {"Retry-After": "90"}, "{}", "left alone until"),
        (429, {}, "{}", "left alone until"),
        (502, {}, "<html>", "a fault of its own (502)"),
        (200, {}, "<html>Please log in</html>", "not GitHub's"),
        (200, {}, "[]", "not GitHub's"),
        (302, {"Location": "https://elsewhere.example/"}, "", "redirects"),
    ],
)
async def test_what_github_refuses_takes_nothing_away_and_is_not_asked_again_at_once(
    server: RunningServer,
    board: PythonClient,
    github: GitHub,
    secret: Path,
    status: int,
    headers: dict[str, str],
    text: str,
    why: str,
) -> None:
    github.add(1, "assigned")
    await run(server, github, secret)
    reset = str(int(time.time()) + 600)
    given = {name: value.replace("soon", reset) for name, value in headers.items()}
    github.answer_with = status, given, text
    ended, printed = await run(server, github, secret)
    assert (ended, why in printed) == (1, True), printed
    assert list(await there(board)) == ["Issue 1"]
    asked = github.requests.total()
    github.answer_with = None
    ended, printed = await run(server, github, secret)
    if "left alone" in why:
        assert (ended, github.requests.total()) == (1, asked)
    else:
        assert ended == 0, printed


async def test_a_list_that_may_not_be_read_keeps_its_items(
    server: RunningServer, board: PythonClient, github: GitHub, secret: Path
) -> None:
    github.add(1, "assigned")
    github.add(2, "review")
    await run(server, github, secret)
    github.forbidden = "search"
    github.add(3, "assigned")
    status, printed = await run(server, github, secret)
    assert (status, "Resource not accessible" in printed) == (1, True)
    assert sorted(await there(board)) == ["Issue 1", "Issue 2", "Issue 3"]


async def test_it_is_connected_and_its_token_is_nowhere(
    server: RunningServer, board: PythonClient, github: GitHub, tmp_path: Path
) -> None:
    github.add(1, "assigned")
    folder = tmp_path / "person"
    folder.mkdir()
    program = Adjutant(server, folder)
    status, said = await program("connect", "github", "--host", github.host, stdin="ghp_wrong\n")
    assert (status, "does not take the access token" in said) == (1, True)
    status, said = await program("connect", "github", "--host", github.host, stdin=f"{TOKEN}\n")
    assert (status, "the account ana" in said) == (0, True), said
    await program.run()
    await until(lambda: github.requests[200] > 3, "a run")
    program.collectors()
    github.token = "another"  # it expires
    seen = str(await board.state())
    await program.stop()
    assert TOKEN.encode() not in program.everything() + seen.encode()
    away = await programs.run(
        "github", server, "--host", "http://github.example", "--token-file", program.book
    )
    assert "read on the way" in away[1]

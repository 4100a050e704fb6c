"""What happens to older messages of a Slack workspace while nobody listens is found, bit by bit."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.collectors.person import Person
from tests.collectors.slack_board import arguments, listening, run, there, until_there
from tests.collectors.slack_server import Slack
from tests.collectors.trouble import well
from tests.conftest import Connect
from tests.examples import seeds
from tests.running import PythonClient, RunningServer, until

DAY_S = 86_400.0


def ago(days: float) -> str:
    return f"{time.time() - days * DAY_S:.6f}"


async def test_older_messages_and_threads_are_compared_after_a_break(
    server: RunningServer, board: PythonClient, slack: Slack, slack_tokens: Path
) -> None:
    kept, edited, deleted, whole = (slack.add(f"Message {day}", ts=ago(day)) for day in (30, 20, 10, 15))
    first, second = (slack.add(f"Reply {day}", thread_ts=kept, ts=ago(day)) for day in (29, 28))
    slack.add("Of a thread that goes", thread_ts=whole, ts=ago(14))
    slack.add("Just now")
    assert (await run(server, slack, slack_tokens))[0] == 0
    assert await there(board) == sorted(slack.texts())
    await slack.edit(edited, "Edited")
    await slack.edit(first, "Edited, too")
    await slack.delete(second)
    await slack.delete(deleted)
    slack.add("Late answer", thread_ts=kept)
    slack.add("First answer", thread_ts=edited)
    for ts, one in [*slack.messages["C0GENERAL"].items()]:
        if whole in (ts, one.get("thread_ts")):
            del slack.messages["C0GENERAL"][ts]
    status, printed = await run(server, slack, slack_tokens)
    assert status == 0, printed
    assert await there(board) == sorted(slack.texts())
    await slack.edit(first, "Edited without an answer")
    assert (await run(server, slack, slack_tokens))[0] == 0
    assert await there(board) == sorted(slack.texts())


async def test_a_long_history_is_compared_in_several_runs_which_is_said(
    server: RunningServer, board: PythonClient, slack: Slack, slack_tokens: Path
) -> None:
    """And each of them takes a bounded number of calls."""
    oldest, *_ = [slack.add(f"Message {number}", ts=ago(80 - number / 4)) for number in range(240)]
    assert (await run(server, slack, slack_tokens))[0] == 0
    await slack.edit(oldest, "Edited")
    said, calls = list[bool](), list[int]()
    while len(said) < 10 and await there(board) != sorted(slack.texts()):
        before = slack.calls["conversations.history"]
        status, printed = await run(server, slack, slack_tokens)
        assert status == 0, printed
        said.append("#general: older messages are compared with Slack bit by bit" in printed)
        calls.append(slack.calls["conversations.history"] - before)
    assert said == [True, False], calls
    assert max(calls) < 60, calls


async def test_what_slack_hides_is_not_taken_for_deleted(
    server: RunningServer, board: PythonClient, slack: Slack, slack_tokens: Path
) -> None:
    """A workspace that does not pay sees the newest days alone."""
    slack.add("Old", ts=ago(80))
    slack.add("Newer", ts=ago(10))
    assert (await run(server, slack, slack_tokens))[0] == 0
    slack.hidden_before = float(ago(40))
    for _ in range(2):
        assert (await run(server, slack, slack_tokens))[0] == 0
        assert await there(board) == ["Newer", "Old"]


async def change(slack: Slack, chance: random.Random, number: int) -> int:
    """Ten times something, to messages of any age; the number of the last."""
    for _ in range(10):
        number += 1
        channel = chance.choice([*slack.channels])
        messages = slack.messages.setdefault(channel, {})
        begun = [ts for ts, one in messages.items() if "thread_ts" not in one]
        alone = [ts for ts in messages if all(one.get("thread_ts") != ts for one in messages.values())]
        match chance.randrange(5):
            case 0 if alone:
                await slack.delete(chance.choice(alone), channel)
            case 1 if messages:
                await slack.edit(chance.choice([*messages]), f"TODO: do {number} now", channel)
            case 2 if begun:
                await slack.say(f"Reply {number}", channel, thread_ts=chance.choice(begun))
            case _:
                await slack.say(f"TODO: do {number}", channel)
    return number


def _fill(slack: Slack, chance: random.Random) -> None:
    """Messages and threads of the last sixty days."""
    for channel in slack.channels:
        for number in range(12):
            day = chance.uniform(0.5, 60.0)
            ts = slack.add(f"TODO: do old {number} in {channel}", channel, ts=ago(day))
            for reply in range(chance.randrange(3)):
                more: dict[str, Any] = {"thread_ts": ts, "ts": ago(day - 0.1 * (reply + 1))}
                slack.add(f"Old reply {number}.{reply} in {channel}", channel, **more)


@pytest.mark.parametrize("seed", seeds(1))
async def test_random_changes_and_kills_leave_the_board_as_the_workspace_is(
    server: RunningServer,
    board: PythonClient,
    slack: Slack,
    slack_tokens: Path,
    seed: int,
    connect: Connect,
) -> None:
    chance, number = random.Random(seed), 0
    person = Person(board, "priorities", chance)
    slack.channels["C0OTHER"] = {"id": "C0OTHER", "name": "other"}
    _fill(slack, chance)
    assert (await run(server, slack, slack_tokens))[0] == 0
    for trouble in chance.sample(["nobody", "board", "slack", "collector", "board"], 5):
        if trouble == "nobody":
            number = await change(slack, chance, number)
            continue
        async with listening(server, slack, slack_tokens) as process:
            number = await change(slack, chance, number)
            if trouble == "board":
                await server.kill()
                number = await change(slack, chance, number)
                await server.start()
                person.board = await connect(client="wall")
            if trouble == "slack":
                await slack.stop()
                number = await change(slack, chance, number)
                await slack.start()
            if chance.random() < 0.5:
                await until_there(person.board, *slack.texts())
            await person.decide()
            if chance.random() < 0.7:
                process.kill()
        await until(lambda: slack.listeners == 0, "no socket")
    for _ in range(8):  # replies that were edited in old threads are found in turn
        await well("slack.live", server, arguments(slack, slack_tokens))
        if await there(person.board) == sorted(slack.texts()):
            break
    await until_there(person.board, *slack.texts())
    await person.check(text.removeprefix("TODO: ") for text in slack.texts() if text.startswith("TODO: "))

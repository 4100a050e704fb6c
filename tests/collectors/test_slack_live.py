"""A Slack workspace as it goes on is on the board. The server is our own (`slack_server`): it speaks the
documented Web API and Socket Mode, and is not Slack."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from collectors.actions.recent import Actions
from collectors.slack.conversation import Conversation
from collectors.slack.live.known import Known
from collectors.slack.marks import Names
from collectors.slack.message import Channel, record
from collectors.types import Ask
from models.priorities import GivenPriority
from tests.collectors import programs
from tests.collectors.accounts_of_a_test import Adjutant, eventually
from tests.collectors.slack_board import arguments, listening, run, there, until_there
from tests.collectors.slack_server import APP, BOT, TOKENS, Slack
from tests.running import PythonClient, RunningServer, until


async def sources(board: PythonClient) -> list[Any]:
    found: list[Any] = (await board.state())["sources"]
    return found


async def until_to_do(board: PythonClient, *titles: str) -> None:
    async def look() -> bool:
        return [one["title"] for one in (await board.state())["priorities"]] == [*titles]

    await eventually(look)


async def test_what_is_said_changed_and_deleted_is_on_the_board(
    server: RunningServer, board: PythonClient, slack: Slack, slack_tokens: Path
) -> None:
    old = slack.add("Before anybody listened")
    async with listening(server, slack, slack_tokens):
        await until_there(board, "Before anybody listened")
        first = await slack.say("TODO: order the cake")
        reply = await slack.say("In the thread, <@U0ANA>", thread_ts=first)
        await until_there(board, "Before anybody listened", "TODO: order the cake", "In the thread, @ana")
        await until_to_do(board, "order the cake")
        await slack.edit(first, "Never mind")
        await slack.delete(reply)
        await until_there(board, "Before anybody listened", "Never mind")
        await until_to_do(board)
        await slack.hang_up()
        slack.add("While the line was down")
        await slack.delete(old)
        await until_there(board, "Never mind", "While the line was down")


async def test_what_is_marked_is_proposed_and_what_is_not_any_more_is_not(
    server: RunningServer, board: PythonClient, slack: Slack, slack_tokens: Path
) -> None:
    ts = slack.add("The lease ends in May")
    slack.add("Pinned while nobody listened", reactions=[{"name": "pushpin", "users": ["U0ANA"]}])
    slack.add("Pinned by another", reactions=[{"name": "pushpin", "users": ["U0BO"]}])
    async with listening(server, slack, slack_tokens):

        async def lines() -> set[str]:
            return {
                one["line"]
                for one in (await board.state())["proposals"]
                if "marked" in one["why"] or "chose" in one["why"]
            }

        async def is_first() -> bool:
            return await lines() == {"add priority Pinned while nobody listened"}

        await eventually(is_first)
        await slack.react(ts, "pushpin", "U0ANA")

        async def are_two() -> bool:
            return await lines() == {
                "add priority Pinned while nobody listened",
                "add priority The lease ends in May",
            }

        await eventually(are_two)
        await slack.react(ts, "pushpin", "U0ANA", added=False)
        await eventually(is_first)
        shortcut = {
            "type": "message_action",
            "user": {"id": "U0ANA"},
            "channel": {"id": "C0GENERAL"},
            "message": slack.messages["C0GENERAL"][ts],
        }
        await slack.tell(shortcut, "interactive")
        await eventually(are_two)
        await slack.hang_up()
        await slack.say("Said when the line was up again")

        async def is_read_again() -> bool:
            return "Said when the line was up again" in await there(board)

        await eventually(is_read_again)
        await eventually(are_two)  # Slack does not tell again what was chosen
        await slack.delete(ts)
        await eventually(is_first)


async def test_a_line_that_is_lost_is_told_and_so_is_its_return(
    server: RunningServer, board: PythonClient, slack: Slack, slack_tokens: Path
) -> None:
    slack.add("One")

    async def is_well() -> bool:
        [source] = (await board.state())["sources"]
        return (source["status"], source["message"]) == ("online", None)

    async def is_told() -> bool:
        [source] = (await board.state())["sources"]
        why = "Slack cannot be reached: refused: nothing is listening there"
        return (source["status"], source["message"]) == ("error", why)

    async with listening(server, slack, slack_tokens):
        await until_there(board, "One")
        await eventually(is_well)
        await slack.stop()
        await eventually(is_told)
        await slack.start()
        await eventually(is_well)


def test_a_message_that_is_deleted_in_the_run_that_read_it_asks_for_nothing() -> None:
    """Both are told while somebody listens; nothing would take away later what it asked for."""
    channel = Channel("C0GENERAL", "general", "#general")
    for deleted in (False, True):
        talk = Conversation(Ask(source="slack:acme"), Actions())
        ts = f"{time.time():.6f}"
        message: dict[str, object] = {"type": "message", "user": "U0BO", "text": "TODO: do it", "ts": ts}
        talk.read(message, record(message, channel, Names())[0], channel)
        if deleted:
            talk.silent({"ts": ts}, channel)
        told = [one.title for one in talk.told(whole=False) if isinstance(one, GivenPriority)]
        assert told == ([] if deleted else ["do it"])


async def test_limits_are_kept_and_what_is_wrong_takes_nothing_away(
    server: RunningServer, board: PythonClient, slack: Slack, slack_tokens: Path
) -> None:
    slack.add("One")
    slack.limit = 2
    status, printed = await run(server, slack, slack_tokens, "--json")
    assert (status, json.loads(printed)["read"]) == (0, {"records": 1, "people": 2})
    slack.limit, slack.wait_s = 1, 3
    process = await programs.start("slack.live", server, *arguments(slack, slack_tokens))

    async def waits() -> bool:
        return any(" because Slack asks for it" in (one["message"] or "") for one in await sources(board))

    await eventually(waits)
    await process.communicate()
    assert process.returncode == 0
    slack.limit, slack.wait_s = 1, 1_000
    calls = slack.calls.total()
    for _ in range(2):  # the second run does not ask
        status, printed = await run(server, slack, slack_tokens)
        assert (status, "is left alone until" in printed) == (1, True), printed
    assert (slack.limit, slack.calls.total()) == (0, calls + 1)
    assert "is left alone until" in (await sources(board))[0]["message"]
    for path in server.data_dir.parent.rglob("*.known"):  # as if that time were over
        path.unlink()
    slack.wrong = "missing_scope"
    status, printed = await run(server, slack, slack_tokens)
    assert (status, "lacks a scope (channels:history)" in printed) == (1, True), printed
    slack.wrong = ""
    await slack.stop()
    status, printed = await run(server, slack, slack_tokens)
    assert (status, "cannot be reached" in printed) == (1, True), printed
    await slack.start()
    slack.wrong = "token_revoked"
    status, printed = await run(server, slack, slack_tokens)
    assert (status, "does not take the token (token_revoked)" in printed) == (1, True), printed
    slack.wrong, calls = "", slack.calls.total()
    status, printed = await run(server, slack, slack_tokens)
    assert (status, slack.calls.total()) == (1, calls), printed
    assert await there(board) == ["One"]


async def test_a_history_that_takes_several_runs_goes_on_where_the_last_one_stopped(
    server: RunningServer, board: PythonClient, slack: Slack, slack_tokens: Path
) -> None:
    """Also in the middle of a thread. What the parts ask for is told."""
    ago = [f"{time.time() - 3_600 * hours:.6f}" for hours in range(1, 11)]
    slack.add("TODO: order the cake", ts=ago[0])
    for number, ts in enumerate(ago[1:]):
        slack.add(f"Message {number}", ts=ts)
    for number in range(10):
        slack.add(f"Reply {number}", thread_ts=ago[5])
    statuses, calls = list[int](), list[int]()
    while not statuses or (statuses[-1] and len(statuses) < 10):
        slack.limit, slack.spared, slack.wait_s = 1, 6, 1_000
        before = slack.calls["conversations.history"] + slack.calls["conversations.replies"]
        status, printed = await run(server, slack, slack_tokens)
        statuses.append(status)
        calls.append(slack.calls["conversations.history"] + slack.calls["conversations.replies"] - before)
        assert ("is left alone until" in printed) == bool(status), printed
        if len(statuses) == 2:
            slack.add("Said between two runs")
            del slack.messages["C0GENERAL"][ago[9]]
        [path] = server.data_dir.parent.rglob("slack-*.known")
        known = Known(path)
        known.set_note("busy until", "")  # as if that time were over
        known.close()
    assert statuses[-1] == 0, (statuses, calls)
    assert len(statuses) > 2, calls
    assert await there(board) == sorted(slack.texts())
    assert [one["title"] for one in (await board.state())["priorities"]] == ["order the cake"]


async def test_it_is_connected_and_its_tokens_are_nowhere(
    server: RunningServer, board: PythonClient, slack: Slack, tmp_path: Path
) -> None:
    slack.add("One")
    folder = tmp_path / "person"
    folder.mkdir()
    program = Adjutant(server, folder)
    connect = ("connect", "slack", "acme", "--api", slack.api)
    status, said = await program(*connect, stdin=f"{BOT}\nxapp-wrong\n")
    assert (status, "does not take the token" in said) == (1, True), said
    status, said = await program(*connect, stdin="xoxp-a\nxapp-b\n")
    assert (status, "begins with xoxb-" in said) == (1, True), said
    status, said = await program(*connect, stdin=TOKENS)
    assert (status, "workspace Acme, with the bot in 1 channel" in said) == (0, True), said
    await program.run()
    await until_there(board, "One")
    await until(lambda: slack.listeners == 1, "the socket")
    program.collectors()
    seen = str(await board.state())
    await program.stop()
    for token in (BOT, APP):
        assert token.encode() not in program.everything() + seen.encode()

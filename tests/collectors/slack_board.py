"""What the tests of a Slack workspace share: how its collector is run, and what the board has of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.collectors import programs
from tests.collectors.accounts_of_a_test import eventually
from tests.collectors.slack_server import Slack
from tests.running import Program, PythonClient, RunningServer, until


def arguments(slack: Slack, secret: Path, *more: object) -> tuple[object, ...]:
    return ("acme", "--api", slack.api, "--tokens-file", secret, "--me", "ana@example.org", *more)


async def run(server: RunningServer, slack: Slack, secret: Path, *more: object) -> tuple[int, str]:
    return await programs.run("slack.live", server, *arguments(slack, secret, *more))


@asynccontextmanager
async def listening(server: RunningServer, slack: Slack, secret: Path) -> AsyncIterator[Program]:
    """With the socket open, and ended at last."""
    process = await programs.start("slack.live", server, *arguments(slack, secret, "--watch"))
    try:
        await until(lambda: slack.listeners == 1, "the socket")
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        out, err = await process.communicate()
    assert b"Traceback" not in out + err, (out + err).decode()


async def there(board: PythonClient) -> list[str]:
    """The texts of the records."""
    found: list[str] = []
    while True:
        ack = await board.request("search:query", query="source:slack", limit=50, offset=len(found))
        if not ack["ok"]:  # the index begins again with the server, and others are before us
            assert ack["error"].get("retry", "no") != "no", ack
            continue
        answer = ack["data"]
        found += [hit["text"] if "text" in hit else hit["snippet"] for hit in answer["hits"]]
        if not answer["hits"]:
            return sorted(found)


async def until_there(board: PythonClient, *wanted: str) -> None:
    async def look() -> bool:
        return await there(board) == sorted(wanted)

    await eventually(look)

"""Briefs and typed searches over real sockets: boards see a brief as a patch, terminals as text."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from tests.conftest import Connect
from tests.following import Follower
from tests.running import PythonClient, RunningServer
from tests.terminal.conftest import run_line

Json = Any

SAID = {
    "id": "r1",
    "text": "The board asked for the budget.",
    "at": "2026-11-20T09:00:00Z",
    "meta": {"author": "Ana"},
}


def today() -> str:
    return datetime.now(UTC).date().isoformat()


async def fill(person: PythonClient) -> None:
    """A meeting today, what goes with it, and what was said."""
    await person.done("records:put", records=[SAID])
    meeting = {"id": "review", "title": "Budget review", "start": today(), "attendees": ["Ana"]}
    await person.done("calendar:put", items=[meeting])
    await person.done("priorities:put", items=[{"id": "print", "title": "Print the budget"}])


async def test_a_board_sees_a_brief_and_that_it_is_outdated_as_patches(
    server: RunningServer, connect: Connect
) -> None:
    person, wall = await connect(client="ana"), await connect(rooms=["brief"])
    await fill(person)
    ack = await person.request("brief:generate", kind="daily")
    patch = await wall.wait_for("brief:patch", lambda patch: patch["seq"] == ack["seq"])
    assert patch["changes"][0]["put"] == ack["data"]
    assert patch["cause"] == {"actor": "ana", "command": "brief:generate"}
    assert "- Print the budget" in ack["data"]["text"]
    ack = await person.request("priorities:complete", code="P1")
    patch = await wall.wait_for("brief:patch", lambda patch: patch["seq"] == ack["seq"])
    [change] = patch["changes"]
    assert change["put"]["outdated"] is True
    whole = await person.wait_for("state:patch", lambda patch: patch["seq"] == ack["seq"])
    assert {change["section"] for change in whole["changes"]} == {"priorities", "brief"}
    assert (await person.done("brief:get", {}))["outdated"] is True


async def test_replicas_are_equal_to_the_state_whatever_is_briefed_on_between(
    server: RunningServer,
) -> None:
    people = [await Follower(client=name).connect(server.url) for name in ("ana", "bob")]
    await fill(people[0])
    for number in range(10):
        sent = [
            ("brief:generate", {"kind": "meeting", "code": "C1"}),
            ("priorities:edit", {"code": "P1", "set": {"note": f"note {number}"}}),
            ("brief:generate", {"kind": "daily"}),
            ("command:run", {"text": "brief C1 | search budget | reopen P1"}),
        ]
        acks = await asyncio.gather(*(person.pipeline(sent) for person in people))
        for one in acks:
            assert all(ack["ok"] for ack in one)
            assert [ack["seq"] for ack in one] == sorted(ack["seq"] for ack in one)
    for person in people:
        await person.equals(server)
        await person.disconnect()


async def test_a_brief_survives_a_restart_and_the_hits_names_do_not(
    server: RunningServer, connect: Connect
) -> None:
    person = await connect(client="ana")
    await fill(person)
    brief = await person.done("brief:generate", kind="meeting", code="C1")
    assert "“The board asked for the budget.”" in brief["text"]
    await person.done("command:run", text="search budget")
    await server.restart()
    person = await connect(client="ana")
    assert await person.done("brief:get", {}) == brief
    assert (await person.refused("command:run", text="add owe S1"))["code"] == "stale_target"


async def test_a_terminal_prints_briefs_and_hits_as_text(server: RunningServer, connect: Connect) -> None:
    await fill(await connect())
    status, out, err = await run_line("--url", server.url, "brief")
    assert (status, err) == (0, "")
    assert out.splitlines()[0].split() == ["done", "brief"]
    assert "  TO DO" in out.splitlines()
    assert "  - Print the budget" in out.splitlines()
    _, out, _ = await run_line("--url", server.url, "brief full day")
    assert "  - P1 Print the budget (medium)" in out.splitlines()
    status, out, err = await run_line("--url", server.url, "search budget")
    assert (status, err) == (0, "")
    hit = out.splitlines()[1]
    assert hit.split()[0] == "S1"
    assert "Ana: The board asked for the budget." in hit
    assert "1 of 1" in out
    status, out, _ = await run_line("--url", server.url, "add owe S1")
    assert status == 0
    assert "M1 The board asked for the budget." in out
    status, out, _ = await run_line("--url", server.url, "brief C1")
    assert "Ana: “The board asked for the budget.”" in out


async def test_a_terminal_prints_hostile_briefs_and_hits_as_plain_characters(
    server: RunningServer, connect: Connect
) -> None:
    person = await connect()
    await person.done("priorities:put", items=[{"id": "a", "title": "Pay\u202e <b>now</b> \u2066x"}])
    await person.done("records:put", records=[SAID | {"text": "turn\u202e round\n\tand on"}])
    for line in ("brief", "search turn"):
        status, out, _ = await run_line("--url", server.url, line)
        assert status == 0
        assert "\u202e" not in out
        assert "\u2066" not in out
        assert "\x1b" not in out

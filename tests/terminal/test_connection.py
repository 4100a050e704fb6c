"""The connection against a real server, over a line that can be held up and cut."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from terminal.connection import Connection, Refused, Unreachable
from terminal.link import Stage
from terminal.replica import Replica
from tests.replica import as_held
from tests.running import WAIT_S, PythonClient, RunningServer, until
from tests.terminal.line_between import LineBetween

ITEM = {"id": "a", "title": "Sign the budget"}


async def in_step(replica: Replica, person: PythonClient) -> None:
    """Returns when the replica holds what the server has now."""
    state: Any = (await person.done("state:get", {}))["state"]
    await until(lambda: held(replica) == as_held(state), "the same state")


def held(replica: Replica) -> Any:
    return replica.sections


async def connected(connection: Connection) -> None:
    await until(lambda: connection.link.stage is Stage.CONNECTED, "a connection")


async def test_a_request_whose_answer_was_lost_is_sent_again_and_done_once(
    server: RunningServer, person: PythonClient
) -> None:
    async with LineBetween(server) as line, Connection(line.url, client="bo") as connection:
        await connection.request("state:get", {"sections": ["system"]}, patience_s=15)
        line.hold()
        put = {"text": "add priority Sign", "op": "once"}
        asked = asyncio.create_task(connection.request("command:run", put, patience_s=15))
        await person.wait_for("state:patch")
        line.cut()
        ack = await asked
    assert (ack["ok"], ack["replay"]) == (True, True)
    assert len((await person.state())["priorities"]) == 1


async def test_what_was_missed_comes_as_a_delta_after_the_line_was_cut(
    server: RunningServer, person: PythonClient
) -> None:
    replica = Replica()
    async with LineBetween(server) as line, Connection(line.url, client="bo", replica=replica) as connection:
        await person.done("priorities:put", items=[ITEM])
        await connected(connection)
        await in_step(replica, person)
        line.hold()
        for n in range(5):
            await person.done("priorities:edit", code="P1", set={"title": f"Sign {n}"})
        await person.done("calendar:put", items=[{"id": "m", "title": "Meet", "start": "2099-01-01"}])
        line.cut()
        await in_step(replica, person)
        assert replica.seq == 7


async def test_a_gap_is_closed_by_asking(server: RunningServer, person: PythonClient) -> None:
    replica = Replica()
    async with Connection(server.url, client="bo", replica=replica) as connection:
        await connected(connection)
        for n in range(3):
            await person.done("priorities:put", items=[{"id": str(n), "title": f"Thing {n}"}])
        await in_step(replica, person)
        del replica.sections["priorities"]["2"]  # as if the last patch had never come
        replica.seq -= 1
        for n in range(3):
            await person.done("priorities:edit", id="0", set={"title": f"Other {n}"})
        await in_step(replica, person)
        del replica.sections["priorities"]["0"]  # what is held has a hole, though the position is right
        await person.done("priorities:edit", id="0", set={"title": "Again"})
        await in_step(replica, person)
        await connected(connection)


async def test_a_board_of_more_than_four_mebibytes_arrives(
    server: RunningServer, person: PythonClient
) -> None:
    for batch in range(4):
        items = [{"id": f"{batch}-{n}", "title": "x" * 10_000} for n in range(120)]
        await person.done("priorities:put", items=items)
    replica = Replica()
    async with Connection(server.url, client="bo", replica=replica) as connection:
        await connected(connection)
        assert len(replica.items("priorities")) == 480


async def test_another_store_replaces_what_is_held_and_nothing_is_asked_of_it_unseen(
    server: RunningServer, person: PythonClient, serve: Any
) -> None:
    replica = Replica()
    await person.done("priorities:put", items=[ITEM])
    async with Connection(server.url, client="bo", replica=replica) as connection:
        await connected(connection)
        assert replica.items("priorities")
        await server.kill()
        await until(lambda: connection.link.stage is Stage.OFFLINE, "the loss")
        line = {"text": "add priority Sign", "seen": replica.seq, "op": "x"}
        asked = asyncio.create_task(connection.request("command:run", line, patience_s=15))
        server.data_dir = server.data_dir.with_name("other")
        await server.start()
        ack = await asked
        assert (ack["ok"], ack["error"]["code"]) == (False, "stale_target")
        await connected(connection)
        assert (replica.items("priorities"), replica.seq) == ([], 0)


async def test_patience_ends_and_says_whether_anything_was_sent(server: RunningServer) -> None:
    async with LineBetween(server) as line, Connection(line.url, client="bo") as connection:
        await connection.request("state:get", {}, patience_s=15)
        line.hold()
        with pytest.raises(Unreachable) as sent:
            await connection.request("state:get", {}, patience_s=0.1)
        await server.kill()
        line.cut()
        await until(lambda: connection.link.stage is Stage.OFFLINE, "the loss")
        with pytest.raises(Unreachable) as unsent:
            await connection.request("state:get", {}, patience_s=0.1)
    assert (sent.value.sent, unsent.value.sent) == (True, False)


async def test_a_refused_handshake_ends_it(server: RunningServer) -> None:
    async with Connection(server.url, client="bo", tz="No/Where") as connection:
        with pytest.raises(Refused):
            await connection.request("state:get", {}, patience_s=15)
        with pytest.raises(Refused):
            await connection.refused()


@pytest.mark.parametrize("turns", range(8))
async def test_it_can_be_left_at_any_moment_of_connecting(server: RunningServer, turns: int) -> None:
    moved = asyncio.Event()
    async with asyncio.timeout(WAIT_S):
        async with Connection(server.url, client="bo", heard=moved.set):
            await moved.wait()
            for _ in range(turns):
                await asyncio.sleep(0)

"""A client that follows holds what the server has, whatever happens to the line and the server."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from adjutant_client import Client, Refused, Stage, Unreachable
from tests.line import LineBetween
from tests.replica import as_held
from tests.running import WAIT_S, PythonClient, RunningServer, until

Json = Any
ITEM = {"id": "a", "title": "Sign the budget"}


async def in_step(client: Client, person: PythonClient) -> None:
    """Returns when the replica holds what the server has now."""
    state: Json = await person.state()
    await until(lambda: client.replica.sections == as_held(state), "the same state")


async def connected(client: Client) -> None:
    """Returns when it is in step and says so."""
    await until(lambda: client.link.stage is Stage.CONNECTED, "a connection")


async def test_the_items_are_there_from_the_first_line_on(
    server: RunningServer, person: PythonClient
) -> None:
    await person.done("priorities:put", items=[ITEM])
    async with Client(server.url, client="bo", follow=True) as client:
        assert [item["title"] for item in await client.items("priorities")] == ["Sign the budget"]
        await server.kill()
        assert len(await client.items("priorities")) == 1
    async with Client(server.url, client="bo", follow=True, within_s=0.0) as client:
        with pytest.raises(Unreachable, match="nothing is listening"):
            await client.items("priorities")
    async with Client(server.url, client="bo") as client:
        with pytest.raises(ValueError, match="follow=True"):
            await client.items("priorities")


async def test_what_was_missed_comes_as_a_delta_after_the_line_was_cut(
    server: RunningServer, person: PythonClient
) -> None:
    async with LineBetween(server) as line, Client(line.url, client="bo", follow=True) as client:
        patches: list[Json] = []
        client.on_patch(patches.append)
        await person.done("priorities:put", items=[ITEM])
        await connected(client)
        await in_step(client, person)
        line.hold()
        for n in range(5):
            await person.done("priorities:edit", code="P1", set={"title": f"Sign {n}"})
        await person.done("calendar:put", items=[{"id": "m", "title": "Meet", "start": "2099-01-01"}])
        line.cut()
        await in_step(client, person)
        assert client.replica.seq == 7
        assert [patch["seq"] for patch in patches][-6:] == [2, 3, 4, 5, 6, 7]


async def test_after_a_kill_of_the_server_it_goes_on_from_its_position(
    server: RunningServer, person: PythonClient
) -> None:
    await person.done("priorities:put", items=[ITEM])
    async with Client(server.url, client="bo", follow=True) as client:
        patches: list[Json] = []
        client.on_patch(patches.append)
        await connected(client)
        await server.restart()
        again = await PythonClient(client="ana").connect(server.url)
        await again.done("priorities:edit", code="P1", set={"title": "Burn the budget"})
        await in_step(client, again)
        await again.disconnect()
    assert [patch["seq"] for patch in patches] == [2]  # a snapshot would have brought no patch


async def test_a_gap_is_closed_by_asking(server: RunningServer, person: PythonClient) -> None:
    async with Client(server.url, client="bo", follow=True) as client:
        await connected(client)
        for n in range(3):
            await person.done("priorities:put", items=[{"id": str(n), "title": f"Thing {n}"}])
        await in_step(client, person)
        held = client.replica
        del held.sections["priorities"]["2"]  # as if the last patch had never come
        assert held.position is not None
        held.position = held.position | {"seq": held.seq - 1}
        for n in range(3):
            await person.done("priorities:edit", id="0", set={"title": f"Other {n}"})
        await in_step(client, person)
        del held.sections["priorities"]["0"]  # what is held has a hole, though the position is right
        await person.done("priorities:edit", id="0", set={"title": "Again"})
        await in_step(client, person)
        await connected(client)


async def test_a_position_that_is_not_the_servers_is_put_right_when_a_request_is_refused_for_it(
    server: RunningServer, person: PythonClient
) -> None:
    await person.done("priorities:put", items=[ITEM])
    async with Client(server.url, client="bo", follow=True) as client:
        await client.connected()
        assert client.replica.position is not None
        client.replica.position = client.replica.position | {"seq": 9}
        client.replica.sections["priorities"].clear()
        with pytest.raises(Refused):
            await client.request("priorities:complete", {"code": "P1", "seen": 9})
        await in_step(client, person)
        assert client.replica.seq == 1


async def test_a_board_of_more_than_four_mebibytes_arrives(
    server: RunningServer, person: PythonClient
) -> None:
    for batch in range(4):
        items = [{"id": f"{batch}-{n}", "title": "x" * 10_000} for n in range(120)]
        await person.done("priorities:put", items=items)
    async with Client(server.url, client="bo", follow=True) as client:
        await connected(client)
        assert len(client.replica.items("priorities")) == 480


async def test_another_store_replaces_what_is_held_and_nothing_is_asked_of_it_unseen(
    server: RunningServer, person: PythonClient
) -> None:
    await person.done("priorities:put", items=[ITEM])
    async with Client(server.url, client="bo", follow=True) as client:
        await connected(client)
        assert client.replica.items("priorities")
        await server.kill()
        await until(lambda: client.link.stage is Stage.OFFLINE, "the loss")
        line = {"text": "add priority Sign", "seen": client.replica.seq, "op": "x"}
        asked = asyncio.create_task(client.ack("command:run", line))
        server.data_dir = server.data_dir.with_name("other")
        await server.start()
        ack = await asked
        assert (ack["ok"], ack["error"]["code"]) == (False, "stale_target")
        await connected(client)
        assert (client.replica.items("priorities"), client.replica.seq) == ([], 0)


async def test_changes_tell_of_each_stage_and_lose_none_that_comes_between(
    server: RunningServer, person: PythonClient
) -> None:
    async with Client(server.url, client="bo", follow=True) as client, aclosing(client.changes()) as changes:
        async for link in changes:
            if link.stage is Stage.CONNECTED:
                break
        await person.done("priorities:put", items=[ITEM])  # nobody waits for a change now
        await in_step(client, person)
        assert (await anext(changes)).stage is Stage.CONNECTED
        await server.kill()
        async for link in changes:
            if link.stage is Stage.OFFLINE:
                break
        assert link.why


async def test_what_a_listener_to_patches_raises_does_not_end_the_connection(
    server: RunningServer, person: PythonClient
) -> None:
    raised: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context["exception"]))

    def take(patch: Json) -> None:
        raise KeyError(patch["seq"])

    async with Client(server.url, client="bo", follow=True) as client:
        client.on_patch(take)
        lost = (await client.connected()).lost
        await person.done("priorities:put", items=[ITEM])
        await until(lambda: raised, "the failure, told")
        assert not lost.is_set()
    assert [str(error) for error in raised] == ["1"]


async def test_a_refused_handshake_ends_it_for_all_who_wait(server: RunningServer) -> None:
    async with Client(server.url, client="bo", tz="No/Where") as client:
        with pytest.raises(Refused, match="time zone"):
            await client.ack("state:get", {})
        with pytest.raises(Refused):
            await client.connected()
        with pytest.raises(Refused):
            async for _ in client.changes():
                pass


async def test_it_works_only_while_it_is_entered(server: RunningServer) -> None:
    client = Client(server.url, client="bo")
    with pytest.raises(RuntimeError, match="async with"):
        await client.ask("state:get", {})
    async with client:
        await client.ask("state:get", {})
    with pytest.raises(RuntimeError, match="closed"):
        await client.ask("state:get", {})


@pytest.mark.parametrize("turns", range(0, 24, 3))
async def test_it_can_be_left_at_any_moment_of_connecting(server: RunningServer, turns: int) -> None:
    before = asyncio.all_tasks()
    async with asyncio.timeout(WAIT_S):
        async with Client(server.url, client="bo") as client:
            await anext(aiter(client.changes()))
            for _ in range(turns):
                await asyncio.sleep(0)
    await until(lambda: asyncio.all_tasks() == before, "no task left behind")

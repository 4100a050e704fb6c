"""A position goes back as the server gave it; a client that missed the last patch learns of it."""

from __future__ import annotations

from typing import Any

from adjutant_client import Client, Stage
from tests.client.told import Told, delta, patch, snapshot
from tests.running import until

Json = Any


def titles(client: Client) -> list[str]:
    return sorted(item["title"] for item in client.replica.items("priorities"))


async def test_an_idle_client_that_missed_the_last_patch_asks_when_it_hears_of_the_head() -> None:
    server = Told(snapshot(5, "a"), delta(5, 6, patch(6, "b")))
    async with server, Client(server.url, client="bo", follow=True) as client:
        await client.connected()
        await server.say("state:head", {"epoch": "e", "seq": 5})
        await client.ask("state:ping", {})
        assert server.asked == []
        await server.say("state:head", {"epoch": "e", "seq": 6})
        await until(lambda: titles(client) == ["a", "b"], "the patch that was missed")
        await server.say("state:head", {"epoch": "e", "seq": 6})
        await client.ask("state:ping", {})
        assert (server.asked, client.link.stage) == ([{"epoch": "e", "seq": 5}], Stage.CONNECTED)


async def test_a_commit_that_touched_nothing_of_the_board_is_nothing_missed() -> None:
    server = Told(snapshot(5, "a", mark="m5"), snapshot(9))
    async with server, Client(server.url, client="bo", follow=True) as client:
        await client.connected()
        await server.say("state:head", {"epoch": "e", "seq": 7, "mark": "m7", "rooms": {"state": 5}})
        await client.ask("state:ping", {})
        assert server.asked == []
        await server.say(
            "state:head", {"epoch": "e", "seq": 5, "mark": "of another history", "rooms": {"state": 5}}
        )
        await until(lambda: client.replica.seq == 9, "a sync")


async def test_a_client_without_a_replica_passes_over_the_head() -> None:
    server = Told({"mode": "current", "epoch": "e", "seq": 5, "rooms": []})
    async with server, Client(server.url, client="bo") as client:
        await client.connected()
        await server.say("state:head", {"epoch": "e", "seq": 9})
        await client.ask("state:ping", {})
    assert server.asked == []


async def test_a_position_goes_back_with_its_mark_and_without_what_a_newer_server_may_say() -> None:
    syncs = (
        snapshot(5, "a", mark="m5", later={"x": 1}),
        delta(6, 7, patch(7, "c", mark="m7"), mark="m7"),
        snapshot(8),
    )
    server = Told(*syncs)
    async with server, Client(server.url, client="bo", follow=True) as client:
        await client.connected()
        assert client.replica.position == {"epoch": "e", "seq": 5, "mark": "m5"}
        await server.say("state:patch", patch(6, "b", mark="m6"))
        await server.say("state:head", {"epoch": "e", "seq": 6, "mark": "another history"})
        await until(lambda: titles(client) == ["a", "b", "c"], "the sync")
        await server.drop()
        await until(lambda: client.replica.seq == 8, "the next connection")
    assert server.asked == [{"epoch": "e", "seq": 6, "mark": "m6"}]
    assert server.hellos[1]["resume"] == {"epoch": "e", "seq": 7, "mark": "m7"}


async def test_a_hole_inside_a_delta_is_closed_with_a_snapshot() -> None:
    holed = delta(5, 9, patch(6, "b"), patch(9, "e"))
    server = Told(snapshot(5, "a"), holed, snapshot(9, "a", "b", "c", "d", "e"))
    async with server, Client(server.url, client="bo", follow=True) as client:
        await client.connected()
        await server.say("state:head", {"epoch": "e", "seq": 9})
        await until(lambda: titles(client) == ["a", "b", "c", "d", "e"], "all of it")
        assert client.replica.position == {"epoch": "e", "seq": 9}
    assert server.asked == [{"epoch": "e", "seq": 5}, {}]


async def test_what_cannot_be_read_ends_the_connection_and_the_next_one_begins_from_what_is_sure() -> None:
    broken = patch(6, "b")
    broken["changes"] += [{"id": "of no section"}]
    server = Told(snapshot(5, "a"), snapshot(6, "a", "b"))
    async with server, Client(server.url, client="bo", follow=True) as client:
        lost = (await client.connected()).lost
        await server.say("state:patch", broken)
        await until(lost.is_set, "the end of the connection")
        await until(lambda: client.replica.seq == 6, "a new snapshot")
    assert "resume" not in server.hellos[1]


async def test_it_knows_how_old_the_board_may_be() -> None:
    server = Told(snapshot(5, "a") | {"behind_s": 7})
    async with server, Client(server.url, client="bo", follow=True) as client:
        await client.connected()
        assert client.replica.behind_s == 7
        await server.say("state:head", {"epoch": "e", "seq": 5, "behind_s": 9})
        await until(lambda: client.replica.behind_s == 9, "a board that is older")
        await server.say("state:head", {"epoch": "e", "seq": 5})
        await until(lambda: client.replica.behind_s == 0, "a board that is current")
        assert server.asked == []

"""Servers as processes on one board, which are killed, frozen and cut off: what was acked is there, once, at
each of them, and their clients are equal."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import psycopg
import pytest
import socketio

from adjutant_client import Client
from tests import postgres
from tests.conftest import Serve
from tests.following import Follower
from tests.postgresql.cut import CutAtCommit
from tests.postgresql.test_faults import put, put_until_done
from tests.replica import SECTIONS, canonical
from tests.running import WAIT_S, PythonClient, RunningServer, until

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)

Json = Any


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The name of a database of the test's own, in the instance that tests share."""
    name = postgres.name_of(request.node.name)
    postgres.shared().url(name)
    return name


@pytest.fixture
async def line() -> AsyncIterator[CutAtCommit]:
    """A way to the database that can be cut."""
    async with CutAtCommit(postgres.shared().port) as found:
        yield found


def through(line: CutAtCommit, database: str) -> str:
    return f"--log-url=postgresql://postgres@127.0.0.1:{line.port}/{database}?sslmode=disable"


async def follower(server: RunningServer, former: Follower | None = None, **auth: Json) -> Follower:
    """A client there, in step; after a `former` one it goes on from where that was."""
    if former is not None:
        auth["resume"] = former.replica.position
    client = Follower(None if former is None else former.replica, client="ana", **auth)
    await client.connect(server.url)
    await client.wait_for("state:sync")
    return client


async def a_pair(
    database: str, serve: Serve, line: CutAtCommit
) -> tuple[RunningServer, RunningServer, Follower, Follower]:
    """A server whose way to the database can be cut, another, and a client of each; one change is made."""
    one = await serve(through(line, database), name="one")
    two = await serve(f"--log-url={postgres.shared().url(database)}", name="two")
    ana, bo = await follower(one), await follower(two)
    await put_until_done(ana, "before")
    return one, two, ana, bo


async def ready(server: RunningServer, wanted: Callable[[int, Json], bool]) -> None:
    """Returns once /ready says so."""
    async with asyncio.timeout(WAIT_S):
        while True:
            if wanted(*await server.get("/ready")):
                return
            await asyncio.sleep(0.2)


def counts(database: str) -> dict[str, int]:
    """How many commits put each priority."""
    query = (
        "SELECT change ->> 'id', count(*) FROM adjutant.changes,"
        " json_array_elements(body::json -> 'changes') AS change"
        " WHERE change ->> 'section' = 'priorities' GROUP BY 1"
    )
    with psycopg.connect(postgres.shared().url(database)) as connection:
        return {str(id): int(number) for id, number in connection.execute(query)}


def holder(database: str) -> list[Json]:
    with psycopg.connect(postgres.shared().url(database)) as connection:
        return connection.execute("SELECT node FROM adjutant.holders").fetchall()


async def test_a_client_moves_when_its_server_is_killed(database: str, serve: Serve) -> None:
    flag = f"--log-url={postgres.shared().url(database)}"
    one, two = await serve(flag, name="one"), await serve(flag, name="two")
    ana, bo = await follower(one), await follower(two)
    await put_until_done(ana, "first")
    await bo.in_step(1)
    flying = [asyncio.ensure_future(put(ana, f"flying{number}")) for number in range(20)]
    await until(lambda: any(each.done() for each in flying), "an ack")
    await one.kill()
    moved = await follower(two, ana)
    assert moved.received("state:sync")[0]["mode"] != "snapshot"
    for number, each in enumerate(flying):
        each.cancel()
        await put_until_done(moved, f"flying{number}")
    assert counts(database) == {"first": 1} | {f"flying{number}": 1 for number in range(20)}
    await moved.done("command:run", text="add priority Undo me")
    await one.start()
    back = await follower(one, moved)
    await back.done("command:run", text="undo")
    await back.equals(one)
    await bo.in_step(back.seq)
    await bo.equals(two)
    for client in (moved, back, bo, ana):
        await client.disconnect()


async def is_current(client: Follower) -> None:
    """Returns once the client's server knows that it has all: under load it may lose sight of that again."""
    async with asyncio.timeout(WAIT_S):
        while True:
            if "behind_s" not in await client.request("state:get", {}):
                return
            await asyncio.sleep(0.05)


async def test_a_node_that_is_cut_off_shows_what_it_has_and_says_how_old_it_may_be(
    database: str, serve: Serve, line: CutAtCommit
) -> None:
    one, _, ana, bo = await a_pair(database, serve, line)
    line.go_away()
    ack = await put(ana, "meanwhile")
    assert (ack["error"]["code"], ack["error"]["retry"]) == ("storage_unavailable", "same_op")
    await put_until_done(bo, "elsewhere")
    assert [item["id"] for item in (await ana.state())["priorities"]] == ["before"]
    await ready(one, lambda status, told: any("s old" in reason for reason in told["reasons"]))
    await until(lambda: any(head.get("behind_s", 0) >= 5 for head in ana.heads), "a head that says so")
    assert (await ana.request("state:get", {}))["behind_s"] >= 5
    assert (await ana.request("state:sync", ana.replica.position))["data"]["behind_s"] >= 5
    late = await follower(one)
    assert late.received("state:sync")[0]["behind_s"] >= 5
    async with Client(one.url, client="cy", follow=True) as client:
        await client.connected()
        assert client.replica.behind_s >= 5
        line.come_back()
        async for _ in client.changes():
            if not client.replica.behind_s:
                break
        assert [item["id"] for item in client.replica.items("priorities")] == ["before", "elsewhere"]
    await is_current(ana)
    await put_until_done(ana, "meanwhile")
    await ana.in_step(3)
    await ana.equals(one)
    assert [sync["mode"] for sync in ana.received("state:sync")] == ["snapshot"]
    await ready(one, lambda status, told: status == 200)
    for each in (ana, bo, late):
        await each.disconnect()


async def test_a_node_that_is_frozen_longer_than_its_lease_catches_up_when_it_wakes(
    database: str, serve: Serve
) -> None:
    flag = f"--log-url={postgres.shared().url(database)}"
    one = await serve(flag, name="one")
    held = holder(database)
    two = await serve(flag, name="two")
    ana, bo = await follower(one), await follower(two)
    collector = await PythonClient(source="ics:work", token=None).connect(one.url)
    await collector.done("source:hello", ttl_s=3600, modes=["full"])
    await bo.in_step(1)
    assert one.process is not None
    one.process.send_signal(signal.SIGSTOP)
    try:
        await put_until_done(bo, "meanwhile")
        gone = await bo.wait_for("state:patch", lambda patch: patch["cause"]["command"] == "server:left")
        assert holder(database) != held
    finally:
        one.process.send_signal(signal.SIGCONT)
    await bo.wait_for("state:patch", lambda patch: patch["cause"]["command"] == "server:back")
    await ana.in_step(gone["seq"])
    await put_until_done(ana, "awake")
    await ana.equals(one)
    await bo.in_step(ana.seq)
    await bo.equals(two)
    commands = [patch["cause"]["command"] for patch in bo.received("state:patch")]
    assert (commands.count("server:left"), commands.count("server:back")) == (1, 1)
    [source] = (await bo.state())["sources"]
    assert (source["status"], source["modes"]) == ("online", ["full"])
    for client in (ana, bo, collector):
        await client.disconnect()


async def test_a_node_that_freezes_in_the_middle_of_an_append_holds_up_nobody(
    database: str, serve: Serve, line: CutAtCommit
) -> None:
    one, two, ana, bo = await a_pair(database, serve, line)
    line.hold_the_next()
    held = asyncio.create_task(put_until_done(ana, "held"))
    await until(lambda: line.cuts == 1, "the commit that is on its way")
    await put_until_done(bo, "beside")
    await held
    assert counts(database) == {"before": 1, "held": 1, "beside": 1}
    await ana.equals(one)
    await bo.equals(two)
    for client in (ana, bo):
        await client.disconnect()


async def test_random_kills_and_cuts_of_three_nodes_lose_nothing(
    database: str, serve: Serve, line: CutAtCommit
) -> None:
    chance = random.Random(19)
    servers = [await serve(through(line, database), name=f"node{number}") for number in range(3)]
    watching = [await follower(server) for server in servers]
    done: set[str] = set()
    stopping = False

    async def write(writer: int) -> None:
        number = 0
        while not stopping:
            name = f"{writer}-{number}"
            client = PythonClient(client=f"w{writer}")
            with suppress(socketio.exceptions.SocketIOError, TimeoutError, OSError):
                async with asyncio.timeout(15):  # a server that is killed meanwhile never answers
                    await client.connect(chance.choice(servers).url)
                for _ in range(chance.randrange(1, 8)):
                    async with asyncio.timeout(15):
                        ack = await put(client, name)  # type: ignore[arg-type]
                    if ack["ok"]:
                        done.add(name)
                        number += 1
                        name = f"{writer}-{number}"
            with suppress(Exception):
                await client.disconnect()

    async with asyncio.TaskGroup() as tasks:
        for writer in range(4):
            tasks.create_task(write(writer))
        for turn in range(6):
            wanted = len(done) + 15
            await until(lambda wanted=wanted: len(done) >= wanted, "some acks")  # type: ignore[misc]
            if turn % 3 == 0:
                await chance.choice(servers).restart()
            elif turn % 3 == 1:
                line.go_away()
                await asyncio.sleep(chance.random())
                line.come_back()
            else:
                line.cut_the_next()
        stopping = True
    found = counts(database)
    assert done <= set(found)
    assert set(found.values()) == {1}
    async with AsyncExitStack() as stack:
        for number, server in enumerate(servers):
            client = watching[number]
            await client.disconnect()
            again = watching[number] = await follower(server, client)
            stack.push_async_callback(again.disconnect)
            sync = again.received("state:sync")[0]
            # A snapshot only where it is smaller than all that was missed.
            assert sync["mode"] != "snapshot" or sync["why"] == "too_large", sync["why"]
        # What a writer gave up waiting for may still be done.
        await until(
            lambda: len({canonical(one.replica.held, SECTIONS) for one in watching}) == 1, "equal boards"
        )
        for client, server in zip(watching, servers, strict=True):
            await client.equals(server)

"""A primary dies under two servers and a standby takes over: with a synchronous one nothing acked is lost;
with one that lacks the newest changes that is said, and every client is in step with what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import Serve
from tests.following import Follower
from tests.postgres import MISSING, Postgres, programs
from tests.postgresql.test_cluster import follower, ready
from tests.postgresql.test_faults import put_until_done, titles
from tests.replica import SECTIONS, canonical
from tests.running import until

pytestmark = pytest.mark.skipif(programs() is None, reason=MISSING)

Pair = tuple[Postgres, Postgres]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A primary with a board, and a standby that streams from it."""
    primary = Postgres()
    primary.start()
    primary.url("board")
    standby = Postgres(primary)
    standby.start()
    yield primary, standby
    primary.remove()
    standby.remove()


def address_of(pair: Pair) -> str:
    hosts = ",".join(f"127.0.0.1:{one.port}" for one in pair)
    return f"--log-url=postgresql://postgres@{hosts}/board?target_session_attrs=read-write"


async def wait_for_the_standby(primary: Postgres, state: str) -> None:
    query = "SELECT sync_state FROM pg_stat_replication"

    def is_so() -> bool:
        with psycopg.connect(primary.url()) as connection:
            return connection.execute(query).fetchall() == [(state,)]

    await until(lambda: is_so(), f"a standby that is {state}")


async def test_a_synchronous_standby_has_everything_that_was_acked(pair: Pair, serve: Serve) -> None:
    primary, standby = pair
    primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
    primary.run("SELECT pg_reload_conf()")
    await wait_for_the_standby(primary, "sync")
    servers = [await serve(address_of(pair), name=f"node{number}") for number in range(2)]
    clients = [await follower(server) for server in servers]
    acked: set[str] = set()

    async def write(writer: int) -> None:
        for number in range(20):
            name = f"{writer}-{number}"
            await put_until_done(clients[writer % 2], name)
            acked.add(name)

    writing = asyncio.gather(*(write(writer) for writer in range(4)))
    await until(lambda: len(acked) >= 20, "some acks")
    await asyncio.to_thread(primary.kill)
    await asyncio.to_thread(standby.promote)
    await writing
    assert titles(standby) == dict.fromkeys(acked, 1)
    assert len(acked) == 80
    await in_step(clients)
    for client, server in zip(clients, servers, strict=True):
        await client.equals(server)
        # Under load it may sync for other reasons.
        assert not {"epoch", "history"} & {sync.get("why") for sync in client.received("state:sync")}
        assert "its newest changes are lost" not in server.log()
        await client.disconnect()


async def test_a_standby_that_lacks_the_newest_changes_is_noticed(pair: Pair, serve: Serve) -> None:
    primary, standby = pair
    await wait_for_the_standby(primary, "async")
    servers = [await serve(address_of(pair), name=f"node{number}") for number in range(2)]
    clients = [await follower(server) for server in servers]
    await put_until_done(clients[0], "both have it")
    await until(lambda: titles(standby) == {"both have it": 1}, "the standby")
    await asyncio.to_thread(standby.kill)
    for number, client in enumerate(clients):
        await put_until_done(client, f"lost {number}")
    await in_step(clients)
    held = clients[0].replica.position
    await asyncio.to_thread(primary.kill)
    await asyncio.to_thread(standby.start)
    await asyncio.to_thread(standby.promote)
    # Nobody writes: the servers find it by themselves.
    for client, server in zip(clients, servers, strict=True):
        await client.wait_for(
            "state:sync", lambda sync: sync["mode"] == "snapshot" and sync["why"] == "history"
        )
        assert [*client.replica.held["priorities"]] == ["both have it"]
        await client.equals(server)
        assert "its newest changes are lost" in server.log()
        await ready(server, lambda status, told: "the database has lost" in str(told["degraded"]))
    for number, client in enumerate(clients):
        await put_until_done(client, f"after {number}")
    await in_step(clients)
    assert titles(standby) == {"both have it": 1, "after 0": 1, "after 1": 1}
    late = Follower(client="bo", resume=held)
    await late.connect(servers[1].url)
    sync = await late.wait_for("state:sync")
    assert (sync["mode"], sync["why"]) == ("snapshot", "epoch")
    for client in (*clients, late):
        await client.disconnect()


async def in_step(clients: list[Follower]) -> None:
    await until(lambda: len({canonical(one.replica.held, SECTIONS) for one in clients}) == 1, "equal boards")

"""A primary dies and a standby takes over: with a synchronous one nothing acked is lost; with one that lacks
the newest changes that is said, and every client is in step with what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import Serve
from tests.following import Follower
from tests.postgres import MISSING, Postgres, programs
from tests.postgresql.test_faults import put, put_until_done, titles
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
    server = await serve(address_of(pair))
    client = await Follower(client="ana").connect(server.url)
    await client.wait_for("state:sync")
    for number in range(20):
        await put_until_done(client, f"before {number}")
    await asyncio.to_thread(primary.kill)
    await asyncio.to_thread(standby.promote)
    for number in range(5):
        await put_until_done(client, f"after {number}")
    expected = [f"before {number}" for number in range(20)] + [f"after {number}" for number in range(5)]
    assert titles(standby) == dict.fromkeys(expected, 1)
    await client.equals(server)
    await client.disconnect()


async def test_a_standby_that_lacks_the_newest_changes_is_noticed(pair: Pair, serve: Serve) -> None:
    primary, standby = pair
    await wait_for_the_standby(primary, "async")
    server = await serve(address_of(pair))
    client = await Follower(client="ana").connect(server.url)
    await client.wait_for("state:sync")
    await put_until_done(client, "both have it")
    await until(lambda: titles(standby) == {"both have it": 1}, "the standby")
    await asyncio.to_thread(standby.kill)
    await put_until_done(client, "lost")
    await client.wait_for("state:patch", lambda patch: patch["seq"] == client.seq)
    await asyncio.to_thread(primary.kill)
    await asyncio.to_thread(standby.start)
    await asyncio.to_thread(standby.promote)
    ack = await put(client, "later")
    assert not ack["ok"]
    assert server.process is not None
    assert await server.process.wait() == 1
    held = client.replica.position
    await client.disconnect()
    await server.start()
    again = await Follower(client.replica, client="ana", resume=held).connect(server.url)
    sync = await again.wait_for("state:sync")
    assert sync["mode"] == "snapshot"
    assert "its newest changes are lost" in server.log()
    await again.equals(server)
    assert titles(standby) == {"both have it": 1}
    await again.disconnect()

"""The database goes away, in every way in which it may (log/postgres/session): what was acked is there, once,
and all else works."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Serve
from tests.following import Follower
from tests.postgres import MISSING, Postgres, programs
from tests.postgresql.cut import CutAtCommit
from tests.running import RunningServer, until, until_found

pytestmark = pytest.mark.skipif(programs() is None, reason=MISSING)

Json = Any


@pytest.fixture
def database() -> Iterator[Postgres]:
    """An instance of the test's own."""
    found = Postgres()
    found.start()
    yield found
    found.remove()


@pytest.fixture
async def board(database: Postgres, serve: Serve) -> RunningServer:
    """A server on it."""
    return await serve(f"--log-url={database.url('board')}")


@pytest.fixture
async def ana(board: RunningServer) -> AsyncIterator[Follower]:
    """A person on that server."""
    client = await Follower(client="ana").connect(board.url)
    await client.wait_for("state:sync")
    yield client
    await client.disconnect()


def titles(database: Postgres) -> dict[str, int]:
    """How many commits put each title."""
    found: dict[str, int] = {}
    with psycopg.connect(database.url("board")) as connection:
        query = (
            "SELECT change ->> 'id'"
            " FROM adjutant.changes, json_array_elements(body::json -> 'changes') AS change"
            " WHERE change ->> 'section' = 'priorities'"
        )
        for (id,) in connection.execute(query):
            found[id] = found.get(id, 0) + 1
    return found


async def put(client: Follower, name: str) -> Json:
    """The ack of one new item, however it ends."""
    items = [{"id": name, "title": f"title {name}"}]
    return await client.request("priorities:put", {"items": items, "op": name})


async def put_until_done(client: Follower, name: str) -> None:
    """Sends it again, with its op, as long as it is not done."""

    async def is_done() -> bool:
        ack = await put(client, name)
        assert ack["ok"] or ack["error"]["retry"] in ("same_op", "after"), ack
        return bool(ack["ok"])

    await until_found(is_done, name)


def kill(database: Postgres) -> None:
    database.kill()
    database.start()


def restart(database: Postgres) -> None:
    database.stop()
    database.start()


FAULTS = {"is killed": kill, "is restarted": restart, "ends its sessions": Postgres.end_sessions}


@pytest.mark.parametrize("what", FAULTS)
async def test_each_op_is_done_once_when_the_database(
    what: str, database: Postgres, board: RunningServer, ana: Follower
) -> None:
    done: list[str] = []

    async def type_on(typist: int) -> None:
        for number in range(12):
            name = f"{typist}-{number}"
            await put_until_done(ana, name)
            done.append(name)

    typing = asyncio.gather(*(type_on(typist) for typist in range(4)))
    for wanted in (8, 20):
        await until(lambda wanted=wanted: len(done) >= wanted, "some acks")  # type: ignore[misc]
        await asyncio.to_thread(FAULTS[what], database)
    await typing
    assert titles(database) == dict.fromkeys(done, 1)
    await ana.equals(board)


async def test_without_the_database_changes_are_refused_and_everything_is_still_shown(
    database: Postgres, board: RunningServer, ana: Follower
) -> None:
    await put_until_done(ana, "before")
    await asyncio.to_thread(database.stop)
    ack = await put(ana, "meanwhile")
    assert (ack["error"]["code"], ack["error"]["retry"]) == ("storage_unavailable", "same_op")
    shown = (await ana.done("state:get"))["state"]["priorities"]
    assert [item["id"] for item in shown] == ["before"]
    status, ready = await board.get("/ready")
    assert status == 503
    assert "cannot" in ready["reasons"][0]
    await asyncio.to_thread(database.start)
    await put_until_done(ana, "meanwhile")
    await ana.equals(board)
    assert titles(database) == {"before": 1, "meanwhile": 1}


async def test_a_frozen_database_holds_up_writes_alone(
    database: Postgres, board: RunningServer, ana: Follower
) -> None:
    await asyncio.to_thread(database.freeze)
    try:
        writing = asyncio.ensure_future(put(ana, "late"))
        reader = await Follower(client="bo").connect(board.url)
        await reader.wait_for("state:sync")
        assert (await reader.done("state:get"))["state"]["priorities"] == []
        assert not writing.done()
        await reader.disconnect()
    finally:
        await asyncio.to_thread(database.freeze, False)
    ack = await writing
    if not ack["ok"]:  # frozen for longer than a request waits
        assert ack["error"]["retry"] == "same_op"
        await put_until_done(ana, "late")
    assert titles(database) == {"late": 1}


@pytest.mark.parametrize("committed", [True, False])
async def test_a_connection_lost_in_a_commit_is_asked_what_became_of_it(
    committed: bool, database: Postgres, serve: Serve
) -> None:
    """The commit arrives and its answer does not; or it does not even arrive."""
    database.url("board")
    async with CutAtCommit(database.port, committed) as line:
        server = await serve(f"--log-url=postgresql://postgres@127.0.0.1:{line.port}/board?sslmode=disable")
        client = await Follower(client="ana").connect(server.url)
        await client.wait_for("state:sync")
        line.cut_the_next()
        ack = await put(client, "one")
        assert line.cuts == 1
        if committed:
            assert ack["ok"]
        else:
            assert (ack["error"]["code"], ack["error"]["retry"]) == ("storage_unavailable", "same_op")
            assert titles(database) == {}
        await put_until_done(client, "one")
        assert titles(database) == {"one": 1}
        await client.equals(server)
        await client.disconnect()


async def test_an_open_outcome_is_never_told_as_not_done(database: Postgres, serve: Serve) -> None:
    """The commit's answer is lost and the database stays away: the client is told to ask again. When it is
    there again the server finds the commit by itself, and shows it."""
    database.url("board")
    async with CutAtCommit(database.port, arrives=True) as line:
        server = await serve(f"--log-url=postgresql://postgres@127.0.0.1:{line.port}/board?sslmode=disable")
        client = await Follower(client="ana").connect(server.url)
        await client.wait_for("state:sync")
        line.cut_the_next(and_stay_away=True)
        ack = await put(client, "one")
        assert ack["error"]["retry"] == "same_op"
        assert "may" in ack["error"]["message"]
        line.come_back()
        await put_until_done(client, "one")
        assert (await put(client, "one"))["replay"] is True
        assert titles(database) == {"one": 1}
        await client.equals(server)
        await client.disconnect()


async def test_the_server_is_killed_while_it_appends(
    database: Postgres, board: RunningServer, ana: Follower
) -> None:
    chance = random.Random(5)
    acked: set[str] = set()
    for round in range(3):
        client = await Follower(client=f"w{round}").connect(board.url)
        await client.wait_for("state:sync")
        sent = [f"{round}.{number}" for number in range(60)]
        flying = {name: asyncio.ensure_future(put(client, name)) for name in sent}
        await until(
            lambda flying=flying: sum(one.done() for one in flying.values()) > chance.randrange(20),  # type: ignore[misc]
            "some acks",
        )
        await board.kill()
        acked |= {
            name for name, one in flying.items() if one.done() and not one.exception() and one.result()["ok"]
        }
        for one in flying.values():
            one.cancel()
        await client.disconnect()
        await board.start()
    found = titles(database)
    assert acked <= set(found)
    assert set(found.values()) == {1}


async def test_a_board_that_was_set_back_gets_a_new_epoch(
    database: Postgres, board: RunningServer, ana: Follower
) -> None:
    await put_until_done(ana, "kept")
    before = ana.replica.position
    await put_until_done(ana, "lost")
    await ana.wait_for("state:patch", lambda patch: patch["seq"] == 2)
    await board.stop()
    with psycopg.connect(database.url("board"), options="-c search_path=adjutant") as connection:
        for statement in (
            "DELETE FROM changes WHERE seq = 2",
            "DELETE FROM items WHERE id = 'lost'",
            "UPDATE heads SET seq = 1, mark = (SELECT mark FROM changes WHERE seq = 1)",
            "UPDATE boards SET seq = 1, mark = (SELECT mark FROM changes WHERE seq = 1)",
        ):
            connection.execute(statement)
    held = ana.replica.position
    await board.start()
    again = await Follower(ana.replica, client="ana", resume=held).connect(board.url)
    sync = await again.wait_for("state:sync")
    assert (sync["mode"], sync["why"]) == ("snapshot", "epoch")
    assert "set back" in board.log()
    await again.equals(board)
    await again.disconnect()
    assert before["epoch"] != sync["epoch"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "postgresql://ana:secret-word@127.0.0.1:1/board",
            "cannot connect to postgresql://127.0.0.1:1/board",
        ),
        ("mysql://127.0.0.1/board", "a database looks like postgresql://user@host/name"),
        ("postgresql://127.0.0.1:port/board", "in a password / is %2F and @ is %40"),
        ("postgresql://ana:secret-word/2@127.0.0.1/board", "in a password / is %2F and @ is %40"),
        ("postgresql://ana:1/secret-word@127.0.0.1/board", "in a password / is %2F and @ is %40"),
    ],
)
async def test_a_wrong_address_is_a_sentence_without_its_password(
    url: str, said: str, tmp_path: Path, serve: Serve
) -> None:
    with pytest.raises(AssertionError) as found:
        await serve(f"--log-url={url}")
    assert said in str(found.value)
    assert "secret-word" not in str(found.value)

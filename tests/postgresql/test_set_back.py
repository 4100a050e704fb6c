"""A board that is set back under the nodes that serve it (log.base.SetBack, hub/following, Board.begin_anew):
each takes over what is there, and all clients are equal to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sio_server.log.base import LogError
from sio_server.log.postgres.tables import COLUMNS, SCHEMA
from tests import postgres
from tests.core.seats import PERSON, Seat, collector
from tests.postgresql.nodes import Node, nodes
from tests.replica import as_held, canonical
from tests.running import until

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)

Json = Any
Pair = list[Node]
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with nodes(tmp_path) as found:
        yield found


def tables(node: Node) -> Rows:
    """All rows of the board, as a standby may have them that takes over later."""
    url, board = node.place
    with psycopg.connect(url) as connection:
        return {
            name: connection.execute(
                f"SELECT * FROM {SCHEMA}.{name} WHERE board = %s".encode(), (board,)
            ).fetchall()
            for name in ("boards", *COLUMNS)
        }


def set_back(node: Node, rows: Rows) -> None:
    """The database is as it was, and every session has ended, as after a failover."""
    url, board = node.place
    with psycopg.connect(url) as connection:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ANY(%s)"
        connection.execute(end, ([f"adjutant {board}", "adjutant nodes"],))
        for name, found in rows.items():
            if name == "boards":
                [[_, version, epoch, *head]] = found
                moves = "UPDATE adjutant.boards SET (version, epoch, seq, mark, appended, beside)"
                places = "(%s, %s, %s, %s, %s, %s) WHERE board = %s"
                connection.execute(f"{moves} = {places}".encode(), (version, epoch, *head, board))
                continue
            connection.execute(f"DELETE FROM {SCHEMA}.{name} WHERE board = %s".encode(), (board,))
            for row in found:
                places = ", ".join(["%s"] * len(row))
                connection.execute(f"INSERT INTO {SCHEMA}.{name} VALUES ({places})".encode(), row)


async def put(seat: Seat, *ids: str) -> None:
    await seat.pipeline([("priorities:put", {"items": [{"id": id, "title": f"text {id}"}]}) for id in ids])


async def becomes(seat: Seat, node: Node, ids: set[str]) -> None:
    """Returns once the client holds these, and all else that the node does."""

    def is_so() -> bool:
        seat.read()
        return {item["id"] for item in seat.replica.held["priorities"].values()} == ids

    await until(is_so, f"a client that holds {ids}")
    assert canonical(seat.replica.held) == canonical(as_held(await seat.state()))
    assert seat.replica.position["epoch"] == node.state.epoch


async def test_all_nodes_and_clients_take_over_what_is_left_though_nobody_writes(pair: Pair) -> None:
    first, second = pair
    ana, bo = await first.sit("state"), await second.sit("state")
    await put(ana, "kept")
    was = tables(first)
    epoch = first.state.epoch
    await put(ana, "lost")
    await put(bo, "lost too")
    await becomes(ana, first, {"kept", "lost", "lost too"})
    await becomes(bo, second, {"kept", "lost", "lost too"})
    lost = bo.replica.position
    set_back(first, was)
    await becomes(ana, first, {"kept"})
    await becomes(bo, second, {"kept"})
    assert first.state.epoch == second.state.epoch != epoch
    assert [node.log.was_set_back() for node in pair] == [True, True]
    assert "history" in [sync.get("why") for sync in bo.received("state:sync")]
    await put(bo, "after")
    await becomes(ana, first, {"kept", "after"})
    await first.in_step(second)
    late = await first.sit("state", resume=lost)
    assert late.received("state:sync")[0]["mode"] == "snapshot"


async def test_a_request_that_finds_it_first_is_done_on_what_is_left(pair: Pair) -> None:
    first, second = pair
    ana, bo = await first.sit("state"), await second.sit("state")
    was = tables(first)
    await put(ana, "lost")
    await becomes(bo, second, {"lost"})
    for node in pair:
        node.watcher.stop()
        await asyncio.to_thread(node.watcher.ended.wait)
    set_back(first, was)
    ack = await bo.ask("priorities:put", items=[{"id": "new", "title": "new"}], op="once")
    assert (ack["ok"], ack["data"]["codes"], ack["seq"]) == (True, {"new": "P1"}, 1)
    assert (await ana.ask("priorities:put", items=[{"id": "new", "title": "new"}], op="once"))["replay"]
    await becomes(ana, first, {"new"})
    await first.in_step(second)


async def test_another_history_that_is_as_long_is_not_taken_for_this_one(pair: Pair) -> None:
    """One node goes on from what was left before the other one looks."""
    first, second = pair
    ana, bo = await first.sit("state"), await second.sit("state")
    was = tables(first)
    await put(ana, "lost")
    await becomes(bo, second, {"lost"})
    second.watcher.stop()
    await asyncio.to_thread(second.watcher.ended.wait)
    set_back(first, was)
    await becomes(ana, first, set())
    await put(ana, "new")
    assert second.state.seq == first.state.seq == 1
    await put(bo, "newer")
    await becomes(bo, second, {"new", "newer"})
    await first.in_step(second)


@pytest.mark.parametrize("finder", [0, 1])
async def test_what_was_private_stays_so_though_its_source_says_nothing_again(
    pair: Pair, finder: int
) -> None:
    """Whichever node gives the board its epoch; preferences are those that are left."""
    first, second = pair
    ana = await first.sit("state", who=replace(PERSON, whose="name:ada"))
    bo = await second.sit("state")
    await first.board.keep_private("ics:team", frozenset({"ana", "bo"}))
    was = tables(first)
    await ana.done("prefs:set", set={"name": "Ana"})
    await first.board.keep_private("ics:team", frozenset({"ana", "cy"}))
    await first.board.keep_private("ics:own", frozenset({"ana"}))
    source = await first.sit(who=replace(collector("ics:own"), bound=True))
    await source.done("calendar:put", items=[{"id": "e", "title": "Own", "start": "2026-11-23"}])
    await second.hub.catch_up()
    for node in pair:
        node.watcher.stop()
        await asyncio.to_thread(node.watcher.ended.wait)
    set_back(first, was)
    for node in (pair[finder], pair[1 - finder]):
        await node.hub.catch_up()
        assert node.state.seq == 0
    await source.done("calendar:put", items=[{"id": "e", "title": "Own", "start": "2026-11-23"}])
    await first.in_step(second)
    await second.close()
    await second.open()
    for node in pair:
        assert node.state.privacy.policy == first.state.privacy.policy
        assert node.state.privacy.private == {"ics:own", "ics:team"}
        assert node.state.rows["calendar"]
        other = await node.sit("state")
        assert "Own" not in str(await other.ask("state:get"))
    assert first.state.privacy.policy.private == {"ics:own": {"ana"}, "ics:team": {"ana"}}
    assert "Own" not in str(bo.line.sent)
    assert first.state.profiles == second.state.profiles == {}


async def test_also_where_nothing_else_was_lost(pair: Pair) -> None:
    was = tables(pair[0])
    await pair[0].board.keep_private("ics:own", frozenset({"ana"}))
    await pair[1].hub.catch_up()
    set_back(pair[0], was)
    for node in pair:
        await node.hub.catch_up()
    await pair[0].in_step(pair[1])
    assert pair[1].state.privacy.private == {"ics:own"}


async def test_a_board_that_cannot_be_read_then_is_taken_over_later(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = pair
    ana = await first.sit("state")
    was = tables(first)
    await put(ana, "lost")
    real = first.log.load
    failed: list[Any] = []

    def load(state: Any) -> None:
        if not failed:
            failed.append(state)
            raise LogError("the database is away again")
        real(state)

    monkeypatch.setattr(first.log, "load", load)
    set_back(first, was)
    await until(lambda: failed, "the attempt that fails")
    first.hub.hear()
    await becomes(ana, first, set())
    await put(ana, "after")
    await becomes(ana, first, {"after"})

"""What one node at a time does, and what becomes of one that dies (log/postgres/membership,
log/postgres/board_nodes, log/nodes, clients/presence)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sio_server.clock import SystemClock
from sio_server.log.nodes import NoOtherNodes
from sio_server.log.postgres import membership
from sio_server.log.postgres.membership import DatabaseClock, Membership
from tests import postgres
from tests.core.seats import PERSON, Seat, collector
from tests.postgresql.nodes import Node, nodes
from tests.running import until

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)

Json = Any
Pair = list[Node]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """The first one holds the board."""
    async with nodes(tmp_path) as found:
        for node in found:
            node.presence._miss_absent()  # what was connected before they began had its time
        yield found


async def source_at(node: Node) -> Seat:
    """A collector that serves there."""
    seat = await node.sit(who=collector("ics:work"))
    await seat.done("source:hello", ttl_s=3600, modes=["full"])
    return seat


async def status(node: Node) -> tuple[Json, Json]:
    await node.hub.catch_up()
    return shown(node)


def shown(node: Node) -> tuple[Json, Json]:
    item = item_at(node)
    return item.status, item.run_status


def item_at(node: Node) -> Any:
    return node.state.rows["sources"]["ics:work"].item


async def becomes(node: Node, wanted: tuple[str, str | None]) -> None:
    """Returns once the source is so."""
    await until(lambda: shown(node) == wanted, f"a source that is {wanted}")


async def die(node: Node) -> None:
    """It does not renew its lease any more, and that is over, as if its process was gone for long."""
    node.watcher.stop()
    await asyncio.to_thread(node.watcher.ended.wait)
    with psycopg.connect(node.place[0], autocommit=True) as connection:
        over = "UPDATE adjutant.nodes SET until = clock_timestamp() WHERE node = %s"
        connection.execute(over, (node.watcher.membership.me,))


async def test_one_node_holds_the_board_and_another_does_when_it_closes(pair: Pair) -> None:
    first, second = pair
    assert [node.log.nodes.holds() for node in pair] == [True, False]  # a lease is good for 10 s
    await first.close()
    await until(second.log.nodes.holds, "the lease")
    await first.open()
    assert not first.log.nodes.holds()


async def test_a_node_that_does_not_renew_its_lease_knows_that_it_has_lost_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "LEASE_S", 2.0)
    async with nodes(tmp_path) as (first, second):
        first.watcher.stop()
        await until(second.log.nodes.holds, "the lease")
        assert not first.log.nodes.holds()


async def test_only_who_holds_the_board_tidies_and_notes_the_clock(pair: Pair) -> None:
    first, second = pair
    seat = await second.sit()
    for number in range(5):
        await seat.done("system:set", progress=number)
    for node in pair:
        node.log._keep_changes, node.log._keep_s = 2, 0.0
    first.clock.now_s += 100
    await first.hub.catch_up()
    assert second.log.prune(second.board.clock.note()) == 0
    assert second.log.floor() == 0
    assert first.log.prune(first.board.clock.note()) == 3
    assert second.log.prune(second.board.clock.note()) == 0
    assert second.log.floor() == 3


async def test_sources_of_a_node_that_died_are_marked_offline_once(pair: Pair) -> None:
    first, second = pair
    await source_at(second)
    assert await status(first) == ("online", None)
    await die(second)
    await becomes(first, ("offline", None))
    causes = [commit.cause["command"] for commit in first.commits]
    assert causes.count("server:left") == 1


async def test_a_source_that_was_connected_all_the_time_is_shown_as_before_once(pair: Pair) -> None:
    first, second = pair
    await source_at(second)
    before = item_at(second)
    await first.hub.catch_up()
    await die(second)
    await becomes(first, ("offline", None))
    await second.hub.catch_up()
    await becomes(second, ("online", None))
    await first.hub.catch_up()
    assert shown(first) == ("online", None)
    assert (item_at(first).modes, item_at(first).status) == (before.modes, before.status)
    await second.hub.catch_up()
    causes = [commit.cause["command"] for commit in second.commits]
    assert causes.count("server:back") == 1


async def test_a_source_that_has_left_meanwhile_stays_offline(pair: Pair) -> None:
    first, second = pair
    seat = await source_at(second)
    await first.hub.catch_up()
    await die(second)
    await becomes(first, ("offline", None))
    seat.leave()
    await second.hub.catch_up()
    await second.hub.tick()
    assert await status(first) == ("offline", None)


async def test_a_source_that_moved_to_another_node_is_not_marked_offline(pair: Pair) -> None:
    first, second = pair
    old = await source_at(first)
    await source_at(second)
    old.leave()
    await first.hub.tick()
    assert (await status(first))[0] == (await status(second))[0] == "online"


async def test_a_collection_reaches_a_collector_at_another_node(pair: Pair) -> None:
    first, second = pair
    source = await source_at(second)
    person = await first.sit()
    await person.done("collection:start", mode="full", sources=["ics:work"])
    id, asked = await source.call()
    assert asked["mode"] == "full"
    source.answer(id, {"ok": True})
    assert await status(first) == ("online", "asked")


async def test_a_collection_that_the_other_node_s_collector_refuses_is_noted(pair: Pair) -> None:
    first, second = pair
    source = await source_at(second)
    await (await first.sit()).done("collection:start", mode="full", sources=["ics:work"])
    id, _ = await source.call()
    source.answer(id, {"ok": False, "error": {"message": "Not now."}})
    await becomes(first, ("online", "failed"))


async def test_a_person_is_told_of_their_own_at_whichever_node_they_are(pair: Pair) -> None:
    first, second = pair
    ana = replace(PERSON, whose="name:ada")
    here, there = await first.sit(who=ana), await second.sit(who=ana)
    await until(lambda: not first.log.nodes.is_alone(), "the other node")
    await here.done("prefs:set", set={"name": "Ana"})
    await until(lambda: there.received("prefs:changed"), "the news")
    assert there.received("prefs:changed") == here.received("prefs:changed")


class Off(SystemClock):
    """A machine whose clock is an hour ahead."""

    def wall(self) -> float:
        return super().wall() + 3600


def test_all_nodes_go_by_the_clock_of_the_database(tmp_path: Path) -> None:
    url = postgres.shared().url("cores")
    clocks = []
    with psycopg.connect(url, autocommit=True) as connection:
        for machine in (SystemClock(), Off()):
            one = Membership(tmp_path, machine)
            one.beat(connection, [])
            clocks.append(DatabaseClock(machine, one))
    assert abs(clocks[0].wall() - clocks[1].wall()) < 5
    assert clocks[1].up()[0] == ""


def test_without_other_nodes_this_one_does_everything() -> None:
    alone = NoOtherNodes()
    assert (alone.holds(), alone.is_alone(), alone.behind_s(), alone.elsewhere("x")) == (
        True,
        True,
        0.0,
        None,
    )

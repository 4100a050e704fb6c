"""Several nodes on one board (log/postgres/head, log/postgres/following, log/postgres/watcher, hub/following,
hub/applying, state/followed): whichever one is asked, all show the same, and each request is done once."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sio_server.log.base import LogError
from sio_server.log.postgres.meta import POLICY
from sio_server.log.postgres.tables import CHANNEL
from sio_server.registry.privacy import PRIVATE
from tests import postgres
from tests.core.seats import PERSON, collector
from tests.core.test_random_sequences import ASKS, SOURCES, Ask
from tests.examples import examples
from tests.postgresql.nodes import Node, nodes
from tests.replica import as_held, canonical
from tests.running import until

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)

Json = Any
Pair = list[Node]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with nodes(tmp_path) as found:
        yield found


def add(id: str, **more: Json) -> tuple[str, Json]:
    return "priorities:put", {"items": [{"id": id, "title": f"text of {id}"}], **more}


async def test_a_change_at_one_node_is_a_patch_at_the_other(pair: Pair) -> None:
    ana, bo = await pair[0].sit("state"), await pair[1].sit("state")
    await ana.done("priorities:put", items=[{"id": "a", "title": "Ship it"}])
    await until(lambda: bo.received("state:patch"), "the patch")
    assert bo.received("state:patch") == ana.received("state:patch")
    await bo.done("priorities:complete", code="P1", seen=1)
    await until(lambda: len(ana.received("state:patch")) == 2, "the patch back")
    assert canonical(ana.replica.held) == canonical(as_held(await bo.state()))
    await pair[0].in_step(pair[1])


async def test_a_client_that_moves_misses_nothing_and_gets_no_snapshot(pair: Pair) -> None:
    first, second = pair
    ana = await first.sit("state")
    for number in range(5):
        await ana.pipeline([add(f"i{number}")])
        there = await second.sit("state", resume=ana.replica.position)
        assert [sync["mode"] for sync in there.received("state:sync")] == ["current"]
        assert there.received("state:sync")[0]["seq"] == number + 1
        there.leave()


async def test_the_same_op_at_the_other_node_is_answered_as_the_first_was(pair: Pair) -> None:
    ana, same = await pair[0].sit("state"), await pair[1].sit("state")
    event, payload = add("a", op="once")
    first = await ana.ask(event, **payload)
    assert await same.ask(event, **payload) == first | {"replay": True}
    other = await same.ask(event, **(payload | {"items": [{"id": "b", "title": "b"}]}))
    assert other["error"]["code"] == "conflict"


async def test_the_same_op_at_both_nodes_at_once_is_done_once(pair: Pair) -> None:
    seats = [await node.sit("state") for node in pair]
    for number in range(10):
        event, payload = add(f"i{number}", op=f"op{number}")
        ids = [seat.send(event, payload) for seat in seats]
        acks = [await seat.ack(id) for seat, id in zip(seats, ids, strict=True)]
        assert sorted("replay" in ack for ack in acks) == [False, True]
        assert {ack["seq"] for ack in acks} == {number + 1}


async def test_what_was_seen_at_one_node_is_checked_at_the_other(pair: Pair) -> None:
    ana, bo = await pair[0].sit("state"), await pair[1].sit("state")
    seen = (await ana.pipeline([add("a")]))[0]["seq"]
    await ana.done("priorities:edit", code="P1", set={"title": "another"})
    refused = await bo.refused("priorities:complete", code="P1", seen=seen)
    assert refused["code"] == "stale_target"
    assert refused["details"]["now"].startswith("another")
    seen = (await ana.ask("system:set", message="hello"))["seq"]
    await bo.done("priorities:complete", code="P1", seen=seen)  # a position that this node has not had yet


async def test_a_line_is_undone_at_the_other_node(pair: Pair) -> None:
    ana, same = await pair[0].sit("state"), await pair[1].sit("state")
    await ana.done("command:run", text="add priority Call Bo")
    await same.done("command:run", text="undo")
    assert (await same.state())["priorities"] == []
    again = await ana.ask("command:run", text="undo")
    assert not again["ok"] or not again["data"]["applied"]
    await pair[0].in_step(pair[1])


async def test_writers_at_both_nodes_lose_nothing(pair: Pair) -> None:
    seats = [await node.sit("state") for node in pair for _ in range(3)]

    async def write(number: int) -> None:
        for turn in range(15):
            event, payload = add(f"{number}-{turn}", op=f"{number}-{turn}")
            while not (ack := await seats[number].ask(event, **payload))["ok"]:
                assert ack["error"]["code"] == "busy"

    await asyncio.gather(*(write(number) for number in range(len(seats))))
    await pair[0].in_step(pair[1])
    assert pair[0].state.seq == 6 * 15
    for seat in seats:
        seat.read()
        assert canonical(seat.replica.held) == canonical(as_held(await seats[0].state()))


async def test_preferences_and_who_sees_a_source_are_followed(pair: Pair) -> None:
    ana, bo = await pair[0].sit(who=replace(PERSON, whose="name:ada")), await pair[1].sit("state")
    await ana.done("prefs:set", set={"name": "Ana"})
    await pair[1].hub.catch_up()
    assert pair[1].state.profiles == pair[0].state.profiles != {}
    await pair[0].board.keep_private("ics:own", frozenset({"ana"}))
    source = await pair[0].sit(who=replace(collector("ics:own"), bound=True))
    await source.done("calendar:put", items=[{"id": "e", "title": "Own", "start": "2026-11-23"}])
    await pair[1].hub.catch_up()
    assert pair[1].state.privacy.policy == pair[0].state.privacy.policy
    assert "Own" not in str(bo.line.sent)
    await pair[0].in_step(pair[1])
    assert POLICY == PRIVATE


async def test_a_source_that_becomes_private_leaves_what_another_node_told_a_moment_ago(pair: Pair) -> None:
    first, second = pair
    second.watcher.stop()
    await asyncio.to_thread(second.watcher.ended.wait)
    await first.board.keep_private("ics:one", frozenset({"ana"}))
    found = second.log.catch_up(second.state)  # read, and not yet applied
    await second.board.keep_private("ics:two", frozenset({"bo"}))
    assert second.state.privacy.private == {"ics:one", "ics:two"}
    found.applied()
    await first.in_step(second)


async def test_a_change_is_found_without_any_notification(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    for node in pair:
        monkeypatch.setattr(node.log._head, "_tells", lambda: False)
    ana, bo = await pair[0].sit("state"), await pair[1].sit("state")
    await ana.pipeline([add("a")])
    await until(lambda: bo.received("state:patch"), "the patch")


async def test_forged_notifications_change_nothing_and_a_listener_that_was_ended_hears_again(
    pair: Pair,
) -> None:
    ana, bo = await pair[0].sit("state"), await pair[1].sit("state")
    await ana.pipeline([add("a")])
    await until(lambda: bo.received("state:patch"), "the patch")
    url, board = pair[0].place
    with psycopg.connect(url, autocommit=True) as connection:
        for payload in (board, f"{board} name", "another", "", '{"seq": 7}'):
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
        listeners = "FROM pg_stat_activity WHERE application_name = 'adjutant nodes'"
        connection.execute(f"SELECT pg_terminate_backend(pid) {listeners}".encode())
    await ana.pipeline([add("b")])
    await until(lambda: len(bo.received("state:patch")) == 2, "the patch")
    await pair[0].in_step(pair[1])
    assert pair[1].state.seq == 2


def head_of(node: Node) -> Json:
    log: Json = node.log
    return log._head


async def test_a_node_is_current_again_only_once_it_has_caught_up(pair: Pair) -> None:
    first, second = pair
    ana = await first.sit("state")
    second.watcher.stop()
    await asyncio.to_thread(second.watcher.ended.wait)
    await ana.pipeline([add("a")])
    head = head_of(second)
    head.seen_s -= 60
    bo = await second.sit("state")
    assert bo.received("state:sync")[0]["behind_s"] >= 60
    assert not head.is_at(head_of(first).left, time.monotonic())  # it sees that there is more
    assert (await bo.ask("state:get"))["behind_s"] >= 60
    before = time.monotonic()
    await second.hub.catch_up()
    assert head.seen_s >= before  # not `behind_s`: nobody looks any more, so that comes back
    assert [item["id"] for item in (await bo.state())["priorities"]] == ["a"]


async def test_a_client_whose_patches_are_held_back_is_told_later_that_the_board_may_be_old(
    pair: Pair,
) -> None:
    second = pair[1]
    second.watcher.stop()
    await asyncio.to_thread(second.watcher.ended.wait)
    feeder, seat = await second.sit(), await second.sit("state", hz=1e-6)
    for id in ("sent", "held back"):
        await feeder.pipeline([add(id)])
    head_of(second).seen_s -= 60
    await second.board._tell_age()
    assert not seat.received("state:head")
    await seat.ask("state:get")  # what was held back goes out before its ack
    await second.board._tell_age()
    assert seat.received("state:head")[-1]["behind_s"] >= 60


async def test_a_node_that_opens_later_has_everything(pair: Pair, tmp_path: Path) -> None:
    ana = await pair[0].sit("state")
    await ana.pipeline([add("a")])
    await pair[1].close()
    await ana.pipeline([add("b")])
    writing = asyncio.create_task(ana.pipeline([add(f"i{number}") for number in range(300)]))
    await pair[1].open()
    await writing
    await pair[0].in_step(pair[1])


async def test_a_server_that_wants_the_board_alone_is_refused(pair: Pair, tmp_path: Path) -> None:
    alone = Node(tmp_path / "alone", *pair[0].place)
    with pytest.raises(LogError, match="in use by another server"):
        alone.open_alone()


@examples(10)
@given(asks=st.lists(st.tuples(st.integers(0, 1), ASKS), min_size=5, max_size=25))
def test_random_requests_leave_all_nodes_equal(asks: list[tuple[int, Ask]]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with nodes(Path(folder)) as pair:
                seats: Json = {
                    (number, source): await node.sit(
                        "state", who=PERSON if source is None else collector(source)
                    )
                    for number, node in enumerate(pair)
                    for source in (None, *SOURCES)
                }
                for at, (who, event, payload) in asks:
                    payload.pop("back", None)
                    await seats[at, who].ask(event, **payload)
                    await pair[0].in_step(pair[1])

    asyncio.run(run())

"""kill -9 in the middle of the work: what was acked is there, nothing is there by half."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import apsw
import orjson
import pytest

from tests import postgres
from tests.conftest import Serve
from tests.following import Follower
from tests.replica import SECTIONS, Replica
from tests.running import RunningServer, until

Json = Any

pytestmark = pytest.mark.usefixtures("both_logs")

IN_FLIGHT = 12


class Worker:
    """Keeps requests in flight until the server is gone; remembers each and its ack."""

    def __init__(self, name: str, replica: Replica | None = None) -> None:
        self.name = name
        resume = None if replica is None else replica.position
        self.client = Follower(replica, client=name, resume=resume)
        self.sent: dict[str, tuple[str, Json]] = {}
        self.acks: dict[str, Json] = {}

    def request(self, number: int) -> tuple[str, Json]:
        """Three items at once, so that a half would show; every third request decides something."""
        op = f"{self.name}-{number}"
        if number % 3 == 2:
            target = f"{self.name}.{number - 1}.0"
            return "priorities:edit", {"id": target, "set": {"note": op}, "op": op}
        items = [{"id": f"{self.name}.{number}.{part}", "title": f"{op} part {part}"} for part in range(3)]
        return "priorities:put", {"items": items, "op": op}

    async def work(self, from_number: int) -> None:
        """Sends until the connection breaks."""
        flying: set[asyncio.Future[Json]] = set()
        number = from_number
        while self.client.sio.connected:
            event, payload = self.request(number)
            self.sent[payload["op"]] = (event, payload)
            flying.add(await self._send(event, payload))
            number += 1
            if len(flying) >= IN_FLIGHT:
                _, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED, timeout=0.3)

    async def _send(self, event: str, payload: Json) -> asyncio.Future[Json]:
        answer = await self.client.send(event, payload)
        answer.add_done_callback(lambda done: self.acks.update({payload["op"]: done.result()}))
        return answer


def copy_of(data_dir: Path) -> apsw.Connection:
    """The store's copy: whoever opens the store itself without checksums would write pages without them when
    closing it."""
    copies = Path(tempfile.mkdtemp())
    for file in data_dir.glob("adjutant.db*"):
        shutil.copy(file, copies)
    store = apsw.Connection(str(copies / "adjutant.db"))
    assert store.pragma("integrity_check") == "ok"
    return store


def check_store(data_dir: Path) -> dict[str, Json]:
    """Fails unless items, changes, ops and heads tell the same story; the ops' acks."""
    store = postgres.store_of(data_dir) or copy_of(data_dir)
    replica = Replica()
    changes = list(store.execute("SELECT seq, body FROM changes ORDER BY seq"))
    assert [seq for seq, _ in changes] == list(range(1, len(changes) + 1))
    ops = {op: orjson.loads(ack) for op, ack in store.execute("SELECT op, ack FROM ops")}
    for seq, body in changes:
        change = orjson.loads(body)
        for part in change["changes"]:
            replica._change(part)
        if "op" in change["cause"]:
            assert ops[change["cause"]["op"]]["seq"] == seq
    items: Json = {name: {} for name in SECTIONS}
    for section, id, body in store.execute("SELECT section, id, body FROM items"):
        items[section][id] = orjson.loads(body)
    assert items == replica.held
    heads: dict[str, int] = dict([*store.execute("SELECT room, seq FROM heads")])
    assert heads.get("state", 0) == len(changes)
    store.close()
    return ops


async def kill_in_the_middle(server: RunningServer, workers: list[Worker], round: int, acks: int) -> None:
    """Kills when so many acks have come; the rest are in flight."""
    tasks = [asyncio.ensure_future(worker.work(round * 30_000)) for worker in workers]
    await until(lambda: sum(len(worker.acks) for worker in workers) >= acks, "the acks")
    await server.kill()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(result is None or "BadNamespace" in type(result).__name__ for result in results), results
    for worker in workers:
        await until(lambda worker=worker: not worker.client.sio.connected)  # type: ignore[misc]


@pytest.mark.parametrize("seed", [1, 2])
async def test_acked_requests_survive_a_kill_and_none_is_there_by_half(serve: Serve, seed: int) -> None:
    server = await serve()
    chance = random.Random(seed)
    replicas: list[Replica | None] = [None, None]
    for round in range(4):
        before = [len(replica.modes) if replica else 0 for replica in replicas]
        workers = [Worker(f"w{number}", replica) for number, replica in enumerate(replicas)]
        for worker in workers:
            await worker.client.connect(server.url)
            await worker.client.wait_for("state:sync")
        for worker, mode in zip(workers, before, strict=True):
            assert round == 0 or worker.client.replica.modes[mode:] in (["delta"], ["current"])
        await kill_in_the_middle(server, workers, round, chance.randrange(1, 120))
        ops = check_store(server.data_dir)
        for worker in workers:
            assert not worker.client.faults
            for op, ack in worker.acks.items():
                assert ops[op] == ack
        await server.start()
        await _nothing_is_done_twice(server, workers, ops)
        replicas = [worker.client.replica for worker in workers]
    check_store(server.data_dir)


async def _nothing_is_done_twice(server: RunningServer, workers: list[Worker], ops: dict[str, Json]) -> None:
    """Everything is sent again: what was there is answered as before, what was not is done now."""
    judge = await Follower(client="judge").connect(server.url)
    await judge.wait_for("state:sync")
    for worker in workers:
        asked = list(worker.sent.values())
        acks = await judge.pipeline(asked)
        for (_, payload), ack in zip(asked, acks, strict=True):
            assert ack["ok"]
            if payload["op"] in ops:
                assert ack == ops[payload["op"]] | {"replay": True}
            else:
                assert "replay" not in ack
        worker.client.auth["resume"] = worker.client.replica.position
        op = asked[0][1]["op"]
        other = await judge.pipeline([("system:set", {"progress": 5, "op": op})])
        assert other[0]["error"]["code"] == "conflict"
    await judge.equals(server)
    await judge.disconnect()


async def test_a_resume_across_a_restart_gives_exactly_the_missed_patches(serve: Serve) -> None:
    server = await serve()
    wall = await Follower(client="wall").connect(server.url)
    desk = await Follower(client="desk", rooms=["calendar", "system"]).connect(server.url)
    for number in range(3):
        await wall.done("system:set", {"progress": number + 1})
    await until(lambda: desk.replica.mine.get("system") == 3)
    await desk.disconnect()
    held = desk.replica.position
    for number in range(3):
        await wall.done("system:set", {"message": f"text {number}"})
        await wall.done("priorities:put", {"items": [{"id": "a", "title": f"text {number}"}]})
    await wall.wait_for("state:patch", lambda patch: patch["seq"] == 9)
    missed = [patch for patch in wall.received("state:patch") if patch["seq"] > 3]
    await wall.disconnect()
    await server.restart()
    again = await Follower(rooms=["state"], resume={"epoch": held["epoch"], "seq": 3}).connect(server.url)
    sync = await again.wait_for("state:sync")
    assert (sync["mode"], sync["from"], sync["seq"]) == ("delta", 3, 9)
    assert sync["patches"] == [{"room": "state", **patch} for patch in missed]
    desk = await Follower(desk.replica, rooms=["calendar", "system"], resume=held).connect(server.url)
    sync = await desk.wait_for("state:sync")
    assert [(patch["room"], patch["prev"], patch["seq"]) for patch in sync["patches"]] == [
        ("system", 3, 4),
        ("system", 4, 6),
        ("system", 6, 8),
    ]
    assert (await again.request("system:set", {"progress": 50}))["seq"] == 10
    await until(lambda: desk.replica.mine["system"] == 10)
    await desk.equals(server, "calendar", "system")
    await desk.disconnect()
    await again.disconnect()


async def test_codes_rest_and_stay_over_a_restart(serve: Serve) -> None:
    server = await serve()
    first = await Follower().connect(server.url)
    await first.done("priorities:put", {"items": [{"id": id, "title": id} for id in "abc"]})
    seen = (await first.request("priorities:drop", {"codes": ["P2"]}))["seq"] - 1
    await first.disconnect()
    await server.restart()
    second = await Follower().connect(server.url)
    done = await second.done(
        "priorities:put", {"items": [{"id": id, "title": id} for id in "acd"], "mode": "replace"}
    )
    assert done["codes"] == {"a": "P1", "c": "P3", "d": "P4"}
    error = await second.refused("priorities:complete", {"code": "p2", "seen": seen})
    assert (error["code"], error["details"]["then"], error["details"]["now"]) == ("stale_target", "b", None)
    assert (await second.refused("priorities:complete", {"code": "P2"}))["code"] == "not_found"
    await second.disconnect()

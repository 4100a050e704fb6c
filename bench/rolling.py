"""Three nodes behind a load balancer are restarted one after the other, while people look and write."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from adjutant_client import Client as Writer
from bench.client import Client, LoadError, connect
from bench.server import MeasuredServer, serving
from bench.table import Table, count, ms, quantile
from examples.cluster import NODES, database, free_port, proxy

FILES = 1_500
WITHIN_S = 300.0
WATCHERS = 200
WRITERS = 20
WRITES_EVERY_S = 1.0  # each of them
STEADY_S = 4.0  # before and after each restart
IN_STEP_WITHIN_S = 10.0
OTHER_HISTORY = "other history"
AGAIN_S = 0.2  # a client waits up to so long before it connects again, as real ones do


@dataclass
class Found:
    """`modes`: how the watchers came back, and how many to another history. `lost`: acked changes that the
    board does not have. `behind`: clients that do not have the board in the end."""

    restarts_s: list[float] = field(default_factory=list)
    acks_s: list[float] = field(default_factory=list)
    modes: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    behind: int = 0


async def measure(folder: Path, watchers: int = WATCHERS, writers: int = WRITERS) -> Found:
    """Errors: examples.cluster.Missing, where PostgreSQL or HAProxy is."""
    found, port = Found(), free_port()
    async with AsyncExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, database())
        nodes = [
            await stack.enter_async_context(serving(folder / name, f"--log-url={url}")) for name in NODES
        ]
        ports = [(str(node.port), str(node.http_port)) for node in nodes]
        await asyncio.to_thread(stack.enter_context, proxy(folder / "haproxy.cfg", port, ports))
        people = [Writer(f"http://127.0.0.1:{port}", client=f"w{one}", follow=True) for one in range(writers)]
        for one in people:
            await stack.enter_async_context(one)
        looking = [_Watcher(port, found.modes) for _ in range(watchers)]
        tasks = [asyncio.create_task(one.look()) for one in looking]
        await asyncio.gather(*(one.came.wait() for one in looking))
        found.modes.clear()
        over = asyncio.Event()
        typing = [asyncio.create_task(_write(one, name, over, found)) for name, one in enumerate(people)]
        await _roll(nodes, found)
        over.set()
        done = await asyncio.gather(*typing)
        await _judge(people, looking, set().union(*done), found)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return found


class _Watcher:
    """A client that looks, and connects again with its position whenever the connection goes."""

    def __init__(self, port: int, modes: Counter[str]) -> None:
        self.came = asyncio.Event()
        self._port = port
        self._modes = modes
        self._client: Client | None = None

    @property
    def seq(self) -> int:
        """The position that it holds."""
        return 0 if self._client is None else self._client.seq

    async def look(self) -> None:
        """Until it is cancelled."""
        while True:
            resume = None if self._client is None else self._client.resume
            try:
                client = await connect(self._port, resume=resume)
            except (LoadError, OSError):
                await asyncio.sleep(random.uniform(0, AGAIN_S))
                continue
            self._client = client
            is_same = resume is None or client.epoch == resume["epoch"]
            self._modes[client.mode if is_same else OTHER_HISTORY] += 1
            self.came.set()
            try:
                await client.lost.wait()
            finally:
                client.close()
            await asyncio.sleep(random.uniform(0, AGAIN_S))


async def _write(person: Writer, name: int, over: asyncio.Event, found: Found) -> set[str]:
    """Puts item after item, each once; the ids of those that are acked."""
    done: set[str] = set()
    await asyncio.sleep(random.uniform(0, WRITES_EVERY_S))
    while not over.is_set():
        began, id = time.perf_counter(), f"{name}-{len(done)}"
        await person.request("priorities:put", {"items": [{"id": id, "title": f"Item {id}"}]})
        found.acks_s.append(time.perf_counter() - began)
        done.add(id)
        await asyncio.sleep(max(0.0, began + WRITES_EVERY_S - time.perf_counter()))
    return done


async def _roll(nodes: Sequence[MeasuredServer], found: Found) -> None:
    """Stops and starts one node after the other."""
    await asyncio.sleep(STEADY_S)
    for node in nodes:
        began = time.perf_counter()
        await node.stop()
        await node.start()
        found.restarts_s.append(time.perf_counter() - began)
        await asyncio.sleep(STEADY_S)


async def _judge(people: Sequence[Writer], looking: Sequence[_Watcher], done: set[str], found: Found) -> None:
    """What the board has, and who is where it is."""
    ends_at = time.perf_counter() + IN_STEP_WITHIN_S
    while True:
        fresh = (await people[0].ask("state:get", {})).data
        titles = {item["id"]: item["title"] for item in fresh["state"]["priorities"]}
        found.lost = len(done - titles.keys())
        held = [{item["id"]: item["title"] for item in one.replica.items("priorities")} for one in people]
        found.behind = sum(one != titles for one in held)
        found.behind += sum(one.seq != fresh["seq"] for one in looking)
        if not found.behind or time.perf_counter() > ends_at:
            return
        await asyncio.sleep(0.1)


def table(found: Found) -> Table:
    """As printed."""
    return Table(
        f"rolling: {len(found.restarts_s)} nodes restarted in turn; {WATCHERS} look, {WRITERS} write",
        (
            "changes",
            "ack p50 ms",
            "p99 ms",
            "worst ms",
            "came back",
            "snapshots",
            "lost",
            "behind",
            "restart s",
        ),
        [
            (
                count(len(found.acks_s)),
                *(ms(quantile(found.acks_s, part)) for part in (0.5, 0.99, 1.0)),
                count(found.modes.total()),
                count(found.modes["snapshot"]),
                count(found.lost),
                count(found.behind),
                f"{max(found.restarts_s):.1f}",
            )
        ],
        ("good:", "", "< 1000", "", "", "0", "0", "0", ""),
        ["An ack's time is from the first sending on, however often the request had to be sent again."],
    )


async def run(folder: Path) -> Table:
    """PostgreSQL, HAProxy and three nodes, all here."""
    return table(await measure(folder))

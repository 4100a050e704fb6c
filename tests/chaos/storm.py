"""A storm: everybody works while faults strike; then a calm in which each promise is looked at."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from adjutant_client import Client
from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.chaos.disk import SYNC_FAILED, Switch
from tests.chaos.faults import Faults
from tests.chaos.ledger import Ledger, Promise
from tests.chaos.line import Line
from tests.chaos.log import LogReader
from tests.chaos.people import PATIENCE_S, NodeSeat, Person, PythonSeat, Seat
from tests.chaos.served import CLOCK, PINGS, SWITCH
from tests.chaos.sources import BatchSource, Collector, RecordSource
from tests.chaos.strangers import Strangers
from tests.dashboard.node_client import DashboardClient, dashboard_client
from tests.forked import ForkedServer
from tests.proxy import ReverseProxy
from tests.replica import as_held

Json = Any

FAULTS_A_STORM = 200
"""So many that more time goes by in storms than in the calm after each."""
PAUSE_S = (0.02, 0.1)
"""After each fault: a thousand fit into ten minutes, with what the faults themselves take."""
PEOPLE_A_SEAT = 2
EQUAL_WITHIN_S = 5.0
LEAVING_S = 0.5
"""For a page to say that it leaves."""
LEFT_WITHIN_S = 100.0
"""A client by polling that went without a word is missed after the ping's interval and its time-out, 45 s."""
NODE_CLIENTS: tuple[Json, ...] = (
    {},
    {"transports": ["polling"]},
    {"transports": ["polling", "websocket"]},
)
"""As options of socket.io-client: the page's own, one that only polls, one that begins by polling."""


class ChaosServer(ForkedServer):
    """On a disk that can fail."""

    program = ("-m", "tests.chaos.served")


class Worker(Protocol):
    """Somebody at work."""

    async def work(self, goes_on: Callable[[], bool]) -> None:
        """Until it is over, and everything is answered."""


@dataclass
class World:
    """All that takes part."""

    server: ChaosServer
    faults: Faults
    seats: dict[str, Seat]
    people: list[Person]
    batches: list[BatchSource]
    records: RecordSource
    collector: Collector
    strangers: Strangers
    auditor: Client
    log: LogReader
    ledger: Ledger
    chance: random.Random
    equal_within_s: float
    slowest_s: float = 0.0

    async def storm(self, strikes: int) -> None:
        """So many faults, while everybody works; all is answered at the end."""
        over = False
        workers: list[Worker] = [*self.people, *self.batches, self.records, self.strangers]
        working = [asyncio.create_task(worker.work(lambda: not over)) for worker in workers]
        for _ in range(strikes):
            await self.faults.strike()
            await asyncio.sleep(self.chance.uniform(*PAUSE_S))
        over = True
        await self.faults.heal()
        settling = asyncio.gather(*working)
        while not settling.done():
            await asyncio.wait([settling], timeout=0.2)
            await self.faults.serve_again()
        try:
            await settling
        except TimeoutError as error:
            raise AssertionError(f"not everything is answered: {self.server.log()[-4_000:]}") from error
        await self.calm()

    async def calm(self) -> None:
        """Everything is as it was promised."""
        state = await self._equal()
        await asyncio.to_thread(self.log.read)
        for batch in self.batches:
            batch.check(state)
        await self.records.check()
        deadline_s = monotonic() + PATIENCE_S
        while not self.collector.shown(state) and monotonic() < deadline_s:
            await asyncio.sleep(0.1)
            state = await self._state()
        self.collector.judge(self.collector.shown(state))
        said = [one for one in _tracebacks(self.server.log()) if SYNC_FAILED not in one]
        self.ledger.check(Promise.QUIET, not said, "\n".join(said))

    async def _equal(self) -> Json:
        """The board, once all copies are equal to it; those that are late are named."""
        waiting = dict(self.seats)
        since_s = monotonic()  # everything is answered: the last change was just now
        state = await self._state()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.equal_within_s):  # it also ends a look that takes too long
                while waiting:
                    state = await self._look(waiting, state)
        waited_s = monotonic() - since_s
        self.slowest_s = max(self.slowest_s, waited_s)
        for name in waiting:
            self.ledger.check(Promise.EQUAL, False, f"{name} is out of step after {waited_s:.1f} s")
        return state

    async def _look(self, waiting: dict[str, Seat], state: Json) -> Json:
        """Strikes off those whose copy is the board; the board as it is then."""
        board = as_held(state)
        for name, seat in list(waiting.items()):
            held = await seat.held()
            if all(held[section] == board[section] for section in board if section in held):
                del waiting[name]
                self.ledger.tried(Promise.EQUAL)
        if not waiting:
            return state
        await asyncio.sleep(0.1)
        return await self._state()

    async def _state(self) -> Json:
        return (await self.auditor.ask("state:get", {}, within_s=PATIENCE_S)).data["state"]

    def report(self) -> list[str]:
        """The faults, and what became of each promise."""
        struck = self.faults.struck
        said = [f"{number:6,}  {name}" for name, number in sorted(struck.items(), key=lambda one: -one[1])]
        slowest = f"the slowest copy was in step {self.slowest_s:.1f} s after the last change"
        return [*said, f"{struck.total():6,}  faults in all; {slowest}", "", *self.ledger.lines()]


async def left_over(world: World) -> None:
    """Once all clients have gone: the server holds nothing of them."""
    wanted = {"total": 0, "sessions": 0, "rooms": 0, "queued": 0}
    deadline_s, found = monotonic() + LEFT_WITHIN_S, dict[str, int]()
    while found != wanted and monotonic() < deadline_s:
        await asyncio.sleep(0.5)
        _, stats = await world.server.get("/stats")
        clients = stats["clients"]
        found = {name: clients[name] for name in ("total", "sessions")}
        found |= {"rooms": sum(clients["rooms"].values()), "queued": stats["hub"]["queued"]}
        objects = {name: stats["found"][name] for name in ("Client", "EngineSocket", "Outbox", "in rooms")}
        found |= {name: number for name, number in objects.items() if number}
    world.ledger.check(Promise.LEFT, found == wanted, f"{found}")
    spools = world.collector.spools()
    world.ledger.check(Promise.LEFT, not spools, f"{spools}")


def _tracebacks(log: str) -> list[str]:
    """Each line of the log that was continued, with what continues it."""
    said = re.split(r"^(?=\d\d:\d\d:\d\d )", log, flags=re.MULTILINE)
    return [one[-2_000:] for one in said if "Traceback" in one]


@asynccontextmanager
async def world(folder: Path, seed: int, *, node: bool, short: bool = False) -> AsyncIterator[World]:
    """A server and all who work with it, through a line that may fail.

    `short`: a run for tests, whose machine may be slow: copies have more time, silent clients less.
    """
    chance, ledger = random.Random(seed), Ledger()
    switch = Switch(folder / "switch")
    pings = {PINGS: "3 7"} if short else {}
    keys = folder / "tokens.json"
    token = tokens.add(keys, "everybody", Role.ADMIN, None)
    flags = (f"--tokens={keys}", "--token-rate=0", "--address-rate=0")
    server = ChaosServer(
        folder / "data", *flags, env={SWITCH: str(folder / "switch"), CLOCK: str(folder / "clock")} | pings
    )
    await server.start()
    made: World | None = None
    try:
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            line = await enter(Line(lambda: server.port))
            proxy = await enter(ReverseProxy(server, websockets="refuse", upstream=line.url))

            def own() -> random.Random:
                return random.Random(chance.getrandbits(32))

            urls = {"ana": line.url, "ben": line.url, "polling": proxy.url}
            seats: dict[str, Seat] = {
                name: PythonSeat(await enter(Client(url, client=name, token=token, follow=True)))
                for name, url in urls.items()
            }
            pages: list[DashboardClient] = []
            for number, options in enumerate(NODE_CLIENTS if node else ()):
                page = await enter(dashboard_client())
                pages.append(page)
                await page.connect(line.url, options, client=f"page-{number}", token=token)
                seats[f"page-{number}"] = NodeSeat(page)
            people = [
                Person(f"{name}-{number}", seat, ledger, own())
                for name, seat in seats.items()
                for number in range(PEOPLE_A_SEAT)
            ]
            sources = [
                await enter(Client(url, client=name, source=name, token=token))
                for name, url in (("batch:one", line.url), ("batch:two", proxy.url), ("records", line.url))
            ]
            collector = Collector(folder, line.url, token, ledger, own())
            await collector.start()
            stack.push_async_callback(collector.kill)
            made = World(
                server=server,
                faults=Faults(server, line, switch, folder / "clock", collector, ledger, own()),
                seats=seats,
                people=people,
                batches=[
                    BatchSource(client, name, ledger, own())
                    for client, name in zip(sources[:2], ("batch:one", "batch:two"), strict=True)
                ],
                records=RecordSource(sources[2], "records", ledger, own()),
                collector=collector,
                strangers=Strangers(lambda: server.port, ledger, own()),
                auditor=await enter(Client(server.url, client="auditor", token=token, within_s=PATIENCE_S)),
                log=LogReader(server.data_dir / "adjutant.db", ledger),
                ledger=ledger,
                chance=own(),
                equal_within_s=PATIENCE_S if short else EQUAL_WITHIN_S,
            )
            yield made
            await made.faults.heal()
            for page in pages:
                await page.tell(do="close")
            await asyncio.sleep(LEAVING_S)
        await left_over(made)
    finally:
        await server.kill()

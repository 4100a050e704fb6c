"""Lines that are cut, held up and stalled, polls that break off, kills of the server: in a random order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from adjutant_client import Client
from models.batch import PutDone
from tests.line import LineBetween
from tests.proxy import ReverseProxy
from tests.replica import as_held
from tests.running import WAIT_S, RunningServer, until

FAULTS = ("cut", "stall", "hold", "cut a poll", "kill")
EVENTS = 10


async def write(client: Client, name: str, goes_on: Callable[[], bool]) -> set[str]:
    """Puts one item after the other; the ids of those that were acked. Each is added once."""
    done: set[str] = set()
    while goes_on():
        own = f"{name}-{len(done)}"
        answer = await client.request("priorities:put", {"items": [{"id": own, "title": own}]}, PutDone)
        assert answer.data.added == 1
        done.add(own)
        await asyncio.sleep(0.05)
    return done


async def strike(fault: str, line: LineBetween, proxy: ReverseProxy, server: RunningServer) -> None:
    match fault:
        case "cut":
            line.cut()
        case "stall":
            line.stall()
        case "hold":
            line.hold()
            await asyncio.sleep(0.5)
            line.release()
        case "cut a poll":
            proxy.cut_next_poll()
        case "kill":
            await server.restart()


async def test_what_is_acked_is_there_once_and_all_copies_agree(server: RunningServer) -> None:
    chance, over = random.Random(5), False
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        lines = [await enter(LineBetween(server)) for _ in range(2)]
        proxy = await enter(ReverseProxy(server, "/board/", websockets="refuse", upstream=lines[1].url))
        urls = {"socket": lines[0].url, "polling": proxy.url}
        clients = {
            f"{how}-{n}": await enter(Client(url, client=how, follow=True, within_s=WAIT_S))
            for how, url in urls.items()
            for n in range(2)
        }
        writing = [asyncio.create_task(write(one, name, lambda: not over)) for name, one in clients.items()]
        for _ in range(EVENTS):
            await asyncio.sleep(chance.random() * 0.5)
            await strike(chance.choice(FAULTS), chance.choice(lines), proxy, server)
        over = True
        acked: set[str] = set().union(*await asyncio.gather(*writing))
        state: Any = (await clients["socket-0"].ask("state:get", {})).data["state"]
        for client in clients.values():
            await client.ask("state:get", {"sections": []})  # whose line is dead, learns of it
            await until(lambda one=client: one.replica.sections == as_held(state), "the same state")  # type: ignore[misc]
    assert {item["title"] for item in state["priorities"]} == acked

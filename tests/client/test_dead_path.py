"""A line on which nothing passes any more, though nobody says so: noticed when something is waited for."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import pytest
from engineio.base_client import connected_clients

from adjutant_client import Client, Stage, silence, wire
from adjutant_client.silence import Silence
from tests.line import LineBetween
from tests.proxy import ReverseProxy
from tests.running import WAIT_S, PythonClient, RunningServer, until

# Without a look at the line, the library notices after 45 s: three times as long as a test waits.
PUT = {"items": [{"id": "a", "title": "Sign the budget"}]}


async def test_a_request_on_a_dead_line_is_sent_again_on_a_new_one_and_done_once(
    server: RunningServer, person: PythonClient
) -> None:
    async with LineBetween(server) as line, Client(line.url, client="bo", follow=True) as client:
        await client.connected()
        line.stall()
        async with asyncio.timeout(WAIT_S):
            assert (await client.request("priorities:put", PUT)).data["added"] == 1
        assert line.connections == 2
    assert connected_clients == [person.sio.eio]  # the library's list of all: nothing of a dead one is left
    assert len(person.received("state:patch")) == 1


async def test_a_request_that_arrived_before_the_line_died_is_done_once(
    server: RunningServer, person: PythonClient
) -> None:
    async with LineBetween(server) as line, Client(line.url, client="bo") as client:
        await client.connected()
        line.hold()
        asked = asyncio.ensure_future(client.request("priorities:put", PUT))
        await person.wait_for("state:patch")
        line.stall()
        async with asyncio.timeout(WAIT_S):
            answer = await asked
    assert (answer.data["added"], answer.replay) == (1, True)


async def test_by_polling_too(server: RunningServer) -> None:
    async with (
        LineBetween(server) as line,
        ReverseProxy(server, websockets="refuse", upstream=line.url) as proxy,
        Client(proxy.url, client="bo") as client,
    ):
        await client.connected()
        line.stall()
        async with asyncio.timeout(WAIT_S):
            assert (await client.request("priorities:put", PUT)).data["added"] == 1


@dataclass
class Wall:
    """The wall clock, which goes on while the machine sleeps."""

    slept_s: float = 0.0

    def time(self) -> float:
        return time.time() + self.slept_s


async def test_after_a_sleep_a_dead_line_is_noticed_though_nobody_asks(
    server: RunningServer, person: PythonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = Wall()
    monkeypatch.setattr(wire, "time", wall)
    async with LineBetween(server) as line, Client(line.url, client="bo", follow=True) as client:
        lost = (await client.connected()).lost
        line.stall()
        await person.done("priorities:put", PUT)
        wall.slept_s = 600
        await until(lost.is_set, "the loss")
        await until(lambda: client.replica.items("priorities"), "what came meanwhile")
        assert client.link.stage is Stage.CONNECTED


async def test_a_clock_that_jumps_ends_no_line_that_is_alive(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = Wall()
    monkeypatch.setattr(wire, "time", wall)
    async with Client(server.url, client="bo") as client:
        lost = (await client.connected()).lost
        for slept_s in (7_200, -7_200):
            wall.slept_s = slept_s
            await asyncio.sleep(1.5)  # it looks each second; what is held here would be lost by now
            await client.ask("state:get", {})
        assert not lost.is_set()


async def test_a_program_that_stands_still_does_not_take_its_own_silence_for_the_servers(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "_LEAST_S", 1.0)
    async with LineBetween(server) as line, Client(line.url, client="bo") as client:
        lost = (await client.connected()).lost
        asked = asyncio.ensure_future(client.ask("state:get", {}))
        await asyncio.sleep(0)
        time.sleep(3)  # noqa: ASYNC251 - that is the point
        await asked
        assert not lost.is_set()


async def test_a_slow_server_is_waited_for_as_long_as_it_shows_life(
    server: RunningServer, person: PythonClient
) -> None:
    """The answer is held up for longer than silence is borne, while patches go on coming."""
    async with ReverseProxy(server) as proxy, Client(proxy.url, client="bo", follow=True) as client:
        lost = (await client.connected()).lost
        proxy.hold_acks = True
        asked = asyncio.ensure_future(client.request("priorities:put", PUT))
        for n in range(12):
            await person.done("system:set", message=str(n))
            await asyncio.sleep(0.5)
        assert not asked.done()
        proxy.hold_acks = False
        await person.done("system:set", message="now")
        assert (await asked).data["added"] == 1
        assert not lost.is_set()


async def test_a_large_request_is_given_the_time_that_a_slow_line_takes(server: RunningServer) -> None:
    async with LineBetween(server) as line, Client(line.url, client="bo") as client:
        lost = (await client.connected()).lost
        line.hold()
        items = [{"id": str(n), "title": "x" * 10_000} for n in range(80)]
        asked = asyncio.ensure_future(client.request("priorities:put", {"items": items}))
        await asyncio.sleep(6)  # a small one is given up by now
        line.release()
        assert (await asked).data["added"] == 80
        assert not lost.is_set()


def test_the_limit_of_silence_grows_with_a_slow_line_and_comes_down_again() -> None:
    limit = Silence()
    first_s = limit.limit_s
    limit.given_up()
    limit.given_up()
    assert limit.limit_s == 4 * first_s
    limit.ended(after_s=10.0)
    assert limit.limit_s == 20.0
    for _ in range(20):
        limit.ended(after_s=0.1)
    assert limit.limit_s == first_s
    for _ in range(20):
        limit.given_up()
    assert limit.limit_s == 60.0

"""What those may hold who have not said who they are (sockets/strangers.py): sessions, bytes, attempts."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from sio_server.sockets import strangers
from sio_server.sockets.refusals import Refusals
from sio_server.sockets.strangers import BAD_AUTH, BAN_S, FREE_BYTES, WRONG_TOKENS, Held, Strangers
from tests.abuse.raw import RawPolling, RawSocket, Session, frame
from tests.running import PythonClient, RunningServer


class Time:
    """Stands still until it is moved."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def found(time: Time) -> Strangers:
    return Strangers(Refusals(lambda reason: None, time), time, 6)


def test_the_longest_silent_of_the_address_with_most_goes(found: Strangers) -> None:
    assert found.came("192.0.2.1", "person") is None
    # One peer has a whole /64: it is one address.
    assert [found.came(f"2001:db8::{n}", f"s{n}") for n in range(6)] == [None] * 5 + ["s0"]
    found.left("2001:db8::1", "s0")
    assert found.came("192.0.2.2", "other") == "s1"
    found.left("2001:db8::2", "s1")
    assert found.came("192.0.2.2", "more") == "s2"
    found.left("2001:db8::3", "s2")
    found.left("192.0.2.1", "person")
    for peer, sid in (("192.0.2.2", "other"), ("192.0.2.2", "more"), ("2001:db8::9", "s3"), ("x", "nobody")):
        found.left(peer, sid)
    assert found.count == 2


def test_an_address_may_be_refused_so_often_in_a_minute_and_then_again(found: Strangers, time: Time) -> None:
    def ends(address: str, times: int = 1, *, guessed: bool = True) -> int:
        return [found.refused(address, "It is wrong.", guessed=guessed) for _ in range(times)].count(True)

    assert ends("192.0.2.1", WRONG_TOKENS + 2) == 2
    assert ends("192.0.2.2") == 0
    assert ends("192.0.2.3", BAD_AUTH + 2, guessed=False) == 2
    time.now_s += BAN_S
    assert ends("192.0.2.1") == 0


def test_no_number_of_addresses_makes_it_grow(found: Strangers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "MAX_ADDRESSES", 10)
    for number in range(100):
        found.refused(f"192.0.2.{number}", "The token is wrong.", guessed=True)
    assert len(found._refused) == 10


class Sender:
    """Notes that it was given up."""

    given_up = False

    def give_up(self) -> None:
        self.given_up = True


def test_who_holds_most_is_given_up_and_small_ones_never_are() -> None:
    held = Held(1_000_000)
    small, large, larger = Sender(), Sender(), Sender()
    held.hold(small, FREE_BYTES)
    held.hold(large, 400_000)
    held.hold(larger, 500_000)
    assert not held.room_for(200_000)
    assert held.room_for(FREE_BYTES)
    held.hold(large, 450_000)
    held.hold(large, 500_001)
    assert (small.given_up, large.given_up, larger.given_up) == (False, True, False)
    held.hold(larger, 900_000)
    held.let_go(larger)
    assert held.room_for(1_000_000)
    assert not larger.given_up


async def test_what_strangers_send_is_bounded_together_and_a_client_comes_in_all_the_while(
    server: RunningServer,
) -> None:
    """Forty times fifteen MiB, of which the server holds no more than thirty-two."""
    before = (await server.get("/stats"))[1]["memory_bytes"]
    senders = [await RawSocket.open(server) for _ in range(40)]
    chunk = frame(1, b"4" * (15 << 20))[: 8 << 20]  # each half a frame, so that all of it has to be held
    for sender in senders:
        await sender.write(chunk)
    metrics = await metrics_of(server)
    assert metrics["strangers"] > 0
    assert 1 << 20 < metrics["stranger_bytes"] <= 32 << 20
    client = await (await RawSocket.open(server)).join()
    assert (await client.ask("state:get", {}))["ok"]
    grown = (await server.get("/stats"))[1]["memory_bytes"] - before
    assert grown < 120 << 20, f"{grown >> 20} MiB"
    for session in (client, *senders):
        await session.leave()


async def metrics_of(server: RunningServer) -> dict[str, float]:
    """Those without labels, by name."""
    async with aiohttp.ClientSession() as session, session.get(server.http_url + "/metrics") as response:
        found = re.findall(r"(?m)^adjutant_(\w+) (\S+)$", await response.text())
    return {name: float(value) for name, value in found}


async def test_batches_in_parts_are_measured(server: RunningServer) -> None:
    client = await PythonClient().connect(server.url)
    part = {"batch": "b", "number": 1, "last": False}
    await client.done("priorities:put", items=[{"id": "a", "title": "Held"}], part=part)
    assert (await metrics_of(server))["parts_bytes"] > len("Held")
    await client.done("priorities:put", items=[], part=part | {"number": 2, "last": True})
    metrics = await metrics_of(server)
    assert (metrics["parts_bytes"], metrics["strangers"], metrics["stranger_bytes"]) == (0, 0, 0)
    await client.disconnect()


async def test_whoever_was_let_in_may_send_as_much_as_ever(server: RunningServer) -> None:
    kinds: tuple[Any, ...] = (RawSocket, RawPolling)
    for kind in kinds:
        client: Session = await (await kind.open(server)).join(rooms=[])
        for id in range(30):
            await client.send(f'42{id}["search:query",{{"query":"{"a " * 700_000}"}}]')
            assert (await client.next_of(f"43{id}["))[: len(f"43{id}[")] == f"43{id}["
        await client.leave()

"""What the Socket.IO protocol, version 5, says of a server, packet by packet, by websocket and by polling.

Where this server differs, decision 47 says why; the tests named `..._differs_...` hold those places.
"""

from __future__ import annotations

import json

import pytest

from tests.abuse.arena import TRANSPORTS, Arena
from tests.abuse.raw import BINARY, RawSocket, Session, dump

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.parametrize("transport", TRANSPORTS)]

PLACEHOLDERS = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'


async def send_binary(session: Session, *parts: bytes) -> None:
    """Attachments, as the transport carries them."""
    for part in parts:
        if isinstance(session, RawSocket):
            await session.frame(BINARY, part)
        else:
            await session.send("bAQID")


# Connecting.


@pytest.mark.parametrize("connect", ["40", "40{}", "40/,", "40/,{}", '40{"client":"wall"}'])
async def test_a_client_joins_the_main_namespace_with_and_without_a_payload(
    arena: Arena, transport: str, connect: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport, joined=False) as session:
        await session.send(connect)
        packet = await session.next()
        assert packet[:2] == "40"
        handshake = json.loads(packet[2:])
        assert handshake.keys() == {"sid"}
        assert isinstance(handshake["sid"], str)
        assert (await session.next()).startswith('42["state:sync",')


async def test_the_sid_of_the_namespace_is_not_that_of_the_session(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport, joined=False) as session:
        await session.send("40")
        sid = json.loads((await session.next_of("40"))[2:])["sid"]
        assert sid != getattr(session, "sid", None)
        _, stats = await arena.server.get("/stats")
        assert stats["clients"]["total"] == 3


async def test_events_of_one_connection_come_after_its_connect_packet(arena: Arena, transport: str) -> None:
    async with arena.unharmed(), arena.attacker(transport, joined=False) as session:
        await session.send("40{}")
        await arena.nudge()
        assert (await session.next())[:2] == "40"


@pytest.mark.parametrize("namespace", ["/random", "/admin", "/custom"])
async def test_a_namespace_that_there_is_not_is_refused_and_so_differs_every_custom_one(
    arena: Arena, transport: str, namespace: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport, joined=False) as session:
        for connect in (f"40{namespace}", f"40{namespace},", f'40{namespace},{{"token":"123"}}'):
            await session.send(connect)
            assert await session.next() == f'44{namespace},{{"message":"Invalid namespace"}}'
        await session.join(rooms=[])
        assert (await session.ask("brief:get", {}))["ok"]


async def test_a_refused_connect_says_why_and_may_be_tried_again(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport, joined=False) as session:
        await session.send('40{"rooms":["nowhere"]}')
        refused = json.loads((await session.next())[2:])
        assert refused.keys() == {"message", "data"}
        assert refused["data"]["code"] == "bad_request"
        await session.join(rooms=[])


async def test_a_connect_packet_that_is_none_ends_the_connection(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport, joined=False) as session:
        await session.send("4abc")
        assert all(packet == "1" for packet in (await session.last_words())[0])


# Leaving.


async def test_a_client_leaves_the_namespace_and_the_session_stays_for_it_to_come_back(
    arena: Arena, transport: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send("41")
        assert await arena.present() == (2, 3)
        await session.join(rooms=[])
        assert (await session.ask("brief:get", {}))["ok"]


# Events and acks.


async def test_an_event_with_an_id_is_acked_under_that_id_and_one_without_is_not(
    arena: Arena, transport: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send('42["brief:get",{}]')
        await session.send('42456["brief:get",{}]')
        packet = await session.next()
        assert packet.startswith("43456[")
        assert len(json.loads(packet[5:])) == 1


async def test_the_namespace_may_be_named_in_every_packet(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send('42/,7["brief:get",{}]')
        assert (await session.next()).startswith("437[")


@pytest.mark.parametrize("arguments", [[1, "2", {"3": [True]}], [], [None], ["a text"], [[1, 2]]], ids=str)
async def test_arguments_of_any_kind_are_read_and_what_does_not_fit_is_refused_in_the_ack(
    arena: Arena, transport: str, arguments: list[object]
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        ack = await session.ask("brief:get", *arguments)
        if arguments:
            assert ack["error"]["code"] == "bad_request"
        else:
            assert ack["ok"]  # left out, the payload is {}
        ack = await session.ask("message-with-ack", *arguments)
        assert ack["error"]["code"] == "unknown_event"


async def test_an_event_of_the_server_that_wants_an_ack_carries_an_id_and_the_ack_ends_it(
    arena: Arena, transport: str
) -> None:
    async with arena.unharmed(), arena.attacker(transport, source="suite:a") as session:
        assert (await session.ask("source:hello", {"ttl_s": 60, "modes": ["quick"]}))["ok"]
        started = await arena.witness.request("collection:start", mode="quick", sources=["suite:a"])
        assert started["ok"], started
        packet = await session.next_of("42")
        head, _, arguments = packet[2:].partition("[")
        assert json.loads("[" + arguments)[0] == "source:collect"
        await session.send(f"43{head}{dump([{'ok': True}])}")
        assert (await session.ask("brief:get", {}))["ok"]
        await session.send(f"43{head}{dump([{'ok': True}])}")  # once more: nobody waits for it
        assert (await session.ask("brief:get", {}))["ok"]
        await arena.witness.done("source:forget", source="suite:a")


@pytest.mark.parametrize("id", ["", "789"])
async def test_binary_attachments_are_taken_as_parts_of_their_packet_and_differ_by_being_refused(
    arena: Arena, transport: str, id: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send(f'452-{id}["brief:set",{PLACEHOLDERS}]')
        await send_binary(session, b"\1\2\3", b"\4\5\6")
        await session.send('421["brief:get",{}]')
        if id:
            refused = json.loads((await session.next())[5:])
            assert refused[0]["error"]["code"] == "bad_request"
        assert (await session.next()).startswith("431[")


@pytest.mark.parametrize(
    "packet",
    ["4abc", "42{}", '42abc["brief:get",{}]', "42", "42[]", '42["connect"]', "47", "4", '44{"message":"no"}'],
)
async def test_a_packet_of_a_wrong_format_ends_the_connection(
    arena: Arena, transport: str, packet: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send(packet)
        assert not any(text.startswith("43") for text in (await session.last_words())[0])

"""Engine.IO and Socket.IO packets that no client library sends."""

from __future__ import annotations

import json

import pytest

from tests.abuse.arena import TRANSPORTS, Arena
from tests.abuse.raw import BINARY, RawPolling, RawSocket, Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

GET = '["state:get",{}]'
PLACEHOLDER = '{"_placeholder":true,"num":%s}'

# One Engine.IO packet each, after which the connection is closed: by WebSocket with a `server:bye`, by
# polling with the status 400 (the bye reaches who has a GET open).
MALFORMED = {
    "an Engine.IO packet without a type": "abc",
    "an Engine.IO type in another script": "²",
    "an Engine.IO type of the server": "0{}",
    "a number before rubbish": "x4",
    "base64 that is none": "b@@@",
    "binary that was not announced": "bAQID",
    "an empty Socket.IO packet": "4",
    "a Socket.IO packet without a type": "4abc",
    "a Socket.IO type that there is not": "47",
    "a type in another script": "4\u0662" + GET,
    "an event without arguments": "42",
    "an event that is an object": "42{}",
    "an event that is a text": '42"abc"',
    "an event that is a number": "421",
    "an event that is null": "42null",
    "an event with an empty list": "42[]",
    "an event named null": "42[null]",
    "an event named by a number": "42[1]",
    "an event named by an object": '42[{"a":1}]',
    "an event named by a list": '42[["x"]]',
    "an event named by nothing": '42[""]',
    "the reserved name connect": '42["connect",{}]',
    "the reserved name disconnect": '42["disconnect"]',
    "the reserved name disconnecting": '42["disconnecting"]',
    "the reserved name connect_error": '42["connect_error",{}]',
    "the reserved name newListener": '42["newListener"]',
    "the reserved name removeListener": '42["removeListener"]',
    "a connect error from a client": '44{"message":"no"}',
    "an ack id of 101 digits": f"42{'1' * 101}{GET}",
    "an ack id of 16 digits": f"42{'1' * 16}{GET}",
    "a negative ack id": f"42-1{GET}",
    "an ack id in another script": f"42\u0661{GET}",
    "an ack without an id": "43[]",
    "an ack that is an object": "431{}",
    "rubbish after the end": f"42{GET}zzz",
    "a second value after the end": f"42{GET}{GET}",
    "a byte order mark": f"42\ufeff{GET}",
    "a NUL before the arguments": f"42\0{GET}",
    "a NUL at the end": f"42{GET}\0",
    "JSON with a trailing comma": '42["state:get",{},]',
    "JSON with single quotes": "42['state:get']",
    "JSON that breaks off": '42["state:get",{"sections":["cal',
    "an event for a namespace that was not connected": f"42/admin,{GET}",
    "leaving a namespace that was not connected": "41/admin,",
    "a connect with an id": "407{}",
    "a connect with rubbish": "40{zzz",
    "a namespace of 10 kB": f"40/{'n' * 10_000},",
    "an attachment count on a plain event": f"421-{GET}",
    "a binary event without a count": f"45{GET}",
    "a binary event without attachments": '450-["x"]',
    "a binary event of 11 attachments": f'4511-["x",{PLACEHOLDER % 0}]',
    "a binary event of ten thousand million attachments": f'459999999999-["x",{PLACEHOLDER % 0}]',
    "a binary event without arguments": "451-",
    "a binary event without placeholder": '451-["x",{}]',
    "a binary event with one placeholder twice": f'451-["x",{PLACEHOLDER % 0},{PLACEHOLDER % 0}]',
    "a binary event with 20,000 placeholders": f'451-["x"{f",{PLACEHOLDER % 0}" * 20_000}]',
    "a binary event with a reserved name": f'451-["connect",{PLACEHOLDER % 0}]',
    "a binary event nested 900 deep": f'451-["x",{"[" * 900}{PLACEHOLDER % 0}{"]" * 900}]',
    "a binary event nested 100,000 deep": f'451-["x",{"[" * 100_000}',
    "a binary ack without an id": f"461-[{PLACEHOLDER % 0}]",
    **{
        f"a placeholder with the number {number}": f'451-["x",{PLACEHOLDER % number}]'
        for number in ("-1", "5", '"a"', "0.0", "true", "null", "[]", "NaN")
    },
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("packet", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_packet_ends_its_connection_and_nothing_else(
    arena: Arena, packet: str, transport: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send(packet)
        packets, _ = await session.last_words()
        if isinstance(session, RawPolling):
            assert session.last_status == 400
        else:
            assert is_bye(packets[0], "bad_request"), packets


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "packet",
    [f"421{GET}", "41", "431[]", f'451-1["x",{PLACEHOLDER % 0}]', "4abc", "abc", '42["connect",{}]', "46"],
    ids=["an event", "a disconnect", "an ack", "a binary event", "rubbish", "no packet", "connect", "half"],
)
async def test_whatever_comes_before_the_connect_packet_ends_the_connection(
    arena: Arena, packet: str, transport: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport, joined=False) as session:
        await session.send(packet)
        packets, _ = await session.last_words()
        assert all(text == "1" for text in packets), packets


async def test_nothing_that_comes_after_the_packet_that_ended_it_is_carried_out(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        late = [f'42{id}["system:set",{{"message":"too late"}}]'.encode() for id in range(50)]
        await session.write(RawSocket.frames([b"4abc", *late]))
        packets, code = await session.last_words()
        assert [text[:2] for text in packets] == ["42", "1"]
        assert code == 1007


async def test_packets_after_a_bad_one_in_the_same_post_are_not_carried_out(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker("polling") as session:
        status = await session.post(b'4abc\x1e421["system:set",{"message":"too late"}]')
        assert status == 400
        packets, _ = await session.last_words()
        assert not any(text.startswith("43") for text in packets)


async def test_a_binary_frame_that_was_not_announced_ends_the_connection(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.frame(BINARY, b"\1\2\3")
        packets, _ = await session.last_words()
        assert any(is_bye(text, "bad_request") for text in packets)


async def test_a_text_in_place_of_an_attachment_ends_the_connection(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.send(f'451-1["state:get",{PLACEHOLDER % 0}]')
        await session.send(f"422{GET}")
        packets, _ = await session.last_words()
        assert not any(text.startswith("432[") for text in packets)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_binary_attachments_are_refused_with_a_clear_error_and_the_connection_stays(
    arena: Arena, transport: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send(f'452-7["priorities:put",{PLACEHOLDER % 0},{PLACEHOLDER % 1}]')
        for _ in range(2):
            await send_attachment(session)
        refused = await session.next_of("437[")
        assert json.loads(refused[3:])[0]["error"]["code"] == "bad_request"
        assert (await session.ask("state:get", {}))["ok"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "packets",
    [
        ["3"] * 500,
        ["2"] * 500,
        ["5"],
        ["4399[]", "430[]", '431["a","b"]'],
        ["461-9" + f"[{PLACEHOLDER % 0}]"],
    ],
    ids=["pongs", "pings", "an upgrade", "acks that nobody asked for", "a binary ack that nobody asked for"],
)
async def test_what_has_no_meaning_is_passed_over(arena: Arena, packets: list[str], transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        for start in range(0, len(packets), 16):
            await send_together(session, packets[start : start + 16])
        if packets[0].startswith("46"):
            await send_attachment(session)
        assert (await session.ask("state:get", {}))["ok"]


@pytest.mark.parametrize("packet", ["2", "5"])
async def test_a_flood_of_packets_without_a_meaning_ends_the_connection(arena: Arena, packet: str) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.write(RawSocket.frames([packet.encode()] * 5_000))
        packets, _ = await session.last_words()
        assert any(is_bye(text, "bad_request") for text in packets)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_orderly_good_bye_leaves_nothing_behind(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send("1")
        packets, _ = await session.last_words()
        assert packets == []


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "namespace", ["/admin", "/state", "/nope?room=state", "/?a=b", "/é", '/"}]', "/" + "n" * 200]
)
async def test_another_namespace_is_refused_and_the_first_one_stays(
    arena: Arena, namespace: str, transport: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send(f"40{namespace},{{}}")
        refused = await session.next_of(f"44{namespace},")
        assert json.loads(refused.removeprefix(f"44{namespace},"))["message"]
        assert (await session.ask("state:get", {}))["ok"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_second_connect_is_refused_and_the_first_one_stays(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send('40{"client":"again"}')
        assert json.loads((await session.next_of("44{"))[2:])["data"]["code"] == "bad_request"
        assert (await session.ask("state:get", {}))["ok"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_client_may_leave_the_namespace_and_come_back(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send("41")
        await session.join(rooms=[])
        assert (await session.ask("state:get", {}))["ok"]


async def test_an_event_after_leaving_the_namespace_ends_the_connection(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.send("41")
        await session.send(f"421{GET}")
        packets, _ = await session.last_words()
        assert packets == ["1"]


@pytest.mark.parametrize(("sent", "given"), [("7", "7"), ("007", "7"), ("0", "0"), ("9" * 15, "9" * 15)])
async def test_an_ack_id_is_a_number_of_at_most_15_digits(arena: Arena, sent: str, given: str) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.send(f"42{sent}{GET}")
        await session.next_of(f'43{given}[{{"ok":true')


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_ack_id_used_again_is_answered_again(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await send_together(session, [f"425{GET}", '425["nope",{}]', f"425{GET}"])
        answers = [await session.next_of("435[") for _ in range(3)]
        assert ['"ok":true' in answer for answer in answers] == [True, False, True]


async def test_who_asks_for_no_ack_is_sent_nothing(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        for text in (
            GET,
            '["nope",{}]',
            '["priorities:put",[]]',
            '["priorities:put",{"items":NaN}]',
            '["x"]',
        ):
            await session.send(f"42{text}")
        await session.send(f"421{GET}")
        assert (await session.next()).startswith("431[")


def is_bye(text: str, code: str) -> bool:
    """Whether the packet is a `server:bye` with that code."""
    return text.startswith('42["server:bye",') and json.loads(text[2:])[1]["code"] == code


async def send_together(session: Session, packets: list[str]) -> None:
    """Several packets in one go."""
    if isinstance(session, RawPolling):
        await session.post("\x1e".join(packets).encode())
    elif isinstance(session, RawSocket):
        await session.write(RawSocket.frames([packet.encode() for packet in packets]))


async def send_attachment(session: Session) -> None:
    """Three bytes of binary data, as the transport carries them."""
    if isinstance(session, RawSocket):
        await session.frame(BINARY, b"\1\2\3")
    else:
        await session.send("bAQID")

"""WebSocket frames that break RFC 6455, or keep to it to do harm."""

from __future__ import annotations

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import BINARY, CLOSE, CONT, PING, TEXT, RawSocket, frame

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTOCOL_ERROR, NOT_UTF8, POLICY, TOO_BIG = 1002, 1007, 1008, 1009
GET = b'421["state:get",{}]'
HUGE = bytes([0x81, 0xFF]) + (2**63 - 1).to_bytes(8, "big") + bytes(4)
ABOVE_16_MIB = bytes([0x81, 0xFF]) + ((16 << 20) + 1).to_bytes(8, "big") + bytes(4)

# Bytes, and the code of the close frame that answers them.
BROKEN: dict[str, tuple[bytes, int]] = {
    "an unmasked frame": (frame(TEXT, GET, masked=False), PROTOCOL_ERROR),
    "the first reserved bit": (frame(TEXT, GET, reserved=4), PROTOCOL_ERROR),
    "the second reserved bit": (frame(TEXT, GET, reserved=2), PROTOCOL_ERROR),
    "the third reserved bit": (frame(TEXT, GET, reserved=1), PROTOCOL_ERROR),
    "opcode 3": (frame(0x3, GET), PROTOCOL_ERROR),
    "opcode 11": (frame(0xB, b""), PROTOCOL_ERROR),
    "a fragmented ping": (frame(PING, b"", fin=False), PROTOCOL_ERROR),
    "a fragmented close": (frame(CLOSE, b"", fin=False), PROTOCOL_ERROR),
    "a ping of 126 bytes": (frame(PING, bytes(126)), PROTOCOL_ERROR),
    "a continuation of nothing": (frame(CONT, GET), PROTOCOL_ERROR),
    "a text inside a fragmented message": (frame(TEXT, b"4", fin=False) + frame(TEXT, GET), PROTOCOL_ERROR),
    "a close of one byte": (frame(CLOSE, b"\3"), PROTOCOL_ERROR),
    "a close with the code 1005": (frame(CLOSE, (1005).to_bytes(2, "big")), PROTOCOL_ERROR),
    "a close with the code 999": (frame(CLOSE, (999).to_bytes(2, "big")), PROTOCOL_ERROR),
    "a close with the code 5000": (frame(CLOSE, (5000).to_bytes(2, "big")), PROTOCOL_ERROR),
    "a text that is not UTF-8": (frame(TEXT, b'42["\xff\xfe"]'), NOT_UTF8),
    "a surrogate in UTF-8": (frame(TEXT, b'42["\xed\xa0\x80"]'), NOT_UTF8),
    "an overlong NUL": (frame(TEXT, b'42["\xc0\x80"]'), NOT_UTF8),
    "half a character at the end": (frame(TEXT, "4é".encode()[:-1]), NOT_UTF8),
    "bad UTF-8 split over two fragments": (
        frame(TEXT, b"4\xe2\x82", fin=False) + frame(CONT, b"\x28"),
        NOT_UTF8,
    ),
    "a frame that announces 2^63-1 bytes": (HUGE, TOO_BIG),
    "a frame that announces 16 MiB and one byte": (ABOVE_16_MIB, TOO_BIG),
    "20 fragments of 1 MiB": (
        frame(TEXT, b"4", fin=False) + frame(CONT, bytes(1 << 20), fin=False) * 20,
        TOO_BIG,
    ),
    "50,000 empty fragments": (frame(TEXT, b"4", fin=False) + frame(CONT, b"", fin=False) * 50_000, TOO_BIG),
    "50,000 empty binary fragments": (
        frame(BINARY, b"", fin=False) + frame(CONT, b"", fin=False) * 50_000,
        TOO_BIG,
    ),
}


@pytest.mark.parametrize("joined", [True, False], ids=["let in", "not let in"])
@pytest.mark.parametrize(("raw", "code"), BROKEN.values(), ids=BROKEN)
async def test_a_broken_frame_closes_the_connection_with_its_code(
    arena: Arena, raw: bytes, code: int, joined: bool
) -> None:
    async with arena.undisturbed(), arena.attacker(joined=joined) as session:
        await session.write(raw)
        packets, given = await session.last_words()
        assert packets == []
        assert given in (code, None), (
            "the close frame may be lost when the rest of the flood meets a closed door"
        )
        if len(raw) < 1_000:
            assert given == code


async def test_a_message_in_fragments_with_a_ping_between_is_one_message(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        parts = [GET[at : at + 1] for at in range(len(GET))]
        await session.frame(TEXT, b"", fin=False)
        for part in parts:
            await session.frame(CONT, part, fin=False)
        await session.frame(PING, b"still there?")
        assert await session.next_pong() == b"still there?"
        await session.frame(CONT, b"")
        assert (await session.next()).startswith("431[")


async def test_an_orderly_close_is_answered_in_kind(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.frame(CLOSE, (1000).to_bytes(2, "big"))
        assert await session.last_words() == ([], 1000)


async def test_a_line_that_is_cut_in_the_middle_of_a_frame_leaves_nothing_behind(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.write(frame(TEXT, GET)[:9])


async def test_a_flood_of_pings_ends_the_connection(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.write(frame(PING, b"") * 2_000)
        assert (await session.last_words())[1] == POLICY


async def test_compression_is_not_agreed_upon_so_that_nothing_can_be_a_bomb(arena: Arena) -> None:
    async with arena.undisturbed():
        offer = ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")
        session = await RawSocket.open(arena.server, headers=[offer])
        assert b"permessage" not in session.head.lower()
        await session.frame(TEXT, GET, reserved=4)
        assert await session.last_words() == ([], PROTOCOL_ERROR)
        await session.leave()

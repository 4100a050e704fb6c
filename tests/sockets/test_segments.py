"""Frames as the network may bring them: cut anywhere, several at once, bad ones right behind good ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import BINARY, CLOSE, CONT, PING, PONG, TEXT, Closed, RawSocket, frame
from tests.running import WAIT_S
from tests.sockets.talking import event, masked

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = Any

PROTOCOL_ERROR, NOT_UTF8, TOO_BIG = 1002, 1007, 1009
MESSAGE_LIMIT_BYTES, FRAME_LIMIT_BYTES = 2 << 20, 16 << 20

SHORT = event(1, "state:get", {"sections": ["system"]}).encode()
MEDIUM = f'422["no:such",{{"text":"{"é" * 60}"}}]'.encode()
UNKNOWN = event(3, "no:such", {}).encode()
GOOD = masked(TEXT, SHORT) + masked(TEXT, MEDIUM)


def fragments(message: bytes, *between: bytes) -> bytes:
    """A message in three parts with other frames after each but the last."""
    rest = b"".join(between)
    return (
        masked(TEXT, message[:5], fin=False)
        + rest
        + masked(CONT, message[5:9], fin=False)
        + rest
        + masked(CONT, message[9:])
    )


# What is sent, and the ids of the acks that it gets.
TRAINS: dict[str, tuple[bytes, list[int]]] = {
    "one short frame": (masked(TEXT, SHORT), [1]),
    "one frame with a length of 16 bits": (masked(TEXT, MEDIUM), [2]),
    "three frames": (masked(TEXT, SHORT) + masked(TEXT, MEDIUM) + masked(TEXT, UNKNOWN), [1, 2, 3]),
    "frames with a heartbeat between": (masked(TEXT, SHORT) + masked(TEXT, b"3") + GOOD, [1, 1, 2]),
    "a ping between frames": (masked(TEXT, SHORT) + masked(PING, b"still?") + masked(TEXT, UNKNOWN), [1, 3]),
    "a pong between frames": (masked(TEXT, SHORT) + masked(PONG, b"") + masked(TEXT, UNKNOWN), [1, 3]),
    "fragments": (fragments(MEDIUM) + masked(TEXT, SHORT), [2, 1]),
    "fragments with pings between": (
        masked(TEXT, UNKNOWN) + fragments(MEDIUM, masked(PING, b"a"), masked(PONG, b"b")) + GOOD,
        [3, 2, 1, 2],
    ),
    "empty fragments": (
        masked(TEXT, b"", fin=False)
        + masked(CONT, b"", fin=False)
        + masked(CONT, SHORT)
        + masked(TEXT, UNKNOWN),
        [1, 3],
    ),
    "lengths that are written longer than need be": (
        masked(TEXT, SHORT, form=16) + masked(TEXT, UNKNOWN, form=64) + masked(TEXT, MEDIUM, form=64) + GOOD,
        [1, 3, 2, 1, 2],
    ),
    "a mask of zeros": (frame(TEXT, SHORT) + frame(TEXT, UNKNOWN), [1, 3]),
}


async def answers(session: RawSocket, ids: Sequence[int]) -> list[str]:
    """The next packets, which must be the acks with these ids."""
    found = [await session.next() for _ in ids]
    assert [packet[: packet.index("[")] for packet in found] == [f"43{id}" for id in ids]
    return found


@asynccontextmanager
async def watching(arena: Arena) -> AsyncIterator[RawSocket]:
    """A session by which one learns that what others sent before has been read."""
    async with arena.attacker() as other:
        yield other


async def seen(other: RawSocket) -> None:
    await other.ask("brief:get", {})


@pytest.mark.parametrize(("raw", "ids"), TRAINS.values(), ids=TRAINS)
async def test_frames_that_are_cut_at_any_byte_give_the_same_acks(
    arena: Arena, raw: bytes, ids: list[int]
) -> None:
    async with arena.undisturbed(), watching(arena) as other, arena.attacker() as session:
        await session.write(raw)
        whole = await answers(session, ids)
        for cut in range(1, len(raw)):
            await session.write(raw[:cut])
            await seen(other)
            await session.write(raw[cut:])
            assert await answers(session, ids) == whole


async def test_frames_that_come_byte_by_byte_give_the_same_acks(arena: Arena) -> None:
    raw, ids = TRAINS["fragments with pings between"]
    async with arena.undisturbed(), watching(arena) as other, arena.attacker() as session:
        await session.write(raw)
        whole = await answers(session, ids)
        for byte in raw:
            await session.write(bytes((byte,)))
            await seen(other)
        assert await answers(session, ids) == whole


async def test_hundreds_of_frames_in_one_segment_are_answered_in_order(arena: Arena) -> None:
    """More than are taken at once, so the rest of the segment goes by the queue."""
    packets = [event(id, "state:get", {"sections": ["system"]}).encode() for id in range(400)]
    async with arena.undisturbed(), arena.attacker() as session:
        for _ in range(3):
            await session.write(b"".join(masked(TEXT, packet) for packet in packets))
            await answers(session, range(400))


@pytest.mark.parametrize("behind", [masked(TEXT, SHORT), GOOD, fragments(SHORT)], ids=["one", "two", "parts"])
@pytest.mark.parametrize("form", [16, 64])
async def test_short_frames_behind_half_a_large_one_wait_for_it(
    arena: Arena, behind: bytes, form: int
) -> None:
    size = 60_000 if form == 16 else 300_000
    large = masked(TEXT, event(9, "no:such", {"text": "x" * size}).encode(), form=form)
    ids = [9, 1, 2] if behind is GOOD else [9, 1]
    async with arena.undisturbed(), watching(arena) as other, arena.attacker() as session:
        for cut in (3, 9, 15, size // 2, size):
            await session.write(large[:cut])
            await seen(other)
            await session.write(large[cut:] + behind)
            await answers(session, ids)


@pytest.mark.parametrize("size", [125, 126, 127, 128, 65_535, 65_536, 65_537, MESSAGE_LIMIT_BYTES])
async def test_a_message_of_any_size_up_to_the_limit_is_taken(arena: Arena, size: int) -> None:
    empty = event(5, "no:such", {"text": ""})
    packet = event(5, "no:such", {"text": "x" * (size - len(empty))}).encode()
    assert len(packet) == size
    async with arena.undisturbed(), arena.attacker() as session:
        await session.write(masked(TEXT, SHORT) + masked(TEXT, packet) + masked(TEXT, SHORT))
        _, ack, _ = await answers(session, [1, 5, 1])
        assert "unknown_event" in ack


async def test_a_message_above_the_limit_is_refused_and_a_frame_above_its_own_closes(arena: Arena) -> None:
    packet = event(5, "no:such", {"text": "x" * MESSAGE_LIMIT_BYTES}).encode()
    async with arena.undisturbed(), arena.attacker() as session:
        await session.write(frame(TEXT, packet) + masked(TEXT, SHORT))
        ack, _ = await answers(session, [5, 1])
        assert "too_large" in ack
        head = bytes((0x81, 0xFF)) + (FRAME_LIMIT_BYTES + 1).to_bytes(8)
        await session.write(masked(TEXT, SHORT) + head + bytes(4))
        await ended(session, [1], TOO_BIG)


# What comes in the same segment right after good frames, and the code that it is closed with.
BAD: dict[str, tuple[bytes, int]] = {
    "an unmasked frame": (frame(TEXT, UNKNOWN, masked=False), PROTOCOL_ERROR),
    "an unmasked empty frame": (frame(TEXT, b"", masked=False), PROTOCOL_ERROR),
    "the first reserved bit": (frame(TEXT, UNKNOWN, reserved=4), PROTOCOL_ERROR),
    "the second reserved bit": (frame(TEXT, UNKNOWN, reserved=2), PROTOCOL_ERROR),
    "the third reserved bit": (frame(TEXT, UNKNOWN, reserved=1), PROTOCOL_ERROR),
    "an unknown opcode": (masked(0x3, UNKNOWN), PROTOCOL_ERROR),
    "a continuation of nothing": (masked(CONT, UNKNOWN), PROTOCOL_ERROR),
    "a fragmented ping": (masked(PING, b"", fin=False), PROTOCOL_ERROR),
    "a text inside a message": (masked(TEXT, b"4", fin=False) + masked(TEXT, UNKNOWN), PROTOCOL_ERROR),
    "a text that is not UTF-8": (masked(TEXT, b'42["\xff"]'), NOT_UTF8),
    "half a character": (masked(TEXT, "4é".encode()[:-1]), NOT_UTF8),
    "a heartbeat that is not UTF-8": (masked(TEXT, b"\xff"), NOT_UTF8),
    "bad UTF-8 in two parts": (masked(TEXT, b"4\xe2", fin=False) + masked(CONT, b"\x28"), NOT_UTF8),
    "a close": (masked(CLOSE, (1000).to_bytes(2)), 1000),
    "a ping and a close": (masked(PING, b"") + masked(CLOSE, (1000).to_bytes(2)), 1000),
}


@pytest.mark.parametrize("cut", [False, True], ids=["one segment", "two segments"])
@pytest.mark.parametrize(("bad", "code"), BAD.values(), ids=BAD)
async def test_what_is_bad_behind_good_frames_closes_and_nothing_follows(
    arena: Arena, bad: bytes, code: int, cut: bool
) -> None:
    async with arena.undisturbed(), watching(arena) as other, arena.attacker() as session:
        await session.write(GOOD + (bad[:1] if cut else bad + GOOD))
        if cut:
            await seen(other)
            await session.write(bad[1:] + GOOD)
        await ended(session, [1, 2], code)


async def test_a_close_behind_a_ping_and_a_message_in_parts_is_the_last_thing_said(arena: Arena) -> None:
    """The answer to the close goes out with the pong's: no ack may come after it."""
    raw = masked(PING, b"") + fragments(SHORT) + masked(TEXT, SHORT) + masked(CLOSE, (1000).to_bytes(2))
    async with arena.undisturbed(), arena.attacker() as session:
        await session.write(raw)
        await ended(session, [1, 1], 1000)


# Whole frames without a meaning for Engine.IO: the server says why and closes.
STRAY: dict[str, bytes] = {
    "an empty text": masked(TEXT, b""),
    "an empty binary": masked(BINARY, b""),
    "a binary that was not announced": masked(BINARY, b"\0\1\2"),
    "a large binary": frame(BINARY, bytes(100_000)),
    "a binary in parts": masked(BINARY, b"\0", fin=False) + masked(CONT, b"\1"),
    "a text without a meaning": masked(TEXT, b"what?"),
}


@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
async def test_a_frame_without_a_meaning_closes_after_the_answers_to_those_before(
    arena: Arena, stray: bytes
) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        await session.write(GOOD + stray + GOOD)
        packets, _ = await session.last_words()
        acks, (bye, end) = packets[:-2], packets[-2:]
        assert [packet[:3] for packet in acks] == ["431", "432"]
        assert bye.startswith('42["server:bye"')
        assert end == "1"


async def test_a_client_that_was_told_to_go_and_stays_is_cut_off_soon(arena: Arena) -> None:
    """The stray text ends the session; that the close is not answered holds nothing up."""
    async with arena.undisturbed():
        session = await (await RawSocket.open(arena.server)).join()
        await session.send("what?")
        assert (await session.last_words())[0][-1] == "1"
        await session.write(GOOD)
        assert await session.rest(WAIT_S) == b""
        await session.leave()


async def ended(session: RawSocket, ids: Sequence[int], code: int) -> None:
    """Some of the acks, in order, then the close, and not a byte after it."""
    packets: list[str] = []
    given: int | None = None
    try:
        while True:
            packets.append(await session.next())
    except Closed as closed:
        given = closed.code
    heads = [packet[: packet.index("[")] for packet in packets]
    assert heads == [f"43{id}" for id in ids][: len(heads)]
    assert given == code
    assert await session.rest(WAIT_S) == b""

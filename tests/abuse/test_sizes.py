"""Each bound one below, at, and one above."""

from __future__ import annotations

from typing import Any

import pytest

from models.batch import MAX_ITEMS
from sio_server.clients.transport import MAX_CONNECT_BYTES, MAX_MESSAGE_BYTES
from sio_server.commands.grammar import MAX_LINE
from tests.abuse.arena import EVENT, TRANSPORTS, Arena
from tests.abuse.raw import dump

pytestmark = pytest.mark.asyncio(loop_scope="module")


def message_of(size_bytes: int, mark: str) -> str:
    """A Socket.IO packet of so many bytes, filled with the character; it names an event that there is not."""
    begin, end = '21["nope",{"a":"', '"}]'
    room = size_bytes - len(begin) - len(end)
    width = len(mark.encode())
    return begin + "x" * (room % width) + mark * (room // width) + end


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("mark", ["a", "é", "€", "😀"], ids=["1 byte", "2 bytes", "3 bytes", "4 bytes"])
@pytest.mark.parametrize(("above", "code"), [(-1, "unknown_event"), (0, "unknown_event"), (1, "too_large")])
async def test_a_message_is_measured_in_bytes(
    arena: Arena, above: int, code: str, mark: str, transport: str
) -> None:
    text = message_of(MAX_MESSAGE_BYTES + above, mark)
    assert len(text.encode()) == MAX_MESSAGE_BYTES + above
    async with arena.undisturbed(), arena.attacker(transport) as session:
        await session.send("4" + text)
        assert f'"code":"{code}"' in await session.next_of("431[")
        assert (await session.ask("state:get", {}))["ok"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_text_of_10_mb_is_too_large_and_the_connection_stays(arena: Arena, transport: str) -> None:
    async with arena.undisturbed(), arena.attacker(transport) as session:
        item = {"id": "x", "title": "t" * (10 << 20)}
        ack = await session.ask("priorities:put", {"items": [item], "op": "large"})
        assert ack["error"]["code"] == "too_large"
        assert (await session.ask("state:get", {}, id=2))["ok"]


async def test_an_auth_payload_is_measured_in_bytes_too(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker(joined=False) as session:
        for size, message in ((MAX_CONNECT_BYTES, "is not valid"), (MAX_CONNECT_BYTES + 1, "too large")):
            begin, end = '0{"client":"', '"}'
            room = size - len(begin) - len(end)
            await session.send("4" + begin + "x" * (room % 4) + "😀" * (room // 4) + end)
            assert message in await session.next_of("44{")


@pytest.mark.parametrize("count", [100_000, MAX_ITEMS + 1])
@pytest.mark.parametrize("item", [1, {}, None], ids=["numbers", "objects", "nulls"])
async def test_too_many_items_in_a_put_are_refused_at_once(arena: Arena, item: Any, count: int) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        ack = await session.ask("calendar:put", {"items": [item] * count})
        assert ack["error"]["code"] == "too_large"
        assert ack["error"]["details"][0]["path"] == "items"


@pytest.mark.parametrize("count", [MAX_ITEMS - 1, MAX_ITEMS])
async def test_a_put_of_as_many_items_as_are_allowed_goes_in(arena: Arena, count: int) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        items = [EVENT | {"id": f"n{n}"} for n in range(count)]
        assert (await session.ask("calendar:put", {"items": items}))["data"]["added"] == count
        ids = [item["id"] for item in items]
        assert (await session.ask("calendar:drop", {"ids": ids}))["data"] == {"removed": count}


async def test_as_many_bad_items_as_are_allowed_are_all_named(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        ack = await session.ask("calendar:put", {"items": [{}] * MAX_ITEMS})
        assert len(ack["data"]["rejected"]) == MAX_ITEMS


LENGTHS: dict[str, tuple[str, str, int]] = {
    "a title": ("priorities", "title", 10_000),
    "a note": ("priorities", "note", 16_000),
    "an id": ("priorities", "id", 255),
    "a location": ("calendar", "location", 1_000),
    "a description": ("calendar", "description", 16_000),
    "an assignee": ("commitments", "assignee", 1_000),
}
GOOD: dict[str, dict[str, Any]] = {
    "priorities": {"title": "t"},
    "calendar": {"title": "t", "start": "2026-11-23"},
    "commitments": {"description": "d", "direction": "owe"},
}


@pytest.mark.parametrize("mark", ["a", "😀"])
@pytest.mark.parametrize(("section", "field", "most"), LENGTHS.values(), ids=LENGTHS)
async def test_a_text_is_measured_in_characters(
    arena: Arena, section: str, field: str, most: int, mark: str
) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        items = [{"id": f"len{n}", **GOOD[section], field: mark * (most + n)} for n in (-1, 0, 1)]
        data = (await session.ask(f"{section}:put", {"items": items}))["data"]
        assert data["added"] == 2
        assert [(fault["index"], fault["path"]) for fault in data["rejected"]] == [(2, field)]
        ids = [item["id"] for item in items[:2]]
        assert (await session.ask(f"{section}:drop", {"ids": ids}))["data"] == {"removed": 2}


@pytest.mark.parametrize(("count", "ok"), [(31, True), (32, True), (33, False)])
async def test_a_request_names_at_most_32_rooms(arena: Arena, count: int, ok: bool) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        assert (await session.ask("state:subscribe", {"rooms": ["brief"] * count}))["ok"] is ok
        assert (await session.ask("state:unsubscribe", {"rooms": ["brief"] * count}))["ok"] is ok


@pytest.mark.parametrize("mark", ["a", "😀"])
@pytest.mark.parametrize(("length", "ok"), [(MAX_LINE - 1, True), (MAX_LINE, True), (MAX_LINE + 1, False)])
async def test_a_line_is_measured_in_characters(arena: Arena, length: int, ok: bool, mark: str) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        ack = await session.ask(
            "command:run", {"text": f"{'add owe ':{mark}<{length}}", "op": f"{length}{mark}"}
        )
        assert ack["ok"] is ok, dump(ack)
        if ok:
            assert (await session.ask("command:undo", {"of": f"{length}{mark}"}, id=2))["ok"]


@pytest.mark.parametrize(("length", "ok"), [(63, True), (64, True), (65, False)])
async def test_an_op_has_at_most_64_characters(arena: Arena, length: int, ok: bool) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        for mark in ("o", "😀"):
            ack = await session.ask("system:set", {"progress": length, "op": mark * length})
            assert ack["ok"] is ok, dump(ack)

"""Positions that a client cannot hold, given at connect: it gets the whole state and the reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import dump

pytestmark = pytest.mark.asyncio(loop_scope="module")

POSITIONS: dict[str, tuple[Any, str]] = {
    "of another epoch": ({"epoch": "other", "seq": 1}, "epoch"),
    "of another epoch, far ahead": ({"epoch": "other", "seq": 10**9}, "epoch"),
    "from the future": ({"epoch": "OWN", "seq": 10**9}, "ahead"),
    "from the future in one room": ({"epoch": "OWN", "rooms": {"state": 10**9}}, "ahead"),
    "without an epoch": ({"seq": 1}, "first"),
    "without a seq": ({"epoch": "OWN"}, "first"),
    "of a room that it is not in": ({"epoch": "OWN", "rooms": {"calendar": 1}}, "rooms"),
    "that is null": (None, "first"),
    "that is a text": ("OWN", "first"),
    "that is a list": ([1], "first"),
    "with a seq that is a text": ({"epoch": "OWN", "seq": "1"}, "first"),
    "with a seq below zero": ({"epoch": "OWN", "seq": -1}, "first"),
    "with a seq of 2^53": ({"epoch": "OWN", "seq": 2**53}, "first"),
    "with an epoch that is a number": ({"epoch": 1, "seq": 1}, "first"),
    "with an unknown field": ({"epoch": "OWN", "seq": 1, "zz": 1}, "first"),
    "with rooms that are a list": ({"epoch": "OWN", "rooms": ["state"]}, "first"),
}


@pytest.mark.parametrize(("position", "why"), POSITIONS.values(), ids=POSITIONS)
async def test_a_position_that_is_no_use_gets_a_snapshot_that_says_why(
    arena: Arena, position: Any, why: str
) -> None:
    async with arena.undisturbed(), arena.attacker(joined=False) as session:
        picture = json.loads((await arena.picture())[4:])[0]["data"]
        text = dump({"resume": position}).replace("OWN", picture["epoch"])
        await session.send(f"40{text}")
        sync = json.loads((await session.next_of('42["state:sync"'))[2:])[1]
        assert (sync["mode"], sync["why"]) == ("snapshot", why)
        assert sync["state"] == picture["state"]

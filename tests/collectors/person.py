"""A person who decides things on the board by chance, while collectors bring and take what they like."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from tests.running import PythonClient


def said(item: Any) -> str:
    """The title as the source has it."""
    return str((item.get("source_values") or {}).get("title", item["title"]))


class Person:
    """Edits and drops items of a section; `check` that the board has what upstream has, and that nothing that
    was decided is forgotten. Titles tell items apart; `dropped` are those that were dropped."""

    def __init__(self, board: PythonClient, section: str, chance: random.Random) -> None:
        self.board, self._section, self._chance = board, section, chance
        self._mine: dict[str, tuple[str, str]] = {}
        self.dropped = set[str]()

    async def items(self) -> list[Any]:
        found: list[Any] = (await self.board.state())[self._section]
        return found

    async def decide(self) -> None:
        """Two things, if there are so many. What a collector takes away meanwhile is refused."""
        items = await self.items()
        for number, item in enumerate(self._chance.sample(items, min(len(items), 2))):
            if number:
                if await self._is_done("drop", codes=[item["code"]]):
                    self.dropped.add(said(item))
                    self._mine.pop(item["id"], None)
            else:
                title = f"Mine {self._chance.random()}"
                if await self._is_done("edit", code=item["code"], set={"title": title}):
                    self._mine[item["id"]] = title, item["code"]

    async def _is_done(self, what: str, **fields: Any) -> bool:
        ack = await self.board.request(f"{self._section}:{what}", **fields)
        assert ack["ok"] or ack["error"]["code"] == "not_found", ack
        return bool(ack["ok"])

    async def check(self, upstream: Iterable[str]) -> None:
        """`upstream` is what there is, by titles."""
        items = await self.items()
        here, there = {said(item) for item in items}, {*upstream} - self.dropped
        assert here == there, f"here alone: {here - there}; there alone: {there - here}"
        assert len(items) == len(here), "something is here twice"
        for item in items:
            if item["id"] in self._mine:
                assert (item["title"], item["code"]) == self._mine[item["id"]]

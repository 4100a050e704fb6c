"""Everything that a client in `state` was told, kept position by position: the board as it was, and what
each code stood for. What a person's code should hit is decided from this alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.core.oracle import PREFIX, REST_S

Json = Any
Name = tuple[str, str]
Board = dict[str, dict[str, Json]]

CODED = tuple(PREFIX)
READS = {
    "calendar": ("title", "start", "description"),
    "priorities": ("title", "description"),
    "commitments": ("description",),
}


@dataclass(frozen=True)
class Shown:
    """What a code stood for: the item, and what a person read of it."""

    section: str
    id: str
    text: tuple[Json, ...]

    @property
    def name(self) -> Name:
        return self.section, self.id


@dataclass(frozen=True)
class Told:
    """A commit as everybody saw it; `names` are the coded items in it."""

    seq: int
    actor: str
    command: str
    names: frozenset[Name]


@dataclass(frozen=True)
class Turn:
    """From `seq` on a code stood for this, or for nothing."""

    seq: int
    at_s: float
    shown: Shown | None


class Witness:
    """Takes in each patch; knows every board since the first."""

    def __init__(self) -> None:
        self.seq = 0
        self.boards: dict[int, Board] = {0: {name: {} for name in (*CODED, "sources", "system", "brief")}}
        self.told: dict[int, Told] = {}
        self.turns: dict[str, list[Turn]] = {}

    def take(self, patch: Json, at_s: float) -> None:
        """The next patch; one that is known is passed over."""
        if patch["seq"] <= self.seq:
            return
        assert patch["prev"] == self.seq
        board = {section: dict(items) for section, items in self.boards[self.seq].items()}
        for change in patch["changes"]:
            _apply(board[change["section"]], change)
        self.seq = patch["seq"]
        self.boards[self.seq] = board
        names = ((change["section"], change["id"]) for change in patch["changes"])
        coded = frozenset(name for name in names if name[0] in CODED)
        self.told[self.seq] = Told(self.seq, patch["cause"]["actor"], patch["cause"]["command"], coded)
        self._note_codes(at_s)

    def picture(self, seq: int) -> dict[str, Shown]:
        """What somebody who looked at that position read under each code."""
        board = self.boards[seq]
        return {
            item["code"]: Shown(section, id, tuple(item[field] for field in READS[section]))
            for section in CODED
            for id, item in board[section].items()
        }

    def verdict(self, code: str, seen: int | None, at: int, now_s: float) -> tuple[Name | None, set[str]]:
        """What a person's code means at position `at`: the item, and with what it may be refused.
        With both, either is right; without an item it must be refused, without codes it must not."""
        turns = [turn for turn in self.turns.get(code, ()) if turn.seq <= at]
        if not turns:
            return None, {"not_found"}
        last = turns[-1]
        if last.shown is None:
            fresh = now_s - last.at_s < REST_S and (seen is None or seen < last.seq)
            return None, {"stale_target" if fresh else "not_found"}
        if seen is not None:
            return (last.shown.name, set()) if last.seq <= seen else (None, {"stale_target"})
        return self._without_seen(turns, last.shown.name, now_s)

    def last_holder(self, code: str, at: int) -> Name | None:
        """Who had the code last before that position, or has it there."""
        turns = [turn for turn in self.turns.get(code, ()) if turn.seq <= at and turn.shown is not None]
        return turns[-1].shown.name if turns and turns[-1].shown is not None else None

    def _without_seen(self, turns: list[Turn], holder: Name, now_s: float) -> tuple[Name | None, set[str]]:
        """An item that went for a day and was made anew may be taken for another one."""
        got_s, remade = None, False
        for before, turn in zip(reversed(turns[:-1]), reversed(turns[1:]), strict=True):
            if before.shown is not None and before.shown.name != holder:
                got_s = self._got_s(turns, before, holder)
                break
            rested = before.shown is None and turn.at_s - before.at_s >= REST_S
            remade = remade or (rested and now_s - turn.at_s < REST_S)
        if got_s is not None and now_s - got_s < REST_S:
            return None, {"stale_target"}
        return holder, {"stale_target"} if remade else set()

    @staticmethod
    def _got_s(turns: list[Turn], other: Turn, holder: Name) -> float:
        later = turns[turns.index(other) + 1 :]
        return next(turn.at_s for turn in later if turn.shown is not None and turn.shown.name == holder)

    def _note_codes(self, at_s: float) -> None:
        picture = self.picture(self.seq)
        assert len(picture) == sum(len(self.boards[self.seq][name]) for name in CODED), "one code twice"
        for code in picture.keys() | self.turns.keys():
            turns = self.turns.setdefault(code, [])
            shown = picture.get(code)
            if (turns[-1].shown if turns else None) != shown:
                turns.append(Turn(self.seq, at_s, shown))


def _apply(items: dict[str, Json], change: Json) -> None:
    if "gone" in change:
        del items[change["id"]]
        return
    whole = change["put"] if "put" in change else items[change["id"]] | change["set"]
    items[change["id"]] = {name: value for name, value in whole.items() if name != "rev"}

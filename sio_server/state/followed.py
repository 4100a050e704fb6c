"""How a node applies a commit that another one wrote, exactly as its writer did (State.fold).

The commit itself says almost everything. What it does not say is stored beside it: for each change, whether
the item is new, the position of its text, and what became of its code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

import orjson

from models.base import Item
from sio_server.registry.encoding import encode
from sio_server.state.codes import Rest
from sio_server.state.commit import Commit, EncodedChange, compact
from sio_server.state.state import Effect, Row, State

Done = tuple[Commit, list[Effect]]


def to_log(effects: Sequence[Effect]) -> str:
    """What `Followed.add` needs beside the commit. Shape: [[new, text_seq, code, rest], ...]."""
    told = [
        (
            effect.change.new,
            None if effect.row is None else effect.row.text_seq,
            effect.code,
            None if effect.rest is None else astuple(effect.rest),
        )
        for effect in effects
    ]
    return orjson.dumps(told).decode()


class Followed:
    """Consecutive commits of other nodes, with the effects that they have on this state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows: dict[tuple[str, str], Row | None] = {}
        self.done: list[Done] = []

    def add(self, commit: Commit, effects: str) -> None:
        """Adds the next commit, as read from the log, with what `to_log` noted of it.

        Errors: ValueError, KeyError, TypeError, when another version wrote it.
        """
        told = zip(commit.changes, orjson.loads(effects), strict=True)
        made = [self._effect(change, *rest) for change, rest in told]
        changes = tuple(effect.change for effect in made)
        self.done.append((replace(commit, changes=changes), made))

    def _effect(
        self,
        change: EncodedChange,
        new: bool,
        text_seq: int | None,
        code: str | None,
        rest: list[object] | None,
    ) -> Effect:
        change = replace(change, new=new)
        row = None if text_seq is None else self._row(change, text_seq)
        self._rows[change.section, change.id] = row
        return Effect(
            *(change.section, change.id, row, change, code),
            rest=None if rest is None else Rest(*rest),  # type: ignore[arg-type]  # as `to_log` wrote it
        )

    def _row(self, change: EncodedChange, text_seq: int) -> Row:
        said = orjson.loads(change.json)
        fields = said["put"] if "put" in said else orjson.loads(self._before(change).json) | said["set"]
        model: type[Item] = self._state.registry.sections[change.section].item
        item = model.model_validate_json(orjson.dumps(fields))  # as at startup: strict models, from JSON
        return Row(item, compact(encode(item)), text_seq)

    def _before(self, change: EncodedChange) -> Row:
        name = (change.section, change.id)
        row = self._rows[name] if name in self._rows else self._state.rows[change.section][change.id]
        if row is None:
            raise KeyError(f"{change.section} {change.id} is changed and was gone")
        return row

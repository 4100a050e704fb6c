"""What a client that follows the contract holds: built from syncs and patches alone."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from models.ack import Done, Refused
from models.change import Head, Patch, SyncCurrent, SyncDelta, SyncSnapshot

Json = Any
Held = dict[str, dict[str, Json]]

SECTIONS = ("system", "calendar", "priorities", "commitments", "brief", "sources", "proposals", "conflicts")

_ACK: TypeAdapter[Done | Refused] = TypeAdapter(Done | Refused)
_SYNC: TypeAdapter[SyncCurrent | SyncDelta | SyncSnapshot] = TypeAdapter(
    SyncCurrent | SyncDelta | SyncSnapshot
)


def as_held(state: Json) -> Held:
    """A snapshot as sections of items by id."""
    lists = {
        "system": [state["system"]] if "system" in state else [],
        "calendar": state.get("calendar", []),
        "priorities": state.get("priorities", []),
        "commitments": [item for way in state.get("commitments", {}).values() for item in way],
        "proposals": state.get("proposals", []),
        "conflicts": state.get("conflicts", []),
        "brief": [state["active_brief"]] if state.get("active_brief") else [],
        "sources": state.get("sources", []),
    }
    return {name: {item["id"]: item for item in items} for name, items in lists.items()}


def canonical(held: Held, sections: tuple[str, ...] = SECTIONS) -> str:
    """The same text for the same items, whatever the order of sections, items and fields."""
    return json.dumps({name: held.get(name, {}) for name in sections}, sort_keys=True)


def check_message(event: str, payload: Json) -> None:
    """Fails when the message is not what the models say."""
    if event == "state:sync":
        _SYNC.validate_python(payload)
    elif event == "state:head":
        Head.model_validate(payload)
    elif event.endswith(":patch"):
        for change in Patch.model_validate(payload).changes:
            assert (change.put is not None) + (change.set is not None) + (change.gone is not None) == 1


def check_ack(ack: Json) -> None:
    """Fails when the ack is not what the models say."""
    _ACK.validate_python(ack)


class Replica:
    """The contract's client rule, and nothing else. `strict` also fails where a patch was missed."""

    def __init__(self, strict: bool = True) -> None:
        self.strict = strict
        self.held: Held = {name: {} for name in SECTIONS}
        self.mine: dict[str, int] = {}
        self.epoch = ""
        self.modes: list[str] = []
        self.gap = False

    @property
    def position(self) -> Json:
        """What the client gives as `resume`."""
        return {"epoch": self.epoch, "rooms": dict(self.mine)}

    def take(self, event: str, payload: Json) -> None:
        """A message from the server."""
        check_message(event, payload)
        if event == "state:sync":
            self.sync(payload)
        elif event == "state:head":
            self.head(payload)
        elif event.endswith(":patch"):
            self.patch(event.removesuffix(":patch"), payload)

    def sync(self, sync: Json) -> None:
        """One of the three forms."""
        self.epoch = sync["epoch"]
        self.modes.append(sync["mode"])
        if sync["mode"] == "snapshot":
            whole = as_held(sync["state"])
            wanted = SECTIONS if "state" in sync["rooms"] else sync["rooms"]
            self.held |= {name: whole[name] for name in wanted}
        for patch in sync.get("patches", ()):
            self.patch(patch["room"], patch)
        self.mine |= dict.fromkeys(sync["rooms"], sync["seq"])
        self.gap = False

    def head(self, head: Json) -> None:
        """Where the server stands; notes a gap when that is not where this client does."""
        held = {room: self.mine.get(room, -1) for room in head["rooms"]}
        behind = [room for room, seq in head["rooms"].items() if not seq <= held[room] <= head["seq"]]
        if behind or head["epoch"] != self.epoch:
            assert not self.strict, f"missed the newest patch of {behind}: {held}, and the head is {head}"
            self.gap = True

    def leave(self, room: str) -> None:
        """The room is not followed any more."""
        self.mine.pop(room, None)

    def patch(self, room: str, patch: Json) -> None:
        """Drops what is known, notes a gap, else applies."""
        mine = self.mine.get(room, 0)
        if patch["seq"] <= mine:
            return
        if patch["prev"] > mine:
            assert not self.strict, f"{room}: a gap from {mine} to {patch['prev']}"
            self.gap = True
            return
        for change in patch["changes"]:
            assert room in ("state", change["section"])
            self._change(change)
        self.mine[room] = patch["seq"]

    def _change(self, change: Json) -> None:
        items = self.held[change["section"]]
        if "put" in change:
            items[change["id"]] = change["put"]
        elif "set" in change:
            items[change["id"]] = items[change["id"]] | change["set"]
        else:
            del items[change["id"]]

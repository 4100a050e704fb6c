"""A client's copy of the state: the protocol's client rule, without I/O."""

from __future__ import annotations

from typing import Any

from models.change import Position

Item = dict[str, Any]
Items = dict[str, Item]

ROOM = "state"
# With one room `seq` is enough. Other fields that a newer server adds to a sync are not part of a position.
_POSITION = tuple(name for name in Position.model_fields if name != "rooms")


class Replica:
    """The items of the room `state` by section and id, and their position.

    The position is sent back to the server as received. `described` is the server's description of each
    section, in the shape of models.sections.SectionInfo. `behind_s`: how many seconds old all this may
    be, as the server said when it last told of its position; 0 if it was current.
    """

    def __init__(self) -> None:
        self.sections: dict[str, Items] = {}
        self.described: dict[str, dict[str, Any]] = {}
        self.position: dict[str, Any] | None = None
        self.behind_s = 0

    @property
    def epoch(self) -> str | None:
        """The history that the position belongs to; None while there is nothing to resume from."""
        return None if self.position is None else self.position["epoch"]

    @property
    def seq(self) -> int:
        """The position's seq; 0 while there is nothing to resume from."""
        return 0 if self.position is None else self.position["seq"]

    def items(self, section: str) -> list[Item]:
        """A section's items, in no particular order; empty for a section that the server does not have, and
        for all until the first sync (`Client.items` waits for it)."""
        return list(self.sections.get(section, {}).values())

    def sync(self, sync: dict[str, Any]) -> bool:
        """Applies one of the three forms; False if it does not fit the replica: then ask for another."""
        position = _position(sync)
        if sync["mode"] == "snapshot":
            self.position = None  # until all of it is applied, here and below
            self.described = {info["name"]: info for info in sync.get("sections", ())}
            self.sections = _by_section(sync["state"], self.described)
        elif position["epoch"] != self.epoch:
            return self._let_go()
        elif not all(self.patch(patch) for patch in sync.get("patches", ())):
            return self._let_go()  # a hole in the delta
        self.position = position
        self.behind_s = sync.get("behind_s") or 0
        return True

    def patch(self, patch: dict[str, Any]) -> bool:
        """Applies a patch; False if patches before it are missing: then ask for a sync from `position`."""
        position = _position(patch)
        if position["epoch"] != self.epoch:
            return self._let_go()
        if position["seq"] <= self.seq:
            return True
        if patch["prev"] > self.seq:
            return False
        self.position = None
        if not all(self._change(change) for change in patch["changes"]):
            return False
        self.position = position
        return True

    def stands_at(self, head: dict[str, Any]) -> bool:
        """Whether nothing is missing here, given the server's position. Shape: models.change.Head."""
        self.behind_s = head.get("behind_s") or 0
        held = self.position
        if held is None or head["epoch"] != held["epoch"]:
            return False
        newest = head.get("rooms", {}).get(ROOM, head["seq"])
        if head["seq"] == held["seq"] and "mark" in head:
            return bool(head["mark"] == held.get("mark"))
        return bool(newest <= held["seq"] <= head["seq"])

    def _change(self, change: dict[str, Any]) -> bool:
        items = self.sections.setdefault(change["section"], {})
        if "put" in change:
            items[change["id"]] = change["put"]
        elif "set" not in change:
            items.pop(change["id"], None)
        elif change["id"] in items:
            items[change["id"]] = items[change["id"]] | change["set"]
        else:
            return False
        return True

    def _let_go(self) -> bool:
        """Drops the position, so that the next sync is a snapshot; the items stay visible."""
        self.position = None
        return False


def _position(message: dict[str, Any]) -> dict[str, Any]:
    """A message's position. Errors: KeyError, if it has none."""
    position = {name: message[name] for name in _POSITION if name in message}
    return {"epoch": message["epoch"], "seq": message["seq"]} | position


def _by_section(state: dict[str, Any], described: dict[str, dict[str, Any]]) -> dict[str, Items]:
    """The snapshot's parts by section name, which may differ from their place in the snapshot."""
    names = {info["place"]: name for name, info in described.items()}
    return {
        names.get(place, place): {item["id"]: item for item in _flat(value)} for place, value in state.items()
    }


def _flat(value: Any) -> list[Item]:
    """A section's items, which a snapshot has as a list, lists by direction, one item, or nothing."""
    if isinstance(value, list):
        return value
    if not value:
        return []
    return [value] if "id" in value else [item for part in value.values() for item in part]

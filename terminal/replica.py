"""What this client holds of the state: the contract's client rule, without I/O."""

from __future__ import annotations

from typing import Any

Item = dict[str, Any]
Items = dict[str, Item]

ROOM = "state"
# Where a section's name in a snapshot is not the one in the changes.
_SECTIONS = {"active_brief": "brief"}


class Replica:
    """The items of the room `state` by section and id, and the position they stand at."""

    def __init__(self) -> None:
        self.sections: dict[str, Items] = {}
        self.epoch: str | None = None
        self.seq = 0

    @property
    def position(self) -> dict[str, Any] | None:
        """What to give as `resume`; None while there is nothing to resume from."""
        return None if self.epoch is None else {"epoch": self.epoch, "seq": self.seq}

    def items(self, section: str) -> list[Item]:
        """In no particular order; a section that the server does not have is empty."""
        return list(self.sections.get(section, {}).values())

    def sync(self, sync: dict[str, Any]) -> bool:
        """Takes one of the three forms; False when it does not fit what is held, which is then let go."""
        if sync["mode"] == "snapshot":
            self.sections = _by_section(sync["state"])
        elif sync["epoch"] != self.epoch:
            return self._let_go()
        if not all(self.patch(patch) for patch in sync.get("patches", ())):
            return self._let_go()
        self.epoch, self.seq = sync["epoch"], sync["seq"]
        return True

    def patch(self, patch: dict[str, Any]) -> bool:
        """False when something is missing before it: then ask for a sync from `position`."""
        if patch["epoch"] != self.epoch:
            return self._let_go()
        if patch["seq"] <= self.seq:
            return True
        if patch["prev"] > self.seq:
            return False
        if not all(self._change(change) for change in patch["changes"]):
            return self._let_go()
        self.seq = patch["seq"]
        return True

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
        """The position no longer counts, so the next sync is a snapshot; the items stay to be looked at."""
        self.epoch, self.seq = None, 0
        return False


def _by_section(state: dict[str, Any]) -> dict[str, Items]:
    return {
        _SECTIONS.get(name, name): {item["id"]: item for item in _flat(value)}
        for name, value in state.items()
    }


def _flat(value: Any) -> list[Item]:
    """A section in a snapshot is a list, lists by direction, one item, or nothing."""
    if isinstance(value, list):
        return value
    if not value:
        return []
    return [value] if "id" in value else [item for part in value.values() for item in part]

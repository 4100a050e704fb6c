"""A client's copy of the state, kept by the contract's rule; the oracle of what dashboards hold."""

from __future__ import annotations

from typing import Any

Json = Any


class Replica:
    """Holds one room's sections as {section: {id: item}}; feed it every `state:sync` and patch."""

    def __init__(self, room: str = "state") -> None:
        self.room = room
        self.epoch = ""
        self.seq = -1
        self.items: dict[str, dict[str, Json]] = {}
        self.gaps = 0

    def take(self, event: str, payload: Json) -> None:
        """One message from the server."""
        if event == "state:sync":
            self._sync(payload)
        elif event == f"{self.room}:patch":
            self._patch(payload)

    def snapshot(self) -> dict[str, dict[str, Json]]:
        """Sections that hold something."""
        return {section: items for section, items in self.items.items() if items}

    def _sync(self, sync: Json) -> None:
        if sync["mode"] == "snapshot":
            self.items = flatten(sync["state"])
        elif sync["mode"] == "delta":
            for patch in sync["patches"]:
                if patch["room"] == self.room:
                    self._patch(patch)
        self.epoch, self.seq = sync["epoch"], sync["seq"]

    def _patch(self, patch: Json) -> None:
        if patch["seq"] <= self.seq:
            return
        if patch["prev"] > self.seq:
            self.gaps += 1
            return
        for change in patch["changes"]:
            self._change(change)
        self.seq = patch["seq"]

    def _change(self, change: Json) -> None:
        items = self.items.setdefault(change["section"], {})
        if "put" in change:
            items[change["id"]] = change["put"]
        elif "set" in change:
            items[change["id"]] = items[change["id"]] | change["set"]
        else:
            items.pop(change["id"], None)


def flatten(state: Json) -> dict[str, dict[str, Json]]:
    """A snapshot as a replica holds it; a system item that nobody set yet is left out."""
    commitments = state.get("commitments") or {"owe": [], "owed": []}
    found = {
        "system": [item for item in [state.get("system")] if item is not None and item["rev"] > 0],
        "calendar": state.get("calendar", []),
        "priorities": state.get("priorities", []),
        "commitments": commitments["owe"] + commitments["owed"],
        "brief": [item for item in [state.get("active_brief")] if item is not None],
        "sources": state.get("sources", []),
    }
    return {section: {item["id"]: item for item in items} for section, items in found.items() if items}

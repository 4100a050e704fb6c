"""Cuts what is sent into messages that the server accepts: pure."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from collectors.types import Item
from models.batch import GivenItem

Payload = dict[str, Any]

ITEMS_MAX = 1_000  # of one message: some milliseconds of the server's event loop
BYTES_MAX = (256 << 10) - 1_024  # the rest is for the fields around the items
RECORDS = "records"


def section_of(item: Item) -> str:
    """The section of an item; records are in no section of the board, and go to `records`."""
    return item.section if isinstance(item, GivenItem) else RECORDS


def stated(item: Item) -> Payload:
    """The item in wire form; fields that its collector did not set are left out, and stay as they are."""
    return item.model_dump(mode="json", exclude_unset=True)


@dataclass(frozen=True)
class Batch:
    """One put in as many messages as needed: carried out as a whole, and once under its `op`.

    `payloads` are without the fields that change with each sending. `whole` says that it states all that its
    source has in a section, so that an earlier such batch no longer matters.
    """

    event: str
    payloads: tuple[Payload, ...]
    whole: bool = False
    replaces: bool = False
    op: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def items(self) -> int:
        """How many items are in it."""
        lists = [payload.get("items") or payload.get(RECORDS) or [] for payload in self.payloads]
        return sum(map(len, lists))

    def messages(self, run: int | None) -> Iterator[Payload]:
        """The payloads to send, in order; the batch name of the parts is new each time."""
        name, last = secrets.token_hex(8), len(self.payloads)
        for number, payload in enumerate(self.payloads, 1):
            message = dict(payload)
            if run is not None and self.event.endswith(":put") and self.event != f"{RECORDS}:put":
                message["run"] = run
            if last > 1:
                message["part"] = {"batch": name, "number": number, "last": number == last}
            if number == last:
                message["op"] = self.op
            yield message


class Pile:
    """Collects items as long as they fit into one message."""

    def __init__(self) -> None:
        self._items: list[Payload] = []
        self._bytes = 0

    def add(self, item: Payload) -> list[Payload]:
        """Adds an item; returns the items that must be sent first because it did not fit, usually none."""
        size = encoded_bytes(item) + 1
        full = self._items and (len(self._items) >= ITEMS_MAX or self._bytes + size > BYTES_MAX)
        out = self.take() if full else []
        self._items.append(item)
        self._bytes += size
        return out

    def take(self) -> list[Payload]:
        """Returns all collected items, and empties the pile."""
        items, self._items, self._bytes = self._items, [], 0
        return items


def encoded_bytes(value: object) -> int:
    """Its size on the wire."""
    return len(json.dumps(value, separators=(",", ":")))


def replacing(
    section: str,
    items: Iterable[Payload],
    *,
    complete: bool,
    allow_empty: bool,
    spare: Collection[str] = (),
) -> Batch:
    """All that a source has in a section, replacing all that it had except the `spare` ids; not `complete`
    removes nothing."""
    how: Payload = {"mode": "replace"}
    if not complete:
        how["complete"] = False
    if allow_empty:
        how["allow_empty"] = True
    if spare and complete:
        how["spare"] = sorted(spare)
    payloads = tuple({"items": part, **how} for part in _cut(items))
    return Batch(f"{section}:put", payloads, whole=complete, replaces=True)


def dropping(section: str, ids: list[str]) -> Batch:
    """Items that the source no longer has, by its ids."""
    if section == RECORDS:
        return adding(section, [{"id": id, "gone": True} for id in ids])
    return Batch(f"{section}:drop", ({"ids": ids},))


def adding(section: str, items: list[Payload]) -> Batch:
    """Items (or records) of one message, added to the source's, or replacing those with the same ids."""
    field_name = RECORDS if section == RECORDS else "items"
    return Batch(f"{section}:put", ({field_name: items},))


def _cut(items: Iterable[Payload]) -> Iterator[list[Payload]]:
    pile = Pile()
    for item in items:
        if full := pile.add(item):
            yield full
    yield pile.take()

"""Batches that come in parts: held for their connection until the last part, then one request (decision 20).

Nothing is on disk before the last part has come: a sender that dies in between leaves no trace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from models.ack import ErrorCode, Retry
from models.batch import BATCH_ITEMS_MAX, Part, Put
from sio_server.registry.errors import Refusal, invalid_state
from sio_server.state.commit import compact

BATCH_SIZE_MAX = 64 << 20  # characters of one batch: it is held in memory
SHARE = 4
"""One in so many of the characters that may be held in all is for one token."""
IDLE_S = 120.0  # a sender that pauses this long has given up
_NOT_SAID_AGAIN = ("items", "part", "run")
"""Fields that may differ when a batch is sent again under the same op; the items are compared by digest."""


@dataclass
class _Held:
    """The parts of a batch so far; `size` in bytes."""

    event: str
    batch: str
    whose: Hashable
    number: int = 0
    size: int = 0
    items: Items = field(default_factory=lambda: Items())
    touched_s: float = 0.0


class Items:
    """The items of several parts, kept as JSON and parsed one part at a time: tens of thousands of objects
    would burden the garbage collector, and freeing them at once would block."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._count = 0
        self._digest = hashlib.sha256()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        for part in self._parts:
            yield from orjson.loads(part)

    def add(self, part: bytes, count: int) -> None:
        """Adds the items of a part, encoded."""
        self._parts.append(part)
        self._count += count
        self._digest.update(part)

    def digest(self) -> str:
        """A digest of the items and how they were split into parts."""
        return self._digest.hexdigest()


@dataclass(frozen=True)
class PartHeld:
    """A part that is held: this many items wait for the last one."""

    items: int

    def ack(self) -> dict[str, Any]:
        """Shape: models.batch.PutDone."""
        counts = dict.fromkeys(("added", "changed", "unchanged", "removed"), 0)
        return {**counts, "rejected": [], "codes": {}, "staged": self.items}


class Multipart:
    """Each client's unfinished batch; a client has at most one, and all have at most `most` characters."""

    def __init__(self, monotonic: Callable[[], float], most: int) -> None:
        self._monotonic = monotonic
        self._most = most
        self._held: dict[object, _Held] = {}

    def take(
        self, client: object, whose: Hashable, event: str, put: Put, raw: dict[str, Any]
    ) -> PartHeld | tuple[Put, dict[str, Any], int]:
        """Holds the part; for the last one, returns the whole batch, what its op stands for, and its size in
        bytes. What is `whose` shares the room of one token.

        Errors: invalid_state (a part is missing), too_large, busy.
        """
        assert put.part is not None
        held = self._batch_of(client, whose, event, put.part)
        encoded = compact(orjson.dumps(put.items, option=orjson.OPT_SORT_KEYS))
        self._check_room(client, held, put, len(encoded))
        held.number, held.size, held.touched_s = put.part.number, held.size + len(encoded), self._monotonic()
        held.items.add(encoded, len(put.items))
        if not put.part.last:
            return PartHeld(len(held.items))
        del self._held[client]
        said = {name: value for name, value in raw.items() if name not in _NOT_SAID_AGAIN}
        return put.model_copy(update={"items": held.items}), said | {"items": held.items.digest()}, held.size

    def forget(self, client: object) -> None:
        """Drops the unfinished batch of a disconnected client."""
        self._held.pop(client, None)

    @property
    def size(self) -> int:
        """Characters that are held."""
        return sum(held.size for held in self._held.values())

    def tidy(self) -> None:
        """Drops batches that have been idle too long."""
        since = self._monotonic() - IDLE_S
        self._held = {client: held for client, held in self._held.items() if held.touched_s >= since}

    def _batch_of(self, client: object, whose: Hashable, event: str, part: Part) -> _Held:
        if part.number == 1:
            self._held[client] = _Held(event, part.batch, whose)
        held = self._held.get(client)
        if held is None or (held.event, held.batch) != (event, part.batch):
            have = "the server has none of the parts before it"
        elif held.number + 1 != part.number:
            have = f"part {held.number} was the last to arrive"
        else:
            return held
        raise invalid_state(f"Part {part.number} is out of order: {have}. Send the batch again from part 1.")

    def _check_room(self, client: object, held: _Held, put: Put, size: int) -> None:
        share = self._most // SHARE
        batch_max = min(BATCH_SIZE_MAX, share)
        of_token = sum(other.size for other in self._held.values() if other.whose == held.whose)
        if len(held.items) + len(put.items) > BATCH_ITEMS_MAX or held.size + size > batch_max:
            message = f"A batch has at most {BATCH_ITEMS_MAX:,} items and {batch_max >> 20} MiB."
            refusal = Refusal(ErrorCode.TOO_LARGE, message)
        elif of_token + size > share:
            message = f"One token sends at most {share >> 20} MiB in parts at a time; finish a batch first."
            refusal = Refusal(ErrorCode.BUSY, message, retry=Retry.AFTER, after_ms=5_000)
        elif self.size + size > self._most:
            message = "Too many batches are being sent in parts at the moment; send this one again soon."
            refusal = Refusal(ErrorCode.BUSY, message, retry=Retry.AFTER, after_ms=5_000)
        else:
            return
        del self._held[client]
        raise refusal

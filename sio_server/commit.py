"""A commit: one request's changes with its position, as it is logged and as each room sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from sio_server.registry import EVERYTHING


def compact(encoded: bytes) -> bytes:
    """A copy to be kept: what orjson returns holds its whole buffer, several times the size."""
    return bytes(memoryview(encoded))


@dataclass(frozen=True, slots=True)
class EncodedChange:
    """A wire change (models.change.Change), and which item it is about.

    `new`  there was no such item before; not known of a change that was read from the log
    """

    section: str
    id: str
    json: bytes
    gone: bool = False
    new: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """`prev` holds, for each touched section, the seq of the section's change before."""

    seq: int
    at: str
    cause: dict[str, Any]
    prev: dict[str, int]
    changes: tuple[EncodedChange, ...]

    @property
    def size_bytes(self) -> int:
        """About what a patch of it takes."""
        return 200 + sum(len(change.json) for change in self.changes)

    def patch(self, epoch: str, room: str, extra: str = "") -> bytes | None:
        """The patch for the room, None when the commit does not touch it.

        `extra` names the room inside the patch, as the patches of a delta do.
        """
        if room == EVERYTHING:
            return self.encode(epoch, self.seq - 1, extra, (change.json for change in self.changes))
        if room not in self.prev:
            return None
        parts = (change.json for change in self.changes if change.section == room)
        return self.encode(epoch, self.prev[room], extra, parts)

    def encode(self, epoch: str, prev: int, room: str, parts: Iterable[bytes]) -> bytes:
        """A patch up to this commit with the changes in `parts`."""
        head: dict[str, Any] = {"room": room} if room else {}
        head |= {"epoch": epoch, "prev": prev, "seq": self.seq, "at": self.at, "cause": self.cause}
        return b'%b,"changes":[%b]}' % (orjson.dumps(head)[:-1], b",".join(parts))

    def to_log(self) -> bytes:
        """The commit without its seq, as the log keeps it."""
        changes = [orjson.Fragment(change.json) for change in self.changes]
        body = {"at": self.at, "cause": self.cause, "prev": self.prev, "changes": changes}
        return orjson.dumps(body)

    @classmethod
    def from_log(cls, seq: int, body: str | bytes) -> Commit:
        """Reads back what `to_log` wrote."""
        record = orjson.loads(body)
        changes = tuple(
            EncodedChange(change["section"], change["id"], compact(orjson.dumps(change)), "gone" in change)
            for change in record["changes"]
        )
        return cls(seq, record["at"], record["cause"], record["prev"], changes)

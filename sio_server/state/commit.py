"""A commit: one request's changes and position, as logged and as each room sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from sio_server.registry.ops import EVERYTHING

MARK_BYTES = 8  # two histories have the same mark by chance once in 2^64 (decision 39)


def next_mark(before: str, cause: dict[str, Any], at: str, changes: Iterable[EncodedChange]) -> str:
    """The mark of the history that ends with this commit: a hash of the previous mark and the commit.

    Histories with the same mark are equal; a seq alone proves nothing about the past (decision 39).
    """
    digest = hashlib.blake2b(before.encode(), digest_size=MARK_BYTES)
    digest.update(orjson.dumps([at, cause]))
    for change in changes:
        digest.update(change.json)
    return digest.hexdigest()


def compact(encoded: bytes) -> bytes:
    """A copy to keep: orjson's result holds its whole buffer, several times the size."""
    return bytes(memoryview(encoded))


@dataclass(frozen=True, slots=True)
class EncodedChange:
    """A wire change (models.change.Change), and the item it is about.

    `new`     the item did not exist before; unknown for a change read from the log
    `before`  the old values of the changed fields, or of all if the item is gone; only for the log
    `follows` it only follows from the commit's other changes, and is in no line; only for the log
    """

    section: str
    id: str
    json: bytes
    gone: bool = False
    new: bool = False
    before: bytes = b""
    follows: bool = False

    def to_log(self) -> bytes:
        """The change, with the old values."""
        before = b',"before":' + self.before if self.before else b""
        follows = b',"follows":true' if self.follows else b""
        return self.json[:-1] + before + follows + b"}" if before or follows else self.json


@dataclass(frozen=True, slots=True)
class Commit:
    """`prev` holds the seq of each touched section's previous change; `mark` identifies the history that ends
    here; `size_bytes` is roughly the size of its patch."""

    seq: int
    at: str
    cause: dict[str, Any]
    prev: dict[str, int]
    changes: tuple[EncodedChange, ...]
    mark: str
    size_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        size_bytes = 200 + sum(len(change.json) for change in self.changes)
        object.__setattr__(self, "size_bytes", size_bytes)

    def patch(self, epoch: str, room: str, extra: str = "") -> bytes | None:
        """The patch for the room; None if the commit does not touch it.

        `extra` is inserted as is: the room's name, for a delta.
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
        head |= {"epoch": epoch, "prev": prev, "seq": self.seq, "mark": self.mark}
        head |= {"at": self.at, "cause": self.cause}
        return _with_changes(head, parts)

    def to_log(self) -> bytes:
        """The commit in the log's format, without its seq."""
        head = {"at": self.at, "cause": self.cause, "prev": self.prev}
        return _with_changes(head, (change.to_log() for change in self.changes))

    @classmethod
    def from_log(cls, seq: int, body: str | bytes, mark: str) -> Commit:
        """Reads what `to_log` wrote."""
        record = orjson.loads(body)
        changes = tuple(_from_log(change) for change in record["changes"])
        return cls(seq, record["at"], record["cause"], record["prev"], changes, mark)


def _from_log(change: dict[str, Any]) -> EncodedChange:
    change.pop("before", None)
    follows = change.pop("follows", False)
    json = compact(orjson.dumps(change))
    return EncodedChange(change["section"], change["id"], json, "gone" in change, follows=follows)


def _with_changes(head: dict[str, Any], parts: Iterable[bytes]) -> bytes:
    """`head` with the parts as its `changes`; copies only once, since they may be megabytes."""
    changes = [*parts] or [b""]
    changes[0] = orjson.dumps(head)[:-1] + b',"changes":[' + changes[0]
    changes[-1] += b"]}"
    return b",".join(changes)

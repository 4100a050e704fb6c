"""What the hub needs of a log, whatever the backend, and the data of one append."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sio_server.clock import ClockNote
from sio_server.registry.ops import Json, LineRecord
from sio_server.registry.persons import Profile
from sio_server.state.commit import Commit
from sio_server.state.history import History
from sio_server.state.state import Effect, State


class LogError(Exception):
    """The log could not be opened, read or written; the message says why, for a person."""


class OutcomeUnknown(LogError):
    """The disk failed while the append was made durable: it may be there after a restart, or not.

    What the kernel still holds of it proves nothing, so the server stops, and a restart reads the disk
    (decision 41).
    """


@dataclass(frozen=True, slots=True)
class OpKey:
    """A request's idempotency key; `fingerprint` detects another payload under the same op."""

    principal: str
    op: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class OpRecord:
    """The ack that an op got, encoded."""

    fingerprint: str
    ack: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One request's part of an append: its commit if it changed something, its ack if it has an op,
    its line if a person typed one, what is kept about persons."""

    commit: Commit | None
    effects: Sequence[Effect]
    key: OpKey | None
    ack: bytes | None
    line_record: tuple[str, LineRecord] | None = None
    profiles: Mapping[str, Profile | None] = field(default_factory=dict)


class Log(Protocol):
    """The durable sequence of commits. Methods block: call them off the event loop.

    Errors: LogError; then nothing of the append is kept.
    """

    epoch: str
    clock: ClockNote
    """Where the store's clock stood at the end of its last run."""

    @property
    def history(self) -> History:
        """What rules ask about the past."""

    def load(self, state: State) -> None:
        """Fills an empty state with what is on disk."""

    def append(self, expected_head: int, entries: Sequence[Entry], now_s: float) -> None:
        """Writes all or nothing, durably, when the head is still `expected_head`; `now_s` is steady time."""

    def find_op(self, principal: str, op: str) -> OpRecord | None:
        """The ack that this op got within the last 24 h."""

    def read(self, since: int, until: int, max_bytes: int) -> list[Commit] | None:
        """The commits after `since` up to `until`; None when they are more than `max_bytes`."""

    def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """The newest changes of the item, newest first, for readers beside the writer."""

    def commits_since(self, since: int) -> tuple[list[Json], bool]:
        """The commits after `since` with the old values, oldest first; and whether they are complete."""

    def floor(self) -> int:
        """The oldest position from which a client can be given what it missed."""

    def prune(self, now: ClockNote) -> int:
        """Deletes what is older than the retention, and notes the clock; returns how many changes went."""

    def probe(self) -> None:
        """Writes something to the disk, as a check that it can."""

    def size_bytes(self) -> int:
        """The log's size on disk in bytes."""

    def close(self, now: ClockNote | None = None) -> None:
        """Notes the clock, if given, and closes the files."""

"""The port that every log backend implements, and the data of one append."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sio_server.clock import ClockNote
from sio_server.log.nodes import Nodes, NoOtherNodes
from sio_server.registry.ops import Json, LineRecord, News
from sio_server.registry.persons import Profile, Profiles
from sio_server.state.commit import Commit
from sio_server.state.followed import Done
from sio_server.state.history import History
from sio_server.state.state import Effect, State


class LogError(Exception):
    """The log could not be opened, read or written; the message says why, for a person."""


class OutcomeUnknown(LogError):
    """The disk failed while the append was being made durable: it may or may not survive a restart.

    What the kernel still caches proves nothing, so the server stops, and a restart reads the disk
    (decision 41).
    """


class OutcomeOpen(LogError):
    """The database was lost while it committed the append: the log finds out what became of it before it
    appends again."""


class HeadMoved(LogError):
    """Another node has appended: catch up, and run the rules again."""


class SetBack(LogError):
    """The log does not go on from what this node knows, as after a failover to a standby that lacked the
    newest changes: nothing was written, and the state is to be read anew (Log.begin_anew)."""


@dataclass(frozen=True, slots=True)
class OpKey:
    """A request's idempotency key; `fingerprint` detects a different payload under the same op."""

    principal: str
    op: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class OpRecord:
    """The encoded ack of an op."""

    fingerprint: str
    ack: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One request's part of an append: its commit if it changed something, its ack if it has an op, its line
    if a person typed one, changed profiles, and what persons are told at whichever node they are."""

    commit: Commit | None
    effects: Sequence[Effect]
    key: OpKey | None
    ack: bytes | None
    line_record: tuple[str, LineRecord] | None = None
    profiles: Mapping[str, Profile | None] = field(default_factory=dict)
    news: Sequence[News] = ()


@dataclass(frozen=True, slots=True)
class FromOthers:
    """What other nodes have appended: commits in order, and what changed beside the state.

    `profiles` and `policy` (registry.privacy.Policy.text) are whole, or None where they did not change.
    `told` are news ({news: [[whose, event, payload], ...]}) and what a node sends another (Nodes.tell).
    `is_all`: there is no more for now. `applied` is to be called once all this is in the state.
    """

    done: Sequence[Done] = ()
    profiles: Profiles | None = None
    policy: str | None = None
    told: Sequence[Json] = ()
    is_all: bool = True
    applied: Callable[[], None] = lambda: None


class Values(Protocol):
    """A store's own settings: a few named values. Errors: LogError."""

    def get(self, key: str, default: str = "") -> str:
        """The value."""

    def put(self, key: str, value: str) -> None:
        """Sets the value, if it differs."""


class Log(Protocol):
    """The durable sequence of commits. Methods block: call them off the event loop.

    Errors: LogError; then nothing of the append is kept.
    """

    epoch: str
    has_other_nodes: bool
    """Whether others may append to it at the same time."""
    nodes: Nodes
    clock: ClockNote
    """The store's clock at the end of its last run."""

    @property
    def history(self) -> History:
        """The history that rules query."""

    @property
    def meta(self) -> Values:
        """Its own settings."""

    def renew_epoch(self) -> None:
        """Gives the store a new epoch: positions from before it was restored no longer count."""

    def load(self, state: State) -> None:
        """Fills an empty state from disk."""

    def settle(self) -> None:
        """Finds out what became of an append that ended in OutcomeOpen; else does nothing.

        Errors: HeadMoved, when it was committed after all; LogError.
        """

    def append(self, expected_head: int, entries: Sequence[Entry], now_s: float) -> None:
        """Writes all or nothing, durably, if the head is still `expected_head`; `now_s` is steady time.
        Without entries it only looks whether the head is.

        Errors: HeadMoved, SetBack.
        """

    def watch(self, heard: Callable[[], object], lost: Callable[[Collection[str]], object]) -> None:
        """From now on calls, on any thread, `heard` when others may have appended something, and `lost` with
        the sources of nodes that died, until they are settled (Nodes.forget)."""

    def catch_up(self, state: State) -> FromOthers:
        """What others have appended since this was called last, or since the state was loaded.

        Errors: SetBack.
        """

    def begin_anew(self, state: State, policy: Callable[[str], str]) -> str:
        """Fills an empty state with what is there after SetBack, under another epoch than before: positions
        from before that no longer count.

        `policy` makes of the policy that is there (registry.privacy.Policy.text) the one that is stored
        before this node goes on; the one in force is returned.
        """

    def was_set_back(self) -> bool:
        """Whether that happened, or was found at the start, lately enough to be told."""

    def find_op(self, principal: str, op: str) -> OpRecord | None:
        """The ack that this op got within the last 24 h."""

    def read(self, since: int, until: int, max_bytes: int) -> list[Commit] | None:
        """The commits after `since` up to `until`; None when they are more than `max_bytes`."""

    def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """The item's changes, newest first; safe beside the writer."""

    def commits_since(self, since: int) -> tuple[list[Json], bool]:
        """The commits after `since` with the old values, oldest first; and whether they are complete."""

    def floor(self) -> int:
        """The oldest position from which a client can resume."""

    def prune(self, now: ClockNote) -> int:
        """Deletes what is past its retention, and saves the clock; returns the number of deleted changes."""

    def last_at(self) -> str | None:
        """When the newest change was made, on the reader's own connection; None if there is none."""

    def keep_small(self) -> None:
        """Keeps less in memory from now on: this is one of many boards."""

    def probe(self) -> None:
        """Checks that the disk can be written, by a small write."""

    def size_bytes(self) -> int:
        """The log's size on disk in bytes."""

    def close(self, now: ClockNote | None = None) -> None:
        """Saves the clock, if given, and closes the files."""


class OneNode:
    """The part of a log to which nobody else appends, and whose outcomes are always known at once."""

    has_other_nodes = False
    nodes: Nodes = NoOtherNodes()

    def settle(self) -> None:
        """Nothing is ever left open."""

    def watch(self, heard: Callable[[], object], lost: Callable[[Collection[str]], object]) -> None:
        """Nobody else appends."""

    def catch_up(self, state: State) -> FromOthers:
        """Nobody else appends."""
        return FromOthers()

    def begin_anew(self, state: State, policy: Callable[[str], str]) -> str:
        """While it is open nobody sets it back, so nobody calls this."""
        raise AssertionError

    def was_set_back(self) -> bool:
        """What is found at the start is in the log."""
        return False

"""Queries on the past: the port that every log implements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from sio_server.registry.ops import ItemChange, Json

OWNERS = "owners"
"""In a change of the log, while it is in the server: whose items its commit changed, at least."""


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A stored line (registry.LineRecord); `before` is the JSON of its items before."""

    handle: str
    line: str
    seq: int
    before: str
    forward: bool
    undone: bool


class History(Protocol):
    """Methods block: call them off the event loop. Errors: LogError."""

    def text_at(self, section: str, code: str, seq: int) -> str | None:
        """The text of the code's item at that position; None if no longer known."""

    def line(self, person: str, handle: str) -> StoredLine | None:
        """The person's line with that handle."""

    def newest_line(self, person: str, without: Collection[str]) -> StoredLine | None:
        """The person's newest line that can be undone, except these handles."""

    def newest_undo(self, person: str, without: Collection[str]) -> StoredLine | None:
        """The person's newest undo since they last gave a line, except these handles."""

    def positions_of(
        self, section: str, id: str, since: int, before: int
    ) -> list[tuple[int, tuple[int, ...]]]:
        """The positions between these two at which the item changed, newest first, each with the positions
        that it only undid; empty when there are no more."""

    def change_at(self, section: str, id: str, seq: int) -> ItemChange | None:
        """The item's change by that commit."""

    def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """The item's changes, newest first. Shape: models.history.Happening."""

    def floor(self) -> int:
        """The position up to which changes are no longer stored."""


class NoHistory:
    """An empty history, for a view without one."""

    def text_at(self, section: str, code: str, seq: int) -> str | None:
        """Nothing is kept."""
        return None

    def line(self, person: str, handle: str) -> StoredLine | None:
        """Nothing is kept."""
        return None

    def newest_line(self, person: str, without: Collection[str]) -> StoredLine | None:
        """Nothing is kept."""
        return None

    def newest_undo(self, person: str, without: Collection[str]) -> StoredLine | None:
        """Nothing is kept."""
        return None

    def positions_of(
        self, section: str, id: str, since: int, before: int
    ) -> list[tuple[int, tuple[int, ...]]]:
        """Nothing is kept."""
        return []

    def change_at(self, section: str, id: str, seq: int) -> ItemChange | None:
        """Nothing is kept."""
        return None

    def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """Nothing is kept."""
        return []

    def floor(self) -> int:
        """0: nothing was deleted."""
        return 0

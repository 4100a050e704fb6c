"""What a board asks about the other nodes that serve it: the port, and the answers where there are none."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from sio_server.registry.ops import Json

CURRENT_S = 5.0
"""What is shown may be so old before a node says that it is."""


class Nodes(Protocol):
    """Of one board. `link` and all below it block. Errors: LogError."""

    def holds(self) -> bool:
        """Whether it is this node that does what is due by time, and decides about nodes that died."""

    def is_alone(self) -> bool:
        """Whether no other node is known to live."""

    def behind_s(self) -> float:
        """How old what this node shows may be, in seconds: since it last saw where the others are."""

    def link(self, source: str) -> None:
        """Notes that the source is connected here."""

    def unlink(self, source: str) -> None:
        """Notes that it is connected here no more."""

    def elsewhere(self, source: str) -> str | None:
        """A living node to which the source is connected, other than this one."""

    def tell(self, node: str, what: Json) -> None:
        """Sends the node something that it will see once (FromOthers.told)."""

    def forget(self, names: Collection[str]) -> None:
        """Notes that it is settled what becomes of these sources of nodes that died."""

    def leave(self) -> None:
        """The board closes here."""


class NoOtherNodes:
    """There is this node only."""

    def holds(self) -> bool:
        """This node does everything."""
        return True

    def is_alone(self) -> bool:
        """It is."""
        return True

    def behind_s(self) -> float:
        """Nobody else changes anything."""
        return 0.0

    def link(self, source: str) -> None:
        """Nobody asks."""

    def unlink(self, source: str) -> None:
        """Nobody asks."""

    def elsewhere(self, source: str) -> str | None:
        """Nowhere."""
        return None

    def tell(self, node: str, what: Json) -> None:
        """There is nobody."""

    def forget(self, names: Collection[str]) -> None:
        """There are none."""

    def leave(self) -> None:
        """Nobody takes over."""

"""What items take: their number, and the bytes of their JSON, which the store keeps and clients are sent."""

from __future__ import annotations

from sio_server.registry.privacy import Names
from sio_server.state.shown import Encoded

Share = tuple[int, int]
"""Items, and their bytes."""
NOTHING: Share = (0, 0)


class Sizes:
    """`size_bytes` of all items, and the share `of` each source by its name; what people added and what the
    server makes is of no source. Counted with each change, never anew."""

    __slots__ = ("of", "size_bytes")

    def __init__(self) -> None:
        self.of: dict[str, Share] = {}
        self.size_bytes = 0

    def count(self, before: Encoded | None, after: Encoded | None) -> None:
        """Counts an item that comes, changes or goes; it keeps its source."""
        source, number, size_bytes = None, 0, 0
        if before is not None:
            source, number, size_bytes = before.item.__dict__.get("source"), -1, -len(before.json)
        if after is not None:
            source = after.item.__dict__.get("source")
            number, size_bytes = number + 1, size_bytes + len(after.json)
        self.size_bytes += size_bytes
        if source is not None:
            items, had_bytes = self.of.get(source, NOTHING)
            if items + number:
                self.of[source] = (items + number, had_bytes + size_bytes)
            else:
                del self.of[source]

    def share(self, source: str) -> Share:
        """What a source has."""
        return self.of.get(source, NOTHING)

    def by_source(self, hidden: Names) -> dict[str, dict[str, int]]:
        """What each source has, but for those that are hidden. Shape: models.stats.SourceShare by name."""
        shown = [(name, share) for name, share in self.of.items() if name not in hidden]
        return {name: {"items": items, "bytes": size_bytes} for name, (items, size_bytes) in shown}

    def copy(self) -> Sizes:
        """The same figures, to go on from."""
        other = Sizes()
        other.of, other.size_bytes = self.of.copy(), self.size_bytes
        return other

"""What the names on the wire mean: rooms, and whose an id is."""

from __future__ import annotations

from collections.abc import Iterable

from sio_server.registry.errors import bad_request


class Named:
    """A registry's names: its `rooms`, and the section of its sources."""

    def __init__(self, rooms: tuple[str, ...], feeding: str) -> None:
        self.rooms = rooms
        self._feeding = feeding

    def owner(self, section: str, id: str) -> str:
        """The source that an item is of, also one that is gone; "" for what people added."""
        return id if section == self._feeding else id.rpartition("/")[0]

    def known_rooms(self, rooms: Iterable[str]) -> tuple[str, ...]:
        """The rooms, each once, in the registry's order.

        Errors: bad_request, naming the rooms that exist.
        """
        wanted = set(rooms)
        if not wanted <= set(self.rooms):
            message = f"Unknown room. Rooms: {', '.join(self.rooms)}."
            raise bad_request(message, ("rooms", "names an unknown room"))
        return tuple(room for room in self.rooms if room in wanted)

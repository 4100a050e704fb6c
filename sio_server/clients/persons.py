"""Each person's clients: they get what concerns that person alone, and say which time zone that one is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from sio_server.hub.hub import Hub
from sio_server.registry.errors import Refusal
from sio_server.registry.ops import Json, News
from sio_server.registry.persons import NOBODY_YET, kept
from sio_server.registry.registry import Context, Delta, View
from sio_server.registry.roles import Principal


class Told(Protocol):
    """A connected client that events can be sent to."""

    came_as: Principal

    def tell_newest(self, event: str, payload: Json) -> None:
        """Sends an event whose newest payload replaces all earlier ones."""


class Persons:
    """The clients of each person, in the order in which they connected."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._clients: dict[str, dict[Told, None]] = {}

    def came(self, client: Told) -> None:
        """Adds an admitted client."""
        who = client.came_as
        if who.whose:
            self._clients.setdefault(who.whose, {})[client] = None
            self._note_zone(who.whose, who.device_tz)

    def left(self, client: Told) -> None:
        """Removes a client whose connection is closed."""
        whose = client.came_as.whose
        clients = self._clients.get(whose, {})
        clients.pop(client, None)
        if not clients:
            self._clients.pop(whose, None)

    def of(self, whose: str) -> list[Principal]:
        """The person's connected clients, as admitted, the newest last."""
        return [client.came_as for client in self._clients.get(whose, ())]

    def tell(self, news: Iterable[News]) -> None:
        """Sends each piece of news to all clients of the person it is for."""
        for one in news:
            for client in self._clients.get(one.whose, ()):
                client.tell_newest(one.event, one.payload)

    def _note_zone(self, whose: str, tz: str | None) -> None:
        """Stores the person's time zone, for unattended briefs. If that fails, the next handshake retries."""
        if tz is None or self._hub.state.profiles.get(whose, NOBODY_YET).device_tz == tz:
            return

        def rule(view: View, payload: object, ctx: Context) -> Delta:
            new = replace(view.profiles.get(whose, NOBODY_YET), device_tz=tz, at_s=ctx.steady_s)
            try:
                return Delta([], profiles=kept(whose, new, view.profiles), once=False)
            except Refusal:  # too many people: nothing is stored for this one
                return Delta([], once=False)

        self._hub.submit_rule("person:zone", rule)

"""A client's queries on the committed state (registry.Asker without the rooms)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from models.base import Item
from sio_server.clients.services import Services
from sio_server.registry.errors import bad_request, not_found
from sio_server.registry.ops import Json, name_of
from sio_server.registry.persons import NOBODY_YET, Profile, settled
from sio_server.registry.records import Records
from sio_server.registry.registry import Registry, View
from sio_server.registry.roles import ADMINS, Principal
from sio_server.state.digest import digest
from sio_server.state.draft import Draft
from sio_server.state.history import NoHistory


class Queries:
    """Answers from the committed state; nothing here waits for writes under way.

    `came_as` is the principal as admitted.
    """

    def __init__(self, principal: Principal, services: Services) -> None:
        self.came_as = principal
        self._services = services

    @property
    def principal(self) -> Principal:
        """Who is asking, with their current preferences."""
        return settled(self.came_as, self._services.state.profiles)

    @property
    def profile(self) -> Profile:
        """The stored profile of who is asking."""
        return self._services.state.profiles.get(self.came_as.whose, NOBODY_YET)

    def state(self, sections: Iterable[str] | None) -> Json:
        """`{epoch, seq, state}` of these sections (None: all), encoded; only what the client may see."""
        known = tuple(self._services.registry.sections)
        wanted = set(known if sections is None else sections)
        if not wanted <= set(known):
            message = f"Unknown section. Sections: {', '.join(known)}."
            raise bad_request(message, ("sections", "names an unknown section"))
        return self._services.sync.state(tuple(name for name in known if name in wanted), self.principal.sees)

    def item(self, section: str, id: str) -> Item | None:
        """A committed item."""
        row = self._services.state.rows[section].get(id)
        return None if row is None else row.item

    @property
    def now(self) -> datetime:
        """The time by the server's clock, as rules have it."""
        return self._services.now

    @property
    def registry(self) -> Registry:
        """All sections and requests."""
        return self._services.registry

    @property
    def records(self) -> Records:
        """The search records."""
        return self._services.records

    def view(self) -> View:
        """The committed state, without history."""
        return Draft(self._services.state, NoHistory(), self._services.clock.steady())

    async def history(self, id: str | None, code: str | None, seen: int | None, limit: int) -> list[Json]:
        """The item's changes, newest first."""
        if (id is None) == (code is None):
            raise bad_request("Name the item by `id` or by `code`.", ("id", "give id or code"))
        state = self._services.state
        named = [state.named(code)] if code is not None else [(name, id or "") for name in state.rows]
        if code is not None and seen is not None:
            self.view().by_code(state.registry.sections[named[0][0]], code, seen)
        entries = [entry for name in named for entry in await self._services.history(*name, limit)]
        if not entries and not any(id in state.rows[section] for section, id in named):
            raise not_found("This id")
        for entry in entries:
            name = name_of(entry["cause"])
            entry["cause"] |= {"name": name} if name != entry["cause"]["actor"] else {}
        return sorted(entries, key=lambda entry: -entry["seq"])[:limit]

    async def changes(self, since: int | None, limit: int) -> Json:
        """The changes since that position. Shape: models.history.Changes."""
        state = self._services.state
        seq, seen_at = state.seq, None
        if since is None:
            seen_at = self.profile.seen_at
            since = seq if self.profile.seen_seq is None else min(seq, self.profile.seen_seq)
        if since > seq:
            raise bad_request(
                "`since` is ahead of the server: sync first.", ("since", "is ahead of the server")
            )
        commits, complete = await self._services.commits_since(since)
        told = digest(commits, state, self.principal.tz)
        left_out = max(0, len(told) - limit)
        found: Json = {"since": since, "seq": seq, "complete": complete, "left_out": left_out}
        found |= {"seen_at": seen_at}
        return found | {"items": told[:limit]}

    def stats(self) -> Json:
        """The data of /stats; it names who is connected to administrators only."""
        return self._services.host.stats(self.principal.role in ADMINS)

    async def renew(self, token: str) -> Json:
        """Goes on under a new token. Shape: models.auth.Renewed."""
        return await self._services.host.renew(self, token)

    async def boards(self) -> list[Json]:
        """The boards that the asker may enter. Shape: models.boards.BoardLine."""
        return await self._services.host.boards(self.principal)

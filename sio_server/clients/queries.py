"""A client's queries on the committed state (registry.Asker without the rooms)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Self, cast

from models.base import Item
from models.change import Position
from sio_server.clients.services import Services
from sio_server.clients.veiled_records import VeiledRecords
from sio_server.registry.errors import bad_request, invalid_state, not_found
from sio_server.registry.ops import Json, name_of
from sio_server.registry.persons import NOBODY_YET, Profile, settled
from sio_server.registry.privacy import NOBODY, Names, Seen
from sio_server.registry.records import Records
from sio_server.registry.registry import Registry, View
from sio_server.registry.roles import ADMINS, Principal
from sio_server.registry.veil import veiled
from sio_server.state.digest import digest
from sio_server.state.draft import Draft
from sio_server.state.history import OWNERS, NoHistory
from sio_server.state.shown import cause_for, logged_for


class Queries:
    """Answers from the committed state; nothing here waits for writes under way.

    `came_as` is the principal as admitted; `public`: as somebody to whom nothing private is shown.
    """

    def __init__(self, principal: Principal, services: Services, public: bool = False) -> None:
        self.came_as = principal
        self._services = services
        self._public = public
        self._seen: Seen | None = None

    @property
    def principal(self) -> Principal:
        """Who is asking, with their current preferences."""
        return settled(self.came_as, self._services.state.profiles)

    @property
    def sees(self) -> Seen | None:
        """What is shown to it; None for everything."""
        privacy = self._services.state.privacy
        return privacy.public if self._public else privacy.seen_by(self.came_as)

    @property
    def _hidden(self) -> Names:
        seen = self.sees
        return NOBODY if seen is None else seen.hidden

    async def _build(self, rooms: tuple[str, ...], position: Position | None, why: str = "first") -> bytes:
        """The sync, for what is shown to the client when it is done."""
        while True:
            # Kept here, since `look_again` changes `_seen` while this waits for the disk.
            seen = self._seen = self.sees
            sync = await self._services.sync.build(rooms, position, why, seen)
            if seen == self.sees:
                self._seen = seen
                # Not in the encoded syncs, which are kept for others.
                return sync[:-1] + b',"behind_s":%d}' % age_s if (age_s := self.behind_s) else sync

    @property
    def behind_s(self) -> int:
        """How old what is shown may be, in whole seconds; 0 while the server knows that it is current."""
        return math.ceil(self._services.behind_s())

    def in_public(self) -> Self:
        """The same, as somebody to whom nothing private is shown; it is in no rooms."""
        return cast(Self, Queries(self.came_as, self._services, public=True))

    async def keep_private(self, source: str, persons: Iterable[str]) -> None:
        """Makes a source private to these persons. Errors: invalid_state where nobody signs in."""
        if self.came_as.token is None:
            message = "Where nobody signs in nobody is known, and nothing can be private: make tokens first."
            raise invalid_state(message)
        await self._services.keep_private(source, frozenset(persons))

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
        named = tuple(name for name in known if name in wanted)
        return self._services.sync.state(named, self.principal.sees, self.sees)

    def item(self, section: str, id: str) -> Item | None:
        """A committed item."""
        if self._services.registry.owner(section, id) in self._hidden:
            return None
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
        state = self._services.state
        private, hidden = lambda: state.privacy.private, lambda: self._hidden
        return VeiledRecords(self._services.records, private, hidden, self.came_as.source)

    def view(self) -> View:
        """The committed state, without history."""
        draft = Draft(self._services.state, NoHistory(), self._services.clock.steady())
        return veiled(draft, self._hidden, self._services.registry)

    async def history(self, id: str | None, code: str | None, seen: int | None, limit: int) -> list[Json]:
        """The item's changes, newest first."""
        if (id is None) == (code is None):
            raise bad_request("Name the item by `id` or by `code`.", ("id", "give id or code"))
        state = self._services.state
        named = [state.named(code)] if code is not None else [(name, id or "") for name in state.rows]
        hidden, owner = self._hidden, state.registry.owner
        if any(owner(*name) in hidden for name in named):
            raise not_found("This id" if code is None else code)
        if code is not None and seen is not None:
            self.view().by_code(state.registry.sections[named[0][0]], code, seen)
        entries = [entry for name in named for entry in await self._services.history(*name, limit)]
        hidden = self._hidden  # it may have become private while this was read
        if any(owner(*name) in hidden for name in named):
            raise not_found("This id" if code is None else code)
        if not entries and not any(id in state.rows[section] for section, id in named):
            raise not_found("This id")
        for entry in entries:
            # Its line may be about other items too, and quote them.
            if not hidden.isdisjoint(entry.pop(OWNERS)) and self.sees is not None:
                entry["cause"] = cause_for(self.sees, entry["cause"], told=True)
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
        if self.sees is not None:
            commits = [*logged_for(self.sees, commits, state.registry)]
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

    async def boards(self, due: Callable[[Any], int]) -> list[Json]:
        """The boards that the asker may enter; `due` counts on one. Shape: models.boards.BoardLine."""
        return await self._services.host.boards(self.principal, due)

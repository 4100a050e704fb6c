"""Decides who is told what, and notes it: each occasion once for each person, also over restarts.

What is told of changes is read off the log, from the position that was looked at last; the position is stored
after the notices, so that a crash between them costs a second look and no second notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from models.base import format_instant
from sio_server.clients.persons import Persons
from sio_server.clients.queries import Queries
from sio_server.clients.services import Services
from sio_server.clients.unasked import AGAIN
from sio_server.hub.hub import Hub
from sio_server.log.base import Log, LogError
from sio_server.people.authors import LOCAL
from sio_server.registry.notices import Happened, Notice, Pushed, Reader
from sio_server.registry.ops import Json, News
from sio_server.registry.persons import NOBODY_YET, Profile, kept, settled
from sio_server.registry.registry import Context, Delta, View
from sio_server.registry.roles import SERVER, Principal, Role
from sio_server.registry.settings import RuleSettings

AT_ONCE = 20  # told to a person at one look; of more only how many
TOLD_KEPT = 200  # occasions remembered for each person: those of a day, and few are asked about again
DUE_KEPT = 50  # notices on their way to a person's devices; the oldest make way
_TOLD = "push:notices"
_POSITION = "notices"
"""The key under which a store keeps the position that was looked at last."""


class Notices:
    """Looks for what people are to be told."""

    def __init__(
        self, hub: Hub, services: Services, persons: Persons, rules: RuleSettings, durable: Log
    ) -> None:
        self._hub = hub
        self._services = services
        self._persons = persons
        self._rules = rules
        self._stored, self._holds = durable.meta, durable.nodes.holds
        self._sections = [one for one in services.registry.sections.values() if one.notices is not None]
        self._noted = self._stored.get(_POSITION)  # empty while nobody wishes to be told anything
        self._since = int(self._noted) if self._noted else services.state.seq

    async def look(self) -> None:
        """Tells what is new to those who wish it. A failure is made up for at the next look."""
        with suppress(LogError):  # those who write tell of it
            await self._look()

    async def _look(self) -> None:
        ctx = self._context()
        readers = [*self._readers(ctx)]
        until, happened = await self._happened() if readers else (self._services.state.seq, {})
        if readers:
            found = [*self._found(ctx, happened)]
            if not all([await self._tell(reader, found) for reader in readers]):
                return
        await self._note(str(until) if readers else "")
        self._since = until

    async def _note(self, position: str) -> None:
        if position != self._noted and self._holds():
            with suppress(RuntimeError):  # the store's thread has ended: the board stops
                await self._hub.on_store_thread(lambda: self._stored.put(_POSITION, position))
                self._noted = position

    def _found(self, ctx: Context, happened: Mapping[str, Sequence[Happened]]) -> Iterator[Notice]:
        """All that anybody may be told."""
        view = Queries(SERVER, self._services).view()
        for section in self._sections:
            if section.notices is not None:
                yield from section.notices(view, ctx, happened.get(section.name, ()))

    def _context(self) -> Context:
        clock = self._services.clock
        times = clock.moment(clock.wall()), self._rules, self._services.registry, clock.steady()
        return Context(SERVER, *times, clock.elapsed_ms())

    def _readers(self, ctx: Context) -> Iterator[Reader]:
        """Those who wish to be told something, and whom it would reach now: of several nodes each tells those
        who are connected to it, and one tells the others."""
        for whose, profile in self._services.state.profiles.items():
            wants = profile.notify
            if wants is None or self._services.host.has_left(whose):
                continue
            here, devices = self._persons.of(whose), Pushed.of(profile).lasting(ctx.now)
            if here or (devices and self._holds()):
                who = here[-1] if here else _absent(whose, profile, devices)
                who = settled(who, self._services.state.profiles)
                is_me = ctx.people.one_of([name for name in (*who.me, who.name) if name != LOCAL])
                yield Reader(who, wants, is_me, frozenset({who.name, *(one.actor for one in here or [who])}))

    async def _happened(self) -> tuple[int, dict[str, list[Happened]]]:
        """The position up to which this looks, and the changes since the last look by section."""
        state = self._services.state
        since = min(self._since, state.seq)
        if since == state.seq:
            return since, {}
        commits, _ = await self._services.commits_since(since)
        found: dict[str, list[Happened]] = {section.name: [] for section in self._sections}
        for commit in commits:
            since = max(since, commit["seq"])
            for change in commit["changes"]:
                if change["section"] in found:
                    found[change["section"]].append(Happened(commit["seq"], commit["cause"], change))
        return since, found

    async def _tell(self, reader: Reader, found: Sequence[Notice]) -> bool:
        """Whether that is settled; else it is for the next look."""
        whose = reader.who.whose
        told = Pushed.of(self._services.state.profiles.get(whose, NOBODY_YET)).told
        fresh = [one for one in self._for(reader, found) if one.occasion not in told]
        if not fresh:
            return True

        def rule(view: View, payload: object, ctx: Context) -> Delta:
            old = view.profiles.get(whose, NOBODY_YET)
            mine = Pushed.of(old)
            few = _few([one for one in fresh if one.occasion not in mine.told])  # another node was quicker
            if not few:
                return Delta([], once=False)
            devices = mine.lasting(ctx.now)
            due = (*mine.due, *_due(few, devices))[-DUE_KEPT:]
            mine = Pushed(devices, _remembered(mine.told, fresh, found), due)
            new = replace(old, own=mine.kept_in(old), at_s=ctx.steady_s)
            news = News(whose, _TOLD, {"notices": [_event(one) for one in few]})
            return Delta([], profiles=kept(whose, new, view.profiles), once=False, news=(news,))

        outcome = await self._hub.submit_rule(_TOLD, rule)
        if outcome.error is not None:
            return outcome.error not in AGAIN
        self._persons.tell(outcome.news)
        return True

    def _for(self, reader: Reader, found: Iterable[Notice]) -> Iterator[Notice]:
        """What concerns the person, who sees it and did not do it."""
        hidden = self._services.state.privacy.hidden_from(reader.who)
        owner = self._services.registry.owner
        for one in found:
            is_hidden = owner(one.section, one.id) in hidden or not one.by.isdisjoint(hidden)
            if not is_hidden and one.by.isdisjoint(reader.names) and one.concerns(reader):
                yield one


def _absent(whose: str, profile: Profile, devices: Mapping[str, Json]) -> Principal:
    """The person as their device knew them."""
    newest = max(devices.values(), key=lambda device: str(device["since"]))
    return Principal("server", whose.partition(":")[2], Role.EDITOR, me=tuple(newest["me"]), whose=whose)


def _few(fresh: list[Notice]) -> list[Notice]:
    """So many that somebody reads them; of the others their number, as the last one."""
    if len(fresh) <= AT_ONCE:
        return fresh
    rest = fresh[AT_ONCE - 1 :]
    told = {"count": str(len(rest))}
    more = replace(rest[-1], kind="more", id="", fields=told, code=None)
    return [*fresh[: AT_ONCE - 1], more]


def _remembered(told: Sequence[str], fresh: Sequence[Notice], found: Sequence[Notice]) -> tuple[str, ...]:
    """The newest occasions, and those that would be found again."""
    again = {one.occasion for one in found}
    every = [*dict.fromkeys([*told, *(one.occasion for one in fresh)])]
    older, newest = every[:-TOLD_KEPT], every[-TOLD_KEPT:]
    return (*(one for one in older if one in again), *newest)


def _due(few: Sequence[Notice], devices: Iterable[str]) -> list[Json]:
    """The notices as they are sent to the devices."""
    to = [*devices]
    return [_event(one) | {"until": format_instant(one.until), "to": to} for one in few] if to else []


def _event(notice: Notice) -> dict[str, Json]:
    """Shape: models.push.Notice."""
    return {"kind": notice.kind, "tag": notice.tag, "code": notice.code, "fields": {**notice.fields}}
